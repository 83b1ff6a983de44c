//! Conflicts: how they open, what agents propose, and how they end.

mod revival;

use serde_json::Value;

use super::{Judged, Judgement, Scene, Write, field, guard, unknown};
use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::command::{Command, Dependents, GroupContents};
use crate::domain::conflict::{
    Choice, Conflict, ConflictKind, ConflictState, PROPOSALS_MAX, Proposal, Resolution,
    ResolveConflict,
};
use crate::domain::gate::needs;
use crate::domain::id::{ConflictId, SessionId};
use crate::domain::outcome::Answer;
use crate::domain::record::{Record, RecordKey};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Status;
use crate::domain::text::{REMARK_MAX, many_lines};
use crate::domain::time::Timestamp;

/// Leaves with an open conflict what the actor would decide.
pub(super) fn propose(scene: &Scene<'_>, wanted: &ResolveConflict) -> Judged {
    let before = open(scene, wanted.id)?;
    if wanted.choice == Choice::Merged && wanted.value.is_none() {
        return Err(Refusal::new(
            Code::InvalidValue,
            "a merged value is proposed without the value",
        )
        .with("field", "value"));
    }
    let remark = wanted.remark.as_deref().map(|text| many_lines("remark", text, REMARK_MAX));
    let proposal = Proposal {
        choice: wanted.choice,
        value: wanted.value.clone(),
        by: scene.actor.clone(),
        at: scene.now,
        remark: remark.transpose()?,
    };
    let mut after = before.clone();
    // The newest word of each actor counts.
    after.proposals.retain(|known| known.by != *scene.actor);
    after.proposals.push(proposal);
    let surplus = after.proposals.len().saturating_sub(PROPOSALS_MAX);
    after.proposals.drain(..surplus);
    let write = change(scene, Verb::ConflictProposed, before, after.clone());
    guard_version(scene, &write, wanted.if_version)?;
    Ok(Judgement::new(Answer::Conflict(Box::new(after))).writing(write))
}

/// The conflict, which must wait for a decision.
pub(super) fn open(scene: &Scene<'_>, id: ConflictId) -> Result<Conflict, Refusal> {
    let conflict = scene.lookups.conflict(id)?.ok_or_else(|| unknown("conflict", id))?;
    match conflict.state {
        ConflictState::Open => Ok(conflict),
        ConflictState::Resolved => {
            let ended = conflict.resolution.as_ref();
            let message = format!("conflict {id} is resolved already");
            Err(Refusal::new(Code::IllegalMove, message)
                .with("choice", ended.map(|end| end.choice))
                .with("by", ended.map(|end| &end.by))
                .suggest("undo that decision to decide anew"))
        }
        ConflictState::Withdrawn => Err(Refusal::new(
            Code::IllegalMove,
            format!("conflict {id} is over: both sides agree again"),
        )),
    }
}

/// The write of a changed conflict.
pub(super) fn change(scene: &Scene<'_>, verb: Verb, before: Conflict, after: Conflict) -> Write {
    Write::update(
        scene,
        verb,
        Record::Conflict(Box::new(before)),
        Record::Conflict(Box::new(after)),
    )
}

/// Refuses a word about a conflict whose sides changed since the version given.
pub(super) fn guard_version(
    scene: &Scene<'_>,
    write: &Write,
    if_version: Option<i64>,
) -> Result<(), Refusal> {
    let (Some(seen), Some(before)) = (if_version, &write.before) else { return Ok(()) };
    let sides = ["ours".to_owned(), "theirs".to_owned()];
    guard::expect(scene, &before.key().to_string(), seen, &sides).map(drop)
}

/// What stands against what.
pub(super) struct Sides {
    pub session_id: SessionId,
    pub record: String,
    pub kind: ConflictKind,
    pub field: String,
    pub base: Value,
    pub ours: Value,
    pub ours_by: Actor,
    pub ours_at: Timestamp,
    pub theirs: Value,
    pub theirs_by: Actor,
}

