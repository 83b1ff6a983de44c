//! The first screen of a project: what this is, and how to begin.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::span;
use crate::action::Action;
use crate::app::Model;
use crate::theme::Meaning;
use crate::widgets::wrap::wrap_text;

/// Says how to begin: without a session, or with an empty one.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let lines = if model.session.is_some() { empty(model) } else { first(model, area.width) };
    let top = area.height.saturating_sub(u16::try_from(lines.len()).unwrap_or(u16::MAX)) / 3;
    let left = 2.min(area.width);
    let inside = Rect { x: area.x + left, width: area.width - left, ..area };
    for (place, line) in inside.rows().skip(usize::from(top)).zip(lines) {
        frame.render_widget(line, place);
    }
}

fn key_line(model: &Model, keys: &str, text: &'static str) -> Line<'static> {
    Line::from(vec![
        span(&model.theme, format!("{keys:>7}"), Meaning::Key),
        Span::raw("  "),
        span(&model.theme, text, Meaning::Text),
    ])
}

fn keys(model: &Model, action: Action) -> String {
    model.keymap.shown(action).to_owned()
}

fn connect(model: &Model, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = vec![
        Line::from(span(
            theme,
            "Connect an agent. For Claude Code, in this project:",
            Meaning::Text,
        )),
        Line::default(),
    ];
    let room = usize::from(width.saturating_sub(6)).max(20);
    for spans in wrap_text(&model.place.connect, room, theme.style(Meaning::Code)) {
        lines.push(std::iter::once(Span::raw("  ")).chain(spans).collect());
    }
    lines.push(Line::default());
    lines.push(key_line(model, &keys(model, Action::CopyConnect), "copies that line"));
    lines.push(Line::from(span(
        theme,
        "         callboard connect codex, cursor or vscode shows the others",
        Meaning::Dim,
    )));
    lines
}

fn first(model: &Model, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut lines = vec![
        Line::from(span(theme, "Welcome to Callboard", Meaning::Heading)),
        Line::default(),
        Line::from(span(theme, "Here you see what your agents do, as they do it,", Meaning::Text)),
        Line::from(span(theme, "and work on the same tasks as they.", Meaning::Text)),
        Line::default(),
    ];
    lines.extend(connect(model, width));
    lines.push(Line::default());
    lines.push(Line::from(span(theme, "Or begin yourself:", Meaning::Text)));
    lines.push(Line::default());
    lines.push(key_line(
        model,
        &format!("{} c", keys(model, Action::SessionMenu)),
        "creates a session; an agent can do that too",
    ));
    lines.push(key_line(model, &keys(model, Action::Help), "shows every key"));
    lines.push(key_line(
        model,
        &keys(model, Action::Quit),
        "quits; callboard demo shows a lively example",
    ));
    lines
}

fn empty(model: &Model) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let name = model.session.as_ref().map(|row| row.session.name.clone()).unwrap_or_default();
    let mut lines = vec![
        Line::from(span(theme, format!("{name} has no tasks yet."), Meaning::Heading)),
        Line::default(),
        key_line(model, &keys(model, Action::AddTask), "adds a task"),
        key_line(model, &keys(model, Action::AddGroup), "adds a group of tasks"),
        Line::default(),
        Line::from(span(
            theme,
            "Tasks that agents plan appear here as they are planned.",
            Meaning::Dim,
        )),
        Line::default(),
    ];
    if model.agents.connected() == 0 {
        lines.extend(connect(model, 70));
    }
    lines
}
