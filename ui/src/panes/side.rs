//! Beside the board: the life of the session, who is connected, what waits for a person.

use callboard_engine::domain::session::{SessionMove, SessionState};
use callboard_engine::query::rows::NeedKind;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{clock, moment, pane, span, title};
use crate::action::Action;
use crate::app::needs::{Kind, Waiting};
use crate::app::{Model, Pane};
use crate::theme::Meaning;
use crate::widgets::{fit, gauge, wrap};

/// The keys of the session menu by move.
const MOVE_KEYS: [(SessionMove, char); 4] = [
    (SessionMove::Suspend, 'p'),
    (SessionMove::Resume, 'r'),
    (SessionMove::Complete, 'f'),
    (SessionMove::Archive, 'a'),
];

/// The move that leads to a state from the present one, if it is open, as keys.
fn keys_to(model: &Model, from: SessionState, to: SessionState) -> Option<String> {
    let open = MOVE_KEYS.iter().find(|(step, _)| {
        let end = match step {
            SessionMove::Suspend => SessionState::Suspended,
            SessionMove::Resume => SessionState::Active,
            SessionMove::Complete => SessionState::Completed,
            SessionMove::Archive => SessionState::Archived,
        };
        end == to && step.is_open_from(from)
    });
    open.map(|(_, key)| format!("{} {key}", model.keymap.shown(Action::SessionMenu)))
}

/// The seven states in one line, the present one marked.
pub(super) fn strip(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let Some(row) = &model.session else { return };
    if area.is_empty() {
        return;
    }
    let (theme, now) = (&model.theme, row.session.state);
    let separator = format!(" {} ", theme.icons().caret_closed);
    let mut spans = vec![Span::raw(" ")];
    for (index, state) in SessionState::ALL.iter().copied().enumerate() {
        if 0 < index {
            spans.push(span(theme, separator.clone(), Meaning::Border));
        }
        if state == now {
            let text = format!("{} {state}", theme.icons().state(state));
            spans.push(Span::styled(text, theme.state(state).patch(theme.style(Meaning::Strong))));
        } else {
            let open = keys_to(model, now, state).is_some();
            let meaning = if open { Meaning::Text } else { Meaning::Dim };
            let word = state_word(state, area.width);
            spans.push(span(theme, word, meaning));
        }
    }
    frame.render_widget(Line::from(spans), area);
}

/// A state as it fits into the strip on a screen of so many columns.
fn state_word(state: SessionState, columns: u16) -> &'static str {
    match state {
        SessionState::Initializing if columns < 86 => "init",
        SessionState::Suspended if columns < 78 => "susp",
        SessionState::Resuming if columns < 78 => "resum",
        SessionState::Completing if columns < 78 => "compl",
        SessionState::Completed if columns < 78 => "done",
        SessionState::Archived if columns < 78 => "arch",
        SessionState::Initializing
        | SessionState::Active
        | SessionState::Suspended
        | SessionState::Resuming
        | SessionState::Completing
        | SessionState::Completed
        | SessionState::Archived => state.as_str(),
    }
}

