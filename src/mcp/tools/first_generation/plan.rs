//! A plan: a task with its subtasks, made whole or not at all.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Plan;
use super::find::{self, Opening, beginning, is_not_restored, opening};
use super::words::Level;
use crate::domain::command::{BATCH_MAX, Command, CreateTasks, NewTask, TaskRef};
use crate::domain::id::SessionId;
use crate::domain::outcome::{Answer as Made, Created, Outcome};
use crate::domain::refusal::{Code, Refusal, closest};
use crate::domain::text::{TITLE_MAX, visible_line};
use crate::domain::time::parse_minutes;
use crate::mcp::accept::{Accepted, accept};
use crate::mcp::answer::{Answer, Reply, clip};
use crate::mcp::mode;
use crate::mcp::params::{Detail, given, read_some};
use crate::mcp::schema;
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::sessions;
use crate::store::Reader;

/// What the plan's own task is called among its subtasks; no `task_id` can be this.
const WHOLE: &str = "\0";
/// Roles that are named where the mode does not have them.
const ROLES_NAMED: usize = 5;
/// Bytes of the description that are told again.
const ECHO_BYTES: usize = 600;

#[derive(Debug, Deserialize, JsonSchema)]
struct Subtasks {
    subtasks: Vec<Subtask>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Subtask {
    #[schemars(extend("aliases" = ["name"]))]
    title: String,
    description: String,
    #[schemars(extend("aliases" = ["specialist", "role"]))]
    specialist_type: String,
    #[schemars(extend("aliases" = ["depends_on"]))]
    dependencies: Option<Vec<String>>,
    #[schemars(extend("aliases" = ["estimate", "effort"]))]
    estimated_effort: Option<String>,
    #[schemars(extend("aliases" = ["id"]))]
    task_id: Option<String>,
}

/// The form that the list of subtasks is held to.
static FORM: LazyLock<Value> = LazyLock::new(|| {
    let raw = serde_json::to_value(schema_for!(Subtasks)).unwrap_or_default();
    raw.as_object().map(schema::clean).map(|schema| schema.accepting).unwrap_or_default()
});

impl CallboardServer {
    pub(super) async fn plan(&self, caller: &Caller, input: Plan) -> Reply {
        let level = read_some(input.complexity_level.as_ref())?.unwrap_or(Level::Moderate);
        let (subtasks, mut notes) = read(&input.subtasks_json.0)?;
        let parent = whole(&input, level)?;
        let (mut tries, mut anew) = (0, false);
        let (session, outcome, tasks) = loop {
            let Opening { session, command } =
                if anew { beginning(caller) } else { self.read(|reader| opening(reader, caller))? };
            let tasks = self.read(|reader| {
                let known = command.is_none().then_some(session);
                tasks(reader, known, (&parent, &subtasks))
            })?;
            let create = CreateTasks { session_id: session, tasks: tasks.clone() };
            let commands = command.into_iter().chain([Command::CreateTasks(create)]).collect();
            match self.submit(caller, Command::Batch { commands, reason: None }).await {
                // Somebody else was quicker to open a session.
                Err(refusal) if refusal.code == Code::SessionLive && tries == 0 => tries += 1,
                // What cannot be taken up stands in nobody's way.
                Err(refusal) if is_not_restored(&refusal) && !anew => anew = true,
                result => break (session, result?, tasks),
            }
        };
        notes.extend(outcome.notes.iter().cloned());
        notes.extend(self.read(|reader| unknown_roles(reader, session, &tasks))?);
        Ok(told(&input.description, level, &made(outcome), &tasks, notes))
    }
}

fn made(outcome: Outcome) -> Vec<Created> {
    let Made::Batch(answers) = outcome.answer else { return Vec::new() };
    answers
        .into_iter()
        .find_map(|answer| if let Made::Created(created) = answer { Some(created) } else { None })
        .unwrap_or_default()
}

/// Reads the list of subtasks, in whatever form it was sent.
fn read(text: &str) -> Result<(Vec<Subtask>, Vec<String>), Refusal> {
    let value: Value = serde_json::from_str(unfenced(text)).map_err(|error| {
        Refusal::new(Code::InvalidValue, format!("subtasks_json is not JSON: {error}"))
            .with("line", error.line())
            .with("column", error.column())
            .suggest("send a JSON array of subtasks; nothing was planned")
    })?;
    let listed = match value {
        Value::Object(mut fields) => match fields.remove("subtasks") {
            Some(list) => list,
            None => Value::Array(vec![Value::Object(fields)]),
        },
        Value::Array(_) => value,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let message = "subtasks_json is JSON, but not an array of subtasks";
            return Err(Refusal::new(Code::InvalidValue, message)
                .suggest("send [{\"title\": …, \"description\": …, \"specialist_type\": …}]"));
        }
    };
    let mut fields = Map::new();
    fields.insert("subtasks".to_owned(), listed);
    let Accepted { arguments, notes } = accept(&FORM, fields)?;
    let Subtasks { subtasks } = serde_json::from_value(Value::Object(arguments))
        .map_err(|error| Refusal::new(Code::InvalidValue, format!("subtasks_json: {error}")))?;
    if subtasks.is_empty() {
        return Err(Refusal::new(Code::NothingToDo, "subtasks_json holds no subtask")
            .suggest("break the task into at least one subtask"));
    }
    if BATCH_MAX <= subtasks.len() {
        let message = format!("{} subtasks; the limit is {}", subtasks.len(), BATCH_MAX - 1);
        return Err(Refusal::new(Code::TooMuch, message).suggest("make several plans of it"));
    }
    Ok((subtasks, notes))
}

