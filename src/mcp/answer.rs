//! How a tool answers: data as compact structured content, prose as text, refusals as data with
//! `isError`, all within a size that a model can afford.

use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::params::Detail;
use super::shrink::shrink;
pub(super) use super::shrink::{clip, clip_value, fitting};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::visible;
use crate::query::rows::Page;

/// Bytes of an answer by default, and of one that was asked for in full.
pub(super) const BRIEF_BYTES: usize = 8 * 1024;
pub(super) const FULL_BYTES: usize = 40 * 1024;
/// Bytes left for what is added to every answer: notes and inbox.
pub(super) const SPARE_BYTES: usize = 512;

/// What a tool returns.
pub(super) type Reply = Result<Answer, Refusal>;

/// The answer to a call that was carried out.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    body: Body,
    bytes_max: usize,
    notes: Vec<String>,
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
        Self { body: Body::Data(value), bytes_max: BRIEF_BYTES, notes: Vec::new(), rest: None }
    }

    /// Prose.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let body = Body::Text(text.into());
        Self { body, bytes_max: FULL_BYTES, notes: Vec::new(), rest: None }
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
    fn into_call_tool_result(self) -> Result<CallToolResponse, rmcp::ErrorData> {
        let room = self.bytes_max.saturating_sub(SPARE_BYTES);
        let mut result = CallToolResult::default();
        result.is_error = Some(false);
        match self.body {
            Body::Data(mut value) => {
                let cut = shrink(&mut value, room);
                if !cut.is_empty() {
                    add(&mut value, "cut", json!({ "what": cut, "rest": self.rest }));
                }
                if !self.notes.is_empty() {
                    add(&mut value, "notes", json!(self.notes));
                }
                result.structured_content = Some(value);
            }
            Body::Text(text) => {
                let mut text = clip(&text, room);
                for note in self.notes {
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
    shrink(&mut value, BRIEF_BYTES);
    let mut result = CallToolResult::error(vec![ContentBlock::text(value.to_string())]);
    result.structured_content = Some(value);
    result
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
    let room = bytes_max(detail).saturating_sub(SPARE_BYTES * 2);
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
