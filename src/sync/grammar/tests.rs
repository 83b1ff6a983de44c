//! What documents say, edit by edit, and that no text can make them say anything else.

mod edits;
mod form;
mod made;
mod property;
mod reading;
mod sections;

use serde_json::Value;

use super::draft;
use super::escape::unescape;
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftRecord, RecordKind, Section, Span};
use crate::domain::id::SessionId;
use crate::domain::record::{RecordKey, same};

fn session_id() -> SessionId {
    SessionId::from_random(7)
}

fn group_kind() -> DocumentKind {
    DocumentKind::Group("g-00000001".parse().unwrap())
}

fn read(text: &str, kind: DocumentKind) -> Draft {
    let draft = draft(text, kind, session_id());
    assert_sound(text, &draft);
    draft
}

fn active(text: &str) -> Draft {
    read(text, DocumentKind::ActiveTasks)
}

const ALL_FIELDS: [&str; 14] = [
    "title",
    "name",
    "path",
    "status",
    "priority",
    "role",
    "tags",
    "estimate_minutes",
    "due",
    "assignee",
    "depends_on",
    "description",
    "goal",
    "value",
];

/// A line for each record: kind, stamp, fields that are not at rest, section, parent.
fn shown(draft: &Draft) -> Vec<String> {
    draft.records.iter().map(show).collect()
}

fn show(record: &DraftRecord) -> String {
    let mut words = vec![record.kind.to_string()];
    if let Some(stamp) = &record.stamp {
        words.push(stamp.record.clone());
        words.extend(stamp.mark.map(|mark| mark.to_string()));
    }
    let known = |field: &&&str| record.fields.contains_key(**field);
    assert_eq!(ALL_FIELDS.iter().filter(known).count(), record.fields.len());
    for field in ALL_FIELDS.iter().filter(known) {
        let value = &record.fields[*field];
        let rest = match *field {
            "priority" => Value::from("normal"),
            "status" => Value::from("pending"),
            "tags" | "depends_on" | "path" => Value::Array(Vec::new()),
            _ => Value::Null,
        };
        if !same(Some(value), Some(&rest)) {
            words.push(format!("{field}={value}"));
        }
    }
    match record.section {
        Section::Unsaid => {}
        Section::NoGroup => words.push("in none".to_owned()),
        Section::Group(place) => words.push(format!("in {place}")),
    }
    words.extend(record.parent.map(|place| format!("under {place}")));
    words.join(" ")
}

fn problem_lines(draft: &Draft) -> Vec<usize> {
    draft.problems.iter().map(|problem| problem.line).collect()
}

fn check(text: &str, records: &[&str], problems: &[usize]) {
    let draft = active(text);
    assert_eq!(shown(&draft), records, "{text}");
    assert_eq!(problem_lines(&draft), problems, "{text}: {:?}", draft.problems);
}

/// Every span is of the text, and they are in order.
fn assert_sound(text: &str, draft: &Draft) {
    let mut end = 0;
    for (place, record) in draft.records.iter().enumerate() {
        let DraftRecord { span, head, stamp_span, text_span, .. } = *record;
        for part in [span, head, stamp_span, text_span] {
            assert!(
                part.start <= part.end && text.get(part.start..part.end).is_some(),
                "{record:?}"
            );
        }
        assert!(end <= span.start, "records are disjoint and in order: {record:?} in {text:?}");
        end = span.end;
        assert!(within(head, span) && within(stamp_span, head) && within(text_span, span));
        assert!(head.start == span.start && head.end <= text_span.start);
        assert!(span.end == text_span.end || text_span.is_empty());
        assert!(is_line_start(text, span.start) && is_line_start(text, span.end));
        assert!(is_line_start(text, text_span.start) && is_line_start(text, text_span.end));
        let before = text.get(..span.start).unwrap().replace("\r\n", "\n");
        assert_eq!(record.line, before.matches(['\n', '\r']).count() + 1, "{record:?}");
        assert_shown(head.of(text), record);
        if let Some(parent) = record.parent {
            assert!(parent < place && draft.records[parent].kind == RecordKind::Task);
        }
        if let Section::Group(group) = record.section {
            assert!(group < place && draft.records[group].kind == RecordKind::Group);
        }
        assert!(
            record.stamp.is_some()
                || record.kind == RecordKind::Task
                || record.kind == RecordKind::Group
        );
    }
    let count = text.replace("\r\n", "\n").matches(['\n', '\r']).count() + 1;
    assert!(draft.problems.iter().all(|problem| (1..=count).contains(&problem.line)));
}

/// What a record is called stands in its first line.
fn assert_shown(head: &str, record: &DraftRecord) {
    let plain = unescape(head);
    for field in ["title", "name"] {
        let value = record.fields.get(field).and_then(Value::as_str).unwrap_or_default();
        assert!(value.split_whitespace().all(|word| plain.contains(word)), "{record:?}");
    }
    let named = record.stamp.iter().filter(|stamp| !stamp.record.contains('/'));
    for stamp in named {
        let words = head.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
        let mut keys = words.map(|word| word.trim_matches('-').parse::<RecordKey>().ok());
        assert!(keys.any(|key| key.is_some() && key == stamp.key()), "{record:?}");
    }
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn is_line_start(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let is_after_end = before.ends_with('\n') || before.ends_with('\r') && !after.starts_with('\n');
    is_after_end || before.is_empty() || after.is_empty()
}
