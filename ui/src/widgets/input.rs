//! A line of input with a cursor, the keys of readline, and paste as one event.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::fit;
use crate::theme::{Meaning, Theme};

/// Most characters a line holds.
const CHARS_MAX: usize = 4_096;

/// Bytes of a paste that are looked at.
const BYTES_MAX: usize = 64 * 1024;

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// The text changed.
    Changed,
    /// Only the cursor moved.
    Moved,
    /// The key means nothing here.
    Ignored,
}

/// The text and the cursor in it, counted in graphemes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    graphemes: Vec<String>,
    cursor: usize,
}

impl Input {
    /// Begins with a text, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut input = Self::default();
        input.paste(text);
        input
    }

    /// The text as it is.
    pub fn text(&self) -> String {
        self.graphemes.concat()
    }

    pub fn is_empty(&self) -> bool {
        self.graphemes.is_empty()
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Puts a text at the cursor; line breaks become blanks, other control characters are dropped.
    pub fn paste(&mut self, text: &str) {
        let room = CHARS_MAX.saturating_sub(self.graphemes.len());
        // A paste of megabytes costs no more than what fits.
        let line: String = fit::take_bytes(text, BYTES_MAX)
            .replace("\r\n", "\n")
            .chars()
            .map(|character| match character {
                '\n' | '\r' | '\t' => ' ',
                other => other,
            })
            .filter(|character| !character.is_control())
            .collect();
        let new: Vec<String> = line.graphemes(true).take(room).map(str::to_owned).collect();
        let count = new.len();
        let at = self.cursor.min(self.graphemes.len());
        self.graphemes.splice(at..at, new);
        // What was typed may join with what stands before it, as an accent does.
        let joined: Vec<String> = self.text().graphemes(true).map(str::to_owned).collect();
        let lost = self.graphemes.len().saturating_sub(joined.len());
        self.graphemes = joined;
        self.cursor = (at + count).saturating_sub(lost).min(self.graphemes.len());
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Handled {
        let before = self.graphemes.len();
        let moved = match (key.code, key.modifiers) {
            (KeyCode::Char(letter), KeyModifiers::CONTROL) => return self.control(letter),
            (KeyCode::Char(letter), KeyModifiers::ALT) => return self.meta(letter),
            (KeyCode::Char(letter), KeyModifiers::NONE | KeyModifiers::SHIFT) => {
                self.paste(letter.encode_utf8(&mut [0; 4]));
                return Handled::Changed;
            }
            (KeyCode::Backspace, KeyModifiers::ALT | KeyModifiers::CONTROL) => {
                self.cut(self.word_left()..self.cursor);
                self.cursor
            }
            (KeyCode::Backspace, _) => {
                self.cut(self.cursor.saturating_sub(1)..self.cursor);
                self.cursor
            }
            (KeyCode::Delete, _) => {
                self.cut(self.cursor..self.cursor + 1);
                self.cursor
            }
            (KeyCode::Left, KeyModifiers::CONTROL | KeyModifiers::ALT) => self.word_left(),
            (KeyCode::Right, KeyModifiers::CONTROL | KeyModifiers::ALT) => self.word_right(),
            (KeyCode::Left, _) => self.cursor.saturating_sub(1),
            (KeyCode::Right, _) => self.cursor + 1,
            (KeyCode::Home, _) => 0,
            (KeyCode::End, _) => usize::MAX,
            _ => return Handled::Ignored,
        };
        self.finish(before, moved)
    }

    fn control(&mut self, letter: char) -> Handled {
        let before = self.graphemes.len();
        let end = before;
        let moved = match letter {
            'a' => 0,
            'e' => usize::MAX,
            'b' => self.cursor.saturating_sub(1),
            'f' => self.cursor + 1,
            'h' => {
                self.cut(self.cursor.saturating_sub(1)..self.cursor);
                self.cursor
            }
            'd' => {
                self.cut(self.cursor..self.cursor + 1);
                self.cursor
            }
            'k' => {
                self.cut(self.cursor..end);
                self.cursor
            }
            'u' => {
                self.cut(0..self.cursor);
                self.cursor
            }
            'w' => {
                self.cut(self.word_left()..self.cursor);
                self.cursor
            }
            _ => return Handled::Ignored,
        };
        self.finish(before, moved)
    }

    fn meta(&mut self, letter: char) -> Handled {
        let before = self.graphemes.len();
        let moved = match letter {
            'b' => self.word_left(),
            'f' => self.word_right(),
            'd' => {
                self.cut(self.cursor..self.word_right());
                self.cursor
            }
            _ => return Handled::Ignored,
        };
        self.finish(before, moved)
    }

    fn finish(&mut self, before: usize, cursor: usize) -> Handled {
        self.cursor = cursor.min(self.graphemes.len());
        if before == self.graphemes.len() { Handled::Moved } else { Handled::Changed }
    }

    fn cut(&mut self, range: std::ops::Range<usize>) {
        let end = range.end.min(self.graphemes.len());
        let start = range.start.min(end);
        self.graphemes.drain(start..end);
        self.cursor = start;
    }

    fn word_left(&self) -> usize {
        let before = self.graphemes.iter().take(self.cursor).rev();
        let blanks = before.clone().take_while(|one| is_blank(one)).count();
        let letters = before.skip(blanks).take_while(|one| !is_blank(one)).count();
        self.cursor.saturating_sub(blanks + letters)
    }

    fn word_right(&self) -> usize {
        let after = self.graphemes.iter().skip(self.cursor);
        let blanks = after.clone().take_while(|one| is_blank(one)).count();
        let letters = after.skip(blanks).take_while(|one| !is_blank(one)).count();
        self.cursor + blanks + letters
    }

    /// Draws the line and sets the terminal's cursor; the text scrolls so that the cursor is seen.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let (line, column) = self.line(area.width, theme);
        frame.render_widget(line.style(theme.style(Meaning::Input)), area);
        if 0 < area.width && 0 < area.height {
            frame.set_cursor_position(Position::new(area.x + column, area.y));
        }
    }

    /// The part of the text that fits, and the cursor's column in it.
    pub fn line(&self, width: u16, theme: &Theme) -> (Line<'static>, u16) {
        let room = usize::from(width.saturating_sub(1));
        let columns = |grapheme: &str| fit::width(&fit::shown(grapheme));
        let mut start = self.cursor;
        let mut used = 0;
        for grapheme in self.graphemes.iter().take(self.cursor).rev() {
            if room < used + columns(grapheme) {
                break;
            }
            used += columns(grapheme);
            start -= 1;
        }
        let rest = self.graphemes.iter().skip(start);
        let mut left = usize::from(width);
        let shown: String = rest
            .take_while(|grapheme| {
                let fits = columns(grapheme) <= left;
                left = left.saturating_sub(columns(grapheme));
                fits
            })
            .map(|grapheme| fit::shown(grapheme))
            .collect();
        let line = Line::from(Span::styled(shown, theme.style(Meaning::Input)));
        (line, u16::try_from(used).unwrap_or(0))
    }
}

