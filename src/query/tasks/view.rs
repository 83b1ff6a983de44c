//! One task with all that belongs to it.

use super::{COLUMNS, finish, progress_below, read};
use crate::domain::group::path_of;
use crate::domain::id::TaskId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{DEPTH_MAX, Status};
use crate::query::rows::{TaskLink, TaskRow, TaskView};
use crate::query::short::{self, Ids};
use crate::query::{groups, many, one};
use crate::store::Reader;
use crate::store::rows::{parsed, task as task_rows};

/// Children, dependencies and dependents named in a view.
const LINKS_MAX: usize = 100;

/// One task as a list shows it.
pub fn row(reader: &Reader, id: TaskId) -> Result<TaskRow, Refusal> {
    let sql = format!("SELECT {COLUMNS} FROM tasks WHERE id = ?");
    let (task, _) = one(reader, &sql, [id.to_string()], read)?.ok_or_else(|| unknown(id))?;
    finish(reader, task)
}

/// One task with its group, dependencies both ways, children and computed progress.
pub fn view(reader: &Reader, id: TaskId) -> Result<TaskView, Refusal> {
    let sql = format!("SELECT {} FROM tasks WHERE id = ?", task_rows::COLUMNS);
    let task = one(reader, &sql, [id.to_string()], task_rows::read)?.ok_or_else(|| unknown(id))?;
    let group_path = match task.group_id {
        None => None,
        Some(group) => {
            let groups = groups::all(reader, task.session_id)?;
            groups.iter().find(|other| other.id == group).map(|group| path_of(group, &groups))
        }
    };
    let parent = match task.parent_id {
        None => None,
        Some(parent) => links(reader, "SELECT id, title, status FROM tasks WHERE id = ?", parent)?
            .into_iter()
            .next(),
    };
    let depends_on = links(
        reader,
        "SELECT id, title, status FROM task_dependencies JOIN tasks ON id = depends_on WHERE task_id = ? LIMIT 100",
        id,
    )?;
    let dependents = links(
        reader,
        "SELECT tasks.id, title, status FROM task_dependencies JOIN tasks ON tasks.id = task_id WHERE depends_on = ? LIMIT 100",
        id,
    )?;
    let children = links(
        reader,
        "SELECT id, title, status FROM tasks WHERE parent_id = ? ORDER BY position, number LIMIT 100",
        id,
    )?;
    debug_assert!(children.len() <= LINKS_MAX, "the limit in the query is LINKS_MAX");
    let children_total =
        one(reader, "SELECT children FROM tasks WHERE id = ?", [id.to_string()], |row| row.get(0))?
            .unwrap_or(0);
    let progress = if 0 < children_total {
        progress_below(reader, id, DEPTH_MAX)?.percent()
    } else {
        task.own_progress()
    };
    let unmet = depends_on.iter().any(|other| other.status != Status::Completed);
    let ready = task.status == Status::Pending && !unmet && session_is_active(reader, &task)?;
    let short = short::length(reader, Ids::Tasks, &id.to_string())?;
    Ok(TaskView {
        task,
        group_path,
        parent,
        depends_on,
        dependents,
        children,
        children_total,
        progress,
        ready,
        short,
    })
}

fn session_is_active(reader: &Reader, task: &crate::domain::task::Task) -> Result<bool, Refusal> {
    Ok(crate::query::sessions::get(reader, task.session_id)?.state.allows_work())
}

fn links(reader: &Reader, sql: &str, id: TaskId) -> Result<Vec<TaskLink>, Refusal> {
    many(reader, sql, [id.to_string()], |row| {
        Ok(TaskLink { id: parsed(row, 0)?, title: row.get(1)?, status: parsed(row, 2)? })
    })
}

fn unknown(id: TaskId) -> Refusal {
    Refusal::new(Code::UnknownId, format!("task {id} does not exist"))
        .with("id", id.to_string())
        .suggest("it may have been deleted; list what there is")
}
