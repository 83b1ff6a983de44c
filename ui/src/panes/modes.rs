//! The modes: the list, and beside it the one under the cursor.

mod details;
mod page;

use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::modes::folder::{ListedMode, ModeFileState};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::Frames;
use super::chrome::{pane, select, span, title};
use crate::app::{Model, Pane};
use crate::theme::Meaning;
use crate::widgets::{fit, wrap};

pub(super) use details::details;

/// Divides a wide screen: the list and what waits on the left, the mode in full on the right.
pub(super) fn frames(model: &Model, bars: Frames, body: Rect) -> Frames {
    let left = super::side_width(model, if 130 <= body.width { 58 } else { 46 });
    let parts = [Constraint::Length(left), Constraint::Min(30)];
    let [left, details] = Layout::horizontal(parts).areas(body);
    let needs = Constraint::Length(super::needs_rows(model, left.width, 9));
    let [main, needs] = Layout::vertical([Constraint::Min(6), needs]).areas(left);
    Frames { needs, main, details, ..bars }
}

/// The list.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let about = model.modes.rows().len().to_string();
    let inner = pane(model, frame, area, title(model, "Modes", about, own), own);
    if model.modes.rows().is_empty() {
        return nothing(model, frame, inner);
    }
    let (cursor, offset) = (model.modes.index(), model.modes.scrolled(usize::from(inner.height)));
    let rows = model.modes.rows().iter().enumerate().skip(offset);
    for (place, (index, row)) in inner.rows().zip(rows) {
        let selected = index == cursor;
        if selected {
            select(model, frame, (place, Pane::Main));
        }
        let marker = if selected && model.place.accessible { ">" } else { " " };
        frame.render_widget(line(model, row, (marker, place.width)), place);
    }
}

/// What is listed here, where nothing is.
fn nothing(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let text = if model.modes.is_listed {
        "There is no mode file, and none is built in."
    } else {
        "Reading the mode files…"
    };
    let columns = usize::from(area.width).max(8);
    let wrapped = wrap::wrap_text(text, columns, model.theme.style(Meaning::Dim));
    for (place, spans) in area.rows().zip(wrapped) {
        frame.render_widget(Line::from(spans), place);
    }
}

/// How a mode stands, as a sign, a word and a look.
fn state(model: &Model, row: &ListedMode) -> (&'static str, &'static str, Meaning) {
    let icons = model.theme.icons();
    let is_bound = model.mode() == Some(row.name.as_str());
    match row.state {
        ModeFileState::Unreadable => (icons.bad, "unreadable", Meaning::Bad),
        ModeFileState::Invalid if is_bound => (icons.bad, "broken", Meaning::Bad),
        ModeFileState::Invalid => (icons.bad, "invalid", Meaning::Bad),
        ModeFileState::Valid | ModeFileState::BuiltIn if is_bound => {
            if model.mode_is_recovered() {
                (icons.warn, "recovered", Meaning::Warn)
            } else {
                (icons.dot, "in force", Meaning::Good)
            }
        }
        ModeFileState::BuiltIn => (icons.unselected, "built in", Meaning::Dim),
        ModeFileState::Valid if model.modes.offer(&row.name).is_some() => {
            (icons.good, "newer", Meaning::Accent)
        }
        ModeFileState::Valid if 0 < row.warnings => (icons.warn, "warnings", Meaning::Warn),
        ModeFileState::Valid => (icons.good, "valid", Meaning::Dim),
    }
}

fn line(model: &Model, row: &ListedMode, (marker, width): (&'static str, u16)) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let (icon, word, meaning) = state(model, row);
    let counts = match (row.errors, width) {
        (0, 54..) => {
            let word = by_count(row.gates, "gate ", "gates");
            let roles = by_count(row.roles.len(), "role ", "roles");
            format!("{:>2} {roles} {} {word} ", row.roles.len(), row.gates)
        }
        (0, 40..) => {
            let roles = by_count(row.roles.len(), "role ", "roles");
            format!("{:>2} {roles} ", row.roles.len())
        }
        (0, _) => String::new(),
        (errors, _) => counted(errors, "error") + " ",
    };
    let word = format!("{word:<10} ");
    let head = format!("{icon} ");
    let taken = 1 + fit::width(&head) + fit::width(&counts) + fit::width(&word);
    let room = usize::from(width).saturating_sub(taken);
    let is_bound = model.mode() == Some(row.name.as_str());
    let name = if is_bound { Meaning::Strong } else { Meaning::Text };
    Line::from(vec![
        Span::raw(marker),
        span(theme, head, meaning),
        span(theme, fit::left(&row.name, room, icons.ellipsis), name),
        span(theme, counts, Meaning::Dim),
        span(theme, word, meaning),
    ])
}
