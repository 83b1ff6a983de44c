//! Decisions that are not written yet.

use callboard_engine::domain::conflict::{Choice, Conflict, ConflictKind, ResolveConflict};
use callboard_engine::domain::id::ConflictId;
use serde_json::Value;

use crate::conflict::value;

/// What a person chose.
#[derive(Debug, Clone, PartialEq)]
pub enum Pick {
    /// The database's value.
    Ours,
    /// The file's, or whoever wrote at the same time.
    Theirs,
    /// What either has.
    Both,
    /// A value of its own.
    Merged(Value),
}

/// What is decided about a conflict, and by whom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Picked<'a> {
    /// Nothing.
    Open,
    /// A decision was made, but a side has changed since.
    Changed,
    /// Only one side has changed after all.
    Auto(Choice),
    Own(&'a Pick),
}

/// A decision, and the sides that it was made on.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub pick: Pick,
    ours: Value,
    theirs: Value,
}

impl Draft {
    /// A decision on a conflict as it is now.
    pub fn new(pick: Pick, conflict: &Conflict) -> Self {
        Self { pick, ours: conflict.ours.clone(), theirs: conflict.theirs.clone() }
    }

    /// Tells whether both sides are still what they were.
    pub fn stands(&self, conflict: &Conflict) -> bool {
        self.ours == conflict.ours && self.theirs == conflict.theirs
    }
}

/// Drafts as they were before a step.
#[derive(Debug, Clone)]
pub struct Step {
    pub drafts: Vec<(ConflictId, Option<Draft>)>,
}

/// The side that changed where the other did not, or either where they agree.
pub fn automatic(conflict: &Conflict) -> Option<Choice> {
    if conflict.kind != ConflictKind::Field {
        return None;
    }
    let is_known = !conflict.base.is_null();
    if conflict.ours == conflict.theirs || (is_known && conflict.theirs == conflict.base) {
        Some(Choice::Ours)
    } else if is_known && conflict.ours == conflict.base {
        Some(Choice::Theirs)
    } else {
        None
    }
}

/// The value that a decision comes to.
pub fn result(conflict: &Conflict, picked: Picked<'_>) -> Option<Value> {
    match picked {
        Picked::Open | Picked::Changed => None,
        Picked::Auto(Choice::Theirs) | Picked::Own(Pick::Theirs) => Some(conflict.theirs.clone()),
        Picked::Auto(Choice::Ours | Choice::Merged) | Picked::Own(Pick::Ours) => {
            Some(conflict.ours.clone())
        }
        Picked::Own(Pick::Both) => value::both(conflict),
        Picked::Own(Pick::Merged(merged)) => Some(merged.clone()),
    }
}

/// The command that writes a decision; it is refused where a side has changed since.
pub fn resolve(conflict: &Conflict, picked: Picked<'_>) -> Option<ResolveConflict> {
    let (choice, value) = match picked {
        Picked::Open | Picked::Changed => return None,
        Picked::Auto(choice) => (choice, None),
        Picked::Own(Pick::Ours) => (Choice::Ours, None),
        Picked::Own(Pick::Theirs) => (Choice::Theirs, None),
        Picked::Own(Pick::Both) => (Choice::Merged, Some(value::both(conflict)?)),
        Picked::Own(Pick::Merged(merged)) => (Choice::Merged, Some(merged.clone())),
    };
    let if_version = Some(conflict.version);
    Some(ResolveConflict { id: conflict.id, choice, value, remark: None, if_version })
}
