//! Every command: what anybody can ask of the board, with its parameters.
//!
//! Parameters are whole ids; front ends resolve prefixes and names first (`query::resolve`).

mod claim;
mod session;

use serde::{Deserialize, Deserializer, Serialize};

use super::artifact::{ArtifactCheck, RecordArtifact};
use super::backup::BackupNote;
use super::conflict::ResolveConflict;
use super::document::{DocumentNote, ReadDocument};
use super::id::{GroupId, SessionId, TaskId};
use super::restore::RestoreBackup;
use super::task::{Complexity, Priority, Status};

pub use claim::ClaimTask;
pub use session::{
    BindMode, LastBackup, MoveSession, NewSession, RebuildSession, SetContext, UpdateSession,
};

/// Most tasks that one command creates, and most commands in a batch.
pub const BATCH_MAX: usize = 500;

/// Something that changes the state of the board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Makes a session and activates it.
    CreateSession(NewSession),
    /// Changes a session's name or goal.
    UpdateSession(UpdateSession),
    /// Binds a session to a mode that was read.
    BindMode(BindMode),
    /// Carries out a whole move: suspend, resume, complete, archive.
    MoveSession(MoveSession),
    /// Enters the transient state of a move and stops there, for moves whose work takes time.
    BeginMove(MoveSession),
    /// Leaves a transient state: with `failed`, back to where it came from.
    FinishMove { id: SessionId, failed: Option<String> },
    /// Leads sessions out of transient states whose owners are not among the living.
    RecoverSessions { living: Vec<String> },
    /// Leaves a piece of context.
    SetContext(SetContext),
    /// Removes a piece of context.
    RemoveContext { session_id: SessionId, key: String },
    /// Makes a group.
    CreateGroup(NewGroup),
    /// Changes a group's name, description or role.
    UpdateGroup(UpdateGroup),
    /// Moves a group under another, or among its siblings.
    PlaceGroup { id: GroupId, parent: Option<GroupId>, before: Option<GroupId> },
    /// Deletes a group; its tasks and groups go where `into` says, `None` being no group.
    DeleteGroup { id: GroupId, into: GroupContents },
    /// Makes tasks, one or a whole tree.
    CreateTasks(CreateTasks),
    /// Changes fields of a task.
    UpdateTask(UpdateTask),
    /// Changes the status of a task.
    SetStatus(SetStatus),
    /// Moves a task to a group, under a parent, or among its siblings.
    PlaceTask(PlaceTask),
    /// Deletes a task with all below it.
    DeleteTask { id: TaskId, dependents: Dependents },
    /// Takes hold of a given task, or of the next ready one.
    ClaimTask(ClaimTask),
    /// Gives a claim its full time again.
    RenewClaim { id: TaskId, claim: Option<i64> },
    /// Lets go of a task; an active one goes back to pending.
    ReleaseClaim { id: TaskId, claim: Option<i64>, reason: Option<String> },
    /// Adds and removes dependencies.
    ChangeDependencies { add: Vec<Edge>, remove: Vec<Edge> },
    /// Changes nothing; refuses what comes with it in a batch if one of these fields of a record,
    /// or any when none is named, was changed since a version.
    Expect { record: String, if_version: i64, fields: Vec<String> },
    /// Several commands, all or none; the reason is kept with every change that has none of its own.
    Batch { commands: Vec<Self>, reason: Option<String> },
    /// Takes back a command: the one that a sequence number belongs to, or the newest of the actor.
    Undo { seq: Option<i64> },
    /// Takes back the newest undo of the actor.
    Redo,
    /// Frees the claims whose grace time is over.
    FreeClaims,
    /// Removes commands of long ago from the feed, each whole, as far as nothing stands on them.
    ForgetChanges { commands: Vec<i64> },
    /// Sends a message to an agent, handed over with its next answer.
    SendMessage { session_id: SessionId, to: String, text: String },
    /// Records what the work produced: a file that is there, stored or referenced.
    RecordArtifact(RecordArtifact),
    /// Notes what a look at the files of artifacts found.
    NoteArtifacts { checks: Vec<ArtifactCheck> },
    /// Merges an edit of a document, field by field, three ways.
    ReadDocument(Box<ReadDocument>),
    /// Notes in the ledger of documents what was written or held.
    NoteDocuments { notes: Vec<DocumentNote> },
    /// Notes what is known of backups.
    NoteBackups { notes: Vec<BackupNote> },
    /// Decides a conflict.
    ResolveConflict(ResolveConflict),
    /// Leaves with a conflict what its sender would decide.
    ProposeResolution(ResolveConflict),
    /// Brings a session back whole, as its documents tell, into a database that has lost it.
    RebuildSession(Box<RebuildSession>),
    /// Brings back what a backup holds.
    RestoreBackup(Box<RestoreBackup>),
}

/// Parameters of [`Command::CreateGroup`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewGroup {
    /// The id of the new group, drawn by who sends the command; drawn here when absent.
    #[serde(default)]
    pub id: Option<GroupId>,
    pub session_id: SessionId,
    pub name: String,
    #[serde(default)]
    pub parent: Option<GroupId>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub role: Option<String>,
}

