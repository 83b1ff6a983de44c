//! The documents of the session under the cursor: how each stands, and what is wrong in it.

use callboard_engine::domain::count::counted;
use callboard_engine::domain::document::DocumentState;
use callboard_engine::query::ledger::DocumentRow;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::chrome::{clock, pane, select, span, title};
use crate::app::documents::short_path;
use crate::app::{Model, Pane, documents};
use crate::theme::Meaning;
use crate::widgets::{fit, wrap};

/// Problems shown of one document.
const PROBLEMS_MAX: usize = 20;

/// Rows of the list, of so many that the pane has inside.
fn list_height(model: &Model, inner: u16) -> u16 {
    let about = about_lines(model, 200).len();
    let rows = u16::try_from(model.documents.rows.len()).unwrap_or(u16::MAX);
    let about = u16::try_from(about).unwrap_or(u16::MAX).min(inner / 2);
    rows.min(inner.saturating_sub(about)).max(1)
}

/// Documents that fit into an area.
pub(super) fn fits(model: &Model, area: Rect) -> usize {
    let frame = if model.place.accessible { 1 } else { 2 };
    usize::from(list_height(model, area.height.saturating_sub(frame)))
}

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Documents);
    let about = model.documents.rows.len().to_string();
    let inner = pane(model, frame, area, title(model, "Documents", about, own), own);
    let height = list_height(model, inner.height);
    let offset = model.documents.scrolled(usize::from(height));
    let cursor = model.documents.index();
    let list = Rect { height: height.min(inner.height), ..inner };
    let rows = model.documents.rows.iter().enumerate().skip(offset);
    for (place, (index, row)) in list.rows().zip(rows) {
        let selected = index == cursor;
        if selected {
            select(model, frame, (place, Pane::Documents));
        }
        frame.render_widget(line(model, row, (place.width, selected)), place);
    }
    let below =
        Rect { y: list.bottom(), height: inner.bottom().saturating_sub(list.bottom()), ..inner };
    frame.render_widget(Paragraph::new(about_lines(model, below.width)), below);
}

/// How a document stands, as a sign, a word and a look.
fn state(model: &Model, row: &DocumentRow) -> (&'static str, String, Meaning) {
    let icons = model.theme.icons();
    let problems = row.problems.len();
    if documents::are_packed(model) {
        return (icons.unselected, "packed".to_owned(), Meaning::Dim);
    }
    match row.state {
        DocumentState::Held => (icons.bad, "held".to_owned(), Meaning::Bad),
        DocumentState::Accepted => (icons.unselected, "accepted".to_owned(), Meaning::Dim),
        DocumentState::Pending => (icons.unselected, "pending".to_owned(), Meaning::Dim),
        DocumentState::InStep if 0 < problems => {
            (icons.warn, counted(problems, "problem"), Meaning::Warn)
        }
        DocumentState::InStep => (icons.good, "in step".to_owned(), Meaning::Good),
    }
}

fn line(model: &Model, row: &DocumentRow, (width, selected): (u16, bool)) -> Line<'static> {
    let theme = &model.theme;
    let (icon, word, meaning) = state(model, row);
    let marker = if selected && model.place.accessible { ">" } else { " " };
    let time = format!(" {} ", clock(model, row.updated_at));
    let head = format!("{icon} {word:<12}");
    let room = usize::from(width).saturating_sub(fit::width(&head) + fit::width(&time) + 1);
    let path = short_path(&row.path);
    Line::from(vec![
        Span::raw(marker),
        span(theme, head, meaning),
        span(theme, fit::left(path, room, theme.icons().ellipsis), Meaning::Text),
        span(theme, time, Meaning::Dim),
    ])
}

/// Why the document under the cursor is held, and its problems by line.
fn about_lines(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.documents.selected() else { return Vec::new() };
    let theme = &model.theme;
    let columns = usize::from(width).saturating_sub(1).max(8);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut add =
        |text: &str, meaning| {
            let wrapped = wrap::wrap_text(text, columns, theme.style(meaning));
            lines.extend(wrapped.into_iter().map(|spans| {
                std::iter::once(Span::raw(" ")).chain(spans).collect::<Line<'static>>()
            }));
        };
    if row.state == DocumentState::Held {
        let reason = row.reason.as_deref().unwrap_or("a person has to look at it");
        add(
            &format!("Held back: {reason}. E opens it, R restores it, A takes it as it is."),
            Meaning::Bad,
        );
    }
    if let Some(failure) = model.documents.keeping.failure(&row.path) {
        add(&format!("Failed: {failure}"), Meaning::Bad);
    }
    for problem in row.problems.iter().take(PROBLEMS_MAX) {
        add(&format!("line {}: {}", problem.line, problem.message), Meaning::Warn);
    }
    lines
}
