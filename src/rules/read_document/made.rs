//! New records: groups, tasks and notes that a document adds.

use std::collections::HashMap;

use serde_json::Value;

use super::identity::Identity;
use super::{Edit, Part, Plan, said};
use crate::domain::command::{Command, CreateTasks, NewGroup, NewTask, SetContext, TaskRef};
use crate::domain::draft::{DraftRecord, new_task};
use crate::domain::group::path_of;
use crate::domain::id::{GroupId, TaskId};
use crate::domain::record::{Fields, RecordKey};
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;
use crate::domain::task::Task;
use crate::rules::field;

/// Plans the new records, in the order of the document; what they wait for and their status last.
pub(super) fn plan(edit: &Edit<'_>, plan: &mut Plan) -> Result<(), Refusal> {
    let mut paths = GroupPaths::read(edit)?;
    let mut late = Vec::new();
    for (item, identity) in edit.read.draft.records.iter().zip(&edit.identities) {
        let made = match identity {
            Identity::New(RecordKey::Group(id)) => Some(paths.make(edit, item, *id)),
            Identity::New(key @ RecordKey::Task(id)) => {
                let said = said::fields(edit, (item, key), None, plan)?;
                late.extend(afterwards(item, *id, &said));
                Some(task(edit, item, *id, &said)?)
            }
            Identity::New(RecordKey::Context(_, key)) => note(edit, item, key),
            Identity::New(_)
            | Identity::Unchanged(_)
            | Identity::Known(..)
            | Identity::Deleted(..)
            | Identity::Ignored => None,
        };
        plan.parts.extend(made);
    }
    plan.parts.extend(late);
    Ok(())
}

/// Makes a task, the last of its siblings: that is never refused for what stands around it. Its
/// place is a part of its own.
fn task(edit: &Edit<'_>, item: &DraftRecord, id: TaskId, said: &Fields) -> Result<Part, Refusal> {
    let new = NewTask {
        id: Some(id),
        group: there(edit, said.get("group_id"))?,
        parent: there(edit, said.get("parent_id"))?.map(TaskRef::Id),
        ..new_task(said)
    };
    let create = CreateTasks { session_id: edit.read.session_id, tasks: vec![new] };
    Ok(Part {
        commands: vec![Command::CreateTasks(create)],
        record: id.to_string(),
        field: String::new(),
        line: item.line,
    })
}

/// The id of a record that is there, or made by this edit; none of one that was deleted meanwhile.
fn there<T: std::str::FromStr>(
    edit: &Edit<'_>,
    value: Option<&Value>,
) -> Result<Option<T>, Refusal> {
    let Some(name) = value.and_then(Value::as_str) else { return Ok(None) };
    let Ok(key) = name.parse::<RecordKey>() else { return Ok(None) };
    let made = edit.identities.iter().any(|one| matches!(one, Identity::New(new) if *new == key));
    if made || edit.scene.lookups.record(&key)?.is_some() {
        return Ok(name.parse().ok());
    }
    Ok(None)
}

/// What a new task says that it cannot be made with.
fn afterwards(item: &DraftRecord, id: TaskId, said: &Fields) -> Vec<Part> {
    let bare = crate::domain::record::Record::Task(Box::new(Task::bare(id)));
    let part = |name: &str| {
        let value = said.get(name)?;
        let commands = field::set(&bare, &[], name, value).ok().filter(|it| !it.is_empty())?;
        let (record, field) = (id.to_string(), name.to_owned());
        Some(Part { commands, record, field, line: item.line })
    };
    let waits = said.get("depends_on").and_then(Value::as_array).is_some_and(|on| !on.is_empty());
    let moves = said.get("status").is_some_and(|status| status != Status::Pending.as_str());
    let mut parts = Vec::new();
    parts.extend(waits.then(|| part("depends_on")).flatten());
    parts.extend(moves.then(|| part("status")).flatten());
    parts
}

fn note(edit: &Edit<'_>, item: &DraftRecord, key: &str) -> Option<Part> {
    let set = SetContext {
        session_id: edit.read.session_id,
        key: key.to_owned(),
        value: item.fields.get("value")?.clone(),
        if_version: None,
    };
    Some(Part {
        commands: vec![Command::SetContext(set)],
        record: RecordKey::Context(edit.read.session_id, key.to_owned()).to_string(),
        field: "value".to_owned(),
        line: item.line,
    })
}

/// The groups by path, those that this edit makes among them.
struct GroupPaths(HashMap<String, GroupId>);

impl GroupPaths {
    fn read(edit: &Edit<'_>) -> Result<Self, Refusal> {
        let is_new = |one: &Identity| matches!(one, Identity::New(RecordKey::Group(_)));
        if !edit.identities.iter().any(is_new) {
            return Ok(Self(HashMap::new()));
        }
        let groups = edit.scene.lookups.groups(edit.read.session_id)?;
        Ok(Self(groups.iter().map(|group| (path_of(group, &groups), group.id)).collect()))
    }

    /// Makes a group, and those above it that are not there.
    fn make(&mut self, edit: &Edit<'_>, item: &DraftRecord, id: GroupId) -> Part {
        let path = said::group_path(item);
        let names: Vec<&str> = path.split(" / ").collect();
        let (mut commands, mut parent, mut here) = (Vec::new(), None, String::new());
        for (depth, name) in names.iter().enumerate() {
            here = if here.is_empty() { (*name).to_owned() } else { format!("{here} / {name}") };
            let is_last = depth + 1 == names.len();
            if let Some(known) = self.0.get(&here).filter(|_| !is_last) {
                parent = Some(*known);
                continue;
            }
            let drawn = GroupId::from_random((edit.scene.random)());
            let id = if is_last { id } else { drawn };
            let description = item.fields.get("description").filter(|_| is_last);
            commands.push(Command::CreateGroup(NewGroup {
                id: Some(id),
                session_id: edit.read.session_id,
                name: (*name).to_owned(),
                parent,
                description: description.and_then(Value::as_str).unwrap_or_default().to_owned(),
                role: None,
            }));
            self.0.insert(here.clone(), id);
            parent = Some(id);
        }
        Part { commands, record: id.to_string(), field: String::new(), line: item.line }
    }
}
