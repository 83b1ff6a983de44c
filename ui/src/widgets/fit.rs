//! Text made to fit a number of columns.

use std::borrow::Cow;

use callboard_engine::domain::text::{is_invisible, visible_line};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text on one line with what a terminal would act on, or would not show, made visible.
pub fn shown(text: &str) -> Cow<'_, str> {
    let is_plain = |character: char| !character.is_control() && !is_invisible(character);
    if text.chars().all(is_plain) { Cow::Borrowed(text) } else { Cow::Owned(visible_line(text)) }
}

/// Cuts a text at so many columns, with an ellipsis where something is missing.
pub fn fit<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    let text = shown(text);
    if text.width() <= columns {
        return text;
    }
    let room = columns.saturating_sub(ellipsis.width());
    let mut cut = take(&text, room).to_owned();
    if ellipsis.width() <= columns {
        cut.push_str(ellipsis);
    }
    Cow::Owned(cut)
}

/// The beginning of a text that takes at most so many columns.
pub fn take(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if columns < used {
            break;
        }
        end = at + grapheme.len();
    }
    text.get(..end).unwrap_or(text)
}

/// The beginning of a text that takes at most so many bytes, cut between characters.
pub fn take_bytes(text: &str, bytes: usize) -> &str {
    let most = bytes.min(text.len());
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or(text)
}

/// Cuts or fills a text to exactly so many columns, text on the left.
pub fn left(text: &str, columns: usize, ellipsis: &str) -> String {
    let cut = fit(text, columns, ellipsis);
    let blanks = columns.saturating_sub(cut.width());
    format!("{cut}{:blanks$}", "")
}

/// Cuts or fills a text to exactly so many columns, text on the right.
pub fn right(text: &str, columns: usize, ellipsis: &str) -> String {
    let cut = fit(text, columns, ellipsis);
    let blanks = columns.saturating_sub(cut.width());
    format!("{:blanks$}{cut}", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_filled_by_what_is_seen() {
        let check = |text: &str, columns: usize, cut: &str, filled: &str| {
            assert_eq!(fit(text, columns, "…"), cut);
            assert_eq!(left(text, columns, "…"), filled);
        };
        check("hello", 5, "hello", "hello");
        check("hello", 4, "hel…", "hel…");
        check("hello", 7, "hello", "hello  ");
        check("日本語", 5, "日本…", "日本…");
        check("日本語", 4, "日…", "日… ");
        check("e\u{301}a\u{301}b", 2, "e\u{301}…", "e\u{301}…");
        check("hello", 0, "", "");
        assert_eq!(right("42", 5, "…"), "   42");
    }

    #[test]
    fn what_a_terminal_would_act_on_or_hide_is_seen() {
        assert_eq!(fit("a\u{1b}[31m\u{202e}b", 20, "…"), "a\u{241b}[31m\u{fffd}b");
        assert_eq!(left("a\u{200b}b", 4, "…"), "a\u{fffd}b ");
    }
}
