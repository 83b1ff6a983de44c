//! Backups: what one holds, why it was made, and what is known of it.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::id::{BackupId, SessionId};
use super::time::Timestamp;

words! {
    /// What a backup holds.
    Scope("scope") {
        /// The database, and one session's folder.
        Session = "session" | "active_session",
        /// The database, and the folders of all sessions.
        All = "all" | "all_sessions",
        /// The database alone.
        Database = "database" | "database_only",
        /// The folders of all sessions, without the database.
        Documents = "documents" | "markdown" | "markdown_only",
        /// Everything: also roles, modes, templates, settings and edit backups.
        Full = "full" | "full_system",
    }
}

impl Scope {
    /// Tells whether the database is in it.
    pub fn has_database(self) -> bool {
        match self {
            Self::Session | Self::All | Self::Database | Self::Full => true,
            Self::Documents => false,
        }
    }
}

words! {
    /// Why a backup was made.
    Reason("reason") {
        /// Somebody asked for it.
        Manual = "manual",
        /// Its time had come.
        Scheduled = "scheduled",
        /// A session was completed.
        Completed = "completed",
        BeforeRestore = "before_restore",
        BeforeCleanup = "before_cleanup",
        BeforeMigration = "before_migration",
    }
}

words! {
    /// What is known of an archive's soundness.
    Integrity("integrity_status") {
        /// It was read from end to end, and every byte is as it was written.
        Valid = "valid",
        /// It was read, and something is not as it was written.
        Corrupted = "corrupted",
        /// It was not read since it was changed.
        Unknown = "unknown",
    }
}

/// A session that a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInside {
    pub id: SessionId,
    pub name: String,
    pub state: String,
    /// Its folder, or its pack where it is archived, relative to `.task_orchestrator`; absent where
    /// its documents are not inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// A backup, as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    pub id: BackupId,
    pub name: String,
    /// The name of its file.
    pub file: String,
    pub scope: Scope,
    pub reason: Reason,
    pub actor: Actor,
    pub created_at: Timestamp,
    /// Bytes of the archive.
    pub size: u64,
    /// Bytes of what is in it.
    pub unpacked: u64,
    /// Files in it, the database not counted.
    pub files: u64,
    /// The newest change in it.
    pub seq: i64,
    pub sessions: Vec<SessionInside>,
    pub integrity: Integrity,
    /// When that was found out.
    pub verified_at: Option<Timestamp>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// When the file was changed last, in nanoseconds; with its size it tells whether what is known
    /// of it is still true.
    pub modified_ns: i64,
    /// When somebody last restored from it or verified it.
    pub used_at: Timestamp,
}

/// What is noted of backups; the files themselves are the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum BackupNote {
    /// One was made, found or looked at again.
    Known(Box<Backup>),
    /// Its file is gone.
    Gone { file: String },
}
