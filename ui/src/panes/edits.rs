//! The edit backups: the list, and the text under the cursor in the details.

use callboard_engine::domain::time::age;
use callboard_engine::sync::edits::EditBackup;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{moment, pane, select, span, title};
use crate::action::Action;
use crate::app::documents::short_path;
use crate::app::edits::EditsModel;
use crate::app::{Model, Pane};
use crate::sizes::bytes;
use crate::theme::Meaning;
use crate::widgets::{fit, wrap};

/// Lines of a text that are shown; all of it is copied.
const LINES_MAX: usize = 500;
/// Columns from which the reason has a column of its own.
const WIDE: usize = 60;

/// The list.
pub(super) fn draw(model: &Model, edits: &EditsModel, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let count = edits.rows().count();
    let separator = model.theme.icons().separator;
    let about = match &edits.document {
        Some(path) => format!("{count} of {} {separator} {}", edits.total(), short_path(path)),
        None => format!("{count} {separator} every document"),
    };
    let room = usize::from(area.width).saturating_sub("Edit backups".len() + 6);
    let about = fit::fit(&about, room, model.theme.icons().ellipsis).into_owned();
    let inner = pane(model, frame, area, title(model, "Edit backups", about, own), own);
    if count == 0 {
        for (place, line) in inner.rows().zip(nothing(model, edits, inner.width)) {
            frame.render_widget(line, place);
        }
        return;
    }
    let (cursor, offset) = (edits.index(), edits.scrolled(usize::from(inner.height)));
    let rows = edits.rows().enumerate().skip(offset);
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
fn nothing(model: &Model, edits: &EditsModel, width: u16) -> Vec<Line<'static>> {
    let key = model.keymap.shown(Action::Edits);
    let text = match (edits.is_listed, &edits.document) {
        (false, _) => "Looking…".to_owned(),
        (true, Some(_)) if 0 < edits.total() => {
            format!("No text of this document was replaced. {key} shows those of every document.")
        }
        (true, _) => "Whenever a text that somebody wrote is replaced or set aside, it is kept \
            here first. Nothing was so far."
            .to_owned(),
    };
    let columns = usize::from(width).saturating_sub(2).max(8);
    let wrapped = wrap::wrap_text(&text, columns, model.theme.style(Meaning::Dim));
    wrapped.into_iter().map(indented).collect()
}

fn indented(spans: Vec<Span<'static>>) -> Line<'static> {
    std::iter::once(Span::raw(" ")).chain(spans).collect()
}

/// Age, document, reason and size.
fn line(model: &Model, row: &EditBackup, (marker, width): (&'static str, u16)) -> Line<'static> {
    let (theme, ellipsis) = (&model.theme, model.theme.icons().ellipsis);
    let age = format!("{:>4} ", age(model.now.since_ms(row.at)));
    let size = format!(" {:>6} ", bytes(row.size));
    let room = usize::from(width).saturating_sub(1 + fit::width(&age) + fit::width(&size));
    let path = short_path(&row.document);
    let own = if room < WIDE { room } else { (room * 2 / 5).min(40) };
    let mut spans = vec![
        Span::raw(marker),
        span(theme, age, Meaning::Dim),
        span(theme, fit::left(path, own, ellipsis), Meaning::Text),
    ];
    if own < room {
        let reason = fit::left(&row.reason, room - own - 1, ellipsis);
        spans.extend([Span::raw(" "), span(theme, reason, Meaning::Dim)]);
    }
    spans.push(span(theme, size, Meaning::Dim));
    Line::from(spans)
}

/// The text under the cursor: where it stood, why it does no more, and what it says.
pub(super) fn details(model: &Model, edits: &EditsModel, width: u16) -> Vec<Line<'static>> {
    let Some(row) = edits.selected() else { return Vec::new() };
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let wrapped = |text: &str, meaning| {
        let spans = wrap::wrap_text(text, columns, theme.style(meaning));
        spans.into_iter().map(Line::from).collect::<Vec<_>>()
    };
    let mut lines = wrapped(short_path(&row.document), Meaning::Heading);
    let separator = theme.icons().separator;
    let at = moment(model, row.at);
    let facts = format!("{at} {separator} {} {separator} {}", bytes(row.size), row.reason);
    lines.extend(wrapped(&facts, Meaning::Dim));
    lines.push(Line::default());
    match edits.text() {
        None => lines.extend(wrapped("Reading…", Meaning::Dim)),
        Some(Err(problem)) => lines.extend(wrapped(problem, Meaning::Bad)),
        Some(Ok(text)) if text.trim().is_empty() => {
            lines.extend(wrapped("It is empty.", Meaning::Dim));
        }
        Some(Ok(text)) => lines.extend(contents(model, text, columns)),
    }
    lines
}

/// The text, as it stands; what only Callboard reads in it is dim.
fn contents(model: &Model, text: &str, columns: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = Vec::new();
    for line in text.lines().take(LINES_MAX) {
        let at = line.rfind("<!--").filter(|_| line.trim_end().ends_with("-->"));
        let (head, stamp) = line.split_at_checked(at.unwrap_or(line.len())).unwrap_or((line, ""));
        let text = head.trim_start();
        let margin = fit::width(head.strip_suffix(text).unwrap_or_default()).min(columns / 2);
        let pieces = [
            wrap::Piece::new(text, theme.style(Meaning::Text)),
            wrap::Piece::new(stamp, theme.style(Meaning::Dim)),
        ];
        let mut wrapped = wrap::wrap(&pieces, columns.saturating_sub(margin));
        if wrapped.is_empty() {
            wrapped.push(Vec::new());
        }
        let inset = |spans: Vec<Span<'static>>| {
            std::iter::once(Span::raw(" ".repeat(margin))).chain(spans).collect::<Line<'static>>()
        };
        lines.extend(wrapped.into_iter().map(inset));
    }
    let more = text.lines().count().saturating_sub(LINES_MAX);
    if 0 < more {
        let key = model.keymap.shown(Action::CopyText);
        let told = format!("{more} more lines; {key} copies all of it.");
        lines.push(Line::from(span(theme, told, Meaning::Dim)));
    }
    lines
}
