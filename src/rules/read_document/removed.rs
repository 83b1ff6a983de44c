//! Items that vanished from a document: proposals to remove, never silent deletes.

use std::collections::HashSet;

use serde_json::Value;

use super::identity::Identity;
use super::{Edit, Part, Plan, base};
use crate::domain::conflict::{ConflictKind, ConflictState};
use crate::domain::document::{Policy, REMOVAL, lost_at_once};
use crate::domain::merge::mergeable;
use crate::domain::record::{Record, RecordKey};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;
use crate::rules::conflict::{self, Sides};

/// Plans what becomes of the items that are gone, and withdraws the question about those that are
/// back.
pub(super) fn plan(edit: &Edit<'_>, plan: &mut Plan) -> Result<(), Refusal> {
    let back = edit.identities.iter().filter_map(Identity::key).map(ToString::to_string);
    let back: HashSet<String> = back.collect();
    for open in edit.open.iter().filter(|open| open.kind == ConflictKind::Removed) {
        if back.contains(&open.record) || edit.read.unasked.contains(&open.record) {
            plan.withdrawn.push(open.clone());
        } else {
            plan.removed.push(open.record.clone());
        }
    }
    if !edit.read.gone.is_empty() {
        let age = Age::of(edit)?;
        for (name, record) in records(edit, &edit.read.gone)? {
            if !age.is_older_than(&record) {
                plan.taken_out.push(name);
            }
        }
        refuse_mass(edit, plan)?;
    }
    for (_, record) in records(edit, &edit.read.removed)? {
        one(edit, &record, plan)?;
    }
    Ok(())
}

/// Refuses an edit from which too much was taken out at once.
fn refuse_mass(edit: &Edit<'_>, plan: &mut Plan) -> Result<(), Refusal> {
    // They are there, without their stamps.
    plan.taken_out.retain(|name| !plan.adopted.iter().any(|(_, adopted)| adopted == name));
    let all = edit.read.agreed.records.iter().filter(|item| item.stamp.is_some()).count();
    match lost_at_once(plan.taken_out.len(), all) {
        Some(reason) if !edit.read.confirmed => Err(Refusal::new(Code::TooMuch, reason)),
        Some(_) | None => Ok(()),
    }
}

/// Those of some records that are there.
fn records(edit: &Edit<'_>, names: &[String]) -> Result<Vec<(String, Record)>, Refusal> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let Ok(key) = name.parse::<RecordKey>() else { continue };
        found.extend(edit.scene.lookups.record(&key)?.map(|record| (name.clone(), record)));
    }
    Ok(found)
}

fn one(edit: &Edit<'_>, record: &Record, plan: &mut Plan) -> Result<(), Refusal> {
    let key = record.key().to_string();
    match edit.read.policies.removals {
        Policy::DatabaseWins => return Ok(()),
        Policy::FileWins => {
            plan.parts.push(Part {
                commands: vec![conflict::removal(record)],
                record: key,
                field: REMOVAL.to_owned(),
                line: 1,
            });
            return Ok(());
        }
        Policy::Ask => {}
    }
    if plan.removed.contains(&key) || was_refused(edit, &key)? {
        return Ok(());
    }
    let history = edit.scene.lookups.history(&record.key())?;
    let last = history.first().map(|change| (change.actor.clone(), change.at));
    let (ours_by, ours_at) = last.unwrap_or((crate::domain::actor::Actor::System, Timestamp(0)));
    plan.removed.push(key.clone());
    plan.conflicts.push(Sides {
        session_id: edit.read.session_id,
        record: key,
        kind: ConflictKind::Removed,
        field: String::new(),
        base: title(record),
        ours: title(record),
        ours_by,
        ours_at,
        theirs: Value::Null,
        theirs_by: edit.side.clone(),
    });
    Ok(())
}

fn title(record: &Record) -> Value {
    let fields = record.fields();
    let name = ["title", "name", "key"].into_iter().find_map(|name| fields.get(name));
    name.cloned().unwrap_or_default()
}

/// Tells whether it was decided to keep the item, and the document was not written since.
fn was_refused(edit: &Edit<'_>, record: &str) -> Result<bool, Refusal> {
    let written = edit.ledger.as_ref().map_or(Timestamp(0), |ledger| ledger.updated_at);
    let known = edit.scene.lookups.conflicts_of(record)?;
    Ok(known.iter().any(|known| {
        known.kind == ConflictKind::Removed
            && known.state == ConflictState::Resolved
            && known.theirs_by == edit.side
            && written <= known.updated_at
    }))
}

/// Tells whether a line between the records counts otherwise than the one that both agreed on last:
/// a text of an earlier time has the counts of that time, and nobody edits them.
fn counts_otherwise(edit: &Edit<'_>) -> bool {
    let Some(ledger) = &edit.ledger else { return false };
    let records = &edit.read.agreed.records;
    let then: HashSet<&str> = ledger.agreed.lines().map(str::trim_end).collect();
    let now: HashSet<&str> = edit.read.text.lines().map(str::trim_end).collect();
    let others: HashSet<String> = now.difference(&then).map(|line| without_counts(line)).collect();
    let mut start = 0;
    ledger.agreed.split_inclusive('\n').any(|line| {
        let at = start;
        start += line.len();
        let next = records.partition_point(|item| item.span.start <= at);
        let around = next.checked_sub(1).and_then(|last| records.get(last));
        let is_record = around.is_some_and(|item| at < item.span.end);
        let line = line.trim_end();
        !is_record && !now.contains(line) && others.contains(&without_counts(line))
    })
}

/// A line without its numbers and bars of progress.
fn without_counts(line: &str) -> String {
    line.replace(|character: char| character.is_ascii_digit() || "█░".contains(character), "")
}

/// How old the text is that was saved, as its marks tell.
struct Age {
    /// Some item says what its record said earlier, or some line counts so: an editor held an old
    /// text.
    is_stale: bool,
    /// When the newest content in it was made.
    newest: Timestamp,
}

impl Age {
    fn of(edit: &Edit<'_>) -> Result<Self, Refusal> {
        let mut age = Self { is_stale: false, newest: Timestamp(0) };
        for item in &edit.read.draft.records {
            let Some(stamp) = &item.stamp else { continue };
            let (Some(key), Some(mark)) = (stamp.key(), stamp.mark) else { continue };
            let Some(record) = edit.scene.lookups.record(&key)? else { continue };
            let depends_on = conflict::dependencies(edit.scene, &record)?;
            let now = mergeable(&record, &depends_on);
            let history = edit.scene.lookups.history(&key)?;
            if crate::domain::mark::Mark::of(&now) == mark {
                age.newest = age.newest.max(base::made_at(&history, &now));
            } else if let Some(then) = base::at_mark(&history, &now, mark) {
                age.is_stale = true;
                age.newest = age.newest.max(then.made_at);
            }
        }
        age.is_stale |= counts_otherwise(edit);
        // Without any mark nothing tells how old it is.
        age.is_stale &= Timestamp(0) < age.newest;
        Ok(age)
    }

    /// Tells whether the text may be of a time before the record was there.
    fn is_older_than(&self, record: &Record) -> bool {
        let created_at = match record {
            Record::Task(task) => task.created_at,
            Record::Group(group) => group.created_at,
            Record::Context(entry) => entry.updated_at,
            Record::Session(_)
            | Record::Dependency(_)
            | Record::Conflict(_)
            | Record::Artifact(_) => return false,
        };
        self.is_stale && self.newest < created_at
    }
}
