//! Making tasks: one or a whole tree, all or none.

use std::collections::HashMap;
use std::sync::Arc;

use super::position::{self, STEP};
use super::{Judged, Judgement, Scene, Write, boxed, dependency, task_update, unknown};
use crate::domain::change::Verb;
use crate::domain::command::{BATCH_MAX, CreateTasks, NewTask, Place, TaskRef};
use crate::domain::graph;
use crate::domain::group::TaskGroup;
use crate::domain::id::{GroupId, TaskId};
use crate::domain::lookups::Siblings;
use crate::domain::mode::Mode;
use crate::domain::outcome::{Answer, Created};
use crate::domain::record::{Dependency, Record};
use crate::domain::refusal::{Code, Refusal, closest};
use crate::domain::task::{Complexity, DEPTH_MAX, Priority, Status, Task};
use crate::domain::text::{DESCRIPTION_MAX, TITLE_MAX, WORD_MAX, many_lines, one_line};

/// Most dependencies of a new task.
const DEPENDENCIES_MAX: usize = 200;

/// Makes tasks. Parents and dependencies may be tasks of the same command, in any order.
pub(super) fn create(scene: &Scene<'_>, create: &CreateTasks) -> Judged {
    let session = scene.planning(create.session_id)?;
    if create.tasks.is_empty() {
        return Err(Refusal::new(Code::NothingToDo, "no task is given"));
    }
    if BATCH_MAX < create.tasks.len() {
        let message = format!("{} tasks at once; the limit is {BATCH_MAX}", create.tasks.len());
        return Err(Refusal::new(Code::TooMuch, message).suggest("send them in several calls"));
    }
    let mut maker = Maker::new(scene, create, scene.lookups.mode(&session)?)?;
    for index in maker.parents_first()? {
        maker.make(index)?;
    }
    maker.connect()?;
    Ok(maker.finish())
}

struct Maker<'a> {
    scene: &'a Scene<'a>,
    create: &'a CreateTasks,
    ids: Vec<TaskId>,
    locals: HashMap<&'a str, usize>,
    made: HashMap<TaskId, Task>,
    groups: HashMap<GroupId, TaskGroup>,
    mode: Arc<Mode>,
    next_position: HashMap<(Option<GroupId>, Option<TaskId>), f64>,
    tasks: Vec<Write>,
    edges: Vec<Write>,
}

/// What a new task gets of itself, its group or a rule, and by which rule.
struct Routed {
    role: Option<String>,
    complexity: Complexity,
    by: Option<String>,
}

impl<'a> Maker<'a> {
    fn new(
        scene: &'a Scene<'a>,
        create: &'a CreateTasks,
        mode: Arc<Mode>,
    ) -> Result<Self, Refusal> {
        let mut locals = HashMap::new();
        for (index, task) in create.tasks.iter().enumerate() {
            let Some(local) = task.local.as_deref() else { continue };
            if locals.insert(local, index).is_some() {
                let message = format!("two tasks of this call have the local name {local:?}");
                return Err(Refusal::new(Code::NameTaken, message).with("local", local));
            }
        }
        let ids: Vec<TaskId> =
            create.tasks.iter().map(|task| task.id.unwrap_or_else(|| scene.task_id())).collect();
        for id in create.tasks.iter().filter_map(|task| task.id) {
            if scene.lookups.task(id)?.is_some() || 1 < ids.iter().filter(|one| **one == id).count()
            {
                return Err(super::id_taken("task", id));
            }
        }
        Ok(Self {
            scene,
            create,
            ids,
            locals,
            made: HashMap::new(),
            groups: HashMap::new(),
            mode,
            next_position: HashMap::new(),
            tasks: Vec::new(),
            edges: Vec::new(),
        })
    }

    fn local(&self, name: &str) -> Result<usize, Refusal> {
        self.locals.get(name).copied().ok_or_else(|| {
            let refusal = Refusal::new(
                Code::UnknownId,
                format!("no task of this call has the local name {name:?}"),
            )
            .with("local", name);
            match closest(name, self.locals.keys().copied()) {
                Some(near) => {
                    refusal.with("closest", near).suggest(format!("did you mean {near:?}?"))
                }
                None => refusal,
            }
        })
    }

    /// The order in which every task comes after its parent.
    fn parents_first(&self) -> Result<Vec<usize>, Refusal> {
        let mut depths = Vec::new();
        for index in 0..self.create.tasks.len() {
            depths.push((self.depth_among_new(index)?, index));
        }
        depths.sort_unstable();
        Ok(depths.into_iter().map(|(_, index)| index).collect())
    }

    /// How many new tasks lie above a new one.
    fn depth_among_new(&self, index: usize) -> Result<usize, Refusal> {
        let (mut depth, mut here) = (0, index);
        while let Some(TaskRef::Local(name)) =
            self.create.tasks.get(here).and_then(|task| task.parent.as_ref())
        {
            here = self.local(name)?;
            depth += 1;
            if DEPTH_MAX <= depth {
                let message =
                    format!("tasks nest at most {DEPTH_MAX} deep and never inside themselves");
                return Err(Refusal::new(Code::Nesting, message).with("local", name));
            }
        }
        Ok(depth)
    }

