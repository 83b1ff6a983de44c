//! `callboard list`: tasks by group, or by any filter and order.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::rows::{GroupRow, Page, TaskRow};
use callboard_engine::query::tasks::{TaskOrder, TaskQuery, Within};
use callboard_engine::query::{groups, resolve, tasks};
use callboard_engine::store::Reader;
use clap::Args;

use super::failure::Failure;
use super::lines;
use super::options::count;
use super::output::Output;
use super::project::{Scene, session_of};
use super::readable::readable;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Words of title, description, tags or result; each may be a beginning
    text: Vec<String>,
    /// Finished tasks too
    #[arg(long, short)]
    all: bool,
    /// Only tasks that can be started now
    #[arg(long)]
    ready: bool,
    /// Only these statuses, separated by commas
    #[arg(long, value_delimiter = ',')]
    status: Vec<Status>,
    /// Only these priorities, separated by commas
    #[arg(long, short, value_delimiter = ',')]
    priority: Vec<Priority>,
    /// Only tasks of this group: name, path or id; `none` for those without
    #[arg(long, short)]
    group: Option<String>,
    /// Only the parts of this task
    #[arg(long, value_name = "TASK", conflicts_with = "group")]
    parent: Option<String>,
    /// Only tasks of this role
    #[arg(long)]
    role: Option<String>,
    /// Only tasks with this tag
    #[arg(long, short, value_name = "TAG")]
    tag: Option<String>,
    /// Only tasks that this person or agent is to do
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// Only tasks that this agent holds; `me` for you
    #[arg(long, value_name = "AGENT")]
    holder: Option<String>,
    /// position (by group), priority, newest or updated
    #[arg(long, default_value = "position")]
    order: TaskOrder,
    /// How many at most, from 1 to 1000
    #[arg(long, short = 'n', default_value_t = 50, value_parser = count, value_name = "COUNT")]
    limit: usize,
    /// Continues a list after its end
    #[arg(long)]
    cursor: Option<String>,
    /// The session; else the current one
    #[arg(long, short)]
    session: Option<String>,
}

pub(super) fn run(
    arguments: &ListArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let session = session_of(&peer, arguments.session.as_deref())?;
    let now = peer.clock.now();
    let (page, tree) = peer.readers.read(|reader| {
        let query = query(arguments, reader, session)?;
        Ok((tasks::list(reader, &query)?, groups::tree(reader, session)?))
    })?;
    if output.is_json() {
        return output.json(&readable(&page)).map(|()| 0);
    }
    if arguments.order == TaskOrder::Position && !arguments.ready {
        by_group(output, &page.items, (&tree, now))?;
    } else {
        for task in &page.items {
            let line = lines::task(output, task, now);
            output.line(&line)?;
        }
    }
    close(output, &page)
}

fn query(
    arguments: &ListArguments,
    reader: &Reader,
    session: SessionId,
) -> Result<TaskQuery, Refusal> {
    let within = match (arguments.group.as_deref(), arguments.parent.as_deref()) {
        (Some("none"), _) => Within::Group(None),
        (Some(text), _) => Within::Group(Some(resolve::group(reader, session, text)?)),
        (None, Some(text)) => Within::Parent(resolve::task(reader, Some(session), text)?),
        (None, None) => Within::All,
    };
    let open = || Status::ALL.iter().copied().filter(|status| status.is_open());
    let status = if arguments.status.is_empty() && !arguments.all {
        open().collect()
    } else {
        arguments.status.clone()
    };
    let holder = arguments.holder.as_deref().map(|name| match name {
        "me" | "human" => Actor::Human,
        other => Actor::agent(other),
    });
    Ok(TaskQuery {
        within,
        status,
        priority: arguments.priority.clone(),
        role: arguments.role.clone(),
        assignee: arguments.assignee.clone(),
        holder,
        tag: arguments.tag.clone(),
        text: Some(arguments.text.join(" ")).filter(|text| !text.is_empty()),
        ready: arguments.ready,
        order: arguments.order,
        limit: arguments.limit,
        cursor: arguments.cursor.clone(),
        ..TaskQuery::new(session)
    })
}

/// Writes the tasks under the names of their groups, in the order of the board.
fn by_group(
    output: &mut Output,
    tasks: &[TaskRow],
    (tree, now): (&[GroupRow], Timestamp),
) -> Result<(), Failure> {
    let ungrouped: Vec<&TaskRow> = tasks.iter().filter(|task| task.group_id.is_none()).collect();
    let has_groups = ungrouped.len() < tasks.len();
    for row in tree {
        let own = tasks.iter().filter(|task| task.group_id == Some(row.group.id));
        write_group(output, &own.collect::<Vec<_>>(), (Some(row), now))?;
    }
    if has_groups && !ungrouped.is_empty() {
        let name = output.paint("No group", Meaning::Heading);
        output.line(&name)?;
    }
    write_group(output, &ungrouped, (None, now))
}

fn write_group(
    output: &mut Output,
    tasks: &[&TaskRow],
    (group, now): (Option<&GroupRow>, Timestamp),
) -> Result<(), Failure> {
    if let Some(row) = group.filter(|_| !tasks.is_empty()) {
        let name = output.paint(&row.path, Meaning::Heading);
        let done = output.paint(&format!("{}%", row.tree.percent), Meaning::Dim);
        output.line(&format!("{name} {done}"))?;
    }
    for (depth, task) in nested(tasks) {
        let line = lines::nested_task(output, task, (depth, now));
        output.line(&line)?;
    }
    Ok(())
}

/// The tasks with their parts right behind them, each with its depth.
fn nested<'a>(tasks: &[&'a TaskRow]) -> Vec<(usize, &'a TaskRow)> {
    let listed = |id| tasks.iter().any(|task| Some(task.id) == id);
    let mut stack: Vec<(usize, &TaskRow)> =
        tasks.iter().rev().filter(|task| !listed(task.parent_id)).map(|task| (0, *task)).collect();
    let mut ordered = Vec::with_capacity(tasks.len());
    while let Some((depth, task)) = stack.pop() {
        ordered.push((depth, task));
        let parts = tasks.iter().rev().filter(|other| other.parent_id == Some(task.id));
        stack.extend(parts.map(|part| (depth + 1, *part)));
    }
    ordered
}

fn close(output: &mut Output, page: &Page<TaskRow>) -> Result<u8, Failure> {
    if page.items.is_empty() {
        let nothing = output.paint("No task fits.", Meaning::Dim);
        output.line(&nothing)?;
    }
    if let Some(cursor) = &page.cursor {
        let total = page.total.map_or_else(String::new, |total| format!(" of {total}"));
        let shown = page.items.len();
        let more = format!("{shown}{total} shown; the rest with --cursor {cursor}");
        let more = output.paint(&more, Meaning::Dim);
        output.line(&more)?;
    }
    Ok(0)
}
