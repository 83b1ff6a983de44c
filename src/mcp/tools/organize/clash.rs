//! Fields that somebody changed meanwhile: refused, or left as they are for a person to decide.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::domain::command::{Command, OnClash, SetStatus, TaskPatch};
use crate::domain::id::TaskId;
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::answer::clip_value;
use crate::mcp::params::{LIMIT_MAX, Word, read_some};
use crate::query::conflicts::{self, ConflictQuery, Whose};
use crate::store::Reader;

/// Bytes of a value that is told with a conflict.
const VALUE_BYTES: usize = 300;

/// What shall become of a clash. Without a version there is none, so that asking for a conflict
/// would overwrite.
pub(super) fn read(
    word: Option<&Word<OnClash>>,
    if_version: Option<i64>,
) -> Result<OnClash, Refusal> {
    let on_clash = read_some(word)?.unwrap_or_default();
    match (on_clash, if_version) {
        (OnClash::Conflict, None) => Err(Refusal::new(
            Code::InvalidValue,
            "on_clash needs if_version: without it nothing is compared, and nothing was changed",
        )
        .with("missing", ["if_version"])
        .suggest("send the version of the task that you read")),
        (OnClash::Conflict | OnClash::Refuse, _) => Ok(on_clash),
    }
}

/// The fields that were left as they are, with the conflicts that hold what was wanted; the notes
/// of the outcome name those.
pub(super) fn told(
    reader: &Reader,
    commands: &[Command],
    notes: &[String],
) -> Result<Vec<Value>, Refusal> {
    let mut told = Vec::new();
    for (id, mut written) in wanted(commands) {
        let query = ConflictQuery {
            whose: Whose::Record(id.to_string()),
            limit: LIMIT_MAX,
            ..ConflictQuery::default()
        };
        let all = conflicts::list(reader, &query)?.items.into_iter().map(|row| row.conflict);
        let new: Vec<_> = all
            .filter(|conflict| {
                let id = conflict.id.to_string();
                notes.iter().any(|note| note.contains(&id))
            })
            .collect();
        for conflict in &new {
            written.remove(conflict.field.as_str());
        }
        for conflict in new {
            told.push(json!({
                "task_id": id,
                "conflict_id": conflict.id,
                "left": conflict.field,
                "current": clip_value(&conflict.ours, VALUE_BYTES),
                "changed_by": conflict.ours_by,
                "yours": clip_value(&conflict.theirs, VALUE_BYTES),
                "written": written,
            }));
        }
    }
    Ok(told)
}

/// What was to be written of each task for which a clash is to be a conflict.
fn wanted(commands: &[Command]) -> BTreeMap<TaskId, BTreeSet<&'static str>> {
    let mut wanted: BTreeMap<TaskId, BTreeSet<&'static str>> = BTreeMap::new();
    for command in commands {
        let (id, guard, fields) = if let Command::UpdateTask(update) = command {
            (update.id, &update.guard, fields_of(&update.patch))
        } else if let Command::SetStatus(set) = command {
            (set.id, &set.guard, fields_of_move(set))
        } else {
            continue;
        };
        if guard.on_clash == OnClash::Conflict {
            wanted.entry(id).or_default().extend(fields);
        }
    }
    wanted
}

/// The fields that a move gives values.
fn fields_of_move(set: &SetStatus) -> BTreeSet<&'static str> {
    let given = [
        ("status", true),
        ("result_summary", set.summary.is_some()),
        ("reason", set.reason.is_some()),
        ("actual_minutes", set.actual_minutes.is_some()),
    ];
    given.into_iter().filter(|(_, is_given)| *is_given).map(|(field, _)| field).collect()
}

/// The fields that a patch gives values.
fn fields_of(patch: &TaskPatch) -> BTreeSet<&'static str> {
    let given = [
        ("title", patch.title.is_some()),
        ("description", patch.description.is_some()),
        ("priority", patch.priority.is_some()),
        ("complexity", patch.complexity.is_some()),
        ("role", patch.role.is_some()),
        ("estimate_minutes", patch.estimate_minutes.is_some()),
        ("actual_minutes", patch.actual_minutes.is_some()),
        (
            "tags",
            patch.tags.is_some() || !patch.add_tags.is_empty() || !patch.remove_tags.is_empty(),
        ),
        ("due", patch.due.is_some()),
        ("progress", patch.progress.is_some()),
        ("assignee", patch.assignee.is_some()),
        ("result_summary", patch.result_summary.is_some()),
    ];
    given.into_iter().filter(|(_, is_given)| *is_given).map(|(field, _)| field).collect()
}