/// Models like to wrap JSON in a code fence.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix("```") else { return text };
    let inner = inner.strip_prefix("json").unwrap_or(inner);
    inner.strip_suffix("```").unwrap_or(inner).trim()
}

/// The plan's own task.
fn whole(input: &Plan, level: Level) -> Result<NewTask, Refusal> {
    let Some(text) = given(Some(&input.description)) else {
        return Err(Refusal::new(Code::InvalidText, "description is empty"));
    };
    let first: String =
        text.lines().next().unwrap_or(text).chars().filter(|one| !one.is_control()).collect();
    let title = if TITLE_MAX < first.chars().count() {
        first.chars().take(TITLE_MAX - 1).chain(['…']).collect()
    } else {
        first
    };
    let mut description = if title == text { String::new() } else { text.to_owned() };
    if let Some(context) = given(input.context.as_deref()) {
        let gap = if description.is_empty() { "" } else { "\n\n" };
        description = format!("{description}{gap}## Context\n\n{context}");
    }
    Ok(NewTask {
        title,
        local: Some(WHOLE.to_owned()),
        description,
        complexity: Some(level.complexity()),
        ..NewTask::default()
    })
}

/// All tasks of the plan, its own first.
fn tasks(
    reader: &Reader,
    session: Option<SessionId>,
    (parent, subtasks): (&NewTask, &[Subtask]),
) -> Result<Vec<NewTask>, Refusal> {
    let mode = match session {
        Some(session) => mode::of(reader, &sessions::get(reader, session)?)?,
        None => mode::current(reader)?,
    };
    let names = names(subtasks);
    let mut tasks = vec![parent.clone()];
    for (subtask, name) in subtasks.iter().zip(&names) {
        let waits_for = subtask.dependencies.as_deref().unwrap_or_default();
        let depends_on = waits_for
            .iter()
            .filter_map(|text| given(Some(text)))
            .map(|text| reference(reader, subtask, text, (subtasks, &names)))
            .collect::<Result<_, _>>()?;
        let (estimate_minutes, effort) = effort(subtask.estimated_effort.as_deref());
        let own = subtask.task_id.as_deref().and_then(|id| find::name_tag(id.trim()));
        tasks.push(NewTask {
            title: subtask.title.clone(),
            local: Some(name.clone()),
            description: format!("{}{effort}", subtask.description),
            role: given(Some(&subtask.specialist_type)).map(|role| mode::role_name(&mode, role)),
            parent: Some(TaskRef::Local(WHOLE.to_owned())),
            depends_on,
            estimate_minutes,
            tags: own.into_iter().collect(),
            ..NewTask::default()
        });
    }
    Ok(tasks)
}

