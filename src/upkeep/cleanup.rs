//! What lies about, and clearing it. A look changes nothing; clearing does what a look has found.

mod artifacts;
mod backup;
mod carry_out;
mod feed;
mod files;
mod look;
mod records;
mod sort;

use std::path::PathBuf;

use serde::Serialize;

use super::finding::Fix;
use crate::domain::command::Command;
use crate::domain::id::SessionId;
use crate::store::tend::Chore;
use crate::sync::edits::Retention;

pub use backup::back_up;
pub use carry_out::{Cleared, carry_out};
pub use look::look;
pub(crate) use records::mended_by;
pub use sort::{Scope, Sort};

/// Items of one sort that a look names; the next look names those that are left.
pub const ITEMS_MAX: usize = 500;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub sorts: Vec<Sort>,
    /// Only what belongs to a session, where it belongs to one at all.
    pub session: Option<SessionId>,
    /// From how many days on something counts as old, instead of what fits each sort.
    pub days: Option<u32>,
}

impl Wanted {
    /// Everything of some sorts.
    pub fn of(sorts: &[Sort]) -> Self {
        Self { sorts: sorts.to_vec(), session: None, days: None }
    }
}

/// Something that lies about, and what clears it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    #[serde(rename = "type")]
    pub sort: Sort,
    /// The record's id, or the file's path relative to `.task_orchestrator/`.
    pub record: String,
    /// What is the matter, as a sentence without its period.
    pub message: String,
    #[serde(skip)]
    pub act: Act,
}

/// What clears an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// A command, undone like any other.
    Command(Box<Command>),
    /// A file of ours, or an empty directory, is removed.
    Remove(PathBuf),
    /// A file goes to the edit backups: it may hold what is nowhere else.
    SetAside(PathBuf),
    /// What processes that ended have left in a folder is removed.
    Sweep(PathBuf),
    /// A file or directory becomes the user's alone.
    Private(PathBuf),
    /// A chore on the database.
    Chore(Chore),
    /// Old texts are removed.
    Prune(Retention),
    /// Somebody decides.
    Person(Fix),
}

impl Act {
    /// Tells whether it is done without a decision.
    pub fn is_mechanical(&self) -> bool {
        self.advice().is_none()
    }

    /// How it is mended where somebody decides.
    pub fn advice(&self) -> Option<&Fix> {
        match self {
            Self::Person(fix) => Some(fix),
            Self::Command(_)
            | Self::Remove(_)
            | Self::SetAside(_)
            | Self::Sweep(_)
            | Self::Private(_)
            | Self::Chore(_)
            | Self::Prune(_) => None,
        }
    }
}
