//! A menu whose items have a key each. What is closed is greyed and says why.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Next, Overlay};

/// One item.
#[derive(Debug, Clone)]
pub struct Item {
    pub key: char,
    pub label: String,
    /// Why it cannot be chosen now.
    pub closed: Option<String>,
    pub choice: Choice,
}

/// A menu.
#[derive(Debug, Clone)]
pub struct Menu {
    pub title: String,
    /// What the choice is about, in a sentence or two.
    pub text: String,
    pub items: Vec<Item>,
    pub cursor: usize,
}

impl Menu {
    /// A menu without items.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), text: String::new(), items: Vec::new(), cursor: 0 }
    }

    /// Says what the choice is about.
    pub fn about(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Adds an item.
    pub fn item(self, key: char, label: impl Into<String>, choice: Choice) -> Self {
        self.item_if(key, label, None, choice)
    }

    /// Adds the way out of a question: nothing is done.
    pub fn keep(self, label: impl Into<String>) -> Self {
        self.item('n', label, Choice::Nothing)
    }

    /// Adds an item that may be closed.
    pub fn item_if(
        mut self,
        key: char,
        label: impl Into<String>,
        closed: Option<String>,
        choice: Choice,
    ) -> Self {
        self.items.push(Item { key, label: label.into(), closed, choice });
        self
    }

    /// Begins with the first item that is open.
    pub fn ready(mut self) -> Self {
        self.cursor = self.items.iter().position(|item| item.closed.is_none()).unwrap_or(0);
        self
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "other keys mean nothing in a menu")]
    pub(super) fn key(mut self, key: KeyEvent) -> Next {
        let chosen = match key.code {
            KeyCode::Char(character) => {
                let by_key = self.items.iter().position(|item| item.key == character);
                match (by_key, character) {
                    (Some(index), _) => Some(index),
                    (None, 'j') => {
                        self.step(1);
                        None
                    }
                    (None, 'k') => {
                        self.step(-1);
                        None
                    }
                    (None, 'q') => return Next::Close(Vec::new()),
                    (None, _) => None,
                }
            }
            KeyCode::Enter => Some(self.cursor),
            KeyCode::Down => {
                self.step(1);
                None
            }
            KeyCode::Up => {
                self.step(-1);
                None
            }
            _ => None,
        };
        match chosen.and_then(|index| self.items.get(index)).filter(|item| item.closed.is_none()) {
            Some(item) => Next::Choose(item.choice.clone()),
            None => Next::Stay(Overlay::Menu(self), Vec::new()),
        }
    }

    fn step(&mut self, by: isize) {
        let last = self.items.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}
