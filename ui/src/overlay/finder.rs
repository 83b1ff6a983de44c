//! A finder: a list narrowed by a few letters. Palette, help, pickers and themes are finders.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{Choice, Next, Overlay};
use crate::app::Effect;
use crate::widgets::input::{Handled, Input};

/// Items that are shown at most.
pub const SHOWN_MAX: usize = 500;

/// One thing to be found.
#[derive(Debug, Clone)]
pub struct Entry {
    pub label: String,
    /// Beside the label: a key, an id, what it does.
    pub note: String,
    /// Further words it is found by.
    pub words: String,
    /// Why it cannot be chosen now.
    pub closed: Option<String>,
    pub choice: Choice,
}

/// A finder.
#[derive(Debug)]
pub struct Finder {
    pub title: String,
    pub input: Input,
    pub entries: Vec<Entry>,
    /// Indexes of the entries that match, the best first.
    pub found: Vec<usize>,
    pub cursor: usize,
    /// The theme to go back to, when themes are tried on.
    pub restore: Option<String>,
    /// Tells whether tasks and sessions that are not on the screen are to be added.
    pub finds_everything: bool,
    /// Tells whether labels are sentences, which are to be read in full.
    pub spells_out: bool,
    matcher: Matcher,
}

impl Finder {
    /// A finder over entries.
    pub fn new(title: impl Into<String>, entries: Vec<Entry>) -> Self {
        let mut finder = Self {
            title: title.into(),
            input: Input::default(),
            entries,
            found: Vec::new(),
            cursor: 0,
            restore: None,
            finds_everything: false,
            spells_out: false,
            matcher: Matcher::new(Config::DEFAULT),
        };
        finder.narrow();
        finder
    }

    /// Adds entries; the cursor stays where it is.
    pub fn extend(&mut self, entries: Vec<Entry>) {
        let chosen = self.found.get(self.cursor).copied();
        self.entries.extend(entries);
        self.narrow();
        let place = self.found.iter().position(|index| Some(*index) == chosen);
        self.cursor = place.unwrap_or(0);
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.input.paste(text);
        self.narrow();
    }

    fn narrow(&mut self) {
        let text = self.input.text();
        self.cursor = 0;
        if text.trim().is_empty() {
            self.found = (0..self.entries.len()).take(SHOWN_MAX).collect();
            return;
        }
        let (ignore, smart) = (CaseMatching::Ignore, Normalization::Smart);
        let pattern = Pattern::parse(&text, ignore, smart);
        // Letters scattered over a whole sentence of help would find nearly everything.
        let phrase = Pattern::new(&text, ignore, smart, AtomKind::Substring);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let own = pattern
                .score(Utf32Str::new(&entry.label, &mut buffer), &mut self.matcher)
                .map(|score| score * 2);
            let words = phrase.score(Utf32Str::new(&entry.words, &mut buffer), &mut self.matcher);
            if let Some(score) = own.max(words) {
                scored.push((score, index));
            }
        }
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.found = scored.into_iter().take(SHOWN_MAX).map(|(_, index)| index).collect();
    }

    /// The entry under the cursor.
    pub fn selected(&self) -> Option<&Entry> {
        self.found.get(self.cursor).and_then(|index| self.entries.get(*index))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text")]
    pub(super) fn key(mut self, key: KeyEvent) -> Next {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => {
                if let Some(entry) = self.selected().filter(|entry| entry.closed.is_none()) {
                    return Next::Choose(entry.choice.clone());
                }
            }
            KeyCode::Down => self.step(1),
            KeyCode::Up => self.step(-1),
            KeyCode::Char('n' | 'j') if control => self.step(1),
            KeyCode::Char('p' | 'k') if control => self.step(-1),
            KeyCode::PageDown => self.step(10),
            KeyCode::PageUp => self.step(-10),
            _ => {
                if self.input.key(key) == Handled::Changed {
                    self.narrow();
                }
            }
        }
        let effects = self.preview();
        Next::Stay(Overlay::Finder(self), effects)
    }

    fn step(&mut self, by: isize) {
        let last = self.found.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// A theme under the cursor is tried on at once.
    fn preview(&self) -> Vec<Effect> {
        match self.selected().map(|entry| &entry.choice) {
            Some(Choice::Theme(name)) if self.restore.is_some() => {
                vec![Effect::Theme(name.clone())]
            }
            Some(_) | None => Vec::new(),
        }
    }
}
