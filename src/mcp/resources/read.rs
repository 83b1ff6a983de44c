//! What a resource says: records as JSON, documents and modes as markdown, all within a size.

use std::fmt::Write as _;
use std::path::Path;

use rmcp::handler::server::tool::IntoCallToolResult as _;
use rmcp::model::CallToolResponse;
use serde_json::{Value, json};

use super::name::Named;
use crate::artifacts;
use crate::binding;
use crate::domain::actor::Actor;
use crate::domain::group::TaskGroup;
use crate::domain::id::SessionId;
use crate::domain::mode::Mode;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::{visible, visible_line};
use crate::domain::time::Timestamp;
use crate::mcp::answer::{Answer, FULL_BYTES, clip};
use crate::mcp::mode;
use crate::mcp::params::Detail;
use crate::mcp::server::session_of;
use crate::mcp::tools::task::{task_of, wire};
use crate::mcp::tools::{conflict, session};
use crate::modes::ModesFolder;
use crate::peer::Peer;
use crate::query::conflicts::ConflictQuery;
use crate::query::tasks::{TaskOrder, TaskQuery, Within};
use crate::query::{self, conflicts, groups, ledger, resolve, sessions, tasks};
use crate::store::Reader;
use crate::sync::files::Files;

/// Tasks told of a group, and conflicts told of the project.
const TASKS_MAX: usize = 100;
const CONFLICTS_MAX: usize = 50;
/// Bytes of an artifact.
const ARTIFACT_BYTES: usize = 1024 * 1024;
/// Bytes of a mode's description.
const ABOUT_BYTES: usize = 2_000;

/// The content of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) mime_type: &'static str,
}

impl Content {
    fn json(value: &Value) -> Self {
        Self { text: value.to_string(), mime_type: "application/json" }
    }

    fn markdown(text: String) -> Self {
        Self { text, mime_type: "text/markdown" }
    }
}

/// Reads a resource. Looks at files: not in place of what answers.
///
/// # Errors
///
/// [`Code::UnknownId`] and the like where there is no such thing.
pub(super) fn content(peer: &Peer, actor: &Actor, named: &Named) -> Result<Content, Refusal> {
    let now = peer.clock.now();
    let value = match named {
        Named::Document { session, path } => return document(peer, session, path),
        Named::Mode(name) => return modes(peer, name),
        Named::Artifact(text) => return artifact(peer, text),
        Named::Current | Named::Session(_) => {
            let id = peer.readers.read(|reader| session_named(reader, named))?;
            peer.readers.read(|reader| {
                let status = session::status_of(reader, id, (actor, now), Detail::Full)?;
                Ok(bounded(&status, "orchestrator_session_status, orchestrator_context"))
            })?
        }
        Named::Task(text) => peer.readers.read(|reader| task(reader, text, now))?,
        Named::Group(text) => peer.readers.read(|reader| group(reader, text))?,
        Named::Conflicts => peer.readers.read(open_conflicts)?,
    };
    Ok(Content::json(&value))
}

/// A value within the size that an answer in full may have.
fn bounded(value: &impl serde::Serialize, rest: &str) -> Value {
    let answer = Answer::data(value).detail(Detail::Full).rest(rest);
    match answer.into_call_tool_result() {
        Ok(CallToolResponse::Complete(result)) => result.structured_content.unwrap_or_default(),
        Ok(_) | Err(_) => Value::Null,
    }
}

/// The session that a name of one means.
fn session_named(reader: &Reader, named: &Named) -> Result<SessionId, Refusal> {
    if let Named::Session(text) = named {
        return resolve::session(reader, text);
    }
    match sessions::current(reader)? {
        Some(current) => Ok(current.id),
        None => resolve::live(reader),
    }
}

fn task(reader: &Reader, text: &str, now: Timestamp) -> Result<Value, Refusal> {
    let view = tasks::view(reader, task_of(reader, text)?)?;
    let mut fields = wire::full(reader, &view, (Detail::Full, now))?;
    if let Some(demands) = mode::to_complete(reader, &view.task)? {
        fields.insert("to_complete".to_owned(), demands);
    }
    let rest = format!("orchestrator_task_get {{\"task_id\": \"{}\"}}", view.task.id);
    Ok(bounded(&fields, &rest))
}

fn group(reader: &Reader, text: &str) -> Result<Value, Refusal> {
    let group = group_of(reader, text)?;
    let tree = groups::tree(reader, group.session_id)?;
    let row = tree.iter().find(|row| row.group.id == group.id);
    let query = TaskQuery {
        within: Within::Group(Some(group.id)),
        order: TaskOrder::Position,
        limit: TASKS_MAX,
        ..TaskQuery::new(group.session_id)
    };
    let page = tasks::list(reader, &query)?;
    let value = json!({
        "group_id": group.id,
        "session_id": group.session_id,
        "path": row.map(|row| &row.path),
        "description": (!group.description.is_empty()).then_some(&group.description),
        "role": group.role,
        "progress": row.map(|row| row.tree.percent),
        "tasks": page.items.iter().map(wire::line).collect::<Vec<_>>(),
        "more_tasks": page.cursor.is_some().then_some(true),
        "version": group.version,
    });
    let rest = format!("orchestrator_task_query {{\"group\": \"{}\"}}", group.id);
    Ok(bounded(&value, &rest))
}

