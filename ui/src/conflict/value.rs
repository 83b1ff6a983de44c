//! Values of fields as people read and write them.

use callboard_engine::domain::both;
use callboard_engine::domain::conflict::{Conflict, ConflictKind};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::merge::{FieldRule, rule_of};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::task::{Complexity, Priority, Status};
use callboard_engine::domain::time::{minutes_text, parse_minutes};
use callboard_engine::query::conflicts::ConflictRow;
use serde_json::Value;

use super::whole;

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One word or line.
    Line,
    /// Several words in no order.
    Set,
    /// Lines of text.
    Text,
    /// A whole record: there is nothing to be merged.
    Whole,
}

/// What the values of a conflict look like.
pub fn shape(conflict: &Conflict) -> Shape {
    match (conflict.kind, rule_of(&conflict.field)) {
        (ConflictKind::Removed | ConflictKind::Deleted, _) => Shape::Whole,
        (ConflictKind::Field, FieldRule::Scalar) => Shape::Line,
        (ConflictKind::Field, FieldRule::Set) => Shape::Set,
        (ConflictKind::Field, FieldRule::Text) => Shape::Text,
    }
}

/// A value as it is read: names instead of ids, `none` where there is nothing.
pub fn shown(row: &ConflictRow, value: &Value) -> String {
    let conflict = &row.conflict;
    match (conflict.kind, value) {
        (ConflictKind::Removed, Value::Null) => "removed".to_owned(),
        (ConflictKind::Deleted, Value::Null) => "deleted".to_owned(),
        (_, Value::Null) => "none".to_owned(),
        (_, Value::Object(fields)) => whole::text(row, fields),
        (_, Value::Array(items)) if items.is_empty() => "none".to_owned(),
        (_, Value::Array(items)) => {
            items.iter().map(|item| named(row, item)).collect::<Vec<_>>().join(", ")
        }
        (_, Value::String(text)) if text.is_empty() => "nothing".to_owned(),
        (_, Value::String(_)) => named(row, value),
        (_, Value::Bool(_) | Value::Number(_)) => typed(&conflict.field, value),
    }
}

/// A value in a few words, on one line.
pub fn brief(row: &ConflictRow, value: &Value) -> String {
    let name = value.as_object().and_then(whole::name);
    name.map_or_else(|| shown(row, value).replace('\n', " "), str::to_owned)
}

pub(super) fn named(row: &ConflictRow, value: &Value) -> String {
    let text = plain(value);
    row.names.get(&text).cloned().unwrap_or(text)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A value as it is edited; [`parse`] reads it back.
pub fn typed(field: &str, value: &Value) -> String {
    let minutes = value.as_u64().and_then(|minutes| u32::try_from(minutes).ok());
    match (field, minutes) {
        ("estimate_minutes" | "actual_minutes", Some(minutes)) => minutes_text(minutes),
        _ => plain(value),
    }
}

/// The value that holds both sides, where a field can hold both.
pub fn both(conflict: &Conflict) -> Option<Value> {
    match conflict.kind {
        ConflictKind::Field => {
            both::both(&conflict.field, &conflict.base, &conflict.ours, &conflict.theirs)
        }
        ConflictKind::Removed | ConflictKind::Deleted => None,
    }
}

/// Reads what a person wrote for a field; else what is wrong with it.
pub fn parse(conflict: &Conflict, text: &str) -> Result<Value, String> {
    let (field, line) = (conflict.field.as_str(), text.trim());
    let word = |result: Result<&'static str, Refusal>| {
        result.map(Value::from).map_err(|refusal| refusal.message)
    };
    match (shape(conflict), field) {
        (Shape::Whole, _) => Err("there is nothing to merge; choose a side".to_owned()),
        (Shape::Text, _) => Ok(text.trim_end().into()),
        (Shape::Set, "depends_on") => ids(line),
        (Shape::Set, _) => Ok(set(line).into()),
        (Shape::Line, "status") => word(line.parse::<Status>().map(Status::as_str)),
        (Shape::Line, "priority") => word(line.parse::<Priority>().map(Priority::as_str)),
        (Shape::Line, "complexity") => word(line.parse::<Complexity>().map(Complexity::as_str)),
        (Shape::Line, "estimate_minutes" | "actual_minutes") if line.is_empty() => Ok(Value::Null),
        (Shape::Line, "estimate_minutes" | "actual_minutes") => parse_minutes(line)
            .map(Value::from)
            .ok_or_else(|| format!("{line:?} is no time; 90m, 2h and 1d are")),
        (Shape::Line, "progress") => {
            let number = line.trim_end_matches('%').parse::<u8>().ok().filter(|it| *it <= 100);
            number.map(Value::from).ok_or_else(|| format!("{line:?} is no number up to 100"))
        }
        (Shape::Line, "title" | "name") if line.is_empty() => {
            Err("it must not be empty".to_owned())
        }
        (Shape::Line, "title" | "name") => Ok(line.into()),
        (Shape::Line, _) if line.is_empty() => Ok(Value::Null),
        (Shape::Line, _) => Ok(line.into()),
    }
}

fn set(line: &str) -> Vec<String> {
    let parts: Vec<&str> = if line.contains(',') {
        line.split(',').collect()
    } else {
        line.split_whitespace().collect()
    };
    let words = parts.into_iter().map(|word| word.trim().trim_start_matches('#').to_owned());
    let mut words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    words.sort();
    words.dedup();
    words
}

fn ids(line: &str) -> Result<Value, String> {
    let ids =
        set(line).into_iter().map(|word| word.parse::<TaskId>().map_err(|error| error.to_string()));
    let ids = ids.map(|id| id.map(|id| id.to_string())).collect::<Result<Vec<_>, _>>()?;
    Ok(ids.into())
}
