//! What lies over the view: menus, prompts, forms, finders, the log.

mod template;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect, Size};
use ratatui::text::{Line, Span};

use super::chrome::{clock_seconds, span};
use crate::app::Model;
use crate::overlay::Overlay;
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::menu::Menu;
use crate::overlay::prompt::Prompt;
use crate::theme::Meaning;
use crate::widgets::form::Form as Fields;
use crate::widgets::popup::{self, Look, Popup};
use crate::widgets::toast::Tone;
use crate::widgets::{fit, wrap};

/// Columns in which every sentence of the help has room.
const SENTENCE_COLUMNS: u16 = 156;

/// Draws what is open.
pub(super) fn draw(model: &Model, overlay: &Overlay, frame: &mut Frame<'_>, area: Rect) {
    match overlay {
        Overlay::Menu(menu) => draw_menu(model, menu, frame, area),
        Overlay::Prompt(prompt) => draw_prompt(model, prompt, frame, area),
        Overlay::Form(form) => draw_form(model, ("Edit task", &form.fields), frame, area),
        Overlay::TemplateForm(form) => template::draw(model, form, frame, area),
        Overlay::ModeForm(form) => draw_form(model, ("New mode", &form.fields), frame, area),
        Overlay::Finder(finder) => draw_finder(model, finder, frame, area),
        Overlay::Log(scroll) => draw_log(model, *scroll, frame, area),
    }
}

/// What of an overlay is at a place of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    Outside,
    /// Its frame, or text.
    Inside,
    /// The item or entry at an index of those that are listed.
    Item(usize),
}

/// Finds what is at a place.
pub(super) fn hit(model: &Model, overlay: &Overlay, (area, at): (Rect, Position)) -> Hit {
    let (place, list, offset, count) = match overlay {
        Overlay::Menu(menu) => {
            let place = menu_place(model, menu, area);
            let skipped = menu_text(model, menu, place.width).1;
            let list = below(inside(place), skipped);
            (place, list, 0, menu.items.len())
        }
        Overlay::Finder(finder) => {
            let place = finder_place(finder, area);
            let [list, _] = finder_rows(finder, below(inside(place), 2));
            let offset = finder.cursor.saturating_sub(usize::from(list.height).max(1) - 1);
            (place, list, offset, finder.found.len())
        }
        Overlay::Prompt(_) => (prompt_place(area), Rect::default(), 0, 0),
        Overlay::Form(form) => (form_place(&form.fields, area), Rect::default(), 0, 0),
        Overlay::TemplateForm(_) => (template::place(area), Rect::default(), 0, 0),
        Overlay::ModeForm(form) => (form_place(&form.fields, area), Rect::default(), 0, 0),
        Overlay::Log(_) => (log_place(area), Rect::default(), 0, 0),
    };
    if !place.contains(at) {
        return Hit::Outside;
    }
    if !list.contains(at) {
        return Hit::Inside;
    }
    let index = offset + usize::from(at.y - list.y);
    if index < count { Hit::Item(index) } else { Hit::Inside }
}

/// The room inside a popup's frame.
fn inside(place: Rect) -> Rect {
    Rect {
        x: place.x.saturating_add(2.min(place.width)),
        y: place.y.saturating_add(1.min(place.height)),
        width: place.width.saturating_sub(4),
        height: place.height.saturating_sub(2),
    }
}

/// An area without its first rows.
fn below(area: Rect, skipped: u16) -> Rect {
    let skipped = skipped.min(area.height);
    Rect { y: area.y + skipped, height: area.height - skipped, ..area }
}

fn menu_text(model: &Model, menu: &Menu, width: u16) -> (Vec<Vec<Span<'static>>>, u16) {
    let columns = usize::from(width.saturating_sub(4)).max(8);
    let text = wrap::wrap_text(&menu.text, columns, model.theme.style(Meaning::Text));
    let skipped = if menu.text.is_empty() { 0 } else { rows(text.len()).saturating_add(1) };
    (text, skipped)
}

fn menu_place(model: &Model, menu: &Menu, area: Rect) -> Rect {
    let width = 64.min(area.width.saturating_sub(2));
    let about = menu_text(model, menu, width).1;
    let height = about.saturating_add(rows(menu.items.len())).saturating_add(2);
    popup::centered(area, Size::new(width, height))
}

fn finder_place(finder: &Finder, area: Rect) -> Rect {
    let height = (area.height / 4 * 3).max(8);
    let width = if finder.spells_out { SENTENCE_COLUMNS } else { 100 };
    popup::centered(area, Size::new(width.min(area.width.saturating_sub(2)), height))
}