    fn id_of(&self, reference: &TaskRef) -> Result<TaskId, Refusal> {
        match reference {
            TaskRef::Id(id) => Ok(*id),
            TaskRef::Local(name) => {
                let index = self.local(name)?;
                self.ids.get(index).copied().ok_or_else(|| unknown("task", name))
            }
        }
    }

    fn any_task(&self, id: TaskId) -> Result<Task, Refusal> {
        self.made.get(&id).cloned().map_or_else(|| self.scene.task(id), Ok)
    }

    fn make(&mut self, index: usize) -> Result<(), Refusal> {
        let (Some(new), Some(&id)) = (self.create.tasks.get(index), self.ids.get(index)) else {
            return Ok(());
        };
        let parent = match &new.parent {
            Some(reference) => Some(self.any_task(self.id_of(reference)?)?),
            None => None,
        };
        if let Some(parent) = &parent {
            self.check_parent(parent)?;
        }
        let group_id = parent.as_ref().map_or(new.group, |parent| parent.group_id);
        let routed = self.routed(new, group_id)?;
        let position = self.position(new, group_id, parent.as_ref().map(|parent| parent.id))?;
        let task = Task {
            id,
            session_id: self.create.session_id,
            group_id,
            parent_id: parent.map(|parent| parent.id),
            title: one_line("title", &new.title, TITLE_MAX)?,
            description: many_lines("description", &new.description, DESCRIPTION_MAX)?,
            status: Status::Pending,
            priority: new.priority.unwrap_or(Priority::Normal),
            complexity: routed.complexity,
            role: routed.role,
            position,
            estimate_minutes: new
                .estimate_minutes
                .map(|minutes| task_update::minutes("estimate_minutes", minutes))
                .transpose()?,
            actual_minutes: None,
            tags: task_update::tags(&new.tags)?,
            due: new.due.as_deref().map(task_update::due).transpose()?,
            progress: 0,
            assignee: new
                .assignee
                .as_deref()
                .map(|name| one_line("assignee", name, WORD_MAX))
                .transpose()?,
            claim: None,
            claim_number: 0,
            result_summary: None,
            reason: None,
            created_by: self.scene.actor.clone(),
            created_at: self.scene.now,
            updated_at: self.scene.now,
            started_at: None,
            finished_at: None,
            version: 1,
        };
        let write = Write::create(self.scene, Verb::TaskCreated, boxed(task.clone()));
        self.tasks.push(write.because(routed.by.as_deref()));
        self.made.insert(id, task);
        Ok(())
    }

    /// The role and complexity of a new task: its own, its group's, or those of a rule of the mode.
    fn routed(&mut self, new: &NewTask, group: Option<GroupId>) -> Result<Routed, Refusal> {
        let complexity = new.complexity.unwrap_or(self.mode.settings.default_complexity);
        let role = match (&new.role, group) {
            (Some(role), _) => Some(one_line("role", role, WORD_MAX)?),
            (None, Some(group)) => self.group(group)?.role,
            (None, None) => None,
        };
        let tags = task_update::tags(&new.tags)?;
        let rule = match role {
            Some(_) => None,
            None => self.mode.route(&new.title, &new.description, &tags),
        };
        let Some(rule) = rule else { return Ok(Routed { role, complexity, by: None }) };
        let complexity = if rule.complexity_boost { complexity.harder() } else { complexity };
        let by = format!("role {} by rule {} of mode {}", rule.role, rule.name, self.mode.name);
        let by = match rule.second_review.as_slice() {
            [] => by,
            roles => format!("{by}; to be reviewed by {} too", roles.join(", ")),
        };
        Ok(Routed { role: Some(rule.role.clone()), complexity, by: Some(by) })
    }

    fn group(&mut self, id: GroupId) -> Result<TaskGroup, Refusal> {
        if let Some(group) = self.groups.get(&id) {
            return Ok(group.clone());
        }
        let group = self.scene.group(id)?;
        if group.session_id != self.create.session_id {
            let message = format!("group {id} belongs to session {}", group.session_id);
            return Err(Refusal::new(Code::InvalidValue, message));
        }
        self.groups.insert(id, group.clone());
        Ok(group)
    }

