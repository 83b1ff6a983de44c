//! What each record shall be afterwards, by the strategy.

use std::collections::BTreeSet;

use super::super::{Scene, gate};
use super::Rows;
use super::sessions::Home;
use crate::domain::artifact::Artifact;
use crate::domain::gate::needs;
use crate::domain::record::{Fields, Record, RecordKey, same};
use crate::domain::refusal::Refusal;
use crate::domain::restore::{MergeStrategy, RestoreBackup, Restored};
use crate::domain::task::Task;

/// Fields that make sense only together, of tasks, and of sessions.
const OF_TASKS: [&[&str]; 2] = [
    &["status", "started_at", "finished_at", "progress", "reason"],
    &["group_id", "parent_id", "position"],
];
const OF_SESSIONS: [&[&str]; 2] =
    [&["state", "state_since", "reason", "owner"], &["mode", "binding"]];

/// What is brought to one session.
pub(super) struct Bring<'a> {
    pub scene: &'a Scene<'a>,
    pub wanted: &'a RestoreBackup,
    pub home: &'a Home<'a>,
}

impl Bring<'_> {
    /// All records of the session as they shall be.
    pub(super) fn all(&self, ours: &Rows, restored: &mut Restored) -> Result<Rows, Refusal> {
        let mut after = match self.wanted.strategy {
            MergeStrategy::Replace => Rows::new(),
            MergeStrategy::Merge | MergeStrategy::SkipExisting => ours.clone(),
        };
        for theirs in &self.home.rows.records {
            let key = theirs.key();
            let record = match ours.get(&key) {
                None => self.again(theirs, restored)?.without_claim(),
                Some(ours) => self.one(theirs, ours, restored)?,
            };
            after.insert(key, record);
        }
        let works = self.home.after.state.allows_work();
        for record in after.values_mut() {
            if let Record::Task(task) = record
                && !(works && task.status.is_open())
            {
                task.claim = None;
            }
        }
        Ok(after)
    }

    /// A record that is not here. A task that was, and is deleted, comes back to an agent as it went
    /// where a gate stands before what the backup has: deleting it was no way around.
    fn again(&self, theirs: &Record, restored: &mut Restored) -> Result<Record, Refusal> {
        let Record::Task(task) = theirs else { return Ok(theirs.clone()) };
        if !self.scene.actor.is_agent() || self.home.ours.is_none() {
            return Ok(theirs.clone());
        }
        let key = theirs.key();
        let last = self.scene.lookups.changes_since(&key, 0)?.pop();
        let last = last.filter(|change| change.after.is_none()).and_then(|change| change.before);
        match last.and_then(|fields| Record::from_fields(&key, fields)) {
            Some(Record::Task(before)) => {
                let task = self.behind_gates(&before, (**task).clone(), restored)?;
                Ok(Record::Task(Box::new(task)))
            }
            Some(_) | None => Ok(theirs.clone()),
        }
    }

    fn one(
        &self,
        theirs: &Record,
        ours: &Record,
        restored: &mut Restored,
    ) -> Result<Record, Refusal> {
        let theirs = in_place_of(theirs.clone(), ours);
        if theirs == *ours {
            return Ok(theirs);
        }
        let after = match self.wanted.strategy {
            MergeStrategy::Replace => theirs,
            MergeStrategy::Merge => merged(self.scene, self.wanted, (&theirs, ours), restored)?,
            MergeStrategy::SkipExisting => {
                restored.skipped += 1;
                return Ok(ours.clone());
            }
        };
        match (ours, after) {
            (Record::Task(before), Record::Task(after)) if self.scene.actor.is_agent() => {
                let task = self.behind_gates(before, *after, restored)?;
                Ok(Record::Task(Box::new(task)))
            }
            (_, after) => Ok(after),
        }
    }

    /// An agent moves no task through a gate by restoring it, nor gets it out of one.
    fn behind_gates(
        &self,
        before: &Task,
        mut after: Task,
        restored: &mut Restored,
    ) -> Result<Task, Refusal> {
        let mode = self.scene.lookups.mode(&self.scene.session(before.session_id)?)?;
        let is_moved = before.status != after.status;
        if is_moved && !needs(&mode.gates, before, after.status).is_empty() {
            restored.clash(&before.id, "status", "a gate stands before it; a person restores it");
            after.status = before.status;
            (after.started_at, after.finished_at) = (before.started_at, before.finished_at);
            (after.progress, after.reason) = (before.progress, before.reason.clone());
        }
        if gate::refuse_escape(self.scene, before, &after).is_err() {
            restored.clash(&before.id, "role", "it would get out of a gate; a person restores it");
            (after.role, after.tags) = (before.role.clone(), before.tags.clone());
        }
        Ok(after)
    }
}

