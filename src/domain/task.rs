//! Tasks: their words, their moves, their fields.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::claim::Claim;
use super::id::{GroupId, SessionId, TaskId};
use super::time::Timestamp;

words! {
    /// The status of a task.
    Status("status") {
        Pending = "pending" | "todo" | "open",
        Active = "active" | "in_progress" | "started",
        Blocked = "blocked",
        Review = "review" | "in_review",
        Completed = "completed" | "done" | "complete",
        Cancelled = "cancelled" | "canceled",
        Failed = "failed",
    }
}

words! {
    /// How soon a task matters, the most urgent first.
    Priority("priority") {
        Critical = "critical" | "urgent" | "1",
        High = "high" | "2",
        Normal = "normal" | "medium" | "3",
        Low = "low" | "4",
        Someday = "someday" | "5",
    }
}

words! {
    /// How hard a task is.
    Complexity("complexity") {
        Trivial = "trivial",
        Simple = "simple",
        Moderate = "moderate",
        Complex = "complex",
        VeryComplex = "very_complex",
    }
}

impl Priority {
    /// 0 for the most urgent to 4; lists order by it.
    pub fn rank(self) -> i64 {
        self as i64
    }

    /// The priority of a rank, the last for anything beyond.
    pub fn from_rank(rank: i64) -> Self {
        Self::ALL.iter().copied().find(|priority| priority.rank() == rank).unwrap_or(Self::Someday)
    }
}

impl Complexity {
    /// The next step up, the last staying as it is.
    pub fn harder(self) -> Self {
        match self {
            Self::Trivial => Self::Simple,
            Self::Simple => Self::Moderate,
            Self::Moderate => Self::Complex,
            Self::Complex | Self::VeryComplex => Self::VeryComplex,
        }
    }
}

impl Status {
    /// Tells whether there is work left.
    pub fn is_open(self) -> bool {
        match self {
            Self::Pending | Self::Active | Self::Blocked | Self::Review => true,
            Self::Completed | Self::Cancelled | Self::Failed => false,
        }
    }

    /// The statuses that one move leads to.
    pub fn next(self) -> &'static [Self] {
        use Status::{Active, Blocked, Cancelled, Completed, Failed, Pending, Review};
        match self {
            Pending => &[Active, Blocked, Review, Completed, Cancelled],
            Active => &[Blocked, Review, Completed, Cancelled, Failed],
            Blocked => &[Pending, Active, Review, Completed, Cancelled],
            Review => &[Pending, Active, Blocked, Completed, Cancelled, Failed],
            Completed | Failed | Cancelled => &[Pending],
        }
    }

    /// Tells whether one move leads to the other status.
    pub fn may_become(self, to: Self) -> bool {
        self.next().contains(&to)
    }
}

/// Deepest nesting of tasks; a task without a parent has depth 1.
pub const DEPTH_MAX: usize = 8;
/// Most tags on a task.
pub const TAGS_MAX: usize = 32;
/// Largest estimate or actual time: ten working years.
pub const MINUTES_MAX: u32 = 1_200_000;

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub session_id: SessionId,
    #[serde(default)]
    pub group_id: Option<GroupId>,
    #[serde(default)]
    pub parent_id: Option<TaskId>,
    pub title: String,
    /// Markdown.
    #[serde(default)]
    pub description: String,
    pub status: Status,
    pub priority: Priority,
    pub complexity: Complexity,
    #[serde(default)]
    pub role: Option<String>,
    /// Place among the tasks of the same group and parent; smaller comes first.
    pub position: f64,
    #[serde(default)]
    pub estimate_minutes: Option<u32>,
    #[serde(default)]
    pub actual_minutes: Option<u32>,
    /// Sorted, without repeats.
    #[serde(default)]
    pub tags: Vec<String>,
    /// A day, `2026-11-30`.
    #[serde(default)]
    pub due: Option<String>,
    /// 0 to 100; computed from the children where there are any.
    pub progress: u8,
    #[serde(default)]
    pub assignee: Option<String>,
    #[serde(default)]
    pub claim: Option<Claim>,
    /// The number of the last claim ever made on this task; only grows.
    #[serde(default)]
    pub claim_number: i64,
    /// What came of it, in the words of who finished it.
    #[serde(default)]
    pub result_summary: Option<String>,
    /// Why the task is in its status.
    #[serde(default)]
    pub reason: Option<String>,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Counts the changes of this record, from 1.
    pub version: i64,
}

impl Task {
    /// A task as it is right after it was made, as far as moves and edges look at it.
    pub(crate) fn bare(id: TaskId) -> Self {
        Self {
            id,
            session_id: SessionId::from_random(0),
            group_id: None,
            parent_id: None,
            title: String::new(),
            description: String::new(),
            status: Status::Pending,
            priority: Priority::Normal,
            complexity: Complexity::Moderate,
            role: None,
            position: 0.0,
            estimate_minutes: None,
            actual_minutes: None,
            tags: Vec::new(),
            due: None,
            progress: 0,
            assignee: None,
            claim: None,
            claim_number: 0,
            result_summary: None,
            reason: None,
            created_by: Actor::System,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            started_at: None,
            finished_at: None,
            version: 1,
        }
    }

    /// What the task adds to its parent's and group's progress: 0 to 100.
    pub fn own_progress(&self) -> u8 {
        if self.status == Status::Completed { 100 } else { self.progress.min(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_move_as_the_specification_says() {
        let table: Vec<String> = Status::ALL
            .iter()
            .map(|from| {
                let next: Vec<&str> = from.next().iter().map(|to| to.as_str()).collect();
                format!("{from}: {}", next.join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "pending: active blocked review completed cancelled",
                "active: blocked review completed cancelled failed",
                "blocked: pending active review completed cancelled",
                "review: pending active blocked completed cancelled failed",
                "completed: pending",
                "cancelled: pending",
                "failed: pending",
            ]
        );
    }

    #[test]
    fn words_from_other_tools_are_understood() {
        assert_eq!("In Progress".parse::<Status>().unwrap(), Status::Active);
        assert_eq!("URGENT".parse::<Priority>().unwrap(), Priority::Critical);
        let refusal = "urgnt".parse::<Priority>().unwrap_err();
        assert_eq!(
            refusal.message,
            "priority cannot be \"urgnt\"; it is one of critical, high, normal, low, someday"
        );
    }
}
