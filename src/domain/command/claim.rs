//! Taking hold of a task.

use serde::{Deserialize, Serialize};

use crate::domain::id::{GroupId, SessionId, TaskId};

/// Parameters of [`super::Command::ClaimTask`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimTask {
    pub session_id: SessionId,
    /// The task; the next ready one when absent.
    #[serde(default)]
    pub task: Option<TaskId>,
    /// Takes the next ready task where the given one is held by somebody else.
    #[serde(default)]
    pub or_next: bool,
    /// Only among tasks of this role or of none, when no task is given.
    #[serde(default)]
    pub role: Option<String>,
    /// Only among tasks of this group, when no task is given.
    #[serde(default)]
    pub group: Option<GroupId>,
    /// How long the claim lasts; the mode's time when absent.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// Paths or globs of the project that the work will touch.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Leaves a pending task pending instead of starting it.
    #[serde(default)]
    pub hold_only: bool,
}
