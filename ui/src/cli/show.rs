//! `callboard show`: one task, group or session with all that belongs to it.

use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::text::visible_line;
use callboard_engine::domain::time::{Timestamp, age, minutes_text};
use callboard_engine::peer::Peer;
use callboard_engine::query::rows::{TaskLink, TaskView};
use callboard_engine::query::tasks::{TaskOrder, TaskQuery, Within};
use callboard_engine::query::{groups, resolve, sessions, tasks};
use callboard_engine::store::Reader;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use super::project::Scene;
use super::readable::readable;
use super::{lines, status};
use crate::context;
use crate::theme::Meaning;

/// Tasks of a group, and moves of a session, that are shown.
const MANY: usize = 50;

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// A task, group or session: id, beginning of one, title or name; else the current session
    what: Option<String>,
}

enum What {
    Task(TaskId),
    Group(SessionId, GroupId),
    Session(SessionId),
}

pub(super) fn run(
    arguments: &ShowArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let what = match &arguments.what {
        Some(text) => peer.readers.read(|reader| find(reader, text))?,
        None => What::Session(super::project::session_of(&peer, None)?),
    };
    match what {
        What::Task(id) => {
            let view = peer.readers.read(|reader| tasks::view(reader, id))?;
            task(output, &view, peer.clock.now())?;
        }
        What::Group(session, id) => group(output, &peer, (session, id))?,
        What::Session(id) => session(output, &peer, id)?,
    }
    Ok(0)
}

/// Finds out what is meant: by the letter of an id, else by name.
fn find(reader: &Reader, text: &str) -> Result<What, Refusal> {
    let current = sessions::current(reader)?.map(|session| session.id);
    let group = || {
        let group = resolve::group_anywhere(reader, current, text)?;
        Ok(What::Group(group.session_id, group.id))
    };
    let task = resolve::task(reader, current, text).map(What::Task);
    let session = resolve::session(reader, text).map(What::Session);
    match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("t-") => task,
        Some("g-") => group(),
        Some("s-") => session,
        Some(_) | None => {
            let unknown =
                |refusal: &Refusal| matches!(refusal.code, Code::UnknownId | Code::NoSession);
            // The first that exists or is ambiguous; if nothing does, a task was meant.
            let mut near = None;
            for found in [task, group(), session] {
                match found {
                    Err(refusal) if unknown(&refusal) => near = near.or_else(|| advice(&refusal)),
                    found => return found,
                }
            }
            Err(nothing(text, near))
        }
    }
}

/// What was meant instead, if anything is spelled alike.
fn advice(refusal: &Refusal) -> Option<String> {
    refusal.suggested_action.clone().filter(|_| refusal.details.contains_key("closest"))
}

fn nothing(text: &str, near: Option<String>) -> Refusal {
    let shown: String = text.chars().take(60).collect();
    let message = format!("no task, group or session is called {shown:?}");
    let advice = near.unwrap_or_else(|| "find it with `callboard search <words>`".to_owned());
    Refusal::new(Code::UnknownId, message).suggest(advice)
}

fn task(output: &mut Output, view: &TaskView, now: Timestamp) -> Result<(), Failure> {
    if output.is_json() {
        return output.json(&readable(view));
    }
    let task = &view.task;
    let title = output.paint(&task.title, Meaning::Title);
    let id = lines::id(output, task.id, view.short);
    output.line(&format!("{title}  {id}"))?;
    let state = lines::status(output, task.status);
    let ready = if view.ready { output.paint("ready", Meaning::Good) } else { String::new() };
    let progress = match view.progress {
        0 | 100 => String::new(),
        percent => format!("{percent}%"),
    };
    let words = [state, ready, progress];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    output.field("status", &words.join("  "))?;
    let reason = task.reason.as_deref().map(visible_line).unwrap_or_default();
    output.field("because", &reason)?;
    let priority = lines::priority(output, task.priority);
    output.field("priority", &priority)?;
    output.field("group", &visible_line(view.group_path.as_deref().unwrap_or_default()))?;
    let role = task.role.as_deref().map(visible_line).unwrap_or_default();
    output.field("role", &role)?;
    let assignee = task.assignee.as_deref().map(visible_line).unwrap_or_default();
    output.field("assignee", &assignee)?;
    if let Some(claim) = &task.claim {
        let holder = lines::actor(output, &claim.holder);
        let left = if claim.is_stale(now) {
            output.paint("stale", Meaning::Warn)
        } else {
            output.paint(&format!("{} left", age(claim.until.since_ms(now))), Meaning::Dim)
        };
        output.field("held by", &format!("{holder}  {left}"))?;
        output.field("paths", &visible_line(&claim.paths.join(", ")))?;
    }
    numbers(output, view, now)?;
    links(output, "part of", view.parent.as_slice())?;
    links(output, "waits for", &view.depends_on)?;
    links(output, "blocks", &view.dependents)?;
    links(output, "parts", &view.children)?;
    texts(output, view)
}

