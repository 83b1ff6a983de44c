//! From what is there and what shall be to writes, in an order that keeps what is derived right:
//! dependencies go before their tasks and come after them, parents come before their children and
//! go after them, and a dependency comes after all that wait for the task which waits.

use super::super::{Scene, Write, id_taken};
use super::Rows;
use super::settle::Order;
use crate::domain::change::Verb;
use crate::domain::record::{Record, RecordKey, difference};
use crate::domain::refusal::Refusal;
use crate::domain::restore::{Difference, NAMED_MAX, RestoreBackup, Restored, What};
use crate::domain::task::DEPTH_MAX;

/// When a write comes among the others: its kind, then its place in that.
type Turn = (u8, usize);

/// The writes that make what is there what shall be.
pub(super) fn writes(
    scene: &Scene<'_>,
    wanted: &RestoreBackup,
    (ours, after): (&Rows, Rows),
    order: &Order,
    restored: &mut Restored,
) -> Result<Vec<Write>, Refusal> {
    let mut found: Vec<(Turn, Write)> = Vec::new();
    for (key, before) in ours {
        if !after.contains_key(key) {
            note(restored, Some(before), None);
            let turn = turn_of_end(before, ours);
            found.push((turn, Write::delete(verb(before, What::Deleted), before.clone())));
        }
    }
    let depths: Vec<usize> = after.values().map(|record| depth(record, &after)).collect();
    for ((key, record), depth) in after.into_iter().zip(depths) {
        let turn = turn(&record, order, depth, ours.contains_key(&key));
        match ours.get(&key) {
            Some(before) if *before == record => restored.unchanged += 1,
            Some(before) => {
                note(restored, Some(before), Some(&record));
                let verb = verb(&record, What::Updated);
                found.push((turn, Write::update(scene, verb, before.clone(), record)));
            }
            None => {
                note(restored, None, Some(&record));
                // A session that is new here has no history of its records.
                let is_known = !ours.is_empty();
                found.push((turn, created(scene, &key, record, is_known)?));
            }
        }
    }
    found.sort_by_key(|(turn, _)| *turn);
    Ok(found.into_iter().map(|(_, write)| write.because(Some(&wanted.reason))).collect())
}

/// A record that comes back: its version and the number of its claims go on from where they were.
fn created(
    scene: &Scene<'_>,
    key: &RecordKey,
    mut record: Record,
    is_known: bool,
) -> Result<Write, Refusal> {
    let is_elsewhere = match key {
        RecordKey::Group(id) => scene.lookups.group(*id)?.is_some(),
        RecordKey::Conflict(id) => scene.lookups.conflict(*id)?.is_some(),
        RecordKey::Artifact(id) => scene.lookups.artifact(*id)?.is_some(),
        RecordKey::Task(_)
        | RecordKey::Session(_)
        | RecordKey::Dependency(..)
        | RecordKey::Context(..) => false,
    };
    if is_elsewhere {
        return Err(id_taken("record", key));
    }
    let verb = verb(&record, What::Created);
    let mut version = record.version().max(1);
    if is_known && let Some(last) = scene.lookups.changes_since(key, 0)?.pop() {
        version = version.max(last.version + 1);
        let number = last.before.as_ref().and_then(|fields| fields.get("claim_number")?.as_i64());
        if let Record::Task(task) = &mut record {
            task.claim_number = task.claim_number.max(number.unwrap_or(0));
        }
    }
    let after = Some(record.stamped(version, scene.now));
    Ok(Write { verb, before: None, after, reason: None })
}

fn turn_of_end(before: &Record, ours: &Rows) -> Turn {
    match before {
        Record::Dependency(_) => (1, 0),
        Record::Context(_) | Record::Conflict(_) | Record::Artifact(_) => (2, 0),
        // The lowest first.
        Record::Task(_) => (5, DEPTH_MAX.saturating_sub(depth(before, ours))),
        Record::Group(_) => (6, 0),
        Record::Session(_) => (9, 0),
    }
}

fn turn(record: &Record, order: &Order, depth: usize, is_there: bool) -> Turn {
    match record {
        Record::Session(_) => (0, 0),
        Record::Group(_) => (0, 1),
        Record::Task(_) if is_there => (4, 0),
        Record::Task(_) => (3, depth),
        Record::Dependency(edge) => (7, order.get(&edge.task_id).copied().unwrap_or(0)),
        Record::Context(_) | Record::Conflict(_) | Record::Artifact(_) => (8, 0),
    }
}

/// How many tasks there are above one.
fn depth(record: &Record, rows: &Rows) -> usize {
    let mut above = 0;
    let mut here = record;
    while let Record::Task(task) = here
        && let Some(parent) = task.parent_id.filter(|_| above < DEPTH_MAX)
        && let Some(found) = rows.get(&RecordKey::Task(parent))
    {
        above += 1;
        here = found;
    }
    above
}

fn verb(record: &Record, what: What) -> Verb {
    match (record, what) {
        (Record::Session(_), _) => Verb::SessionRestored,
        (Record::Group(_), What::Created) => Verb::GroupCreated,
        (Record::Group(_), What::Updated) => Verb::GroupUpdated,
        (Record::Group(_), What::Deleted) => Verb::GroupDeleted,
        (Record::Task(_), What::Created) => Verb::TaskCreated,
        (Record::Task(_), What::Updated) => Verb::TaskUpdated,
        (Record::Task(_), What::Deleted) => Verb::TaskDeleted,
        (Record::Dependency(_), What::Deleted) => Verb::DependencyRemoved,
        (Record::Dependency(_), What::Created | What::Updated) => Verb::DependencyAdded,
        (Record::Context(_), What::Deleted) => Verb::ContextRemoved,
        (Record::Context(_), What::Created | What::Updated) => Verb::ContextSet,
        (Record::Conflict(_), What::Created) => Verb::ConflictOpened,
        (Record::Conflict(_), What::Updated) => Verb::ConflictUpdated,
        (Record::Conflict(_), What::Deleted) => Verb::ConflictWithdrawn,
        (Record::Artifact(_), What::Deleted) => Verb::ArtifactRemoved,
        (Record::Artifact(_), What::Created | What::Updated) => Verb::ArtifactRecorded,
    }
}

/// Counts a record that changes, and names the first ones.
pub(super) fn note(restored: &mut Restored, before: Option<&Record>, after: Option<&Record>) {
    let Some(record) = after.or(before) else { return };
    let (what, count) = match (before, after) {
        (None, _) => (What::Created, &mut restored.created),
        (Some(_), Some(_)) => (What::Updated, &mut restored.updated),
        (Some(_), None) => (What::Deleted, &mut restored.deleted),
    };
    *count += 1;
    if NAMED_MAX <= restored.differences.len() {
        return;
    }
    let fields = match (before, after) {
        (Some(_), Some(_)) => {
            let (_, changed) = difference(before, after);
            changed.into_iter().flatten().map(|(name, _)| name).collect()
        }
        (_, _) => Vec::new(),
    };
    restored.differences.push(Difference {
        record: record.key().to_string(),
        title: title(record),
        what,
        fields,
    });
}

fn title(record: &Record) -> String {
    match record {
        Record::Session(session) => session.name.clone(),
        Record::Group(group) => group.name.clone(),
        Record::Task(task) => task.title.clone(),
        Record::Dependency(edge) => format!("{} waits for {}", edge.task_id, edge.depends_on),
        Record::Context(entry) => entry.key.clone(),
        Record::Artifact(artifact) => artifact.title.clone(),
        Record::Conflict(conflict) => format!("conflict about {}", conflict.record),
    }
}
