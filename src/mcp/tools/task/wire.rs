//! Tasks as an agent reads them.

use serde_json::{Map, Value, json};

use crate::domain::change::Change;
use crate::domain::refusal::Refusal;
use crate::domain::task::{Complexity, Priority, Task};
use crate::domain::time::Timestamp;
use crate::mcp::answer::{clip, clip_value};
use crate::mcp::params::Detail;
use crate::query::rows::{TaskLink, TaskRow, TaskView};
use crate::query::tasks;
use crate::store::Reader;

/// Bytes of a title in a list, of a description and of a result in a brief answer.
const TITLE_BYTES: usize = 120;
const DESCRIPTION_BYTES: usize = 3_000;
const RESULT_BYTES: usize = 800;
/// Tasks named beside a task, in brief and in full.
const LINKS_BRIEF: usize = 10;
const LINKS_FULL: usize = 50;
/// Bytes of a dependency's result in a full answer, and of each value in its history.
const OTHER_RESULT_BYTES: usize = 2_000;
const VALUE_BYTES: usize = 400;

/// A task in a list; what is as usual is left out.
pub(in crate::mcp) fn line(row: &TaskRow) -> Value {
    json!({
        "task_id": row.id,
        "title": clip(&row.title, TITLE_BYTES),
        "status": row.status,
        "priority": (row.priority != Priority::Normal).then_some(row.priority),
        "role": row.role,
        "holder": row.holder.as_ref().map(crate::domain::actor::Actor::name),
        "parent_id": row.parent_id,
        "waits_for": some(row.unmet),
        "children": some(row.children),
        "progress": (0 < row.progress && row.status.is_open()).then_some(row.progress),
    })
}

/// A task in a list that was asked for in full.
pub(super) fn line_full(row: &TaskRow) -> Value {
    json!({
        "task_id": row.id,
        "title": row.title,
        "status": row.status,
        "priority": row.priority,
        "complexity": row.complexity,
        "role": row.role,
        "assignee": row.assignee,
        "holder": row.holder.as_ref().map(crate::domain::actor::Actor::name),
        "claimed_until": row.claim_until.map(|until| until.to_string()),
        "group_id": row.group_id,
        "parent_id": row.parent_id,
        "waits_for": some(row.unmet),
        "children": some(row.children),
        "progress": row.progress,
        "estimate_minutes": row.estimate_minutes,
        "tags": (!row.tags.is_empty()).then_some(&row.tags),
        "due": row.due,
        "created_at": row.created_at.to_string(),
        "updated_at": row.updated_at.to_string(),
        "finished_at": row.finished_at.map(|at| at.to_string()),
        "version": row.version,
    })
}

fn some(number: i64) -> Option<i64> {
    (0 < number).then_some(number)
}

/// Adds a field, where there is one.
pub(super) fn add(answer: &mut Map<String, Value>, name: &str, field: Option<Value>) {
    if let Some(field) = field {
        answer.insert(name.to_owned(), field);
    }
}

/// A task that was just written.
pub(in crate::mcp) fn written(task: &Task, now: Timestamp) -> Value {
    json!({
        "task_id": task.id,
        "title": clip(&task.title, TITLE_BYTES),
        "status": task.status,
        "priority": (task.priority != Priority::Normal).then_some(task.priority),
        "role": task.role,
        "claim": claim(task, now),
        "version": task.version,
    })
}

/// Who holds a task, until when.
pub(in crate::mcp) fn claim(task: &Task, now: Timestamp) -> Option<Value> {
    task.claim.as_ref().map(|claim| {
        json!({
            "holder": claim.holder.name(),
            "claim": claim.number,
            "until": claim.until.to_string(),
            "stale": claim.is_stale(now).then_some(true),
            "paths": (!claim.paths.is_empty()).then_some(&claim.paths),
        })
    })
}

