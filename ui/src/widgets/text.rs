//! A text of several lines that is edited in place.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use tui_textarea::{CursorMove, TextArea, WrapMode};

use super::fit;
use crate::theme::{Meaning, Theme};

/// Most bytes that one paste adds.
const PASTE_BYTES_MAX: usize = 128 * 1024;

/// The text and the cursor in it.
#[derive(Debug, Clone)]
pub struct Text(Box<TextArea<'static>>);

impl Text {
    /// Begins with a text, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(text.lines().map(str::to_owned).collect());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self(Box::new(area))
    }

    /// The text as it is.
    pub fn text(&self) -> String {
        self.0.lines().join("\n")
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) {
        self.0.input(key);
    }

    /// Puts a text at the cursor, as one change.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.0.insert_str(fit::take_bytes(&text, PASTE_BYTES_MAX));
    }

    /// Draws the text with its cursor.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let mut text = self.0.as_ref().clone();
        let ground = theme.style(Meaning::Input);
        text.set_style(ground);
        text.set_cursor_line_style(ground);
        text.set_cursor_style(ground.add_modifier(Modifier::REVERSED));
        frame.render_widget(&text, area);
    }
}
