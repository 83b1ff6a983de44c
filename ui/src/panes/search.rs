//! Anything, found by its words: the line that is typed, what was found, and what it says.

use callboard_engine::query::search::{Hit, Kind, Marked};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::chrome::{moment_short, pane, select, span, title};
use crate::app::{Model, Pane};
use crate::theme::Meaning;
use crate::widgets::{fit, markdown, wrap};

/// Rows above the list: the line, and what is told of the search.
pub(super) const HEAD_ROWS: u16 = 2;
/// Columns of the kind of a hit.
const KIND_COLUMNS: usize = 8;
/// Columns of the group, and of it where an excerpt needs the room.
const GROUP: usize = 18;
const GROUP_BESIDE: usize = 10;
/// Columns before the first word that was found in an excerpt that is cut.
const BEFORE: usize = 10;
/// Columns from which on the group and the age are shown.
const WIDE: u16 = 60;

/// The line, and the list below it.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let inner = pane(model, frame, area, title(model, "Search", "", own), own);
    if inner.height < HEAD_ROWS {
        return;
    }
    let theme = &model.theme;
    let sign = span(theme, "> ", Meaning::Accent);
    let room = Rect { height: 1, ..inner };
    let line = Rect { x: room.x + 2, width: room.width.saturating_sub(2), ..room };
    frame.render_widget(sign, room);
    if model.focus == Pane::Main && model.overlay.is_none() {
        model.search.input.draw(frame, line, theme);
    } else {
        frame.render_widget(model.search.input.line(line.width, theme).0, line);
    }
    let about = Rect { y: inner.y + 1, height: 1, ..inner };
    frame.render_widget(status(model, about.width), about);
    let list = Rect { y: inner.y + HEAD_ROWS, height: inner.height - HEAD_ROWS, ..inner };
    if model.search.is_typed() {
        hits(model, frame, list);
    } else {
        earlier(model, frame, list);
    }
}

/// What is told of the search, in one line.
fn status(model: &Model, width: u16) -> Line<'static> {
    let theme = &model.theme;
    let search = &model.search;
    if let Some(problem) = &search.problem {
        return Line::from(span(theme, format!("  {problem}"), Meaning::Bad));
    }
    let Some(found) = &search.found else {
        let text = match (search.is_typed(), search.history.is_empty()) {
            (true, _) => "  Searching…",
            (false, true) => {
                "  Type to find tasks, groups, sessions, context, artifacts and notes."
            }
            (false, false) => "  Searched for before:",
        };
        return Line::from(span(theme, text, Meaning::Dim));
    };
    let count = match (found.total, found.at_least) {
        (0, _) => "Nothing found".to_owned(),
        (total, false) => format!("{total} found"),
        (total, true) => format!("{total}+ found"),
    };
    let count = if search.is_behind() { format!("{count}, searching…") } else { count };
    let mut spans = vec![span(theme, format!("  {count}"), Meaning::Dim)];
    if let Some(instead) = &found.instead {
        spans.push(span(theme, " for ", Meaning::Dim));
        spans.push(span(theme, instead.clone(), Meaning::Accent));
    } else if found.total == 0 && !found.suggestions.is_empty() {
        let words = format!("; did you mean {}?", found.suggestions.join(", "));
        spans.push(span(theme, words, Meaning::Accent));
    }
    if let Some(problem) = found.problems.first() {
        spans.push(span(theme, format!("  {problem}"), Meaning::Warn));
    }
    let taken: usize = spans.iter().map(Span::width).sum();
    if usize::from(width) < taken
        && let Some(last) = spans.pop()
    {
        let room = usize::from(width).saturating_sub(taken - last.width());
        let text = fit::fit(&last.content, room, theme.icons().ellipsis).into_owned();
        spans.push(Span::styled(text, last.style));
    }
    Line::from(spans)
}

fn hits(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let offset = model.search.scrolled(usize::from(area.height));
    let rows = model.search.hits().iter().enumerate().skip(offset);
    for (place, (index, hit)) in area.rows().zip(rows) {
        let selected = index == model.search.cursor;
        if selected {
            select(model, frame, (place, Pane::Main));
        }
        frame.render_widget(row(model, hit, (place.width, selected)), place);
    }
}

fn row(model: &Model, hit: &Hit, (width, selected): (u16, bool)) -> Line<'static> {
    let theme = &model.theme;
    let marker = match (model.place.accessible, selected) {
        (true, true) => "> ",
        (true, false) | (false, _) => "  ",
    };
    let (icon, style) = match hit.status {
        Some(status) => (theme.icons().status(status), theme.status(status)),
        None => (theme.icons().bullet, theme.style(Meaning::Dim)),
    };
    let mut spans = vec![Span::raw(marker), Span::styled(format!("{icon} "), style)];
    if hit.kind != Kind::Task {
        let kind = format!("{:<KIND_COLUMNS$} ", hit.kind.as_str());
        spans.push(span(theme, kind, Meaning::Dim));
    }
    let mut right = Vec::new();
    if WIDE <= width {
        if let Some(group) = &hit.group {
            let columns = if hit.excerpt.is_some() { GROUP_BESIDE } else { GROUP };
            let group = fit::left(group, columns, theme.icons().ellipsis);
            right.push(span(theme, format!(" {group}"), Meaning::Dim));
        }
        right.push(span(theme, format!(" {:>10} ", moment_short(model, hit.at)), Meaning::Dim));
    }
    let taken: usize = spans.iter().chain(&right).map(Span::width).sum();
    let room = usize::from(width).saturating_sub(taken);
    let titled = marked(model, &hit.title, room, theme.style(Meaning::Text));
    let used: usize = titled.iter().map(Span::width).sum();
    spans.extend(titled);
    spans.extend(beside(model, hit, room - used.min(room)));
    spans.extend(right);
    Line::from(spans)
}