fn numbers(output: &mut Output, view: &TaskView, now: Timestamp) -> Result<(), Failure> {
    let task = &view.task;
    let minutes = |minutes: Option<u32>| minutes.map(minutes_text).unwrap_or_default();
    output.field("estimate", &minutes(task.estimate_minutes))?;
    output.field("actual", &minutes(task.actual_minutes))?;
    output.field("tags", &visible_line(&task.tags.join(", ")))?;
    output.field("due", &visible_line(task.due.as_deref().unwrap_or_default()))?;
    let changed = output.paint(&lines::ago(task.updated_at, now), Meaning::Dim);
    output.field("changed", &changed)
}

fn texts(output: &mut Output, view: &TaskView) -> Result<(), Failure> {
    if !view.task.description.is_empty() {
        output.line("")?;
        output.markdown(&view.task.description)?;
    }
    if let Some(summary) = &view.task.result_summary {
        let heading = output.paint("Result", Meaning::Heading);
        output.line(&format!("\n{heading}"))?;
        output.markdown(summary)?;
    }
    Ok(())
}

fn links(output: &mut Output, label: &str, links: &[TaskLink]) -> Result<(), Failure> {
    for (number, link) in links.iter().enumerate() {
        let line = lines::link(output, link);
        output.field(if number == 0 { label } else { "" }, &line)?;
    }
    Ok(())
}

fn group(
    output: &mut Output,
    peer: &Peer,
    (session, id): (SessionId, GroupId),
) -> Result<(), Failure> {
    let (tree, page) = peer.readers.read(|reader| {
        let within = Within::Group(Some(id));
        let order = TaskOrder::Position;
        let query = TaskQuery { within, order, limit: MANY, ..TaskQuery::new(session) };
        Ok((groups::tree(reader, session)?, tasks::list(reader, &query)?))
    })?;
    let Some(row) = tree.iter().find(|row| row.group.id == id) else {
        return Err(Failure::Refused(nothing(&id.to_string(), None)));
    };
    if output.is_json() {
        return output.json(&json!({ "group": readable(row), "tasks": readable(&page) }));
    }
    let name = output.paint(&row.path, Meaning::Title);
    let shown = lines::id(output, id, row.short);
    output.line(&format!("{name}  {shown}"))?;
    let progress = lines::progress(output, row.tree.percent);
    output.field("progress", &progress)?;
    let counts = lines::counts(output, &row.tree);
    output.field("tasks", &counts)?;
    output.field("role", &visible_line(row.group.role.as_deref().unwrap_or_default()))?;
    if !row.group.description.is_empty() {
        output.line("")?;
        output.markdown(&row.group.description)?;
    }
    let now = peer.clock.now();
    for task in &page.items {
        let line = lines::task(output, task, now);
        output.line(&line)?;
    }
    Ok(())
}

/// Writes a session with its groups, its history of states and what was left for others.
pub(super) fn session(output: &mut Output, peer: &Peer, id: SessionId) -> Result<(), Failure> {
    let (row, tree, moves, context) = peer.readers.read(|reader| {
        Ok((
            sessions::row(reader, id)?,
            groups::tree(reader, id)?,
            sessions::transitions(reader, id, MANY)?,
            sessions::context(reader, id)?,
        ))
    })?;
    if output.is_json() {
        return output.json(&json!({
            "session": readable(&row), "groups": readable(&tree),
            "history": readable(&moves), "context": readable(&context),
        }));
    }
    let now = peer.clock.now();
    status::head(output, &row, now)?;
    for group in &tree {
        let name = format!("{}{}", "  ".repeat(group.depth), visible_line(&group.group.name));
        let progress = lines::progress(output, group.tree.percent);
        output.line(&format!("  {name:<30} {progress}"))?;
    }
    for step in moves.iter().rev() {
        let at = output.paint(&format!("{:>8}", lines::ago(step.at, now)), Meaning::Dim);
        let from = step.from.map_or_else(String::new, |from| format!("{from} "));
        let arrow = output.icons().arrow_right;
        let who = lines::actor(output, &step.actor);
        let why = step.reason.as_deref().map(visible_line).unwrap_or_default();
        let why = output.paint(&why, Meaning::Dim);
        output.line(&format!("  {at}  {from}{arrow} {}  {who}  {why}", step.to))?;
    }
    for entry in &context {
        let key = output.paint(&entry.key, Meaning::Strong);
        let lines = context::lines(&entry.value);
        match (lines.as_slice(), entry.value.is_object() || entry.value.is_array()) {
            ([only], false) => output.line(&format!("  {key}: {}", visible_line(only)))?,
            (lines, _) => {
                output.line(&format!("  {key}:"))?;
                for line in lines {
                    output.line(&format!("    {}", visible_line(line)))?;
                }
            }
        }
    }
    Ok(())
}
