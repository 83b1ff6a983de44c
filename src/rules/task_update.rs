//! Changing the fields of a task.

use std::collections::BTreeSet;

use super::conflict::Sides;
use super::{Judged, Judgement, Scene, boxed, conflict, gate, guard, write_task};
use crate::domain::change::Verb;
use crate::domain::command::{Guard, OnClash, TaskPatch, UpdateTask};
use crate::domain::conflict::ConflictKind;
use crate::domain::outcome::Answer;
use crate::domain::record::{Fields, Record, RecordKey};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{MINUTES_MAX, TAGS_MAX, Task};
use crate::domain::text::{DESCRIPTION_MAX, REMARK_MAX, TITLE_MAX, WORD_MAX, many_lines, one_line};
use crate::domain::time::Timestamp;

/// Changes fields; a holder's own update renews the claim.
pub(super) fn update(scene: &Scene<'_>, update: &UpdateTask) -> Judged {
    let before = scene.task(update.id)?;
    scene.planning(before.session_id)?;
    if update.guard.claim.is_some() || update.patch.progress.is_some() {
        guard::claim(scene, &before, update.guard.claim)?;
    }
    if update.patch.progress.is_some() && !scene.lookups.children(before.id)?.is_empty() {
        let message = format!("the progress of {} is computed from the tasks below it", before.id);
        return Err(Refusal::new(Code::InvalidValue, message)
            .with("field", "progress")
            .suggest("set the progress of those instead"));
    }
    let mut after = patched(&before, &update.patch)?;
    if let (Some(seen), Some(_)) = (update.guard.if_version, &update.patch.tags) {
        let base = guard::tags_at(scene, &before, seen)?;
        after.tags = merged(&base, &before.tags, &after.tags);
    }
    let without_tags = Task { tags: before.tags.clone(), ..after.clone() };
    let mut compared = without_tags;
    let mut judgement = clashes_aside(scene, &before, &mut compared, &update.guard)?;
    after = Task { tags: after.tags, ..compared };
    if after == before {
        return Ok(judgement);
    }
    gate::refuse_escape(scene, &before, &after)?;
    after.claim = guard::renewed(scene, after.claim.as_ref());
    let (task, write) = write_task(scene, Verb::TaskUpdated, &before, after);
    judgement.answer = Answer::Task(Box::new(task));
    Ok(judgement.writing(write))
}

/// Refuses a write of fields that others changed since, or leaves those as they are for a person to
/// decide, as the writer wants it.
pub(super) fn clashes_aside(
    scene: &Scene<'_>,
    before: &Task,
    after: &mut Task,
    wanted: &Guard,
) -> Judged {
    let mut judgement = Judgement::new(Answer::Task(Box::new(before.clone())));
    let (old, new) = (boxed(before.clone()), boxed(after.clone()));
    match wanted.on_clash {
        OnClash::Refuse => guard::version(scene, &old, &new, wanted.if_version)?,
        OnClash::Conflict => {
            for clash in guard::clashes(scene, &old, &new, wanted.if_version)? {
                judgement = set_aside(scene, before, after, clash, judgement)?;
            }
        }
    }
    Ok(judgement)
}

/// Leaves a field as it is, and records what was wanted as a conflict.
fn set_aside(
    scene: &Scene<'_>,
    before: &Task,
    after: &mut Task,
    clash: guard::Clash,
    judgement: Judgement,
) -> Judged {
    let guard::Clash { field, change, base } = clash;
    let (old, mut new) = (boxed(before.clone()).fields(), boxed(after.clone()).fields());
    let value = |fields: &Fields| fields.get(&field).cloned().unwrap_or_default();
    let (ours, theirs) = (value(&old), value(&new));
    new.insert(field.clone(), ours.clone());
    if let Some(Record::Task(task)) = Record::from_fields(&RecordKey::Task(before.id), new) {
        *after = *task;
    }
    let sides = Sides {
        session_id: before.session_id,
        record: before.id.to_string(),
        kind: ConflictKind::Field,
        field: field.clone(),
        base,
        ours,
        ours_by: change.actor,
        ours_at: change.at,
        theirs,
        theirs_by: scene.actor.clone(),
    };
    let (conflict, write) = conflict::record(scene, sides)?;
    let note = format!(
        "{field} was changed by {} meanwhile and stays as it is; conflict {} holds your value",
        conflict.ours_by, conflict.id
    );
    Ok(judgement.writing_all(write).noting(note))
}

