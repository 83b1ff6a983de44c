//! How many tasks there are, and the first of them.

use serde_json::{Value, json};

use super::words::status_word;
use crate::domain::count::counted;
use crate::domain::gate::Need;
use crate::domain::id::SessionId;
use crate::domain::lookups::ReadyFilter;
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;
use crate::mcp::answer::{Answer, Reply, without_nulls};
use crate::mcp::server::CallboardServer;
use crate::query::rows::TaskRow;
use crate::query::tasks::{TaskOrder, TaskQuery};
use crate::query::{self, sessions, tasks};
use crate::store::Reader;

/// Tasks that are named: open ones, and as many completed ones.
const TASKS_MAX: usize = 20;

impl CallboardServer {
    pub(super) fn status(&self, completed_too: bool) -> Reply {
        let answer = self.read(|reader| {
            let Some(session) = sessions::current(reader)? else { return Ok(nothing()) };
            let counts = sessions::counts(reader, session.id)?;
            let mut named = first_open(reader, session.id, TASKS_MAX)?;
            let mut all = counts.open();
            if completed_too {
                named.extend(newest(reader, session.id, Status::Completed, TASKS_MAX)?);
                all += counts.completed;
            }
            let rest = all - i64::try_from(named.len()).unwrap_or(i64::MAX);
            let some = |number: i64| (0 < number).then_some(number);
            Ok(json!({
                "session": session.name,
                "session_state": session.state,
                "active": counts.active + counts.blocked + counts.review,
                "blocked": some(counts.blocked),
                "needs_revision": some(counts.review),
                "pending": counts.pending,
                "completed": counts.completed,
                "tasks": named.iter().map(|task| row(reader, task)).collect::<Result<Vec<_>, _>>()?,
                "more": some(rest).map(|rest| {
                    format!(
                        "{}; orchestrator_task_query lists all, page by page",
                        counted(rest, "more task")
                    )
                }),
            }))
        })?;
        Ok(Answer::data(&answer).rest("orchestrator_task_query"))
    }
}

fn nothing() -> Value {
    json!({ "active": 0, "pending": 0, "completed": 0, "tasks": [] })
}

fn row(reader: &Reader, task: &TaskRow) -> Result<Value, Refusal> {
    let waits = task.status == Status::Review && waits_for_a_person(reader, task)?;
    Ok(without_nulls(json!({
        "task_id": task.id,
        "title": task.title,
        "status": if waits { Status::Review.as_str() } else { status_word(task.status) },
        "specialist_type": task.role,
        "held_by": task.holder.as_ref().map(|holder| holder.name().to_owned()),
        "created_at": task.created_at.to_string(),
    })))
}

/// Tells whether a task in review was handed in as done, so that nobody does it again. What was
/// handed in as to be revised has its summary for a reason.
fn waits_for_a_person(reader: &Reader, row: &TaskRow) -> Result<bool, Refusal> {
    let task = tasks::view(reader, row.id)?.task;
    let demands = query::modes::demands(reader, &task, Status::Completed)?;
    let approval = demands.iter().any(|(need, _)| *need == Need::Approval);
    Ok(approval && task.result_summary.is_some() && task.reason != task.result_summary)
}

/// The first open tasks: those worked on, those that wait for somebody, those that are ready, the
/// others. Each part is a walk along an index, however many tasks there are.
pub(super) fn first_open(
    reader: &Reader,
    session: SessionId,
    most: usize,
) -> Result<Vec<TaskRow>, Refusal> {
    let mut found: Vec<TaskRow> = Vec::new();
    for status in [Status::Active, Status::Review, Status::Blocked] {
        found.extend(newest(reader, session, status, most)?);
    }
    found.extend(tasks::next(reader, session, &ReadyFilter::default(), most)?);
    let query = TaskQuery {
        status: Status::ALL.iter().copied().filter(|status| status.is_open()).collect(),
        order: TaskOrder::Priority,
        limit: most,
        ..TaskQuery::new(session)
    };
    for task in tasks::list(reader, &query)?.items {
        if !found.iter().any(|known| known.id == task.id) {
            found.push(task);
        }
    }
    found.truncate(most);
    Ok(found)
}

fn newest(
    reader: &Reader,
    session: SessionId,
    status: Status,
    limit: usize,
) -> Result<Vec<TaskRow>, Refusal> {
    let query = TaskQuery { status: vec![status], limit, ..TaskQuery::new(session) };
    Ok(tasks::list(reader, &query)?.items)
}
