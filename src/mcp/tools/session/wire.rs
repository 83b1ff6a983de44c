//! Sessions as an agent reads them.

use serde_json::{Value, json};

use crate::domain::session::{ContextEntry, SessionMove, Transition};
use crate::mcp::answer::clip;
use crate::query::rows::{Counts, SessionRow, TaskRow};

/// Bytes of a goal, and of a context value, in a brief answer.
const BRIEF_BYTES: usize = 600;

/// A session in a few words.
pub(in crate::mcp) fn session_brief(row: &SessionRow) -> Value {
    let session = &row.session;
    json!({
        "session_id": session.id,
        "name": session.name,
        "state": session.state,
        "goal": (!session.goal.is_empty()).then(|| clip(&session.goal, BRIEF_BYTES)),
        "progress": row.counts.percent,
        "tasks": counts(row.counts),
        "last_activity": row.last_activity.to_string(),
    })
}

/// A session with everything there is to know of it in a list.
pub(super) fn session_full(row: &SessionRow) -> Value {
    let session = &row.session;
    json!({
        "session_id": session.id,
        "name": session.name,
        "state": session.state,
        "goal": (!session.goal.is_empty()).then_some(&session.goal),
        "mode": session.mode,
        "reason": session.reason,
        "progress": row.counts.percent,
        "tasks": counts(row.counts),
        "groups": row.groups,
        "open_moves": SessionMove::open_from(session.state),
        "created_at": session.created_at.to_string(),
        "state_since": session.state_since.to_string(),
        "last_activity": row.last_activity.to_string(),
        "version": session.version,
    })
}

/// How many tasks there are, and in which statuses; a status without tasks is left out.
pub(in crate::mcp) fn counts(counts: Counts) -> Value {
    let some = |number: i64| (0 < number).then_some(number);
    json!({
        "total": counts.all(),
        "pending": some(counts.pending),
        "active": some(counts.active),
        "blocked": some(counts.blocked),
        "review": some(counts.review),
        "completed": some(counts.completed),
        "cancelled": some(counts.cancelled),
        "failed": some(counts.failed),
    })
}

/// A task that could be taken.
pub(super) fn task_line(row: &TaskRow) -> Value {
    json!({
        "task_id": row.id,
        "title": row.title,
        "priority": row.priority,
        "role": row.role,
    })
}

/// A piece of context, its value cut where it is long.
pub(super) fn context_brief(entry: &ContextEntry) -> (String, Value) {
    let text = match &entry.value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let value = if text.len() <= BRIEF_BYTES {
        entry.value.clone()
    } else {
        Value::String(clip(&text, BRIEF_BYTES))
    };
    (entry.key.clone(), value)
}

/// One move of a session.
pub(super) fn transition(row: &Transition) -> Value {
    json!({
        "at": row.at.to_string(),
        "from": row.from,
        "to": row.to,
        "actor": row.actor,
        "reason": row.reason,
    })
}
