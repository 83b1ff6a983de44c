//! What waits for a person, as a list to be worked off: the cursor in it leads the board's.

use callboard_engine::query::rows::{Need, NeedAbout};

use super::board::RowKey;
use super::{Effect, Model, Pane, View, conflict_acts, documents};

/// What waits, and where the cursor is.
#[derive(Debug, Default)]
pub struct NeedsModel {
    pub rows: Vec<Need>,
    /// What is under the cursor.
    pub cursor: Option<NeedAbout>,
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
        let at = |about: &NeedAbout| self.rows.iter().position(|need| need.about == *about);
        let place = || self.place.min(self.rows.len().saturating_sub(1));
        self.cursor.as_ref().and_then(at).unwrap_or_else(place)
    }

    fn go(&mut self, index: usize) {
        self.place = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(self.place).map(|need| need.about.clone());
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
    // Conflicts and documents have views of their own, which are entered, not passed by.
    let Some(task) = model.needs.cursor.as_ref().and_then(NeedAbout::task) else {
        return Vec::new();
    };
    model.view = View::Board;
    model.board.clear_filter();
    model.board.select_when_loaded(RowKey::Task(task));
    vec![model.reload()]
}

/// Goes to what is under the cursor, where it can be dealt with.
pub fn enter(model: &mut Model) -> Vec<Effect> {
    match model.needs.cursor.clone() {
        Some(NeedAbout::Conflict(id)) => conflict_acts::show(model, id),
        Some(NeedAbout::Document(path)) => documents::show_one(model, &path),
        Some(NeedAbout::Task(_)) | None => {
            let effects = show(model);
            model.focus = Pane::Main;
            effects
        }
    }
}
