//! The dependency graph of a session, read in one piece for drawing.

use std::collections::{HashSet, VecDeque};

use rusqlite::params;

use super::many;
use crate::domain::id::{SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::store::Reader;
use crate::store::rows::parsed;

/// Most dependencies that are read at once.
pub const EDGES_MAX: usize = 2_000;
/// One more tells that there are more.
const READ_MAX: i64 = 2_001;

/// Dependencies: the first of a pair waits for the second.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edges {
    pub edges: Vec<(TaskId, TaskId)>,
    /// Whether there are others that were not read.
    pub more: bool,
}

impl Edges {
    fn cut(mut self) -> Self {
        self.more |= EDGES_MAX < self.edges.len();
        self.edges.truncate(EDGES_MAX);
        self
    }
}

/// The dependencies of a session; those of tasks that still wait come first.
pub fn edges(reader: &Reader, session: SessionId) -> Result<Edges, Refusal> {
    let waiting =
        "SELECT task_id, depends_on FROM tasks INDEXED BY tasks_waiting CROSS JOIN task_dependencies ON task_id = tasks.id
        WHERE tasks.session_id = ? AND unmet > 0 ORDER BY number LIMIT ?";
    let any = "SELECT task_id, depends_on FROM task_dependencies WHERE session_id = ? ORDER BY task_id LIMIT ?";
    let values = params![session.to_string(), READ_MAX];
    let mut edges: Vec<(TaskId, TaskId)> = many(reader, waiting, values, read)?;
    let known: HashSet<_> = edges.iter().copied().collect();
    let rest = many(reader, any, values, read)?;
    edges.extend(rest.into_iter().filter(|edge| !known.contains(edge)));
    Ok(Edges { edges, more: false }.cut())
}

/// The dependencies that a task is part of, directly or not: what it waits for, and what waits for
/// it, the nearest first.
pub fn around(reader: &Reader, task: TaskId) -> Result<Edges, Refusal> {
    let up = "SELECT task_id, depends_on FROM task_dependencies WHERE task_id = ? LIMIT ?";
    let down = "SELECT task_id, depends_on FROM task_dependencies WHERE depends_on = ? LIMIT ?";
    let mut found = Edges::default();
    let waits_for = |edge: (TaskId, TaskId)| edge.1;
    let needed_by = |edge: (TaskId, TaskId)| edge.0;
    walk(reader, task, up, waits_for, &mut found)?;
    walk(reader, task, down, needed_by, &mut found)?;
    Ok(found.cut())
}

fn walk(
    reader: &Reader,
    from: TaskId,
    sql: &str,
    far_end: impl Fn((TaskId, TaskId)) -> TaskId,
    found: &mut Edges,
) -> Result<(), Refusal> {
    let room = found.edges.len() + EDGES_MAX;
    let mut seen = HashSet::from([from]);
    let mut open = VecDeque::from([from]);
    while let Some(task) = open.pop_front() {
        if room < found.edges.len() {
            found.more = true;
            break;
        }
        let near = many(reader, sql, params![task.to_string(), READ_MAX], read)?;
        open.extend(near.iter().map(|edge| far_end(*edge)).filter(|id| seen.insert(*id)));
        found.edges.extend(near);
    }
    Ok(())
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<(TaskId, TaskId)> {
    Ok((parsed(row, 0)?, parsed(row, 1)?))
}
