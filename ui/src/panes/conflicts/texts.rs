//! Both sides beside each other, with what differs marked, and the result between or below them.

use callboard_engine::domain::conflict::Choice;
use callboard_engine::query::conflicts::ConflictRow;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Parts, pick_span};
use crate::action::Action;
use crate::app::conflicts::draft::{Pick, Picked, result};
use crate::app::{Model, Pane};
use crate::conflict::diff::{self, Row};
use crate::conflict::{value, words};
use crate::panes::chrome::{clock, pane, span};
use crate::theme::Meaning;
use crate::widgets::{fit, wrap};

/// Columns of the sign at the beginning of a line.
const GUTTER: usize = 2;

/// A side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Rows that the texts would like to have, in panes of a third or half of so many columns.
pub(super) fn needed(model: &Model, width: u16, is_beside: bool) -> u16 {
    let columns = if is_beside { width / 3 } else { width / 2 }.saturating_sub(2);
    let (left, _) = sides(model, usize::from(columns));
    let own = left.len().max(result_lines(model, columns).len());
    let rows = if is_beside { own } else { own + 2 + own };
    let editing = if model.conflicts.editing.is_some() { 4 } else { 1 };
    u16::try_from(rows.max(editing)).unwrap_or(u16::MAX)
}

/// Rows of the texts that are out of sight.
pub(super) fn hidden(model: &Model, parts: &Parts) -> usize {
    let inner = parts.left.width.saturating_sub(2);
    let height = usize::from(parts.left.height.saturating_sub(2));
    let rows = if model.conflicts.unified {
        together(model, usize::from(inner)).len()
    } else {
        sides(model, usize::from(inner)).0.len()
    };
    rows.saturating_sub(height)
}

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, parts: &Parts) {
    let Some(row) = model.conflicts.selected() else { return };
    let scroll = model.conflicts.scroll.min(hidden(model, parts));
    if model.conflicts.unified {
        let heading = heading(model, row, (None, parts.left.width));
        let inner = pane(model, frame, parts.left, heading, Some(Pane::Details));
        let lines = together(model, usize::from(inner.width));
        draw_lines(frame, inner, lines, scroll);
    } else {
        let (left, right) = sides(model, usize::from(parts.left.width.saturating_sub(2)));
        for (area, lines, side) in
            [(parts.left, left, Side::Left), (parts.right, right, Side::Right)]
        {
            let heading = heading(model, row, (Some(side), area.width));
            let inner = pane(model, frame, area, heading, Some(Pane::Details));
            draw_lines(frame, inner, lines, scroll);
        }
    }
    draw_result(model, frame, parts.result, row);
}

fn draw_lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>, scroll: usize) {
    frame.render_widget(Paragraph::new(lines.into_iter().skip(scroll).collect::<Vec<_>>()), area);
}

/// The name of a side with whoever wrote it, as far as there is room, and the key that takes it.
fn heading(model: &Model, row: &ConflictRow, (side, width): (Option<Side>, u16)) -> Line<'static> {
    let (theme, icons, conflict) = (&model.theme, model.theme.icons(), &row.conflict);
    let key = |action| model.keymap.shown(action).to_owned();
    let mut spans = vec![Span::raw(" ")];
    let named = |name: &str| span(theme, format!("{name} "), Meaning::Title);
    let by = |name: &str, actor, at| {
        // The corners, the key and the arrow.
        let room = usize::from(width).saturating_sub(fit::width(name) + 9);
        let who = words::who(actor);
        let forms = [format!("{who} {} ", clock(model, at)), format!("{who} ")];
        let fits = forms.into_iter().find(|form| fit::width(form) <= room);
        span(theme, fits.unwrap_or_default(), Meaning::Dim)
    };
    match side {
        Some(Side::Left) if model.conflicts.base => spans.push(named("Base")),
        Some(Side::Left) => spans.extend([
            span(theme, format!("{} ", key(Action::TakeOurs)), Meaning::Key),
            span(theme, format!("{} ", icons.arrow_left), Meaning::Dim),
            named(words::own_side(conflict)),
            by(words::own_side(conflict), &conflict.ours_by, conflict.ours_at),
        ]),
        Some(Side::Right) => spans.extend([
            named(words::other_side(conflict)),
            by(words::other_side(conflict), &conflict.theirs_by, conflict.theirs_at),
            span(theme, format!("{} ", icons.arrow_right), Meaning::Dim),
            span(theme, format!("{} ", key(Action::TakeTheirs)), Meaning::Key),
        ]),
        None => spans.extend([
            span(theme, format!("{} ", key(Action::TakeOurs)), Meaning::Key),
            named(if model.conflicts.base { "- base" } else { "- database" }),
            span(theme, format!("{} ", key(Action::TakeTheirs)), Meaning::Key),
            named(&format!("+ {}", words::other_side(conflict).to_lowercase())),
        ]),
    }
    Line::from(spans)
}

