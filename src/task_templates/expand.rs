//! From a template and values to the groups and tasks that they make: pure, bounded, all faults at
//! once.

mod fields;
mod groups;

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};
use tera::Context;

use super::model::{Home, INDEX, ITEM, TaskPart, TaskTemplate};
use super::problem::Fault;
use super::texts::Texts;
use super::values;
use crate::domain::command::BATCH_MAX;
use crate::domain::task::{Complexity, Priority};

/// Most faults that are told.
const FAULTS_MAX: usize = 50;

/// What a template comes to with the values given. Where something is wrong, it shows as much as
/// can be told, and cannot be applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// The name of the template.
    pub template: String,
    /// Every parameter with the value that it has.
    pub parameters: Map<String, Value>,
    /// Each after the group that it is inside of.
    pub groups: Vec<PlannedGroup>,
    /// Each after the task that it is below of.
    pub tasks: Vec<PlannedTask>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

/// A group that tasks go to. One that is there by this path is used as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedGroup {
    pub path: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// A task to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedTask {
    /// Its name within the plan: its id in the template, with `.1`, `.2`, … where it is repeated.
    pub local: String,
    pub title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its group's place in [`Preview::groups`]; none below another task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
    /// The place in [`Preview::tasks`] of the task that it is below of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<usize>,
    /// How many tasks it is below of.
    pub depth: usize,
    /// The local names of those that it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// Which items of which repeated tasks an instance belongs to.
type Turns = Vec<(usize, usize)>;

/// One task of the plan, and what it was made of.
struct Instance {
    part: usize,
    turns: Turns,
}

struct Expansion<'a> {
    template: &'a TaskTemplate,
    texts: Texts,
    values: Map<String, Value>,
    groups: groups::Groups,
    tasks: Vec<PlannedTask>,
    instances: Vec<Instance>,
    faults: Vec<Fault>,
    is_over: bool,
}

/// Where an instance is made.
#[derive(Clone)]
struct Spot {
    parent: Option<usize>,
    depth: usize,
    turns: Turns,
    context: Context,
}

impl TaskTemplate {
    /// What the template comes to with these values. Values are data: nothing in them is ever
    /// taken for an expression.
    pub fn preview(&self, given: &Map<String, Value>) -> Preview {
        let (values, faults) = values::all(&self.parameters, given);
        let mut expansion = Expansion {
            template: self,
            texts: Texts::new(),
            values,
            groups: groups::Groups::new(self.groups.len()),
            tasks: Vec::new(),
            instances: Vec::new(),
            faults,
            is_over: false,
        };
        expansion.run();
        let Expansion { values, groups, tasks, mut faults, .. } = expansion;
        faults.truncate(FAULTS_MAX);
        let template = self.name.clone();
        Preview { template, parameters: values, groups: groups.planned, tasks, faults }
    }
}

