//! Backups: archives of the database and of what lies beside it.
//!
//! The archives are the truth; the table `backups` is what is known of each, so that a list does not
//! have to read them. One is made while work goes on: the database is copied as it is at one moment,
//! then the files that the scope names are read, each as it stands; all that is packed, read back
//! from end to end, and only then has a name. See [`archive`] for what makes it trustworthy.

pub mod archive;
mod create;
pub(crate) mod exchange;
mod gather;
pub mod keeper;
pub mod last;
mod list;
pub mod manifest;
mod name;
mod places;
pub mod restore;
pub mod retention;
mod verify;

use std::path::PathBuf;

pub use archive::{Progress, Stage, Watch, unwatched};
pub use create::{Request, create, manifest as manifest_of};
pub use exchange::damage;
pub use gather::{HOME, gather};
pub use list::{Order, list, listed, lying, resolve, resolve_file, resolve_file_among, sort};
pub use retention::{Cleaned, Retention, clean_up, remove};
use verify::read;
pub use verify::verify;

use crate::domain::actor::Actor;
use crate::domain::backup::BackupNote;
use crate::domain::command::Command;
use crate::domain::refusal::{Code, Refusal};
use crate::peer::Peer;
use crate::store::snapshot::SnapshotError;
use archive::ArchiveError;

/// The database within an archive.
pub const DATABASE: &str = "callboard.db";
/// Where archived sessions are packed, relative to `.task_orchestrator`.
pub(crate) const SESSION_ARCHIVES: &str = "archives";
/// How the files of archives end.
pub const ENDING: &str = ".tar.zst";

/// Why a backup was not made, read or removed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the database cannot be copied")]
    Snapshot(#[source] SnapshotError),
    #[error(transparent)]
    Archive(ArchiveError),
    #[error("cannot {deed} {path}")]
    Folder { deed: &'static str, path: PathBuf, source: std::io::Error },
    #[error("it was cancelled; nothing is left of it")]
    Cancelled,
}

impl From<SnapshotError> for BackupError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::Cancelled => Self::Cancelled,
            SnapshotError::Read(_) | SnapshotError::Copy(_) => Self::Snapshot(error),
        }
    }
}

impl From<ArchiveError> for BackupError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Cancelled => Self::Cancelled,
            ArchiveError::Io { .. }
            | ArchiveError::Incomplete { .. }
            | ArchiveError::Damaged { .. }
            | ArchiveError::Newer { .. }
            | ArchiveError::TooMuch { .. }
            | ArchiveError::Twice { .. }
            | ArchiveError::Changed { .. }
            | ArchiveError::NotEmpty { .. } => Self::Archive(error),
        }
    }
}

impl From<BackupError> for Refusal {
    fn from(error: BackupError) -> Self {
        if let BackupError::Refused(refusal) = error {
            return refusal;
        }
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        let is_full = message.contains("No space left") || message.contains("disk is full");
        let advice = if is_full {
            "free some space, for instance by removing old backups, and try again"
        } else {
            "look whether .task_orchestrator/backups can be written to, and try again"
        };
        let code = match error {
            BackupError::Cancelled => Code::Busy,
            BackupError::Refused(_)
            | BackupError::Snapshot(_)
            | BackupError::Archive(_)
            | BackupError::Folder { .. } => Code::StoreFailed,
        };
        Self::new(code, message).suggest(advice)
    }
}

/// Notes what was found out about backups. The archives stand whether it is noted or not, and the
/// next list finds them.
fn note(peer: &Peer, notes: Vec<BackupNote>) {
    if notes.is_empty() {
        return;
    }
    let command = Command::NoteBackups { notes };
    let request = crate::door::Request::new(Actor::System, command);
    if let Err(refusal) = peer.door.submit_blocking(request) {
        tracing::warn!(%refusal, "what is known of the backups is not noted");
    }
}
