//! The sessions as they are shown.

use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::session::{ContextEntry, Transition};
use callboard_engine::query::rows::SessionRow;

/// All sessions, the history of the one under the cursor, and where the cursor is.
#[derive(Debug, Default)]
pub struct SessionsModel {
    pub rows: Vec<SessionRow>,
    pub cursor: Option<SessionId>,
    pub history: Vec<Transition>,
    pub context: Vec<ContextEntry>,
    pub total: i64,
}

impl SessionsModel {
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
