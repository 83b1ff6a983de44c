//! What a write takes for granted: the version it has seen, the claim it works under.

use super::{Judgement, Scene};
use crate::domain::change::Change;
use crate::domain::claim::Claim;
use crate::domain::outcome::Answer;
use crate::domain::record::{Record, RecordKey, difference};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Task;

/// Refuses a write that would change a field which somebody changed since the version given.
///
/// Fields that nobody else touched, and values that agree, go through.
pub(super) fn version(
    scene: &Scene<'_>,
    before: &Record,
    after: &Record,
    if_version: Option<i64>,
) -> Result<(), Refusal> {
    let Some(seen) = if_version else { return Ok(()) };
    let (_, wanted) = difference(Some(before), Some(after));
    let wanted = wanted.unwrap_or_default();
    let clash = changed_since(scene, before, seen, |field| wanted.contains_key(field))?;
    match clash {
        Some(clash) => {
            let yours = wanted.get(&clash.field).cloned();
            Err(refused(before, seen, &clash).with("yours", yours))
        }
        None => Ok(()),
    }
}

/// The fields of a write that somebody changed since the version given, each with its value then.
pub(super) fn clashes(
    scene: &Scene<'_>,
    before: &Record,
    after: &Record,
    if_version: Option<i64>,
) -> Result<Vec<Clash>, Refusal> {
    let Some(seen) = if_version else { return Ok(Vec::new()) };
    check_version(before, seen)?;
    let (_, wanted) = difference(Some(before), Some(after));
    let since = scene.lookups.changes_since(&before.key(), seen)?;
    check_known(before, seen, &since)?;
    let clash = |field: String| {
        let first = since.iter().find(|change| touches(change, &field))?;
        let last = since.iter().rev().find(|change| touches(change, &field))?;
        let base = first.before.as_ref().and_then(|fields| fields.get(&field)).cloned();
        Some(Clash { base: base.unwrap_or_default(), change: last.clone(), field })
    };
    Ok(wanted.unwrap_or_default().keys().cloned().filter_map(clash).collect())
}

/// Refuses if a field of a record, or any when none is named, was changed since a version.
pub(super) fn expect(
    scene: &Scene<'_>,
    record: &str,
    seen: i64,
    fields: &[String],
) -> Result<Judgement, Refusal> {
    let key: RecordKey = record.parse().map_err(|_| super::unknown("record", record))?;
    let record = scene.lookups.record(&key)?.ok_or_else(|| super::unknown("record", &key))?;
    let counts = |field: &str| fields.is_empty() || fields.iter().any(|one| one == field);
    match changed_since(scene, &record, seen, counts)? {
        Some(clash) => Err(refused(&record, seen, &clash)),
        None => Ok(Judgement::new(Answer::Done)),
    }
}

/// A field that somebody changed since a version, the last such change, and the value before.
pub(super) struct Clash {
    pub field: String,
    pub change: Change,
    pub base: serde_json::Value,
}

fn changed_since(
    scene: &Scene<'_>,
    record: &Record,
    seen: i64,
    counts: impl Fn(&str) -> bool,
) -> Result<Option<Clash>, Refusal> {
    check_version(record, seen)?;
    let since = scene.lookups.changes_since(&record.key(), seen)?;
    check_known(record, seen, &since)?;
    Ok(since.into_iter().rev().find_map(|change| {
        let field = change.after.as_ref()?.keys().find(|field| counts(field))?.clone();
        let base = serde_json::Value::Null;
        Some(Clash { field, change, base })
    }))
}

fn check_version(record: &Record, seen: i64) -> Result<(), Refusal> {
    if (1..=record.version()).contains(&seen) {
        return Ok(());
    }
    let (key, version) = (record.key(), record.version());
    let message = format!("{key} is at version {version}, there is no version {seen}");
    Err(Refusal::new(Code::InvalidValue, message).with("version", version))
}

