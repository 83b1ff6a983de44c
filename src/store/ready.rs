//! The next task: ready tasks in their one order, by partial indexes that hold nothing else.

use std::cmp::Reverse;

use rusqlite::{Connection, params};

use super::rows::task;
use crate::domain::id::SessionId;
use crate::domain::lookups::ReadyFilter;
use crate::domain::task::Task;

/// The condition of a task that can be claimed, for partial indexes.
pub(crate) const READY: &str = "status = 'pending' AND unmet = 0 AND claim_holder IS NULL";
/// The order of ready tasks.
pub(crate) const READY_ORDER: &str = "priority, chain DESC, created_at, number";

/// Returns the next ready, unheld tasks.
pub(crate) fn tasks(
    connection: &Connection,
    session: SessionId,
    filter: &ReadyFilter,
    limit: usize,
) -> rusqlite::Result<Vec<Task>> {
    let session = session.to_string();
    let group = filter.group.map(|id| id.to_string());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let columns = task::COLUMNS;
    match (&filter.role, group) {
        (None, None) => {
            let sql = format!(
                "SELECT {columns} FROM tasks WHERE session_id = ? AND {READY} ORDER BY {READY_ORDER} LIMIT ?"
            );
            connection
                .prepare_cached(&sql)?
                .query_map(params![session, limit], task::read)?
                .collect()
        }
        (None, Some(group)) => {
            let sql = format!(
                "SELECT {columns} FROM tasks WHERE group_id = ? AND {READY} ORDER BY {READY_ORDER} LIMIT ?"
            );
            connection.prepare_cached(&sql)?.query_map(params![group, limit], task::read)?.collect()
        }
        (Some(role), group) => {
            // Two ordered walks, one for the role and one for tasks of no role, merged.
            let sql = format!(
                "SELECT {columns}, chain, number FROM tasks
                 WHERE session_id = ? AND role IS ? AND {READY} AND (?3 IS NULL OR group_id = ?3)
                 ORDER BY {READY_ORDER} LIMIT ?"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut found: Vec<(Task, i64, i64)> = Vec::new();
            for role in [Some(role), None] {
                let rows = statement.query_map(params![session, role, group, limit], |row| {
                    Ok((task::read(row)?, row.get("chain")?, row.get("number")?))
                })?;
                found.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            found.sort_by_key(|(task, chain, number)| {
                (task.priority.rank(), Reverse(*chain), task.created_at, *number)
            });
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(found.into_iter().map(|(task, ..)| task).collect())
        }
    }
}
