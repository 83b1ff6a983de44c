//! The sessions as they are shown.

use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::session::{ContextEntry, Transition};
use callboard_engine::query::rows::SessionRow;

use super::scroll;
use crate::widgets::markdown::Fences;

/// All sessions, the history of the one under the cursor, and where the cursor is.
#[derive(Debug, Default)]
pub struct SessionsModel {
    pub rows: Vec<SessionRow>,
    pub cursor: Option<SessionId>,
    /// The first session on the screen.
    pub offset: usize,
    pub history: Vec<Transition>,
    pub context: Vec<ContextEntry>,
    pub total: i64,
    /// What was found in one of them that has no place of its own here.
    pub extract: Option<Extract>,
}

/// A record in full: what was searched for, of a session that is not the one on the board, and of
/// any what was left for whoever continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    pub session: SessionId,
    pub title: String,
    /// Short facts: status, role, where it lies.
    pub facts: Vec<String>,
    /// Markdown.
    pub text: String,
    /// The code in it.
    pub fences: Fences,
}

impl SessionsModel {
    /// Takes the sessions as they are now; the cursor stays on its session.
    pub fn take(&mut self, rows: Vec<SessionRow>) {
        self.rows = rows;
        if self.cursor.is_none_or(|id| self.rows.iter().all(|row| row.session.id != id)) {
            self.cursor = self.rows.first().map(|row| row.session.id);
        }
    }

    /// The first session to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.rows.len()))
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |id: SessionId| self.rows.iter().position(|row| row.session.id == id);
        self.cursor.and_then(at).unwrap_or(0)
    }

    /// The session under the cursor.
    pub fn selected(&self) -> Option<&SessionRow> {
        self.rows.get(self.index())
    }

    /// What was found in the session under the cursor.
    pub fn found(&self) -> Option<&Extract> {
        self.extract.as_ref().filter(|extract| Some(extract.session) == self.cursor)
    }

    /// Moves the cursor.
    pub fn go(&mut self, index: usize) {
        self.extract = None;
        let index = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(index).map(|row| row.session.id);
    }
}
