//! Whether a document is whole enough to be read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::blocks::{Block, blocks};
use super::lines::Lines;
use super::stamp::{self, Name};
use crate::domain::count::{by_count, counted};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftRecord, Problem, RecordKind};

/// Why a document must be held back whole, as a sentence; `None` where it may be read. Whether too
/// much of it is gone is for the merge to say, which knows how old the text is.
///
/// `agreed` is the draft of the text that file and database agreed on last.
pub fn hold_reason(text: &str, draft: &Draft, agreed: &Draft) -> Option<String> {
    let known: BTreeSet<&str> = stamps(agreed).collect();
    if text.trim().is_empty() {
        return (!known.is_empty()).then(|| "The document is empty.".to_owned());
    }
    if let Some(line) = conflict_marker(text) {
        return Some(format!(
            "Line {line} is a conflict marker of git; settle the conflict and save the document."
        ));
    }
    let gone = gone(draft, agreed);
    if gone.is_empty() {
        return None;
    }
    swallowed(text, &gone).map(|(line, what)| {
        format!("A {what} that begins on line {line} swallows records; close it above them.")
    })
}

/// The line, from 1, of the first conflict marker that git left.
pub fn conflict_marker(text: &str) -> Option<usize> {
    let lines = Lines::new(text);
    let is_marker = |line: &usize| {
        let text = lines.get(*line);
        ["<<<<<<<", ">>>>>>>"].iter().any(|marker| {
            text.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    };
    (0..lines.count()).find(is_marker).map(|line| line + 1)
}

/// What the reading of a document has to say of its form.
pub(super) fn problems(lines: &Lines<'_>, blocks: &[Block], kind: DocumentKind) -> Vec<Problem> {
    let marker = conflict_marker(lines.text).map(|line| Problem {
        line,
        message: "this is a conflict marker of git; settle the conflict".to_owned(),
    });
    let hidden = blocks.iter().filter(|_| kind != DocumentKind::Session).filter_map(|block| {
        let Block::Hidden { span, what } = block else { return None };
        let count =
            stamp::all(span.of(lines.text)).filter(|(_, name)| *name != Name::NoGroup).count();
        (0 < count).then(|| Problem {
            line: lines.at(span.start) + 1,
            message: format!(
                "this {what} hides {}; close it above {}",
                counted(count, "stamp"),
                by_count(count, "it", "them")
            ),
        })
    });
    marker.into_iter().chain(hidden).collect()
}

fn stamps(draft: &Draft) -> impl Iterator<Item = &str> {
    draft.records.iter().filter_map(|record| Some(record.stamp.as_ref()?.record.as_str()))
}

/// The records that a draft lacks, those left out that only lost their stamp.
pub(super) fn gone<'a>(draft: &Draft, agreed: &'a Draft) -> BTreeSet<&'a str> {
    let present: BTreeSet<&str> = stamps(draft).collect();
    let mut bare: BTreeMap<(RecordKind, &str), usize> = BTreeMap::new();
    for record in draft.records.iter().filter(|record| record.stamp.is_none()) {
        *bare.entry((record.kind, title(record))).or_default() += 1;
    }
    let lost = agreed.records.iter().filter_map(|record| {
        let name = record.stamp.as_ref()?.record.as_str();
        if present.contains(name) {
            return None;
        }
        let twin = bare.get_mut(&(record.kind, title(record))).filter(|count| 0 < **count);
        if let Some(count) = twin {
            *count -= 1;
            return None;
        }
        Some(name)
    });
    lost.collect()
}

fn title(record: &DraftRecord) -> &str {
    let title = record.fields.get("title").or_else(|| record.fields.get("name"));
    title.and_then(Value::as_str).unwrap_or_default()
}

/// The block that one of these records is hidden in, with its line from 1.
fn swallowed(text: &str, gone: &BTreeSet<&str>) -> Option<(usize, &'static str)> {
    let lines = Lines::new(text);
    blocks(&lines).iter().find_map(|block| {
        let Block::Hidden { span, what } = block else { return None };
        let is_gone = |name: Name| match name {
            Name::Task(id) => gone.contains(id.to_string().as_str()),
            Name::Group(id) => gone.contains(id.to_string().as_str()),
            Name::Session(id) => gone.contains(id.to_string().as_str()),
            Name::Context(key) => {
                gone.iter().any(|name| name.split_once('/').is_some_and(|(_, own)| own == key))
            }
            Name::NoGroup => false,
        };
        let has_gone = stamp::all(span.of(text)).any(|(_, name)| is_gone(name));
        has_gone.then(|| (lines.at(span.start) + 1, *what))
    })
}
