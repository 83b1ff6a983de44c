//! Many tasks at once: the same fields for all, or each its own; and their priorities.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::fields::{Fields, Filter, Item};
use super::{Adjust, Batch, clash};
use crate::domain::command::{BATCH_MAX, Command, Guard, TaskPatch, UpdateTask};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Priority;
use crate::mcp::accept::accept;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{given, missing, read_all, read_some};
use crate::mcp::schema;
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::mcp::tools::task::{statuses, task_of, wire};
use crate::query::resolve;
use crate::query::tasks::{self, TaskQuery, Within};
use crate::store::Reader;

/// Most tasks that filters may mean.
const FILTERED_MAX: usize = 200;

/// What the fields beside an item's id are held to.
static FIELDS: LazyLock<Value> = LazyLock::new(|| {
    let raw = Value::from(schemars::schema_for!(Fields));
    raw.as_object().map_or(Value::Null, |raw| schema::clean(raw).accepting)
});

/// A task, its new fields, and the version that was seen.
struct Change {
    id: TaskId,
    fields: Fields,
    guard: Guard,
}

impl CallboardServer {
    pub(super) async fn batch_update(&self, caller: &Caller, input: Batch) -> Reply {
        let dry = input.dry_run.unwrap_or(false);
        let changes = self.read(|reader| changes(reader, &input))?;
        let mut commands = Vec::new();
        for change in &changes {
            commands.extend(change.fields.commands(change.id, &change.guard)?);
        }
        if commands.is_empty() {
            return Err(missing(
                "updates",
                "which fields shall change? as in {\"priority\": \"high\"}",
            ));
        }
        if BATCH_MAX < commands.len() {
            let message = format!("{} changes at once; the limit is {BATCH_MAX}", commands.len());
            return Err(Refusal::new(Code::TooMuch, message).suggest("send them in several calls"));
        }
        let ids: Vec<TaskId> = changes.iter().map(|change| change.id).collect();
        if dry {
            return self.dry(&ids);
        }
        let notes = self.submit(caller, one_or_batch(commands.clone())).await?.notes;
        self.updated(&ids, notes, &commands)
    }

    pub(super) async fn adjust(&self, caller: &Caller, input: Adjust) -> Reply {
        let priority = read_some(input.priority.as_ref())?;
        if priority.is_none() && input.shift.is_none_or(|shift| shift == 0) {
            return Err(missing("priority", "which one? or a shift such as 1 or -1"));
        }
        if input.if_version.is_some() && input.task_ids.len() != 1 {
            let message = "if_version is the version of one task";
            return Err(Refusal::new(Code::InvalidValue, message)
                .suggest("name one task in a call with if_version"));
        }
        let on_clash = clash::read(input.on_clash.as_ref(), input.if_version)?;
        let wanted = self.read(|reader| raised(reader, priority, &input))?;
        let commands = wanted.iter().enumerate().map(|(index, (id, priority))| {
            let patch = TaskPatch { priority: Some(*priority), ..TaskPatch::default() };
            // The first is the one that was named; what it waits for comes after it.
            let if_version = input.if_version.filter(|_| index == 0);
            let guard = Guard { if_version, on_clash, ..Guard::default() };
            Command::UpdateTask(UpdateTask { id: *id, patch, guard })
        });
        let commands: Vec<Command> = commands.collect();
        if commands.is_empty() {
            return Err(missing("task_ids", "whose priority?"));
        }
        let notes = self.submit(caller, one_or_batch(commands.clone())).await?.notes;
        let ids: Vec<TaskId> = wanted.iter().map(|(id, _)| *id).collect();
        self.updated(&ids, notes, &commands)
    }

    fn updated(&self, ids: &[TaskId], notes: Vec<String>, commands: &[Command]) -> Reply {
        let now = self.peer.clock.now();
        let (rows, clashes) = self.read(|reader| {
            let rows = ids
                .iter()
                .map(|id| Ok(wire::written(&tasks::view(reader, *id)?.task, now)))
                .collect::<Result<Vec<_>, Refusal>>()?;
            Ok((rows, clash::told(reader, commands, &notes)?))
        })?;
        let answer = json!({
            "updated": rows.len(),
            "tasks": rows,
            "conflicts": (!clashes.is_empty()).then_some(clashes),
        });
        Ok(Answer::data(&answer).noting(notes).rest("orchestrator_task_query"))
    }

    fn dry(&self, ids: &[TaskId]) -> Reply {
        let rows = self.read(|reader| {
            ids.iter()
                .map(|id| Ok(wire::line(&tasks::row(reader, *id)?)))
                .collect::<Result<Vec<_>, Refusal>>()
        })?;
        let answer = json!({ "dry_run": true, "would_change": rows.len(), "tasks": rows });
        Ok(Answer::data(&answer).rest("orchestrator_task_query"))
    }
}