/// The excerpt behind the title, and blanks up to what stands on the right.
fn beside(model: &Model, hit: &Hit, room: usize) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut left = room;
    if let Some((_, text)) = hit.excerpt.as_ref().filter(|_| 12 < room) {
        spans.push(Span::raw("  "));
        let text = from_the_hit(text, room - 2, model.theme.icons().ellipsis);
        spans.extend(marked(model, &text, room - 2, model.theme.style(Meaning::Dim)));
        let used: usize = spans.iter().map(Span::width).sum();
        left = room.saturating_sub(used);
    }
    spans.push(Span::raw(" ".repeat(left)));
    spans
}

/// The text without its beginning, where what was found would not be in sight otherwise.
fn from_the_hit(text: &Marked, columns: usize, ellipsis: &str) -> Marked {
    let Some((from, to)) = text.marks.first().copied() else { return text.clone() };
    let upto = text.text.get(..to).unwrap_or_default();
    if fit::width(upto) <= columns.saturating_sub(fit::width(ellipsis)) {
        return text.clone();
    }
    let head = text.text.get(..from).unwrap_or_default();
    let room = BEFORE.min(columns / 4);
    let is_short = |at: &usize| fit::width(head.get(*at..).unwrap_or_default()) <= room;
    let mut places = head.char_indices().map(|(at, _)| at);
    let cut = places.find(is_short).unwrap_or(head.len());
    let rest = text.text.get(cut..).unwrap_or_default();
    let moved = |at: usize| at.saturating_sub(cut) + ellipsis.len();
    let marks = text.marks.iter().map(|(from, to)| (moved(*from), moved(*to))).collect();
    Marked { text: format!("{ellipsis}{rest}"), marks }
}

/// A text with what was found in it in its own look, cut to so many columns.
fn marked(model: &Model, text: &Marked, columns: usize, plain: Style) -> Vec<Span<'static>> {
    let theme = &model.theme;
    let mut spans = Vec::new();
    let mut left = columns;
    for (piece, is_found) in text.pieces() {
        let style = if is_found { plain.patch(theme.style(Meaning::Match)) } else { plain };
        let piece = fit::shown(piece).into_owned();
        let wide = fit::width(&piece);
        let cut = fit::fit(&piece, left, theme.icons().ellipsis).into_owned();
        spans.push(Span::styled(cut, style));
        if left < wide {
            break;
        }
        left -= wide;
    }
    spans
}

/// What was searched for before.
fn earlier(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let offset = model.search.scrolled(usize::from(area.height));
    let rows = model.search.history.iter().enumerate().skip(offset);
    for (place, (index, text)) in area.rows().zip(rows) {
        if index == model.search.cursor {
            select(model, frame, (place, Pane::Main));
        }
        let room = usize::from(place.width).saturating_sub(3);
        let text = fit::fit(text, room, model.theme.icons().ellipsis);
        frame.render_widget(span(&model.theme, format!("  {text}"), Meaning::Text), place);
    }
    if model.search.history.is_empty() {
        let help = SYNTAX.iter().map(|(words, what)| {
            Line::from(vec![
                span(&model.theme, format!("  {words:<25}"), Meaning::Accent),
                span(&model.theme, *what, Meaning::Dim),
            ])
        });
        frame.render_widget(Paragraph::new(help.collect::<Vec<_>>()), area);
    }
}

/// What can be typed.
const SYNTAX: &[(&str, &str)] = &[
    ("login form", "both words, or what begins so"),
    ("\"sign in\"", "these words in a row"),
    ("api OR rest", "one of them"),
    ("login -draft", "without this one"),
    ("in:title login", "only in titles"),
    ("status:open role:tester", "of tasks"),
    ("type:note", "task, group, session, context, artifact, message, note"),
    ("by:codex since:7d", "whose, and how new"),
    ("session:current", "not in all sessions"),
];

/// About what is under the cursor.
pub(super) fn details(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(hit) = model.search.selected() else { return Vec::new() };
    let theme = &model.theme;
    let columns = usize::from(width).max(8);
    let mut lines: Vec<Line<'static>> =
        wrap::wrap_text(&hit.title.text, columns, theme.style(Meaning::Heading))
            .into_iter()
            .map(Line::from)
            .collect();
    let Some(preview) = model.search.shown() else { return lines };
    let mut facts: Vec<Vec<wrap::Piece>> = Vec::new();
    if let Some(status) = hit.status {
        let text = format!("{} {status}", theme.icons().status(status));
        facts.push(vec![wrap::Piece::new(text, theme.status(status))]);
    }
    let dim = theme.style(Meaning::Dim);
    facts.extend(preview.facts.iter().map(|fact| vec![wrap::Piece::new(fact.clone(), dim)]));
    lines.extend(wrap::keep_together(&facts, columns).into_iter().map(Line::from));
    if !preview.text.trim().is_empty() {
        lines.push(Line::default());
        lines.extend(markdown::render_with(&preview.text, width, (theme, &preview.fences)).lines);
    }
    lines
}
