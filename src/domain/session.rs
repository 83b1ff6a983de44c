//! Sessions and their seven states.

use serde::{Deserialize, Serialize};

use super::id::SessionId;
use super::time::Timestamp;

words! {
    /// The state of a session.
    SessionState("state") {
        /// Being made: directories, mode files, first documents.
        Initializing = "initializing",
        /// At work.
        Active = "active",
        /// Laid aside; the plan may change, work may not.
        Suspended = "suspended",
        /// Being taken up again.
        Resuming = "resuming",
        /// Checks before completion are running.
        Completing = "completing",
        /// Done; may be reopened.
        Completed = "completed",
        /// Packed away, read-only; may be unpacked.
        Archived = "archived",
    }
}

words! {
    /// Something a person or an agent does to a session.
    SessionMove("move") {
        /// Lay the live session aside.
        Suspend = "suspend",
        /// Take up a suspended, completed or archived session.
        Resume = "resume",
        /// Finish the live session, after its checks.
        Complete = "complete",
        /// Pack a completed or suspended session away.
        Archive = "archive",
    }
}

impl SessionState {
    /// Tells whether this state counts as the one live session of a project.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Active | Self::Resuming | Self::Completing)
    }

    /// Tells whether a session only passes through this state.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Initializing | Self::Resuming | Self::Completing)
    }

    /// Tells whether this state is where a move ends that failed in another.
    pub fn is_failure_of(self, from: Self) -> bool {
        matches!(
            (from, self),
            (Self::Resuming, Self::Suspended)
                | (Self::Completing, Self::Active)
                | (Self::Initializing, Self::Archived)
        )
    }

    /// Tells whether titles, order, groups, dependencies and notes may change.
    pub fn allows_planning(self) -> bool {
        matches!(self, Self::Active | Self::Suspended)
    }

    /// Tells whether tasks may be claimed, started and finished.
    pub fn allows_work(self) -> bool {
        self == Self::Active
    }
}

/// One legal step between states. `from` is `None` for a session that does not exist yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub from: Option<SessionState>,
    pub to: SessionState,
    pub by: &'static str,
}

const fn step(from: SessionState, to: SessionState, by: &'static str) -> Step {
    Step { from: Some(from), to, by }
}

/// Every legal step. What lists, checks or draws moves reads this table.
pub const STEPS: &[Step] = &[
    Step { from: None, to: SessionState::Initializing, by: "create" },
    step(SessionState::Initializing, SessionState::Active, "create (automatic)"),
    step(SessionState::Initializing, SessionState::Archived, "creation failed or abandoned"),
    step(SessionState::Active, SessionState::Suspended, "suspend"),
    step(SessionState::Active, SessionState::Completing, "complete"),
    step(SessionState::Suspended, SessionState::Resuming, "resume"),
    step(SessionState::Resuming, SessionState::Active, "resume (automatic)"),
    step(SessionState::Resuming, SessionState::Suspended, "restore failed"),
    step(SessionState::Completing, SessionState::Completed, "checks passed"),
    step(SessionState::Completing, SessionState::Active, "checks failed or withdrawn"),
    step(SessionState::Completed, SessionState::Archived, "archive"),
    step(SessionState::Completed, SessionState::Resuming, "resume"),
    step(SessionState::Suspended, SessionState::Archived, "archive"),
    step(SessionState::Archived, SessionState::Resuming, "resume"),
];

/// Tells whether one step leads from a state to another.
pub fn may_become(from: Option<SessionState>, to: SessionState) -> bool {
    STEPS.iter().any(|step| step.from == from && step.to == to)
}

impl SessionMove {
    /// The first state this move leads to.
    pub fn first_state(self) -> SessionState {
        match self {
            Self::Suspend => SessionState::Suspended,
            Self::Resume => SessionState::Resuming,
            Self::Complete => SessionState::Completing,
            Self::Archive => SessionState::Archived,
        }
    }

    /// Tells whether the move is open from a state; read from [`STEPS`].
    pub fn is_open_from(self, state: SessionState) -> bool {
        STEPS.iter().any(|step| {
            step.from == Some(state) && step.to == self.first_state() && step.by == self.as_str()
        })
    }

    /// The moves that are open from a state.
    pub fn open_from(state: SessionState) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|candidate| candidate.is_open_from(state)).collect()
    }
}

/// One stretch of work on the project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub name: String,
    /// What the session is for; markdown.
    pub goal: String,
    pub state: SessionState,
    /// The mode the session is bound to.
    pub mode: String,
    /// What the mode was read from; none until it was bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<super::mode::Binding>,
    /// Why the session is in its state, in the words of who moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The process that carries out the move, while the state is transient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the session entered its state.
    pub state_since: Timestamp,
    /// Counts the changes of this record, from 1.
    pub version: i64,
}

/// One row of a session's history of states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    pub session_id: SessionId,
    pub from: Option<SessionState>,
    pub to: SessionState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub actor: super::actor::Actor,
    pub at: Timestamp,
}

/// One piece of what a session hands to whoever continues: a key and any JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextEntry {
    pub session_id: SessionId,
    pub key: String,
    pub value: serde_json::Value,
    pub updated_at: Timestamp,
    /// Counts the changes of this record, from 1.
    pub version: i64,
}

/// Where the work stood when a session was made, or was at work last.
pub const CHECKPOINT_KEY: &str = "checkpoint";
/// What came of a session that was completed.
pub const REPORT_KEY: &str = "report";
/// What a report says where whoever completed the session wanted no last backup.
pub const LAST_BACKUP: &str = "last_backup";
/// Context under keys that begin so is work handed over with a task. It is read key by key and not
/// listed with the rest: there is as much of it as there are tasks.
pub const ARTIFACT_KEY: &str = "artifact/";
/// Longest context key, in characters.
pub const CONTEXT_KEY_MAX: usize = 100;
/// Longest context value, in bytes of JSON.
pub const CONTEXT_VALUE_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_exactly_the_fourteen_steps() {
        let pairs: Vec<String> = STEPS
            .iter()
            .map(|step| format!("{}>{}", step.from.map_or("", SessionState::as_str), step.to))
            .collect();
        assert_eq!(
            pairs.join(" "),
            ">initializing initializing>active initializing>archived \
            active>suspended active>completing suspended>resuming resuming>active resuming>suspended \
            completing>completed completing>active completed>archived completed>resuming \
            suspended>archived archived>resuming"
        );
    }

    #[test]
    fn moves_are_open_where_the_table_says() {
        let open = |state| {
            SessionMove::open_from(state)
                .iter()
                .map(|one| one.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let found: Vec<String> = SessionState::ALL.iter().map(|state| open(*state)).collect();
        assert_eq!(
            found,
            ["", "suspend complete", "resume archive", "", "", "resume archive", "resume"]
        );
    }
}