/// A group of any session by its id; by name one of the current session.
pub(super) fn group_of(reader: &Reader, text: &str) -> Result<TaskGroup, Refusal> {
    let current = sessions::current(reader)?.map(|session| session.id);
    resolve::group_anywhere(reader, current, text)
}

fn open_conflicts(reader: &Reader) -> Result<Value, Refusal> {
    let page = conflicts::list(
        reader,
        &ConflictQuery { limit: CONFLICTS_MAX, ..ConflictQuery::default() },
    )?;
    let value = json!({
        "conflicts": page.items.iter().map(conflict::wire::full).collect::<Vec<_>>(),
        "total": page.total,
    });
    Ok(bounded(&value, "orchestrator_conflict_list"))
}

/// An artifact's file as it stands, within a size; of one that is no text, what is known of it.
fn artifact(peer: &Peer, text: &str) -> Result<Content, Refusal> {
    let artifact = peer.readers.read(|reader| {
        let session = sessions::current(reader)?.map(|session| session.id);
        query::artifacts::get(reader, resolve::artifact(reader, session, text)?)
    })?;
    let content = artifacts::read(&peer.paths, &artifact, ARTIFACT_BYTES)?;
    let Some(mut text) = content.text else { return Ok(Content::json(&json!(artifact))) };
    if content.is_cut {
        // Writing to a text does not fail.
        write!(text, "\n… (cut: {} bytes in all)\n", content.size).ok();
    }
    let extension = Path::new(&artifact.path).extension();
    let is_markdown = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
    let mime_type = if is_markdown { "text/markdown" } else { "text/plain" };
    Ok(Content { text: visible(&text), mime_type })
}

/// A document as it stands on disk. Only what the ledger knows is read, and only inside of the
/// project's own folder.
fn document(peer: &Peer, session: &str, path: &str) -> Result<Content, Refusal> {
    let place = peer.readers.read(|reader| place(reader, session, path))?;
    let failed = |why: String| missing(&format!("{place} cannot be read: {why}"));
    let files =
        Files::below(&peer.paths.task_orchestrator()).map_err(|error| failed(error.to_string()))?;
    let reading = files.read(Path::new(&place)).map_err(|error| failed(error.to_string()))?;
    Ok(Content::markdown(visible(&String::from_utf8_lossy(&reading.bytes))))
}

/// Where a session's document stands, by the ledger.
pub(super) fn place(reader: &Reader, session: &str, path: &str) -> Result<String, Refusal> {
    let session = session_of(reader, Some(session).filter(|text| *text != "current"))?;
    let rows = ledger::of_session(reader, session)?;
    let found = rows.iter().find(|row| within_session(&row.path) == Some(path));
    found.map(|row| row.path.clone()).ok_or_else(|| {
        let known: Vec<&str> =
            rows.iter().filter_map(|row| within_session(&row.path)).take(20).collect();
        let shown = visible_line(&clip(path, 200));
        missing(&format!("session {session} has no document {shown:?}")).with("documents", known)
    })
}

/// A document's path within its session's directory.
pub(in crate::mcp) fn within_session(path: &str) -> Option<&str> {
    path.strip_prefix("sessions/")?.split_once('/').map(|(_, inner)| inner)
}

fn missing(message: &str) -> Refusal {
    Refusal::new(Code::UnknownId, message)
}

/// A mode in words: the one in force as it is in force, another as its file says.
fn modes(peer: &Peer, name: &str) -> Result<Content, Refusal> {
    let current = peer.readers.read(sessions::current)?;
    if current.is_some_and(|session| session.mode == name) {
        let mode = peer.readers.read(mode::current)?;
        return Ok(Content::markdown(in_words(&mode, "It is in force.")));
    }
    let loaded =
        ModesFolder::of(&peer.paths).look(name).map_err(|error| binding::refused(&error))?;
    if let Some(mode) = &loaded.reading.mode {
        return Ok(Content::markdown(in_words(mode, "It is not in force.")));
    }
    let first = loaded.reading.problems.first().map(ToString::to_string);
    Ok(Content::markdown(format!(
        "# Mode {}\n\nIts file has errors: {}\n\norchestrator_mode_validate tells all of them.\n",
        loaded.name,
        visible_line(&first.unwrap_or_default())
    )))
}

fn in_words(mode: &Mode, standing: &str) -> String {
    let mut text = format!("# Mode {}\n\n{standing}\n", mode.name);
    let mut part = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            write!(text, "\n## {title}\n\n{}\n", lines.join("\n")).ok();
        }
    };
    let about = visible(&clip(&mode.description, ABOUT_BYTES));
    part("About", &[about].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>());
    let gates = mode::gates_in_words(mode);
    part("Gates", &gates.iter().map(|gate| format!("- {gate}")).collect::<Vec<_>>());
    let roles = mode.roles.iter();
    let roles = roles.map(|role| {
        let about = visible_line(&clip(&role.about, mode::LINE_BYTES));
        format!("- {}: {about}", role.name)
    });
    part("Roles", &roles.collect::<Vec<_>>());
    for role in &mode.roles {
        if FULL_BYTES < text.len() {
            break;
        }
        write!(text, "\n{}\n", mode::role_text(role)).ok();
    }
    clip(&text, FULL_BYTES)
}