/// What is said of roles that the mode does not have. Any role is taken.
fn unknown_roles(
    reader: &Reader,
    session: SessionId,
    tasks: &[NewTask],
) -> Result<Option<String>, Refusal> {
    let mode = mode::of(reader, &sessions::get(reader, session)?)?;
    let roles = tasks.iter().filter_map(|task| task.role.as_deref());
    let unknown: BTreeSet<&str> = roles.filter(|role| mode.role(role).is_none()).collect();
    if unknown.is_empty() {
        return Ok(None);
    }
    let named: Vec<String> = unknown.into_iter().take(ROLES_NAMED).map(visible_line).collect();
    Ok(Some(format!(
        "not in mode {}, and taken as they are: {}; its roles are {}",
        mode.name,
        named.join(", "),
        mode::role_names(&mode).join(", ")
    )))
}

/// What each subtask is called in its plan: its `task_id`, else its number.
fn names(subtasks: &[Subtask]) -> Vec<String> {
    let own = |subtask: &Subtask| given(subtask.task_id.as_deref()).map(str::to_owned);
    subtasks
        .iter()
        .enumerate()
        .map(|(index, subtask)| own(subtask).unwrap_or_else(|| format!("subtask {}", index + 1)))
        .collect()
}

/// What a dependency means: a subtask of the plan by name or title, else a task that exists.
fn reference(
    reader: &Reader,
    subtask: &Subtask,
    text: &str,
    (subtasks, names): (&[Subtask], &[String]),
) -> Result<TaskRef, Refusal> {
    if names.iter().any(|name| name == text) {
        return Ok(TaskRef::Local(text.to_owned()));
    }
    let mut titled = subtasks
        .iter()
        .zip(names)
        .filter(|(other, _)| other.title.trim().to_lowercase() == text.to_lowercase());
    if let (Some((_, name)), None) = (titled.next(), titled.next()) {
        return Ok(TaskRef::Local(name.clone()));
    }
    find::task(reader, text).map(TaskRef::Id).map_err(|refusal| {
        if refusal.code != Code::UnknownId {
            return refusal;
        }
        let title: String = subtask.title.chars().take(60).collect();
        let shown: String = text.chars().take(60).collect();
        let message = format!("subtask {title:?} depends on {shown:?}, which is no task_id of this plan and no task that exists");
        let near = closest(text, names.iter().map(String::as_str));
        let refusal = Refusal::new(Code::UnknownId, message).with("task_ids", names);
        match near {
            Some(near) => refusal.with("closest", near).suggest(format!("did you mean {near:?}?")),
            None => refusal.suggest("nothing was planned; name a task_id of this plan"),
        }
    })
}

/// An effort as minutes where it reads as a time, else as a line for the description.
fn effort(text: Option<&str>) -> (Option<u32>, String) {
    match given(text) {
        None => (None, String::new()),
        Some(text) => match parse_minutes(text) {
            Some(minutes) => (Some(minutes), String::new()),
            None => (None, format!("\n\nEstimated effort: {text}")),
        },
    }
}

fn told(
    description: &str,
    level: Level,
    created: &[Created],
    tasks: &[NewTask],
    notes: Vec<String>,
) -> Answer {
    let ids: HashMap<&str, String> = created
        .iter()
        .filter_map(|one| Some((one.local.as_deref()?, one.id.to_string())))
        .collect();
    let id_of = |reference: &TaskRef| match reference {
        TaskRef::Id(id) => Some(id.to_string()),
        TaskRef::Local(name) => ids.get(name.as_str()).cloned(),
    };
    let rows: Vec<Value> = created
        .iter()
        .zip(tasks)
        .skip(1)
        .map(|(made, task)| {
            json!({
                "task_id": made.id,
                "title": made.title,
                "specialist_type": task.role,
                "dependencies": task.depends_on.iter().filter_map(id_of).collect::<Vec<_>>(),
            })
        })
        .collect();
    let first = created.iter().zip(tasks).skip(1).find(|(_, task)| task.depends_on.is_empty());
    let next_steps = first.map_or_else(
        || "orchestrator_get_status tells which subtask can be taken".to_owned(),
        |(made, _)| {
            format!("begin with orchestrator_execute_subtask {{\"task_id\": \"{}\"}}", made.id)
        },
    );
    let answer = json!({
        "task_created": true,
        "parent_task_id": ids.get(WHOLE),
        "description": clip(description, ECHO_BYTES),
        "complexity": level,
        "subtasks": rows,
        "next_steps": next_steps,
    });
    Answer::data(&answer).detail(Detail::Full).noting(notes).rest("orchestrator_get_status")
}
