//! The mode files of a project: `roles/`, `modes/` and `backups/modes/`.
//!
//! Nothing here overwrites what a person wrote without a backup, follows a link out of the project,
//! or takes a name for a path.

mod active;
pub mod backup;
mod create;
mod disk;
mod first_use;
mod list;
mod load;
mod mend;
mod recover;

use std::path::PathBuf;

use crate::paths::ProjectPaths;
use crate::sync::files::{ReadError, ReplaceError};

pub use active::{
    ACTIVE_FILE, Activation, ActiveMetadata, ActiveMode, HISTORY_FILE, HISTORY_MAX, HistoryEntry,
};
pub use backup::{Backup, BackupReason, Restored};
pub use create::{NewMode, NewRole, NewSettings, ProposedMode};
pub use first_use::Offer;
pub use list::{ListedMode, ModeFileState};
pub use load::Loaded;
pub use mend::Mended;

pub(super) use create::{quoted, role_block};

use super::ModeProblem;
use super::read::{Others, Source};

/// The folders of mode files, relative to `.task_orchestrator/`, in the order in which a name is
/// looked for.
pub const ROLE_FOLDERS: &[&str] = &["roles", "roles/custom_modes"];

/// Why something was not done with mode files.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It is a path, or holds what a name cannot hold.
    #[error("{given:?} is not the name of a mode; letters, digits, _ and - make one")]
    Name { given: String },
    #[error("there is no mode {name}")]
    Missing { name: String, closest: Option<String> },
    #[error("{}", in_words(.name, .problems))]
    Invalid { name: String, file: String, problems: Vec<ModeProblem> },
    #[error("there is a mode {name} already, in {file}")]
    Taken { name: String, file: String },
    #[error("there is no backup {name}")]
    NoBackup { name: String, closest: Option<String> },
    #[error("{name} is not a backup that can be read: {problem}")]
    BrokenBackup { name: String, problem: String },
    #[error("{file} cannot be read: {problem}")]
    BrokenHistory { file: &'static str, problem: String },
    #[error("a role cannot be named {given:?}; letters, digits and _ make its name")]
    RoleName { given: String },
    #[error("{file} holds no text that could be repaired")]
    NoText { file: String },
    #[error("{folder} is not a project's folder")]
    NoFolder { folder: PathBuf },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] ReplaceError),
    #[error("cannot use {path}")]
    Io { path: PathBuf, source: std::io::Error },
}

fn in_words(name: &str, problems: &[ModeProblem]) -> String {
    match problems.iter().find(|problem| problem.severity == super::Severity::Error) {
        Some(problem) => format!("the mode {name} has an error: {problem}"),
        None => format!("the mode {name} has errors"),
    }
}

/// The mode files of one project.
#[derive(Debug, Clone)]
pub struct ModesFolder {
    paths: ProjectPaths,
}

impl ModesFolder {
    /// Those of a project.
    pub fn of(paths: &ProjectPaths) -> Self {
        Self { paths: paths.clone() }
    }

    /// Tells whether there is something at a place below `.task_orchestrator/`.
    pub fn is_there(&self, file: &str) -> bool {
        self.path(file).symlink_metadata().is_ok()
    }
}

/// What the files of a project can extend: one another, and what is built in.
impl Others for ModesFolder {
    fn find(&self, name: &str) -> Option<Source> {
        match self.source(name) {
            Ok(Some(found)) => Some(found),
            // What the project had and has no more is missing, and is not what is built in.
            Ok(None) if !self.had(name) => super::built_in::BuiltIn.find(name),
            Ok(None) | Err(_) => None,
        }
    }

    fn names(&self) -> Vec<String> {
        self.mode_names()
    }
}
