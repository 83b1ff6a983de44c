//! What waits for a person, as a list to be worked off: the cursor in it leads the board's.

use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::rows::{Need, NeedAbout, NeedKind};

use super::board::RowKey;
use super::{Effect, Model, Pane, View, act, conflict_acts, documents, modes};
use crate::action::Action;

/// What it is that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    Record(NeedAbout),
    /// The mode files.
    Mode,
    /// The log of errors.
    Errors,
}

impl About {
    /// The task, where it is one.
    fn task(&self) -> Option<callboard_engine::domain::id::TaskId> {
        match self {
            Self::Record(about) => about.task(),
            Self::Mode | Self::Errors => None,
        }
    }
}

/// Why it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Record(NeedKind),
    /// A mode file cannot be put in force.
    Mode,
    /// Something failed that nobody was told of.
    Failure,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub kind: Kind,
    pub about: About,
    pub title: String,
    pub who: String,
    pub since: Timestamp,
}

impl From<Need> for Waiting {
    fn from(need: Need) -> Self {
        Self {
            kind: Kind::Record(need.kind),
            about: About::Record(need.about),
            title: need.title,
            who: need.who,
            since: need.since,
        }
    }
}

/// What waits: of the records, and of the mode files, whose problem is told first.
pub fn waiting(model: &Model, records: Vec<Need>) -> Vec<Waiting> {
    let session = model.session.as_ref();
    let recovered = || {
        let row = session?;
        let problem = row.session.binding.as_ref()?.problem.clone()?;
        let mode = &row.session.mode;
        let title = if problem.contains(mode.as_str()) {
            format!("{problem}; something else is in force")
        } else {
            format!("{mode}: {problem}; something else is in force")
        };
        Some((row.session.updated_at, title))
    };
    let trouble = model.modes.trouble.clone().or_else(recovered);
    let mode = trouble.map(|(since, title)| Waiting {
        kind: Kind::Mode,
        about: About::Mode,
        title,
        who: String::new(),
        since,
    });
    let failure = model.metrics.failure().map(|entry| Waiting {
        kind: Kind::Failure,
        about: About::Errors,
        title: entry.message.clone(),
        who: entry.actor.clone(),
        since: entry.at,
    });
    mode.into_iter().chain(failure).chain(records.into_iter().map(Waiting::from)).collect()
}

/// What waits, and where the cursor is.
#[derive(Debug, Default)]
pub struct NeedsModel {
    pub rows: Vec<Waiting>,
    /// What is under the cursor.
    pub cursor: Option<About>,
    place: usize,
}

impl NeedsModel {
    /// Takes what waits now; the cursor stays on its task, or at its place when that is done.
    pub fn take(&mut self, rows: Vec<Waiting>) {
        self.rows = rows;
        self.go(self.index());
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |about: &About| self.rows.iter().position(|need| need.about == *about);
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
    let Some(task) = model.needs.cursor.as_ref().and_then(About::task) else {
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
        Some(About::Record(NeedAbout::Conflict(id))) => conflict_acts::show(model, id),
        Some(About::Mode) => modes::show(model),
        Some(About::Errors) => act::act(model, Action::ErrorLog),
        Some(About::Record(NeedAbout::Document(path))) => documents::show_one(model, &path),
        Some(About::Record(NeedAbout::Task(_))) | None => {
            let effects = show(model);
            model.focus = Pane::Main;
            effects
        }
    }
}
