//! The lines that several verbs print: tasks, ids, people, counts.

use std::fmt::Display;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::domain::text::visible_line;
use callboard_engine::domain::time::{Timestamp, age};
use callboard_engine::query::rows::{Counts, Page, TaskLink, TaskRow};
use ratatui::style::Style;

use super::failure::Failure;
use super::output::Output;
use super::pieces::Pieces;
use crate::theme::Meaning;
use crate::widgets::fit::{fit, width};
use crate::widgets::gauge;

/// Columns that a title keeps before anything behind it is left out.
const TITLE_MIN: usize = 16;
/// Columns of a bar.
const BAR: u16 = 20;

/// An id, its shortest unique beginning in the stronger color.
pub(super) fn id(output: &Output, id: impl Display, short: usize) -> String {
    let text = id.to_string();
    let (head, tail) = text.split_at_checked(short).unwrap_or((&text, ""));
    format!("{}{}", output.paint(head, Meaning::Accent), output.paint(tail, Meaning::Dim))
}

/// The end of a list: that there is nothing in it, or how the rest is had.
pub(super) fn close<T>(output: &mut Output, page: &Page<T>, nothing: &str) -> Result<u8, Failure> {
    if page.items.is_empty() {
        let nothing = output.paint(nothing, Meaning::Dim);
        output.line(&nothing)?;
    }
    if let Some(cursor) = &page.cursor {
        let more = output.paint(&format!("the rest with --cursor {cursor}"), Meaning::Dim);
        output.line(&more)?;
    }
    Ok(0)
}

/// The name of whoever acts, in its own color.
pub(super) fn actor(output: &Output, actor: &Actor) -> String {
    output.paint_in(actor.name(), actor_style(output, actor))
}

pub(super) fn actor_style(output: &Output, actor: &Actor) -> Style {
    match actor {
        Actor::Agent(name) => output.theme().agent(name),
        Actor::Human => output.theme().style(Meaning::Strong),
        Actor::File(_) | Actor::System => output.theme().style(Meaning::Dim),
    }
}

/// A task on one line: icon, id, title, and what else matters where there is room.
pub(super) fn task(output: &Output, task: &TaskRow, now: Timestamp) -> String {
    nested_task(output, task, (0, now))
}

/// A task on one line, so many steps further right.
pub(super) fn nested_task(
    output: &Output,
    task: &TaskRow,
    (depth, now): (usize, Timestamp),
) -> String {
    let (theme, icons) = (output.theme(), output.icons());
    let status = theme.status(task.status);
    let icon = output.paint_in(icons.status(task.status), status);
    let urgency = output.paint_in(icons.priority(task.priority), theme.priority(task.priority));
    let marks = marks(output, task, now);
    let indent = "  ".repeat(depth + 1);
    let before = width(&indent) + width(&task.id.to_string()) + 5;
    let room = output.columns().saturating_sub(before);
    let (room, behind) = match room.checked_sub(marks.columns()) {
        Some(left) if TITLE_MIN <= left => (left, marks.paint(output)),
        Some(_) | None => (room, String::new()),
    };
    let title = visible_line(&task.title);
    let title = fit(&title, room, icons.ellipsis);
    let style = if task.status.is_open() { theme.style(Meaning::Text) } else { status };
    let title = output.paint_in(&title, style);
    format!("{indent}{icon} {} {urgency} {title}{behind}", id(output, task.id, task.short))
}

/// What stands behind a title.
fn marks(output: &Output, task: &TaskRow, now: Timestamp) -> Pieces {
    let (theme, icons) = (output.theme(), output.icons());
    let dim = theme.style(Meaning::Dim);
    let mut marks = Pieces::default();
    if 0 < task.progress && task.progress < 100 && task.status.is_open() {
        marks.add(&format!("  {}%", task.progress), dim);
    }
    if 0 < task.unmet && task.status.is_open() {
        marks.add(&format!("  {}{}", icons.waits, task.unmet), theme.style(Meaning::Warn));
    }
    if let Some(holder) = &task.holder {
        marks.add(&format!("  {} ", icons.held), dim);
        marks.add(holder.name(), actor_style(output, holder));
        if task.claim_until.is_some_and(|until| until <= now) {
            marks.add(" stale", theme.style(Meaning::Warn));
        }
    } else if let Some(assignee) = &task.assignee {
        marks.add(&format!("  @{}", visible_line(assignee)), dim);
    }
    if let Some(role) = &task.role {
        marks.add(&format!("  {}", visible_line(role)), dim);
    }
    for tag in &task.tags {
        marks.add(&format!("  #{}", visible_line(tag)), dim);
    }
    if let Some(due) = &task.due {
        marks.add(&format!("  due {due}"), dim);
    }
    marks
}

/// Another task that one is linked with.
pub(super) fn link(output: &Output, link: &TaskLink) -> String {
    let icon = output.icons().status(link.status);
    let icon = output.paint_in(icon, output.theme().status(link.status));
    let id = output.paint(&link.id.to_string(), Meaning::Dim);
    format!("{icon} {id} {}", visible_line(&link.title))
}

/// A status with its icon.
pub(super) fn status(output: &Output, status: Status) -> String {
    let text = format!("{} {status}", output.icons().status(status));
    output.paint_in(&text, output.theme().status(status))
}

/// A priority by name.
pub(super) fn priority(output: &Output, priority: Priority) -> String {
    output.paint_in(priority.as_str(), output.theme().priority(priority))
}

/// A bar with its percentage.
pub(super) fn progress(output: &Output, percent: u8) -> String {
    let bar: String = gauge::bar(percent, BAR, output.theme())
        .iter()
        .map(|span| output.paint_in(&span.content, span.style))
        .collect();
    format!("{bar} {percent}%")
}

/// How many tasks are in each status that any is in.
pub(super) fn counts(output: &Output, counts: &Counts) -> String {
    let parts: Vec<String> = [
        (counts.pending, Status::Pending),
        (counts.active, Status::Active),
        (counts.blocked, Status::Blocked),
        (counts.review, Status::Review),
        (counts.completed, Status::Completed),
        (counts.cancelled, Status::Cancelled),
        (counts.failed, Status::Failed),
    ]
    .into_iter()
    .filter(|(tasks, _)| 0 < *tasks)
    .map(|(tasks, status)| {
        output.paint_in(&format!("{tasks} {status}"), output.theme().status(status))
    })
    .collect();
    if parts.is_empty() { "no tasks yet".to_owned() } else { parts.join(", ") }
}

/// How long ago something was.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    match age(now.since_ms(then)) {
        text if text == "now" => "just now".to_owned(),
        text => format!("{text} ago"),
    }
}

/// Says what else the actor should know.
pub(super) fn notes(output: &mut Output, notes: &[String]) -> Result<(), Failure> {
    for note in notes {
        let note = output.paint(&format!("  {note}"), Meaning::Dim);
        output.line(&note)?;
    }
    Ok(())
}
