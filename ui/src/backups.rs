//! The backups, for the screen and the command line: in words, and what is done with them.

use std::ops::ControlFlow;

use callboard_engine::backup::restore::{self, First, Moment, Moments, Report};
use callboard_engine::backup::retention::Run;
use callboard_engine::backup::{self, Progress, Request, Retention, Watch};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Integrity, Reason};
use callboard_engine::domain::count::counted;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::restore::Purpose;
use callboard_engine::peer::Peer;

use crate::app::backups::{Answer, Stop, Wanted, Wish};
use crate::seldom::Seldom;

/// What wishes are fulfilled with.
pub struct Fulfilment<'a> {
    pub peer: &'a Peer,
    pub retention: Retention,
    pub stop: &'a Stop,
}

/// Does what the screen wishes to be done with the backups, and tells how far it is.
pub fn fulfil(how: &Fulfilment<'_>, wish: Wish, tell: &dyn Fn(Answer)) -> Answer {
    let seldom = Seldom::default();
    let watch = |progress: Progress| {
        seldom.tell(|| tell(Answer::Goes(progress)));
        if how.stop.is_called_off() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let (peer, retention) = (how.peer, &how.retention);
    match wish {
        Wish::List => Answer::Listed(backup::list(peer).map_err(Refusal::from)),
        Wish::Read(row) => {
            let manifest = backup::manifest_of(peer, &row).map(Box::new).map_err(Refusal::from);
            Answer::Read { file: row.file, manifest }
        }
        Wish::Create(scope, name) => {
            let sessions = Vec::new();
            let (reason, actor) = (Reason::Manual, Actor::Human);
            let request = Request { scope, sessions, name, reason, actor };
            let made = backup::create(peer, &request, &watch).map_err(Refusal::from);
            if made.is_ok()
                && let Err(error) = backup::clean_up(peer, retention, Run::Carry)
            {
                tracing::warn!(%error, "old backups are not removed");
            }
            Answer::Made(made.map(Box::new))
        }
        Wish::Verify(row) => {
            let found = backup::verify(peer, &row, &watch);
            Answer::Verified(found.map(|(found, _)| Box::new(found)).map_err(Refusal::from))
        }
        Wish::Remove(row) => {
            Answer::Removed(backup::remove(peer, &row).map(|()| row).map_err(Refusal::from))
        }
        Wish::ProposeCleanup => {
            Answer::Proposed(backup::clean_up(peer, retention, Run::Dry).map_err(Refusal::from))
        }
        Wish::CleanUp => {
            Answer::Cleaned(backup::clean_up(peer, retention, Run::Carry).map_err(Refusal::from))
        }
        Wish::ProposeRestore(backup, wanted) => {
            let wish = restoring(wanted, Purpose::Try);
            let report = restore::restore(peer, &backup.file, &wish, &watch).map(Box::new);
            Answer::WouldRestore { backup, wanted, report }
        }
        Wish::Restore(backup, wanted) => {
            let wish = restoring(wanted, Purpose::Keep);
            let moments = |moment| {
                if moment == Moment::BackedUp {
                    tell(Answer::Decided);
                }
            };
            let seen: (Watch<'_>, Moments<'_>) = (&watch, &moments);
            let report = restore::restore_seen(peer, &backup.file, &wish, seen);
            Answer::Restored(report.map(Box::new))
        }
    }
}

fn restoring(wanted: Wanted, purpose: Purpose) -> restore::Wanted {
    restore::Wanted {
        scope: wanted.scope,
        sessions: Vec::new(),
        strategy: wanted.strategy,
        purpose,
        first: First::BackUp,
        actor: Actor::Human,
    }
}

/// What a restore changes, or would.
pub fn restored(report: &Report) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(rows) = &report.rows {
        told.push(format!(
            "{} added, {} changed, {} removed, {} as they were",
            counted(rows.created, "record"),
            rows.updated,
            rows.deleted,
            rows.unchanged
        ));
        if 0 < rows.skipped + rows.clashes_found {
            told.push(format!(
                "{} and {} left as they are here",
                counted(rows.skipped, "record"),
                counted(rows.clashes_found, "field")
            ));
        }
    }
    let files = &report.files;
    if 0 < files.written + files.unchanged + files.skipped {
        let skipped =
            if files.skipped == 0 { String::new() } else { format!(", {} left", files.skipped) };
        told.push(format!(
            "{} written, {} as they were{skipped}",
            counted(files.written, "file"),
            files.unchanged
        ));
    }
    told.extend(files.failed.first().map(|failed| format!("cannot be written: {failed}")));
    told
}

/// Whether it is known to be sound.
pub fn integrity(backup: &Backup) -> &'static str {
    match backup.integrity {
        Integrity::Valid => "verified",
        Integrity::Corrupted => "damaged",
        Integrity::Unknown => "unverified",
    }
}

/// Why it was made, in words.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Manual => "by hand",
        Reason::Scheduled => "by itself",
        Reason::Created => "new session",
        Reason::Completed => "completed",
        Reason::BeforeRestore => "before restore",
        Reason::BeforeCleanup => "before cleanup",
        Reason::BeforeMigration => "before update",
    }
}

/// The sessions in it: by name where there are few.
pub fn sessions(backup: &Backup) -> String {
    match backup.sessions.as_slice() {
        [] => String::new(),
        [one] => one.name.clone(),
        [one, other] => format!("{}, {}", one.name, other.name),
        [one, rest @ ..] => format!("{} and {} more", one.name, rest.len()),
    }
}
