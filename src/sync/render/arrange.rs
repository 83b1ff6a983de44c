//! Which tasks a document shows, how deep each is nested, and where it has to stop.

use std::collections::{HashMap, HashSet};

use crate::domain::id::TaskId;
use crate::domain::task::Task;
use crate::sync::state::{RECORDS_MAX, TaskState};

/// Most bytes of records in one document, so that it stays below what is read.
const BYTES_MAX: usize = 1_500_000;

/// A task in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nested<'a> {
    pub(super) state: &'a TaskState,
    /// Parents of it that are in the document.
    pub(super) depth: usize,
}

/// How much more a document can hold.
#[derive(Debug)]
pub(super) struct Room {
    records: usize,
    bytes: usize,
    /// Records that found no room.
    pub(super) left_out: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { records: RECORDS_MAX, bytes: BYTES_MAX, left_out: 0 }
    }
}

impl Room {
    /// Tells whether a record of that many bytes has room, and takes it. After one had none, no
    /// other has: a document is cut at one place.
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.left_out == 0 && 0 < self.records && bytes <= self.bytes;
        if fits {
            self.records -= 1;
            self.bytes -= bytes;
        } else {
            self.left_out += 1;
        }
        fits
    }
}

/// The tasks of one group that are shown, each below its parent where that is shown too. `tasks`
/// are in the order of the board; what has no parent here follows the tree it stood in.
pub(super) fn nest(tasks: &[TaskState], shown: impl Fn(&Task) -> bool) -> Vec<Nested<'_>> {
    let here: HashSet<TaskId> =
        tasks.iter().filter(|state| shown(&state.task)).map(|state| state.task.id).collect();
    let mut below: HashMap<TaskId, Vec<&TaskState>> = HashMap::new();
    let mut stack: Vec<Nested<'_>> = Vec::new();
    for state in tasks.iter().filter(|state| shown(&state.task)) {
        match state.task.parent_id.filter(|parent| here.contains(parent)) {
            Some(parent) => below.entry(parent).or_default().push(state),
            None => stack.push(Nested { state, depth: 0 }),
        }
    }
    stack.reverse();
    let mut nested = Vec::with_capacity(here.len());
    while let Some(top) = stack.pop() {
        let children = below.remove(&top.state.task.id).unwrap_or_default();
        let depth = top.depth + 1;
        stack.extend(children.into_iter().rev().map(|state| Nested { state, depth }));
        nested.push(top);
    }
    nested
}
