//! How far a plan is, and which subtask comes next.

use serde_json::{Value, json};

use crate::domain::id::SessionId;
use crate::domain::lookups::ReadyFilter;
use crate::domain::refusal::Refusal;
use crate::mcp::answer::without_nulls;
use crate::query::rows::{TaskRow, TaskView};
use crate::query::tasks;
use crate::store::Reader;

/// Ready tasks that are looked at for the next subtask: some are plans themselves.
const READY_MAX: usize = 50;

/// How far the plan of a task is; null for a task without one.
pub(super) fn plan(reader: &Reader, task: &TaskView) -> Result<Value, Refusal> {
    let Some(parent) = &task.parent else { return Ok(Value::Null) };
    let counts = tasks::counts_below(reader, parent.id)?;
    let total = counts.all() - counts.cancelled;
    let finished = total == counts.completed;
    Ok(json!({
        "progress": if finished { "completed" } else { "in_progress" },
        "parent_task_id": parent.id,
        "completed_subtasks": counts.completed,
        "total_subtasks": total,
        "progress_percentage": if total == 0 { 0 } else { counts.completed * 100 / total },
    }))
}

/// The subtask to take next: one that waited for this task, else the next ready one; or null.
pub(super) fn next(reader: &Reader, task: &TaskView, session: SessionId) -> Result<Value, Refusal> {
    let mut rows = Vec::new();
    for waiting in &task.dependents {
        rows.push(tasks::row(reader, waiting.id)?);
    }
    let free = |row: &TaskRow| row.is_ready() && row.holder.is_none() && row.children == 0;
    if let Some(row) = rows.iter().find(|row| free(row)) {
        return Ok(recommended(row));
    }
    let ready = tasks::next(reader, session, &ReadyFilter::default(), READY_MAX)?;
    Ok(ready.iter().find(|row| free(row)).map_or(Value::Null, recommended))
}

fn recommended(row: &TaskRow) -> Value {
    without_nulls(json!({
        "task_id": row.id,
        "title": row.title,
        "specialist_type": row.role,
    }))
}
