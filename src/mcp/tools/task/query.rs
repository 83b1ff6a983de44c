//! Lists of tasks.

use serde_json::json;

use super::{Query, holder, wire};
use crate::domain::actor::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;
use crate::mcp::answer::{Answer, Reply, list};
use crate::mcp::params::{Detail, given, limit, read_all, read_some};
use crate::mcp::server::{CallboardServer, current_or};
use crate::query::resolve;
use crate::query::tasks::{self, TaskOrder, TaskQuery, Within};
use crate::store::Reader;

impl CallboardServer {
    pub(super) fn query_tasks(&self, caller: &Actor, input: &Query) -> Reply {
        let detail = input.detail.unwrap_or_default();
        let query = self.read(|reader| wanted(reader, caller, input))?;
        let fetch = |limit| {
            let query = TaskQuery { limit, ..query.clone() };
            self.read(|reader| tasks::list(reader, &query))
        };
        let row = |row: &_| match detail {
            Detail::Brief => wire::line(row),
            Detail::Full => wire::line_full(row),
        };
        let mut answer = list("tasks", (limit(input.limit), detail), fetch, row)?;
        answer.insert("session_id".to_owned(), json!(query.session));
        Ok(Answer::data(&answer).detail(detail))
    }
}

/// The statuses of some words; `open` means all with work left.
pub(in crate::mcp) fn statuses(words: &[String]) -> Result<Vec<Status>, Refusal> {
    let mut found = Vec::new();
    for word in words {
        match word.trim().to_ascii_lowercase().as_str() {
            "open" | "unfinished" => {
                found.extend(Status::ALL.iter().copied().filter(|status| status.is_open()));
            }
            "all" | "any" => return Ok(Vec::new()),
            other => found.push(other.parse()?),
        }
    }
    found.dedup();
    Ok(found)
}

fn wanted(reader: &Reader, caller: &Actor, input: &Query) -> Result<TaskQuery, Refusal> {
    let session = current_or(reader, input.session_id.as_deref())?;
    let text = |text: &Option<String>| given(text.as_deref()).map(str::to_owned);
    let within = match (given(input.parent.as_deref()), given(input.group.as_deref())) {
        (Some(parent), _) => Within::Parent(resolve::task(reader, Some(session), parent)?),
        (None, Some("none")) => Within::Group(None),
        (None, Some(group)) => Within::Group(Some(resolve::group(reader, session, group)?)),
        (None, None) => Within::All,
    };
    let plain = if within == Within::All { TaskOrder::Newest } else { TaskOrder::Position };
    Ok(TaskQuery {
        within,
        status: statuses(input.status.as_deref().unwrap_or_default())?,
        priority: read_all(input.priority.as_deref().unwrap_or_default())?,
        role: text(&input.role),
        assignee: text(&input.assignee),
        holder: given(input.holder.as_deref()).map(|name| holder(caller, name)),
        tag: text(&input.tag),
        text: text(&input.text),
        ready: input.ready.unwrap_or(false),
        order: read_some(input.order.as_ref())?.unwrap_or(plain),
        cursor: text(&input.cursor),
        ..TaskQuery::new(session)
    })
}
