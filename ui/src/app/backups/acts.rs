//! What is done in the view of backups, and what comes of it.

use callboard_engine::backup::Cleaned;
use callboard_engine::backup::restore::Report;
use callboard_engine::backup::retention::is_last_sound;
use callboard_engine::domain::backup::{Backup, Integrity};
use callboard_engine::domain::count::counted;
use callboard_engine::domain::refusal::Refusal;

use super::{Answer, Wish, Work, looking, menus};
use crate::action::Action;
use crate::app::work::{Ends, Look};
use crate::app::{Effect, Model, Pane, View};
use crate::backups::restored;
use crate::overlay::Overlay;
use crate::sizes::bytes;
use crate::widgets::toast::Tone;

/// Shows the view.
pub fn show(model: &mut Model) -> Vec<Effect> {
    model.view = View::Backups;
    model.focus = Pane::Main;
    model.zoomed = false;
    model.board.detail_scroll = 0;
    with_list(model)
}

/// Reads everything that is shown again, and which backups there are.
fn with_list(model: &mut Model) -> Vec<Effect> {
    let reload = model.reload();
    std::iter::once(reload).chain(model.backups.list()).collect()
}

/// Looks again when something has changed, where the view is shown.
pub fn changed(model: &mut Model) -> Vec<Effect> {
    if model.view == View::Backups { model.backups.list() } else { Vec::new() }
}

/// Does an action of the view.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others mean nothing here")]
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::CreateBackup => {
            model.overlay = Some(Overlay::Menu(menus::scopes()));
            return Vec::new();
        }
        Action::CleanUpBackups => return begin(model, Wish::ProposeCleanup),
        Action::StopBackup => {
            if let Some(work) = &model.backups.work {
                work.stop.call_off();
            }
            return Vec::new();
        }
        _ => {}
    }
    let Some(row) = model.backups.selected().cloned() else { return Vec::new() };
    match action {
        Action::VerifyBackup => begin(model, Wish::Verify(Box::new(row))),
        Action::RemoveBackup => {
            let menu = menus::remove(&row, is_last_sound(&model.backups.rows, &row));
            model.overlay = Some(Overlay::Menu(menu));
            Vec::new()
        }
        Action::RestoreBackup => {
            let ready = model.backups.ready.take_if(|(file, _)| *file == row.file);
            let menu = ready.map_or_else(|| menus::restore(&row), |(_, menu)| menu);
            model.overlay = Some(Overlay::Menu(menu));
            Vec::new()
        }
        Action::CopyId => {
            let text = row.id.to_string();
            vec![Effect::Copy { what: text.clone(), text }]
        }
        _ => Vec::new(),
    }
}

/// Begins a piece of work; what is chosen in menus comes here, too.
pub fn begin(model: &mut Model, wish: Wish) -> Vec<Effect> {
    if model.backups.work.is_some() {
        model.tell(Tone::Info, "One piece of work with backups goes on already.");
        return Vec::new();
    }
    let (what, ends) = match &wish {
        Wish::List | Wish::Read(_) => return vec![looking(wish)],
        Wish::Create(..) => ("Making a backup", Ends::WhenCalledOff),
        Wish::Verify(_) => ("Verifying", Ends::WhenCalledOff),
        Wish::ProposeCleanup => ("Looking what may go", Ends::ByItself),
        Wish::CleanUp => ("Cleaning up", Ends::ByItself),
        Wish::Remove(_) => ("Removing", Ends::ByItself),
        Wish::ProposeRestore(..) => ("Looking what it would change", Ends::WhenCalledOff),
        // Until what is there is backed up.
        Wish::Restore(..) => ("Restoring", Ends::WhenCalledOff),
    };
    let work = Work::new(what, ends);
    let stop = work.stop.clone();
    model.backups.ready = None;
    model.backups.work = Some(work);
    vec![Effect::Backups(wish, stop)]
}

