//! From a plan to the one command that makes it.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::json;

use super::expand::{PlannedTask, Preview};
use crate::domain::command::{Command, CreateTasks, NewGroup, NewTask, TaskRef};
use crate::domain::group::TaskGroup;
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::outcome::{Answer, Created, Outcome};
use crate::domain::refusal::{Code, Refusal};

/// Faults that a refusal names.
const NAMED_MAX: usize = 20;

/// Where a template is applied.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    pub session: SessionId,
    /// What its tasks and groups are put into.
    pub group: Option<GroupId>,
    /// What its tasks are put below; they are then in that task's group.
    pub parent: Option<TaskId>,
    /// The groups that the session has.
    pub groups: &'a [TaskGroup],
}

/// A command that applies a template, and what it does with groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// All or none, and one undo takes it back.
    pub command: Command,
    pub groups: Vec<GroupUse>,
    /// What else whoever applies it should know, as sentences.
    pub notes: Vec<String>,
}

/// A group that the tasks go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupUse {
    pub group_id: GroupId,
    /// Inside of the group it is applied to.
    pub path: String,
    /// Whether it is made; else it was there.
    pub is_new: bool,
}

impl Preview {
    /// Whether it can be applied.
    pub fn is_fit(&self) -> bool {
        self.faults.is_empty()
    }

    /// The command that makes the plan.
    ///
    /// # Errors
    ///
    /// All faults, where there are any.
    pub fn application(&self, site: &Site<'_>) -> Result<Application, Refusal> {
        if !self.is_fit() {
            return Err(self.refusal());
        }
        let mut notes = Vec::new();
        let mut commands = Vec::new();
        let mut groups: Vec<GroupUse> = Vec::new();
        if site.parent.is_none() {
            groups = self.groups(site, &mut commands);
        } else if !self.groups.is_empty() || site.group.is_some() {
            notes.push("Below a task, all tasks are in that one's group.".to_owned());
        }
        let tasks = self.tasks.iter().map(|task| self.task(task, site, &groups)).collect();
        commands.push(Command::CreateTasks(CreateTasks { session_id: site.session, tasks }));
        let reason = Some(format!("task template {}", self.template));
        Ok(Application { command: Command::Batch { commands, reason }, groups, notes })
    }

    /// The groups in the order of the plan, and the commands that make those that are missing.
    fn groups(&self, site: &Site<'_>, commands: &mut Vec<Command>) -> Vec<GroupUse> {
        let mut known: HashMap<Vec<String>, GroupId> = HashMap::new();
        let mut used: Vec<GroupUse> = Vec::new();
        for planned in &self.groups {
            let key: Vec<String> = planned.path.iter().map(|name| name.to_lowercase()).collect();
            let Some((name, outer)) = key.split_last() else { continue };
            let parent = known.get(outer).copied().or(site.group);
            let there = site
                .groups
                .iter()
                .find(|group| group.parent_id == parent && group.name.to_lowercase() == *name);
            let group_id =
                there.map_or_else(|| GroupId::from_random(crate::peer::random()), |group| group.id);
            if there.is_none() {
                commands.push(Command::CreateGroup(NewGroup {
                    id: Some(group_id),
                    session_id: site.session,
                    name: planned.path.last().cloned().unwrap_or_default(),
                    parent,
                    description: planned.description.clone(),
                    role: planned.role.clone(),
                }));
            }
            let path = planned.path.join(" / ");
            used.push(GroupUse { group_id, path, is_new: there.is_none() });
            known.insert(key, group_id);
        }
        used
    }

    fn task(&self, task: &PlannedTask, site: &Site<'_>, groups: &[GroupUse]) -> NewTask {
        let above = task.parent.and_then(|at| self.tasks.get(at));
        let group = task.group.and_then(|at| groups.get(at)).map(|group| group.group_id);
        NewTask {
            title: task.title.clone(),
            local: Some(task.local.clone()),
            description: task.description.clone(),
            priority: task.priority,
            complexity: task.complexity,
            role: task.role.clone(),
            group: group.or(site.group).filter(|_| above.is_none() && site.parent.is_none()),
            parent: above
                .map(|above| TaskRef::Local(above.local.clone()))
                .or_else(|| site.parent.map(TaskRef::Id)),
            depends_on: task.depends_on.iter().cloned().map(TaskRef::Local).collect(),
            estimate_minutes: task.estimate_minutes,
            tags: task.tags.clone(),
            ..NewTask::default()
        }
    }

    /// Why it cannot be applied, with all faults.
    pub fn refusal(&self) -> Refusal {
        let told: Vec<String> = self.faults.iter().map(ToString::to_string).collect();
        let message = match told.as_slice() {
            [only] => format!("the template {} cannot be applied: {only}", self.template),
            [first, rest @ ..] => format!(
                "the template {} cannot be applied: {first}; and {} more",
                self.template,
                rest.len()
            ),
            [] => format!("the template {} cannot be applied", self.template),
        };
        let named: Vec<_> = self.faults.iter().take(NAMED_MAX).map(|fault| json!(fault)).collect();
        Refusal::new(Code::InvalidValue, message)
            .with("problems", named)
            .suggest("send it again with these put right; nothing was changed")
    }
}

/// The tasks that an application made, in the order of the plan.
pub fn created(outcome: &Outcome) -> &[Created] {
    let Answer::Batch(answers) = &outcome.answer else { return &[] };
    match answers.last() {
        Some(Answer::Created(created)) => created,
        Some(_) | None => &[],
    }
}
