//! The day on which a task was finished, as the list of finished tasks has it.
//!
//! A task that was finished in another clone was finished when it was finished there, not when its
//! document arrived: else two clones would never have the same list.

use super::identity::Identity;
use super::{Edit, Part, Plan, base, said};
use crate::domain::command::{Command, Guard, TaskPatch, UpdateTask};
use crate::domain::draft::DraftRecord;
use crate::domain::id::TaskId;
use crate::domain::merge::mergeable;
use crate::domain::record::{Record, RecordKey};
use crate::domain::refusal::Refusal;
use crate::rules::conflict;

/// Plans the days of tasks that stand below another day than both agreed on last.
pub(super) fn plan(edit: &Edit<'_>, plan: &mut Plan) -> Result<(), Refusal> {
    let agreed = said::agreed_items(edit);
    for (item, identity) in edit.read.draft.records.iter().zip(&edit.identities) {
        let Some(day) = &item.day else { continue };
        let id = match identity {
            Identity::New(RecordKey::Task(id)) => *id,
            Identity::Known(RecordKey::Task(id), record) if !is_stale(edit, item, record)? => *id,
            Identity::New(_)
            | Identity::Known(..)
            | Identity::Unchanged(_)
            | Identity::Deleted(..)
            | Identity::Ignored => continue,
        };
        let before = agreed.get(id.to_string().as_str()).and_then(|before| before.day.as_ref());
        if before != Some(day) {
            plan.parts.push(part(id, day, item.line));
        }
    }
    Ok(())
}

fn part(id: TaskId, day: &str, line: usize) -> Part {
    let patch = TaskPatch { finished_on: Some(day.to_owned()), ..TaskPatch::default() };
    let command = Command::UpdateTask(UpdateTask { id, patch, guard: Guard::default() });
    let (record, field) = (id.to_string(), "finished_at".to_owned());
    Part { commands: vec![command], record, field, line }
}

/// Tells whether the item says what its record said earlier.
fn is_stale(edit: &Edit<'_>, item: &DraftRecord, record: &Record) -> Result<bool, Refusal> {
    let Some(mark) = item.stamp.as_ref().and_then(|stamp| stamp.mark) else { return Ok(false) };
    let now = mergeable(record, &conflict::dependencies(edit.scene, record)?);
    let history = edit.scene.lookups.history(&record.key())?;
    Ok(base::at_mark(&history, &now, mark).is_some_and(|then| then.fields != now))
}
