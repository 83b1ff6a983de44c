//! Task groups: named, nestable parts of a session.

use serde::{Deserialize, Serialize};

use super::id::{GroupId, SessionId};
use super::time::Timestamp;

/// Deepest nesting of groups; a group without a parent has depth 1.
pub const GROUP_DEPTH_MAX: usize = 8;
/// Most groups in a session.
pub const GROUPS_MAX: usize = 2_000;

/// A named part of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskGroup {
    pub id: GroupId,
    pub session_id: SessionId,
    #[serde(default)]
    pub parent_id: Option<GroupId>,
    /// Unique among the groups with the same parent; holds no ` / `.
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// The role that tasks of this group get when they name none.
    #[serde(default)]
    pub role: Option<String>,
    /// Place among the groups with the same parent; smaller comes first.
    pub position: f64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts the changes of this record, from 1.
    pub version: i64,
}

/// The path of a group as people write it: `Backend / API`.
pub fn path_of(group: &TaskGroup, groups: &[TaskGroup]) -> String {
    let mut names = vec![group.name.as_str()];
    let mut above = group.parent_id;
    while let Some(parent) = above.and_then(|id| groups.iter().find(|other| other.id == id)) {
        names.push(&parent.name);
        above = parent.parent_id;
        if names.len() > GROUP_DEPTH_MAX {
            break;
        }
    }
    names.reverse();
    names.join(" / ")
}
