//! The results of a plan, by specialist.

use std::collections::BTreeMap;

use serde_json::json;

use super::complete::work_call;
use super::find;
use crate::domain::command::{Command, SetStatus};
use crate::domain::count::counted;
use crate::domain::id::TaskId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{Status, Task};
use crate::domain::text::{visible, visible_line};
use crate::mcp::answer::{Answer, Reply, clip};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::rows::{TaskRow, TaskView};
use crate::query::tasks::{TaskOrder, TaskQuery, Within};
use crate::query::{sessions, tasks};
use crate::store::Reader;

/// Bytes of all results together; each gets its share, and never less than the least.
const RESULTS_BYTES: usize = 28 * 1024;
const RESULT_LEAST: usize = 120;
/// Subtasks read at once.
const PAGE: usize = 200;
/// Open subtasks that a refusal names.
const NAMED_MAX: usize = 20;

impl CallboardServer {
    pub(super) async fn synthesize(&self, caller: &Caller, text: &str) -> Reply {
        let (whole, below) = self.read(|reader| {
            let whole = tasks::view(reader, find::task(reader, text)?)?;
            let below = finished(reader, &whole)?;
            Ok((whole, below))
        })?;
        let state = self.read(|reader| sessions::get(reader, whole.task.session_id))?.state;
        let mut notes = Vec::new();
        if whole.task.status.is_open() && state.allows_work() {
            match self.submit(caller, complete(whole.task.id, below.len())).await {
                Ok(outcome) => notes.extend(outcome.notes),
                // The results are there all the same; the task that holds them stays open.
                Err(refusal) if refusal.code == Code::GateClosed => {
                    notes.push(refusal.message);
                    notes.extend(refusal.suggested_action);
                }
                Err(refusal) => return Err(refusal),
            }
        }
        let report = self.read(|reader| report(reader, &whole, &below))?;
        let call = json!({ "parent": whole.task.id, "limit": PAGE });
        Ok(Answer::text(report).noting(notes).rest(format!("orchestrator_task_query {call}")))
    }
}

fn complete(id: TaskId, subtasks: usize) -> Command {
    Command::SetStatus(SetStatus {
        summary: Some(format!("the results of {} were put together", counted(subtasks, "subtask"))),
        ..SetStatus::plain(id, Status::Completed)
    })
}

/// The subtasks of a plan, none of which may be open.
fn finished(reader: &Reader, whole: &TaskView) -> Result<Vec<TaskRow>, Refusal> {
    let (id, title) = (whole.task.id, &whole.task.title);
    if whole.children_total == 0 {
        let message =
            format!("task {id} ({title}) has no subtasks whose results could be put together");
        let refusal = Refusal::new(Code::NothingToDo, message);
        return Err(match &whole.parent {
            Some(parent) => {
                refusal.suggest(format!("it is part of {} ({})", parent.id, parent.title))
            }
            None => refusal.suggest("name the parent_task_id that orchestrator_plan_task returned"),
        });
    }
    let below = subtasks(reader, whole)?;
    let open: Vec<&TaskRow> = below.iter().filter(|row| row.status.is_open()).collect();
    if open.is_empty() {
        return Ok(below);
    }
    let named: Vec<_> = open
        .iter()
        .take(NAMED_MAX)
        .map(|row| json!({ "task_id": row.id, "title": row.title, "status": row.status }))
        .collect();
    let verb = if open.len() == 1 { "is" } else { "are" };
    let message = format!(
        "{} of {} subtasks {verb} still open in task {id} ({title})",
        open.len(),
        below.len()
    );
    Err(Refusal::new(Code::OpenTasks, message)
        .with("open", open.len())
        .with("tasks", named)
        .suggest("complete them first with orchestrator_complete_subtask"))
}

fn subtasks(reader: &Reader, whole: &TaskView) -> Result<Vec<TaskRow>, Refusal> {
    let mut query = TaskQuery {
        within: Within::Parent(whole.task.id),
        order: TaskOrder::Position,
        limit: PAGE,
        ..TaskQuery::new(whole.task.session_id)
    };
    let mut rows = Vec::new();
    loop {
        let page = tasks::list(reader, &query)?;
        rows.extend(page.items);
        query.cursor = page.cursor;
        if query.cursor.is_none() {
            return Ok(rows);
        }
    }
}

fn report(reader: &Reader, whole: &TaskView, below: &[TaskRow]) -> Result<String, Refusal> {
    let share = (RESULTS_BYTES / below.len().max(1)).max(RESULT_LEAST);
    let mut roles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in below {
        let role = row.role.as_deref().unwrap_or("no specialist");
        let result = result(reader, &tasks::view(reader, row.id)?.task, share)?;
        roles.entry(role).or_default().push(result);
    }
    let completed = below.iter().filter(|row| row.status == Status::Completed).count();
    let title = visible_line(&whole.task.title);
    let mut report = format!(
        "# Results: {title} ({})\n\n{completed} of {} subtasks completed.",
        whole.task.id,
        below.len()
    );
    for (role, results) in roles {
        let part = format!("\n\n## {}\n\n{}", visible_line(role), results.join("\n\n"));
        report.push_str(&part);
    }
    Ok(report)
}

fn result(reader: &Reader, task: &Task, bytes: usize) -> Result<String, Refusal> {
    let title = visible_line(&task.title);
    let ended =
        if task.status == Status::Completed { String::new() } else { format!(", {}", task.status) };
    let words = task.result_summary.as_deref().or(task.reason.as_deref());
    let words = clip(&visible(words.unwrap_or("no summary was left")), bytes);
    let mut text = format!("### {title} ({}{ended})\n\n{words}", task.id);
    if let Some(call) = work_call(reader, task.session_id, task.id)? {
        text.push_str("\n\nIn full: ");
        text.push_str(&call);
    }
    Ok(text)
}
