//! Bringing back what a backup holds: what is wanted, and what came of it.
//!
//! A restore is a command like any other. It is judged against what is there, and writes only where
//! the two differ: so the feed tells of it, versions only grow, and it can be taken back.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::id::SessionId;
use super::mode::Mode;
use super::record::Record;
use super::session::Session;

/// Differences and clashes that an answer names.
pub const NAMED_MAX: usize = 20;

words! {
    /// What becomes of records that are there already.
    #[derive(Default)]
    MergeStrategy("merge_strategy") {
        /// The sessions become what they were, whatever was done since.
        #[default]
        Replace = "replace" | "overwrite",
        /// What is missing is added; a field is taken where nobody changed it here since.
        Merge = "merge",
        /// What is missing is added; what is there stays.
        SkipExisting = "skip_existing" | "skip",
    }
}

/// Whether a restore is carried out or only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    #[default]
    Keep,
    /// Judged whole, counted and taken back: a dry run.
    Try,
}

/// One session as the backup has it, with all its records but those that only one database knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRows {
    pub session: Session,
    /// Groups, tasks, dependencies, context, conflicts and artifacts.
    pub records: Vec<Record>,
    /// The content that the session's binding names.
    pub mode: Option<Mode>,
}

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Everything, row for row, into a database that holds nothing.
    Whole(Snapshot),
    /// These sessions.
    Sessions(Vec<SessionRows>),
}

/// A database that was taken out of a backup and brought to the schema of this program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub path: PathBuf,
    /// Whether what it knows of documents comes along; of use only where these do, too.
    pub ledger: Ledger,
    pub sessions: Vec<SessionId>,
    /// Records in it.
    pub records: usize,
}

/// What becomes of the ledger of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ledger {
    Taken,
    Left,
}

/// Parameters of [`super::command::Command::RestoreBackup`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RestoreBackup {
    /// Why, as every entry of the feed has it; it names the backup and this restore.
    pub reason: String,
    /// The newest entry that this feed and the backup's have in common.
    pub base: i64,
    pub strategy: MergeStrategy,
    #[serde(default)]
    pub purpose: Purpose,
    pub source: Source,
}

/// What came of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Restored {
    /// The sessions in which something changed.
    pub sessions: Vec<SessionId>,
    pub created: usize,
    pub updated: usize,
    pub deleted: usize,
    pub unchanged: usize,
    /// Records that differ and were left as they are.
    pub skipped: usize,
    /// Fields that were left as they are, because they were changed here or do not fit.
    pub clashes_found: usize,
    /// The first of them.
    pub clashes: Vec<Clash>,
    /// The first records that change.
    pub differences: Vec<Difference>,
}

/// A field of a record that was not taken from the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    pub record: String,
    pub field: String,
    pub why: String,
}

/// A record that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub record: String,
    pub title: String,
    pub what: What,
    /// The fields that change; of no interest where the whole record comes or goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

words! {
    /// What happens to a record.
    What("what") {
        Created = "created",
        Updated = "updated",
        Deleted = "deleted",
    }
}

impl Restored {
    /// Notes a field that was not taken.
    pub fn clash(&mut self, record: &impl ToString, field: &str, why: &str) {
        self.clashes_found += 1;
        if self.clashes.len() < NAMED_MAX {
            self.clashes.push(Clash {
                record: record.to_string(),
                field: field.to_owned(),
                why: why.to_owned(),
            });
        }
    }

    /// How many records change.
    pub fn changed(&self) -> usize {
        self.created + self.updated + self.deleted
    }
}
