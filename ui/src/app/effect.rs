//! What the application asks for: whatever is not a change of its model.

use callboard_engine::domain::artifact::Artifact;
use callboard_engine::domain::command::Command;
use callboard_engine::domain::id::{ConflictId, TaskId};

use super::load::Wanted;
use super::{artifacts, backups, edits, metrics, modes, search, upkeep, work};

/// What the runtime is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Submit {
        command: Box<Command>,
        what: String,
    },
    Load(Box<Wanted>),
    Copy {
        text: String,
        what: String,
    },
    EditText {
        task: TaskId,
        text: String,
        version: i64,
    },
    EditMerge {
        conflict: ConflictId,
        text: String,
    },
    /// Opens a document in the person's editor, by its path, at a line if one is named.
    OpenDocument {
        path: String,
        line: Option<usize>,
    },
    /// Looks at the edit backups, or puts one back.
    Edits(edits::Wish),
    /// Files of artifacts that are to be read or looked at.
    Artifacts(artifacts::Wish),
    /// Opens a copy of an artifact in the person's editor.
    OpenArtifact(Box<Artifact>),
    /// Mode files that are to be read or written.
    Modes(modes::Wish),
    /// Backups that are to be read, made or removed; calls it off.
    Backups(backups::Wish, backups::Stop),
    /// Something that is to be searched for.
    Search(search::Wish),
    /// Makes the sums of the charts.
    SumUp(metrics::Wish),
    /// Looks after the project; calls it off.
    Upkeep(upkeep::Wish, work::Stop),
    /// Task templates that are to be listed.
    Templates,
    /// Opens the file of a mode in the person's editor.
    EditMode {
        name: String,
        file: String,
    },
    Theme(String),
    Mouse(bool),
    Redraw,
    Suspend,
    Quit,
}