/// Tells whether an action is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are about the backup")]
pub fn enabled(model: &Model, action: Action) -> Result<(), &'static str> {
    let work = model.backups.work.as_ref();
    match action {
        Action::StopBackup => match work.map(|work| work.ends) {
            None => Err("nothing goes on that could be called off"),
            Some(Ends::ByItself) => Err("what goes on cannot be called off any more"),
            Some(Ends::WhenCalledOff) => Ok(()),
        },
        _ if work.is_some() => Err("one piece of work goes on already"),
        Action::CreateBackup => Ok(()),
        _ if model.backups.rows.is_empty() => Err("there is no backup yet"),
        Action::RestoreBackup => match model.backups.selected() {
            Some(row) if row.integrity == Integrity::Corrupted => {
                Err("the archive is damaged; choose another one")
            }
            Some(_) | None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Moves the cursor.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let index = model.backups.index().saturating_add_signed(by);
    go(model, index)
}

/// Puts the cursor at a place.
pub fn go(model: &mut Model, index: usize) -> Vec<Effect> {
    let before = model.backups.index();
    model.backups.put(index);
    model.backups.offset = model.backups.scrolled(crate::panes::list_rows(model));
    if model.backups.index() != before {
        model.board.detail_scroll = 0;
    }
    model.backups.wish()
}

/// Puts the cursor on a backup.
pub fn find(model: &mut Model, file: &str) -> Vec<Effect> {
    let index = model.backups.rows.iter().position(|row| row.file == file);
    index.map(|index| go(model, index)).unwrap_or_default()
}

/// Takes what came of a wish.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Listed(Ok(rows)) => {
            model.backups.rows = rows;
            (model.backups.is_listed, model.backups.problem) = (true, None);
            if model.backups.look.begins_again() {
                // What the cursor is on may be newer than this list.
                return vec![looking(Wish::List)];
            }
            let index = model.backups.index();
            model.backups.put(index);
            return model.backups.wish();
        }
        Answer::Listed(Err(refusal)) => {
            (model.backups.is_listed, model.backups.problem) = (true, Some(refusal.message));
            model.backups.look = Look::Done;
            return Vec::new();
        }
        Answer::Read { file, manifest } => {
            // The cursor may have moved on meanwhile; that one was asked for, too.
            if model.backups.selected().is_some_and(|row| row.file == file) {
                model.backups.shown = Some((file, manifest));
            }
            return Vec::new();
        }
        Answer::Goes(progress) => {
            if let Some(work) = &mut model.backups.work {
                work.progress = Some(progress);
            }
            return Vec::new();
        }
        Answer::Decided => {
            if let Some(work) = &mut model.backups.work {
                (work.ends, work.progress) = (Ends::ByItself, None);
            }
            return Vec::new();
        }
        Answer::Made(made) => ended(model, made, |model, made| {
            model.backups.cursor = Some(made.file.clone());
            (Tone::Info, format!("Made {}: {}, verified.", made.name, bytes(made.size)))
        }),
        Answer::Verified(found) => ended(model, found, |_, found| verified(&found)),
        Answer::Removed(removed) => ended(model, removed, |_, gone| {
            (Tone::Info, format!("Removed {}: {} are free.", gone.name, bytes(gone.size)))
        }),
        Answer::Proposed(found) => {
            ended_with(model, found, |model, found| propose(model, &found));
        }
        Answer::Cleaned(cleaned) => ended(model, cleaned, |_, cleaned| told(&cleaned)),
        Answer::WouldRestore { backup, wanted, report } => {
            ended_with(model, report, |model, report| {
                let menu = menus::confirm_restore(&backup, wanted, &report);
                if is_free(model) {
                    model.overlay = Some(Overlay::Menu(menu));
                    return;
                }
                let key = model.keymap.shown(Action::RestoreBackup);
                let told = format!(
                    "What restoring {} would change is ready; {key} on it shows it.",
                    backup.name
                );
                model.backups.ready = Some((backup.file, menu));
                model.tell(Tone::Info, told);
            });
        }
        Answer::Restored(report) => ended(model, report, |model, report| back(model, &report)),
    }
    with_list(model)
}

/// Ends the work with what is told of it.
fn ended<T>(
    model: &mut Model,
    result: Result<T, Refusal>,
    tell: impl FnOnce(&mut Model, T) -> (Tone, String),
) {
    ended_with(model, result, |model, done| {
        let (tone, text) = tell(model, done);
        model.tell(tone, text);
    });
}

fn ended_with<T>(model: &mut Model, result: Result<T, Refusal>, take: impl FnOnce(&mut Model, T)) {
    let called_off = model.backups.work.take().is_some_and(|work| work.is_ending());
    match result {
        Ok(done) => take(model, done),
        Err(_) if called_off => model.tell(Tone::Info, "Called off; nothing is left of it."),
        Err(refusal) => {
            let advice = refusal.suggested_action.as_ref();
            let advice = advice.map(|advice| format!(" — {advice}")).unwrap_or_default();
            model.tell(Tone::Bad, format!("{}{advice}", refusal.message));
        }
    }
}

/// Tells whether a question may open by itself: here, and not over what the person is at.
fn is_free(model: &Model) -> bool {
    model.view == View::Backups && !model.is_occupied()
}

fn verified(found: &Backup) -> (Tone, String) {
    match (found.integrity, &found.problem) {
        (Integrity::Valid, _) => (Tone::Info, format!("{} is what was written.", found.name)),
        (Integrity::Corrupted | Integrity::Unknown, Some(problem)) => {
            (Tone::Bad, format!("{} is damaged: {problem}.", found.name))
        }
        (Integrity::Corrupted | Integrity::Unknown, None) => {
            (Tone::Bad, format!("{} is damaged.", found.name))
        }
    }
}

fn propose(model: &mut Model, found: &Cleaned) {
    if found.removed.is_empty() {
        model.tell(Tone::Info, "Every backup is to be kept.");
    } else if is_free(model) {
        model.overlay = Some(Overlay::Menu(menus::clean_up(found)));
    } else {
        let key = model.keymap.shown(Action::CleanUpBackups);
        let told = match found.removed.len() {
            1 => format!("One backup may go; {key} in the Backups view shows it."),
            more => format!("{more} backups may go; {key} in the Backups view shows them."),
        };
        model.tell(Tone::Info, told);
    }
}

fn told(cleaned: &Cleaned) -> (Tone, String) {
    if let Some((file, error)) = cleaned.failed.first() {
        return (Tone::Bad, format!("{file} cannot be removed: {error}."));
    }
    let (count, freed) = (cleaned.removed.len(), bytes(cleaned.freed));
    let backups = counted(count, "backup");
    (Tone::Info, format!("Removed {backups}; {freed} more of the disk is free."))
}

/// What was restored, and what takes it back: only records are undone, and only where some changed.
fn back(model: &Model, report: &Report) -> (Tone, String) {
    let tone = if report.files.failed.is_empty() { Tone::Info } else { Tone::Bad };
    let what = restored(report).join(", ");
    let how = match (report.undo, &report.before) {
        (Some(_), _) => format!(" {} takes the records back.", model.keymap.shown(Action::Undo)),
        (None, Some(before)) => format!(" What was there before is in backup {before}."),
        (None, None) if 0 < report.seq => " Nothing was here before.".to_owned(),
        (None, None) => String::new(),
    };
    let what = if what.is_empty() { "nothing was to be changed".to_owned() } else { what };
    (tone, format!("Restored: {what}.{how}"))
}
