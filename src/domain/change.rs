//! The change feed's entries.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::id::SessionId;
use super::record::Fields;
use super::time::Timestamp;

words! {
    /// What happened to a record.
    Verb("verb") {
        SessionCreated = "session.created",
        SessionMoved = "session.moved",
        SessionUpdated = "session.updated",
        SessionRestored = "session.restored",
        ModeBound = "mode.bound",
        GroupCreated = "group.created",
        GroupUpdated = "group.updated",
        GroupMoved = "group.moved",
        GroupDeleted = "group.deleted",
        TaskCreated = "task.created",
        TaskUpdated = "task.updated",
        TaskMoved = "task.moved",
        TaskStarted = "task.started",
        TaskCompleted = "task.completed",
        TaskBlocked = "task.blocked",
        TaskReview = "task.review",
        TaskCancelled = "task.cancelled",
        TaskFailed = "task.failed",
        TaskReopened = "task.reopened",
        TaskDeleted = "task.deleted",
        TaskClaimed = "task.claimed",
        ClaimRenewed = "claim.renewed",
        ClaimReleased = "claim.released",
        ClaimExpired = "claim.expired",
        DependencyAdded = "dependency.added",
        DependencyRemoved = "dependency.removed",
        ContextSet = "context.set",
        ContextRemoved = "context.removed",
        MessageSent = "message.sent",
        ArtifactRecorded = "artifact.recorded",
        /// Its file stands otherwise than before.
        ArtifactChecked = "artifact.checked",
        ArtifactRemoved = "artifact.removed",
        ConflictOpened = "conflict.opened",
        ConflictUpdated = "conflict.updated",
        ConflictProposed = "conflict.proposed",
        ConflictResolved = "conflict.resolved",
        ConflictWithdrawn = "conflict.withdrawn",
        /// As it was before a command.
        Undone = "undone",
        /// As it was before an undo.
        Redone = "redone",
    }
}

/// Days for which every change is kept.
pub const KEPT_DAYS: i64 = 90;
/// Commands that are forgotten at once.
pub const FORGOTTEN_MAX: usize = 500;
/// Changes that are forgotten at once, of more than one command: each is looked at in the turn.
pub const FORGOTTEN_CHANGES_MAX: usize = 5_000;

impl Verb {
    /// Tells whether such a change is kept however old it is: documents count finished work.
    pub fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::SessionCreated | Self::SessionMoved | Self::TaskCompleted | Self::TaskReopened
        )
    }
}

/// One entry of the feed: who changed which record, from what to what, when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub seq: i64,
    /// The sequence number of the first entry of the same command.
    pub command: i64,
    pub at: Timestamp,
    pub actor: Actor,
    pub session_id: SessionId,
    /// The record's name, as [`super::record::RecordKey`] writes it.
    pub record: String,
    /// The record's version after the change.
    pub version: i64,
    pub verb: Verb,
    /// The changed fields as they were; absent for a new record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Fields>,
    /// The changed fields as they are; absent for a record that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Fields>,
    /// Why, in the words of the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
