//! Moving tasks and groups, renaming and deleting groups.

use serde_json::{Value, json};

use super::Organize;
use super::batch::one_or_batch;
use crate::domain::command::{Command, GroupContents, Place, PlaceTask, UpdateGroup};
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{given, missing};
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::mcp::tools::task::wire;
use crate::query::{resolve, tasks};
use crate::store::Reader;

/// What a call does: to tasks, then to a group.
struct Plan {
    commands: Vec<Command>,
    tasks: Vec<TaskId>,
    group: Option<GroupId>,
}

impl CallboardServer {
    pub(super) async fn organize(&self, caller: &Caller, input: Organize) -> Reply {
        let plan = self.read(|reader| plan(reader, &input))?;
        if plan.commands.is_empty() {
            return Err(missing("task_ids", "which tasks or which group shall change, and how?"));
        }
        if input.dry_run.unwrap_or(false) {
            let answer = json!({
                "dry_run": true,
                "would_change": { "tasks": plan.tasks, "group": plan.group },
                "commands": plan.commands.len(),
            });
            return Ok(Answer::data(&answer));
        }
        let notes = self.submit(caller, one_or_batch(plan.commands)).await?.notes;
        let rows = self.read(|reader| {
            plan.tasks.iter().map(|id| moved(reader, *id)).collect::<Result<Vec<_>, Refusal>>()
        })?;
        let deleted = input.delete.unwrap_or(false).then_some(true);
        let answer = json!({ "tasks": rows, "group_id": plan.group, "deleted": deleted });
        Ok(Answer::data(&answer).noting(notes).rest("orchestrator_task_query"))
    }
}

/// A task with the group that it is in now.
fn moved(reader: &Reader, id: TaskId) -> Result<Value, Refusal> {
    let row = tasks::row(reader, id)?;
    let mut line = wire::line(&row);
    if let Some(fields) = line.as_object_mut() {
        fields.insert("group_id".to_owned(), json!(row.group_id));
    }
    Ok(line)
}

/// A group, or none where that word is given.
fn group_or_none(
    reader: &Reader,
    session: SessionId,
    text: &str,
) -> Result<Option<GroupId>, Refusal> {
    match text.to_ascii_lowercase().as_str() {
        "none" | "null" | "top" | "root" => Ok(None),
        _ => resolve::group(reader, session, text).map(Some),
    }
}

fn plan(reader: &Reader, input: &Organize) -> Result<Plan, Refusal> {
    let session = current_or(reader, input.session_id.as_deref())?;
    let mut plan = Plan { commands: Vec::new(), tasks: Vec::new(), group: None };
    for text in input.task_ids.as_deref().unwrap_or_default() {
        plan.tasks.push(resolve::task(reader, Some(session), text)?);
    }
    if !plan.tasks.is_empty() {
        plan.commands = place_tasks(reader, session, (&plan.tasks, input))?;
    }
    if let Some(text) = given(input.group.as_deref()) {
        let id = resolve::group(reader, session, text)?;
        plan.group = Some(id);
        plan.commands.extend(change_group(reader, session, (id, input))?);
    }
    if let Some(if_version) = input.if_version {
        plan.commands.insert(0, expected(&plan, input, if_version)?);
    }
    Ok(plan)
}

/// The condition that nobody changed since what is to be changed now.
fn expected(plan: &Plan, input: &Organize, if_version: i64) -> Result<Command, Refusal> {
    let place = input.parent_group.is_some() || input.before.is_some();
    let (record, fields) = match (plan.tasks.as_slice(), plan.group) {
        ([only], None) => (only.to_string(), vec!["group_id", "parent_id", "position"]),
        ([], Some(group)) if input.delete.unwrap_or(false) => (group.to_string(), Vec::new()),
        ([], Some(group)) => {
            let given = [
                (input.name.is_some(), "name"),
                (input.description.is_some(), "description"),
                (input.role.is_some(), "role"),
                (place, "parent_id"),
                (place, "position"),
            ];
            let given = given.into_iter().filter(|(given, _)| *given);
            (group.to_string(), given.map(|(_, field)| field).collect())
        }
        _ => {
            let message = "if_version is the version of one task or one group";
            return Err(Refusal::new(Code::InvalidValue, message)
                .suggest("name one task or one group in a call with if_version"));
        }
    };
    let fields = fields.into_iter().map(str::to_owned).collect();
    Ok(Command::Expect { record, if_version, fields })
}

fn place_tasks(
    reader: &Reader,
    session: SessionId,
    (ids, input): (&[TaskId], &Organize),
) -> Result<Vec<Command>, Refusal> {
    let group = given(input.target_group.as_deref());
    let group = group.map(|text| group_or_none(reader, session, text)).transpose()?;
    let parent = match given(input.parent.as_deref()) {
        None => None,
        Some("none" | "null") => Some(None),
        Some(text) => Some(Some(resolve::task(reader, Some(session), text)?)),
    };
    let sibling = |text: Option<&String>| {
        given(text.map(String::as_str))
            .map(|text| resolve::task(reader, Some(session), text))
            .transpose()
    };
    let before = sibling(input.before.as_ref())?;
    let after = sibling(input.after.as_ref())?;
    if group.is_none() && parent.is_none() && before.is_none() && after.is_none() {
        return Err(missing("target_group", "where do the tasks go? or parent, before, after"));
    }
    let mut last = after;
    let commands = ids.iter().map(|id| {
        let place = match (before, last) {
            (Some(before), _) => Some(Place::Before(before)),
            (None, Some(after)) => Some(Place::After(after)),
            (None, None) => None,
        };
        if last.is_some() {
            last = Some(*id);
        }
        Command::PlaceTask(PlaceTask { id: *id, group, parent, place })
    });
    Ok(commands.collect())
}

fn change_group(
    reader: &Reader,
    session: SessionId,
    (id, input): (GroupId, &Organize),
) -> Result<Vec<Command>, Refusal> {
    let mut commands = Vec::new();
    if input.delete.unwrap_or(false) {
        let into = match given(input.target_group.as_deref()) {
            None => GroupContents::Refuse,
            Some(text) => GroupContents::MoveTo(group_or_none(reader, session, text)?),
        };
        return Ok(vec![Command::DeleteGroup { id, into }]);
    }
    let role = input.role.as_ref().map(|role| given(Some(role)).map(str::to_owned));
    if input.name.is_some() || input.description.is_some() || role.is_some() {
        commands.push(Command::UpdateGroup(UpdateGroup {
            id,
            name: input.name.clone(),
            description: input.description.clone(),
            role,
            if_version: None,
        }));
    }
    let parent = given(input.parent_group.as_deref());
    let parent = parent.map(|text| group_or_none(reader, session, text)).transpose()?;
    let before = match given(input.before.as_deref()).filter(|_| input.task_ids.is_none()) {
        None => None,
        Some(text) => Some(resolve::group(reader, session, text)?),
    };
    if parent.is_some() || before.is_some() {
        commands.push(Command::PlaceGroup { id, parent: parent.unwrap_or(None), before });
    }
    Ok(commands)
}
