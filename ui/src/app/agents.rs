//! The agents as they are shown.

use callboard_engine::query::rows::AgentRow;

/// Who is or was here, and where the cursor is.
#[derive(Debug, Default)]
pub struct AgentsModel {
    pub rows: Vec<AgentRow>,
    /// The name under the cursor.
    pub cursor: Option<String>,
}

impl AgentsModel {
    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |name: &String| self.rows.iter().position(|row| row.name == *name);
        self.cursor.as_ref().and_then(at).unwrap_or(0)
    }

    /// The agent under the cursor.
    pub fn selected(&self) -> Option<&AgentRow> {
        self.rows.get(self.index())
    }

    /// Moves the cursor.
    pub fn go(&mut self, index: usize) {
        let index = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(index).map(|row| row.name.clone());
    }

    /// How many are connected.
    pub fn connected(&self) -> usize {
        self.rows.iter().filter(|row| row.connected).count()
    }
}
