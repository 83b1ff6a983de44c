//! Search: what is typed, what was found, what is known of the hit under the cursor, and what was
//! searched for before.
//!
//! Every change of the text asks anew; the runtime stops the search before it, and an answer to an
//! earlier text is not taken any more.

mod acts;

use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::search::{Found, Hit, Kind};

use super::{View, scroll};
use crate::widgets::input::Input;
use crate::widgets::markdown::Fences;

pub use acts::{
    answered, changed, insert, is_letter, key, open, own, paste, show, step, step_to,
    works_while_typing,
};

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

/// What tells one hit from all others: ids of notes and of context are not theirs alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitKey {
    kind: Kind,
    session: SessionId,
    id: String,
    /// The document and line of a note, of which a document may have many.
    place: Option<String>,
}

impl From<&Hit> for HitKey {
    fn from(hit: &Hit) -> Self {
        let place = (hit.kind == Kind::Note).then(|| hit.title.text.clone());
        Self { kind: hit.kind, session: hit.session_id, id: hit.id.clone(), place }
    }
}

/// Where the cursor goes with the answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Cursor {
    /// To the best hit: something was typed.
    #[default]
    Best,
    /// It stays on its hit: something has changed.
    Stays,
}

/// One hit in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The hit that it is of.
    pub of: HitKey,
    /// Short facts: status, role, where it lies.
    pub facts: Vec<String>,
    /// Markdown.
    pub text: String,
    /// The code in it.
    pub fences: Fences,
}

/// The view of what was found.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is about another thing")]
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
    /// Where the cursor goes with the next answer.
    goes: Cursor,
    /// Enter was pressed before the answer came.
    opens: bool,
    /// Something has changed since the newest question.
    is_outdated: bool,
}

impl SearchModel {
    /// Tells whether something is typed.
    pub fn is_typed(&self) -> bool {
        !self.input.text().trim().is_empty()
    }

    /// Tells whether the newest question is not answered yet.
    fn is_waiting(&self) -> bool {
        self.answered < self.asked
    }

    /// Tells whether what is listed was found for an earlier text.
    pub fn is_behind(&self) -> bool {
        self.is_waiting() && self.goes == Cursor::Best
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
        self.preview.as_ref().filter(|preview| preview.of == HitKey::from(hit))
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
