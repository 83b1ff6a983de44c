//! Lines of documents, printed from fields and read back.

use crate::domain::draft::{Problem, Span, Stamp};
use crate::domain::record::Fields;

/// The line of a task without indentation and line ending: `- [ ] title tokens <!-- stamp -->`.
pub fn task_line(fields: &Fields, stamp: Option<&Stamp>) -> String {
    let _ = (fields, stamp);
    String::new()
}

/// A stamp as it stands in a document, without the space before it.
pub fn stamp(stamp: &Stamp) -> String {
    let _ = stamp;
    String::new()
}

/// The lines of a description as a block quote, each with its line ending (`\n`); empty for an
/// empty text.
pub fn description(text: &str, indent: usize) -> String {
    let _ = (text, indent);
    String::new()
}

/// A heading of one name, without line ending. A ` / ` in the name is escaped: it is no path.
pub fn heading(level: usize, name: &str, stamp: Option<&Stamp>) -> String {
    let _ = (level, name, stamp);
    String::new()
}

/// The heading of a group, with the names of its parents before its own, without line ending.
pub fn group_heading(level: usize, path: &[&str], stamp: Option<&Stamp>) -> String {
    let _ = (level, path, stamp);
    String::new()
}

/// The lines of a context's value below a heading of a level, each with its line ending (`\n`),
/// without blank lines around; `None` for a value that could not be read back, which is to be shown
/// read-only.
pub fn prose(value: &str, level: usize) -> Option<String> {
    let _ = (value, level);
    None
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
    /// The stamp, even a damaged one, and the white space before it; empty at the end of the words
    /// where there is none.
    pub stamp_span: Span,
    /// With line 1.
    pub problems: Vec<Problem>,
}

/// Reads the first line of a task, its indentation and bullet included; `None` where there is no
/// box.
pub fn parse_task_head(line: &str) -> Option<TaskHead> {
    let _ = line;
    None
}