/// The backup's record, with what is not of its content as it is here.
fn in_place_of(theirs: Record, ours: &Record) -> Record {
    match (theirs, ours) {
        (Record::Task(mut theirs), Record::Task(ours)) => {
            theirs.claim.clone_from(&ours.claim);
            theirs.claim_number = theirs.claim_number.max(ours.claim_number);
            (theirs.version, theirs.updated_at) = (ours.version, ours.updated_at);
            Record::Task(theirs)
        }
        (Record::Group(mut theirs), Record::Group(ours)) => {
            (theirs.version, theirs.updated_at) = (ours.version, ours.updated_at);
            Record::Group(theirs)
        }
        (Record::Context(mut theirs), Record::Context(ours)) => {
            (theirs.version, theirs.updated_at) = (ours.version, ours.updated_at);
            Record::Context(theirs)
        }
        (Record::Conflict(mut theirs), Record::Conflict(ours)) => {
            (theirs.version, theirs.updated_at) = (ours.version, ours.updated_at);
            Record::Conflict(theirs)
        }
        (Record::Artifact(theirs), Record::Artifact(ours)) => {
            Record::Artifact(Box::new(artifact_in_place_of(*theirs, ours)))
        }
        // That one task waits for another is all there is to it.
        (Record::Dependency(_), Record::Dependency(ours)) => Record::Dependency(ours.clone()),
        (theirs, _) => theirs,
    }
}

/// How its file stands here is what was seen here.
fn artifact_in_place_of(theirs: Artifact, ours: &Artifact) -> Artifact {
    Artifact {
        state: ours.state,
        checked_at: ours.checked_at,
        version: ours.version,
        updated_at: ours.updated_at,
        ..theirs
    }
}

/// Both, field by field: the backup's value where nobody changed it here since.
pub(super) fn merged(
    scene: &Scene<'_>,
    wanted: &RestoreBackup,
    (theirs, ours): (&Record, &Record),
    restored: &mut Restored,
) -> Result<Record, Refusal> {
    let key = ours.key();
    let changed = changed_since(scene, &key, wanted.base)?;
    let (there, mut here) = (theirs.fields(), ours.fields());
    let names: BTreeSet<&String> = there.keys().chain(here.keys()).collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter(|name| !same(there.get(*name), here.get(*name)))
        .cloned()
        .collect();
    for name in &differing {
        let together = unit(ours, name);
        let is_ours = match together {
            Some(unit) => unit.iter().any(|field| changed.contains(*field)),
            None if matches!(ours, Record::Conflict(_) | Record::Artifact(_)) => {
                !changed.is_empty()
            }
            None => changed.contains(name),
        };
        if is_ours {
            restored.clash(&key, name, "it was changed here since");
        } else {
            take(&mut here, &there, name);
        }
    }
    Ok(Record::from_fields(&key, here).unwrap_or_else(|| ours.clone()))
}

fn take(here: &mut Fields, there: &Fields, name: &str) {
    match there.get(name) {
        Some(value) => here.insert(name.to_owned(), value.clone()),
        None => here.remove(name),
    };
}

/// The fields that a field goes together with.
fn unit(record: &Record, name: &str) -> Option<&'static [&'static str]> {
    let units = match record {
        Record::Task(_) => OF_TASKS,
        Record::Session(_) => OF_SESSIONS,
        Record::Group(_)
        | Record::Dependency(_)
        | Record::Context(_)
        | Record::Conflict(_)
        | Record::Artifact(_) => return None,
    };
    units.into_iter().find(|unit| unit.contains(&name))
}

/// The fields of a record that were changed here after an entry of the feed.
fn changed_since(
    scene: &Scene<'_>,
    key: &RecordKey,
    base: i64,
) -> Result<BTreeSet<String>, Refusal> {
    let later = scene.lookups.changes_since(key, 0)?;
    let later = later.into_iter().filter(|change| base < change.seq);
    Ok(later
        .flat_map(|change| [change.before, change.after])
        .flatten()
        .flat_map(|fields| fields.into_iter().map(|(name, _)| name))
        .collect())
}
