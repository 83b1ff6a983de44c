//! What waits for a person, as a list to be worked off: the cursor in it leads the board's.

use callboard_engine::domain::id::TaskId;
use callboard_engine::query::rows::Need;

use super::board::RowKey;
use super::{Effect, Model, Pane, View};

/// What waits, and where the cursor is.
#[derive(Debug, Default)]
pub struct NeedsModel {
    pub rows: Vec<Need>,
    /// The task under the cursor.
    pub cursor: Option<TaskId>,
    place: usize,
}

impl NeedsModel {
    /// Takes what waits now; the cursor stays on its task, or at its place when that is done.
    pub fn take(&mut self, rows: Vec<Need>) {
        self.rows = rows;
        self.go(self.index());
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |id: TaskId| self.rows.iter().position(|need| need.task == id);
        let place = || self.place.min(self.rows.len().saturating_sub(1));
        self.cursor.and_then(at).unwrap_or_else(place)
    }

    fn go(&mut self, index: usize) {
        self.place = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(self.place).map(|need| need.task);
    }
}

/// Goes to what waits, with the first of it under the board's cursor.
pub fn open(model: &mut Model) -> Vec<Effect> {
    model.focus = Pane::Needs;
    model.zoomed = false;
    show(model)
}

/// Moves the cursor, and shows the task it comes to.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let index = model.needs.index().saturating_add_signed(by);
    model.needs.go(index);
    show(model)
}

/// Puts the cursor at an index, and shows its task.
pub fn choose(model: &mut Model, index: usize) -> Vec<Effect> {
    model.needs.go(index);
    show(model)
}

/// Shows the task under the cursor on the board.
pub fn show(model: &mut Model) -> Vec<Effect> {
    let Some(task) = model.needs.cursor else { return Vec::new() };
    model.view = View::Board;
    model.board.clear_filter();
    model.board.select_when_loaded(RowKey::Task(task));
    vec![model.reload()]
}
