//! Tasks: pages by key, one task with all that belongs to it, the next ones.

mod list;
mod view;

pub use list::{TaskOrder, TaskQuery, Within, explain, list};
pub use view::{row, view};

use rusqlite::Row;

use super::rows::TaskRow;
use super::short::{self, Ids};
use super::{groups, many};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::lookups::ReadyFilter;
use crate::domain::refusal::Refusal;
use crate::domain::task::{DEPTH_MAX, Priority};
use crate::store::rows::{json, moment, moment_option, parsed, parsed_option};
use crate::store::{Reader, ready, refuse};

/// The columns that [`read`] reads, in order.
pub(super) const COLUMNS: &str = "tasks.id, tasks.session_id, group_id, parent_id, tasks.title, status, priority, \
    complexity, role, assignee, claim_holder, claim_until, position, progress, children, unmet, estimate_minutes, \
    tasks.tags, due, created_at, updated_at, finished_at, version, number";

/// Reads a task row of [`COLUMNS`]; prefix length and computed progress are added later.
fn read(row: &Row<'_>) -> rusqlite::Result<(TaskRow, i64)> {
    let task = TaskRow {
        id: parsed(row, 0)?,
        session_id: parsed(row, 1)?,
        group_id: parsed_option(row, 2)?,
        parent_id: parsed_option(row, 3)?,
        title: row.get(4)?,
        status: parsed(row, 5)?,
        priority: Priority::from_rank(row.get(6)?),
        complexity: parsed(row, 7)?,
        role: row.get(8)?,
        assignee: row.get(9)?,
        holder: parsed_option(row, 10)?,
        claim_until: moment_option(row, 11)?,
        position: row.get(12)?,
        progress: row.get(13)?,
        children: row.get(14)?,
        unmet: row.get(15)?,
        estimate_minutes: row.get(16)?,
        tags: json(row, 17)?,
        due: row.get(18)?,
        created_at: moment(row, 19)?,
        updated_at: moment(row, 20)?,
        finished_at: moment_option(row, 21)?,
        version: row.get(22)?,
        short: 0,
    };
    Ok((task, row.get(23)?))
}

/// Adds what takes further looks: the shortest prefix, and progress from the tasks below.
fn finish(reader: &Reader, mut task: TaskRow) -> Result<TaskRow, Refusal> {
    task.short = short::length(reader, Ids::Tasks, &task.id.to_string())?;
    if 0 < task.children {
        task.progress = progress_below(reader, task.id, DEPTH_MAX)?.percent();
    } else if task.status == crate::domain::task::Status::Completed {
        task.progress = 100;
    }
    Ok(task)
}

/// Sums over the leaves below a task. Tasks with children are few, so they are walked.
fn progress_below(
    reader: &Reader,
    id: TaskId,
    levels: usize,
) -> Result<crate::domain::progress::Tally, Refusal> {
    let mut tally = groups::counts_of(reader, &id.to_string())?.tally;
    if levels == 0 {
        return Ok(tally);
    }
    let sql = "SELECT id FROM tasks WHERE parent_id = ? AND 0 < children AND status <> 'cancelled'";
    for child in many(reader, sql, [id.to_string()], |row| parsed::<TaskId>(row, 0))? {
        tally = tally.plus(progress_below(reader, child, levels - 1)?);
    }
    Ok(tally)
}

/// How many tasks directly below a task are in each status.
pub fn counts_below(reader: &Reader, id: TaskId) -> Result<super::rows::Counts, Refusal> {
    groups::counts_of(reader, &id.to_string())
}

/// Open tasks that wait for one that was cancelled or failed, and so in vain: `(task, for which)`.
pub fn waiting_in_vain(
    reader: &Reader,
    session: SessionId,
    limit: usize,
) -> Result<Vec<(TaskId, TaskId)>, Refusal> {
    let sql = "SELECT waiting.id, gone.id FROM tasks AS gone
        JOIN task_dependencies ON depends_on = gone.id
        JOIN tasks AS waiting ON waiting.id = task_id
        WHERE gone.session_id = ? AND gone.status = ?
            AND waiting.status IN ('pending', 'active', 'blocked', 'review')
        LIMIT ?";
    let mut found = Vec::new();
    for status in ["cancelled", "failed"] {
        let values = rusqlite::params![session.to_string(), status, super::bounded(limit)];
        found.extend(many(reader, sql, values, |row| Ok((parsed(row, 0)?, parsed(row, 1)?)))?);
    }
    found.truncate(limit);
    Ok(found)
}

/// The next ready, unheld tasks of a session in their one order.
pub fn next(
    reader: &Reader,
    session: SessionId,
    filter: &ReadyFilter,
    limit: usize,
) -> Result<Vec<TaskRow>, Refusal> {
    let found =
        ready::tasks(&reader.connection, session, filter, limit).map_err(|error| refuse(&error))?;
    found.into_iter().map(|task| row(reader, task.id)).collect()
}