/// Opens a conflict, or gives the open one about the same field and from the same side its new
/// values. `None` where nothing about it is new.
pub(super) fn record(
    scene: &Scene<'_>,
    sides: Sides,
) -> Result<(Conflict, Option<Write>), Refusal> {
    let known = scene.lookups.conflicts_of(&sides.record)?.into_iter().find(|known| {
        known.is_open()
            && known.kind == sides.kind
            && known.field == sides.field
            && known.theirs_by == sides.theirs_by
    });
    let Some(before) = known else {
        let conflict = opened(scene, sides);
        let record = Record::Conflict(Box::new(conflict.clone()));
        let write = Write::create(scene, Verb::ConflictOpened, record);
        return Ok((conflict, Some(write)));
    };
    if before.ours == sides.ours && before.theirs == sides.theirs {
        return Ok((before, None));
    }
    let (ours_by, ours_at) = if before.ours == sides.ours {
        (before.ours_by.clone(), before.ours_at)
    } else {
        (sides.ours_by, sides.ours_at)
    };
    let theirs_at = if before.theirs == sides.theirs { before.theirs_at } else { scene.now };
    let after = Conflict {
        ours: sides.ours,
        ours_by,
        ours_at,
        theirs: sides.theirs,
        theirs_at,
        ..before.clone()
    };
    let write = change(scene, Verb::ConflictUpdated, before, after.clone());
    Ok((after, Some(write)))
}

fn opened(scene: &Scene<'_>, sides: Sides) -> Conflict {
    Conflict {
        id: ConflictId::from_random((scene.random)()),
        session_id: sides.session_id,
        record: sides.record,
        kind: sides.kind,
        field: sides.field,
        base: sides.base,
        ours: sides.ours,
        ours_by: sides.ours_by,
        ours_at: sides.ours_at,
        theirs: sides.theirs,
        theirs_by: sides.theirs_by,
        theirs_at: scene.now,
        state: ConflictState::Open,
        resolution: None,
        proposals: Vec::new(),
        created_at: scene.now,
        updated_at: scene.now,
        version: 1,
    }
}

/// The write that ends an open conflict whose sides agree again.
pub(super) fn withdraw(scene: &Scene<'_>, before: Conflict) -> Write {
    let after = Conflict { state: ConflictState::Withdrawn, ..before.clone() };
    change(scene, Verb::ConflictWithdrawn, before, after)
}

/// What a decision comes to: the commands that carry it out, and the end of the conflict.
pub(crate) struct Decision {
    pub commands: Vec<Command>,
    pub judgement: Judgement,
}

/// Decides an open conflict.
///
/// # Errors
///
/// When it is not open, a side changed since the version given, or the value is of no use.
pub(crate) fn decide(scene: &Scene<'_>, wanted: &ResolveConflict) -> Result<Decision, Refusal> {
    let before = open(scene, wanted.id)?;
    let value = match (wanted.choice, &wanted.value) {
        (Choice::Ours, _) => in_force(scene, &before)?,
        (Choice::Theirs, _) => before.theirs.clone(),
        (Choice::Merged, Some(value)) if before.kind == ConflictKind::Field => value.clone(),
        (Choice::Merged, Some(_)) => {
            return Err(Refusal::new(
                Code::InvalidValue,
                "there is nothing in between to merge here",
            )
            .suggest("choose ours or theirs"));
        }
        (Choice::Merged, None) => {
            return Err(Refusal::new(
                Code::InvalidValue,
                "the choice is merged, and no value is given",
            )
            .with("field", "value"));
        }
    };
    refuse_escape(scene, &before, wanted.choice)?;
    let commands = commands(scene, &before, wanted.choice, &value)?;
    let remark = wanted.remark.as_deref().map(|text| many_lines("remark", text, REMARK_MAX));
    let resolution = Resolution {
        choice: wanted.choice,
        value,
        by: scene.actor.clone(),
        at: scene.now,
        remark: remark.transpose()?,
    };
    let after =
        Conflict { state: ConflictState::Resolved, resolution: Some(resolution), ..before.clone() };
    let write = change(scene, Verb::ConflictResolved, before, after.clone());
    guard_version(scene, &write, wanted.if_version)?;
    let judgement = Judgement::new(Answer::Conflict(Box::new(after))).writing(write);
    Ok(Decision { commands, judgement })
}

