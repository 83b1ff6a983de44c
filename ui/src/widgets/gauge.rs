//! Progress bars in halves of a column, or in ASCII.

use ratatui::text::Span;

use crate::theme::{Meaning, Theme};

/// A bar of so many columns, filled to a percentage. It is full only at 100 and empty only at 0.
pub fn bar(percent: u8, columns: u16, theme: &Theme) -> Vec<Span<'static>> {
    let icons = theme.icons();
    let parts = icons.bar.len().max(1);
    let whole = usize::from(columns) * parts;
    let filled = match percent {
        0 => 0,
        100.. => whole,
        _ => (whole * usize::from(percent) / 100).clamp(1.min(whole), whole.saturating_sub(1)),
    };
    let full = icons.bar.last().copied().unwrap_or("#").repeat(filled / parts);
    let part = match filled % parts {
        0 => "",
        rest => icons.bar.get(rest - 1).copied().unwrap_or(""),
    };
    let used = filled / parts + usize::from(!part.is_empty());
    let empty = icons.bar_empty.repeat(usize::from(columns).saturating_sub(used));
    vec![
        Span::styled(format!("{full}{part}"), theme.style(Meaning::BarFull)),
        Span::styled(empty, theme.style(Meaning::BarEmpty)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(percent: u8, columns: u16, ascii: bool) -> String {
        let theme = Theme::built_in("dark").with_ascii(ascii);
        bar(percent, columns, &theme).iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn a_bar_shows_halves_and_is_full_only_when_all_is_done() {
        assert_eq!(text(0, 4, false), "────");
        assert_eq!(text(1, 4, false), "╸───");
        assert_eq!(text(50, 4, false), "━━──");
        assert_eq!(text(99, 4, false), "━━━╸");
        assert_eq!(text(100, 4, false), "━━━━");
        assert_eq!(text(50, 4, true), "##..");
        assert_eq!(text(70, 0, false), "");
    }
}
