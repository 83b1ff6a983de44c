//! Taking a command back by a new change, if what it wrote still stands.

use serde_json::Value;

use super::{Judged, Judgement, Scene, Write, dependency, guard, write_task};
use crate::domain::change::{Change, Verb};
use crate::domain::command::Edge;
use crate::domain::outcome::Answer;
use crate::domain::record::{Dependency, Fields, Record, RecordKey, same};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Task;

/// Fields that an undo leaves as they are: claims are agreements, not edits.
const LEFT_ALONE: [&str; 5] = ["claim", "claim_number", "updated_at", "version", "checked_at"];

/// Takes back the command that a sequence number belongs to, or the actor's newest.
pub(super) fn undo(scene: &Scene<'_>, seq: Option<i64>) -> Judged {
    let seq = match seq {
        Some(seq) => seq,
        None => scene.lookups.newest_undoable(scene.actor)?.ok_or_else(|| {
            Refusal::new(
                Code::CannotUndo,
                format!("{} has changed nothing that can be taken back", scene.actor),
            )
        })?,
    };
    take_back(scene, seq)
}

/// Takes back the actor's newest undo, if nothing came after it.
pub(super) fn redo(scene: &Scene<'_>) -> Judged {
    let seq = scene
        .lookups
        .newest_redoable(scene.actor)?
        .ok_or_else(|| Refusal::new(Code::CannotUndo, "nothing was undone last"))?;
    take_back(scene, seq)
}

fn take_back(scene: &Scene<'_>, seq: i64) -> Judged {
    let changes = scene.lookups.changes_of_command(seq)?;
    let Some(first) = changes.first() else {
        return Err(
            Refusal::new(Code::UnknownId, format!("there is no change {seq}")).with("seq", seq)
        );
    };
    scene.planning(first.session_id)?;
    let mut judgement =
        Judgement::new(Answer::Undone { command: first.command, changes: changes.len() });
    judgement.undoes = Some(first.command);
    let mut written: Vec<(RecordKey, Option<Record>)> = Vec::new();
    let mut edges = Vec::new();
    for change in changes.iter().rev() {
        let key: RecordKey = change
            .record
            .parse()
            .map_err(|_| stands_in_the_way(change, "its record is of another kind"))?;
        let earlier =
            written.iter().rev().find(|(known, _)| *known == key).map(|(_, record)| record.clone());
        let current = match earlier {
            Some(record) => record,
            None => scene.lookups.record(&key)?,
        };
        let write = reverse(scene, change, &key, current)?;
        if let (None, Some(Record::Dependency(edge))) = (&write.before, &write.after) {
            refuse_circle(scene, edge, &edges)?;
            edges.push(Edge { task: edge.task_id, depends_on: edge.depends_on });
        }
        written.push((key, write.after.clone()));
        judgement = judgement.writing(write);
    }
    Ok(judgement)
}

fn reverse(
    scene: &Scene<'_>,
    change: &Change,
    key: &RecordKey,
    current: Option<Record>,
) -> Result<Write, Refusal> {
    if matches!(change.verb, Verb::SessionCreated | Verb::SessionMoved) {
        let why = "moves of a session are not undone; use the move that leads back";
        return Err(stands_in_the_way(change, why));
    }
    if change.verb == Verb::MessageSent {
        return Err(stands_in_the_way(change, "a message cannot be called back"));
    }
    if change.verb == Verb::ArtifactChecked {
        let why = "it says what was seen; have the file looked at again";
        return Err(stands_in_the_way(change, why));
    }
    match (&change.before, &change.after, current) {
        (None, Some(after), Some(current)) => {
            refuse_changed(change, after, &current)?;
            refuse_used(scene, change, &current)?;
            Ok(Write::delete(verb_of(&current), current))
        }
        (Some(before), None, None) => {
            let later = scene.lookups.changes_since(key, 0)?;
            if later.last().is_some_and(|last| change.seq < last.seq) {
                let why = "it came back since, and what was deleted later is newer";
                return Err(stands_in_the_way(change, why));
            }
            let record = Record::from_fields(key, before.clone())
                .ok_or_else(|| stands_in_the_way(change, "it was kept in another form"))?;
            check_home(scene, change, &record)?;
            let version = change.version + 1;
            let after = Some(without_claim(record).stamped(version, scene.now));
            Ok(Write { verb: Verb::Undone, before: None, after, reason: None })
        }
        (Some(before), Some(after), Some(current)) => {
            refuse_changed(change, after, &current)?;
            restore(scene, change, key, before, &current)
        }
        (_, _, None) => Err(stands_in_the_way(change, "the record was deleted since")),
        (_, None, Some(_)) => Err(stands_in_the_way(change, "the record is there again")),
    }
}

fn restore(
    scene: &Scene<'_>,
    change: &Change,
    key: &RecordKey,
    before: &Fields,
    current: &Record,
) -> Result<Write, Refusal> {
    let mut fields = current.fields();
    for (name, value) in before.iter().filter(|(name, _)| !LEFT_ALONE.contains(&name.as_str())) {
        fields.insert(name.clone(), value.clone());
    }
    let record = Record::from_fields(key, fields)
        .ok_or_else(|| stands_in_the_way(change, "it was kept in another form"))?;
    check_home(scene, change, &record)?;
    if let (Record::Task(before), Record::Task(after)) = (current, &record) {
        if before.status != after.status {
            scene.working(before.session_id)?;
        }
        // Whoever takes a claim back lets go of it; every other undo leaves claims alone.
        let lets_go = change.verb == Verb::TaskClaimed;
        if lets_go {
            guard::claim(scene, before, None)?;
        }
        let claim = before.claim.clone().filter(|_| after.status.is_open() && !lets_go);
        let after = Task { claim, ..(**after).clone() };
        return Ok(write_task(scene, Verb::Undone, before, after).1);
    }
    Ok(Write::update(scene, Verb::Undone, current.clone(), record))
}