/// Refuses that an agent takes a task away which a gate stands before: that would be a way around.
fn refuse_escape(scene: &Scene<'_>, conflict: &Conflict, choice: Choice) -> Result<(), Refusal> {
    let takes_away = conflict.kind == ConflictKind::Removed && choice == Choice::Theirs;
    if !takes_away || *scene.actor == Actor::Human {
        return Ok(());
    }
    let Some(Record::Task(task)) = scene.lookups.record(&parse(&conflict.record)?)? else {
        return Ok(());
    };
    let mode = scene.lookups.mode(&scene.session(task.session_id)?)?;
    if needs(&mode.gates, &task, Status::Completed).is_empty() {
        return Ok(());
    }
    let message = format!(
        "a gate stands before task {} ({}), and only a person takes it away",
        task.id, task.title
    );
    Err(Refusal::new(Code::HumanOnly, message).with("mode", &mode.name))
}

/// The database's value: the one that is in force now, however it changed since.
fn in_force(scene: &Scene<'_>, conflict: &Conflict) -> Result<Value, Refusal> {
    let record = scene.lookups.record(&parse(&conflict.record)?)?;
    let Some(record) = record.filter(|_| conflict.kind == ConflictKind::Field) else {
        return Ok(conflict.ours.clone());
    };
    let depends_on = dependencies(scene, &record)?;
    let mut fields = crate::domain::merge::mergeable(&record, &depends_on);
    Ok(fields.remove(&conflict.field).unwrap_or_default())
}

fn commands(
    scene: &Scene<'_>,
    conflict: &Conflict,
    choice: Choice,
    value: &Value,
) -> Result<Vec<Command>, Refusal> {
    let key = parse(&conflict.record)?;
    let record = scene.lookups.record(&key)?;
    match (conflict.kind, choice, record) {
        (ConflictKind::Field, Choice::Theirs | Choice::Merged, None) => {
            Err(unknown("record", &key))
        }
        (ConflictKind::Field, _, Some(record)) => field_commands(scene, &record, conflict, value),
        (ConflictKind::Removed, Choice::Theirs, Some(record)) => Ok(vec![removal(&record)]),
        (ConflictKind::Deleted, Choice::Theirs, None) => revival::commands(scene, conflict, value),
        // Of a field of what is gone the database keeps what it has, which is nothing.
        (ConflictKind::Field, Choice::Ours, None)
        | (ConflictKind::Removed | ConflictKind::Deleted, _, _) => Ok(Vec::new()),
    }
}

/// None where the value is in force already.
fn field_commands(
    scene: &Scene<'_>,
    record: &Record,
    conflict: &Conflict,
    value: &Value,
) -> Result<Vec<Command>, Refusal> {
    let depends_on = dependencies(scene, record)?;
    let now = crate::domain::merge::mergeable(record, &depends_on);
    if crate::domain::record::same(now.get(&conflict.field), Some(value)) {
        return Ok(Vec::new());
    }
    field::set(record, &depends_on, &conflict.field, value)
}

/// The tasks that a record waits for, if it is a task.
pub(super) fn dependencies(
    scene: &Scene<'_>,
    record: &Record,
) -> Result<Vec<crate::domain::id::TaskId>, Refusal> {
    match record {
        Record::Task(task) => scene.lookups.dependencies(task.id),
        Record::Session(_)
        | Record::Group(_)
        | Record::Dependency(_)
        | Record::Context(_)
        | Record::Conflict(_)
        | Record::Artifact(_) => Ok(Vec::new()),
    }
}

/// The command that removes a record, as its item's absence asks.
pub(super) fn removal(record: &Record) -> Command {
    match record {
        Record::Task(task) => Command::DeleteTask { id: task.id, dependents: Dependents::Release },
        Record::Group(group) => {
            let into = GroupContents::MoveTo(group.parent_id);
            Command::DeleteGroup { id: group.id, into }
        }
        Record::Context(entry) => {
            Command::RemoveContext { session_id: entry.session_id, key: entry.key.clone() }
        }
        Record::Session(_) | Record::Dependency(_) | Record::Conflict(_) | Record::Artifact(_) => {
            Command::Batch { commands: Vec::new(), reason: None }
        }
    }
}

fn parse(record: &str) -> Result<RecordKey, Refusal> {
    record.parse().map_err(|_| unknown("record", record))
}
