//! Bringing back what a backup holds: rows by one command, then files, or nothing at all.
//!
//! The archive is read from end to end and unpacked below `run/`; what is there is backed up; a
//! [`journal`] is written that tells all that is to be done; then the command is sent, which alone
//! decides; then files are brought back, each by compare and swap. After a death, whoever keeps the
//! documents or opens the project next finishes what was decided and drops what was not ([`finish`]):
//! level-triggered, like everything here. Meanwhile nobody keeps documents ([`lock`]).

mod begin;
mod damaged;
mod decide;
mod files;
mod finish;
mod journal;
pub(crate) mod lock;
mod plan;
pub mod snapshot;

use std::ffi::OsStr;
use std::path::Path;

use serde::Serialize;

use crate::backup::HOME;
use crate::backup::list::is_elsewhere;
use crate::binding::may_bring;
use crate::domain::actor::Actor;
use crate::domain::backup::Backup;
use crate::domain::command::Command;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::restore::{Ledger, MergeStrategy, Purpose, RestoreBackup, Restored};
use crate::peer::Peer;
use crate::store::tend::Chore;
pub use begin::{restore, restore_of, restore_seen};
pub use damaged::{Damaged, restore_damaged};
use files::Bringer;
pub use files::FilesRestored;
pub use finish::finish;
pub(crate) use finish::{finish_left, is_left};
use journal::{Decided, Journal, Staging};
use plan::Plan;
use snapshot::{OpenSnapshot, is_empty};

words! {
    /// What of a backup is brought back.
    RestoreScope("restore_scope") {
        /// All that the backup holds.
        Full = "full" | "all" | "full_system" | "all_sessions",
        /// Rows, no files.
        Database = "database" | "database_only",
        /// The documents and artifacts of sessions, no rows.
        Documents = "documents" | "markdown_only" | "markdown",
        /// Rows and files of the sessions that are named.
        Session = "session" | "specific_session" | "active_session",
    }
}

/// What is done before anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// What is there is backed up.
    BackUp,
    GoOn,
}

/// What is wanted of a backup.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub scope: RestoreScope,
    /// Ids, beginnings of them, or names of sessions in the backup; all when empty.
    pub sessions: Vec<String>,
    pub strategy: MergeStrategy,
    pub purpose: Purpose,
    pub first: First,
    pub actor: Actor,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub backup: String,
    pub scope: RestoreScope,
    pub strategy: MergeStrategy,
    pub dry_run: bool,
    /// What came of the rows; absent where only files were wanted.
    pub rows: Option<Restored>,
    pub files: FilesRestored,
    /// The backup of what was there before.
    pub before: Option<String>,
    /// Where the damaged database is kept, relative to `.task_orchestrator`.
    pub aside: Option<String>,
    pub notes: Vec<String>,
    /// The number of the last change; 0 where there was none.
    pub seq: i64,
    /// The number of the change that takes the rows back when it is undone; none where no row was
    /// changed, or where there was nothing before.
    pub undo: Option<i64>,
}

/// What is said where files could not be written.
const TRIED_AGAIN: &str = "what could not be brought back is tried again when the project is opened next, where nothing was done since";

/// A point of a restore: what dies here is old or new afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Unpacked,
    BackedUp,
    Planned,
    Decided,
    /// A step of exchanging the database was done.
    Exchanging,
    FileBrought,
    Noted,
}

/// Is told of each moment; tests stand here.
pub type Moments<'a> = &'a dyn Fn(Moment);

/// Nobody looks.
pub fn unseen(_: Moment) {}

/// A backup that was unpacked.
pub(super) struct Inside<'a> {
    pub backup: &'a Backup,
    /// Its files, the database apart: their paths in the archive, and their hashes.
    pub files: Vec<(String, String)>,
    pub has_database: bool,
    /// The sessions that it was made for; none where it is for all. Its database holds others, too.
    pub meant: Vec<String>,
}

impl Inside<'_> {
    /// The sessions that are wanted of it, by name; all of the database when there are none.
    pub(super) fn wanted(&self, wanted: &Wanted) -> Vec<String> {
        let names = if wanted.sessions.is_empty() { &self.meant } else { &wanted.sessions };
        names.clone()
    }
}

/// All that is known before anything is changed.
struct Ready {
    plan: Plan,
    /// What changes the rows, where some are wanted.
    command: Option<Command>,
    /// What its entry in the feed says.
    reason: String,
    report: Report,
}

/// A restore under way.
pub(super) struct Restore<'a> {
    pub peer: &'a Peer,
    pub wanted: &'a Wanted,
    pub moments: Moments<'a>,
}

