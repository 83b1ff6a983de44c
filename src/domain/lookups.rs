//! What the rules may ask of the store while they judge a command.

use std::sync::Arc;

use super::artifact::Artifact;
use super::change::Change;
use super::conflict::Conflict;
use super::document::Document;
use super::group::TaskGroup;
use super::id::{ArtifactId, ConflictId, GroupId, SessionId, TaskId};
use super::mode::Mode;
use super::record::{Record, RecordKey};
use super::refusal::Refusal;
use super::session::{ContextEntry, Session};
use super::task::{Status, Task};
use super::time::Timestamp;

/// The result of a look: a refusal means that the store failed.
pub type Look<T> = Result<T, Refusal>;

/// Which ready tasks are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadyFilter {
    /// Tasks of this role, or of none.
    pub role: Option<String>,
    pub group: Option<GroupId>,
}

/// Siblings: the tasks of one group and parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Siblings {
    pub session_id: SessionId,
    pub group_id: Option<GroupId>,
    pub parent_id: Option<TaskId>,
}

/// A task that was brought to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    pub status: Status,
    pub role: Option<String>,
    /// Who brought it there.
    pub by: Option<super::actor::Actor>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// The state as the rules see it: inside the transaction, every earlier command included.
pub trait Lookups {
    fn session(&self, id: SessionId) -> Look<Option<Session>>;
    fn live_session(&self) -> Look<Option<Session>>;
    fn transient_sessions(&self) -> Look<Vec<Session>>;
    /// The state a session had before its present one.
    fn state_before(&self, id: SessionId) -> Look<Option<super::session::SessionState>>;
    /// The mode that is in force in a session.
    fn mode(&self, session: &Session) -> Look<Arc<Mode>>;
    fn artifact(&self, id: ArtifactId) -> Look<Option<Artifact>>;
    /// The newest edition of what was recorded under a title.
    fn newest_edition(&self, session: SessionId, title: &str) -> Look<Option<Artifact>>;
    /// The kinds of the artifacts that were handed in with a task and can be opened.
    fn artifact_kinds(&self, session: SessionId, task: TaskId) -> Look<Vec<String>>;
    fn context(&self, session: SessionId, key: &str) -> Look<Option<ContextEntry>>;

    fn group(&self, id: GroupId) -> Look<Option<TaskGroup>>;
    /// All groups of a session, by position.
    fn groups(&self, session: SessionId) -> Look<Vec<TaskGroup>>;
    /// All tasks of a group, whatever their parent.
    fn tasks_of_group(&self, group: GroupId) -> Look<Vec<Task>>;

    fn task(&self, id: TaskId) -> Look<Option<Task>>;
    fn children(&self, id: TaskId) -> Look<Vec<Task>>;
    /// Open tasks of a session: how many, and the first few.
    fn open_tasks(&self, session: SessionId, limit: usize) -> Look<(usize, Vec<Task>)>;
    /// What was completed or failed in a session, a bounded number.
    fn finished(&self, session: SessionId) -> Look<Vec<Finished>>;
    /// How many tasks of a session are in each status that occurs.
    fn counts(&self, session: SessionId) -> Look<Vec<(Status, i64)>>;
    /// Held tasks of any session whose claim ends at or before a moment, a bounded number.
    fn claims_ending_by(&self, moment: Timestamp) -> Look<Vec<Task>>;
    /// Held tasks of any session whose holders' processes died at or before a moment and have not
    /// come back, a bounded number.
    fn claims_of_the_dead(&self, moment: Timestamp) -> Look<Vec<Task>>;
    /// Held tasks of any session whose claim begins, by its end, after a moment, a bounded number.
    fn claims_astray(&self, moment: Timestamp) -> Look<Vec<Task>>;
    /// Tasks of a session that somebody holds.
    fn held_tasks(&self, session: SessionId) -> Look<Vec<Task>>;
    /// The next ready, unheld tasks in the order of [`crate::domain::graph`].
    fn ready_tasks(
        &self,
        session: SessionId,
        filter: &ReadyFilter,
        limit: usize,
    ) -> Look<Vec<Task>>;
    fn last_position(&self, siblings: Siblings) -> Look<Option<f64>>;
    fn first_position(&self, siblings: Siblings) -> Look<Option<f64>>;
    /// The position of the sibling just before (or after) a position.
    fn position_before(&self, siblings: Siblings, position: f64) -> Look<Option<f64>>;
    fn position_after(&self, siblings: Siblings, position: f64) -> Look<Option<f64>>;
    /// All siblings by position, for the rare case that they must be spread out anew.
    fn siblings(&self, siblings: Siblings) -> Look<Vec<Task>>;

    /// The tasks that a task waits for.
    fn dependencies(&self, id: TaskId) -> Look<Vec<TaskId>>;
    /// The tasks that wait for a task.
    fn dependents(&self, id: TaskId) -> Look<Vec<TaskId>>;

    fn record(&self, key: &RecordKey) -> Look<Option<Record>>;
    /// All records of a session but itself.
    fn records(&self, session: SessionId) -> Look<Vec<Record>>;
    /// Tells whether nothing was ever kept: no session, and no entry in the feed.
    fn is_empty(&self) -> Look<bool>;
    /// Every change of a record, the newest first, and of a task's dependencies among them.
    fn history(&self, key: &RecordKey) -> Look<Vec<Change>>;
    fn conflict(&self, id: ConflictId) -> Look<Option<Conflict>>;
    /// The conflicts about a record, the newest first, a bounded number.
    fn conflicts_of(&self, record: &str) -> Look<Vec<Conflict>>;
    /// The open conflicts that come from one side (`file:<path>`), oldest first.
    fn open_conflicts_from(&self, side: &super::actor::Actor) -> Look<Vec<Conflict>>;
    /// The open tasks that an actor made since a moment, the newest first, a bounded number.
    fn made_lately(&self, actor: &super::actor::Actor, since: Timestamp) -> Look<Vec<Task>>;
    /// What the ledger has about a document.
    fn document(&self, path: &str) -> Look<Option<Document>>;
    /// What the templates gave for the documents of a session when they were written last.
    fn rendered(&self, session: SessionId) -> Look<Vec<String>>;
    /// Changes of a record after a version, oldest first.
    fn changes_since(&self, key: &RecordKey, version: i64) -> Look<Vec<Change>>;
    /// Tells whether no later change is about the record that a change is about.
    fn is_newest(&self, change: &Change) -> Look<bool>;
    /// All changes of the command that a sequence number belongs to, oldest first.
    fn changes_of_command(&self, seq: i64) -> Look<Vec<Change>>;
    /// The command that a command took back.
    fn undoes(&self, command: i64) -> Look<Option<i64>>;
    /// The newest command of an actor before a sequence number that was not taken back and did not
    /// only look; whether it can be taken back is the rules' to say.
    fn newest_standing(&self, actor: &super::actor::Actor, before: i64) -> Look<Option<i64>>;
    /// The newest undo of an actor that can be taken back, if nothing else came after it.
    fn newest_redoable(&self, actor: &super::actor::Actor) -> Look<Option<i64>>;
}
