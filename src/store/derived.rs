//! What is derived from tasks and dependencies and kept beside them, so that no list needs a join:
//! children, unmet dependencies, the chain of work that waits, and tallies for progress.
//!
//! All of it moves in the transaction of the change that moves it. A test recomputes everything
//! from the rows and compares.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::id::TaskId;
use crate::domain::task::{Status, Task};

/// What a task without an estimate weighs in a chain, in minutes.
pub(super) const CHAIN_MINUTES: i64 = 60;
/// Most tasks that one change of a chain is followed through; beyond it the order may be off.
const CHAIN_STEPS_MAX: usize = 50_000;
/// The longest chain that is told apart, in minutes.
pub(super) const CHAIN_MAX: i64 = 100_000_000;

/// Brings everything derived up to date with one task's change.
pub(super) fn task_changed(
    connection: &Connection,
    before: Option<&Task>,
    after: Option<&Task>,
) -> rusqlite::Result<()> {
    let parents = (before.and_then(|task| task.parent_id), after.and_then(|task| task.parent_id));
    let children = match (before, after) {
        (Some(task), _) | (None, Some(task)) => children_of(connection, task.id)?,
        (None, None) => 0,
    };
    if before.map(share) != after.map(share) || parents.0 != parents.1 {
        if let Some(task) = before {
            tally(connection, task, children, -1)?;
        }
        if let Some(task) = after {
            tally(connection, task, children, 1)?;
        }
    }
    if parents.0 != parents.1 {
        if let Some(parent) = parents.0 {
            count_child(connection, parent, -1)?;
        }
        if let Some(parent) = parents.1 {
            count_child(connection, parent, 1)?;
        }
    }
    if let (Some(before), Some(after)) = (before, after) {
        let met = |task: &Task| task.status == Status::Completed;
        if met(before) != met(after) {
            count_unmet(connection, after.id, if met(after) { -1 } else { 1 })?;
        }
        let weighs = |task: &Task| (task.status.is_open(), task.estimate_minutes);
        if weighs(before) != weighs(after) {
            relink_chain(connection, prerequisites(connection, after.id)?)?;
        }
    }
    Ok(())
}

/// Brings everything derived up to date with a dependency that came.
pub(super) fn dependency_added(
    connection: &Connection,
    task: TaskId,
    on: TaskId,
) -> rusqlite::Result<()> {
    shift_unmet(connection, task, on, 1)?;
    relink_chain(connection, vec![on])
}

/// Brings everything derived up to date with a dependency that went.
pub(super) fn dependency_removed(
    connection: &Connection,
    task: TaskId,
    on: TaskId,
) -> rusqlite::Result<()> {
    shift_unmet(connection, task, on, -1)?;
    relink_chain(connection, vec![on])
}

fn shift_unmet(connection: &Connection, task: TaskId, on: TaskId, by: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE tasks SET unmet = unmet + ?3 WHERE id = ?1
             AND EXISTS (SELECT 1 FROM tasks AS other WHERE other.id = ?2 AND other.status <> 'completed')",
        )?
        .execute(params![task.to_string(), on.to_string(), by])?;
    Ok(())
}

fn count_unmet(connection: &Connection, on: TaskId, by: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE tasks SET unmet = unmet + ?2
             WHERE id IN (SELECT task_id FROM task_dependencies WHERE depends_on = ?1)",
        )?
        .execute(params![on.to_string(), by])?;
    Ok(())
}

fn prerequisites(connection: &Connection, task: TaskId) -> rusqlite::Result<Vec<TaskId>> {
    let mut statement =
        connection.prepare_cached("SELECT depends_on FROM task_dependencies WHERE task_id = ?")?;
    statement.query_map([task.to_string()], |row| super::rows::parsed(row, 0))?.collect()
}

