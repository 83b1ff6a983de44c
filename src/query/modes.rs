//! Modes as they are in force, what was bound before, and tasks that a mode has no role for.

use rusqlite::params;

use super::{bounded, many, one};
use crate::domain::gate::{Need, needs};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::mode::{Bound, Mode};
use crate::domain::refusal::Refusal;
use crate::domain::session::{ARTIFACT_KEY, Session};
use crate::domain::task::{Status, Task};
use crate::store::rows::{artifact, mode};
use crate::store::{Reader, refuse};

/// Tasks that are named for a role which the mode does not have.
const NAMED_MAX: i64 = 5;
/// Tasks that are counted for a role; more are told as so many.
const COUNTED_MAX: i64 = 1_000;

/// A role that tasks have and their mode has not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StrayRole {
    pub role: String,
    /// Its open tasks, up to a thousand.
    pub tasks: i64,
    /// The first of them.
    pub first: Vec<TaskId>,
}

/// The content of the mode that a session is bound to; none when it was never bound.
pub fn in_force(reader: &Reader, session: &Session) -> Result<Option<Mode>, Refusal> {
    let Some(binding) = &session.binding else { return Ok(None) };
    mode::content(&reader.connection, &binding.hash).map_err(|error| refuse(&error))
}

/// What a session was bound to, the newest first.
pub fn history(reader: &Reader, session: SessionId, limit: usize) -> Result<Vec<Bound>, Refusal> {
    let sql = format!(
        "SELECT {} FROM mode_bindings WHERE session_id = ? ORDER BY number DESC LIMIT ?",
        mode::BOUND_COLUMNS
    );
    many(reader, &sql, params![session.to_string(), bounded(limit)], mode::read_bound)
}

/// The live session and the number of its newest binding, by which one tells that there was another.
pub fn latest(reader: &Reader) -> Result<Option<(String, i64)>, Refusal> {
    let sql =
        "SELECT id, coalesce((SELECT max(number) FROM mode_bindings WHERE session_id = id), 0)
               FROM orchestration_sessions WHERE state IN ('active', 'resuming', 'completing')";
    one(reader, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The roles of a session's open tasks that a mode does not have.
pub fn stray_roles(
    reader: &Reader,
    session: SessionId,
    mode: &Mode,
) -> Result<Vec<StrayRole>, Refusal> {
    let mut strays = Vec::new();
    for role in roles(reader, session)? {
        if mode.role(&role).is_some() {
            continue;
        }
        let open = "FROM tasks WHERE session_id = ?1 AND role = ?2
                    AND status IN ('pending', 'active', 'blocked', 'review')";
        let values = |limit: i64| (session.to_string(), role.clone(), limit);
        let first = many(
            reader,
            &format!("SELECT id {open} ORDER BY number LIMIT ?3"),
            values(NAMED_MAX),
            |row| crate::store::rows::parsed(row, 0),
        )?;
        let count = format!("SELECT count(*) FROM (SELECT 1 {open} LIMIT ?3)");
        let tasks = many(reader, &count, values(COUNTED_MAX), |row| row.get(0))?;
        let tasks = tasks.first().copied().unwrap_or(0);
        if 0 < tasks {
            strays.push(StrayRole { role, tasks, first });
        }
    }
    Ok(strays)
}

/// Every role that occurs in a session, found by jumping from one to the next in the index.
fn roles(reader: &Reader, session: SessionId) -> Result<Vec<String>, Refusal> {
    let sql = "WITH RECURSIVE found (role) AS (
                   SELECT min(role) FROM tasks WHERE session_id = ?1 AND role IS NOT NULL
                   UNION ALL
                   SELECT (SELECT min(role) FROM tasks WHERE session_id = ?1 AND role IS NOT NULL AND found.role < role)
                   FROM found WHERE found.role IS NOT NULL)
               SELECT role FROM found WHERE role IS NOT NULL";
    many(reader, sql, [session.to_string()], |row| row.get(0))
}

/// What the mode demands of a task that enters a status, and whether each of it is there.
pub fn demands(reader: &Reader, task: &Task, to: Status) -> Result<Vec<(Need, bool)>, Refusal> {
    let session = super::sessions::get(reader, task.session_id)?;
    let Some(mode) = in_force(reader, &session)? else { return Ok(Vec::new()) };
    let demanded = needs(&mode.gates, task, to);
    if demanded.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = artifact_kinds(reader, task)?;
    Ok(demanded.into_iter().map(|need| (need.clone(), need.is_met(task, &kinds))).collect())
}

fn artifact_kinds(reader: &Reader, task: &Task) -> Result<Vec<String>, Refusal> {
    let key = format!("{ARTIFACT_KEY}{}", task.id);
    let values = params![task.id.to_string(), task.session_id.to_string(), key];
    many(reader, artifact::KINDS, values, |row| row.get(0))
}
