//! The dependency graph of a session, read in one piece for drawing.

use serde::Serialize;

use super::{many, one};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::store::Reader;
use crate::store::rows::parsed;

/// Most dependencies that are read at once.
pub const EDGES_MAX: i64 = 2_000;

/// The dependencies of a session: `task` waits for `depends_on`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edges {
    pub edges: Vec<(TaskId, TaskId)>,
    pub total: i64,
}

/// The dependencies of a session, by task.
pub fn edges(reader: &Reader, session: SessionId) -> Result<Edges, Refusal> {
    let sql = "SELECT task_id, depends_on FROM task_dependencies WHERE session_id = ?1 ORDER BY task_id LIMIT ?2";
    let edges = many(reader, sql, rusqlite::params![session.to_string(), EDGES_MAX], |row| {
        Ok((parsed(row, 0)?, parsed(row, 1)?))
    })?;
    let count = "SELECT count(*) FROM task_dependencies WHERE session_id = ?";
    let total = one(reader, count, [session.to_string()], |row| row.get(0))?.unwrap_or(0);
    Ok(Edges { edges, total })
}
