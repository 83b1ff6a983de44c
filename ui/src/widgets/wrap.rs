//! Styled text broken into lines at words.

use callboard_engine::domain::text::visible;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub style: Style,
}

impl Piece {
    /// A stretch of text, with what a terminal would act on made visible.
    pub fn new(text: impl AsRef<str>, style: Style) -> Self {
        Self { text: visible(text.as_ref()), style }
    }
}

/// Breaks text into lines of at most so many columns; a newline in the text breaks always.
pub fn wrap(pieces: &[Piece], columns: usize) -> Vec<Vec<Span<'static>>> {
    let mut wrapper = Wrapper { columns: columns.max(1), ..Wrapper::default() };
    for piece in pieces {
        for word in piece.text.split_word_bounds() {
            wrapper.push(word, piece.style);
        }
    }
    wrapper.end_word();
    wrapper.end_line();
    wrapper.lines
}

/// Breaks plain text into lines.
pub fn wrap_text(text: &str, columns: usize, style: Style) -> Vec<Vec<Span<'static>>> {
    wrap(&[Piece::new(text, style)], columns)
}

/// Sets groups of pieces one after the other, two blanks apart; a group is broken only if it is
/// longer than a line.
pub fn keep_together(groups: &[Vec<Piece>], columns: usize) -> Vec<Vec<Span<'static>>> {
    const GAP: usize = 2;
    let mut lines: Vec<Vec<Span<'static>>> = Vec::new();
    let mut used = columns;
    for group in groups {
        let width: usize = group.iter().map(|piece| piece.text.width()).sum();
        match lines.last_mut() {
            Some(line) if used + GAP + width <= columns => {
                line.push(Span::raw(" ".repeat(GAP)));
                line.extend(
                    group.iter().map(|piece| Span::styled(piece.text.clone(), piece.style)),
                );
                used += GAP + width;
            }
            Some(_) | None => {
                let broken = wrap(group, columns);
                used = broken.last().map_or(0, |line| line.iter().map(Span::width).sum());
                lines.extend(broken);
            }
        }
    }
    lines
}

#[derive(Default)]
struct Wrapper {
    columns: usize,
    lines: Vec<Vec<Span<'static>>>,
    line: Vec<Span<'static>>,
    used: usize,
    /// Blanks that stand before the next word, if it comes on the same line.
    gap: Option<Span<'static>>,
    /// What cannot be broken: a word with the punctuation and styles inside it.
    word: Vec<Span<'static>>,
}

impl Wrapper {
    fn push(&mut self, text: &str, style: Style) {
        if text.contains('\n') {
            self.end_word();
            self.end_line();
        } else if text.chars().all(char::is_whitespace) {
            self.end_word();
            let blanks = text.replace('\t', "    ");
            self.gap = Some(Span::styled(blanks, style));
        } else {
            self.word.push(Span::styled(text.to_owned(), style));
        }
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if word.is_empty() {
            return;
        }
        let width: usize = word.iter().map(|span| span.content.width()).sum();
        let gap = self.gap.take();
        let gap_width = gap.as_ref().map_or(0, |gap| gap.content.width());
        if self.used == 0 {
            // Blanks at the beginning of a paragraph or line are not shown.
        } else if self.used + gap_width + width <= self.columns {
            self.line.extend(gap);
            self.used += gap_width;
        } else {
            self.end_line();
        }
        if self.columns < width {
            return self.break_word(word);
        }
        self.used += width;
        self.line.extend(word);
    }

    fn add_grapheme(&mut self, grapheme: &str, style: Style) {
        if self.columns < self.used + grapheme.width() && 0 < self.used {
            self.end_line();
        }
        self.used += grapheme.width();
        self.line.push(Span::styled(grapheme.to_owned(), style));
    }

    fn break_word(&mut self, word: Vec<Span<'static>>) {
        for span in word {
            for grapheme in span.content.graphemes(true) {
                self.add_grapheme(grapheme, span.style);
            }
        }
    }

    fn end_line(&mut self) {
        self.gap = None;
        self.used = 0;
        self.lines.push(joined(std::mem::take(&mut self.line)));
    }
}

/// Joins neighbors of one style.
fn joined(spans: Vec<Span<'static>>) -> Vec<Span<'static>> {
    let mut result: Vec<Span<'static>> = Vec::with_capacity(spans.len());
    for span in spans {
        match result.last_mut() {
            Some(last) if last.style == span.style => last.content.to_mut().push_str(&span.content),
            Some(_) | None => result.push(span),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use ratatui::style::Stylize as _;

    use super::*;

    fn check(text: &str, columns: usize, lines: &[&str]) {
        let found: Vec<String> = wrap_text(text, columns, Style::new())
            .iter()
            .map(|line| line.iter().map(|span| span.content.as_ref()).collect())
            .collect();
        assert_eq!(found, lines, "{text:?} in {columns}");
    }

    #[test]
    fn lines_break_between_words_by_what_is_seen() {
        check("the quick brown fox", 10, &["the quick", "brown fox"]);
        check("the quick, brown fox", 9, &["the", "quick,", "brown fox"]);
        check("日本語 テキスト", 8, &["日本語", "テキスト"]);
        check("", 10, &[""]);
        check("a\n\nb", 10, &["a", "", "b"]);
        check("abcdefghij", 4, &["abcd", "efgh", "ij"]);
        check("x abcdefghij", 4, &["x", "abcd", "efgh", "ij"]);
        check("a b", 0, &["a", "b"]);
    }

    #[test]
    fn a_word_of_several_styles_stays_whole() {
        let pieces = [
            Piece::new("see ", Style::new()),
            Piece::new("this", Style::new().bold()),
            Piece::new(".", Style::new()),
        ];
        let lines = wrap(&pieces, 5);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1], ["this".bold(), ".".into()]);
    }
}
