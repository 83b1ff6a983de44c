//! Who is or was connected, what each holds and how its calls go.

use callboard_engine::query::rows::AgentRow;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::activity;
use super::chrome::{moment, moment_short, pane, span, title};
use crate::action::Action;
use crate::app::{Model, Pane};
use crate::theme::Meaning;
use crate::widgets::{fit, wrap};

/// What an agent did last, at most so much of it.
const RECENT: usize = 20;

/// The list of agents, two rows each.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let about = format!("{} connected", model.agents.connected());
    let inner = pane(model, frame, area, title(model, "Agents", about, own), own);
    if model.agents.rows.is_empty() {
        return nobody(model, frame, inner);
    }
    let cursor = model.agents.index();
    let fits = usize::from(inner.height / 2).max(1);
    let offset = model.agents.scrolled(fits);
    let mut y = inner.y;
    for (index, row) in model.agents.rows.iter().enumerate().skip(offset).take(fits) {
        let place = Rect { y, height: 2.min(inner.bottom().saturating_sub(y)), ..inner };
        if index == cursor {
            let meaning =
                if model.focus == Pane::Main { Meaning::Selection } else { Meaning::SelectionDim };
            frame.buffer_mut().set_style(place, model.theme.style(meaning));
        }
        for (place, line) in place.rows().zip(lines(model, row, (inner.width, index == cursor))) {
            frame.render_widget(line, place);
        }
        y += 2;
    }
}

fn nobody(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let key = model.keymap.shown(Action::CopyConnect);
    let text = format!(
        "No agent has been here yet. {key} copies this line for Claude Code; `callboard connect` knows more clients:"
    );
    let columns = usize::from(area.width.saturating_sub(4)).max(8);
    let mut lines = wrap::wrap_text(&text, columns, theme.style(Meaning::Text));
    lines.push(Vec::new());
    lines.extend(wrap::wrap_text(&model.place.connect, columns, theme.style(Meaning::Code)));
    let inside = Rect {
        x: area.x + 2.min(area.width),
        y: area.y + 1.min(area.height),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    for (place, spans) in inside.rows().zip(lines) {
        frame.render_widget(Line::from(spans), place);
    }
}

fn lines(model: &Model, row: &AgentRow, (width, selected): (u16, bool)) -> [Line<'static>; 2] {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let (dot, state, meaning) = if row.connected {
        (icons.dot, "connected", Meaning::Good)
    } else {
        (icons.unselected, "away", Meaning::Dim)
    };
    let marker = if model.place.accessible && selected { ">" } else { " " };
    let calls = format!("{} calls", row.calls);
    let errors = if row.errors == 0 { String::new() } else { format!("{} refused", row.errors) };
    let seen = moment_short(model, row.last_seen);
    let mut right = format!("{calls:>11}  {errors:>10}  {seen:>5} ");
    if 84 <= width {
        right = format!("{:>4} this hour  {right}", row.calls_hour);
    }
    let name_room = usize::from(width).saturating_sub(fit::width(&right) + 14);
    let first = Line::from(vec![
        span(theme, format!("{marker}{dot} "), meaning),
        Span::styled(fit::left(&row.name, name_room, icons.ellipsis), model.agent_style(&row.name)),
        span(theme, format!(" {state:<9} "), meaning),
        span(theme, right, Meaning::Dim),
    ]);
    let holds = match row.holds.first() {
        None => "holds nothing".to_owned(),
        Some(held) if row.holds.len() == 1 => format!("{} {}", icons.held, held.title),
        Some(held) => format!("{} {} and {} more", icons.held, held.title, row.holds.len() - 1),
    };
    let client = format!("{} {} over {}", row.client, row.version, row.transport);
    let room = usize::from(width).saturating_sub(fit::width(&client) + 5);
    let second = Line::from(vec![
        Span::raw("   "),
        span(theme, fit::left(&holds, room, icons.ellipsis), Meaning::Text),
        span(theme, format!(" {client} "), Meaning::Dim),
    ]);
    [first, second]
}

/// The agent under the cursor: its claims with their paths, its calls.
pub(super) fn details(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.agents.selected() else { return Vec::new() };
    let (theme, icons) = (&model.theme, model.theme.icons());
    let columns = usize::from(width).max(8);
    let dim = theme.style(Meaning::Dim);
    let about = [
        vec![wrap::Piece::new(&row.name, model.agent_style(&row.name))],
        vec![wrap::Piece::new(
            format!("{} {} over {}", row.client, row.version, row.transport),
            dim,
        )],
        vec![wrap::Piece::new(format!("here since {}", moment(model, row.first_seen)), dim)],
        vec![wrap::Piece::new(
            format!("{} calls, {} this hour, {} refused", row.calls, row.calls_hour, row.errors),
            dim,
        )],
        vec![wrap::Piece::new(
            format!(
                "last call {} {}",
                moment(model, row.last_seen),
                row.last_tool.as_deref().unwrap_or_default()
            ),
            dim,
        )],
    ];
    let mut lines: Vec<Line<'static>> =
        wrap::keep_together(&about, columns).into_iter().map(Line::from).collect();
    lines.push(Line::default());
    if row.holds.is_empty() {
        lines.push(Line::from(span(theme, "It holds no task.", Meaning::Dim)));
    }
    for held in &row.holds {
        let (icon, word, meaning) = if held.stale {
            (icons.warn, "claim ran out", Meaning::Warn)
        } else {
            (icons.held, "until", Meaning::Text)
        };
        let until = format!("  {word} {}", moment(model, held.until));
        let room = usize::from(width).saturating_sub(fit::width(&until) + 13);
        lines.push(Line::from(vec![
            span(theme, format!("{icon} {} ", held.id), Meaning::Dim),
            span(theme, fit::fit(&held.title, room, icons.ellipsis).into_owned(), Meaning::Text),
            span(theme, until, meaning),
        ]));
        if !held.paths.is_empty() {
            let paths = format!("  works on {}", held.paths.join(" "));
            lines.extend(
                wrap::wrap_text(&paths, columns, theme.style(Meaning::Dim))
                    .into_iter()
                    .map(Line::from),
            );
        }
    }
    let own = model.feed.rows.iter().rev().filter(|one| one.actor.name() == row.name);
    let recent: Vec<Line<'static>> =
        own.take(RECENT).flat_map(|one| activity::lines(model, one, columns)).collect();
    if !recent.is_empty() {
        lines.push(Line::default());
        lines.push(Line::from(span(theme, "What it did, the newest first", Meaning::Heading)));
        lines.extend(recent);
    }
    lines
}
