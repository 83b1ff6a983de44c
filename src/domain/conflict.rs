//! Conflicts: one field of one record that two sides changed differently since they last agreed.
//!
//! A conflict is a value, stored and resolved whenever; the database's value stays in force
//! meanwhile, and work goes on.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::actor::Actor;
use super::id::{ConflictId, SessionId};
use super::time::Timestamp;

/// Most proposals kept with a conflict.
pub const PROPOSALS_MAX: usize = 20;

words! {
    /// What a conflict is about.
    ConflictKind("conflict kind") {
        /// Both sides changed the field.
        Field = "field",
        /// The item is gone from a document; `ours` is its title, `theirs` is null.
        Removed = "removed",
        /// The record was deleted, and edited in a document; `ours` is null, `theirs` its fields.
        Deleted = "deleted",
    }
}

words! {
    /// Whether a conflict waits for a decision.
    ConflictState("conflict state") {
        Open = "open",
        Resolved = "resolved",
        /// The sides came to agree by themselves.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// A decision.
    Choice("choice") {
        /// The database's value.
        Ours = "ours" | "database" | "take_ours" | "keep",
        /// The file's value, or the other agent's.
        Theirs = "theirs" | "file" | "take_theirs" | "remove",
        /// A value of its own, made of both.
        Merged = "merged" | "both" | "merge",
    }
}

/// A conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    pub id: ConflictId,
    pub session_id: SessionId,
    /// The record, as [`super::record::RecordKey`] writes it.
    pub record: String,
    pub kind: ConflictKind,
    /// The field's name as in the feed (`title`, `depends_on`, …); empty for a whole record.
    pub field: String,
    /// The value that both started from; null where it is not known.
    pub base: Value,
    /// The database's value, in force until the conflict is resolved.
    pub ours: Value,
    pub ours_by: Actor,
    pub ours_at: Timestamp,
    /// The other value.
    pub theirs: Value,
    /// `file:<path>`, or the agent whose write clashed.
    pub theirs_by: Actor,
    pub theirs_at: Timestamp,
    pub state: ConflictState,
    #[serde(default)]
    pub resolution: Option<Resolution>,
    #[serde(default)]
    pub proposals: Vec<Proposal>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts the changes of this record, from 1.
    pub version: i64,
}

impl Conflict {
    /// The document it came from, if it came from one.
    pub fn document(&self) -> Option<&str> {
        match &self.theirs_by {
            Actor::File(path) => Some(path),
            Actor::Human | Actor::Agent(_) | Actor::System => None,
        }
    }

    /// Tells whether it waits for a decision.
    pub fn is_open(&self) -> bool {
        self.state == ConflictState::Open
    }
}

/// How a conflict ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    pub choice: Choice,
    /// The value in force since.
    pub value: Value,
    pub by: Actor,
    pub at: Timestamp,
    #[serde(default)]
    pub remark: Option<String>,
}

/// What an agent would decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    pub choice: Choice,
    #[serde(default)]
    pub value: Option<Value>,
    pub by: Actor,
    pub at: Timestamp,
    #[serde(default)]
    pub remark: Option<String>,
}

/// Parameters of `Command::ResolveConflict` and `Command::ProposeResolution`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolveConflict {
    pub id: ConflictId,
    pub choice: Choice,
    /// The value, where the choice is [`Choice::Merged`].
    #[serde(default)]
    pub value: Option<Value>,
    #[serde(default)]
    pub remark: Option<String>,
    /// The version of the conflict that was decided on: refused where a side changed since.
    #[serde(default)]
    pub if_version: Option<i64>,
}
