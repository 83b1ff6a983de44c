//! What is done with conflicts: deciding, editing the merge, writing what is decided.

use callboard_engine::domain::command::{BATCH_MAX, Command};
use callboard_engine::domain::conflict::ConflictKind;
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::id::ConflictId;
use callboard_engine::query::conflicts::ConflictRow;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::conflicts::ConflictsModel;
use super::conflicts::draft::{Pick, Picked, resolve};
use super::conflicts::editing::Ending;
use super::{Effect, Model, Pane, View};
use crate::action::Action;
use crate::conflict::value::{Shape, shape};
use crate::widgets::toast::Tone;

/// Does an action of the view.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others mean nothing here")]
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::TakeOurs => pick(model, Pick::Ours),
        Action::TakeTheirs => pick(model, Pick::Theirs),
        Action::TakeBoth => pick(model, Pick::Both),
        Action::ClearPick => clear(model),
        Action::EditMerge => model.conflicts.edit(),
        Action::EditMergeOutside => return edit_outside(model),
        Action::NextOpen => jump(model, false),
        Action::PreviousOpen => jump(model, true),
        Action::NextItem => step_item(model, 1),
        Action::PreviousItem => step_item(model, -1),
        Action::WholeOurs => whole(model, &Pick::Ours),
        Action::WholeTheirs => whole(model, &Pick::Theirs),
        Action::ApplyAll => apply_all(model),
        Action::ShowBase => {
            model.conflicts.base = !model.conflicts.base;
            model.conflicts.refresh();
        }
        Action::DiffView => model.conflicts.unified = !model.conflicts.unified,
        Action::WriteConflicts => return write(model),
        Action::Open => model.focus = Pane::Details,
        Action::CopyId => {
            let id = model.conflicts.selected().map(|row| row.conflict.id.to_string());
            let copy = |id: String| Effect::Copy { what: id.clone(), text: id };
            return id.map(copy).into_iter().collect();
        }
        _ => {}
    }
    Vec::new()
}

/// Goes to a conflict in its view.
pub fn show(model: &mut Model, id: ConflictId) -> Vec<Effect> {
    model.view = View::Conflicts;
    model.focus = Pane::Main;
    model.zoomed = false;
    model.conflicts.select(id);
    vec![model.reload()]
}

/// Moves the cursor over the fields of the record.
pub fn step(model: &mut Model, by: isize) {
    let item = model.conflicts.item();
    let last = item.end.saturating_sub(1);
    let place = model.conflicts.index().saturating_add_signed(by).clamp(item.start, last);
    model.conflicts.go(place);
}

/// Scrolls the texts; what cannot be scrolled further stays.
pub fn scroll(model: &mut Model, by: isize) {
    let most = crate::panes::conflict_hidden(model);
    let here = model.conflicts.scroll.min(most);
    model.conflicts.scroll = here.saturating_add_signed(by).min(most);
}

fn step_item(model: &mut Model, by: isize) {
    let items = model.conflicts.items();
    let here = model.conflicts.item();
    let at = items.iter().position(|item| *item == here).unwrap_or(0);
    let next = at.saturating_add_signed(by).min(items.len().saturating_sub(1));
    if let Some(item) = items.get(next) {
        model.conflicts.go(item.start);
    }
}

fn jump(model: &mut Model, back: bool) {
    match model.conflicts.next_open(back) {
        Some(place) => model.conflicts.go(place),
        None => model.tell(Tone::Info, "Nothing is open any more; w writes what is decided."),
    }
}

fn pick(model: &mut Model, pick: Pick) {
    let Some(row) = model.conflicts.selected() else { return };
    if !ConflictsModel::can(row, &pick) {
        return model
            .tell(Tone::Info, "Both is for texts and sets; this holds one value. e edits.");
    }
    let id = row.conflict.id;
    model.conflicts.pick(vec![(id, Some(pick))]);
}

fn clear(model: &mut Model) {
    if let Some(id) = model.conflicts.selected().map(|row| row.conflict.id) {
        model.conflicts.pick(vec![(id, None)]);
    }
}

fn whole(model: &mut Model, pick: &Pick) {
    let rows = model.conflicts.at(model.conflicts.item());
    let picks = rows.iter().map(|row| (row.conflict.id, Some(pick.clone()))).collect();
    model.conflicts.pick(picks);
}

