//! View rows: what front ends show, read whole by one query each.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::conflict::Choice;
use crate::domain::group::TaskGroup;
use crate::domain::id::{ConflictId, GroupId, SessionId, TaskId};
use crate::domain::progress::Tally;
use crate::domain::session::Session;
use crate::domain::task::{Complexity, Priority, Status, Task};
use crate::domain::time::Timestamp;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many there are in all, where that is cheap to know.
    pub total: Option<i64>,
    /// Opaque; continues after the last item. Absent at the end.
    pub cursor: Option<String>,
}

/// How many tasks are in each status, and the progress of those without children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub pending: i64,
    pub active: i64,
    pub blocked: i64,
    pub review: i64,
    pub completed: i64,
    pub cancelled: i64,
    pub failed: i64,
    /// 0 to 100.
    pub percent: u8,
    #[serde(skip)]
    pub tally: Tally,
}

impl Counts {
    /// Tasks with work left.
    pub fn open(self) -> i64 {
        self.pending + self.active + self.blocked + self.review
    }

    /// All tasks, cancelled ones included.
    pub fn all(self) -> i64 {
        self.open() + self.completed + self.cancelled + self.failed
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        let tally = self.tally.plus(other.tally);
        Self {
            pending: self.pending + other.pending,
            active: self.active + other.active,
            blocked: self.blocked + other.blocked,
            review: self.review + other.review,
            completed: self.completed + other.completed,
            cancelled: self.cancelled + other.cancelled,
            failed: self.failed + other.failed,
            percent: tally.percent(),
            tally,
        }
    }
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionRow {
    pub session: Session,
    pub counts: Counts,
    pub groups: i64,
    /// When anything in the session changed last.
    pub last_activity: Timestamp,
    /// Characters of the shortest unique prefix of the id.
    #[serde(skip)]
    pub short: usize,
}

/// A group in the tree, with its progress. Counts are of its own tasks; `tree` adds nested groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupRow {
    pub group: TaskGroup,
    /// `Backend / API`.
    pub path: String,
    /// 0 for a group without a parent.
    pub depth: usize,
    pub counts: Counts,
    pub tree: Counts,
    #[serde(skip)]
    pub short: usize,
}

/// A task in a list or in the tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRow {
    pub id: TaskId,
    pub session_id: SessionId,
    pub group_id: Option<GroupId>,
    pub parent_id: Option<TaskId>,
    pub title: String,
    pub status: Status,
    pub priority: Priority,
    pub complexity: Complexity,
    pub role: Option<String>,
    pub assignee: Option<String>,
    pub holder: Option<Actor>,
    pub claim_until: Option<Timestamp>,
    pub position: f64,
    /// 0 to 100; for a task with children the mean of them.
    pub progress: u8,
    pub children: i64,
    /// Dependencies that are not completed.
    pub unmet: i64,
    pub estimate_minutes: Option<u32>,
    pub tags: Vec<String>,
    pub due: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub version: i64,
    /// Characters of the shortest unique prefix of the id.
    #[serde(skip)]
    pub short: usize,
}

impl TaskRow {
    /// Tells whether the task can be started now, its session being active.
    pub fn is_ready(&self) -> bool {
        self.status == Status::Pending && self.unmet == 0
    }
}

/// Another task, named.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskLink {
    pub id: TaskId,
    pub title: String,
    pub status: Status,
}

/// A task with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskView {
    pub task: Task,
    pub group_path: Option<String>,
    pub parent: Option<TaskLink>,
    /// The tasks it waits for.
    pub depends_on: Vec<TaskLink>,
    /// The tasks that wait for it.
    pub dependents: Vec<TaskLink>,
    /// The first of its children, by position.
    pub children: Vec<TaskLink>,
    pub children_total: i64,
    /// 0 to 100, computed.
    pub progress: u8,
    /// Tells whether the task can be started now.
    pub ready: bool,
    #[serde(skip)]
    pub short: usize,
}

/// An agent, and what it holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentRow {
    pub name: String,
    /// The client program's own name and version.
    pub client: String,
    pub version: String,
    /// `stdio` or `http`.
    pub transport: String,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Tells whether its connection is open (stdio) or it called within the last minutes (http).
    pub connected: bool,
    pub calls: i64,
    pub errors: i64,
    /// Calls within the last hour.
    pub calls_hour: i64,
    /// The name of the last tool it called.
    pub last_tool: Option<String>,
    /// The tasks it holds, with the end of each claim.
    pub holds: Vec<Held>,
}

/// A task somebody holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    pub id: TaskId,
    pub title: String,
    pub until: Timestamp,
    pub stale: bool,
    pub paths: Vec<String>,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Need {
    pub kind: NeedKind,
    #[serde(flatten)]
    pub about: NeedAbout,
    pub title: String,
    /// Who it is about: the holder, who changed it last, whose value clashed; for a document, why
    /// it is held.
    pub who: String,
    pub since: Timestamp,
}

/// What it is that waits: one field of this name in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedAbout {
    Task(TaskId),
    Conflict(ConflictId),
    /// By its path.
    Document(String),
}

impl NeedAbout {
    /// The task, where it is one.
    pub fn task(&self) -> Option<TaskId> {
        match self {
            Self::Task(id) => Some(*id),
            Self::Conflict(_) | Self::Document(_) => None,
        }
    }
}

impl fmt::Display for NeedAbout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(id) => id.fmt(formatter),
            Self::Conflict(id) => id.fmt(formatter),
            Self::Document(path) => formatter.write_str(path),
        }
    }
}

/// Why something waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// A task is in review.
    Review,
    /// A claim ran out.
    StaleClaim,
    /// A task is blocked.
    Blocked,
    /// A task failed.
    Failed,
    /// Two sides changed the same, and somebody has to decide.
    Conflict,
    /// A document is neither read nor written until a person has decided.
    HeldDocument,
}

/// A path of the project that claims name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HotSpot {
    /// The path or glob, as a claim names it.
    pub path: String,
    /// The tasks that work on it or overlap it: id, title, holder.
    pub tasks: Vec<(TaskId, String, String)>,
}

impl HotSpot {
    /// How many agents work there.
    pub fn holders(&self) -> usize {
        let mut holders: Vec<&str> =
            self.tasks.iter().map(|(_, _, holder)| holder.as_str()).collect();
        holders.sort_unstable();
        holders.dedup();
        holders.len()
    }
}

/// Something that waits for an agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum InboxItem {
    /// A person wrote to the agent.
    Message {
        from: String,
        text: String,
        at: Timestamp,
        /// By which it is marked as delivered.
        #[serde(skip)]
        number: i64,
    },
    /// A claim of the agent ends soon, or has run out.
    ClaimEnding { task: TaskId, title: String, until: Timestamp },
    /// Somebody else changed a task that the agent holds.
    TaskChanged { task: TaskId, title: String, by: String, what: String, at: Timestamp },
    /// Another mode is in force than the agent was told of last.
    ModeChanged {
        mode: String,
        roles: Vec<String>,
        by: String,
        reason: Option<String>,
        at: Timestamp,
    },
    /// Somebody else decided a conflict that the agent is part of.
    ConflictDecided {
        conflict: ConflictId,
        record: String,
        title: String,
        field: String,
        choice: Choice,
        by: String,
        remark: Option<String>,
        at: Timestamp,
    },
}
