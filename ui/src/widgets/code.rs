//! A line of highlighted code.

use ratatui::text::Span;

use super::fit;
use crate::highlight::CodeLine;
use crate::theme::{Meaning, Theme};

/// A line cut at the edge: what is wrapped reads as another line. Words without a meaning of their
/// own have a plain one.
pub fn line(
    pieces: &CodeLine,
    columns: usize,
    (plain, theme): (Meaning, &Theme),
) -> Vec<Span<'static>> {
    let texts: Vec<(Meaning, String)> = pieces
        .iter()
        .map(|(meaning, text)| (*meaning, fit::shown(&text.replace('\t', "    ")).into_owned()))
        .collect();
    let all: usize = texts.iter().map(|(_, text)| fit::width(text)).sum();
    let ellipsis = if columns < all { theme.icons().ellipsis } else { "" };
    let mut left = columns.saturating_sub(fit::width(ellipsis));
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (meaning, text) in &texts {
        let meaning = if *meaning == Meaning::Text { plain } else { *meaning };
        let shown = fit::take(text, left);
        left -= fit::width(shown).min(left);
        let is_cut = shown.len() < text.len();
        let end = if is_cut { ellipsis } else { "" };
        spans.push(Span::styled(format!("{shown}{end}"), theme.style(meaning)));
        if is_cut {
            break;
        }
    }
    spans
}
