//! A deleted task that comes back as a document has it.

use serde_json::Value;

use super::{parse, unknown};
use crate::domain::command::{Command, CreateTasks, NewTask, TaskRef};
use crate::domain::conflict::Conflict;
use crate::domain::draft::new_task;
use crate::domain::id::{GroupId, TaskId};
use crate::domain::record::{Fields, Record, RecordKey};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{Status, Task};
use crate::rules::{Scene, field};

/// The commands that bring a deleted task back: to its group and below its parent, if those are
/// still there.
pub(super) fn commands(
    scene: &Scene<'_>,
    conflict: &Conflict,
    value: &Value,
) -> Result<Vec<Command>, Refusal> {
    let RecordKey::Task(id) = parse(&conflict.record)? else {
        return Err(Refusal::new(
            Code::InvalidValue,
            "only tasks are brought back from a document",
        ));
    };
    let session = conflict.session_id;
    let fields = value.as_object().ok_or_else(|| unknown("record", &conflict.record))?;
    let parent = known_task(scene, conflict, fields.get("parent_id"))?;
    let group = match read::<GroupId>(fields.get("group_id")) {
        Some(id) => scene.lookups.group(id)?.filter(|group| group.session_id == session),
        None => None,
    };
    let task = NewTask {
        id: Some(id),
        group: group.map(|group| group.id).filter(|_| parent.is_none()),
        parent: parent.map(|parent| TaskRef::Id(parent.id)),
        depends_on: waits(scene, conflict, fields)?,
        ..new_task(fields)
    };
    let create = CreateTasks { session_id: session, tasks: vec![task] };
    let mut commands = vec![Command::CreateTasks(create)];
    if let Some(status) = fields.get("status").filter(|word| **word != Status::Pending.as_str()) {
        let made = Record::Task(Box::new(Task::bare(id)));
        commands.extend(field::set(&made, &[], "status", status)?);
    }
    Ok(commands)
}

/// What it waited for, as far as that is still there.
fn waits(scene: &Scene<'_>, conflict: &Conflict, fields: &Fields) -> Result<Vec<TaskRef>, Refusal> {
    let mut found = Vec::new();
    for on in fields.get("depends_on").and_then(Value::as_array).into_iter().flatten() {
        found.extend(known_task(scene, conflict, Some(on))?.map(|task| TaskRef::Id(task.id)));
    }
    Ok(found)
}

fn known_task(
    scene: &Scene<'_>,
    conflict: &Conflict,
    value: Option<&Value>,
) -> Result<Option<Task>, Refusal> {
    let Some(id) = read::<TaskId>(value) else { return Ok(None) };
    Ok(scene.lookups.task(id)?.filter(|task| task.session_id == conflict.session_id))
}

fn read<T: std::str::FromStr>(value: Option<&Value>) -> Option<T> {
    value.and_then(Value::as_str)?.parse().ok()
}
