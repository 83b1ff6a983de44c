//! The queue: every record with open conflicts, two rows each.

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::{Model, Pane};
use crate::conflict::words;
use crate::panes::chrome::{pane, span, title};
use crate::theme::Meaning;
use crate::widgets::fit;

/// Rows of a record.
const ROWS: usize = 2;

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let items = model.conflicts.items();
    let here = place(model, &items);
    let about = format!("{} of {}", here + 1, items.len());
    let inner = pane(model, frame, area, title(model, "Queue", about, None), None);
    let first = first(here, &items, inner);
    let places = inner.rows().collect::<Vec<_>>();
    let focused = model.focus == Pane::Main;
    let meaning = if focused { Meaning::Selection } else { Meaning::SelectionDim };
    for (index, (item, rows)) in items.iter().skip(first).zip(places.chunks(ROWS)).enumerate() {
        let here = first + index == here;
        let style = if here { model.theme.style(meaning) } else { Style::default() };
        for (place, line) in rows.iter().zip(lines(model, item, inner.width)) {
            frame.buffer_mut().set_style(*place, style);
            frame.render_widget(line, *place);
        }
    }
}

/// The first conflict of the record at a place of the screen.
pub(super) fn hit(model: &Model, area: Rect, at: Position) -> Option<usize> {
    let inner = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    let items = model.conflicts.items();
    let first = first(place(model, &items), &items, inner);
    let row = usize::from(at.y.checked_sub(inner.y)?);
    items.get(first + row / ROWS).map(|item| item.start)
}

fn place(model: &Model, items: &[Range<usize>]) -> usize {
    let here = model.conflicts.item();
    items.iter().position(|item| *item == here).unwrap_or(0)
}

fn first(here: usize, items: &[Range<usize>], inner: Rect) -> usize {
    let fits = (usize::from(inner.height) / ROWS).max(1);
    crate::app::scroll::offset(0, here, (fits, items.len()))
}

fn lines(model: &Model, item: &Range<usize>, width: u16) -> [Line<'static>; ROWS] {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let rows = model.conflicts.at(item.clone());
    let Some(first) = rows.first() else { return [Line::default(), Line::default()] };
    let open = rows.iter().filter(|row| model.conflicts.is_undecided(row)).count();
    let room = usize::from(width).saturating_sub(2);
    let (mark, meaning) =
        if open == 0 { (icons.good, Meaning::Good) } else { (icons.warn, Meaning::Warn) };
    let name = fit::fit(&first.title, room, icons.ellipsis).into_owned();
    let count = match (open, rows.len()) {
        (0, _) => "decided".to_owned(),
        (open, all) if open == all => format!("{open} open"),
        (open, all) => format!("{open} of {all} open"),
    };
    let about = format!("{count} {} {}", icons.separator, words::who(&first.conflict.theirs_by));
    let about = fit::fit(&about, room, icons.ellipsis).into_owned();
    [
        Line::from(vec![
            span(theme, format!("{mark} "), meaning),
            span(theme, name, Meaning::Strong),
        ]),
        Line::from(vec![Span::raw("  "), span(theme, about, Meaning::Dim)]),
    ]
}