/// The seven states, the moves that are open, the mode and the progress.
pub(super) fn lifecycle(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let Some(row) = &model.session else { return };
    if area.is_empty() {
        return;
    }
    let (theme, now) = (&model.theme, row.session.state);
    let inner = pane(model, frame, area, title(model, "Session", "", None), None);
    let width = usize::from(inner.width);
    let mut lines = Vec::new();
    for state in SessionState::ALL.iter().copied() {
        let here = state == now;
        let side = if here {
            moment(model, row.session.state_since)
        } else {
            keys_to(model, now, state).unwrap_or_default()
        };
        let icon = if here { theme.icons().caret_closed } else { " " };
        let word = format!("{icon} {} {state}", theme.icons().state(state));
        let room = width.saturating_sub(fit::width(&side) + 1);
        let word = fit::left(&word, room, theme.icons().ellipsis);
        let (style, side_style) = if here {
            (theme.state(state).patch(theme.style(Meaning::Strong)), theme.style(Meaning::Dim))
        } else {
            (theme.style(Meaning::Dim), theme.style(Meaning::Key))
        };
        lines.push(Line::from(vec![
            Span::styled(word, style),
            Span::raw(" "),
            Span::styled(side, side_style),
        ]));
    }
    let mut mode = mode_line(model, &row.session.mode, width);
    if !model.mode_is_recovered() {
        mode.spans.insert(0, Span::raw("  "));
    }
    lines.push(mode);
    lines.push(Line::default());
    let counts = row.counts;
    let columns = inner.width.saturating_sub(5);
    let mut bar = gauge::bar(counts.percent, columns, theme);
    bar.push(Span::raw(format!(" {:>3}%", counts.percent)));
    lines.push(Line::from(bar));
    let words = [
        (counts.completed, "done", Meaning::StatusCompleted),
        (counts.active, "active", Meaning::StatusActive),
        (counts.pending, "pending", Meaning::StatusPending),
        (counts.review, "review", Meaning::StatusReview),
        (counts.blocked, "blocked", Meaning::StatusBlocked),
        (counts.failed, "failed", Meaning::StatusFailed),
    ];
    let mut row: Vec<Span<'static>> = Vec::new();
    for (count, word, meaning) in words.into_iter().filter(|(count, ..)| 0 < *count) {
        let pair = [
            span(theme, format!("{count} "), meaning),
            span(theme, format!("{word}  "), Meaning::Dim),
        ];
        let taken: usize = row.iter().chain(&pair).map(Span::width).sum();
        if width + 2 < taken {
            lines.push(Line::from(std::mem::take(&mut row)));
        }
        row.extend(pair);
    }
    lines.push(Line::from(row));
    for (place, line) in inner.rows().zip(lines) {
        frame.render_widget(line, place);
    }
}

/// The mode in force, marked where it is not what its file says.
pub(super) fn mode_line(model: &Model, mode: &str, width: usize) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let name = if mode.is_empty() { "none" } else { mode };
    let (sign, meaning) =
        if model.mode_is_recovered() { (icons.warn, Meaning::Warn) } else { ("", Meaning::Text) };
    let name = fit::fit(name, width.saturating_sub(7), icons.ellipsis).into_owned();
    Line::from(vec![
        span(theme, sign, Meaning::Warn),
        span(theme, if sign.is_empty() { "mode " } else { " mode " }, Meaning::Dim),
        span(theme, name, meaning),
    ])
}

/// Who is connected, and what each holds.
pub(super) fn agents(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (theme, icons) = (&model.theme, model.theme.icons());
    let connected = model.agents.connected();
    let about = if connected == 0 { String::new() } else { connected.to_string() };
    let inner = pane(model, frame, area, title(model, "Agents", about, None), None);
    let width = usize::from(inner.width);
    let mut lines = Vec::new();
    for agent in model.agents.rows.iter().filter(|agent| agent.connected || !agent.holds.is_empty())
    {
        let dot = if agent.connected { icons.dot } else { icons.unselected };
        let name = fit::fit(&agent.name, width.saturating_sub(2), icons.ellipsis).into_owned();
        lines.push(Line::from(vec![
            span(
                theme,
                format!("{dot} "),
                if agent.connected { Meaning::Good } else { Meaning::Dim },
            ),
            Span::styled(name, model.agent_style(&agent.name)),
        ]));
        if agent.holds.is_empty() {
            lines.push(Line::from(span(theme, "  holds nothing", Meaning::Dim)));
        }
        for held in &agent.holds {
            let (icon, meaning) =
                if held.stale { (icons.warn, Meaning::Warn) } else { (icons.held, Meaning::Dim) };
            let text = fit::fit(&held.title, width.saturating_sub(4), icons.ellipsis).into_owned();
            lines.push(Line::from(span(theme, format!("  {icon} {text}"), meaning)));
        }
    }
    if lines.is_empty() {
        let key = model.keymap.shown(Action::CopyConnect);
        lines.push(Line::from(span(theme, "none connected", Meaning::Dim)));
        lines.push(Line::from(vec![
            span(theme, key.to_owned(), Meaning::Key),
            span(theme, " copies the line", Meaning::Dim),
        ]));
        lines.push(Line::from(span(theme, "that connects one", Meaning::Dim)));
    }
    for (place, line) in inner.rows().zip(lines) {
        frame.render_widget(line, place);
    }
}

