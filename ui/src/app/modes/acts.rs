//! What is done in the view of modes, and what comes of it.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::change::Verb;
use callboard_engine::domain::count;
use callboard_engine::modes::folder::ModeFileState;
use callboard_engine::modes::{Reading, Severity};

use super::{Answer, Done, Shown, Wish, menus};
use crate::action::Action;
use crate::app::feed::ActivityRow;
use crate::app::{Effect, Model, Pane, View};
use crate::overlay::Overlay;
use crate::overlay::mode_form::ModeForm;
use crate::widgets::toast::Tone;

/// Shows the view, with the cursor on the mode in force.
pub fn show(model: &mut Model) -> Vec<Effect> {
    model.view = View::Modes;
    model.focus = Pane::Main;
    model.zoomed = false;
    model.board.detail_scroll = 0;
    if let Some(name) = model.mode().map(str::to_owned) {
        model.modes.put_on(&name);
    }
    vec![model.reload(), Effect::Modes(Wish::List)]
}

/// Does an action of the view.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others mean nothing here")]
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::CreateMode {
        let source = model.modes.selected().map(|row| row.name.clone());
        model.overlay = Some(Overlay::ModeForm(Box::new(ModeForm::new(source.as_deref()))));
        return Vec::new();
    }
    let Some(name) = model.modes.selected().map(|row| row.name.clone()) else { return Vec::new() };
    match action {
        Action::SelectMode | Action::Open => {
            model.overlay = menus::select(model).map(Overlay::Menu);
            Vec::new()
        }
        Action::ValidateMode => vec![Effect::Modes(Wish::Validate(name))],
        Action::RepairMode => vec![Effect::Modes(Wish::ProposeRepair(name))],
        Action::BackUpMode => vec![Effect::Modes(Wish::BackUp(name))],
        Action::RestoreMode => {
            model.overlay = Some(Overlay::Finder(menus::backups(model, &name)));
            Vec::new()
        }
        Action::EditMode => vec![Effect::Modes(Wish::Edit(name))],
        Action::TakeNewerMode => {
            model.overlay = menus::newer(model, &name).map(Overlay::Menu);
            Vec::new()
        }
        Action::CopyId => vec![Effect::Copy { text: name.clone(), what: name }],
        _ => Vec::new(),
    }
}

/// Tells whether an action is open for the mode under the cursor.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are always open")]
pub fn enabled(model: &Model, action: Action) -> Result<(), &'static str> {
    if action == Action::CreateMode {
        return Ok(());
    }
    let Some(row) = model.modes.selected() else { return Err("the mode files are being read") };
    match action {
        Action::RepairMode | Action::BackUpMode if row.file.is_none() => {
            Err("it is built in; E makes a file of it")
        }
        Action::RepairMode if row.errors == 0 && row.warnings == 0 => {
            Err("nothing is wrong with it; v validates it")
        }
        Action::RepairMode if model.modes.shown().is_some_and(|shown| !shown.mends) => {
            Err("nothing in it can be repaired by itself; E opens it")
        }
        Action::RestoreMode if model.modes.files.backups.is_empty() => {
            Err("no mode file was backed up yet; b does it")
        }
        Action::TakeNewerMode if model.modes.offer(&row.name).is_none() => {
            Err("no newer file is built in")
        }
        _ => Ok(()),
    }
}

/// Moves the cursor.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let index = model.modes.index().saturating_add_signed(by);
    go(model, index)
}

/// Puts the cursor at a place.
pub fn go(model: &mut Model, index: usize) -> Vec<Effect> {
    let before = model.modes.index();
    model.modes.put(index);
    model.modes.offset = model.modes.scrolled(crate::panes::list_rows(model));
    if model.modes.index() != before {
        model.board.detail_scroll = 0;
    }
    model.modes.wish()
}

/// Puts the cursor on a mode.
pub fn find(model: &mut Model, name: &str) -> Vec<Effect> {
    let index = model.modes.rows().iter().position(|row| row.name == name);
    index.map(|index| go(model, index)).unwrap_or_default()
}

/// Takes what is told of the files: that they may have changed, and what cannot be put in force.
pub fn followed(model: &mut Model, problem: Option<String>) -> Vec<Effect> {
    let known = model.modes.trouble.as_ref().map(|(_, problem)| problem.clone());
    if problem != known {
        model.modes.trouble = problem.map(|problem| (model.now, problem));
    }
    vec![model.reload(), Effect::Modes(Wish::List)]
}

