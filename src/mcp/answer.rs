//! How a tool answers: data as compact structured content, prose as text, refusals as data with
//! `isError`, all within a size that a model can afford.

use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::params::Detail;
use super::shrink::shrink;
pub(super) use super::shrink::{clip, clip_value, fitting};
use crate::domain::count::counted;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::visible;
use crate::query::rows::Page;

/// Bytes of an answer by default, and of one that was asked for in full.
pub(super) const BRIEF_BYTES: usize = 8 * 1024;
pub(super) const FULL_BYTES: usize = 40 * 1024;
/// Bytes left for what is added to every answer: notes, what was ignored, and the inbox.
const SPARE_BYTES: usize = 1024;
/// Bytes left beside the entries of a list: that, its cursor and its numbers.
pub(super) const LIST_SPARE_BYTES: usize = SPARE_BYTES + 512;
/// Bytes left for what was cut, where something is; and cuts that are named beside each other.
const CUT_BYTES: usize = 1200;
const CUTS_MAX: usize = 6;
/// Bytes of a note, and of all together.
const NOTE_BYTES: usize = 400;
const NOTES_BYTES: usize = 560;

/// What a tool returns.
pub(super) type Reply = Result<Answer, Refusal>;

/// The answer to a call that was carried out.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    body: Body,
    bytes_max: usize,
    notes: Vec<String>,
    /// What was left out already.
    cut: Vec<String>,
    /// The call that gets what was cut.
    rest: Option<String>,
}

#[derive(Debug, Clone)]
enum Body {
    Data(Value),
    Text(String),
}

impl Answer {
    /// Data; fields that are null say nothing and are left out.
    pub(super) fn data(value: &impl Serialize) -> Self {
        Self::exact(without_nulls(json!(value)))
    }

    /// Data exactly as it is, nulls included.
    pub(super) fn exact(value: Value) -> Self {
        Self::of(Body::Data(value), BRIEF_BYTES)
    }

    /// Prose.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::of(Body::Text(text.into()), FULL_BYTES)
    }

    fn of(body: Body, bytes_max: usize) -> Self {
        Self { body, bytes_max, notes: Vec::new(), cut: Vec::new(), rest: None }
    }

    /// Allows the size that belongs to the detail asked for.
    pub(super) fn detail(self, detail: Detail) -> Self {
        Self { bytes_max: bytes_max(detail), ..self }
    }

    /// Adds what else the agent should know, as sentences.
    pub(super) fn noting(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// Tells what was left out already, as in `children: the first 10 of 40`.
    pub(super) fn cutting(mut self, cut: impl IntoIterator<Item = String>) -> Self {
        self.cut.extend(cut);
        self
    }

    /// Names the call that gets what does not fit, as in `orchestrator_task_get {"task_id": "t-…"}`.
    pub(super) fn rest(self, call: impl Into<String>) -> Self {
        Self { rest: Some(call.into()), ..self }
    }
}

/// The bytes that an answer of this detail may have.
pub(super) fn bytes_max(detail: Detail) -> usize {
    match detail {
        Detail::Brief => BRIEF_BYTES,
        Detail::Full => FULL_BYTES,
    }
}

impl IntoCallToolResult for Answer {
    fn into_call_tool_result(mut self) -> Result<CallToolResponse, rmcp::ErrorData> {
        let room = self.bytes_max.saturating_sub(SPARE_BYTES);
        let mut result = CallToolResult::default();
        result.is_error = Some(false);
        match self.body {
            Body::Data(mut value) => {
                let mut cut = Vec::new();
                if !self.cut.is_empty() || room < value.to_string().len() {
                    cut = shrink(&mut value, room - CUT_BYTES);
                    cut.extend(self.cut);
                    few(&mut cut);
                }
                if !cut.is_empty() {
                    add(&mut value, "cut", json!({ "what": cut, "rest": self.rest }));
                }
                if !self.notes.is_empty() {
                    add(&mut value, "notes", json!(told(&self.notes)));
                }
                result.structured_content = Some(value);
            }
            Body::Text(text) => {
                let rest = self.rest.filter(|_| room < text.len());
                let mut text = clip(&text, room);
                self.notes.extend(rest.map(|call| format!("the rest is in {call}")));
                for note in told(&self.notes) {
                    text.push_str("\n\nNote: ");
                    text.push_str(&note);
                }
                result.content.push(ContentBlock::text(text));
            }
        }
        Ok(result.into())
    }
}

