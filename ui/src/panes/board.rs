//! The tree of groups and tasks.

use callboard_engine::query::rows::{Counts, TaskRow};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::activity::{actor_name, actor_style};
use super::chrome::{pane, span, title};
use super::welcome;
use crate::app::board::{Container, Row, RowKey};
use crate::app::{Model, Pane};
use crate::theme::Meaning;
use crate::widgets::{fit, gauge};

/// Columns of a group's bar.
const BAR: u16 = 10;
/// Columns of roles and of holders, and of holders where room is scarce.
const ROLE_COLUMNS: usize = 12;
const HOLDER_COLUMNS: usize = 15;
const HOLDER_COLUMNS_MIN: usize = 10;
/// Characters of an id that are shown.
const ID_SHOWN: usize = 6;

/// The tree, or what to do where there is none.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let board = &model.board;
    let filtered = board.filtering || !board.filter.is_empty();
    let about = match &model.session {
        None => String::new(),
        Some(row) => {
            let hidden = if board.hide_done { ", finished hidden" } else { "" };
            let counted = || format!("{} open of {}{hidden}", row.counts.open(), row.counts.all());
            let found = board.found.as_ref().filter(|_| filtered);
            found.map_or_else(counted, |found| format!("{} found", found.len()))
        }
    };
    let inner = pane(model, frame, area, title(model, "Tasks", about, own), own);
    let mut list = inner;
    if filtered && 0 < list.height {
        filter_line(model, frame, Rect { height: 1, ..inner });
        list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    }
    if board.rows.is_empty() {
        let text = match (model.loaded, filtered) {
            (false, _) => "Loading…",
            (true, true) => "No task has these words. Esc clears the filter.",
            (true, false) if 0 < model.session.as_ref().map_or(0, |row| row.counts.all()) => {
                "Everything here is finished. . shows it."
            }
            (true, false) => return welcome::draw(model, frame, list),
        };
        return frame.render_widget(span(&model.theme, format!(" {text}"), Meaning::Dim), list);
    }
    let offset = board.scrolled(usize::from(list.height));
    let cursor = board.index();
    for (index, (place, row)) in list.rows().zip(board.rows.iter().skip(offset)).enumerate() {
        let selected = cursor == offset + index;
        draw_row(model, frame, place, (row, selected));
    }
    scroll_mark(model, frame, area, (offset, usize::from(list.height)));
}

fn filter_line(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    frame.render_widget(span(theme, "/ ", Meaning::Key), area);
    let field = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    if model.board.filtering {
        model.board.filter_input.draw(frame, field, theme);
    } else {
        frame.render_widget(span(theme, model.board.filter.clone(), Meaning::Match), field);
    }
}

/// A thumb on the right border where the rows do not fit.
fn scroll_mark(model: &Model, frame: &mut Frame<'_>, area: Rect, shown: (usize, usize)) {
    let (offset, height) = shown;
    let count = model.board.rows.len();
    if count <= height || model.place.accessible || area.height < 4 {
        return;
    }
    let track = usize::from(area.height - 2);
    let length = (height * track / count).max(1);
    let start = (offset * track / count).min(track - length);
    let style = model.theme.style(Meaning::Accent);
    for row in start..start + length {
        let y = area.y + 1 + u16::try_from(row).unwrap_or(0);
        frame.buffer_mut().set_string(area.right() - 1, y, model.theme.icons().scroll_thumb, style);
    }
}

fn draw_row(model: &Model, frame: &mut Frame<'_>, place: Rect, row: (&Row, bool)) {
    let (row, selected) = row;
    if selected {
        let focused = model.focus == Pane::Main;
        let meaning = if focused { Meaning::Selection } else { Meaning::SelectionDim };
        frame.buffer_mut().set_style(place, model.theme.style(meaning));
    }
    let indent = (row.depth * 2).min(usize::from(place.width / 3));
    let marker = match (model.place.accessible, selected) {
        (true, true) => "> ",
        (true, false) => "  ",
        (false, _) => "",
    };
    let head = format!("{marker}{:indent$}", "");
    let line = match row.key {
        RowKey::Group(id) => group_line(model, frame, (place, &head), id),
        RowKey::Task(id) => match model.board.tasks.get(&id) {
            Some(task) => task_line(model, frame, (place, &head), task),
            None => return,
        },
        RowKey::More(_) => {
            let text =
                format!("{head}{} more; going down loads them", model.theme.icons().ellipsis);
            Line::from(span(&model.theme, text, Meaning::Dim))
        }
    };
    frame.render_widget(line, place);
    if selected && model.place.accessible {
        frame.set_cursor_position((place.x, place.y));
    }
}

fn is_closed(model: &Model, container: Container) -> bool {
    model.board.closed.contains(&container)
}