/// Tells of modes that somebody else has put in force.
pub fn news(model: &mut Model, rows: &[ActivityRow]) {
    let bound = rows.iter().filter(|row| row.verb == Verb::ModeBound);
    for row in bound.filter(|row| row.actor != Actor::Human) {
        let why = match row.detail.as_str() {
            "" => String::new(),
            why => format!(" ({why})"),
        };
        if row.actor == Actor::System {
            let problem = format!("{} is broken or gone", row.title);
            let problem = if row.detail.is_empty() { &problem } else { &row.detail };
            model.tell(Tone::Bad, format!("Something else is in force for {problem}."));
        } else {
            let who = row.actor.name();
            model.tell(Tone::Info, format!("The mode is {} now, by {who}{why}.", row.title));
        }
    }
}

/// Takes what came of a wish.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Listed(files) => {
            model.modes.files = *files;
            let is_first = !model.modes.is_listed;
            model.modes.is_listed = true;
            match model.mode().map(str::to_owned) {
                Some(name) if is_first => model.modes.put_on(&name),
                Some(_) | None => {
                    let index = model.modes.index();
                    model.modes.put(index);
                }
            }
            menus::refresh(model);
            if model.view == View::Modes { model.modes.wish() } else { Vec::new() }
        }
        Answer::Read(shown) => {
            model.modes.shown = Some(*shown);
            Vec::new()
        }
        Answer::Validated(shown) => {
            let (tone, told) = validated(&shown);
            model.tell(tone, told);
            model.modes.shown = Some(*shown);
            model.board.detail_scroll = 0;
            vec![model.reload(), Effect::Modes(Wish::List)]
        }
        Answer::Proposed { name, proposed } => {
            match *proposed {
                Ok(mended) if model.view == View::Modes && !model.is_occupied() => {
                    model.overlay = Some(Overlay::Menu(menus::repair(&name, &mended)));
                }
                Ok(_) => {
                    let key = model.keymap.shown(Action::RepairMode);
                    let told = format!("What can be repaired in {name} is known; {key} shows it.");
                    model.tell(Tone::Info, told);
                }
                Err(refusal) => model.tell(Tone::Bad, refusal.message),
            }
            Vec::new()
        }
        Answer::Done(done) => done_with(model, done),
        Answer::ToEdit(Ok((name, file))) => vec![Effect::EditMode { name, file }],
        Answer::ToEdit(Err(refusal)) => {
            model.tell(Tone::Bad, refusal.message);
            Vec::new()
        }
    }
}

fn done_with(
    model: &mut Model,
    done: Result<Done, callboard_engine::domain::refusal::Refusal>,
) -> Vec<Effect> {
    match done {
        Ok(Done { told, mode }) => {
            model.tell(Tone::Info, told);
            model.modes.unsent = None;
            if let Some(name) = mode {
                // It may be listed only with the next look, where its name is enough.
                let known = model.modes.rows().iter().find(|row| row.name == name);
                let file = known.and_then(|row| row.file.clone());
                let file = file.or_else(|| Some(format!("roles/custom_modes/{name}.yaml")));
                model.modes.cursor = Some((name, file));
            }
        }
        Err(refusal) => {
            let advice = refusal.suggested_action.as_ref();
            let advice = advice.map(|advice| format!(" — {advice}")).unwrap_or_default();
            model.tell(Tone::Bad, format!("{}{advice}", refusal.message));
            if let (Some(form), None) = (model.modes.unsent.take(), &model.overlay) {
                model.overlay = Some(Overlay::ModeForm(form));
            }
        }
    }
    vec![model.reload(), Effect::Modes(Wish::List)]
}

/// What is told of a validation.
fn validated(shown: &Shown) -> (Tone, String) {
    let name = &shown.name;
    match &shown.reading {
        Err(problem) => (Tone::Bad, format!("{name}: {problem}.")),
        Ok(reading) if reading.problems.is_empty() => (Tone::Info, format!("{name} is valid.")),
        Ok(reading) if reading.is_valid() => {
            (Tone::Info, format!("{name} is valid, with {}.", tally(reading)))
        }
        Ok(reading) => {
            let first = reading.error_in_words().unwrap_or_default();
            (Tone::Bad, format!("{name} has {}: {first}.", tally(reading)))
        }
    }
}

/// How many errors and warnings there are, in words.
pub(super) fn tally(reading: &Reading) -> String {
    let count = |severity: Severity| {
        reading.problems.iter().filter(|problem| problem.severity == severity).count()
    };
    let words = |count: usize, word: &str| (0 < count).then(|| count::counted(count, word));
    let both = [words(count(Severity::Error), "error"), words(count(Severity::Warning), "warning")];
    both.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// Why a mode cannot be selected.
pub(super) fn closed(row: &callboard_engine::modes::folder::ListedMode) -> Option<String> {
    match row.state {
        ModeFileState::Valid | ModeFileState::BuiltIn => None,
        ModeFileState::Invalid | ModeFileState::Unreadable => {
            Some(row.problem.clone().unwrap_or_else(|| "its file has errors".to_owned()))
        }
    }
}