impl IntoCallToolResult for Refusal {
    fn into_call_tool_result(self) -> Result<CallToolResponse, rmcp::ErrorData> {
        Ok(refused(&self).into())
    }
}

/// A refusal as a result: as data, and as text for the many clients that show only text of errors.
pub(super) fn refused(refusal: &Refusal) -> CallToolResult {
    let mut value = without_nulls(json!(refusal));
    if refusal.suggested_action.is_none() {
        add(&mut value, "suggested_action", json!(refusal.code.advice()));
    }
    shrink(&mut value, BRIEF_BYTES);
    let mut result = CallToolResult::error(vec![ContentBlock::text(value.to_string())]);
    result.structured_content = Some(value);
    result
}

/// As many cuts as can be named; how many more there are.
fn few(cuts: &mut Vec<String>) {
    let more = cuts.len().saturating_sub(CUTS_MAX);
    cuts.truncate(CUTS_MAX);
    if 0 < more {
        cuts.push(format!("and {more} more"));
    }
}

/// Notes in the room that is spared for them; how many more there are.
fn told(notes: &[String]) -> Vec<String> {
    let mut used = 0;
    let mut told: Vec<String> = notes
        .iter()
        .map(|note| clip(note, NOTE_BYTES))
        .take_while(|note| {
            used += note.len() + 3;
            used <= NOTES_BYTES
        })
        .collect();
    let more = notes.len() - told.len();
    if 0 < more {
        told.push(format!("and {}", counted(more, "more note")));
    }
    told
}

fn add(value: &mut Value, name: &str, field: Value) {
    if let Value::Object(fields) = value {
        fields.insert(name.to_owned(), without_nulls(field));
    }
}

/// What is said where the board answers something else than was asked, which is a fault of ours.
pub(super) fn unexpected() -> Refusal {
    Refusal::new(Code::StoreFailed, "the board answered something else than was asked")
}

/// Adds a field to the data of a result, or a line to its text; both to a refusal, which is both.
pub(super) fn append(result: &mut CallToolResult, name: &str, value: Value) {
    if result.is_error == Some(true) && result.structured_content.is_some() {
        result.content.push(ContentBlock::text(format!("{name}: {value}")));
    }
    match &mut result.structured_content {
        Some(Value::Object(fields)) => {
            fields.insert(name.to_owned(), value);
        }
        Some(_) | None => {
            result.content.push(ContentBlock::text(format!("{name}: {value}")));
        }
    }
}

/// A list within the size allowed: `{name: […], total, cursor}`.
///
/// `fetch` is asked again for fewer when too many come, so that the cursor continues right after
/// the last entry shown.
pub(super) fn list<T, R: Serialize>(
    name: &str,
    (limit, detail): (usize, Detail),
    fetch: impl Fn(usize) -> Result<Page<T>, Refusal>,
    row: impl Fn(&T) -> R,
) -> Result<Map<String, Value>, Refusal> {
    let room = bytes_max(detail).saturating_sub(LIST_SPARE_BYTES);
    let mut page = fetch(limit)?;
    let mut rows: Vec<Value> =
        page.items.iter().map(|item| without_nulls(json!(row(item)))).collect();
    let fits = fitting(&rows, room).max(1);
    let mut answer = Map::new();
    if fits < rows.len() {
        answer.insert(
            "cut".to_owned(),
            json!({
                "what": format!("the first {fits} of {} {name} asked for", rows.len()),
                "rest": "the same call with this cursor",
            }),
        );
        page = fetch(fits)?;
        rows.truncate(fits);
    }
    answer.insert(name.to_owned(), Value::Array(rows));
    if let Some(total) = page.total {
        answer.insert("total".to_owned(), json!(total));
    }
    if let Some(cursor) = page.cursor {
        answer.insert("cursor".to_owned(), json!(cursor));
    }
    Ok(answer)
}

/// Leaves out fields that are null, at every depth, and makes hidden characters visible.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::String(text) => Value::String(visible(&text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_too_large_is_asked_for_again_with_fewer() {
        let fetch = |limit: usize| {
            Ok(Page {
                items: (0..limit).map(|_| "x".repeat(1000)).collect(),
                total: Some(100),
                cursor: Some(format!("after {limit}")),
            })
        };
        let list = list("texts", (20, Detail::Brief), fetch, String::clone).unwrap();
        let shown = list["texts"].as_array().unwrap().len();
        assert_eq!(list["cursor"], json!(format!("after {shown}")));
        assert_eq!(list["cut"]["what"], json!(format!("the first {shown} of 20 texts asked for")));
    }
}
