//! The agents as they are shown.

use callboard_engine::query::rows::{AgentRow, HotSpot};

use super::scroll;
use crate::theme::Meaning;

/// Who is or was here, and where the cursor is.
#[derive(Debug, Default)]
pub struct AgentsModel {
    pub rows: Vec<AgentRow>,
    /// The name under the cursor.
    pub cursor: Option<String>,
    /// The first agent on the screen.
    pub offset: usize,
    /// The paths that claims name, those that several work on first.
    pub hot_spots: Vec<HotSpot>,
    /// Names in the order of their first coming, for colors that do not change.
    known: Vec<String>,
}

impl AgentsModel {
    /// Takes the agents as they are now: those that are connected first, each in the order of its
    /// coming, so that no call moves a row.
    pub fn take(&mut self, mut rows: Vec<AgentRow>) {
        rows.sort_by(|left, right| {
            let order = |row: &AgentRow| (!row.connected, row.first_seen);
            order(left).cmp(&order(right)).then_with(|| left.name.cmp(&right.name))
        });
        let mut fresh: Vec<&AgentRow> =
            rows.iter().filter(|row| !self.known.contains(&row.name)).collect();
        fresh.sort_by_key(|row| row.first_seen);
        let fresh: Vec<String> = fresh.into_iter().map(|row| row.name.clone()).collect();
        self.known.extend(fresh);
        self.rows = rows;
        if self.cursor.as_ref().is_none_or(|name| self.rows.iter().all(|row| row.name != *name)) {
            self.cursor = self.rows.first().map(|row| row.name.clone());
        }
    }

    /// What an agent's name means to the theme: each has a color of its own while there are enough.
    pub fn meaning(&self, name: &str) -> Option<Meaning> {
        let place = self.known.iter().position(|known| known == name)?;
        Some(Meaning::Agent(u8::try_from(place % 256).unwrap_or(0)))
    }

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

    /// The first agent to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.rows.len()))
    }

    /// How many are connected.
    pub fn connected(&self) -> usize {
        self.rows.iter().filter(|row| row.connected).count()
    }
}
