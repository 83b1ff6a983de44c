//! All sessions, and how each came to be in its state.

use callboard_engine::domain::count::counted;
use callboard_engine::domain::session::{ContextEntry, Transition};
use callboard_engine::query::rows::SessionRow;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::activity::{actor_name, actor_style};
use super::board::id_spans;
use super::chrome::{moment, moment_short, pane, span, title};
use crate::app::sessions::Extract;
use crate::app::{Model, Pane};
use crate::context;
use crate::theme::Meaning;
use crate::widgets::{fit, gauge, markdown, wrap};

/// Rows of a text, and of records, that were left for whoever continues.
const TEXT_ROWS: usize = 4;
const RECORD_ROWS: usize = 20;

/// The list of sessions.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let about = model.sessions.total.to_string();
    let inner = pane(model, frame, area, title(model, "Sessions", about, own), own);
    if model.sessions.rows.is_empty() {
        return super::welcome::draw(model, frame, inner);
    }
    let cursor = model.sessions.index();
    let offset = model.sessions.scrolled(usize::from(inner.height));
    for (index, (place, row)) in
        inner.rows().zip(model.sessions.rows.iter().skip(offset)).enumerate()
    {
        let selected = cursor == offset + index;
        if selected {
            let meaning =
                if model.focus == Pane::Main { Meaning::Selection } else { Meaning::SelectionDim };
            frame.buffer_mut().set_style(place, model.theme.style(meaning));
        }
        frame.render_widget(line(model, row, (place.width, selected)), place);
    }
}

fn line(model: &Model, row: &SessionRow, (width, selected): (u16, bool)) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let state = row.session.state;
    let marker = match (model.place.accessible, selected) {
        (true, true) => ">",
        (true, false) | (false, _) => " ",
    };
    let mut spans = vec![
        Span::raw(marker),
        Span::styled(format!("{} {:<13}", icons.state(state), state.as_str()), theme.state(state)),
    ];
    spans.extend(id_spans(model, &row.session.id.to_string(), row.short));
    spans.push(Span::raw(" "));
    let mut right = Vec::new();
    if 80 <= width {
        right.push(Span::raw(" "));
        right.extend(gauge::bar(row.counts.percent, 10, theme));
    }
    let done = format!("{}/{}", row.counts.completed, row.counts.all());
    let when = moment_short(model, row.last_activity);
    right.push(span(theme, format!(" {done:>7}  {when:>10} "), Meaning::Dim));
    let taken: usize = spans.iter().chain(&right).map(Span::width).sum();
    let room = usize::from(width).saturating_sub(taken);
    spans.push(span(theme, fit::left(&row.session.name, room, icons.ellipsis), Meaning::Strong));
    spans.extend(right);
    Line::from(spans)
}

/// The session under the cursor: goal, what was left, history.
pub(super) fn details(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.sessions.selected() else { return Vec::new() };
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let counts = format!(
        "{} {separator} {} {separator} {} open",
        counted(row.groups, "group"),
        counted(row.counts.all(), "task"),
        row.counts.open(),
        separator = theme.icons().separator
    );
    let facts = [
        vec![wrap::Piece::new(
            format!("{} {}", theme.icons().state(row.session.state), row.session.state),
            theme.state(row.session.state),
        )],
        vec![wrap::Piece::new(counts, theme.style(Meaning::Dim))],
        vec![wrap::Piece::new(row.session.id.to_string(), theme.style(Meaning::Dim))],
    ];
    let extract = model.sessions.found().map(|extract| found(model, extract, width));
    let mut lines = extract.unwrap_or_default();
    lines.extend(
        wrap::wrap_text(&row.session.name, columns, theme.style(Meaning::Heading))
            .into_iter()
            .chain(wrap::keep_together(&facts, columns))
            .map(Line::from),
    );
    if let Some(reason) = &row.session.reason {
        let text = format!("{}: {reason}", row.session.state);
        lines.extend(
            wrap::wrap_text(&text, columns, theme.style(Meaning::Warn)).into_iter().map(Line::from),
        );
    }
    if !row.session.goal.is_empty() {
        lines.push(Line::default());
        lines.extend(markdown::render(&row.session.goal, width, theme).lines);
    }
    if !model.sessions.history.is_empty() {
        lines.push(Line::default());
        lines.push(Line::from(span(theme, "History", Meaning::Heading)));
        lines.extend(model.sessions.history.iter().flat_map(|one| transition(model, one, columns)));
    }
    if !model.sessions.context.is_empty() {
        lines.push(Line::default());
        lines.push(Line::from(span(theme, "Left for whoever continues", Meaning::Heading)));
        for entry in &model.sessions.context {
            lines.extend(left(model, entry, width));
        }
    }
    lines
}

/// What was searched for, before all else.
fn found(model: &Model, extract: &Extract, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let title = format!("Found: {}", extract.title);
    let dim = theme.style(Meaning::Dim);
    let facts: Vec<Vec<wrap::Piece>> =
        extract.facts.iter().map(|fact| vec![wrap::Piece::new(fact.clone(), dim)]).collect();
    let title = wrap::wrap_text(&title, columns, theme.style(Meaning::Heading));
    let mut lines: Vec<Line<'static>> =
        title.into_iter().chain(wrap::keep_together(&facts, columns)).map(Line::from).collect();
    if !extract.text.trim().is_empty() {
        lines.extend(markdown::render_with(&extract.text, width, (theme, &extract.fences)).lines);
    }
    lines.push(Line::default());
    lines
}

fn transition(model: &Model, one: &Transition, columns: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let from = one.from.map_or("new", callboard_engine::domain::session::SessionState::as_str);
    let dim = theme.style(Meaning::Dim);
    let mut pieces = vec![
        wrap::Piece::new(format!("{} ", moment(model, one.at)), dim),
        wrap::Piece::new(format!("{from} {} ", theme.icons().arrow_right), dim),
        wrap::Piece::new(format!("{} ", one.to), theme.state(one.to)),
        wrap::Piece::new(actor_name(&one.actor), actor_style(model, &one.actor)),
    ];
    if let Some(reason) = &one.reason {
        pieces.push(wrap::Piece::new(format!(" ({reason})"), dim));
    }
    wrap::wrap(&pieces, columns).into_iter().map(Line::from).collect()
}

/// What was left under a key: a text at its side, records below it.
fn left(model: &Model, entry: &ContextEntry, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let key = |text: String| wrap::Piece::new(text, theme.style(Meaning::Accent));
    let value = |text: String| wrap::Piece::new(text, theme.style(Meaning::Text));
    if !entry.value.is_object() && !entry.value.is_array() {
        let text = context::lines(&entry.value).join(" ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let pieces = [key(format!("{}: ", entry.key)), value(text)];
        let lines = wrap::wrap(&pieces, columns).into_iter().take(TEXT_ROWS);
        return lines.map(Line::from).collect();
    }
    let below = context::lines(&entry.value);
    let below = below.into_iter().flat_map(|line| {
        let indent = if line.starts_with("  ") { "    " } else { "  " };
        let pieces = [value(line.trim_start().to_owned())];
        let room = columns.saturating_sub(indent.len()).max(8);
        let lines = wrap::wrap(&pieces, room).into_iter();
        lines
            .map(move |spans| std::iter::once(Span::raw(indent)).chain(spans).collect::<Line<'_>>())
    });
    let mut lines: Vec<Line<'static>> =
        wrap::wrap(&[key(entry.key.clone())], columns).into_iter().map(Line::from).collect();
    lines.extend(below.take(RECORD_ROWS));
    lines
}
