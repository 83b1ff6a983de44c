//! What lies over the view: menus, prompts, forms, finders, the log.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect, Size};
use ratatui::text::{Line, Span};

use super::chrome::{clock_seconds, span};
use crate::app::Model;
use crate::overlay::Overlay;
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::form::Form;
use crate::overlay::menu::Menu;
use crate::overlay::prompt::Prompt;
use crate::theme::Meaning;
use crate::widgets::popup::{self, Popup};
use crate::widgets::toast::Tone;
use crate::widgets::{fit, wrap};

/// Draws what is open.
pub(super) fn draw(model: &Model, overlay: &Overlay, frame: &mut Frame<'_>, area: Rect) {
    match overlay {
        Overlay::Menu(menu) => draw_menu(model, menu, frame, area),
        Overlay::Prompt(prompt) => draw_prompt(model, prompt, frame, area),
        Overlay::Form(form) => draw_form(model, form, frame, area),
        Overlay::Finder(finder) => draw_finder(model, finder, frame, area),
        Overlay::Log(scroll) => draw_log(model, *scroll, frame, area),
    }
}

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn draw_menu(model: &Model, menu: &Menu, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let width = 64.min(area.width.saturating_sub(2));
    let text = wrap::wrap_text(
        &menu.text,
        usize::from(width.saturating_sub(4)).max(8),
        theme.style(Meaning::Text),
    );
    let about = if menu.text.is_empty() { 0 } else { rows(text.len()) + 1 };
    let height = about.saturating_add(rows(menu.items.len())).saturating_add(2);
    let place = popup::centered(area, Size::new(width, height));
    let inner =
        popup::draw(frame, place, &Popup { title: &menu.title, hint: Line::default() }, theme);
    for (row, spans) in inner.rows().zip(text).take(usize::from(about)) {
        frame.render_widget(Line::from(spans), row);
    }
    for (index, (row, item)) in inner.rows().skip(usize::from(about)).zip(&menu.items).enumerate() {
        if index == menu.cursor {
            frame.buffer_mut().set_style(row, theme.style(Meaning::Selection));
        }
        let (key, label) = match item.closed {
            Some(_) => (Meaning::Disabled, Meaning::Disabled),
            None => (Meaning::Key, Meaning::Text),
        };
        let reason = item.closed.as_ref().map(|reason| format!("  ({reason})")).unwrap_or_default();
        let room = usize::from(row.width).saturating_sub(4 + fit::width(&reason));
        let line = Line::from(vec![
            span(theme, format!(" {} ", item.key), key),
            span(theme, fit::fit(&item.label, room, theme.icons().ellipsis).into_owned(), label),
            span(theme, reason, Meaning::Disabled),
        ]);
        frame.render_widget(line, row);
    }
}

fn draw_prompt(model: &Model, prompt: &Prompt, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let width = 76.min(area.width.saturating_sub(2));
    let place = popup::centered(area, Size::new(width, 4));
    let title =
        fit::fit(&prompt.title, usize::from(width.saturating_sub(6)), theme.icons().ellipsis)
            .into_owned();
    let inner = popup::draw(frame, place, &Popup { title: &title, hint: Line::default() }, theme);
    let [line, hint] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1)]).areas(inner);
    prompt.input.draw(frame, line, theme);
    frame.render_widget(span(theme, prompt.hint.clone(), Meaning::Dim), hint);
}

fn draw_form(model: &Model, form: &Form, frame: &mut Frame<'_>, area: Rect) {
    let width = 96.min(area.width.saturating_sub(2));
    let height = form.fields.height().saturating_add(8).min(area.height);
    let place = popup::centered(area, Size::new(width, height));
    let popup = Popup { title: "Edit task", hint: Line::from(" Ctrl-S saves ") };
    let inner = popup::draw(frame, place, &popup, &model.theme);
    form.fields.draw(frame, inner, &model.theme);
}

fn draw_finder(model: &Model, finder: &Finder, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let size = Size::new(92.min(area.width.saturating_sub(2)), (area.height * 3 / 4).max(8));
    let place = popup::centered(area, size);
    let count = format!(" {} of {} ", finder.found.len(), finder.entries.len());
    let hint = Line::from(span(theme, count, Meaning::Dim));
    let title =
        fit::fit(&finder.title, usize::from(size.width.saturating_sub(6)), theme.icons().ellipsis)
            .into_owned();
    let inner = popup::draw(frame, place, &Popup { title: &title, hint }, theme);
    let parts = [Constraint::Length(1), Constraint::Length(1), Constraint::Min(1)];
    let [line, rule, list] = Layout::vertical(parts).areas(inner);
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
        if offset + index == finder.cursor {
            frame.buffer_mut().set_style(row, theme.style(Meaning::Selection));
        }
        frame.render_widget(entry_line(model, entry, usize::from(row.width)), row);
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
    let size = Size::new(100.min(area.width.saturating_sub(2)), (area.height * 3 / 4).max(6));
    let place = popup::centered(area, size);
    let popup = Popup { title: "Errors and notices, the newest first", hint: Line::default() };
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
    for (row, line) in inner.rows().zip(lines.skip(scroll)) {
        frame.render_widget(line, row);
    }
}
