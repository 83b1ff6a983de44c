//! One task with all that belongs to it, or one long text of it in pieces.

use serde_json::{Value, json};

use super::{Get, LongText, task_of, wire};
use crate::domain::actor::Actor;
use crate::domain::task::Task;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::mode::{self, RoleText};
use crate::mcp::params::Detail;
use crate::mcp::pieces;
use crate::mcp::server::CallboardServer;
use crate::mcp::tools::artifact;
use crate::query::{changes, tasks};

/// Changes told of a task in full.
const HISTORY_MAX: usize = 20;

impl CallboardServer {
    pub(super) fn get_task(&self, actor: &Actor, input: &Get) -> Reply {
        let view = self.read(|reader| tasks::view(reader, task_of(reader, &input.task_id)?))?;
        self.renew(actor, view.task.id, view.task.claim.as_ref());
        if input.text.is_some() || input.offset.is_some() {
            let text = input.text.unwrap_or(LongText::Description);
            return piece(&view.task, text, input.offset.unwrap_or(0));
        }
        let detail = input.detail.unwrap_or_default();
        let now = self.peer.clock.now();
        let mut answer = self.read(|reader| {
            let mut answer = wire::full(reader, &view, (detail, now))?;
            wire::add(&mut answer, "to_complete", mode::to_complete(reader, &view.task)?);
            let made = artifact::of_task(reader, &view.task, detail)?;
            wire::add(&mut answer, "artifacts", made);
            if detail == Detail::Full {
                wire::add(
                    &mut answer,
                    "as_role",
                    mode::role_of(reader, &view.task, RoleText::Whole)?,
                );
            }
            Ok(answer)
        })?;
        if detail == Detail::Full {
            let query = changes::ChangeQuery {
                record: Some(view.task.id.to_string()),
                limit: HISTORY_MAX,
                ..changes::ChangeQuery::default()
            };
            let history = self.read(|reader| changes::list(reader, &query))?;
            let lines: Vec<_> = history.iter().map(wire::change).collect();
            answer.insert("history".to_owned(), json!(lines));
        }
        let rest = rest(&view.task, detail);
        Ok(Answer::data(&answer).detail(detail).cutting(wire::cut(&view, detail)).rest(rest))
    }
}

/// The call that gets what an answer about a task leaves out.
pub(super) fn rest(task: &Task, detail: Detail) -> String {
    let id = task.id;
    match detail {
        Detail::Brief => {
            format!("orchestrator_task_get {{\"task_id\": \"{id}\", \"detail\": \"full\"}}")
        }
        Detail::Full => format!(
            "orchestrator_task_get {{\"task_id\": \"{id}\", \"text\": \"description\"}} (or \
             \"result_summary\"), piece by piece; orchestrator_events {{\"task_id\": \"{id}\", \
             \"cursor\": 0, \"detail\": \"full\"}} for the history"
        ),
    }
}

fn piece(task: &Task, text: LongText, offset: u32) -> Reply {
    let (name, whole) = match text {
        LongText::Description => ("description", task.description.as_str()),
        LongText::ResultSummary => ("result_summary", task.result_summary.as_deref().unwrap_or("")),
    };
    let arguments: Value = json!({ "task_id": task.id, "text": name });
    let known = json!({ "task_id": task.id, "title": task.title, "version": task.version });
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    pieces::answer(("orchestrator_task_get", &arguments), known, (whole, offset))
}