fn is_blank(grapheme: &str) -> bool {
    grapheme.chars().all(|character| !character.is_alphanumeric() && character != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys as people write them: letters stand for themselves, `<C-a>` and `<Left>` for keys.
    fn check(before: &str, keys: &[&str], after: &str) {
        let mut input = Input::new(before);
        for key in keys {
            let (code, modifiers) = match *key {
                "Left" => (KeyCode::Left, KeyModifiers::NONE),
                "Back" => (KeyCode::Backspace, KeyModifiers::NONE),
                "Del" => (KeyCode::Delete, KeyModifiers::NONE),
                other => match other.strip_prefix("C-") {
                    Some(letter) => {
                        (KeyCode::Char(letter.chars().next().unwrap()), KeyModifiers::CONTROL)
                    }
                    None => match other.strip_prefix("M-") {
                        Some(letter) => {
                            (KeyCode::Char(letter.chars().next().unwrap()), KeyModifiers::ALT)
                        }
                        None => (KeyCode::Char(other.chars().next().unwrap()), KeyModifiers::NONE),
                    },
                },
            };
            input.key(KeyEvent::new(code, modifiers));
        }
        let mut shown = input.graphemes.clone();
        shown.insert(input.cursor, "|".to_owned());
        assert_eq!(shown.concat(), after, "{before:?} {keys:?}");
    }

    #[test]
    fn the_keys_of_readline_work() {
        check("", &["h", "i"], "hi|");
        check("one two", &["C-a", "x"], "x|one two");
        check("one two", &["C-w"], "one |");
        check("one two", &["C-w", "C-w"], "|");
        check("one two", &["M-b", "C-k"], "one |");
        check("one two", &["C-a", "M-f", "C-u"], "| two");
        check("one two", &["C-a", "M-d"], "| two");
        check("日本", &["Left", "Back"], "|本");
        check("ab", &["Left", "Del"], "a|");
        check("", &["Back", "Left", "Del", "C-w", "C-k"], "|");
    }

    #[test]
    fn an_accent_joins_the_letter_before_it() {
        check("e", &["\u{301}", "Back"], "|");
    }

    #[test]
    fn a_paste_of_several_lines_becomes_one_line_without_control_characters() {
        let mut input = Input::new("ab");
        input.key(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE));
        input.paste("x\r\ny\u{1b}[31m");
        assert_eq!(input.text(), "ax y[31mb");
    }

    #[test]
    fn a_long_text_scrolls_so_that_the_cursor_is_seen() {
        let theme = Theme::built_in("dark");
        let input = Input::new("0123456789");
        let (line, column) = input.line(5, &theme);
        assert_eq!((line.to_string().as_str(), column), ("6789", 4));
        for width in 0..12 {
            input.line(width, &theme);
        }
    }
}
