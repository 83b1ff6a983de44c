//! Tabs, the last line, and the frames of panes.

use std::borrow::Cow;

use callboard_engine::domain::time::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

use super::hints::hints;
use crate::action::Action;
use crate::app::{Model, Pane, View};
use crate::overlay::Overlay;
use crate::theme::{Meaning, Theme};
use crate::widgets::fit;

/// Hints shown at most.
const HINTS_MAX: usize = 10;

/// A piece of text in the style of its meaning, with what a terminal would act on made visible.
pub(super) fn span<'a>(theme: &Theme, text: impl Into<Cow<'a, str>>, meaning: Meaning) -> Span<'a> {
    let text = text.into();
    let text = match fit::shown(&text) {
        Cow::Owned(visible) => Cow::Owned(visible),
        Cow::Borrowed(_) => text,
    };
    Span::styled(text, theme.style(meaning))
}

/// A time of day where the person is: `14:03`.
pub(super) fn clock(model: &Model, at: Timestamp) -> String {
    let minutes = (at.0.div_euclid(60_000) + i64::from(model.zone_minutes)).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A time of day with seconds: `14:03:19`.
pub(super) fn clock_seconds(model: &Model, at: Timestamp) -> String {
    format!("{}:{:02}", clock(model, at), at.0.div_euclid(1000).rem_euclid(60))
}

/// A day and time, the day only where it is not today.
pub(super) fn moment(model: &Model, at: Timestamp) -> String {
    let local = |at: Timestamp| Timestamp(at.0 + i64::from(model.zone_minutes) * 60_000);
    let text = local(at).to_string();
    let (day, today) = (text.split('T').next().unwrap_or_default(), local(model.now).to_string());
    if today.starts_with(day) { clock(model, at) } else { format!("{day} {}", clock(model, at)) }
}

/// The time of day where it is today, else the day: never more than ten columns.
pub(super) fn moment_short(model: &Model, at: Timestamp) -> String {
    let text = moment(model, at);
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Marks the row under the cursor of a pane; who cannot see the mark finds the terminal's cursor there.
pub(super) fn select(model: &Model, frame: &mut Frame<'_>, (place, own): (Rect, Pane)) {
    let focused = model.focus == own;
    let meaning = if focused { Meaning::Selection } else { Meaning::SelectionDim };
    frame.buffer_mut().set_style(place, model.theme.style(meaning));
    if focused && model.place.accessible {
        frame.set_cursor_position((place.x, place.y));
    }
}

/// Draws the frame of a pane and returns the room inside.
pub(super) fn pane(
    model: &Model,
    frame: &mut Frame<'_>,
    area: Rect,
    title: Line<'_>,
    own: Option<Pane>,
) -> Rect {
    let focused = own == Some(model.focus);
    let theme = &model.theme;
    if model.place.accessible {
        let marker = if focused { "# [focus] " } else { "# " };
        let mut line = Line::from(marker.to_owned());
        line.extend(title.spans);
        frame.render_widget(line, Rect { height: area.height.min(1), ..area });
        return Rect {
            y: area.y + area.height.min(1),
            height: area.height.saturating_sub(1),
            ..area
        };
    }
    let border = if focused { Meaning::BorderFocus } else { Meaning::Border };
    let block = Block::bordered()
        .border_set(theme.icons().border)
        .border_style(theme.style(border))
        .title_top(title);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

/// A pane's title, with something about it.
pub(super) fn title<'a>(
    model: &Model,
    text: impl Into<String>,
    about: impl Into<String>,
    own: Option<Pane>,
) -> Line<'a> {
    let meaning = if own == Some(model.focus) { Meaning::TitleFocus } else { Meaning::Title };
    let (text, about): (String, String) = (text.into(), about.into());
    let mut spans = vec![Span::raw(" "), span(&model.theme, text, meaning), Span::raw(" ")];
    if !about.is_empty() {
        spans.push(span(&model.theme, format!("{about} "), Meaning::Dim));
    }
    Line::from(spans)
}

/// Columns beside the tabs that are left for the mode and how agents connect.
const BESIDE_TABS: usize = 20;
/// Columns between the tabs and that.
const GAP: usize = 2;

/// What the tabs say: all by name where there is room, else the last ones by their number alone.
fn tab_labels(model: &Model) -> Vec<(View, String)> {
    let named = |index: usize, view: View| format!(" {} {} ", index + 1, view.title());
    let room = usize::from(model.size.width).saturating_sub(BESIDE_TABS);
    let numbered = |index: usize| format!(" {} ", index + 1);
    let mut labels: Vec<(View, String)> = View::ALL
        .into_iter()
        .enumerate()
        .map(|(index, view)| {
            let is_shown = view == model.view;
            (view, if is_shown { named(index, view) } else { numbered(index) })
        })
        .collect();
    let mut taken: usize = labels.iter().map(|(_, label)| fit::width(label)).sum();
    for (index, (view, label)) in labels.iter_mut().enumerate() {
        let full = named(index, *view);
        let more = fit::width(&full) - fit::width(label);
        if room < taken + more {
            break;
        }
        taken += more;
        *label = full;
    }
    labels
}

/// The views, as tabs.
pub(super) fn tabs(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let mut spans = Vec::new();
    for (view, label) in tab_labels(model) {
        let meaning = if view == model.view { Meaning::TabActive } else { Meaning::Tab };
        spans.push(span(theme, label, meaning));
    }
    let taken: usize = spans.iter().map(Span::width).sum();
    frame.render_widget(Line::from(spans), area);
    let room = usize::from(area.width).saturating_sub(taken);
    let connected = match &model.place.endpoint {
        Some(url) => [format!("MCP {url} "), "MCP on ".to_owned()],
        None => ["MCP over stdio ".to_owned(), "MCP stdio ".to_owned()],
    };
    let connected = connected.map(|text| Line::from(span(theme, text, Meaning::Dim)));
    let right = tabs_right(model, connected, room);
    frame.render_widget(right.right_aligned(), area);
}

/// The mode and how agents connect, as much of it as there is room for. Where the session's life is
/// one line, the mode has no other place.
fn tabs_right(model: &Model, [long, short]: [Line<'static>; 2], room: usize) -> Line<'static> {
    let mode = model.mode().filter(|_| !super::is_wide(model));
    let mode = mode.map(|mode| super::side::mode_line(model, mode, usize::MAX));
    let with = |connected: &Line<'static>| {
        let mut line = mode.clone().unwrap_or_default();
        line.push_span(if mode.is_some() { "  " } else { "" });
        line.extend(connected.spans.clone());
        line
    };
    let fits = |line: &Line<'static>| line.width() + GAP <= room;
    let alone = || {
        let mut line = mode.clone()?;
        line.push_span(" ");
        Some(line)
    };
    let all = [Some(with(&long)), Some(with(&short)), alone()];
    all.into_iter().flatten().find(fits).unwrap_or(short)
}

/// The view whose tab is at a column of the tabs.
pub fn tab_at(model: &Model, column: u16) -> Option<View> {
    let mut end = 0;
    tab_labels(model).into_iter().find_map(|(view, label)| {
        end += fit::width(&label);
        (usize::from(column) < end).then_some(view)
    })
}

/// The keys that work now.
pub(super) fn footer(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let fixed: Option<&[(&str, &str)]> = match &model.overlay {
        Some(Overlay::Menu(_)) => Some(&[("Enter", "choose"), ("↑↓", "move"), ("Esc", "close")]),
        Some(Overlay::Prompt(_)) => Some(&[("Enter", "done"), ("Esc", "cancel")]),
        Some(Overlay::Form(_) | Overlay::ModeForm(_) | Overlay::TemplateForm(_)) => {
            Some(&[("Tab", "next field"), ("Ctrl-S", "save"), ("Esc", "cancel")])
        }
        Some(Overlay::Finder(_)) => {
            Some(&[("type", "to find"), ("Enter", "choose"), ("↑↓", "move"), ("Esc", "close")])
        }
        Some(Overlay::Log(_)) => Some(&[("↑↓", "scroll"), ("Esc", "close")]),
        None if model.board.renaming.is_some() => Some(&[("Enter", "rename"), ("Esc", "cancel")]),
        None if model.conflicts.editing.is_some() && model.view == View::Conflicts => {
            Some(&[("Ctrl-S", "keep"), ("Esc", "leave, what you wrote stays")])
        }
        None if model.board.filtering => {
            Some(&[("type", "to filter"), ("Enter", "keep"), ("Esc", "clear")])
        }
        None if model.types_search() => Some(&[
            ("type", "to find"),
            ("Enter", "go there"),
            ("↑↓", "move"),
            ("Tab", "preview"),
            ("F2", "filters"),
            ("Esc", "back"),
        ]),
        None if model.view == View::Search => Some(&[
            ("type", "to search on"),
            ("↑↓", "move"),
            ("Tab", "next pane"),
            ("Esc", "to the line"),
        ]),
        None => None,
    };
    let mut spans = if model.overlay.is_none() { going_on(model) } else { Vec::new() };
    let mut add = |key: &str, word: &str, open: bool| {
        let (key_style, word_style) = if open {
            (Meaning::Key, Meaning::Footer)
        } else {
            (Meaning::Disabled, Meaning::Disabled)
        };
        let key = if theme.icons().arrow_up == "↑" {
            key.to_owned()
        } else {
            key.replace("↑↓", "Up/Down")
        };
        let more = [
            Span::raw(" "),
            span(theme, key, key_style),
            Span::raw(" "),
            span(theme, word.to_owned(), word_style),
            Span::raw(" "),
        ];
        let width: usize = spans.iter().chain(&more).map(Span::width).sum();
        if width <= usize::from(area.width) {
            spans.extend(more);
        }
    };
    match fixed {
        Some(fixed) => fixed.iter().for_each(|(key, word)| add(key, word, true)),
        None => {
            for action in hints(model).into_iter().take(HINTS_MAX) {
                add(model.keymap.shown(action), action.row().hint, action.enabled(model).is_ok());
            }
        }
    }
    frame.render_widget(Line::from(spans), area);
}

/// What looks after the project now, how far it is, and the key that calls it off.
fn going_on(model: &Model) -> Vec<Span<'static>> {
    let theme = &model.theme;
    let Some(work) = &model.upkeep.work else { return Vec::new() };
    let mut spans = vec![span(theme, format!(" {}", work.what), Meaning::Accent)];
    if work.is_ending() {
        spans.push(span(theme, ": calling it off ", Meaning::Warn));
        return spans;
    }
    if let Some(progress) = &work.progress {
        let what = progress.what.replace('_', " ");
        let far = match progress.done.saturating_mul(100).checked_div(progress.of) {
            Some(percent) => format!(": {what}, {percent} %"),
            None => format!(": {} {what}", progress.done),
        };
        spans.push(span(theme, far, Meaning::Dim));
    }
    spans.push(span(theme, " ", Meaning::Footer));
    spans.push(span(theme, model.keymap.shown(Action::StopUpkeep).to_owned(), Meaning::Key));
    spans.push(span(theme, " calls it off ", Meaning::Footer));
    spans
}

/// A word on a screen that is too small.
pub(super) fn too_small(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let have = format!("{}×{}", area.width, area.height);
    let lines = [
        format!("{have} is too small"),
        format!("{}×{} is enough", super::COLUMNS_MIN, super::ROWS_MIN),
        "q quits".to_owned(),
    ];
    let top = area.height.saturating_sub(3) / 2;
    for (row, text) in area.rows().skip(usize::from(top)).zip(lines) {
        let text =
            if model.theme.icons().arrow_up == "↑" { text } else { text.replace('×', "x") };
        frame.render_widget(Line::from(text).centered(), row);
    }
}