/// Refuses a version of so long ago that not all is known that happened since.
fn check_known(record: &Record, seen: i64, since: &[Change]) -> Result<(), Refusal> {
    let is_known = (seen + 1..=record.version()).eq(since.iter().map(|change| change.version));
    if is_known {
        return Ok(());
    }
    let (key, version) = (record.key(), record.version());
    let message =
        format!("what happened to {key} since version {seen} is too long ago to be known");
    Err(Refusal::new(Code::VersionClash, message)
        .with("version", version)
        .suggest("read the record again, decide, and send the field with the new version"))
}

fn refused(record: &Record, seen: i64, clash: &Clash) -> Refusal {
    let Clash { field, change, .. } = clash;
    let key = record.key();
    let message = format!("{field} of {key} was changed by {} since version {seen}", change.actor);
    Refusal::new(Code::VersionClash, message)
        .with("field", field)
        .with("current", record.fields().get(field))
        .with("changed_by", &change.actor)
        .with("changed_at", change.at.to_string())
        .with("version", record.version())
        .suggest("read the record again, decide, and send the field with the new version")
}

fn touches(change: &Change, field: &str) -> bool {
    change.after.as_ref().is_some_and(|fields| fields.contains_key(field))
}

/// The value a list field of a task had at a version, for merging lists as sets.
pub(super) fn tags_at(
    scene: &Scene<'_>,
    task: &Task,
    version: i64,
) -> Result<Vec<String>, Refusal> {
    let key = RecordKey::Task(task.id);
    let since = scene.lookups.changes_since(&key, version)?;
    let first = since.iter().find(|change| touches(change, "tags"));
    let value =
        first.and_then(|change| change.before.as_ref()).and_then(|fields| fields.get("tags"));
    Ok(value
        .and_then(|tags| serde_json::from_value(tags.clone()).ok())
        .unwrap_or_else(|| task.tags.clone()))
}

/// Refuses work on a task under an old claim, or by an agent while another agent holds it.
pub(super) fn claim(scene: &Scene<'_>, task: &Task, number: Option<i64>) -> Result<(), Refusal> {
    if let Some(number) = number
        && task.claim.as_ref().is_none_or(|held| held.number != number)
    {
        return Err(superseded(task, task.claim.as_ref(), number));
    }
    match &task.claim {
        // A number is no key: claims of other tasks may have the same.
        Some(held) if holds_against(held, scene) => Err(held_by_other(task, held)),
        Some(_) | None => Ok(()),
    }
}

fn holds_against(held: &Claim, scene: &Scene<'_>) -> bool {
    scene.actor.is_agent() && held.holder != *scene.actor && !held.is_stale(scene.now)
}

fn superseded(task: &Task, held: Option<&Claim>, number: i64) -> Refusal {
    let present = held.map_or_else(
        || "nobody holds it now".to_owned(),
        |claim| format!("{} holds it now until {}", claim.holder, claim.until),
    );
    Refusal::new(Code::ClaimSuperseded, format!("claim {number} on {} is over; {present}", task.id))
        .with("task", task.id)
        .with("holder", held.map(|claim| &claim.holder))
        .with("until", held.map(|claim| claim.until.to_string()))
        .with("last_claim", task.claim_number)
        .suggest("stop working on it; claim it again, or claim the next task")
}

/// The refusal that names the holder and the end of the claim.
pub(super) fn held_by_other(task: &Task, held: &Claim) -> Refusal {
    let message = format!(
        "task {} ({}) is held by {} until {}",
        task.id, task.title, held.holder, held.until
    );
    Refusal::new(Code::TaskHeld, message)
        .with("task", task.id)
        .with("holder", &held.holder)
        .with("until", held.until.to_string())
        .suggest("claim the next ready task instead")
}

/// The claim after a call of its holder about the task: with its full time again.
pub(super) fn renewed(scene: &Scene<'_>, claim: Option<&Claim>) -> Option<Claim> {
    claim.map(|held| {
        if *scene.actor == held.holder && held.is_worth_renewing(scene.now) {
            held.renewed(scene.now)
        } else {
            held.clone()
        }
    })
}