/// The list, and below it room for the whole of a sentence that may be cut in it.
fn finder_rows(finder: &Finder, area: Rect) -> [Rect; 2] {
    let spelled = if finder.spells_out && 8 <= area.height { 3 } else { 0 };
    Layout::vertical([Constraint::Min(1), Constraint::Length(spelled)]).areas(area)
}

fn prompt_place(area: Rect) -> Rect {
    popup::centered(area, Size::new(76.min(area.width.saturating_sub(2)), 4))
}

fn form_place(fields: &Fields, area: Rect) -> Rect {
    let height = fields.height().saturating_add(8).min(area.height);
    popup::centered(area, Size::new(96.min(area.width.saturating_sub(2)), height))
}

fn log_place(area: Rect) -> Rect {
    let height = (area.height / 4 * 3).max(6);
    popup::centered(area, Size::new(100.min(area.width.saturating_sub(2)), height))
}

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn look(model: &Model) -> Look {
    if model.place.accessible { Look::Plain } else { Look::Boxed }
}

/// Marks the item under the cursor for those who do not see colors: a sign, and the terminal's
/// cursor on it.
fn mark(model: &Model, frame: &mut Frame<'_>, row: Rect) -> &'static str {
    if !model.place.accessible {
        return " ";
    }
    frame.set_cursor_position((row.x, row.y));
    ">"
}

fn draw_menu(model: &Model, menu: &Menu, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let place = menu_place(model, menu, area);
    let (text, about) = menu_text(model, menu, place.width);
    let inner = popup::draw(
        frame,
        place,
        &Popup { title: &menu.title, hint: Line::default(), look: look(model) },
        theme,
    );
    for (row, spans) in inner.rows().zip(text).take(usize::from(about)) {
        frame.render_widget(Line::from(spans), row);
    }
    for (index, (row, item)) in inner.rows().skip(usize::from(about)).zip(&menu.items).enumerate() {
        let sign = if index == menu.cursor {
            frame.buffer_mut().set_style(row, theme.style(Meaning::Selection));
            mark(model, frame, row)
        } else {
            " "
        };
        let (key, label) = match item.closed {
            Some(_) => (Meaning::Disabled, Meaning::Disabled),
            None => (Meaning::Key, Meaning::Text),
        };
        let reason = item.closed.as_ref().map(|reason| format!("  ({reason})")).unwrap_or_default();
        let room = usize::from(row.width).saturating_sub(4 + fit::width(&reason));
        let line = Line::from(vec![
            span(theme, format!("{sign}{} ", item.key), key),
            span(theme, fit::fit(&item.label, room, theme.icons().ellipsis).into_owned(), label),
            span(theme, reason, Meaning::Disabled),
        ]);
        frame.render_widget(line, row);
    }
}

fn draw_prompt(model: &Model, prompt: &Prompt, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let place = prompt_place(area);
    let title =
        fit::fit(&prompt.title, usize::from(place.width.saturating_sub(6)), theme.icons().ellipsis)
            .into_owned();
    let inner = popup::draw(
        frame,
        place,
        &Popup { title: &title, hint: Line::default(), look: look(model) },
        theme,
    );
    let [line, hint] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1)]).areas(inner);
    prompt.input.draw(frame, line, theme);
    frame.render_widget(span(theme, prompt.hint.clone(), Meaning::Dim), hint);
}

fn draw_form(model: &Model, (title, fields): (&str, &Fields), frame: &mut Frame<'_>, area: Rect) {
    let place = form_place(fields, area);
    let popup = Popup { title, hint: Line::from(" Ctrl-S saves "), look: look(model) };
    let inner = popup::draw(frame, place, &popup, &model.theme);
    fields.draw(frame, inner, &model.theme);
}

fn draw_finder(model: &Model, finder: &Finder, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let place = finder_place(finder, area);
    let count = format!(" {} of {} ", finder.found.len(), finder.entries.len());
    let hint = Line::from(span(theme, count, Meaning::Dim));
    let title =
        fit::fit(&finder.title, usize::from(place.width.saturating_sub(6)), theme.icons().ellipsis)
            .into_owned();
    let inner = popup::draw(frame, place, &Popup { title: &title, hint, look: look(model) }, theme);
    let parts = [Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)];
    let [line, rule, list] = Layout::vertical(parts).areas(inner);
    let [list, spelled] = finder_rows(finder, list);
    frame.render_widget(span(theme, "> ", Meaning::Key), line);
    let field = Rect { x: line.x + 2.min(line.width), width: line.width.saturating_sub(2), ..line };
    finder.input.draw(frame, field, theme);
    frame.render_widget(
        span(theme, theme.icons().line.repeat(usize::from(rule.width)), Meaning::Border),
        rule,
    );
    if finder.found.is_empty() {
        frame.render_widget(span(theme, "nothing has these letters", Meaning::Dim), list);
    }
    let height = usize::from(list.height).max(1);
    let offset = finder.cursor.saturating_sub(height - 1);
    let shown = finder.found.iter().skip(offset).filter_map(|index| finder.entries.get(*index));
    for (index, (row, entry)) in list.rows().zip(shown).enumerate() {
        let sign = if offset + index == finder.cursor {
            frame.buffer_mut().set_style(row, theme.style(Meaning::Selection));
            mark(model, frame, row)
        } else {
            " "
        };
        let [margin, rest] =
            Layout::horizontal([Constraint::Length(1), Constraint::Min(1)]).areas(row);
        frame.render_widget(span(theme, sign, Meaning::Key), margin);
        let width = usize::from(rest.width);
        let line = if finder.spells_out {
            sentence(model, entry, width)
        } else {
            entry_line(model, entry, width)
        };
        frame.render_widget(line, rest);
    }
    draw_spelled(model, finder, frame, spelled);
}