    fn check_parent(&self, parent: &Task) -> Result<(), Refusal> {
        if parent.session_id != self.create.session_id {
            let message = format!("parent {} belongs to session {}", parent.id, parent.session_id);
            return Err(Refusal::new(Code::InvalidValue, message));
        }
        if !parent.status.is_open() {
            let message = format!("parent {} is {}", parent.id, parent.status);
            return Err(Refusal::new(Code::IllegalMove, message)
                .suggest("reopen it first, or name another parent"));
        }
        let (mut depth, mut above) = (1, parent.parent_id);
        while let Some(id) = above {
            depth += 1;
            above = self.any_task(id)?.parent_id;
        }
        let most = self.mode.settings.max_subtask_depth.min(DEPTH_MAX);
        if depth < most {
            return Ok(());
        }
        Err(Refusal::new(Code::Nesting, format!("tasks nest at most {most} deep"))
            .with("parent", parent.id))
    }

    fn position(
        &mut self,
        new: &NewTask,
        group_id: Option<GroupId>,
        parent_id: Option<TaskId>,
    ) -> Result<f64, Refusal> {
        let siblings = Siblings { session_id: self.create.session_id, group_id, parent_id };
        if let Some(after) = new.after {
            let room = position::find(self.scene, siblings, Place::After(after), None)?;
            self.tasks.extend(room.writes);
            return Ok(room.position);
        }
        let key = (group_id, parent_id);
        let position = match self.next_position.get(&key) {
            Some(position) => *position,
            None => self.scene.lookups.last_position(siblings)?.unwrap_or(0.0) + STEP,
        };
        self.next_position.insert(key, position + STEP);
        Ok(position)
    }

    fn connect(&mut self) -> Result<(), Refusal> {
        let mut new_edges: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
        for (new, id) in self.create.tasks.iter().zip(self.ids.clone()) {
            if DEPENDENCIES_MAX < new.depends_on.len() {
                let message =
                    format!("a task waits for at most {DEPENDENCIES_MAX} others when it is made");
                return Err(Refusal::new(Code::TooMuch, message));
            }
            for reference in &new.depends_on {
                let on = self.id_of(reference)?;
                self.check_edge(id, on, &new_edges)?;
                self.connect_one((id, on), &mut new_edges);
            }
        }
        Ok(())
    }

    fn connect_one(
        &mut self,
        (id, on): (TaskId, TaskId),
        new_edges: &mut HashMap<TaskId, Vec<TaskId>>,
    ) {
        let waits_for = new_edges.entry(id).or_default();
        if !waits_for.contains(&on) {
            waits_for.push(on);
            self.edges.push(self.edge(id, on));
        }
    }

    fn edge(&self, task_id: TaskId, depends_on: TaskId) -> Write {
        let session_id = self.create.session_id;
        let edge = Dependency { task_id, depends_on, session_id, created_at: self.scene.now };
        Write::create(self.scene, Verb::DependencyAdded, Record::Dependency(edge))
    }

    /// New tasks are waited for by new tasks only, so a circle can only lie among the new edges.
    fn check_edge(
        &self,
        id: TaskId,
        on: TaskId,
        new_edges: &HashMap<TaskId, Vec<TaskId>>,
    ) -> Result<(), Refusal> {
        let (task, other) = (self.any_task(id)?, self.any_task(on)?);
        if other.session_id != task.session_id {
            return Err(Refusal::new(
                Code::InvalidValue,
                format!("{on} belongs to session {}", other.session_id),
            ));
        }
        if let Some(path) =
            graph::path(on, id, |here| Ok(new_edges.get(&here).cloned().unwrap_or_default()))?
        {
            let names: Vec<String> =
                std::iter::once(&id).chain(&path).map(|id| self.name(*id)).collect();
            let refusal = dependency::cycle(id, &path);
            return Err(Refusal {
                message: format!("this would close a circle: {}", names.join(" → ")),
                ..refusal
            }
            .with("path", names));
        }
        if self.is_above(&task, on)? || self.is_above(&other, id)? {
            let message = format!(
                "{} and {} contain one another, so neither can wait for the other",
                self.name(id),
                self.name(on)
            );
            return Err(Refusal::new(Code::Nesting, message));
        }
        Ok(())
    }

    fn is_above(&self, task: &Task, above: TaskId) -> Result<bool, Refusal> {
        let mut here = task.parent_id;
        for _ in 0..DEPTH_MAX {
            let Some(id) = here else { return Ok(false) };
            if id == above {
                return Ok(true);
            }
            here = self.any_task(id)?.parent_id;
        }
        Ok(false)
    }

    /// What the caller calls a task: its local name where it has one.
    fn name(&self, id: TaskId) -> String {
        let index = self.ids.iter().position(|known| *known == id);
        let local = index
            .and_then(|index| self.create.tasks.get(index))
            .and_then(|task| task.local.clone());
        local.unwrap_or_else(|| id.to_string())
    }

    fn finish(self) -> Judgement {
        let created = self
            .create
            .tasks
            .iter()
            .zip(&self.ids)
            .map(|(new, id)| Created {
                id: *id,
                local: new.local.clone(),
                title: new.title.trim().to_owned(),
            })
            .collect();
        Judgement::new(Answer::Created(created)).writing_all(self.tasks).writing_all(self.edges)
    }
}
