//! A session as one report to read.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::Artifacts;
use crate::domain::count::{by_count, counted};
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::domain::session::{CHECKPOINT_KEY, REPORT_KEY};
use crate::domain::task::{Status, Task};
use crate::peer::Peer;
use crate::sync::render::text::{fenced, plain, size, title};
use crate::sync::state::{self, SessionDocumentState, TaskState};

pub(super) fn of(peer: &Peer, session: SessionId, told: Artifacts) -> Result<String, Refusal> {
    let state = peer.readers.read(|reader| state::read(reader, session))?;
    let mut text = String::new();
    head(&mut text, &state);
    report(&mut text, &state);
    tasks(&mut text, &state);
    context(&mut text, &state);
    if told == Artifacts::Told {
        artifacts(&mut text, &state);
    }
    Ok(text)
}

/// Adds a line. A text in memory takes whatever is written.
macro_rules! line {
    ($text:expr, $($words:tt)*) => { writeln!($text, $($words)*).ok() };
}

fn head(text: &mut String, state: &SessionDocumentState) {
    let session = &state.session;
    line!(text, "# {}\n", plain(&session.name));
    if !session.goal.is_empty() {
        line!(text, "{}\n", session.goal.trim_end());
    }
    line!(text, "- Session {}, {}, in mode {}", session.id, session.state, plain(&session.mode));
    line!(text, "- Made {}, {} since {}", session.created_at, session.state, session.state_since);
    if let Some(reason) = &session.reason {
        line!(text, "- {}", plain(reason));
    }
    let counts = state.counts;
    line!(
        text,
        "- {} of {} completed, {} open",
        counts.completed,
        counted(counts.all(), "task"),
        counts.open()
    );
}

fn report(text: &mut String, state: &SessionDocumentState) {
    let Some(entry) = state.contexts.iter().find(|entry| entry.key == REPORT_KEY) else { return };
    line!(text, "\n## Report\n");
    if let Some(summary) = entry.value.get("summary").and_then(Value::as_str) {
        line!(text, "{}\n", summary.trim_end());
    }
    for (name, who) in [("by_agent", "Agent"), ("by_role", "Role")] {
        let rows = entry.value.get(name).and_then(Value::as_array);
        let Some(rows) = rows.filter(|rows| !rows.is_empty()) else { continue };
        line!(text, "| {who} | Completed | Failed | Minutes, median |\n|---|---|---|---|");
        for row in rows {
            let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
            let number = |field: &str| row.get(field).filter(|value| !value.is_null());
            let number = |field: &str| number(field).map_or_else(String::new, Value::to_string);
            let cells = [number("completed"), number("failed"), number("cycle_minutes")];
            line!(text, "| {} | {} |", plain(name).replace('|', "\\|"), cells.join(" | "));
        }
        line!(text, "");
    }
}

fn tasks(text: &mut String, state: &SessionDocumentState) {
    if state.tasks.is_empty() {
        return;
    }
    line!(text, "\n## Tasks");
    let depths = depths(state);
    let depth = |id: TaskId| depths.get(&id).map_or(0, |(_, depth)| *depth);
    let groups = state.groups.iter().map(|row| (Some(row.group.id), row.path.as_str()));
    for (group, name) in groups.chain([(None, "Without a group")]) {
        let mut inside = state.tasks.iter().filter(|one| one.task.group_id == group).peekable();
        if inside.peek().is_none() {
            continue;
        }
        line!(text, "\n### {}\n", plain(name));
        inside.for_each(|one| task(text, &one.task, depth(one.task.id)));
    }
    let beyond = state.counts.all() - i64::try_from(state.tasks.len()).unwrap_or(i64::MAX);
    if 0 < beyond {
        let (tasks, have) = (counted(beyond, "more task"), by_count(beyond, "has", "have"));
        line!(text, "\n{tasks} {have} no room here; an export as JSON has all.");
    }
}

fn task(text: &mut String, task: &Task, depth: usize) {
    let indent = "  ".repeat(depth);
    let tick = if task.status == Status::Completed { 'x' } else { ' ' };
    let role = task.role.as_ref().map(|role| format!(", {}", plain(role))).unwrap_or_default();
    let (title, id, status) = (plain(&task.title), task.id, task.status);
    line!(text, "{indent}- [{tick}] {title} ({id}, {status}, {}{role})", task.priority);
    for part in [Some(&task.description), task.result_summary.as_ref()].into_iter().flatten() {
        for words in part.trim().lines() {
            line!(text, "{}", format!("{indent}  {words}").trim_end());
        }
    }
}

/// How deep each task is nested among those of its group; each comes before its children.
fn depths(state: &SessionDocumentState) -> HashMap<TaskId, (Option<GroupId>, usize)> {
    let mut depths: HashMap<TaskId, (Option<GroupId>, usize)> = HashMap::new();
    for TaskState { task, .. } in &state.tasks {
        let above = task.parent_id.and_then(|id| depths.get(&id));
        let depth = above.filter(|(group, _)| *group == task.group_id).map_or(0, |(_, at)| at + 1);
        depths.insert(task.id, (task.group_id, depth));
    }
    depths
}

fn context(text: &mut String, state: &SessionDocumentState) {
    let of_its_own = [REPORT_KEY, CHECKPOINT_KEY];
    for entry in state.contexts.iter().filter(|entry| !of_its_own.contains(&entry.key.as_str())) {
        line!(text, "\n## {}\n", plain(&title(&entry.key)));
        let told = entry.value.as_str().map_or_else(
            || fenced(&serde_json::to_string_pretty(&entry.value).unwrap_or_default(), "json"),
            str::to_owned,
        );
        line!(text, "{}", told.trim_end());
    }
}

fn artifacts(text: &mut String, state: &SessionDocumentState) {
    if state.artifacts.is_empty() {
        return;
    }
    line!(text, "\n## Artifacts\n");
    for row in &state.artifacts {
        let bytes = row.bytes.map(|bytes| format!(", {}", size(bytes))).unwrap_or_default();
        let edition = row.edition.map(|number| format!(", edition {number}")).unwrap_or_default();
        let paths = row.paths.join(", ");
        line!(
            text,
            "- {} ({}{edition}{bytes}): {}",
            plain(&row.title),
            plain(&row.kind),
            plain(&paths)
        );
    }
}
