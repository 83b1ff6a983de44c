//! The log of errors, and what people said to agents: a line each.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Model, Pane};
use crate::panes::activity::{actor_name, actor_style};
use crate::panes::chrome::{moment, moment_short, select, span};
use crate::theme::Meaning;
use crate::widgets::{fit, wrap};

/// The newest errors.
pub(super) fn errors(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let lines = model.metrics.errors.iter().map(|row| {
        let source = row.source.strip_prefix("orchestrator_").unwrap_or(&row.source);
        Line::from(vec![
            span(theme, format!(" {:>5} ", moment_short(model, row.at)), Meaning::Dim),
            Span::styled(fit::shown(&row.actor).into_owned(), model.agent_style(&row.actor)),
            span(theme, format!("  {source} "), Meaning::Text),
            span(theme, format!(" {} ", row.code), Meaning::Bad),
            span(theme, format!(" {}", row.message), Meaning::Dim),
        ])
    });
    list(model, frame, (area, lines.collect()), "Nothing went wrong that was written down.");
}

/// What was said last.
pub(super) fn said(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let icons = theme.icons();
    let lines = model.metrics.said.iter().map(|row| {
        let (icon, word, meaning) = match row.delivered_at {
            Some(_) => (icons.good, "read", Meaning::Good),
            None => (icons.unselected, "waits", Meaning::Warn),
        };
        let text = row.text.lines().next().unwrap_or_default();
        Line::from(vec![
            span(theme, format!(" {:>5} ", moment_short(model, row.at)), Meaning::Dim),
            span(theme, format!("{icon} {word:<5} "), meaning),
            Span::styled(fit::shown(&row.to).into_owned(), model.agent_style(&row.to)),
            span(theme, format!("  {text}"), Meaning::Text),
        ])
    });
    list(model, frame, (area, lines.collect()), "Nobody has written to an agent yet.");
}

fn list(
    model: &Model,
    frame: &mut Frame<'_>,
    (area, lines): (Rect, Vec<Line<'static>>),
    nothing: &str,
) {
    if lines.is_empty() {
        let line = span(&model.theme, format!(" {nothing}"), Meaning::Dim);
        return frame.render_widget(Line::from(line), area);
    }
    let cursor = model.metrics.index();
    let offset = model.metrics.scrolled(usize::from(area.height));
    let shown = lines.into_iter().enumerate().skip(offset);
    for (place, (index, line)) in area.rows().zip(shown) {
        if index == cursor {
            select(model, frame, (place, Pane::Main));
        }
        frame.render_widget(line, place);
    }
}

/// The error under the cursor, in full.
pub(super) fn error_details(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.metrics.error() else { return Vec::new() };
    let theme = &model.theme;
    let mut lines = vec![
        Line::from(span(theme, row.code.clone(), Meaning::Bad)),
        Line::from(vec![
            Span::styled(fit::shown(&row.actor).into_owned(), model.agent_style(&row.actor)),
            span(theme, format!("  {}  {}", row.source, moment(model, row.at)), Meaning::Dim),
        ]),
        Line::default(),
    ];
    lines.extend(text(model, &row.message, width));
    lines
}

/// What was said, in full.
pub(super) fn said_details(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.metrics.message() else { return Vec::new() };
    let theme = &model.theme;
    let read = match row.delivered_at {
        Some(at) => format!("read {}", moment(model, at)),
        None => "waits for the agent's next call".to_owned(),
    };
    let mut lines = vec![
        Line::from(vec![
            Span::styled(actor_name(&row.actor).to_owned(), actor_style(model, &row.actor)),
            span(theme, " to ", Meaning::Dim),
            Span::styled(fit::shown(&row.to).into_owned(), model.agent_style(&row.to)),
        ]),
        Line::from(span(theme, format!("{}, {read}", moment(model, row.at)), Meaning::Dim)),
        Line::default(),
    ];
    lines.extend(text(model, &row.text, width));
    lines
}

fn text(model: &Model, text: &str, width: u16) -> Vec<Line<'static>> {
    let columns = usize::from(width).max(8);
    let style = model.theme.style(Meaning::Text);
    let paragraphs = text.lines().map(|line| fit::shown(line).into_owned());
    paragraphs.flat_map(|line| wrap::wrap_text(&line, columns, style)).map(Line::from).collect()
}
