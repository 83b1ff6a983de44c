//! The sessions as they are shown.

use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::session::{ContextEntry, Transition};
use callboard_engine::query::rows::SessionRow;

use super::scroll;

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

    /// Moves the cursor.
    pub fn go(&mut self, index: usize) {
        let index = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(index).map(|row| row.session.id);
    }
}
