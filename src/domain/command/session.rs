//! Parameters of commands about sessions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::group::TaskGroup;
use crate::domain::id::SessionId;
use crate::domain::mode::LoadedMode;
use crate::domain::record::Dependency;
use crate::domain::session::{ContextEntry, Session, SessionMove};
use crate::domain::task::Task;

/// Parameters of [`super::Command::CreateSession`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NewSession {
    /// The id of the new session, drawn by who sends the command: so that later commands of the same
    /// batch can name it. Drawn here when absent.
    #[serde(default)]
    pub id: Option<SessionId>,
    pub name: String,
    #[serde(default)]
    pub goal: String,
    /// The mode to bind; `default_roles` when absent.
    #[serde(default)]
    pub mode: Option<String>,
    /// Suspends the live session, if there is one, in the same transaction.
    #[serde(default)]
    pub suspend_current: bool,
}

/// Parameters of [`super::Command::UpdateSession`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateSession {
    pub id: SessionId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub goal: Option<String>,
    #[serde(default)]
    pub if_version: Option<i64>,
}

/// Parameters of [`super::Command::MoveSession`] and [`super::Command::BeginMove`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MoveSession {
    pub id: SessionId,
    #[serde(rename = "move")]
    pub to: SessionMove,
    #[serde(default)]
    pub reason: Option<String>,
    /// For a resume: suspends the live session in the same transaction.
    #[serde(default)]
    pub suspend_current: bool,
    /// For a completion: completes in spite of open tasks.
    #[serde(default)]
    pub allow_open: bool,
    /// For a completion: whether a last backup follows it.
    #[serde(default)]
    pub last_backup: LastBackup,
}

impl MoveSession {
    /// A plain move: no words with it, nothing suspended for it, nothing passed over.
    pub fn plain(id: SessionId, to: SessionMove) -> Self {
        Self {
            id,
            to,
            reason: None,
            suspend_current: false,
            allow_open: false,
            last_backup: LastBackup::Follows,
        }
    }
}

/// Whether a completed session gets a backup of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastBackup {
    /// One is made by whoever completes it, or else by the keeper of the backups.
    #[default]
    Follows,
    /// Whoever completes it wants none.
    LeftOut,
}

/// Parameters of [`super::Command::BindMode`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BindMode {
    pub session_id: SessionId,
    pub loaded: Box<LoadedMode>,
    #[serde(default)]
    pub reason: Option<String>,
}

/// Parameters of [`super::Command::SetContext`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetContext {
    pub session_id: SessionId,
    pub key: String,
    pub value: Value,
    #[serde(default)]
    pub if_version: Option<i64>,
}

/// Parameters of [`super::Command::RebuildSession`]: the records as they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RebuildSession {
    pub session: Session,
    pub groups: Vec<TaskGroup>,
    pub tasks: Vec<Task>,
    pub dependencies: Vec<Dependency>,
    pub context: Vec<ContextEntry>,
}