impl Expansion<'_> {
    fn run(&mut self) {
        let mut context = Context::new();
        for (name, value) in &self.values {
            context.insert(name.clone(), value);
        }
        let spot = Spot { parent: None, depth: 0, turns: Vec::new(), context };
        for index in self.children(None) {
            self.part(index, &spot);
        }
        if self.tasks.is_empty() && self.faults.is_empty() {
            let fault = Fault::whole("with these values the template makes no task");
            self.faults.push(fault.suggest("switch one of its parts on"));
        }
        self.connect();
    }

    /// The parts directly below a part.
    fn children(&self, parent: Option<usize>) -> Vec<usize> {
        let all = 0..self.template.tasks.len();
        all.filter(|index| self.template.parent(*index) == parent).collect()
    }

    /// Makes the instances of a part at a spot, with all below them.
    fn part(&mut self, index: usize, spot: &Spot) {
        let Some(task) = self.template.tasks.get(index) else { return };
        let Some(list) = &task.for_each else { return self.instance(index, spot.clone()) };
        let items = self.values.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        for (number, item) in (1_usize..).zip(&items) {
            let mut spot = spot.clone();
            spot.turns.push((index, number));
            spot.context.insert(ITEM, item);
            spot.context.insert(INDEX, &number);
            self.instance(index, spot);
        }
    }

    fn instance(&mut self, index: usize, spot: Spot) {
        let Some(task) = self.template.tasks.get(index) else { return };
        let local = local_of(task, &spot.turns);
        if self.is_over || !self.is_wanted(task, (&local, &spot.context)) {
            return;
        }
        if BATCH_MAX <= self.tasks.len() + self.groups.planned.len() {
            let message = format!("more than {BATCH_MAX} tasks and groups would be made");
            self.faults.push(Fault::whole(message).suggest("give shorter lists"));
            self.is_over = true;
            return;
        }
        let planned = self.planned(task, (local, &spot));
        self.tasks.push(planned);
        self.instances.push(Instance { part: index, turns: spot.turns.clone() });
        let below = Spot { parent: Some(self.tasks.len() - 1), depth: spot.depth + 1, ..spot };
        for child in self.children(Some(index)) {
            self.part(child, &below);
        }
    }

    fn is_wanted(&mut self, task: &TaskPart, (local, context): (&str, &Context)) -> bool {
        let Some(when) = &task.when else { return true };
        match self.texts.holds(when, context) {
            Ok(holds) => holds,
            Err(message) => {
                self.faults.push(Fault::of_task(local, format!("when: {message}")));
                true
            }
        }
    }

    /// Fills in the fields of a task.
    fn planned(&mut self, task: &TaskPart, (local, spot): (String, &Spot)) -> PlannedTask {
        let mut fields = fields::Filler {
            texts: &mut self.texts,
            context: &spot.context,
            task: &local,
            faults: &mut self.faults,
        };
        let mut planned = fields.task(task);
        planned.group = match &task.home {
            Home::Root | Home::Task(_) => None,
            Home::Declared(group) => self.groups.declared(self.template, *group, &mut fields),
            Home::Path(path) => self.groups.by_path(path, &mut fields),
        };
        PlannedTask { local, parent: spot.parent, depth: spot.depth, ..planned }
    }

    /// Names for each task those that it waits for.
    fn connect(&mut self) {
        let all = self.instances.iter().map(|instance| {
            let mut waiting = Waiting::default();
            self.waits(instance, instance.part, &mut waiting);
            waiting
        });
        let all: Vec<Waiting> = all.collect();
        for (at, waiting) in all.iter().enumerate() {
            let is_bridged = waiting.on.iter().any(|(_, is_bridge)| *is_bridge);
            // What another one that it waits for waits for already need not be said again.
            let said = if is_bridged { waited_for(&all, waiting) } else { Vec::new() };
            let is_said = |on: usize| said.get(on).copied().unwrap_or(false);
            let on = waiting.on.iter().filter(|(on, is_bridge)| !is_bridge || !is_said(*on));
            let names: Vec<String> =
                on.filter_map(|(on, _)| self.tasks.get(*on)).map(|one| one.local.clone()).collect();
            if let Some(task) = self.tasks.get_mut(at) {
                task.depends_on = names;
            }
        }
    }

    /// The instances that an instance waits for, by what a part says. In the place of a part that
    /// is left out stand those that it waits for itself, so that the order of work stays.
    fn waits(&self, own: &Instance, part: usize, waiting: &mut Waiting) {
        let Some(task) = self.template.tasks.get(part) else { return };
        for &on in &task.depends_on {
            if !waiting.seen.insert(on) {
                continue;
            }
            let fits = |one: &Instance| one.part == on && agree(&one.turns, &own.turns);
            let there = (0..).zip(&self.instances).filter(|(_, one)| fits(one));
            let there: Vec<usize> = there.map(|(at, _)| at).collect();
            if there.is_empty() {
                self.waits(own, on, waiting);
            }
            waiting.on.extend(there.into_iter().map(|at| (at, part != own.part)));
        }
    }
}

/// What an instance waits for.
#[derive(Default)]
struct Waiting {
    /// The place of each in the plan, and whether it stands in the place of one that is left out.
    on: Vec<(usize, bool)>,
    /// The parts that were looked at.
    seen: HashSet<usize>,
}

/// Whether two instances belong together: where both are of a repeated task, of the same item.
fn agree(left: &Turns, right: &Turns) -> bool {
    left.iter().all(|(part, item)| {
        right.iter().find(|(other, _)| other == part).is_none_or(|(_, other)| other == item)
    })
}

fn local_of(task: &TaskPart, turns: &Turns) -> String {
    let mut local = task.id.clone();
    for (_, item) in turns {
        local.push('.');
        local.push_str(&item.to_string());
    }
    local
}

/// Of all instances, those that the ones wait for which an instance waits for: each is looked at
/// once, however many ways lead to it.
fn waited_for(all: &[Waiting], waiting: &Waiting) -> Vec<bool> {
    let mut seen = vec![false; all.len()];
    let mut open: Vec<usize> = waiting.on.iter().map(|(on, _)| *on).collect();
    while let Some(at) = open.pop() {
        let next = all.get(at).map(|waiting| waiting.on.as_slice()).unwrap_or_default();
        open.extend(next.iter().map(|(on, _)| *on).filter(|on| {
            seen.get_mut(*on).is_some_and(|is_seen| !std::mem::replace(is_seen, true))
        }));
    }
    seen
}

#[cfg(test)]
mod tests;
