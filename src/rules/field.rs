//! One field of one record to a new value, as the commands that do it.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::domain::command::{
    Command, Edge, Guard, PlaceTask, SetContext, SetStatus, TaskPatch, UpdateGroup, UpdateSession,
    UpdateTask,
};
use crate::domain::group::TaskGroup;
use crate::domain::id::TaskId;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{ContextEntry, Session};
use crate::domain::task::{Status, Task};

/// The commands that bring a field of a record to a value, in order. `depends_on` is the task's.
///
/// # Errors
///
/// When the value is not of the field's form, or no moves lead to the status.
pub(super) fn set(
    record: &Record,
    depends_on: &[TaskId],
    field: &str,
    value: &Value,
) -> Result<Vec<Command>, Refusal> {
    match record {
        Record::Task(task) => set_task(task, depends_on, field, value),
        Record::Group(group) => set_group(group, field, value),
        Record::Session(session) => set_session(session, field, value).map(|one| vec![one]),
        Record::Context(entry) => Ok(vec![set_context(entry, value)]),
        Record::Dependency(_) | Record::Conflict(_) | Record::Artifact(_) => Err(no_field(field)),
    }
}

fn set_task(
    task: &Task,
    depends_on: &[TaskId],
    field: &str,
    value: &Value,
) -> Result<Vec<Command>, Refusal> {
    match field {
        "status" => status_path(task, read(field, value)?),
        "group_id" => Ok(vec![Command::PlaceTask(PlaceTask {
            id: task.id,
            group: Some(read(field, value)?),
            parent: None,
            place: None,
        })]),
        "parent_id" => Ok(vec![Command::PlaceTask(PlaceTask {
            id: task.id,
            group: None,
            parent: Some(read(field, value)?),
            place: None,
        })]),
        "depends_on" => {
            let wanted: Vec<TaskId> = read(field, value)?;
            let edge = |on: &TaskId| Edge { task: task.id, depends_on: *on };
            let add = wanted.iter().filter(|on| !depends_on.contains(on)).map(edge).collect();
            let remove = depends_on.iter().filter(|on| !wanted.contains(on)).map(edge).collect();
            Ok(vec![Command::ChangeDependencies { add, remove }])
        }
        "title" | "description" | "priority" | "role" | "tags" | "estimate_minutes" | "due"
        | "assignee" => {
            let patch: TaskPatch = read(field, &json!({ field: value }))?;
            Ok(vec![Command::UpdateTask(UpdateTask {
                id: task.id,
                patch,
                guard: Guard::default(),
            })])
        }
        _ => Err(no_field(field)),
    }
}

/// The shortest way to a status; none of its stops ends the task.
fn status_path(task: &Task, to: Status) -> Result<Vec<Command>, Refusal> {
    if task.status == Status::Active && to == Status::Pending && task.claim.is_some() {
        return Ok(vec![Command::ReleaseClaim { id: task.id, claim: None, reason: None }]);
    }
    let mut ways: VecDeque<Vec<Status>> = VecDeque::from([vec![]]);
    let mut seen = vec![task.status];
    while let Some(way) = ways.pop_front() {
        let here = way.last().copied().unwrap_or(task.status);
        if here == to {
            return Ok(way.into_iter().map(|stop| status_command(task.id, stop)).collect());
        }
        for next in here.next().iter().filter(|next| next.is_open() || **next == to) {
            if !seen.contains(next) {
                seen.push(*next);
                ways.push_back(way.iter().copied().chain([*next]).collect());
            }
        }
    }
    let message = format!("no moves lead from {} to {to}", task.status);
    Err(Refusal::new(Code::IllegalMove, message))
}

fn status_command(id: TaskId, to: Status) -> Command {
    Command::SetStatus(SetStatus::plain(id, to))
}

fn set_group(group: &TaskGroup, field: &str, value: &Value) -> Result<Vec<Command>, Refusal> {
    let unchanged =
        UpdateGroup { id: group.id, name: None, description: None, role: None, if_version: None };
    let update = match field {
        "name" => UpdateGroup { name: Some(read(field, value)?), ..unchanged },
        "description" => UpdateGroup { description: Some(read(field, value)?), ..unchanged },
        "role" => UpdateGroup { role: Some(read(field, value)?), ..unchanged },
        "parent_id" => {
            let parent = read(field, value)?;
            return Ok(vec![Command::PlaceGroup { id: group.id, parent, before: None }]);
        }
        _ => return Err(no_field(field)),
    };
    Ok(vec![Command::UpdateGroup(update)])
}

fn set_session(session: &Session, field: &str, value: &Value) -> Result<Command, Refusal> {
    let unchanged = UpdateSession { id: session.id, name: None, goal: None, if_version: None };
    Ok(Command::UpdateSession(match field {
        "name" => UpdateSession { name: Some(read(field, value)?), ..unchanged },
        "goal" => UpdateSession { goal: Some(read(field, value)?), ..unchanged },
        _ => return Err(no_field(field)),
    }))
}

fn set_context(entry: &ContextEntry, value: &Value) -> Command {
    Command::SetContext(SetContext {
        session_id: entry.session_id,
        key: entry.key.clone(),
        value: value.clone(),
        if_version: None,
    })
}

fn read<T: serde::de::DeserializeOwned>(field: &str, value: &Value) -> Result<T, Refusal> {
    serde_json::from_value(value.clone()).map_err(|error| {
        Refusal::new(Code::InvalidValue, format!("{field} cannot be {value}: {error}"))
            .with("field", field)
    })
}

fn no_field(field: &str) -> Refusal {
    Refusal::new(Code::InvalidValue, format!("{field:?} is no field that merges"))
        .with("field", field)
}
