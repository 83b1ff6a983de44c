//! A form: lines, choices and longer texts below each other, Tab going from one to the next.

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use tui_textarea::{CursorMove, TextArea, WrapMode};

use super::fit;
use super::input::{Handled, Input};
use crate::theme::{Meaning, Theme};

/// Columns of the labels.
const LABEL_WIDTH: u16 = 13;
/// Rows that a longer text has at least.
const TEXT_HEIGHT_MIN: u16 = 3;

/// Most bytes that one paste adds: twice what a description may have, so that too much is refused
/// by the rule that says so, and not drawn for ever.
const PASTE_BYTES_MAX: usize = 128 * 1024;

/// What a field holds.
#[derive(Debug, Clone)]
pub enum Value {
    /// One line.
    Line(Input),
    /// One of some words.
    Choice { options: Vec<String>, chosen: usize },
    /// Several lines.
    Text(Box<TextArea<'static>>),
}

/// A labeled field.
#[derive(Debug, Clone)]
pub struct Field {
    pub label: Cow<'static, str>,
    /// Shown, dimmed, while the field is empty.
    pub hint: Cow<'static, str>,
    pub value: Value,
}

impl Field {
    /// A field of one line.
    pub fn line(
        label: impl Into<Cow<'static, str>>,
        hint: impl Into<Cow<'static, str>>,
        text: &str,
    ) -> Self {
        let (label, hint) = (label.into(), hint.into());
        Self { label, hint, value: Value::Line(Input::new(text)) }
    }

    /// A field that takes one of some words.
    pub fn choice(label: impl Into<Cow<'static, str>>, options: &[&str], chosen: &str) -> Self {
        let chosen = options.iter().position(|option| *option == chosen).unwrap_or(0);
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let (label, hint) = (label.into(), Cow::Borrowed(""));
        Self { label, hint, value: Value::Choice { options, chosen } }
    }

    /// A field of several lines.
    pub fn text(
        label: impl Into<Cow<'static, str>>,
        hint: impl Into<Cow<'static, str>>,
        text: &str,
    ) -> Self {
        let mut area = TextArea::new(text.lines().map(str::to_owned).collect());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        let (label, hint) = (label.into(), hint.into());
        Self { label, hint, value: Value::Text(Box::new(area)) }
    }

    /// The text of the field.
    pub fn contents(&self) -> String {
        match &self.value {
            Value::Line(input) => input.text(),
            Value::Choice { options, chosen } => options.get(*chosen).cloned().unwrap_or_default(),
            Value::Text(area) => area.lines().join("\n"),
        }
    }
}

/// What a key did to the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormEvent {
    /// The person is done: take the contents.
    Submit,
    /// The person wants out.
    Cancel,
    /// Something changed on the screen.
    Changed,
    /// The key means nothing here.
    Ignored,
}

/// Fields, one of which has the cursor.
#[derive(Debug, Clone)]
pub struct Form {
    pub fields: Vec<Field>,
    focus: usize,
    touched: bool,
}

impl Form {
    /// A form with the cursor in its first field.
    pub fn new(fields: Vec<Field>) -> Self {
        Self { fields, focus: 0, touched: false }
    }

    /// The text of the field with a label; empty if there is none.
    pub fn contents(&self, label: &str) -> String {
        let field = self.fields.iter().find(|field| field.label == label);
        field.map(Field::contents).unwrap_or_default()
    }

    /// Puts the cursor into the field with a label.
    pub fn focus_on(&mut self, label: &str) {
        if let Some(place) = self.fields.iter().position(|field| field.label == label) {
            self.focus = place;
        }
    }

    /// The label of the field with the cursor.
    pub fn focused(&self) -> &str {
        self.fields.get(self.focus).map_or("", |field| &field.label)
    }

    /// Tells whether anything was changed, so that leaving would lose it.
    pub fn is_touched(&self) -> bool {
        self.touched
    }