fn patched(before: &Task, patch: &TaskPatch) -> Result<Task, Refusal> {
    if *patch == TaskPatch::default() {
        return Err(Refusal::new(Code::NothingToDo, "no field is given to change"));
    }
    let mut task = before.clone();
    if let Some(title) = &patch.title {
        task.title = one_line("title", title, TITLE_MAX)?;
    }
    if let Some(description) = &patch.description {
        task.description = many_lines("description", description, DESCRIPTION_MAX)?;
    }
    task.priority = patch.priority.unwrap_or(task.priority);
    task.complexity = patch.complexity.unwrap_or(task.complexity);
    if let Some(role) = &patch.role {
        task.role = word("role", role.as_deref())?;
    }
    if let Some(assignee) = &patch.assignee {
        task.assignee = word("assignee", assignee.as_deref())?;
    }
    if let Some(estimate) = patch.estimate_minutes {
        task.estimate_minutes =
            estimate.map(|value| minutes("estimate_minutes", value)).transpose()?;
    }
    if let Some(actual) = patch.actual_minutes {
        task.actual_minutes = actual.map(|value| minutes("actual_minutes", value)).transpose()?;
    }
    if let Some(day) = &patch.due {
        task.due = day.as_deref().map(due).transpose()?;
    }
    if let Some(summary) = &patch.result_summary {
        task.result_summary =
            summary.as_deref().map(|text| many_lines("summary", text, REMARK_MAX)).transpose()?;
    }
    if let (Some(day), Some(at)) = (&patch.finished_on, task.finished_at) {
        let noon = Timestamp::noon_of(day)
            .ok_or_else(|| Refusal::new(Code::InvalidValue, format!("{day} is no day")))?;
        task.finished_at = Some(if at.day() == *day { at } else { noon });
    }
    if let Some(progress) = patch.progress {
        if 100 < progress {
            return Err(Refusal::new(
                Code::InvalidValue,
                format!("progress is 0 to 100, not {progress}"),
            ));
        }
        task.progress = progress;
    }
    let mut all: Vec<String> = patch.tags.clone().unwrap_or_else(|| task.tags.clone());
    all.extend(patch.add_tags.iter().cloned());
    let gone = tags(&patch.remove_tags)?;
    task.tags = tags(&all)?;
    task.tags.retain(|tag| !gone.contains(tag));
    Ok(task)
}

fn word(field: &str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    text.map(|text| one_line(field, text, WORD_MAX)).transpose()
}

/// Merges lists as sets: what all keep, and what either added.
fn merged(base: &[String], ours: &[String], theirs: &[String]) -> Vec<String> {
    let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) =
        (ours.iter().collect(), theirs.iter().collect());
    let base: BTreeSet<_> = base.iter().collect();
    let all: BTreeSet<_> = ours.union(&theirs).copied().collect();
    all.into_iter()
        .filter(|tag| !base.contains(tag) || (ours.contains(tag) && theirs.contains(tag)))
        .cloned()
        .collect()
}

/// Takes tags: one word each, without `#`, sorted, without repeats.
pub(super) fn tags(given: &[String]) -> Result<Vec<String>, Refusal> {
    let mut tags = BTreeSet::new();
    for tag in given {
        let tag = one_line("tag", tag.trim().trim_start_matches('#'), WORD_MAX)?;
        if tag.contains(|character: char| character.is_whitespace() || character == ',') {
            return Err(Refusal::new(
                Code::InvalidText,
                format!("tag {tag:?} holds a space or a comma"),
            )
            .suggest("join the words with a dash"));
        }
        tags.insert(tag);
    }
    if TAGS_MAX < tags.len() {
        return Err(Refusal::new(Code::TooMuch, format!("a task has at most {TAGS_MAX} tags")));
    }
    Ok(tags.into_iter().collect())
}

/// Takes a number of minutes within [`MINUTES_MAX`].
pub(super) fn minutes(field: &str, value: u32) -> Result<u32, Refusal> {
    if value <= MINUTES_MAX {
        return Ok(value);
    }
    Err(Refusal::new(Code::InvalidValue, format!("{field} is at most {MINUTES_MAX}, not {value}"))
        .with("field", field))
}

/// Takes a day, `2026-11-30`; a time after it is cut off.
pub(super) fn due(text: &str) -> Result<String, Refusal> {
    let day = text.trim().split(['T', ' ']).next().unwrap_or_default();
    day.parse::<jiff::civil::Date>().map(|date| date.to_string()).map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Refusal::new(
            Code::InvalidValue,
            format!("due cannot be {shown:?}; it is a day such as 2026-11-30"),
        )
        .with("field", "due")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_merge_as_sets() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let table = [
            ("a b", "a b c", "a b d", "a b c d"),
            ("a b", "a", "a b", "a"),
            ("a b", "b", "a", ""),
            ("", "x", "x", "x"),
        ];
        for (base, ours, theirs, result) in table {
            assert_eq!(
                merged(&words(base), &words(ours), &words(theirs)),
                words(result),
                "{base}|{ours}|{theirs}"
            );
        }
    }
}
