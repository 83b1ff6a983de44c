//! What a document says about a record, in the form of the record's own fields.

use std::collections::HashMap;

use serde_json::Value;

use super::identity::{Home, Identity, place, says_places};
use super::{Edit, Plan};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{DraftRecord, RecordKind, Section};
use crate::domain::id::TaskId;
use crate::domain::record::{Fields, RecordKey};
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;

/// The fields that hold a record's long text; gone from a document they are empty, not unsaid.
const TEXTS: [&str; 2] = ["description", "goal"];

/// The fields that an item says, places and dependencies resolved. What cannot be resolved is
/// reported and left out.
pub(super) fn fields(
    edit: &Edit<'_>,
    (item, key): (&DraftRecord, &RecordKey),
    agreed: Option<&DraftRecord>,
    plan: &mut Plan,
) -> Result<Fields, Refusal> {
    let mut said = item.fields.clone();
    said.remove("path");
    for text in TEXTS {
        if !said.contains_key(text) && agreed.is_some_and(|it| it.fields.contains_key(text)) {
            said.insert(text.to_owned(), Value::from(""));
        }
    }
    if item.kind == RecordKind::Group {
        report_moved_heading(item, agreed, plan);
    }
    if item.kind == RecordKind::Task {
        dependencies(edit, (item, key), &mut said, plan)?;
        places(edit, item, agreed, &mut said);
        if edit.read.kind == DocumentKind::CompletedTasks && agreed.is_none() {
            arrive(&mut said);
        }
    }
    Ok(said)
}

/// An open item that was moved to the finished ones is finished by that.
fn arrive(said: &mut Fields) {
    let status = said.get("status").and_then(Value::as_str).and_then(|word| word.parse().ok());
    if status.is_some_and(Status::is_open) {
        said.insert("status".to_owned(), Status::Completed.as_str().into());
    }
}

fn report_moved_heading(item: &DraftRecord, agreed: Option<&DraftRecord>, plan: &mut Plan) {
    let path = |it: &DraftRecord| it.fields.get("path").cloned();
    if agreed.is_some_and(|agreed| path(agreed) != path(item)) {
        plan.complain(
            item.line,
            "only the last name in a group's heading can be changed here; move the group in the \
             terminal"
                .to_owned(),
        );
    }
}

/// Resolves what a task waits for; one id that means nothing holds the whole list.
fn dependencies(
    edit: &Edit<'_>,
    (item, key): (&DraftRecord, &RecordKey),
    said: &mut Fields,
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let Some(Value::Array(typed)) = said.remove("depends_on") else { return Ok(()) };
    let mut found = Vec::with_capacity(typed.len());
    for text in typed.iter().filter_map(Value::as_str) {
        let id = text.parse::<TaskId>().ok();
        let is_there = match id {
            Some(id) => is_new(edit, id) || edit.scene.lookups.task(id)?.is_some(),
            None => false,
        };
        if let (Some(id), true) = (id, is_there) {
            found.push(id.to_string());
        } else {
            let message = format!("there is no task {text} to wait for; write its whole id");
            plan.refuse(&key.to_string(), "depends_on", item.line, message);
            return Ok(());
        }
    }
    found.sort();
    found.dedup();
    said.insert("depends_on".to_owned(), found.into());
    Ok(())
}

fn is_new(edit: &Edit<'_>, id: TaskId) -> bool {
    let wanted = RecordKey::Task(id);
    edit.identities.iter().any(|one| matches!(one, Identity::New(key) if *key == wanted))
}

/// Says group and parent where the item stands elsewhere than both agreed on last.
fn places(edit: &Edit<'_>, item: &DraftRecord, agreed: Option<&DraftRecord>, said: &mut Fields) {
    if !says_places(edit.read.kind) {
        return;
    }
    let before = agreed.map(|agreed| place(&edit.read.agreed, agreed));
    let now = place(&edit.read.draft, item);
    if before.is_some_and(|before| before == now && !matches!(now.0, Home::Group(None))) {
        return;
    }
    let parent = item.parent.and_then(|at| record_at(edit, at));
    // At the top of a document that it comes to, an item says its group; whether something is above
    // it shows only where that stands in the same document.
    if parent.is_some() || agreed.is_some() {
        said.insert("parent_id".to_owned(), parent.clone().into());
    }
    if parent.is_some() {
        return;
    }
    match item.section {
        Section::Unsaid => {}
        Section::NoGroup => {
            said.insert("group_id".to_owned(), Value::Null);
        }
        Section::Group(at) => {
            if let Some(group) = record_at(edit, at) {
                said.insert("group_id".to_owned(), group.into());
            }
        }
    }
}

/// The record that the item at a place of the draft is.
pub(super) fn record_at(edit: &Edit<'_>, at: usize) -> Option<String> {
    edit.identities.get(at)?.key().map(ToString::to_string)
}

/// A group's path as its heading has it.
pub(super) fn group_path(item: &DraftRecord) -> String {
    let above = item.fields.get("path").and_then(Value::as_array).into_iter().flatten();
    let name = item.fields.get("name").and_then(Value::as_str);
    let names: Vec<&str> = above.filter_map(Value::as_str).chain(name).collect();
    names.join(" / ")
}

/// The items that both agreed on last, by record.
pub(super) fn agreed_items<'a>(edit: &'a Edit<'_>) -> HashMap<&'a str, &'a DraftRecord> {
    let stamped = edit.read.agreed.records.iter();
    stamped.filter_map(|item| Some((item.stamp.as_ref()?.record.as_str(), item))).collect()
}
