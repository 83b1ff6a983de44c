//! What the application is told: keys, what was read, what came of its wishes.

use callboard_engine::domain::id::{ConflictId, TaskId};
use callboard_engine::domain::outcome::Outcome;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::query::metrics::Summary;
use callboard_engine::task_templates::Entry;
use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use super::load::Snapshot;
use super::{artifacts, backups, edits, modes, search, upkeep};
use crate::theme::Theme;
use crate::widgets::toast::Tone;

/// What comes in.
#[derive(Debug)]
pub enum Message {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    Resize(Size),
    /// The feed has grown, or measures have changed.
    Changed,
    Loaded(Box<Snapshot>),
    /// A command was answered; what it was called.
    Answered {
        what: String,
        result: Box<Result<Outcome, Refusal>>,
    },
    /// A text came back from the editor.
    Edited {
        task: TaskId,
        text: String,
        /// The version that was edited.
        version: i64,
    },
    /// A merge came back from the editor.
    Merged {
        conflict: ConflictId,
        text: String,
    },
    /// What came of a wish about the edit backups.
    Edits(edits::Answer),
    /// What came of a wish about the files of artifacts.
    Artifacts(artifacts::Answer),
    /// What came of a wish about mode files.
    Modes(modes::Answer),
    /// What came of a wish about backups, or how far it is.
    Backups(backups::Answer),
    /// What was found.
    Search(search::Answer),
    /// The sums of the charts.
    SummedUp(Result<Box<Summary>, Refusal>),
    /// What came of looking after the project.
    Upkeep(upkeep::Answer),
    /// The task templates there are.
    Templates(Vec<Entry>),
    /// The mode files may have changed; what of them cannot be put in force.
    Followed(Option<String>),
    /// Something to tell.
    Notice(Tone, String),
    /// The theme was loaded.
    Theme(Box<Theme>),
    /// Time has passed.
    Tick,
}