/// Both sides, each with the same number of lines.
fn sides(model: &Model, columns: usize) -> (Vec<Line<'static>>, Vec<Line<'static>>) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for row in &model.conflicts.diff {
        let (own, other) = match row {
            Row::Same(line) => (same(model, line, columns), same(model, line, columns)),
            Row::Differs { left, right } => {
                let lines = |side, line: &Option<diff::Line>| {
                    line.as_ref()
                        .map(|line| differs(model, line, (side, columns)))
                        .unwrap_or_default()
                };
                (lines(Side::Left, left), lines(Side::Right, right))
            }
        };
        let rows = own.len().max(other.len());
        for (side, lines) in [(&mut left, own), (&mut right, other)] {
            let missing = rows - lines.len();
            side.extend(lines);
            side.extend(std::iter::repeat_n(Line::default(), missing));
        }
    }
    (left, right)
}

/// Both sides in one: what is gone above what is new.
fn together(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut new: Vec<Line<'static>> = Vec::new();
    for row in &model.conflicts.diff {
        match row {
            Row::Same(line) => {
                lines.append(&mut new);
                lines.extend(same(model, line, columns));
            }
            Row::Differs { left, right } => {
                if let Some(line) = left {
                    lines.extend(differs(model, line, (Side::Left, columns)));
                }
                if let Some(line) = right {
                    new.extend(differs(model, line, (Side::Right, columns)));
                }
            }
        }
    }
    lines.append(&mut new);
    lines
}

fn same(model: &Model, line: &diff::Line, columns: usize) -> Vec<Line<'static>> {
    let style = model.theme.style(Meaning::Dim);
    let pieces: Vec<_> =
        line.pieces.iter().map(|piece| wrap::Piece::new(&piece.text, style)).collect();
    gutter(" ", Meaning::Dim, (model, wrap::wrap(&pieces, columns.saturating_sub(GUTTER))))
}

fn differs(model: &Model, line: &diff::Line, (side, columns): (Side, usize)) -> Vec<Line<'static>> {
    let (sign, meaning) = match side {
        Side::Left => ("-", Meaning::Removed),
        Side::Right => ("+", Meaning::Added),
    };
    let text = model.theme.style(Meaning::Text);
    let marked = model.theme.style(meaning).add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    let pieces: Vec<_> = line
        .pieces
        .iter()
        .map(|piece| wrap::Piece::new(&piece.text, if piece.is_marked { marked } else { text }))
        .collect();
    gutter(sign, meaning, (model, wrap::wrap(&pieces, columns.saturating_sub(GUTTER))))
}

fn gutter(
    sign: &'static str,
    meaning: Meaning,
    (model, lines): (&Model, Vec<Vec<Span<'static>>>),
) -> Vec<Line<'static>> {
    let lines = if lines.is_empty() { vec![Vec::new()] } else { lines };
    let lines = lines.into_iter().enumerate().map(|(index, spans)| {
        let sign = if index == 0 { sign } else { " " };
        let head = span(&model.theme, format!("{sign} "), meaning);
        std::iter::once(head).chain(spans).collect()
    });
    lines.collect()
}

