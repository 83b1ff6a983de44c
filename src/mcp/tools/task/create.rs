//! Making tasks: one, or a tree whose parts name each other.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{wire, writing_session, wrote};
use crate::domain::command::{BATCH_MAX, Command, CreateTasks, NewTask, TaskRef};
use crate::domain::id::{GroupId, SessionId};
use crate::domain::lookups::ReadyFilter;
use crate::domain::outcome::Answer as Made;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{Complexity, Priority};
use crate::mcp::answer::{Reply, unexpected};
use crate::mcp::params::{Minutes, Word, given, missing, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::{resolve, tasks};
use crate::store::Reader;

/// Ready tasks named after planning.
const READY_MAX: usize = 3;
/// Local names that a refusal tells.
const NAMED_MAX: usize = 20;

/// A task to be made.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(description = "", extend("accepts" = ["status"]))]
struct New {
    /// One line.
    #[schemars(extend("aliases" = ["name", "task"]))]
    title: String,
    /// What is to be done, and how one sees that it is (markdown).
    #[schemars(extend("aliases" = ["details", "body"]))]
    description: Option<String>,
    /// Its name for others of this call.
    #[schemars(extend("aliases" = ["local_name", "ref", "key", "task_id", "id"]))]
    local: Option<String>,
    #[schemars(extend("aliases" = ["priority_level"]))]
    priority: Option<Word<Priority>>,
    #[schemars(extend("hidden" = true, "aliases" = ["complexity_level"]))]
    complexity: Option<Word<Complexity>>,
    #[schemars(extend("aliases" = ["specialist_type", "specialist", "specialist_focus"]))]
    role: Option<String>,
    /// Name or id.
    #[schemars(extend("aliases" = ["group_id", "task_group", "target_group"]))]
    group: Option<String>,
    #[schemars(extend("aliases" = ["parent_id", "parent_task_id"]))]
    parent: Option<String>,
    #[schemars(extend("aliases" = ["dependencies", "blocked_by", "waits_for"]))]
    depends_on: Option<Vec<String>>,
    #[schemars(extend("aliases" = ["estimate", "estimated_effort"]))]
    estimate_minutes: Option<Minutes>,
    tags: Option<Vec<String>>,
    /// A day, as 2026-11-30.
    #[schemars(extend("hidden" = true, "aliases" = ["due_date"]))]
    due: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["assigned_to"]))]
    assignee: Option<String>,
    #[schemars(extend("aliases" = ["subtasks"]))]
    children: Option<Vec<Self>>,
}

/// Parameters of `task_create`. A single task may also be given without the list.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::mcp) struct Create {
    tasks: Option<Vec<New>>,
    /// The live session by default.
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    /// For tasks that name none.
    #[schemars(extend("aliases" = ["group_id", "task_group", "target_group"]))]
    group: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["name", "task"]))]
    title: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["details", "body"]))]
    description: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["priority_level"]))]
    priority: Option<Word<Priority>>,
    #[schemars(extend("hidden" = true, "aliases" = ["complexity_level"]))]
    complexity: Option<Word<Complexity>>,
    #[schemars(extend("hidden" = true, "aliases" = ["specialist_type", "specialist"]))]
    role: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["parent_id", "parent_task_id"]))]
    parent: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["dependencies", "blocked_by"]))]
    depends_on: Option<Vec<String>>,
    #[schemars(extend("hidden" = true, "aliases" = ["estimate", "estimated_effort"]))]
    estimate_minutes: Option<Minutes>,
    #[schemars(extend("hidden" = true))]
    tags: Option<Vec<String>>,
    #[schemars(extend("hidden" = true, "aliases" = ["due_date"]))]
    due: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["assigned_to"]))]
    assignee: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["subtasks"]))]
    children: Option<Vec<New>>,
}

impl Create {
    /// All tasks, the one that was given without the list among them.
    fn split(self) -> (Vec<New>, Option<String>, Option<String>) {
        let mut tasks = self.tasks.unwrap_or_default();
        if let Some(title) = self.title {
            tasks.push(New {
                title,
                description: self.description,
                local: None,
                priority: self.priority,
                complexity: self.complexity,
                role: self.role,
                group: None,
                parent: self.parent,
                depends_on: self.depends_on,
                estimate_minutes: self.estimate_minutes,
                tags: self.tags,
                due: self.due,
                assignee: self.assignee,
                children: self.children,
            });
        }
        (tasks, self.session_id, self.group)
    }
}

impl CallboardServer {
    pub(super) async fn create_tasks(&self, caller: &Caller, input: Create) -> Reply {
        let (tasks, session, group) = input.split();
        if tasks.is_empty() {
            return Err(missing("tasks", "which tasks are to be made? one needs at least a title"));
        }
        let command = self.read(|reader| {
            let session_id = writing_session(reader, session.as_deref())?;
            let group = group_of(reader, session_id, group.as_deref())?;
            let mut tasks = tasks;
            let mut names = Names::default();
            names.give(&mut tasks);
            let mut planner = Planner { reader, session_id, group, names, made: Vec::new() };
            for task in tasks {
                planner.add(task, None)?;
            }
            Ok(Command::CreateTasks(CreateTasks { session_id, tasks: planner.made }))
        })?;
        let outcome = self.submit(caller, command).await?;
        let Made::Created(made) = &outcome.answer else { return Err(unexpected()) };
        let created: Vec<_> = made
            .iter()
            .map(|one| {
                let local = one.local.as_ref().filter(|local| !local.starts_with(OWN));
                json!({ "task_id": one.id, "title": one.title, "local": local })
            })
            .collect();
        let ready = match made.first() {
            None => Vec::new(),
            Some(first) => self.read(|reader| {
                let session = tasks::row(reader, first.id)?.session_id;
                tasks::next(reader, session, &ReadyFilter::default(), READY_MAX)
            })?,
        };
        let next: Vec<_> = ready.iter().map(wire::line).collect();
        Ok(wrote(&json!({ "created": created, "next_ready": next }), outcome)
            .rest("orchestrator_task_query"))
    }
}