/// A task with all that belongs to it.
pub(in crate::mcp) fn full(
    reader: &Reader,
    view: &TaskView,
    (detail, now): (Detail, Timestamp),
) -> Result<Map<String, Value>, Refusal> {
    let task = &view.task;
    let (text, result, links) = match detail {
        Detail::Brief => (DESCRIPTION_BYTES, RESULT_BYTES, LINKS_BRIEF),
        Detail::Full => (usize::MAX, usize::MAX, LINKS_FULL),
    };
    let written = |text: &str, most| (!text.is_empty()).then(|| clip(text, most));
    let value = json!({
        "task_id": task.id,
        "title": task.title,
        "description": written(&task.description, text),
        "status": task.status,
        "reason": task.reason,
        "ready": view.ready.then_some(true),
        "priority": task.priority,
        "complexity": (task.complexity != Complexity::Moderate).then_some(task.complexity),
        "role": task.role,
        "assignee": task.assignee,
        "claim": claim(task, now),
        "group": view.group_path,
        "group_id": task.group_id,
        "parent": view.parent.as_ref().map(link),
        "depends_on": results(reader, &view.depends_on, (links, result.min(OTHER_RESULT_BYTES)))?,
        "needed_by": named(&view.dependents, links),
        "children": named(&view.children, links),
        "children_total": some(view.children_total),
        "progress": (0 < view.progress).then_some(view.progress),
        "estimate_minutes": task.estimate_minutes,
        "actual_minutes": task.actual_minutes,
        "tags": (!task.tags.is_empty()).then_some(&task.tags),
        "due": task.due,
        "result_summary": task.result_summary.as_ref().map(|text| clip(text, result)),
        "created_by": task.created_by.name(),
        "updated_at": task.updated_at.to_string(),
        "version": task.version,
    });
    match value {
        Value::Object(fields) => Ok(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Ok(Map::new())
        }
    }
}

/// What [`full`] leaves out of a task, as sentences with the call that gets it where it is another.
pub(in crate::mcp) fn cut(view: &TaskView, detail: Detail) -> Vec<String> {
    let (id, task) = (view.task.id, &view.task);
    let (texts, links) = match detail {
        Detail::Brief => ((DESCRIPTION_BYTES, RESULT_BYTES), LINKS_BRIEF),
        Detail::Full => ((usize::MAX, usize::MAX), LINKS_FULL),
    };
    let text = |name: &str, bytes: usize, most: usize| {
        (most < bytes).then(|| format!("{name}: {most} of {bytes} bytes"))
    };
    let list = |name: &str, shown: usize, all: usize, call: &str| {
        let shown = shown.min(links);
        (shown < all).then(|| format!("{name}: the first {shown} of {all} ({call})"))
    };
    let map = format!("orchestrator_task_dependencies_map {{\"task_id\": \"{id}\"}}");
    let below = format!("orchestrator_task_query {{\"parent\": \"{id}\"}}");
    let children = usize::try_from(view.children_total).unwrap_or(usize::MAX);
    let result = task.result_summary.as_ref().map_or(0, String::len);
    [
        text("description", task.description.len(), texts.0),
        text("result_summary", result, texts.1),
        list("depends_on", view.depends_on.len(), view.depends_on.len(), &map),
        list("needed_by", view.dependents.len(), view.dependents.len(), &map),
        list("children", view.children.len(), children, &below),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Another task, named.
pub(in crate::mcp) fn link(link: &TaskLink) -> Value {
    json!({ "task_id": link.id, "title": clip(&link.title, TITLE_BYTES), "status": link.status })
}

fn named(links: &[TaskLink], most: usize) -> Option<Vec<Value>> {
    (!links.is_empty()).then(|| links.iter().take(most).map(link).collect())
}

/// The tasks it waits for, with what came of those that are done.
fn results(
    reader: &Reader,
    links: &[TaskLink],
    (most, bytes): (usize, usize),
) -> Result<Option<Vec<Value>>, Refusal> {
    if links.is_empty() {
        return Ok(None);
    }
    let entries = links.iter().take(most).map(|other| {
        let mut entry = link(other);
        if !other.status.is_open()
            && let Some(result) = tasks::view(reader, other.id)?.task.result_summary
            && let Value::Object(fields) = &mut entry
        {
            fields.insert("result".to_owned(), json!(clip(&result, bytes)));
        }
        Ok(entry)
    });
    entries.collect::<Result<Vec<_>, Refusal>>().map(Some)
}

/// An entry of a task's history.
pub(super) fn change(change: &Change) -> Value {
    json!({
        "at": change.at.to_string(),
        "actor": change.actor.name(),
        "verb": change.verb,
        "before": change.before.as_ref().map(clipped),
        "after": change.after.as_ref().map(clipped),
        "reason": change.reason,
    })
}

fn clipped(fields: &Map<String, Value>) -> Map<String, Value> {
    fields.iter().map(|(name, value)| (name.clone(), clip_value(value, VALUE_BYTES))).collect()
}