fn refuse_changed(change: &Change, after: &Fields, current: &Record) -> Result<(), Refusal> {
    let now = current.fields();
    let matters = |field: &str| {
        // How the file stands is seen, not decided.
        let is_seen = field == "state" && matches!(current, Record::Artifact(_));
        !is_seen && !LEFT_ALONE.contains(&field)
    };
    for (field, value) in after.iter().filter(|(field, _)| matters(field)) {
        if !same(Some(value), now.get(field)) {
            let refusal = stands_in_the_way(change, &format!("{field} was changed since"));
            return Err(refusal
                .with("field", field)
                .with("current", now.get(field).unwrap_or(&Value::Null)));
        }
    }
    Ok(())
}

/// Refuses to take back the making of something that has since been built upon.
fn refuse_used(scene: &Scene<'_>, change: &Change, current: &Record) -> Result<(), Refusal> {
    let in_the_way = match current {
        Record::Task(task) => {
            let children = scene.lookups.children(task.id)?;
            let waiting = scene.lookups.dependents(task.id)?;
            let held = task.claim.as_ref().is_some_and(|claim| !claim.is_stale(scene.now));
            // Children and edges made by the same command are taken back with it, before it.
            let own = scene.lookups.changes_of_command(change.seq)?;
            let is_own = |name: String| own.iter().any(|other| other.record == name);
            held || children.iter().any(|child| !is_own(child.id.to_string()))
                || waiting.iter().any(|other| !is_own(format!("{other}>{}", task.id)))
                || scene
                    .lookups
                    .dependencies(task.id)?
                    .iter()
                    .any(|on| !is_own(format!("{}>{on}", task.id)))
        }
        Record::Group(group) => {
            // What came into it by the same command goes with it, before it.
            let own = scene.lookups.changes_of_command(change.seq)?;
            let is_own = |name: String| own.iter().any(|other| other.record == name);
            let tasks = scene.lookups.tasks_of_group(group.id)?;
            let groups = scene.lookups.groups(group.session_id)?;
            tasks.iter().any(|task| !is_own(task.id.to_string()))
                || groups
                    .iter()
                    .filter(|other| other.parent_id == Some(group.id))
                    .any(|other| !is_own(other.id.to_string()))
        }
        Record::Session(_)
        | Record::Dependency(_)
        | Record::Context(_)
        | Record::Conflict(_)
        | Record::Artifact(_) => false,
    };
    if in_the_way {
        Err(stands_in_the_way(change, "other work has been built on it since"))
    } else {
        Ok(())
    }
}

/// Refuses to bring a record back to a place that is gone or taken.
fn check_home(scene: &Scene<'_>, change: &Change, record: &Record) -> Result<(), Refusal> {
    match record {
        Record::Task(task) => {
            if let Some(group) = task.group_id
                && scene.lookups.group(group)?.is_none()
            {
                return Err(stands_in_the_way(change, "its group was deleted since"));
            }
            Ok(())
        }
        Record::Group(group) => {
            let taken = scene.lookups.groups(group.session_id)?.into_iter().any(|other| {
                other.id != group.id
                    && other.parent_id == group.parent_id
                    && other.name.to_lowercase() == group.name.to_lowercase()
            });
            if taken {
                Err(stands_in_the_way(change, "another group has its name now"))
            } else {
                Ok(())
            }
        }
        Record::Artifact(artifact) => {
            let newest = scene.lookups.newest_edition(artifact.session_id, &artifact.title)?;
            if newest.is_some_and(|newest| artifact.edition <= newest.edition) {
                return Err(stands_in_the_way(change, "a later edition was recorded since"));
            }
            Ok(())
        }
        // Dependencies are asked about one after the other as they come back.
        Record::Dependency(_) | Record::Session(_) | Record::Context(_) | Record::Conflict(_) => {
            Ok(())
        }
    }
}

/// Refuses a dependency that closes a circle with those that stand and those that came back before.
fn refuse_circle(scene: &Scene<'_>, edge: &Dependency, back: &[Edge]) -> Result<(), Refusal> {
    let ends = (scene.lookups.task(edge.task_id)?, scene.lookups.task(edge.depends_on)?);
    // An end that comes back by the same command is asked about when all is back.
    let (Some(task), Some(other)) = ends else { return Ok(()) };
    dependency::check(scene, &task, &other, back, &[])
}

fn without_claim(record: Record) -> Record {
    match record {
        Record::Task(task) => Record::Task(Box::new(Task { claim: None, ..*task })),
        other @ (Record::Session(_)
        | Record::Group(_)
        | Record::Dependency(_)
        | Record::Context(_)
        | Record::Conflict(_)
        | Record::Artifact(_)) => other,
    }
}

fn verb_of(record: &Record) -> Verb {
    match record {
        Record::Task(_) => Verb::TaskDeleted,
        Record::Group(_) => Verb::GroupDeleted,
        Record::Dependency(_) => Verb::DependencyRemoved,
        Record::Context(_) => Verb::ContextRemoved,
        Record::Artifact(_) => Verb::ArtifactRemoved,
        Record::Session(_) | Record::Conflict(_) => Verb::Undone,
    }
}

fn stands_in_the_way(change: &Change, why: &str) -> Refusal {
    Refusal::new(
        Code::CannotUndo,
        format!("{} of {} cannot be taken back: {why}", change.verb, change.record),
    )
    .with("seq", change.seq)
    .with("record", &change.record)
    .with("actor", &change.actor)
}
