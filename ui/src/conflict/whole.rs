//! A whole record as it is read, where a conflict asks about all of it.

use callboard_engine::domain::conflict::ConflictKind;
use callboard_engine::domain::merge::mergeable;
use callboard_engine::domain::record::{Fields, Record};
use callboard_engine::query::conflicts::ConflictRow;
use serde_json::Value;

use super::value::{named, typed};
use super::words;

/// Fields that stand before the text, in this order.
const FACTS: [&str; 11] = [
    "status",
    "priority",
    "role",
    "assignee",
    "group_id",
    "parent_id",
    "tags",
    "estimate_minutes",
    "due",
    "depends_on",
    "state",
];
/// What a record is called.
const NAMES: [&str; 3] = ["title", "name", "key"];
/// What it says at length.
const TEXTS: [&str; 3] = ["description", "goal", "value"];

/// The database's side as it is read: where the question is whether to remove a record, all that
/// would go.
pub fn ours(row: &ConflictRow) -> String {
    match (&row.record_now, row.conflict.kind) {
        (Some(record), ConflictKind::Removed) => text(row, &fields(record)),
        (_, _) => super::value::shown(row, &row.conflict.ours),
    }
}

fn fields(record: &Record) -> Fields {
    let mut fields = mergeable(record, &[]);
    if let Record::Task(task) = record
        && let Some(claim) = &task.claim
    {
        fields.insert("held_by".to_owned(), claim.holder.name().into());
    }
    fields
}

/// A record in a few words: what it is called.
pub fn name(fields: &Fields) -> Option<&str> {
    NAMES.iter().find_map(|name| fields.get(*name)?.as_str())
}

/// A record at length: its name, what is set of its fields, then its text.
pub fn text(row: &ConflictRow, fields: &Fields) -> String {
    let fact = |field: &&str| {
        let value = fields.get(*field).filter(|value| !is_nothing(value))?;
        Some(format!("{}: {}", words::field_name(field), told(row, field, value)))
    };
    let facts = FACTS.iter().chain(&["held_by"]).filter_map(fact);
    let name = name(fields).map(str::to_owned);
    let texts = TEXTS.iter().filter_map(|field| fields.get(*field)?.as_str());
    let texts = texts.filter(|text| !text.trim().is_empty()).map(|text| format!("\n{text}"));
    name.into_iter().chain(facts).chain(texts).collect::<Vec<_>>().join("\n")
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn told(row: &ConflictRow, field: &str, value: &Value) -> String {
    match value {
        Value::String(_) if field == "group_id" => {
            row.group.clone().unwrap_or_else(|| named(row, value))
        }
        Value::Array(items) => {
            items.iter().map(|item| named(row, item)).collect::<Vec<_>>().join(", ")
        }
        Value::String(_) => named(row, value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => typed(field, value),
    }
}
