//! What a carried-out command answers.

use serde::{Deserialize, Serialize};

use super::artifact::Artifact;
use super::conflict::Conflict;
use super::draft::Problem;
use super::group::TaskGroup;
use super::id::{ArtifactId, ConflictId, GroupId, TaskId};
use super::restore::Restored;
use super::session::{ContextEntry, Session};
use super::task::Task;

/// The answer to a command that was carried out and kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub answer: Answer,
    /// What else the actor should know, as sentences.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The sequence number of the last change the command made; 0 when it made none.
    pub seq: i64,
}

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Answer {
    Session(Session),
    Context(ContextEntry),
    Group(TaskGroup),
    Task(Box<Task>),
    /// The tasks made, in the order of the command, with their local names.
    Created(Vec<Created>),
    /// The task now held; its claim is in it.
    Claimed(Box<Task>),
    /// The group that is gone.
    GroupDeleted(GroupId),
    /// The tasks that are gone.
    TasksDeleted(Vec<TaskId>),
    /// How many dependencies were added and removed.
    Dependencies {
        added: usize,
        removed: usize,
    },
    /// One answer a command.
    Batch(Vec<Self>),
    /// The command taken back, and how many changes that took.
    Undone {
        command: i64,
        changes: usize,
    },
    /// How many records were changed by a timer or recovery.
    Tidied(usize),
    /// The conflict, as it is now.
    Conflict(Box<Conflict>),
    /// The artifact, and the edition before it.
    Artifact {
        artifact: Box<Artifact>,
        replaces: Option<ArtifactId>,
    },
    /// What came of an edit.
    DocumentRead(Box<DocumentRead>),
    /// What came of a restore.
    Restored(Box<Restored>),
    /// Nothing had to change, or nothing is left to show.
    Done,
}

/// What came of an edit of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentRead {
    /// Commands that were carried out.
    pub applied: usize,
    /// Conflicts that were opened, or have new values.
    pub conflicts: Vec<ConflictId>,
    pub problems: Vec<Problem>,
    /// The records that items without a stamp became, or were found to be: by their place in the
    /// draft.
    pub adopted: Vec<(usize, String)>,
    /// Of the records that are gone, those that somebody took out: the text is not of a time before
    /// they were there.
    #[serde(default)]
    pub taken_out: Vec<String>,
    /// Records whose removal asks for a decision that is still open.
    pub removed: Vec<String>,
}

/// One task made by a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    pub id: TaskId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    pub title: String,
}