/// What waits for a person, the oldest first; the cursor's task is always seen.
pub(super) fn needs(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let own = Some(Pane::Needs);
    let heading = Line::from(vec![
        Span::raw(" "),
        span(theme, format!("{} Needs you", theme.icons().warn), Meaning::Warn),
        span(theme, format!(" {} ", model.needs.rows.len()), Meaning::Dim),
        span(theme, format!("{} ", model.keymap.shown(Action::NeedsYou)), Meaning::Key),
    ]);
    let inner = pane(model, frame, area, heading, own);
    let focused = model.focus == Pane::Needs;
    let cursor = model.needs.index();
    let (blocks, skipped) = need_blocks(model, inner);
    let height = usize::from(inner.height);
    let total: usize = blocks.iter().map(Vec::len).sum();
    let lines = blocks
        .into_iter()
        .enumerate()
        .flat_map(|(index, block)| block.into_iter().map(move |line| (index, line)));
    for (place, (index, line)) in inner.rows().zip(lines.skip(skipped)) {
        if focused && index == cursor {
            frame.buffer_mut().set_style(place, theme.style(Meaning::Selection));
        }
        frame.render_widget(line, place);
    }
    if skipped + height < total && !model.place.accessible {
        more_mark(model, frame, area);
    }
}

/// Each need as lines, and how many lines are scrolled away so that the cursor's is seen.
fn need_blocks(model: &Model, inner: Rect) -> (Vec<Vec<Line<'static>>>, usize) {
    let blocks: Vec<Vec<Line<'static>>> =
        model.needs.rows.iter().map(|need| need_lines(model, need, inner.width)).collect();
    let cursor = if model.focus == Pane::Needs { model.needs.index() } else { 0 };
    let end: usize = blocks.iter().take(cursor + 1).map(Vec::len).sum();
    (blocks, end.saturating_sub(usize::from(inner.height)))
}

/// The need at a row of the pane, where the frame is not counted.
pub(super) fn need_at(model: &Model, area: Rect, row: usize) -> Option<usize> {
    let inner =
        Rect { width: area.width.saturating_sub(2), height: area.height.saturating_sub(2), ..area };
    let (blocks, skipped) = need_blocks(model, inner);
    let mut lines =
        blocks.iter().enumerate().flat_map(|(index, block)| block.iter().map(move |_| index));
    lines.nth(skipped + row)
}

/// Says on the lower border that there is more below.
pub(super) fn more_mark(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let mark = format!(" {} more ", model.theme.icons().arrow_down);
    let width = u16::try_from(fit::width(&mark)).unwrap_or(0);
    if width + 2 < area.width {
        let at = Rect { x: area.right() - width - 2, y: area.bottom() - 1, width, height: 1 };
        frame.render_widget(span(&model.theme, mark, Meaning::Dim), at);
    }
}

/// Rows that the pane of what waits for a person takes, frame included; none if nothing does.
pub(super) fn needs_rows(model: &Model, width: u16) -> usize {
    let inner = width.saturating_sub(2);
    let rows: usize =
        model.needs.rows.iter().take(20).map(|need| need_lines(model, need, inner).len()).sum();
    if rows == 0 { 0 } else { rows + 2 }
}

fn need_lines(model: &Model, need: &Waiting, width: u16) -> Vec<Line<'static>> {
    const INDENT: usize = 6;
    let theme = &model.theme;
    let (word, meaning) = match need.kind {
        Kind::Record(NeedKind::Review) => ("review", Meaning::StatusReview),
        Kind::Record(NeedKind::StaleClaim) => ("claim ran out", Meaning::Warn),
        Kind::Record(NeedKind::Blocked) => ("blocked", Meaning::StatusBlocked),
        Kind::Record(NeedKind::Failed) => ("failed", Meaning::StatusFailed),
        Kind::Record(NeedKind::Conflict) => ("conflict", Meaning::Warn),
        Kind::Record(NeedKind::HeldDocument) => ("held back", Meaning::Warn),
        Kind::Mode => ("mode", Meaning::Bad),
        Kind::Failure => ("went wrong", Meaning::Bad),
    };
    let pieces = [
        wrap::Piece::new(format!("{word} "), theme.style(meaning)),
        wrap::Piece::new(format!("{} ", need.title), theme.style(Meaning::Text)),
        wrap::Piece::new(need.who.clone(), model.agent_style(&need.who)),
    ];
    let wrapped = wrap::wrap(&pieces, usize::from(width).saturating_sub(INDENT).max(8));
    let time = clock(model, need.since);
    wrapped
        .into_iter()
        .enumerate()
        .map(|(index, spans)| {
            let head = if index == 0 { format!("{time} ") } else { " ".repeat(INDENT) };
            std::iter::once(span(theme, head, Meaning::Dim)).chain(spans).collect()
        })
        .collect()
}