/// One command as it is, several as a batch.
pub(super) fn one_or_batch(mut commands: Vec<Command>) -> Command {
    match (commands.len(), commands.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            commands.extend(last);
            Command::Batch { commands, reason: None }
        }
    }
}

fn shifted(priority: Priority, by: i64) -> Priority {
    Priority::from_rank(priority.rank().saturating_sub(by).clamp(0, Priority::Someday.rank()))
}

/// The tasks whose priority changes, with the new one.
fn raised(
    reader: &Reader,
    priority: Option<Priority>,
    input: &Adjust,
) -> Result<Vec<(TaskId, Priority)>, Refusal> {
    let mut wanted: Vec<(TaskId, Priority)> = Vec::new();
    for text in &input.task_ids {
        let row = tasks::row(reader, task_of(reader, text)?)?;
        let to = priority.unwrap_or_else(|| shifted(row.priority, input.shift.unwrap_or(0)));
        wanted.push((row.id, to));
        if input.include_dependencies.unwrap_or(false) {
            raise_below(reader, (row.id, to), &mut wanted)?;
        }
    }
    Ok(wanted)
}

/// Raises everything that a task waits for, directly or not, to its priority.
fn raise_below(
    reader: &Reader,
    (id, to): (TaskId, Priority),
    wanted: &mut Vec<(TaskId, Priority)>,
) -> Result<(), Refusal> {
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        for link in tasks::view(reader, id)?.depends_on {
            let known = wanted.iter().any(|(known, _)| *known == link.id);
            if known || !link.status.is_open() || BATCH_MAX <= wanted.len() {
                continue;
            }
            if to.rank() < tasks::row(reader, link.id)?.priority.rank() {
                wanted.push((link.id, to));
            }
            open.push(link.id);
        }
    }
    Ok(())
}

fn changes(reader: &Reader, input: &Batch) -> Result<Vec<Change>, Refusal> {
    let session = current_or(reader, input.session_id.as_deref())?;
    let mut ids = Vec::new();
    for text in input.task_ids.as_deref().unwrap_or_default() {
        ids.push(resolve::task(reader, Some(session), text)?);
    }
    if let Some(filter) = &input.filters {
        ids.extend(filtered(reader, session, filter)?);
    }
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    let fields = input.updates.clone().unwrap_or_default();
    let guard = if ids.is_empty() {
        Guard::default()
    } else {
        let on_clash = clash::read(input.on_clash.as_ref(), input.if_version)?;
        Guard { if_version: input.if_version, on_clash, ..Guard::default() }
    };
    let mut changes: Vec<Change> = ids
        .into_iter()
        .map(|id| Change { id, fields: fields.clone(), guard: guard.clone() })
        .collect();
    for item in input.items.as_deref().unwrap_or_default() {
        let if_version = item.if_version.or(input.if_version);
        let on_clash = clash::read(item.on_clash.as_ref().or(input.on_clash.as_ref()), if_version)?;
        changes.push(Change {
            id: resolve::task(reader, Some(session), &item.task_id)?,
            fields: item_fields(item)?,
            guard: Guard { if_version, on_clash, ..Guard::default() },
        });
    }
    if changes.is_empty() {
        return Err(missing("task_ids", "which tasks? or filters, or items"));
    }
    Ok(changes)
}

fn item_fields(item: &Item) -> Result<Fields, Refusal> {
    if let Some(updates) = &item.updates {
        return Ok(updates.clone());
    }
    let accepted = accept(&FIELDS, item.beside.clone())?;
    serde_json::from_value(Value::Object(accepted.arguments)).map_err(|error| {
        let message = format!("the fields of {} cannot be read: {error}", item.task_id);
        Refusal::new(Code::InvalidValue, message)
    })
}

fn filtered(reader: &Reader, session: SessionId, filter: &Filter) -> Result<Vec<TaskId>, Refusal> {
    let within = match given(filter.group.as_deref()) {
        Some(group) => Within::Group(Some(resolve::group(reader, session, group)?)),
        None => Within::All,
    };
    let query = TaskQuery {
        within,
        status: statuses(filter.status.as_deref().unwrap_or_default())?,
        priority: read_all(filter.priority.as_deref().unwrap_or_default())?,
        role: given(filter.role.as_deref()).map(str::to_owned),
        tag: given(filter.tag.as_deref()).map(str::to_owned),
        limit: FILTERED_MAX,
        ..TaskQuery::new(session)
    };
    let page = tasks::list(reader, &query)?;
    if page.cursor.is_some() {
        let message = format!("the filters mean more than {FILTERED_MAX} tasks");
        return Err(
            Refusal::new(Code::TooMuch, message).suggest("narrow the filters, or name task_ids")
        );
    }
    if page.items.is_empty() {
        return Err(Refusal::new(Code::NothingToDo, "no task has these values"));
    }
    Ok(page.items.into_iter().map(|row| row.id).collect())
}
