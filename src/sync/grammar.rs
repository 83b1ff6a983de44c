//! The grammar of documents: text to draft, and lines from records.
//!
//! Reading never fails: what is understood is in the draft, what is not is among its problems, and
//! every span is of the text as it stands. What [`mod@line`] prints is read back as the same fields, so
//! that no title and no description can make or change a record. What is a list item, a heading, a
//! block quote or code is decided as markdown is; the lines themselves are read here.

mod blocks;
mod body;
pub mod decode;
mod escape;
pub mod health;
pub mod line;
mod lines;
mod reader;
mod section;
mod stamp;
#[cfg(test)]
mod tests;
mod text;
mod token;

use crate::domain::document::DocumentKind;
use crate::domain::draft::Draft;
use crate::domain::id::SessionId;

/// Returns what a document says.
///
/// A kind of document that is only written says nothing.
pub fn draft(text: &str, kind: DocumentKind, session_id: SessionId) -> Draft {
    if !kind.is_read() {
        return Draft::default();
    }
    let lines = lines::Lines::new(text);
    let blocks = blocks::blocks(&lines);
    let mut draft = reader::read(&lines, &blocks, kind, session_id);
    draft.problems.extend(health::problems(&lines, &blocks, kind));
    draft.problems.sort_by_key(|problem| problem.line);
    draft
}

/// Tells whether two texts differ in nothing but their stamps.
pub fn differ_in_stamps_alone(one: &str, other: &str) -> bool {
    one.lines().map(without_stamp).eq(other.lines().map(without_stamp))
}

fn without_stamp(line: &str) -> &str {
    let found = stamp::at_end(line).filter(|found| found.problem.is_none());
    found.and_then(|found| line.get(..found.span.start)).unwrap_or(line).trim_end()
}
