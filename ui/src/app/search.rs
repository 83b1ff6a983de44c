//! Search: what is typed, what was found, what is known of the hit under the cursor, and what was
//! searched for before.
//!
//! Every change of the text asks anew; the runtime stops the search before it, and an answer to an
//! earlier text is not taken any more.

mod acts;

use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::search::{Found, Hit};

use super::{View, scroll};
use crate::widgets::input::Input;
use crate::widgets::markdown::Fences;

pub use acts::{answered, changed, insert, key, open, paste, show, step, step_to};

/// Searches that are remembered.
const HISTORY_MAX: usize = 50;
/// Hits that are asked for.
pub const HITS_MAX: usize = 200;

/// What is to be looked up.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// A text, the number of the question, and what times count from.
    Find { text: String, number: u64, now: Timestamp },
    /// One hit in full.
    Look(Box<Hit>),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    Found {
        number: u64,
        found: Box<Result<Found, Refusal>>,
    },
    Looked(Box<Preview>),
    /// Somebody typed on meanwhile.
    Stopped,
}

/// One hit in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Of the hit that it is of.
    pub id: String,
    /// Short facts: status, role, where it lies.
    pub facts: Vec<String>,
    /// Markdown.
    pub text: String,
    /// The code in it.
    pub fences: Fences,
}

/// The view of what was found.
#[derive(Debug, Default)]
pub struct SearchModel {
    pub input: Input,
    pub found: Option<Found>,
    /// Why the last search could not be made.
    pub problem: Option<String>,
    pub cursor: usize,
    /// The first hit on the screen.
    pub offset: usize,
    pub preview: Option<Preview>,
    /// The newest first.
    pub history: Vec<String>,
    /// The view that Esc leads back to.
    from: Option<View>,
    /// The line still holds what was typed last time; the first letter begins anew.
    is_old: bool,
    /// The number of the newest question, and of the one that is answered.
    asked: u64,
    answered: u64,
}

impl SearchModel {
    /// Tells whether something is typed.
    pub fn is_typed(&self) -> bool {
        !self.input.text().trim().is_empty()
    }

    /// Tells whether the newest question is not answered yet.
    pub fn is_waiting(&self) -> bool {
        self.answered < self.asked
    }

    /// What was found.
    pub fn hits(&self) -> &[Hit] {
        self.found.as_ref().map_or(&[], |found| &found.hits)
    }

    /// Rows of the list: hits, or what was searched for before where nothing is typed.
    pub fn len(&self) -> usize {
        if self.is_typed() { self.hits().len() } else { self.history.len() }
    }

    /// Tells whether the list has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The hit under the cursor.
    pub fn selected(&self) -> Option<&Hit> {
        self.hits().get(self.cursor).filter(|_| self.is_typed())
    }

    /// The preview, if it is of the hit under the cursor.
    pub fn shown(&self) -> Option<&Preview> {
        let hit = self.selected()?;
        self.preview.as_ref().filter(|preview| preview.id == hit.id)
    }

    /// The first row to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.cursor, (fits, self.len()))
    }

    /// Remembers what is typed as a search that led somewhere.
    fn remember(&mut self) {
        let text = self.input.text().trim().to_owned();
        if !text.is_empty() {
            self.history.retain(|known| *known != text);
            self.history.insert(0, text);
            self.history.truncate(HISTORY_MAX);
        }
    }
}
