//! What is done in the view of backups, and what comes of it.

use callboard_engine::backup::Cleaned;
use callboard_engine::backup::restore::Report;
use callboard_engine::domain::backup::{Backup, Integrity};
use callboard_engine::domain::refusal::Refusal;

use super::{Answer, Stop, Wish, Work, looking, menus};
use crate::action::Action;
use crate::app::{Effect, Model, Pane, View};
use crate::backups::{bytes, restored};
use crate::overlay::Overlay;
use crate::widgets::toast::Tone;

/// Shows the view.
pub fn show(model: &mut Model) -> Vec<Effect> {
    model.view = View::Backups;
    model.focus = Pane::Main;
    model.zoomed = false;
    model.board.detail_scroll = 0;
    vec![model.reload(), looking(Wish::List)]
}

/// Looks again when something has changed, where the view is shown.
pub fn changed(model: &Model) -> Vec<Effect> {
    if model.view == View::Backups { vec![looking(Wish::List)] } else { Vec::new() }
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
        Action::RestoreBackup => {
            model.overlay = Some(Overlay::Menu(menus::restore(&row)));
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
    let what = match &wish {
        Wish::List | Wish::Read(_) => return vec![looking(wish)],
        Wish::Create(_) => "Making a backup",
        Wish::Verify(_) => "Verifying",
        Wish::ProposeCleanup => "Looking what may go",
        Wish::CleanUp => "Cleaning up",
        Wish::ProposeRestore(..) => "Looking what it would change",
        Wish::Restore(..) => "Restoring",
    };
    let stop = Stop::default();
    model.backups.work = Some(Work { what, progress: None, stop: stop.clone() });
    vec![Effect::Backups(wish, stop)]
}

/// Tells whether an action is open.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are about the backup")]
pub fn enabled(model: &Model, action: Action) -> Result<(), &'static str> {
    let works = model.backups.work.is_some();
    match action {
        Action::StopBackup if !works => Err("nothing goes on that could be called off"),
        Action::StopBackup => Ok(()),
        _ if works => Err("one piece of work goes on already; x calls it off"),
        Action::CreateBackup => Ok(()),
        _ if model.backups.rows.is_empty() => Err("there is no backup yet; a makes one"),
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

/// Takes what came of a wish.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Listed(Ok(rows)) => {
            model.backups.rows = rows;
            (model.backups.is_listed, model.backups.problem) = (true, None);
            let index = model.backups.index();
            model.backups.put(index);
            return model.backups.wish();
        }
        Answer::Listed(Err(refusal)) => {
            (model.backups.is_listed, model.backups.problem) = (true, Some(refusal.message));
            return Vec::new();
        }
        Answer::Read { file, manifest } => {
            model.backups.shown = Some((file, manifest));
            return Vec::new();
        }
        Answer::Goes(progress) => {
            if let Some(work) = &mut model.backups.work {
                work.progress = Some(progress);
            }
            return Vec::new();
        }
        Answer::Made(made) => ended(model, made, |model, made| {
            model.backups.cursor = Some(made.file.clone());
            (Tone::Info, format!("Made {}: {}, verified.", made.name, bytes(made.size)))
        }),
        Answer::Verified(found) => ended(model, found, |_, found| verified(&found)),
        Answer::Proposed(found) => {
            ended_with(model, found, |model, found| propose(model, &found));
        }
        Answer::Cleaned(cleaned) => ended(model, cleaned, |_, cleaned| told(&cleaned)),
        Answer::WouldRestore { backup, wanted, report } => {
            ended_with(model, report, |model, report| {
                let menu = menus::confirm_restore(&backup, wanted, &report);
                model.overlay = Some(Overlay::Menu(menu));
            });
        }
        Answer::Restored(report) => ended(model, report, |_, report| back(&report)),
    }
    vec![model.reload(), looking(Wish::List)]
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
    } else {
        model.overlay = Some(Overlay::Menu(menus::clean_up(found)));
    }
}

fn told(cleaned: &Cleaned) -> (Tone, String) {
    if let Some((file, error)) = cleaned.failed.first() {
        return (Tone::Bad, format!("{file} cannot be removed: {error}."));
    }
    let (count, freed) = (cleaned.removed.len(), bytes(cleaned.freed));
    (Tone::Info, format!("Removed {count} of the backups: {freed} are free."))
}

fn back(report: &Report) -> (Tone, String) {
    let tone = if report.files.failed.is_empty() { Tone::Info } else { Tone::Bad };
    (tone, format!("Restored: {}. u takes the records back.", restored(report).join(", ")))
}