fn group_line(
    model: &Model,
    frame: &mut Frame<'_>,
    (place, head): (Rect, &str),
    id: Option<callboard_engine::domain::id::GroupId>,
) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let (name, counts, role) = match id.and_then(|id| model.board.group(id)) {
        Some(row) => (row.group.name.clone(), row.tree, row.group.role.clone()),
        None => ("no group".to_owned(), model.board.ungrouped, None),
    };
    let caret =
        if is_closed(model, Container::Group(id)) { icons.caret_closed } else { icons.caret_open };
    let start = format!("{head}{caret} ");
    if draw_rename(model, frame, RowKey::Group(id), place, &start) {
        return Line::from(start);
    }
    let right = group_right(model, counts, place.width);
    let right_width: usize = right.iter().map(Span::width).sum();
    let room = usize::from(place.width).saturating_sub(fit::width(&start) + right_width + 1);
    let meaning = if id.is_some() { Meaning::Heading } else { Meaning::Dim };
    let role = role.map(|role| format!("  {role}")).unwrap_or_default();
    let name = fit::fit(&name, room, icons.ellipsis).into_owned();
    let role = fit::fit(&role, room.saturating_sub(fit::width(&name)), "").into_owned();
    let blanks = room.saturating_sub(fit::width(&name) + fit::width(&role));
    let mut spans = vec![
        span(theme, start, Meaning::Dim),
        span(theme, name, meaning),
        span(theme, role, Meaning::Dim),
        Span::raw(" ".repeat(blanks)),
    ];
    spans.extend(right);
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn group_right(model: &Model, counts: Counts, width: u16) -> Vec<Span<'static>> {
    let all = counts.all();
    if all == 0 {
        return vec![span(&model.theme, "empty", Meaning::Dim)];
    }
    let mut spans = Vec::new();
    if 50 <= width {
        spans.extend(gauge::bar(counts.percent, BAR, &model.theme));
    }
    spans.push(span(
        &model.theme,
        format!(" {:>7}", format!("{}/{all}", counts.completed)),
        Meaning::Dim,
    ));
    spans
}

/// An id with its unique beginning strong.
pub(super) fn id_spans(model: &Model, id: &str, short: usize) -> [Span<'static>; 2] {
    let shown = ID_SHOWN.max(short).min(id.len());
    let strong = id.get(..short.min(shown)).unwrap_or(id);
    let rest = id.get(short.min(shown)..shown).unwrap_or_default();
    [
        span(&model.theme, strong.to_owned(), Meaning::Accent),
        span(&model.theme, rest.to_owned(), Meaning::Dim),
    ]
}

fn task_line(
    model: &Model,
    frame: &mut Frame<'_>,
    (place, head): (Rect, &str),
    task: &TaskRow,
) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let parent = 0 < task.children;
    let caret = match (parent, is_closed(model, Container::Task(task.id))) {
        (false, _) => " ",
        (true, true) => icons.caret_closed,
        (true, false) => icons.caret_open,
    };
    let mut spans = vec![
        span(theme, format!("{head}{caret} "), Meaning::Dim),
        Span::styled(format!("{} ", icons.status(task.status)), theme.status(task.status)),
    ];
    spans.extend(id_spans(model, &task.id.to_string(), task.short));
    spans.push(Span::styled(
        format!(" {} ", icons.priority(task.priority)),
        theme.priority(task.priority),
    ));
    let start: usize = spans.iter().map(Span::width).sum();
    if draw_rename(model, frame, RowKey::Task(task.id), place, &" ".repeat(start)) {
        return Line::from(spans);
    }
    let right = task_right(model, task, place.width);
    let right_width: usize = right.iter().map(Span::width).sum();
    let room = usize::from(place.width).saturating_sub(start + right_width + 1);
    let meaning = match (task.status.is_open(), task.is_ready()) {
        (false, _) => Meaning::StatusCompleted,
        (true, false) if task.unmet == 0 => Meaning::Strong,
        (true, _) => Meaning::Text,
    };
    spans.push(span(theme, fit::left(&task.title, room, icons.ellipsis), meaning));
    spans.extend(right);
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn task_right(model: &Model, task: &TaskRow, width: u16) -> Vec<Span<'static>> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let mut spans = Vec::new();
    if 0 < task.unmet && task.status.is_open() {
        spans.push(span(theme, format!(" {}{}", icons.waits, task.unmet), Meaning::Warn));
    }
    if 0 < task.children {
        spans.push(span(theme, format!(" {}%", task.progress), Meaning::Dim));
    } else if 0 < task.progress && task.status.is_open() {
        spans.push(span(theme, format!(" {}%", task.progress), Meaning::StatusActive));
    }
    if 84 <= width {
        let role = task.role.as_deref().unwrap_or_default();
        let text = format!(" {}", fit::right(role, ROLE_COLUMNS, icons.ellipsis));
        spans.push(span(theme, text, Meaning::Dim));
    }
    let columns = if width < 60 { HOLDER_COLUMNS_MIN } else { HOLDER_COLUMNS };
    let (text, style) = match (&task.holder, &task.assignee) {
        (Some(holder), _) => {
            (format!("{} {}", icons.held, actor_name(holder)), actor_style(model, holder))
        }
        (None, Some(assignee)) if task.status.is_open() => {
            (format!("{} {assignee}", icons.arrow_right), theme.style(Meaning::Dim))
        }
        (None, _) => (String::new(), theme.style(Meaning::Dim)),
    };
    spans.push(Span::styled(format!(" {}", fit::left(&text, columns, icons.ellipsis)), style));
    spans
}

/// The field of a title that is edited in its row; tells whether there is one.
fn draw_rename(
    model: &Model,
    frame: &mut Frame<'_>,
    key: RowKey,
    place: Rect,
    start: &str,
) -> bool {
    let Some(rename) = model.board.renaming.as_ref().filter(|rename| rename.row == key) else {
        return false;
    };
    let left = u16::try_from(fit::width(start)).unwrap_or(place.width).min(place.width);
    let input = &rename.input;
    input.draw(frame, Rect { x: place.x + left, width: place.width - left, ..place }, &model.theme);
    true
}
