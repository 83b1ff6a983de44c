//! Small charts: one column a value, scaled to the highest.

use ratatui::text::{Line, Span};

use crate::theme::{Meaning, Theme};

/// The last values as columns of a chart of one or more rows, the newest at the right.
pub fn spark(values: &[u64], columns: u16, rows: u16, theme: &Theme) -> Vec<Line<'static>> {
    let steps = theme.icons().spark;
    let columns = usize::from(columns);
    let shown = values.get(values.len().saturating_sub(columns)..).unwrap_or(values);
    let highest = shown.iter().copied().max().unwrap_or(0).max(1);
    let parts = u64::try_from(steps.len()).unwrap_or(1).max(1);
    let style = theme.style(Meaning::Spark);
    (0..u64::from(rows))
        .rev()
        .map(|row| {
            let blanks = columns.saturating_sub(shown.len());
            let mut text = " ".repeat(blanks);
            for value in shown {
                let scaled = value.saturating_mul(parts * u64::from(rows)).div_ceil(highest);
                let here = scaled.saturating_sub(row * parts).min(parts);
                let index = usize::try_from(here).unwrap_or(0);
                text.push_str(index.checked_sub(1).and_then(|at| steps.get(at)).unwrap_or(&" "));
            }
            Line::from(Span::styled(text, style))
        })
        .collect()
}

/// How a chart of columns looks.
#[derive(Debug, Clone, Copy)]
pub struct Bars {
    /// Of each value.
    pub columns: u16,
    pub rows: u16,
    pub meaning: Meaning,
    /// A value in words, as it stands beside the bars.
    pub shown: fn(u64) -> String,
}

/// Every value as a column of its own, scaled to the highest, which stands beside it.
pub fn bars(values: &[u64], look: Bars, theme: &Theme) -> Vec<Line<'static>> {
    let steps = theme.icons().spark;
    let highest = values.iter().copied().max().unwrap_or(0);
    let parts = u64::try_from(steps.len()).unwrap_or(1).max(1);
    let (style, dim) = (theme.style(look.meaning), theme.style(Meaning::Dim));
    let wide = usize::from(look.columns.max(1));
    let (full, gap) = if wide == 1 { (1, 0) } else { (wide - 1, 1) };
    (0..u64::from(look.rows))
        .rev()
        .map(|row| {
            let mut text = String::new();
            for value in values {
                let whole = parts * u64::from(look.rows);
                let scaled = value.saturating_mul(whole).div_ceil(highest.max(1));
                let here = scaled.saturating_sub(row * parts).min(parts);
                let index = usize::try_from(here).unwrap_or(0);
                let step = index.checked_sub(1).and_then(|at| steps.get(at)).unwrap_or(&" ");
                text.push_str(&step.repeat(full));
                text.push_str(&" ".repeat(gap));
            }
            let beside = match row {
                0 if 0 < highest => " 0".to_owned(),
                row if row + 1 == u64::from(look.rows) && 0 < highest => {
                    format!(" {}", (look.shown)(highest))
                }
                _ => String::new(),
            };
            Line::from(vec![Span::styled(text, style), Span::styled(beside, dim)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_grow_with_their_values_and_the_newest_stands_right() {
        let theme = Theme::built_in("dark");
        let rows = |values: &[u64], columns, rows| -> Vec<String> {
            spark(values, columns, rows, &theme).iter().map(Line::to_string).collect()
        };
        assert_eq!(rows(&[0, 1, 4, 8], 6, 1), ["   ▁▄█"]);
        assert_eq!(rows(&[9, 9, 0, 8], 2, 1), [" █"]);
        assert_eq!(rows(&[4, 8], 2, 2), [" █", "██"]);
        assert_eq!(rows(&[], 3, 1), ["   "]);
        assert_eq!(rows(&[u64::MAX], 1, 1).len(), 1);
    }
}
