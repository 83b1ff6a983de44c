//! The store: one `SQLite` file, one writer, many readers.
//!
//! Nothing above this module knows SQL. The writer's transaction answers the rules' lookups and
//! applies their writes; readers have read-only connections of their own and never wait for it.

pub mod audit;
pub(crate) mod copy;
pub(crate) mod derived;
pub mod effort;
pub(crate) mod lookups;
pub(crate) mod measure;
pub(crate) mod memory;
pub(crate) mod mend;
pub(crate) mod migrations;
pub(crate) mod modes;
pub(crate) mod open;
pub(crate) mod readers;
pub(crate) mod ready;
mod room;
pub(crate) mod rows;
pub(crate) mod searched;
pub mod snapshot;
pub mod tend;
pub(crate) mod transaction;
pub(crate) mod whole;

use std::path::PathBuf;

pub use open::Store;
pub use readers::{Reader, Readers, Stop};
pub use transaction::Transaction;

use crate::domain::refusal::{Code, Refusal};

/// What is said of a database that is damaged.
const DAMAGED: &str = "the project's database is damaged";
/// What to do then.
pub const DAMAGED_ADVICE: &str = "close every Callboard of the project; `callboard backup list` tells what can be restored, and `callboard backup restore <id> --yes` keeps the damaged database aside and brings that back";

/// The version of the schema that this program works with.
pub(crate) fn schema_version() -> i64 {
    migrations::known_version()
}

/// Why the store could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "the database {path} is of a newer version ({found}) than this program knows ({known})"
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("cannot migrate the database to version {version}")]
    Migration { version: i64, source: rusqlite::Error },
    #[error("cannot keep a copy of the database before migrating it")]
    Copy { source: rusqlite::Error },
    #[error("cannot open the database {path}")]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("the bundled SQLite {found} is older than 3.51.3 and can corrupt a shared database")]
    OldSqlite { found: &'static str },
}

impl StoreError {
    /// Tells whether the database itself is damaged.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Migration { source, .. } | Self::Copy { source } | Self::Open { source, .. } => {
                is_damage(source)
            }
            Self::Newer { .. } | Self::OldSqlite { .. } => false,
        }
    }
}

/// Tells whether `SQLite` failed because the database is damaged.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    let is_cut = |found: &rusqlite::ffi::Error| {
        found.extended_code == rusqlite::ffi::SQLITE_IOERR_SHORT_READ
    };
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
        || error.sqlite_error().is_some_and(is_cut)
}

/// Tells whether a refusal says that the database is damaged.
pub(crate) fn tells_damage(refusal: &Refusal) -> bool {
    refusal.code == Code::StoreFailed && refusal.message.starts_with(DAMAGED)
}

/// Turns a failure of `SQLite` into a refusal: nothing was changed.
pub(crate) fn refuse(error: &rusqlite::Error) -> Refusal {
    use rusqlite::ErrorCode;
    let code = error.sqlite_error_code();
    let (message, advice) = match code {
        _ if is_damage(error) => (DAMAGED, DAMAGED_ADVICE),
        Some(ErrorCode::DiskFull) => ("the disk is full", "free some space and try again"),
        Some(ErrorCode::ReadOnly) => (
            "the project's database is read-only",
            "check who owns .task_orchestrator and its files",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            ("the database is busy", "try again")
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            ("the database cannot be read or written", "check the disk and the project's directory")
        }
        Some(_) | None => ("the store failed", "try again; if it stays so, look into the log"),
    };
    Refusal::new(Code::StoreFailed, format!("{message}; nothing was changed"))
        .with("cause", error.to_string())
        .suggest(advice)
}
