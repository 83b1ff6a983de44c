//! Whether a record keeps within the bounds that commands set to what they take.
//!
//! Records that come by no command, out of a backup that anybody may have made, are asked here: what
//! could not have been written here is not brought here either.

use std::fmt::Display;

use serde_json::Value;

use super::artifact::{self, Artifact};
use super::claim::{CLAIM_MINUTES_MAX, Claim, PATHS_MAX};
use super::conflict::{Conflict, PROPOSALS_MAX};
use super::document::DOCUMENT_MAX;
use super::group::TaskGroup;
use super::mode::MODE_NAME_MAX;
use super::record::Record;
use super::refusal::{Code, Refusal};
use super::session::{CONTEXT_KEY_MAX, CONTEXT_VALUE_MAX, ContextEntry, Session};
use super::task::{MINUTES_MAX, TAGS_MAX, Task};
use super::text::{DESCRIPTION_MAX, NAME_MAX, REMARK_MAX, TITLE_MAX, WORD_MAX};
use super::text::{many_lines, one_line};

/// Refuses a record that no command could have written for the length of its texts or the size of
/// its numbers.
///
/// # Errors
///
/// The refusal of the first field that is out of bounds, with the record's name.
pub fn within(record: &Record) -> Result<(), Refusal> {
    let asked = match record {
        Record::Session(session) => of_session(session),
        Record::Group(group) => of_group(group),
        Record::Task(task) => of_task(task),
        Record::Context(entry) => of_context(entry),
        Record::Conflict(conflict) => of_conflict(conflict),
        Record::Artifact(artifact) => of_artifact(artifact),
        Record::Dependency(_) => Ok(()),
    };
    asked.map_err(|refusal| {
        let shown: String = record.key().to_string().chars().take(NAME_MAX).collect();
        refusal.with("record", shown)
    })
}

fn of_session(session: &Session) -> Result<(), Refusal> {
    one_line("name", &session.name, NAME_MAX)?;
    many_lines("goal", &session.goal, DESCRIPTION_MAX)?;
    one_line("mode", &session.mode, MODE_NAME_MAX)?;
    remark("reason", session.reason.as_deref())
}

fn of_group(group: &TaskGroup) -> Result<(), Refusal> {
    one_line("name", &group.name, NAME_MAX)?;
    many_lines("description", &group.description, DESCRIPTION_MAX)?;
    place(group.position)?;
    word("role", group.role.as_deref())
}

fn of_task(task: &Task) -> Result<(), Refusal> {
    one_line("title", &task.title, TITLE_MAX)?;
    many_lines("description", &task.description, DESCRIPTION_MAX)?;
    word("role", task.role.as_deref())?;
    word("assignee", task.assignee.as_deref())?;
    word("due", task.due.as_deref())?;
    remark("result_summary", task.result_summary.as_deref())?;
    remark("reason", task.reason.as_deref())?;
    place(task.position)?;
    at_most("tags", task.tags.len(), TAGS_MAX)?;
    for tag in &task.tags {
        one_line("tag", tag, WORD_MAX)?;
    }
    for minutes in [task.estimate_minutes, task.actual_minutes].into_iter().flatten() {
        at_most("minutes", minutes, MINUTES_MAX)?;
    }
    at_most("progress", task.progress, 100)?;
    task.claim.as_ref().map_or(Ok(()), of_claim)
}

fn of_claim(claim: &Claim) -> Result<(), Refusal> {
    at_most("claim_minutes", claim.minutes, CLAIM_MINUTES_MAX)?;
    at_most("claim_paths", claim.paths.len(), PATHS_MAX)?;
    claim.paths.iter().try_for_each(|path| one_line("path", path, TITLE_MAX).map(drop))
}

fn of_context(entry: &ContextEntry) -> Result<(), Refusal> {
    one_line("key", &entry.key, CONTEXT_KEY_MAX)?;
    at_most("value", entry.value.to_string().len(), CONTEXT_VALUE_MAX)
}

fn of_conflict(conflict: &Conflict) -> Result<(), Refusal> {
    one_line("conflict's record", &conflict.record, TITLE_MAX)?;
    many_lines("field", &conflict.field, WORD_MAX)?;
    at_most("proposals", conflict.proposals.len(), PROPOSALS_MAX)?;
    let proposed = conflict.proposals.iter();
    let proposed = proposed.map(|one| (one.remark.as_deref(), one.value.as_ref()));
    let resolved = conflict.resolution.iter().map(|one| (one.remark.as_deref(), Some(&one.value)));
    for (said, value) in proposed.chain(resolved) {
        remark("remark", said)?;
        value.map_or(Ok(()), side)?;
    }
    [&conflict.base, &conflict.ours, &conflict.theirs].into_iter().try_for_each(side)
}

/// A side of a conflict is at most what a document says.
fn side(value: &Value) -> Result<(), Refusal> {
    at_most("value", value.to_string().len(), DOCUMENT_MAX)
}

fn of_artifact(one: &Artifact) -> Result<(), Refusal> {
    one_line("title", &one.title, TITLE_MAX)?;
    many_lines("summary", &one.summary, REMARK_MAX)?;
    // What was recorded before kinds were plain words comes back as it was.
    one_line("kind", &one.kind, WORD_MAX)?;
    artifact::path("path", &one.path)?;
    one_line("hash", &one.hash, WORD_MAX).map(drop)
}

fn word(field: &str, text: Option<&str>) -> Result<(), Refusal> {
    text.map_or(Ok(()), |text| one_line(field, text, WORD_MAX).map(drop))
}

fn remark(field: &str, text: Option<&str>) -> Result<(), Refusal> {
    text.map_or(Ok(()), |text| many_lines(field, text, REMARK_MAX).map(drop))
}

fn place(position: f64) -> Result<(), Refusal> {
    if position.is_finite() {
        return Ok(());
    }
    Err(Refusal::new(Code::InvalidValue, "position is no number").with("field", "position"))
}

fn at_most<T: Copy + PartialOrd + Display>(field: &str, found: T, max: T) -> Result<(), Refusal> {
    if found <= max {
        return Ok(());
    }
    let message = format!("{field} is {found}; the limit is {max}");
    Err(Refusal::new(Code::TooMuch, message).with("field", field))
}
