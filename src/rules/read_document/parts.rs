//! The parts of a plan, in order, and what becomes of the rest when one is refused.
//!
//! An item that the rules refuse to make into a record stays in the document as it was typed. What
//! was planned for it goes, what stands in it is refused too, and what was to come behind it comes
//! behind what is before it.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::domain::command::{Command, Place, TaskRef};
use crate::domain::id::TaskId;

/// Commands that are carried out together or not at all, and what they are for.
pub(crate) struct Part {
    pub commands: Vec<Command>,
    /// The record that the document speaks of.
    pub record: String,
    /// Its field; empty where the record is to be made.
    pub field: String,
    pub line: usize,
}

impl Part {
    /// Tells whether it makes its record.
    pub(super) fn makes(&self) -> bool {
        self.field.is_empty()
    }

    /// The groups and tasks that something is put into.
    fn outer(&self) -> Vec<String> {
        let mut outer = Vec::new();
        for command in &self.commands {
            if let Command::CreateTasks(create) = command {
                for task in &create.tasks {
                    outer.extend(task.group.map(|id| id.to_string()));
                    if let Some(TaskRef::Id(id)) = task.parent {
                        outer.push(id.to_string());
                    }
                }
            } else if let Command::CreateGroup(new) = command {
                outer.extend(new.parent.map(|id| id.to_string()));
            } else if let Command::PlaceTask(place) = command {
                outer.extend(place.group.flatten().map(|id| id.to_string()));
                outer.extend(place.parent.flatten().map(|id| id.to_string()));
            }
        }
        outer
    }

    /// The task that is put in a place, and the place.
    fn place(&mut self) -> Option<(TaskId, &mut Place)> {
        self.commands.iter_mut().find_map(|command| match command {
            Command::PlaceTask(put) => Some((put.id, put.place.as_mut()?)),
            _ => None,
        })
    }
}

/// The parts that are to be carried out yet.
#[derive(Default)]
pub(super) struct Parts {
    waiting: VecDeque<Part>,
    /// Items that did not become records.
    refused: HashSet<String>,
    /// Where each of those was to stand among its siblings.
    instead: HashMap<TaskId, Place>,
}

/// What comes next.
pub(super) enum Step {
    Do(Part),
    /// What it stands in was refused.
    Refuse(Part),
}

impl Parts {
    pub(super) fn push(&mut self, part: Part) {
        self.waiting.push_back(part);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Part> {
        self.waiting.iter()
    }

    /// Takes the next part; what was planned for an item that was refused is passed over.
    pub(super) fn next(&mut self) -> Option<Step> {
        while let Some(mut part) = self.waiting.pop_front() {
            let is_refused = self.refused.contains(&part.record);
            if let Some((id, place)) = part.place() {
                if let Place::After(other) = *place
                    && let Some(instead) = self.instead.get(&other)
                {
                    *place = *instead;
                }
                if is_refused {
                    self.instead.insert(id, *place);
                }
            }
            if is_refused {
                continue;
            }
            let is_within = part.outer().iter().any(|outer| self.refused.contains(outer));
            return Some(if is_within { Step::Refuse(part) } else { Step::Do(part) });
        }
        None
    }

    /// Notes that an item does not become a record.
    pub(super) fn refuse(&mut self, record: &str) {
        self.refused.insert(record.to_owned());
    }
}

impl Extend<Part> for Parts {
    fn extend<T: IntoIterator<Item = Part>>(&mut self, parts: T) {
        self.waiting.extend(parts);
    }
}
