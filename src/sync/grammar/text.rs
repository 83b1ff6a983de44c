//! Texts of several lines: descriptions and prose, taken out of a document.

use std::ops::Range;

use super::body::TAB;
use super::lines::Lines;
use crate::domain::draft::Span;

/// The description of a task: the block quotes under its line as they are, and other text, in
/// order, with a blank line between them.
pub(super) fn under_item(
    lines: &Lines<'_>,
    range: Range<usize>,
    quotes: &[Span],
    indent: usize,
) -> String {
    let mut pieces: Vec<Vec<&str>> = Vec::new();
    let mut next = range.start;
    for quote in quotes {
        let first = lines.at(quote.start).max(next);
        pieces.push(other(lines, next..first, indent));
        next = end_of(lines, *quote).min(range.end).max(first);
        pieces.push((first..next).map(|line| quoted(lines.get(line))).collect());
    }
    pieces.push(other(lines, next..range.end, indent));
    let texts = pieces.iter().filter(|piece| !piece.is_empty()).map(|piece| piece.join("\n"));
    texts.collect::<Vec<String>>().join("\n\n")
}

/// The text of a block quote, and its lines.
pub(super) fn of_quote(lines: &Lines<'_>, quote: Span) -> (String, Range<usize>) {
    let range = lines.at(quote.start)..end_of(lines, quote);
    let texts: Vec<&str> = range.clone().map(|line| quoted(lines.get(line))).collect();
    (texts.join("\n"), range)
}

/// Lines as they stand, with `\n` between them.
pub(super) fn plain(lines: &Lines<'_>, range: Range<usize>) -> String {
    range.map(|line| lines.get(line)).collect::<Vec<&str>>().join("\n")
}

/// The line after a block quote; blank lines do not belong to it.
fn end_of(lines: &Lines<'_>, quote: Span) -> usize {
    let first = lines.at(quote.start);
    let last = lines.at(quote.end.saturating_sub(1).max(quote.start));
    lines.trimmed(first, last + 1).end.max(first + 1)
}

/// What stands in a line of a block quote; a line may lack its `>` where a paragraph goes on.
fn quoted(line: &str) -> &str {
    let text = line.trim_start_matches([' ', '\t']);
    text.strip_prefix('>').map_or(text, |inner| inner.strip_prefix(' ').unwrap_or(inner))
}

fn other<'a>(lines: &Lines<'a>, range: Range<usize>, indent: usize) -> Vec<&'a str> {
    let range = lines.trimmed(range.start, range.end);
    range.map(|line| dedented(lines.get(line), indent)).collect()
}

/// A line without as much of its indentation; a tab that goes beyond it is taken whole.
fn dedented(line: &str, indent: usize) -> &str {
    let mut column = 0;
    let kept = line.find(|character: char| {
        let is_beyond = indent <= column || !matches!(character, ' ' | '\t');
        column = match character {
            '\t' => (column / TAB + 1) * TAB,
            _ => column + 1,
        };
        is_beyond
    });
    kept.and_then(|start| line.get(start..)).unwrap_or_default()
}
