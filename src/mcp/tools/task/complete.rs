//! Finishing a task, and what that opens.

use serde_json::{Value, json};

use super::{Complete, task_of, wire, wrote};
use crate::domain::command::{Command, Guard, SetStatus};
use crate::domain::lookups::ReadyFilter;
use crate::domain::outcome::Answer as Made;
use crate::domain::refusal::Refusal;
use crate::domain::task::{Status, Task};
use crate::mcp::answer::{Reply, unexpected};
use crate::mcp::mode;
use crate::mcp::params::{Minutes, given, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::rows::TaskView;
use crate::query::{sessions, tasks};
use crate::store::Reader;

/// Tasks named that are ready because of this one.
const OPENED_MAX: usize = 10;

impl CallboardServer {
    pub(super) async fn complete_task(&self, caller: &Caller, input: Complete) -> Reply {
        let text = |text: &Option<String>| given(text.as_deref()).map(str::to_owned);
        let command = Command::SetStatus(SetStatus {
            id: self.read(|reader| task_of(reader, &input.task_id))?,
            to: read_some(input.status.as_ref())?.unwrap_or(Status::Completed),
            summary: text(&input.summary),
            reason: text(&input.reason),
            actual_minutes: input.actual_minutes.map(|Minutes(minutes)| minutes),
            force: input.force.unwrap_or(false),
            dependents: read_some(input.dependents.as_ref())?.unwrap_or_default(),
            guard: Guard { if_version: input.if_version, claim: input.claim, ..Guard::default() },
        });
        let outcome = self.submit(caller, command).await?;
        let Made::Task(task) = &outcome.answer else { return Err(unexpected()) };
        let answer = self.after(task)?;
        Ok(wrote(&answer, outcome))
    }

    /// A finished task, and how things stand after it.
    fn after(&self, task: &Task) -> Result<Value, Refusal> {
        let now = self.peer.clock.now();
        self.read(|reader| {
            let view = tasks::view(reader, task.id)?;
            let opened = opened(reader, task, &view)?;
            let parent = view.parent.as_ref().map(|parent| tasks::row(reader, parent.id)).transpose()?;
            let parent = parent.map(|row| {
                json!({ "task_id": row.id, "title": row.title, "progress": row.progress, "status": row.status })
            });
            let session = sessions::row(reader, task.session_id)?;
            let next = tasks::next(reader, task.session_id, &ReadyFilter::default(), 1)?;
            let waits = task.status == Status::Review;
            let demands = if waits { mode::to_complete(reader, task)? } else { None };
            Ok(json!({
                "task": wire::written(task, now),
                "to_complete": demands,
                "parent": parent,
                "session_progress": session.counts.percent,
                "open_tasks": session.counts.open(),
                "ready_now": (!opened.is_empty()).then_some(opened),
                "next_ready": next.first().map(wire::line),
            }))
        })
    }
}

/// The tasks that are ready now because a task is completed.
fn opened(reader: &Reader, task: &Task, view: &TaskView) -> Result<Vec<Value>, Refusal> {
    let mut opened = Vec::new();
    for link in view.dependents.iter().take(OPENED_MAX) {
        let row = tasks::row(reader, link.id)?;
        if task.status == Status::Completed && row.is_ready() {
            opened.push(wire::line(&row));
        }
    }
    Ok(opened)
}
