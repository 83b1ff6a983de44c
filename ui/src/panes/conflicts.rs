//! The conflicts: the queue, the fields of one record, both sides, and the result.

mod fields;
mod queue;
mod texts;

use callboard_engine::domain::conflict::{Choice, Conflict};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::chrome::{pane, span, title};
use crate::action::Action;
use crate::app::conflicts::draft::{Pick, Picked};
use crate::app::{Model, Pane};
use crate::conflict::words;
use crate::theme::Meaning;
use crate::widgets::wrap;

/// Where the parts of the view stand; what is not shown has no size.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Parts {
    queue: Rect,
    fields: Rect,
    left: Rect,
    result: Rect,
    right: Rect,
}

/// Divides the view.
fn parts(model: &Model, area: Rect) -> Parts {
    let plain = model.place.accessible;
    let queue = match area.width {
        _ if plain || model.zoomed => 0,
        130.. => 32,
        100.. => 24,
        _ => 0,
    };
    let [queue, rest] =
        Layout::horizontal([Constraint::Length(queue), Constraint::Min(1)]).areas(area);
    let frame = if plain { 1 } else { 2 };
    let table = if model.zoomed { 0 } else { fields::rows(model) + frame };
    let is_beside = 96 <= rest.width && !plain;
    let needed = texts::needed(model, rest.width, is_beside) + frame;
    let (fields, low) = split(rest, table, needed.max(5));
    if is_beside {
        let third = Constraint::Fill(1);
        let [left, result, right] = if model.conflicts.unified {
            let halves = [Constraint::Fill(3), Constraint::Fill(2), Constraint::Length(0)];
            Layout::horizontal(halves).areas(low)
        } else {
            Layout::horizontal([third, third, third]).areas(low)
        };
        return Parts { queue, fields, left, result, right };
    }
    let result_rows = (low.height / 3).max(2 + frame);
    let [sides, result] =
        Layout::vertical([Constraint::Min(2), Constraint::Length(result_rows)]).areas(low);
    let [left, right] = match (model.conflicts.unified, plain) {
        (true, _) => [sides, Rect::default()],
        (false, true) => Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(sides),
        (false, false) => {
            Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(sides)
        }
    };
    Parts { queue, fields, left, result, right }
}

/// The table above, the texts below: what short texts do not need is the table's.
fn split(area: Rect, table: u16, needed: u16) -> (Rect, Rect) {
    let room = area.height.saturating_sub(needed);
    let own = table.min(room.max(area.height * 2 / 5));
    let [fields, texts] =
        Layout::vertical([Constraint::Length(own), Constraint::Min(1)]).areas(area);
    (fields, texts)
}

/// The view.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    if model.conflicts.rows.is_empty() {
        return empty(model, frame, area);
    }
    let parts = parts(model, area);
    queue::draw(model, frame, parts.queue);
    fields::draw(model, frame, parts.fields);
    texts::draw(model, frame, &parts);
}

/// Rows of the texts that are out of sight.
pub(super) fn hidden(model: &Model, area: Rect) -> usize {
    if model.conflicts.rows.is_empty() { 0 } else { texts::hidden(model, &parts(model, area)) }
}

/// The place of the conflict at a place of the screen: in the queue or in the table.
pub(super) fn hit(model: &Model, area: Rect, at: Position) -> Option<usize> {
    let parts = parts(model, area);
    if parts.queue.contains(at) {
        return queue::hit(model, parts.queue, at);
    }
    fields::hit(model, parts.fields, at)
}

/// What conflicts are, where there is none.
fn empty(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let own = Some(Pane::Main);
    let inner = pane(model, frame, area, title(model, "Conflicts", "", own), own);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let theme = &model.theme;
    let about = "When a document and the database, or two agents, change the same field differently, \
        nobody's words are overwritten: the database's value stays in force, the other is kept, and \
        the two wait here for you to decide.";
    let more = "Here you take one side, the other, both, or write your own; nothing is written before \
        you say so, and undo brings a decided conflict back.";
    let width = usize::from(inner.width).clamp(8, 76);
    let mut lines = vec![Line::default()];
    lines.push(Line::from(span(
        theme,
        format!("{} No open conflicts", theme.icons().good),
        Meaning::Heading,
    )));
    for text in [about, more] {
        lines.push(Line::default());
        let wrapped = wrap::wrap_text(text, width, theme.style(Meaning::Text));
        lines.extend(wrapped.into_iter().map(Line::from));
    }
    lines.push(Line::default());
    let key = model.keymap.shown(Action::Documents).to_owned();
    lines.push(Line::from(vec![
        span(theme, key, Meaning::Key),
        span(theme, " shows the documents of the session and what is wrong in them", Meaning::Dim),
    ]));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// What was decided, as a sign and a word.
fn pick_span(model: &Model, conflict: &Conflict, picked: Picked<'_>) -> Span<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let word = |choice| words::choice(conflict, choice);
    let (text, meaning) = match picked {
        Picked::Open => ("? choose".to_owned(), Meaning::Warn),
        Picked::Changed => ("! changed".to_owned(), Meaning::Bad),
        Picked::Auto(_) => ("= auto".to_owned(), Meaning::Dim),
        Picked::Own(Pick::Ours) => {
            (format!("{} {}", icons.arrow_left, word(Choice::Ours)), Meaning::Good)
        }
        Picked::Own(Pick::Theirs) => {
            (format!("{} {}", icons.arrow_right, word(Choice::Theirs)), Meaning::Good)
        }
        Picked::Own(Pick::Both) => ("+ both".to_owned(), Meaning::Good),
        Picked::Own(Pick::Merged(_)) => ("* edited".to_owned(), Meaning::Good),
    };
    span(theme, text, meaning)
}