/// Recomputes the chains of tasks from those that wait for them, and of all they wait for in turn.
fn relink_chain(connection: &Connection, mut stack: Vec<TaskId>) -> rusqlite::Result<()> {
    for _ in 0..CHAIN_STEPS_MAX {
        let Some(id) = stack.pop() else { break };
        let longest: i64 = connection
            .prepare_cached(
                "SELECT coalesce(max(waiting.chain + coalesce(waiting.estimate_minutes, ?2)), 0)
                 FROM task_dependencies AS edge JOIN tasks AS waiting ON waiting.id = edge.task_id
                 WHERE edge.depends_on = ?1 AND waiting.status IN ('pending', 'active', 'blocked', 'review')",
            )?
            .query_row(params![id.to_string(), CHAIN_MINUTES], |row| row.get(0))?;
        let changed = connection
            .prepare_cached("UPDATE tasks SET chain = ?2 WHERE id = ?1 AND chain <> ?2")?
            .execute(params![id.to_string(), longest.min(CHAIN_MAX)])?;
        if 0 < changed {
            stack.extend(prerequisites(connection, id)?);
        }
    }
    Ok(())
}

fn children_of(connection: &Connection, id: TaskId) -> rusqlite::Result<i64> {
    let children = connection
        .prepare_cached("SELECT children FROM tasks WHERE id = ?")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    Ok(children.unwrap_or(0))
}

/// A first child makes its parent no leaf, a last one that goes makes it a leaf again.
fn count_child(connection: &Connection, parent: TaskId, by: i64) -> rusqlite::Result<()> {
    let sql = format!("SELECT {} FROM tasks WHERE id = ?", super::rows::task::COLUMNS);
    let task = connection
        .prepare_cached(&sql)?
        .query_row([parent.to_string()], super::rows::task::read)
        .optional()?;
    let Some(task) = task else { return Ok(()) };
    let children = children_of(connection, parent)?;
    let flips = (children == 0) != (children + by == 0);
    if flips {
        tally(connection, &task, children, -1)?;
    }
    connection
        .prepare_cached("UPDATE tasks SET children = children + ?2 WHERE id = ?1")?
        .execute(params![parent.to_string(), by])?;
    if flips {
        tally(connection, &task, children + by, 1)?;
    }
    Ok(())
}

/// The name under which tasks without a group are tallied.
pub(crate) fn ungrouped(session: crate::domain::id::SessionId) -> String {
    format!("{session}/-")
}

/// What a task's share of its tallies is made of.
fn share(task: &Task) -> (Status, Option<u32>, u8, Option<crate::domain::id::GroupId>) {
    (task.status, task.estimate_minutes, task.own_progress(), task.group_id)
}

fn tally(connection: &Connection, task: &Task, children: i64, sign: i64) -> rusqlite::Result<()> {
    let leaf = i64::from(children == 0);
    let estimated = i64::from(task.estimate_minutes.is_some()) * leaf;
    let minutes = i64::from(task.estimate_minutes.unwrap_or(0)) * leaf;
    let progress = i64::from(task.own_progress());
    let points = (leaf - estimated) * progress;
    let group = task.group_id.map_or_else(|| ungrouped(task.session_id), |id| id.to_string());
    let owners =
        [Some(task.session_id.to_string()), Some(group), task.parent_id.map(|id| id.to_string())];
    let mut statement = connection.prepare_cached(
        "INSERT INTO task_tallies (owner, status, tasks, leaves, estimated, minutes, points, weighted_points)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (owner, status) DO UPDATE SET tasks = tasks + ?3, leaves = leaves + ?4,
            estimated = estimated + ?5, minutes = minutes + ?6, points = points + ?7,
            weighted_points = weighted_points + ?8",
    )?;
    for owner in owners.into_iter().flatten() {
        statement.execute(params![
            owner,
            task.status.as_str(),
            sign,
            sign * leaf,
            sign * estimated,
            sign * minutes,
            sign * points,
            sign * minutes * progress,
        ])?;
    }
    Ok(())
}
