//! The lines of a text: `\n`, `\r\n` and `\r` end one, as in markdown.

use std::borrow::Cow;

use crate::domain::draft::Span;

/// A text with the places where its lines begin.
pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let after = ends.map(|(at, _)| at + 1).filter(|start| *start < text.len());
        let starts = std::iter::once(0).chain(after).collect();
        Self { text, starts }
    }

    /// How many there are; an empty text has one.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line, from 0, that a byte is in.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Where a line begins; the end of the text for a line after the last.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// A line without its ending.
    pub(super) fn content(&self, line: usize) -> Span {
        let start = self.start(line);
        let whole = Span { start, end: self.start(line + 1) };
        Span { start, end: start + whole.of(self.text).trim_end_matches(['\n', '\r']).len() }
    }

    /// The text of a line without its ending.
    pub(super) fn get(&self, line: usize) -> &'a str {
        self.content(line).of(self.text)
    }

    /// Tells whether there is nothing to see on a line.
    pub(super) fn is_blank(&self, line: usize) -> bool {
        self.get(line).trim_matches([' ', '\t']).is_empty()
    }

    /// The lines from one to before another, without blank ones around.
    pub(super) fn trimmed(&self, from: usize, to: usize) -> std::ops::Range<usize> {
        let shown = |line: &usize| !self.is_blank(*line);
        let Some(first) = (from..to).find(shown) else { return from..from };
        first..(first..to).rev().find(shown).map_or(first, |last| last + 1)
    }

    /// The text with every line ending that is a single `\r` made `\n`, byte for byte in place.
    pub(super) fn shadow(&self) -> Cow<'a, str> {
        if !self.text.contains('\r') {
            return Cow::Borrowed(self.text);
        }
        let mut following = self.text.chars().skip(1);
        let shadow = self.text.chars().map(|character| match (character, following.next()) {
            ('\r', Some('\n')) => '\r',
            ('\r', _) => '\n',
            (other, _) => other,
        });
        Cow::Owned(shadow.collect())
    }

    /// Where the text begins after its front matter (and byte order mark).
    ///
    /// What holds a comment or a box is no front matter: a lost `---` would hide records.
    pub(super) fn body_start(&self) -> usize {
        let mark = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        if self.get(0).trim_start_matches('\u{feff}').trim_end() != "---" {
            return mark;
        }
        for line in 1..self.count() {
            let text = self.get(line);
            if matches!(text.trim_end(), "---" | "...") {
                return self.start(line + 1);
            }
            if text.contains("<!--") || text.contains("[ ]") || text.starts_with("# ") {
                return mark;
            }
        }
        mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ending_ends_a_line() {
        let lines = Lines::new("a\r\nb\rc\n\nd");
        let all: Vec<&str> = (0..lines.count()).map(|line| lines.get(line)).collect();
        assert_eq!(all, ["a", "b", "c", "", "d"]);
        assert_eq!((lines.at(0), lines.at(2), lines.at(3), lines.at(8)), (0, 0, 1, 4));
        assert_eq!(lines.shadow(), "a\r\nb\nc\n\nd");
        assert_eq!((Lines::new("").count(), Lines::new("a\n").count()), (1, 1));
    }

    #[test]
    fn front_matter_is_left_out_unless_it_swallows_records() {
        for (text, start) in [
            ("---\na: b\n---\nx", 13),
            ("\u{feff}---\r\na: b\r\n---\r\nx", 19),
            ("---\na: b\n# NAME <!-- s-00000000 -->\n---\n", 0),
            ("---\na: b\n", 0),
            ("x\n---\ny\n---\n", 0),
        ] {
            assert_eq!(Lines::new(text).body_start(), start, "{text:?}");
        }
    }
}