/// What the local names begin with that are given here.
const OWN: char = '\u{1}';

/// What the tasks of a call are called by others of it: by their local names, and by their titles.
#[derive(Default)]
struct Names {
    local: HashSet<String>,
    /// The local name of the task with a title; none where several have it.
    titled: HashMap<String, Option<String>>,
    given: usize,
}

impl Names {
    /// Gives every task a local name, and notes it.
    fn give(&mut self, tasks: &mut [New]) {
        for task in tasks {
            let local = if let Some(local) = given(task.local.as_deref()) {
                self.local.insert(local.to_owned());
                local.to_owned()
            } else {
                self.given += 1;
                format!("{OWN}{}", self.given)
            };
            self.titled
                .entry(folded(&task.title))
                .and_modify(|known| *known = None)
                .or_insert_with(|| Some(local.clone()));
            task.local = Some(local);
            self.give(task.children.as_deref_mut().unwrap_or_default());
        }
    }

    /// The task of this call that is meant, if it is one.
    fn meant(&self, text: &str) -> Result<Option<TaskRef>, Refusal> {
        if self.local.contains(text) {
            return Ok(Some(TaskRef::Local(text.to_owned())));
        }
        match self.titled.get(&folded(text)) {
            None => Ok(None),
            Some(Some(local)) => Ok(Some(TaskRef::Local(local.clone()))),
            Some(None) => {
                let shown: String = text.chars().take(60).collect();
                let message = format!("several tasks of this call have the title {shown:?}");
                Err(Refusal::new(Code::AmbiguousId, message)
                    .suggest("give the one that is meant a local name, and use that"))
            }
        }
    }
}

/// A title as it is compared.
fn folded(title: &str) -> String {
    title.trim().to_lowercase()
}

fn group_of(
    reader: &Reader,
    session: SessionId,
    text: Option<&str>,
) -> Result<Option<GroupId>, Refusal> {
    given(text).map(|text| resolve::group(reader, session, text)).transpose()
}

/// Turns a tree into the flat list of the command.
struct Planner<'a> {
    reader: &'a Reader,
    session_id: SessionId,
    group: Option<GroupId>,
    names: Names,
    made: Vec<NewTask>,
}

impl Planner<'_> {
    fn add(&mut self, task: New, parent: Option<&str>) -> Result<(), Refusal> {
        if BATCH_MAX <= self.made.len() {
            let message = format!("more than {BATCH_MAX} tasks at once");
            return Err(Refusal::new(Code::TooMuch, message).suggest("send them in several calls"));
        }
        let local = task.local;
        let children = task.children.unwrap_or_default();
        let group = group_of(self.reader, self.session_id, task.group.as_deref())?;
        let parent = match (parent, given(task.parent.as_deref())) {
            (Some(local), _) => Some(TaskRef::Local(local.to_owned())),
            (None, Some(text)) => Some(self.reference(text)?),
            (None, None) => None,
        };
        let depends_on = task.depends_on.unwrap_or_default();
        let texts = depends_on.iter().filter_map(|text| given(Some(text)));
        let depends_on = texts.map(|text| self.reference(text)).collect::<Result<_, _>>()?;
        let group = if parent.is_some() { group } else { group.or(self.group) };
        self.made.push(NewTask {
            id: None,
            title: task.title,
            local: local.clone(),
            description: task.description.unwrap_or_default(),
            priority: read_some(task.priority.as_ref())?,
            complexity: read_some(task.complexity.as_ref())?,
            role: given(task.role.as_deref()).map(str::to_owned),
            group,
            parent,
            depends_on,
            estimate_minutes: task.estimate_minutes.map(|Minutes(minutes)| minutes),
            tags: task.tags.unwrap_or_default(),
            due: given(task.due.as_deref()).map(str::to_owned),
            assignee: given(task.assignee.as_deref()).map(str::to_owned),
            after: None,
        });
        for child in children {
            self.add(child, local.as_deref())?;
        }
        Ok(())
    }

    /// A task of this call by its local name or title, else one that is there.
    fn reference(&self, text: &str) -> Result<TaskRef, Refusal> {
        if let Some(task) = self.names.meant(text)? {
            return Ok(task);
        }
        match resolve::task(self.reader, Some(self.session_id), text) {
            Ok(id) => Ok(TaskRef::Id(id)),
            Err(refusal) if self.names.local.is_empty() => Err(refusal),
            Err(refusal) => {
                let names: Vec<&String> = self.names.local.iter().take(NAMED_MAX).collect();
                Err(refusal.with("local_names", names))
            }
        }
    }
}
