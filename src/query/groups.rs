//! Task groups as a tree, with their progress from the tallies.

use std::collections::HashMap;

use rusqlite::Row;

use super::rows::{Counts, GroupRow};
use super::short::{self, Ids};
use super::{many, one};
use crate::domain::group::{TaskGroup, path_of};
use crate::domain::id::{GroupId, SessionId};
use crate::domain::progress::Tally;
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;
use crate::store::rows::{group, parsed};
use crate::store::{Reader, derived};

const TALLY_COLUMNS: &str = "status, tasks, leaves, estimated, minutes, points, weighted_points";

/// All groups of a session, each before the groups inside it, by position.
pub fn tree(reader: &Reader, session: SessionId) -> Result<Vec<GroupRow>, Refusal> {
    let groups = all(reader, session)?;
    let mut below: HashMap<Option<GroupId>, Vec<&TaskGroup>> = HashMap::new();
    for group in &groups {
        below.entry(group.parent_id).or_default().push(group);
    }
    let mut rows = Vec::with_capacity(groups.len());
    let mut stack: Vec<(&TaskGroup, usize)> =
        below.get(&None).into_iter().flatten().rev().map(|group| (*group, 0)).collect();
    while let Some((group, depth)) = stack.pop() {
        let counts = counts_of(reader, &group.id.to_string())?;
        let short = short::length(reader, Ids::Groups, &group.id.to_string())?;
        rows.push(GroupRow {
            group: group.clone(),
            path: path_of(group, &groups),
            depth,
            counts,
            tree: counts,
            short,
        });
        stack.extend(
            below.get(&Some(group.id)).into_iter().flatten().rev().map(|inner| (*inner, depth + 1)),
        );
    }
    add_inner(&mut rows);
    Ok(rows)
}

/// All groups of a session, by position.
pub fn all(reader: &Reader, session: SessionId) -> Result<Vec<TaskGroup>, Refusal> {
    let sql = format!(
        "SELECT {} FROM task_groups WHERE session_id = ? ORDER BY position, id",
        group::COLUMNS
    );
    many(reader, &sql, [session.to_string()], group::read)
}

/// One group.
pub fn get(reader: &Reader, id: GroupId) -> Result<Option<TaskGroup>, Refusal> {
    let sql = format!("SELECT {} FROM task_groups WHERE id = ?", group::COLUMNS);
    one(reader, &sql, [id.to_string()], group::read)
}

/// Adds to each group's `tree` the counts of the groups inside it, the innermost first.
fn add_inner(rows: &mut [GroupRow]) {
    for index in (0..rows.len()).rev() {
        let Some((inner, parent)) = rows.get(index).map(|row| (row.tree, row.group.parent_id))
        else {
            continue;
        };
        if let Some(outer) = rows.iter_mut().find(|row| Some(row.group.id) == parent) {
            outer.tree = outer.tree.plus(inner);
        }
    }
}

/// The counts of a session's tasks that are in no group.
pub fn ungrouped(reader: &Reader, session: SessionId) -> Result<Counts, Refusal> {
    counts_of(reader, &derived::ungrouped(session))
}

/// The counts of an owner of tallies: a session, a group, a parent task.
pub(super) fn counts_of(reader: &Reader, owner: &str) -> Result<Counts, Refusal> {
    let sql = format!("SELECT {TALLY_COLUMNS} FROM task_tallies WHERE owner = ? AND tasks <> 0");
    let rows = many(reader, &sql, [owner], read_tally)?;
    let mut counts = Counts::default();
    for (status, tasks, tally) in rows {
        let slot = match status {
            Status::Pending => &mut counts.pending,
            Status::Active => &mut counts.active,
            Status::Blocked => &mut counts.blocked,
            Status::Review => &mut counts.review,
            Status::Completed => &mut counts.completed,
            Status::Cancelled => &mut counts.cancelled,
            Status::Failed => &mut counts.failed,
        };
        *slot = tasks;
        if status != Status::Cancelled {
            counts.tally = counts.tally.plus(tally);
        }
    }
    counts.percent = counts.tally.percent();
    Ok(counts)
}

fn read_tally(row: &Row<'_>) -> rusqlite::Result<(Status, i64, Tally)> {
    let status: Status = parsed(row, 0)?;
    let leaves = row.get(2)?;
    let completed = if status == Status::Completed { leaves } else { 0 };
    let tally = Tally {
        tasks: leaves,
        completed,
        estimated: row.get(3)?,
        minutes: row.get(4)?,
        points: row.get(5)?,
        weighted_points: row.get(6)?,
    };
    Ok((status, row.get(1)?, tally))
}
