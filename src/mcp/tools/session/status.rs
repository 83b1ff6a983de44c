//! Where a session stands: the answer that an agent begins with.

use serde_json::{Map, Value, json};

use super::wire;
use crate::domain::actor::Actor;
use crate::domain::id::SessionId;
use crate::domain::lookups::ReadyFilter;
use crate::domain::refusal::Refusal;
use crate::domain::text::visible_line;
use crate::domain::time::Timestamp;
use crate::mcp::mode;
use crate::mcp::params::Detail;
use crate::query::rows::{AgentRow, GroupRow, Held, Need, NeedAbout};
use crate::query::{agents, groups, needs, sessions, tasks};
use crate::store::Reader;

/// Entries of each part of a brief answer, and of one in full.
const FEW: usize = 5;
const MANY: usize = 30;

/// The state of a session as the caller sees it.
pub(in crate::mcp) fn status_of(
    reader: &Reader,
    id: SessionId,
    (caller, now): (&Actor, Timestamp),
    detail: Detail,
) -> Result<Map<String, Value>, Refusal> {
    let most = match detail {
        Detail::Brief => FEW,
        Detail::Full => MANY,
    };
    let row = sessions::row(reader, id)?;
    let mut status = Map::new();
    status.insert("agent".to_owned(), json!(caller.name()));
    status.insert("session".to_owned(), wire::session_full(&row));
    status.insert("mode".to_owned(), mode::brief(reader, &row.session)?);
    let mut part = |name: &str, entries: Vec<Value>| {
        if !entries.is_empty() {
            status.insert(name.to_owned(), Value::Array(entries));
        }
    };
    let everybody = agents::list(reader, now)?;
    part("you_hold", agents::held_by(reader, caller, now)?.iter().map(held).collect());
    let others = everybody.iter().filter(|agent| agent.name != caller.name());
    part("others", others.filter_map(|agent| working(agent, most)).take(most).collect());
    part("needs_a_person", needs::list(reader, id, now, most)?.iter().map(need).collect());
    if row.session.state.allows_work() {
        let ready = tasks::next(reader, id, &ReadyFilter::default(), most)?;
        part("next_ready", ready.iter().map(wire::task_line).collect());
    }
    if detail == Detail::Full {
        let tree = groups::tree(reader, id)?;
        part("groups", tree.iter().take(MANY).map(group).collect());
        let history = sessions::transitions(reader, id, MANY)?;
        part("history", history.iter().map(wire::transition).collect());
    }
    let context = sessions::context(reader, id)?;
    if !context.is_empty() {
        let value = match detail {
            Detail::Brief => json!(context.iter().map(|entry| &entry.key).collect::<Vec<_>>()),
            Detail::Full => context.iter().map(wire::context_brief).collect(),
        };
        let name = if detail == Detail::Brief { "context_keys" } else { "context" };
        status.insert(name.to_owned(), value);
    }
    Ok(status)
}

fn held(held: &Held) -> Value {
    json!({
        "task_id": held.id,
        "title": held.title,
        "until": held.until.to_string(),
        "stale": held.stale.then_some(true),
    })
}

/// An agent that holds something.
fn working(agent: &AgentRow, most: usize) -> Option<Value> {
    let holds: Vec<String> = agent
        .holds
        .iter()
        .take(most)
        .map(|held| format!("{} {}", held.id, visible_line(&held.title)))
        .collect();
    (!holds.is_empty()).then(|| json!({ "agent": agent.name, "holds": holds }))
}

pub(super) fn need(need: &Need) -> Value {
    let name = match need.about {
        NeedAbout::Task(_) => "task_id",
        NeedAbout::Conflict(_) => "conflict_id",
        NeedAbout::Document(_) => "document",
    };
    json!({
        "kind": need.kind,
        name: need.about.to_string(),
        "title": need.title,
        "who": need.who,
        "since": need.since.to_string(),
    })
}

fn group(row: &GroupRow) -> Value {
    json!({
        "group_id": row.group.id,
        "path": row.path,
        "progress": row.tree.percent,
        "tasks": row.tree.all(),
        "open": row.tree.open(),
    })
}