/// Parameters of [`Command::UpdateGroup`]; absent fields stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateGroup {
    pub id: GroupId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub role: Option<Option<String>>,
    #[serde(default)]
    pub if_version: Option<i64>,
}

/// What becomes of a deleted group's tasks and groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupContents {
    /// Refuse unless the group is empty.
    Refuse,
    /// They move to another group, or out of any group.
    MoveTo(Option<GroupId>),
}

/// A task that exists, or one of the same command by its local name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskRef {
    Id(TaskId),
    Local(String),
}

/// Parameters of [`Command::CreateTasks`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateTasks {
    pub session_id: SessionId,
    pub tasks: Vec<NewTask>,
}

/// A task to be made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NewTask {
    /// The id of the new task, drawn by who sends the command; drawn here when absent.
    #[serde(default)]
    pub id: Option<TaskId>,
    pub title: String,
    /// A name for this task within the command, for `parent` and `depends_on` of the others.
    #[serde(default)]
    pub local: Option<String>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub priority: Option<Priority>,
    #[serde(default)]
    pub complexity: Option<Complexity>,
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    pub group: Option<GroupId>,
    #[serde(default)]
    pub parent: Option<TaskRef>,
    #[serde(default)]
    pub depends_on: Vec<TaskRef>,
    #[serde(default)]
    pub estimate_minutes: Option<u32>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub due: Option<String>,
    #[serde(default)]
    pub assignee: Option<String>,
    /// Stands right after this sibling instead of last.
    #[serde(default)]
    pub after: Option<TaskId>,
}

/// Parameters of [`Command::UpdateTask`]; absent fields stay, `Some(None)` clears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateTask {
    pub id: TaskId,
    #[serde(default)]
    pub patch: TaskPatch,
    #[serde(default)]
    pub guard: Guard,
}

/// New values for some fields of a task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskPatch {
    pub title: Option<String>,
    pub description: Option<String>,
    pub priority: Option<Priority>,
    pub complexity: Option<Complexity>,
    #[serde(deserialize_with = "present")]
    pub role: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub estimate_minutes: Option<Option<u32>>,
    #[serde(deserialize_with = "present")]
    pub actual_minutes: Option<Option<u32>>,
    pub tags: Option<Vec<String>>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    #[serde(deserialize_with = "present")]
    pub due: Option<Option<String>>,
    pub progress: Option<u8>,
    #[serde(deserialize_with = "present")]
    pub assignee: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub result_summary: Option<Option<String>>,
    /// The day on which it was finished, as a document of another clone has it; it says nothing
    /// about a task that is open.
    pub finished_on: Option<String>,
}

/// What a write takes for granted; it is refused where that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guard {
    /// The version the writer has seen. Fields that others changed since are not overwritten.
    #[serde(default)]
    pub if_version: Option<i64>,
    /// What becomes of a field that others changed since.
    #[serde(default)]
    pub on_clash: OnClash,
    /// The number of the claim the writer works under.
    #[serde(default)]
    pub claim: Option<i64>,
}

/// Parameters of [`Command::SetStatus`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetStatus {
    pub id: TaskId,
    pub to: Status,
    /// What came of it; kept as the task's result summary when it ends.
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub actual_minutes: Option<u32>,
    /// Starts or completes in spite of unmet dependencies; needs a reason.
    #[serde(default)]
    pub force: bool,
    /// What becomes of the tasks that wait for a cancelled one.
    #[serde(default)]
    pub dependents: Dependents,
    #[serde(default)]
    pub guard: Guard,
}

impl SetStatus {
    /// A plain move: no words with it, no force, nothing taken for granted.
    pub fn plain(id: TaskId, to: Status) -> Self {
        Self {
            id,
            to,
            summary: None,
            reason: None,
            actual_minutes: None,
            force: false,
            dependents: Dependents::Refuse,
            guard: Guard::default(),
        }
    }
}

words! {
    /// What becomes of a write to a field that somebody changed since the version given.
    #[derive(Default)]
    OnClash("on_clash") {
        /// The whole write is refused.
        #[default]
        Refuse = "refuse",
        /// The field is left as it is and recorded as a conflict; the others are written.
        Conflict = "conflict",
    }
}

words! {
    /// What becomes of tasks that wait for one that is cancelled or deleted.
    #[derive(Default)]
    Dependents("dependents") {
        /// Refuse, naming them.
        #[default]
        Refuse = "refuse",
        /// They no longer wait for it.
        Release = "release",
        /// They are cancelled too (or deleted too), and those that wait for them.
        Cascade = "cascade" | "cancel" | "delete",
    }
}

/// Parameters of [`Command::PlaceTask`]; absent fields stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaceTask {
    pub id: TaskId,
    #[serde(default, deserialize_with = "present")]
    pub group: Option<Option<GroupId>>,
    #[serde(default, deserialize_with = "present")]
    pub parent: Option<Option<TaskId>>,
    #[serde(default)]
    pub place: Option<Place>,
}

/// A place among the siblings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    First,
    Last,
    Before(TaskId),
    After(TaskId),
}

/// One dependency: `task` waits for `depends_on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub task: TaskId,
    pub depends_on: TaskId,
}

/// Tells a field that is null from one that is absent.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