/// Applies the choice under the cursor to all open conflicts of its document.
fn apply_all(model: &mut Model) {
    let Some(row) = model.conflicts.selected() else { return };
    let pick = match model.conflicts.picked(row) {
        Picked::Own(pick @ (Pick::Ours | Pick::Theirs | Pick::Both)) => pick.clone(),
        Picked::Own(Pick::Merged(_)) | Picked::Open | Picked::Changed | Picked::Auto(_) => {
            return model
                .tell(Tone::Info, "Choose a side here first; A then does the same to the others.");
        }
    };
    let source = row.conflict.theirs_by.name().to_owned();
    let alike = model.conflicts.alike();
    let rows = alike.iter().filter_map(|place| model.conflicts.rows.get(*place));
    let fits = rows.filter(|row| ConflictsModel::can(row, &pick));
    let picks: Vec<_> = fits.map(|row| (row.conflict.id, Some(pick.clone()))).collect();
    let told = match picks.len() {
        0 => format!("Nothing else of this kind is open from {source}."),
        count => format!("Chosen for {count} more from {source}; w writes, u takes it back."),
    };
    model.conflicts.pick(picks);
    model.tell(Tone::Info, told);
}

fn edit_outside(model: &Model) -> Vec<Effect> {
    let Some(row) = model.conflicts.selected() else { return Vec::new() };
    let text = model.conflicts.merge_text(row);
    vec![Effect::EditMerge { conflict: row.conflict.id, text }]
}

/// Takes the text of a merge that came back from the editor.
pub fn merged(model: &mut Model, id: ConflictId, text: &str) -> Vec<Effect> {
    if let Err(problem) = model.conflicts.merge(id, text) {
        model.tell(Tone::Bad, format!("Not kept: {problem}. You had written {text:?}."));
    }
    Vec::new()
}

/// Takes a key while a merge is edited in place.
pub fn edit_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let is_line = model.conflicts.selected().is_some_and(|row| shape(&row.conflict) != Shape::Text);
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is for the text")]
    match key.code {
        KeyCode::Esc => model.conflicts.keep_edit(Ending::Leave),
        KeyCode::Char('c') if control => model.conflicts.keep_edit(Ending::Leave),
        KeyCode::Char('s') if control => model.conflicts.keep_edit(Ending::Keep),
        KeyCode::Enter if is_line || control => model.conflicts.keep_edit(Ending::Keep),
        _ => model.conflicts.edit_key(key),
    }
    Vec::new()
}

/// Writes the record under the cursor and what else is wholly decided, or says what is open.
fn write(model: &mut Model) -> Vec<Effect> {
    let places = match model.conflicts.to_write() {
        Ok(places) => places,
        Err(open) => {
            let count = open.len();
            let (fields, are) = (counted(count, "field"), by_count(count, "is", "are"));
            model.tell(Tone::Info, format!("{fields} {are} still open; nothing was written."));
            if let Some(first) = open.first() {
                model.conflicts.go(*first);
            }
            return Vec::new();
        }
    };
    let rows = places.into_iter().filter_map(|place| model.conflicts.rows.get(place));
    let decided =
        rows.filter_map(|row| Some((row, resolve(&row.conflict, model.conflicts.picked(row))?)));
    let decided: Vec<_> = decided.take(BATCH_MAX / 2).collect();
    let what = match decided.len() {
        0 => return Vec::new(),
        1 => "Resolve the conflict".to_owned(),
        count => format!("Resolve {count} conflicts"),
    };
    // What the database has is expected to be what was looked at, before anything is written.
    let expected = decided.iter().filter_map(|(row, _)| expect(row));
    let resolved = decided.iter().map(|(_, decision)| Command::ResolveConflict(decision.clone()));
    let commands = expected.chain(resolved).collect();
    let ids = decided.iter().map(|(row, _)| row.conflict.id).collect();
    model.conflicts.send(&what, ids);
    Model::submit(Command::Batch { commands, reason: None }, what)
}

/// The condition that nobody has changed the database's side since it was looked at.
fn expect(row: &ConflictRow) -> Option<Command> {
    let conflict = &row.conflict;
    let if_version = row.record_version.filter(|_| conflict.kind == ConflictKind::Field)?;
    // Dependencies are records of their own; the task's version does not tell about them.
    let fields = Some(conflict.field.clone()).filter(|field| field != "depends_on");
    let (record, fields) = (conflict.record.clone(), vec![fields?]);
    Some(Command::Expect { record, if_version, fields })
}

/// Takes the answer to decisions that were sent: on to what is open, or to what has changed.
pub fn answered(model: &mut Model, what: &str, is_done: bool) {
    let Some(decided) = model.conflicts.take_sent(what) else { return };
    if is_done {
        model.conflicts.written(&decided);
        let next = model.conflicts.next_open(false);
        if let Some(place) = next {
            model.conflicts.go(place);
        }
        model.tell(Tone::Info, format!("{what}: done. u takes it back."));
    }
}

/// Undo in this view: the newest decision that is not written, else `None`.
pub fn undo(model: &mut Model) -> Option<Vec<Effect>> {
    if model.view != View::Conflicts || !model.conflicts.has_steps() {
        return None;
    }
    model.conflicts.take_back();
    Some(Vec::new())
}
