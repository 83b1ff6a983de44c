//! Lines of documents, printed from fields and read back.

use super::escape::{escape, escape_all, unescape};
use super::{body, health, section, stamp as stamps};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Problem, RecordKind, Span, Stamp};
use crate::domain::id::SessionId;
use crate::domain::record::Fields;

/// Names of groups in a heading stand apart by this.
pub const PATH_SEPARATOR: &str = " / ";

/// What marks the heading of the tasks without a group.
pub const NO_GROUP: &str = "<!-- no-group -->";

/// The line of a task without indentation and line ending: `- [ ] title tokens <!-- stamp -->`.
pub fn task_line(fields: &Fields, stamp: Option<&Stamp>) -> String {
    stamped(format!("- {}", body::print(fields)), stamp)
}

/// A stamp as it stands in a document, without the space before it.
pub fn stamp(stamp: &Stamp) -> String {
    stamps::print(stamp)
}

/// The lines of a description as a block quote, each with its line ending (`\n`); empty for an
/// empty text.
pub fn description(text: &str, indent: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split('\n') {
        lines.extend(std::iter::repeat_n(' ', indent));
        lines.push_str(if line.is_empty() { ">" } else { "> " });
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

/// A heading of one name, without line ending. A ` / ` in the name is escaped: it is no path.
pub fn heading(level: usize, name: &str, stamp: Option<&Stamp>) -> String {
    group_heading(level, &[name], stamp)
}

/// The heading of a group, with the names of its parents before its own, without line ending.
pub fn group_heading(level: usize, path: &[&str], stamp: Option<&Stamp>) -> String {
    let names: Vec<String> = path.iter().map(|name| print_name(name)).collect();
    let hashes = "#".repeat(level.clamp(1, 6));
    stamped(format!("{hashes} {}", names.join(PATH_SEPARATOR)), stamp)
}

/// The lines of a context's value below a heading of a level, each with its line ending (`\n`),
/// without blank lines around; `None` for a value that could not be read back, which is to be shown
/// read-only.
pub fn prose(value: &str, level: usize) -> Option<String> {
    let lines = if value.is_empty() { String::new() } else { format!("{value}\n") };
    let session_id = SessionId::from_random(0);
    let context = |key: &str| Stamp { record: format!("{session_id}/{key}"), mark: None };
    let [above, below] = ["a", "b"].map(|key| heading(level, key, Some(&context(key))));
    let probe = format!("{above}\n\n{lines}\n{below}\n");
    let draft = super::draft(&probe, DocumentKind::Session, session_id);
    let [first, second] = draft.records.as_slice() else { return None };
    let is_read_back = first.fields.get("value").is_some_and(|read| read == value)
        && second.kind == RecordKind::Context
        && health::conflict_marker(&probe).is_none();
    is_read_back.then_some(lines)
}

/// The first line of a task, as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskHead {
    /// Where the box begins; what is before it (indentation, bullet) is to be kept.
    pub box_start: usize,
    /// The column that what belongs to the item is indented to.
    pub indent: usize,
    /// What the line says, by field.
    pub fields: Fields,
    pub stamp: Option<Stamp>,
    /// The stamp, even a damaged one, and one space before it; empty where one is to be put.
    pub stamp_span: Span,
    /// With line 1.
    pub problems: Vec<Problem>,
}

/// Reads the first line of a task, its indentation and bullet included; `None` where there is no
/// box.
pub fn parse_task_head(line: &str) -> Option<TaskHead> {
    let line = line.trim_end_matches(['\n', '\r']);
    body::read(line, body::box_start(line)?)
}

fn stamped(line: String, stamp: Option<&Stamp>) -> String {
    match stamp {
        Some(stamp) => format!("{line} {}", stamps::print(stamp)),
        None => line,
    }
}

/// Writes one name so that a heading is read back, whatever is in it.
fn print_name(name: &str) -> String {
    let name: String = name.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    let name = name.trim();
    let mut printed = escape(name);
    if section::path(&printed).len() != 1 || printed.starts_with('/') || printed.ends_with('/') {
        printed = printed.replace('/', "\\/");
    }
    let closing = printed.len() - printed.trim_end_matches('#').len();
    let before = printed.len() - closing;
    if 0 < closing && printed.get(..before).is_some_and(|it| it.is_empty() || it.ends_with(' ')) {
        printed.insert(before, '\\');
    }
    let is_read_back = section::title(&printed) == printed
        && stamps::at_end(&printed).is_none()
        && unescape(&printed) == name;
    if is_read_back { printed } else { escape_all(name) }
}
