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

    /// Tells whether something of it is put into one of these groups and tasks.
    fn is_within(&self, refused: &HashSet<String>) -> bool {
        self.commands.iter().flat_map(outer).any(|outer| refused.contains(&outer))
    }

    /// The task that is put in a place, and the place.
    fn place(&mut self) -> Option<(TaskId, &mut Place)> {
        self.commands.iter_mut().find_map(|command| {
            let Command::PlaceTask(put) = command else { return None };
            Some((put.id, put.place.as_mut()?))
        })
    }
}

/// The groups and tasks that a command puts something into.
fn outer(command: &Command) -> Vec<String> {
    let (groups, tasks): (Vec<_>, Vec<_>) = if let Command::CreateTasks(create) = command {
        let tasks = create.tasks.iter();
        tasks.map(|task| (task.group, task.parent.as_ref().and_then(known))).unzip()
    } else if let Command::CreateGroup(new) = command {
        (vec![new.parent], Vec::new())
    } else if let Command::PlaceTask(put) = command {
        (vec![put.group.flatten()], vec![put.parent.flatten()])
    } else {
        return Vec::new();
    };
    let groups = groups.into_iter().flatten().map(|id| id.to_string());
    groups.chain(tasks.into_iter().flatten().map(|id| id.to_string())).collect()
}

fn known(task: &TaskRef) -> Option<TaskId> {
    if let TaskRef::Id(id) = task { Some(*id) } else { None }
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
                *place = self.instead_of(*place);
                self.instead.extend(is_refused.then_some((id, *place)));
            }
            if is_refused {
                continue;
            }
            let is_within = part.is_within(&self.refused);
            return Some(if is_within { Step::Refuse(part) } else { Step::Do(part) });
        }
        None
    }

    /// The place, or where the refused item was to stand that it is behind.
    fn instead_of(&self, place: Place) -> Place {
        let Place::After(other) = place else { return place };
        self.instead.get(&other).copied().unwrap_or(place)
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