impl Restore<'_> {
    /// Carries it out, the archive being unpacked. `before` makes a backup of what is there.
    fn run(
        &self,
        staging: Staging,
        inside: &Inside<'_>,
        before: &dyn Fn() -> Result<String, Refusal>,
    ) -> Result<Report, Refusal> {
        match self.steps(&staging, inside, before) {
            Ok((report, rest)) => {
                finish::end(staging, rest);
                Ok(report)
            }
            Err(refusal) => {
                // A folder that stays is found by the next start.
                let journal = staging.read().ok().flatten();
                if !journal.is_some_and(|journal| journal.is_decided(self.peer).unwrap_or(true)) {
                    finish::end(staging, None);
                }
                Err(refusal)
            }
        }
    }

    fn steps(
        &self,
        staging: &Staging,
        inside: &Inside<'_>,
        before: &dyn Fn() -> Result<String, Refusal>,
    ) -> Result<(Report, Option<Journal>), Refusal> {
        let Ready { plan, command, reason, mut report } = self.ready(staging, inside)?;
        if report.dry_run {
            self.try_out(&plan, command, &mut report)?;
            return Ok((report, None));
        }
        if self.wanted.first == First::BackUp && !is_empty(&self.peer.readers)? {
            report.before = Some(before()?);
        }
        (self.moments)(Moment::BackedUp);
        let is_mended = plan.snapshot.as_ref().and_then(OpenSnapshot::mended).is_some();
        let decided = self.decided(&plan, command.as_ref(), reason)?;
        let mut journal = self.journal(inside.backup, plan, decided);
        let written = staging.sync().and_then(|()| staging.write(&journal));
        written.map_err(|error| unwritten(&error))?;
        (self.moments)(Moment::Planned);
        if let Some(command) = command {
            self.decide(command, (staging, &mut journal), &mut report)?;
        }
        (self.moments)(Moment::Decided);
        if is_mended && let Err(refusal) = self.peer.door.tend_blocking(Chore::Recount) {
            // What was broken here has not been counted; a cleanup does that, too.
            report.notes.push(format!("nothing was counted anew: {}", refusal.message));
        }
        let (files, rest) = finish::carry_on(self.peer, staging, &journal, self.moments);
        if rest.is_some() {
            report.notes.push(TRIED_AGAIN.to_owned());
        }
        report.files = files;
        Ok((report, rest))
    }

    /// What is to be done, and what is told of it; nothing is changed yet.
    fn ready(&self, staging: &Staging, inside: &Inside<'_>) -> Result<Ready, Refusal> {
        (self.moments)(Moment::Unpacked);
        let plan = Plan::of(self, staging, inside)?;
        let reason = format!("restored from backup {} ({})", inside.backup.id, staging.name());
        let report = Report {
            backup: inside.backup.id.to_string(),
            scope: self.wanted.scope,
            strategy: self.wanted.strategy,
            dry_run: self.wanted.purpose == Purpose::Try,
            rows: None,
            files: FilesRestored::default(),
            before: None,
            aside: None,
            notes: plan.notes.clone(),
            seq: 0,
            undo: None,
        };
        let command = plan.snapshot.as_ref().map(|open| self.command(open, &plan, &reason));
        Ok(Ready { command: command.transpose()?, plan, reason, report })
    }

    fn try_out(
        &self,
        plan: &Plan,
        command: Option<Command>,
        report: &mut Report,
    ) -> Result<(), Refusal> {
        if let Some(command) = command {
            self.send(command, report)?;
        }
        report.files = self.bringer(plan)?.try_out(&plan.files);
        Ok(())
    }

    fn journal(&self, backup: &Backup, plan: Plan, decided: Decided) -> Journal {
        Journal {
            backup: if is_elsewhere(backup) { backup.file.clone() } else { backup.id.to_string() },
            decided,
            replaces: self.wanted.strategy == MergeStrategy::Replace,
            files: plan.files,
            notes: plan.ledger,
            tries: 0,
        }
    }

    fn bringer<'b>(&'b self, plan: &'b Plan) -> Result<Bringer<'b>, Refusal> {
        let replaces = self.wanted.strategy == MergeStrategy::Replace;
        Bringer::of(&self.peer.paths, &plan.home, (self.peer.clock.now(), replaces))
            .map_err(|error| unwritten(&error))
    }

    fn command(&self, open: &OpenSnapshot, plan: &Plan, reason: &str) -> Result<Command, Refusal> {
        let is_whole = plan.is_all && is_empty(&self.peer.readers)?;
        let source = if is_whole {
            // A session that comes back live begins to count here at once.
            for mode in open.modes_of_live()? {
                may_bring(self.peer, &self.wanted.actor, &mode)?;
            }
            let comes_along = plan
                .files
                .iter()
                .any(|file| Path::new(&file.to).extension() == Some(OsStr::new("md")));
            open.whole(if comes_along { Ledger::Taken } else { Ledger::Left })?
        } else {
            open.rows(&plan.sessions)?
        };
        Ok(Command::RestoreBackup(Box::new(RestoreBackup {
            reason: reason.to_owned(),
            base: open.common_with(&self.peer.readers)?,
            strategy: self.wanted.strategy,
            purpose: self.wanted.purpose,
            source,
        })))
    }
}

/// The folder that everything of a project is in.
fn home_of(peer: &Peer) -> std::path::PathBuf {
    let home = peer.paths.task_orchestrator();
    home.canonicalize().unwrap_or(home)
}

fn unwritten(error: &std::io::Error) -> Refusal {
    Refusal::new(Code::StoreFailed, format!("the restore cannot be prepared: {error}"))
        .suggest("look whether .task_orchestrator/run can be written to, and try again")
}

/// The path of a file within an archive, relative to `.task_orchestrator`.
fn relative(path: &str) -> Option<&str> {
    path.strip_prefix(HOME)?.strip_prefix('/').filter(|inner| {
        !inner.is_empty()
            && Path::new(inner)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)))
    })
}
