//! Lines and their endings.

use std::borrow::Cow;

use crate::domain::draft::Span;

/// The lines of a text, with an eye on code fences, in which nothing is a heading.
pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    fence: Option<&'a str>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, fence: None }
    }

    /// The next line that begins before `end`, and whether it is a heading.
    pub(super) fn next_before(&mut self, end: usize) -> Option<(Span, bool)> {
        let rest = self.text.get(self.at..end).filter(|rest| !rest.is_empty())?;
        let line = first_line(rest);
        let span = Span { start: self.at, end: self.at + line.len() };
        self.at = span.end;
        Some((span, self.is_heading(line.trim_end())))
    }

    fn is_heading(&mut self, line: &'a str) -> bool {
        let words = line.trim_start_matches(' ');
        if 3 < line.len() - words.len() {
            return false;
        }
        if let Some(fence) = self.fence {
            if words.starts_with(fence) && words.trim_matches(fence_char(fence)).is_empty() {
                self.fence = None;
            }
            return false;
        }
        if let Some(sign) = ['`', '~'].into_iter().find(|sign| words.starts_with(*sign)) {
            let len = words.len() - words.trim_start_matches(sign).len();
            self.fence = words.get(..len).filter(|_| 3 <= len);
            return false;
        }
        let title = words.trim_start_matches('#');
        let level = words.len() - title.len();
        (1..=6).contains(&level) && (title.is_empty() || title.starts_with([' ', '\t']))
    }
}

fn fence_char(fence: &str) -> char {
    fence.chars().next().unwrap_or('`')
}

/// The first line of a text, its line ending (`\n`, `\r\n` or `\r`) included.
pub(super) fn first_line(text: &str) -> &str {
    let end = text.find(['\n', '\r']).map_or(text.len(), |at| {
        let rest = text.get(at..).unwrap_or_default();
        at + if rest.starts_with("\r\n") { 2 } else { 1 }
    });
    text.get(..end).unwrap_or(text)
}

/// A text without the line ending at its end.
pub(super) fn without_ending(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r'])).unwrap_or(text)
}

/// A text with other line endings.
pub(super) fn ended<'a>(text: &'a str, ending: &str) -> Cow<'a, str> {
    if ending == "\n" && !text.contains('\r') {
        return text.into();
    }
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', ending).into()
}

/// The line ending that a text has most.
pub(super) fn ending_of(text: &str) -> &'static str {
    let both = text.matches("\r\n").count();
    let lines = text.matches('\n').count().saturating_sub(both);
    let returns = text.matches('\r').count().saturating_sub(both);
    if lines.max(returns) < both {
        "\r\n"
    } else if lines < returns {
        "\r"
    } else {
        "\n"
    }
}
