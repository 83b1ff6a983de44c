//! How a tool answers: data as compact structured content, prose as text, refusals as data with
//! `isError`, all within a size that a model can afford.

use std::fmt;

use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::params::Detail;
use crate::domain::refusal::Refusal;
use crate::domain::text::visible;
use crate::query::rows::Page;

/// Bytes of an answer by default, and of one that was asked for in full.
pub(super) const BRIEF_BYTES: usize = 8 * 1024;
pub(super) const FULL_BYTES: usize = 40 * 1024;
/// Bytes left for what is added to every answer: notes and inbox.
pub(super) const SPARE_BYTES: usize = 512;
/// A text is not cut shorter than this.
const TEXT_LEAST: usize = 100;
/// Cuts that are named.
const CUTS_NAMED: usize = 5;

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
                if let Value::Object(fields) = &mut value {
                    if !cut.is_empty() {
                        fields.insert("cut".to_owned(), json!({ "what": cut, "rest": self.rest }));
                    }
                    if !self.notes.is_empty() {
                        fields.insert("notes".to_owned(), json!(self.notes));
                    }
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

/// Adds a field to the data of a result, or a line to its text.
pub(super) fn append(result: &mut CallToolResult, name: &str, value: Value) {
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

/// How many values from the first on fit into so many bytes.
pub(super) fn fitting(values: &[Value], bytes: usize) -> usize {
    let mut used = 0;
    values
        .iter()
        .take_while(|value| {
            used += value.to_string().len() + 1;
            used <= bytes
        })
        .count()
}

/// The text cut to so many bytes, saying so.
pub(super) fn clip(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mark = format!("… (cut: {} bytes in all)", text.len());
    let mut kept = String::with_capacity(bytes);
    for character in text.chars() {
        if bytes < kept.len() + character.len_utf8() + mark.len() {
            break;
        }
        kept.push(character);
    }
    kept + &mark
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

/// The last resort against answers that are too large: cuts the longest texts, then the largest
/// lists, until the value fits, and says what was cut.
fn shrink(value: &mut Value, bytes: usize) -> Vec<String> {
    let mut longest = bytes;
    let mut cut = Vec::new();
    while bytes < size(value) && TEXT_LEAST < longest {
        longest = (longest - longest / 4).max(TEXT_LEAST);
        cut.clear();
        clip_all(value, "", longest, &mut cut);
    }
    while bytes < size(value) {
        let Some(pointer) = largest(value) else { break };
        let Some(target) = value.pointer_mut(&pointer) else { break };
        let (kept, all) = halve(target);
        cut.retain(|known: &Cut| known.pointer != pointer);
        cut.push(Cut { pointer, what: format!("the first {kept} of {all} entries") });
    }
    let more = cut.len().saturating_sub(CUTS_NAMED);
    cut.truncate(CUTS_NAMED);
    let mut named: Vec<String> = cut.iter().map(Cut::to_string).collect();
    if 0 < more {
        named.push(format!("and {more} more"));
    }
    named
}

/// Something that was cut, and what is left of it.
struct Cut {
    pointer: String,
    what: String,
}

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.pointer.trim_start_matches('/').replace('/', ".");
        write!(formatter, "{name}: {}", self.what)
    }
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// Cuts every text to so many bytes.
fn clip_all(value: &mut Value, pointer: &str, longest: usize, cut: &mut Vec<Cut>) {
    match value {
        Value::String(text) if longest < text.len() => {
            let what = format!("{longest} of {} bytes", text.len());
            cut.push(Cut { pointer: pointer.to_owned(), what });
            *text = clip(text, longest);
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                clip_all(item, &format!("{pointer}/{index}"), longest, cut);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                clip_all(field, &format!("{pointer}/{}", escaped(name)), longest, cut);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Points at the largest list or object of several entries inside a value.
fn largest(value: &Value) -> Option<String> {
    let mut found = Vec::new();
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                containers(field, &format!("/{}", escaped(name)), &mut found);
            }
        }
        Value::Array(_) => containers(value, "", &mut found),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    found.into_iter().max_by_key(|(weight, _)| *weight).map(|(_, pointer)| pointer)
}

fn containers(value: &Value, pointer: &str, found: &mut Vec<(usize, String)>) {
    match value {
        Value::Array(items) => {
            if 1 < items.len() {
                found.push((size(value), pointer.to_owned()));
            }
            for (index, item) in items.iter().enumerate() {
                containers(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            if 1 < fields.len() {
                found.push((size(value), pointer.to_owned()));
            }
            for (name, field) in fields {
                containers(field, &format!("{pointer}/{}", escaped(name)), found);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Drops the second half of the entries; says how many are left of how many.
fn halve(value: &mut Value) -> (usize, usize) {
    match value {
        Value::Array(items) => {
            let all = items.len();
            items.truncate(all / 2);
            (items.len(), all)
        }
        Value::Object(fields) => {
            let all = fields.len();
            let dropped: Vec<String> = fields.keys().skip(all / 2).cloned().collect();
            for name in dropped {
                fields.remove(&name);
            }
            (fields.len(), all)
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_too_large_says_what_was_cut() {
        let mut value = json!({ "title": "t", "description": "é".repeat(30_000) });
        let cut = shrink(&mut value, BRIEF_BYTES);
        assert!(value.to_string().len() <= BRIEF_BYTES);
        assert!(cut.first().is_some_and(|cut| cut.starts_with("description: ")), "{cut:?}");
        let mut value = json!({ "items": (0..20_000).collect::<Vec<_>>() });
        assert!(!shrink(&mut value, BRIEF_BYTES).is_empty());
        assert!(value.to_string().len() <= BRIEF_BYTES);
    }

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
