//! The base of a merge: a record as it was when its mark was made, found in the feed.

use serde_json::Value;

use crate::domain::actor::Actor;
use crate::domain::change::{Change, Verb};
use crate::domain::mark::Mark;
use crate::domain::record::{Fields, RecordKey};
use crate::domain::time::Timestamp;

/// A record as it was.
pub(super) struct Base {
    pub fields: Fields,
    /// When it became so, as far as the feed reaches.
    pub made_at: Timestamp,
}

/// The record as it was at a mark; `None` when it never had that content here.
///
/// Walks the history from the present back, undoing change by change.
pub(super) fn at_mark(history: &[Change], now: &Fields, mark: Mark) -> Option<Base> {
    let mut fields = now.clone();
    let mut found = None;
    for change in history {
        if found.is_none() && Mark::of(&fields) == mark {
            found = Some(fields.clone());
        }
        if !undo(&mut fields, change) {
            continue;
        }
        if let Some(fields) = found {
            return Some(Base { fields, made_at: change.at });
        }
    }
    let last = Mark::of(&fields) == mark;
    let fields = found.or_else(|| last.then_some(fields))?;
    Some(Base { fields, made_at: Timestamp(0) })
}

/// When the record got the content it has.
pub(super) fn made_at(history: &[Change], now: &Fields) -> Timestamp {
    let mut fields = now.clone();
    let touched = history.iter().find(|change| undo(&mut fields, change));
    touched.map_or(Timestamp(0), |change| change.at)
}

/// The record's fields just before it was deleted; `None` where it was not.
pub(super) fn at_deletion(history: &[Change], names: &[&str]) -> Option<Fields> {
    let last = history.iter().find(|change| !is_edge(change))?;
    let before = last.before.clone().filter(|_| last.after.is_none())?;
    let mut fields: Fields =
        before.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect();
    fields.insert("depends_on".to_owned(), Value::Array(Vec::new()));
    // Its edges went by the same command, before it did.
    let edges = history.iter().filter(|change| change.command == last.command && is_edge(change));
    for edge in edges {
        undo(&mut fields, edge);
    }
    Some(fields)
}

/// Who changed a field last, and when.
pub(super) fn last_touch(history: &[Change], field: &str) -> Option<(Actor, Timestamp)> {
    let touches = |change: &&Change| {
        if is_edge(change) {
            return field == "depends_on";
        }
        change.after.as_ref().is_some_and(|fields| fields.contains_key(field))
    };
    history.iter().find(touches).map(|change| (change.actor.clone(), change.at))
}

fn is_edge(change: &Change) -> bool {
    matches!(change.record.parse(), Ok(RecordKey::Dependency(..)))
}

/// Takes a change back in the fields; false where it touched none that merge.
fn undo(fields: &mut Fields, change: &Change) -> bool {
    if let Ok(RecordKey::Dependency(_, on)) = change.record.parse() {
        return undo_edge(fields, change.verb, &on.to_string());
    }
    let Some(before) = &change.before else { return change.after.is_some() };
    let mut touched = false;
    for (name, value) in before {
        if let Some(known) = fields.get_mut(name) {
            known.clone_from(value);
            touched = true;
        }
    }
    touched
}

fn undo_edge(fields: &mut Fields, verb: Verb, on: &str) -> bool {
    let Some(Value::Array(edges)) = fields.get_mut("depends_on") else { return false };
    if verb == Verb::DependencyAdded {
        edges.retain(|edge| edge != on);
    } else if !edges.iter().any(|edge| edge == on) {
        edges.push(Value::from(on));
        edges.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
    }
    true
}