/// A sentence on its row; why it is closed stands below the list.
fn sentence(model: &Model, entry: &Entry, width: usize) -> Line<'static> {
    let meaning = if entry.closed.is_some() { Meaning::Disabled } else { Meaning::Text };
    let ellipsis = model.theme.icons().ellipsis;
    Line::from(span(&model.theme, fit::fit(&entry.label, width, ellipsis).into_owned(), meaning))
}

/// The sentence under the cursor in full, and why it is closed.
fn draw_spelled(model: &Model, finder: &Finder, frame: &mut Frame<'_>, area: Rect) {
    let chosen = finder.found.get(finder.cursor).and_then(|index| finder.entries.get(*index));
    let Some(entry) = chosen.filter(|_| !area.is_empty()) else { return };
    let theme = &model.theme;
    let words = entry.label.split_whitespace().collect::<Vec<_>>().join(" ");
    let columns = usize::from(area.width).saturating_sub(1).max(8);
    let is_whole = fit::width(&entry.label) <= columns;
    let mut pieces = Vec::new();
    if !is_whole {
        pieces.push(wrap::Piece::new(words, theme.style(Meaning::Text)));
    }
    if let Some(closed) = &entry.closed {
        let blank = if is_whole { "" } else { " " };
        pieces.push(wrap::Piece::new(
            format!("{blank}Not now: {closed}."),
            theme.style(Meaning::Warn),
        ));
    }
    let rows = area.rows().skip(1);
    for (row, spans) in rows.zip(wrap::wrap(&pieces, columns)) {
        let line: Line<'_> = std::iter::once(Span::raw(" ")).chain(spans).collect();
        frame.render_widget(line, row);
    }
}

fn entry_line(model: &Model, entry: &Entry, width: usize) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let note = entry.closed.clone().unwrap_or_else(|| entry.note.clone());
    let note = fit::fit(&note, width / 2, icons.ellipsis).into_owned();
    let room = width.saturating_sub(fit::width(&note) + 2);
    let (label, side) = match entry.closed {
        Some(_) => (Meaning::Disabled, Meaning::Disabled),
        None => (Meaning::Text, Meaning::Key),
    };
    Line::from(vec![
        span(theme, fit::left(&entry.label, room, icons.ellipsis), label),
        Span::raw("  "),
        span(theme, note, side),
    ])
}

fn draw_log(model: &Model, scroll: usize, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let place = log_place(area);
    let popup = Popup {
        title: "Errors and notices, the newest first",
        hint: Line::default(),
        look: look(model),
    };
    let inner = popup::draw(frame, place, &popup, theme);
    if model.log.is_empty() {
        frame.render_widget(span(theme, "Nothing went wrong so far.", Meaning::Dim), inner);
        return;
    }
    let columns = usize::from(inner.width).saturating_sub(9).max(8);
    let lines = model.log.iter().flat_map(|notice| {
        let meaning = match notice.tone {
            Tone::Info => Meaning::Text,
            Tone::Bad => Meaning::Bad,
        };
        let time = clock_seconds(model, notice.at);
        let wrapped = wrap::wrap_text(&notice.text, columns, theme.style(meaning));
        wrapped.into_iter().enumerate().map(move |(index, spans)| {
            let head = if index == 0 { format!("{time} ") } else { " ".repeat(9) };
            std::iter::once(span(theme, head, Meaning::Dim)).chain(spans).collect::<Line<'_>>()
        })
    });
    let lines: Vec<Line<'_>> = lines.collect();
    // The newest stay in sight however far somebody scrolls.
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
    for (row, line) in inner.rows().zip(lines.into_iter().skip(scroll)) {
        frame.render_widget(line, row);
    }
}
