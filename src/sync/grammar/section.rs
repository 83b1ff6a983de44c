//! Headings: names, paths and stamps.

use super::escape::unescape;
use super::line::PATH_SEPARATOR;
use super::lines::Lines;
use super::stamp::{self, Found};
use crate::domain::draft::Span;

const BLANK: [char; 2] = [' ', '\t'];

/// A heading as it was read.
pub(super) struct Heading<'a> {
    pub(super) level: usize,
    /// The line that it begins on, from 0.
    pub(super) line: usize,
    /// The line after it.
    pub(super) next: usize,
    /// Its bytes from the beginning of the line, without the last line ending; an underline is
    /// part of it.
    pub(super) head: Span,
    /// What stands in it, without stamp, still escaped.
    pub(super) title: &'a str,
    pub(super) found: Option<Found>,
    pub(super) stamp_span: Span,
}

impl<'a> Heading<'a> {
    /// Reads the heading at a place; one of several lines by its first line.
    pub(super) fn read(lines: &Lines<'a>, level: usize, span: Span) -> Self {
        let line = lines.at(span.start);
        let last = lines.at(span.end.saturating_sub(1).max(span.start));
        let first = lines.content(line);
        let whole = first.of(lines.text).trim_end();
        let is_underlined = line < last;
        let text = if is_underlined {
            whole
        } else {
            whole.trim_start_matches(BLANK).trim_start_matches('#')
        };
        let text = text.trim_start_matches(BLANK);
        let start = first.start + whole.len() - text.len();
        let found = stamp::at_end(text);
        let end = found.as_ref().map_or(text.len(), |found| found.span.start);
        let before = text.get(..end).unwrap_or_default();
        let has_space = found.is_some() && before.ends_with(BLANK);
        let stamp_span = Span {
            start: start + end - usize::from(has_space),
            end: start + found.as_ref().map_or(text.len(), |found| found.span.end),
        };
        let title = if is_underlined { before.trim_end() } else { title(before) };
        let head = Span { start: first.start, end: lines.content(last).end };
        Self { level, line, next: last + 1, head, title, found, stamp_span }
    }

    /// The names in it, plain, the outermost first.
    pub(super) fn path(&self) -> Vec<String> {
        path(self.title)
    }

    /// All of it as one name.
    pub(super) fn name(&self) -> String {
        unescape(self.title).replace('\t', " ")
    }
}

/// A title without the white space and the closing `#` at its end.
pub(super) fn title(text: &str) -> &str {
    let text = text.trim_end();
    let open = text.trim_end_matches('#');
    if open.is_empty() || open.ends_with(BLANK) { open.trim_end() } else { text }
}

/// Splits a title into its names.
pub(super) fn path(title: &str) -> Vec<String> {
    let names = title.split(PATH_SEPARATOR).map(|name| unescape(name).replace('\t', " "));
    names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}