    /// Replaces the text of a field, as after a round through an editor.
    pub fn set(&mut self, label: &str, text: &str) {
        let Some(field) = self.fields.iter_mut().find(|field| field.label == label) else { return };
        self.touched = true;
        match &mut field.value {
            Value::Line(input) => *input = Input::new(text),
            Value::Choice { options, chosen } => {
                *chosen = options.iter().position(|option| option == text).unwrap_or(*chosen);
            }
            Value::Text(_) => {
                *field = Field::text(field.label.clone(), field.hint.clone(), text);
            }
        }
    }

    /// Puts a text into the field with the cursor, as one change.
    pub fn paste(&mut self, text: &str) -> FormEvent {
        match self.fields.get_mut(self.focus).map(|field| &mut field.value) {
            Some(Value::Line(input)) => input.paste(text),
            Some(Value::Text(area)) => {
                let text = text.replace("\r\n", "\n").replace('\r', "\n");
                area.insert_str(fit::take_bytes(&text, PASTE_BYTES_MAX));
            }
            Some(Value::Choice { .. }) | None => return FormEvent::Ignored,
        }
        self.touched = true;
        FormEvent::Changed
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is for the field")]
    /// Takes a key: Tab and arrows go between fields, Ctrl-S and Enter submit, Escape cancels.
    pub fn key(&mut self, key: KeyEvent) -> FormEvent {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let in_text =
            self.fields.get(self.focus).is_some_and(|field| matches!(field.value, Value::Text(_)));
        match key.code {
            KeyCode::Esc => FormEvent::Cancel,
            KeyCode::Char('s') if control => FormEvent::Submit,
            KeyCode::Enter if !in_text || control => FormEvent::Submit,
            KeyCode::Tab => self.step(1),
            KeyCode::BackTab => self.step(self.fields.len().saturating_sub(1)),
            KeyCode::Down if !in_text => self.step(1),
            KeyCode::Up if !in_text => self.step(self.fields.len().saturating_sub(1)),
            _ => self.type_in(key),
        }
    }

    fn step(&mut self, by: usize) -> FormEvent {
        self.focus = (self.focus + by) % self.fields.len().max(1);
        FormEvent::Changed
    }

    fn type_in(&mut self, key: KeyEvent) -> FormEvent {
        let changed = match self.fields.get_mut(self.focus).map(|field| &mut field.value) {
            Some(Value::Line(input)) => match input.key(key) {
                Handled::Changed => true,
                Handled::Moved => return FormEvent::Changed,
                Handled::Ignored => return FormEvent::Ignored,
            },
            Some(Value::Choice { options, chosen }) => match choose(options, *chosen, key.code) {
                Some(place) => {
                    *chosen = place;
                    true
                }
                None => return FormEvent::Ignored,
            },
            Some(Value::Text(area)) => area.input(key),
            None => return FormEvent::Ignored,
        };
        self.touched |= changed;
        FormEvent::Changed
    }

    /// Rows the form would like to have.
    pub fn height(&self) -> u16 {
        let rows = self.fields.iter().map(|field| match &field.value {
            Value::Line(_) | Value::Choice { .. } => 1,
            Value::Text(area) => {
                u16::try_from(area.lines().len()).unwrap_or(u16::MAX).clamp(TEXT_HEIGHT_MIN, 12)
            }
        });
        rows.sum()
    }

    /// Draws the form; longer texts share the rows that are left.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let rows = Layout::vertical(self.fields.iter().map(|field| match &field.value {
            Value::Line(_) | Value::Choice { .. } => Constraint::Length(1),
            Value::Text(_) => Constraint::Min(TEXT_HEIGHT_MIN),
        }))
        .split(area);
        for ((place, field), row) in self.fields.iter().enumerate().zip(rows.iter()) {
            let [label, value] =
                Layout::horizontal([Constraint::Length(LABEL_WIDTH), Constraint::Min(1)])
                    .areas(*row);
            let focused = place == self.focus;
            let meaning = if focused { Meaning::Accent } else { Meaning::Dim };
            let text = fit::fit(&field.label, usize::from(LABEL_WIDTH - 1), "");
            frame.render_widget(Span::styled(text, theme.style(meaning)), label);
            draw_value(frame, value, (field, focused), theme);
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other keys choose nothing")]
fn choose(options: &[String], chosen: usize, key: KeyCode) -> Option<usize> {
    let count = options.len().max(1);
    match key {
        KeyCode::Left => Some((chosen + count - 1) % count),
        KeyCode::Right | KeyCode::Char(' ') => Some((chosen + 1) % count),
        KeyCode::Char(letter) => {
            let mut places = (1..=count).map(|step| (chosen + step) % count);
            places
                .find(|place| options.get(*place).is_some_and(|option| option.starts_with(letter)))
        }
        _ => None,
    }
}

fn draw_value(frame: &mut Frame<'_>, area: Rect, shown: (&Field, bool), theme: &Theme) {
    let (field, focused) = shown;
    let hint = Span::styled(field.hint.as_ref(), theme.style(Meaning::Dim));
    match &field.value {
        Value::Line(input) if focused => input.draw(frame, area, theme),
        Value::Line(input) if input.is_empty() => frame.render_widget(hint, area),
        Value::Line(input) => {
            let text = input.text();
            let cut = fit::fit(&text, usize::from(area.width), theme.icons().ellipsis);
            frame.render_widget(Span::styled(cut, theme.style(Meaning::Text)), area);
        }
        Value::Choice { options, chosen } => {
            frame.render_widget(choice_line(options, *chosen, focused, theme), area);
        }
        Value::Text(text) => {
            let mut text = text.as_ref().clone();
            let ground = if focused { Meaning::Input } else { Meaning::Text };
            text.set_style(theme.style(ground));
            text.set_cursor_line_style(theme.style(ground));
            text.set_placeholder_text(field.hint.as_ref());
            text.set_placeholder_style(theme.style(Meaning::Dim));
            text.set_cursor_style(if focused {
                theme.style(ground).add_modifier(Modifier::REVERSED)
            } else {
                theme.style(ground)
            });
            frame.render_widget(&text, area);
        }
    }
}

fn choice_line(options: &[String], chosen: usize, focused: bool, theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for (place, option) in options.iter().enumerate() {
        let meaning = match (place == chosen, focused) {
            (true, true) => Meaning::Selection,
            (true, false) => Meaning::SelectionDim,
            (false, _) => Meaning::Dim,
        };
        spans.push(Span::styled(format!(" {option} "), theme.style(meaning)));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    fn form() -> Form {
        Form::new(vec![
            Field::line("title", "what is to be done", ""),
            Field::choice("priority", &["critical", "high", "normal"], "normal"),
            Field::text("description", "markdown", "one\ntwo"),
        ])
    }

    fn press(form: &mut Form, code: KeyCode) -> FormEvent {
        form.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn a_form_is_filled_by_keys() {
        let mut form = form();
        assert!(!form.is_touched());
        for letter in "fix it".chars() {
            press(&mut form, KeyCode::Char(letter));
        }
        press(&mut form, KeyCode::Tab);
        press(&mut form, KeyCode::Char('h'));
        press(&mut form, KeyCode::Tab);
        assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Changed);
        form.paste("three\r\nfour");
        assert_eq!(press(&mut form, KeyCode::BackTab), FormEvent::Changed);
        assert_eq!(press(&mut form, KeyCode::Enter), FormEvent::Submit);
        let contents: Vec<String> = form.fields.iter().map(Field::contents).collect();
        assert_eq!(contents, ["fix it", "high", "one\ntwo\nthree\nfour"]);
        assert!(form.is_touched());
    }

    #[test]
    fn a_form_is_drawn_in_any_size() {
        let theme = Theme::built_in("dark");
        for (width, height) in [(1, 1), (10, 2), (40, 6), (120, 30)] {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            let form = form();
            terminal.draw(|frame| form.draw(frame, frame.area(), &theme)).unwrap();
        }
    }
}