fn draw_result(model: &Model, frame: &mut Frame<'_>, area: Rect, row: &ConflictRow) {
    let theme = &model.theme;
    let mut heading = vec![Span::raw(" "), span(theme, "Result ", Meaning::TitleFocus)];
    let editing = model.conflicts.editing.as_ref().filter(|edit| edit.id == row.conflict.id);
    match editing {
        Some(edit) => {
            let told = edit.problem.clone().unwrap_or_else(|| "Ctrl-S keeps".to_owned());
            let meaning = if edit.problem.is_some() { Meaning::Bad } else { Meaning::Dim };
            let room = usize::from(area.width).saturating_sub(12);
            let told = fit::fit(&told, room, theme.icons().ellipsis).into_owned();
            heading.push(span(theme, format!("{told} "), meaning));
        }
        None => heading
            .extend([pick_span(model, &row.conflict, model.conflicts.picked(row)), Span::raw(" ")]),
    }
    let own = editing.map(|_| model.focus);
    let inner = pane(model, frame, area, Line::from(heading), own);
    if let Some(edit) = editing {
        return edit.text.draw(frame, inner, theme);
    }
    let lines = result_lines(model, inner.width);
    let most = lines.len().saturating_sub(usize::from(inner.height));
    draw_lines(frame, inner, lines, model.conflicts.scroll.min(most));
}

/// What the decision comes to; where there is none, what is asked, and what both sides share.
fn result_lines(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.conflicts.selected() else { return Vec::new() };
    let theme = &model.theme;
    let columns = usize::from(width).saturating_sub(1).max(8);
    let picked = model.conflicts.picked(row);
    let text = |text: &str, meaning| {
        let lines = wrap::wrap_text(text, columns, theme.style(meaning));
        lines.into_iter().map(indented).collect::<Vec<_>>()
    };
    if picked == Picked::Changed {
        return text(
            "A side changed after you decided. Look at the new values and choose again.",
            Meaning::Bad,
        );
    }
    if let Some(question) = words::question(row) {
        let choice = match picked {
            Picked::Own(Pick::Ours) => Choice::Ours,
            Picked::Own(Pick::Theirs) => Choice::Theirs,
            Picked::Own(Pick::Both | Pick::Merged(_))
            | Picked::Open
            | Picked::Changed
            | Picked::Auto(_) => return text(&question, Meaning::Text),
        };
        let consequence = words::consequence(&row.conflict, choice).unwrap_or_default();
        let mut lines = text(consequence, Meaning::Text);
        lines.extend(text(&question, Meaning::Dim));
        return lines;
    }
    match result(&row.conflict, picked) {
        Some(result) => text(&value::shown(row, &result), Meaning::Text),
        None => open_result(model, columns),
    }
}

fn open_result(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let key = |action| model.keymap.shown(action);
    let (ours, theirs, edit) =
        (key(Action::TakeOurs), key(Action::TakeTheirs), key(Action::EditMerge));
    let ask = format!("<{ours} or {theirs} takes a side, {edit} edits>");
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut is_asked = false;
    for row in &model.conflicts.diff {
        let (text, meaning) = match row {
            Row::Same(line) => {
                is_asked = false;
                (line.pieces.iter().map(|piece| piece.text.as_str()).collect(), Meaning::Text)
            }
            Row::Differs { .. } if is_asked => continue,
            Row::Differs { .. } => {
                is_asked = true;
                (ask.clone(), Meaning::Warn)
            }
        };
        let wrapped = wrap::wrap_text(&text, columns, theme.style(meaning));
        lines.extend(wrapped.into_iter().map(indented));
    }
    lines
}

fn indented(spans: Vec<Span<'static>>) -> Line<'static> {
    std::iter::once(Span::raw(" ")).chain(spans).collect()
}
