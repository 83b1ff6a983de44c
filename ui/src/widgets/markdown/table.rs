//! Tables: columns as wide as their widest cell, narrowed in proportion where the page is narrow.

use pulldown_cmark::Alignment;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use crate::theme::{Meaning, Theme};
use crate::widgets::fit;
use crate::widgets::wrap::Piece;

/// A cell that is cut still shows so many columns.
const CELL_MIN: usize = 3;

pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<Vec<Piece>>>,
    row: Vec<Vec<Piece>>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self { alignments, rows: Vec::new(), row: Vec::new() }
    }

    pub(super) fn cell(&mut self, cell: Vec<Piece>) {
        self.row.push(cell);
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    /// The lines of the table, the first row being its head.
    pub(super) fn lines(&self, room: usize, theme: &Theme) -> Vec<Vec<Span<'static>>> {
        let widths = self.widths(room);
        let unicode = theme.icons().line != "-";
        let (wall, cross) = if unicode { (" │ ", "─┼─") } else { (" | ", "-+-") };
        let border = theme.style(Meaning::Border);
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = Vec::new();
            for (column, columns) in widths.iter().enumerate() {
                line.extend((column != 0).then(|| Span::styled(wall, border)));
                let alignment = self.alignments.get(column).copied().unwrap_or(Alignment::None);
                let cell = row.get(column).map_or(&[][..], Vec::as_slice);
                line.extend(aligned(cell, *columns, alignment, theme));
            }
            lines.push(line);
            if number == 0 {
                let rules: Vec<String> =
                    widths.iter().map(|columns| theme.icons().line.repeat(*columns)).collect();
                lines.push(vec![Span::styled(rules.join(cross), border)]);
            }
        }
        lines
    }

    fn widths(&self, room: usize) -> Vec<usize> {
        let mut widths = vec![1; self.alignments.len()];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell_width(cell).max(*width);
            }
        }
        let walls = widths.len().saturating_sub(1) * 3;
        let room = room.saturating_sub(walls);
        let whole: usize = widths.iter().sum();
        if room < whole {
            for width in &mut widths {
                *width = (*width * room / whole).max(CELL_MIN.min(*width));
            }
        }
        widths
    }
}

fn cell_width(cell: &[Piece]) -> usize {
    cell.iter().map(|piece| piece.text.width()).sum()
}

fn aligned(
    cell: &[Piece],
    columns: usize,
    alignment: Alignment,
    theme: &Theme,
) -> Vec<Span<'static>> {
    let blanks = columns.saturating_sub(cell_width(cell));
    let before = match alignment {
        Alignment::None | Alignment::Left => 0,
        Alignment::Center => blanks / 2,
        Alignment::Right => blanks,
    };
    let mut spans = vec![Span::raw(" ".repeat(before))];
    let mut room = columns;
    for piece in cell {
        let cut = fit::fit(&piece.text, room, theme.icons().ellipsis).into_owned();
        room = room.saturating_sub(cut.width());
        spans.push(Span::styled(cut, piece.style));
    }
    spans.push(Span::raw(" ".repeat(blanks - before)));
    spans
}
