//! Documents: the markdown files that are kept in step with the database.
//!
//! What is known of a document is a ledger of the synchronizer, not state of the project: it is
//! written in the same transactions, and has no entries in the feed.

use serde::{Deserialize, Serialize};

use super::draft::{Draft, Problem};
use super::id::{GroupId, SessionId};
use super::time::Timestamp;

/// Largest document, in bytes.
pub const DOCUMENT_MAX: usize = 2 * 1024 * 1024;
/// As many records may be gone from a document at once, however few there are.
const LOST_MAX: usize = 3;
/// More than one in this many must not be gone at once.
const LOST_SHARE: usize = 5;
/// What is held of a record whose place among its siblings was refused.
pub const POSITION: &str = "position";
/// What is held of a record whose removal was refused.
pub const REMOVAL: &str = "removal";
/// Most problems kept of a document.
pub const PROBLEMS_MAX: usize = 100;

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// `session.md`: goal, state, groups, notes.
    Session,
    /// `tasks/active_tasks.md`: all open tasks, by group.
    ActiveTasks,
    /// `tasks/completed_tasks.md`: finished tasks, newest first.
    CompletedTasks,
    /// `tasks/task_groups/<slug>.md`: one group, its tasks in full.
    Group(GroupId),
    /// `activity.md`: how far it is and what happened; read-only.
    Activity,
    /// `specialists/assignments.md`: who holds what; read-only.
    Assignments,
    /// `specialists/performance.md`: what was done by whom; read-only.
    Performance,
    /// `artifacts/session_artifacts.md`: every artifact; read-only.
    Artifacts,
}

impl DocumentKind {
    /// Tells whether what people write in it is read.
    pub fn is_read(self) -> bool {
        match self {
            Self::Session | Self::ActiveTasks | Self::CompletedTasks | Self::Group(_) => true,
            Self::Activity | Self::Assignments | Self::Performance | Self::Artifacts => false,
        }
    }
}

words! {
    /// How a document stands to the database.
    DocumentState("document state") {
        /// Both say the same, open conflicts and problems apart.
        InStep = "in_step",
        /// Not written yet, or about to be.
        Pending = "pending",
        /// Neither read nor written until a person has decided.
        Held = "held",
        /// A person has decided that it is to be read as it stands.
        Accepted = "accepted",
    }
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Relative to the project's `.task_orchestrator`, with `/`.
    pub path: String,
    pub session_id: SessionId,
    pub kind: DocumentKind,
    /// What the template gave when the document was written last.
    pub rendered: String,
    /// The text that file and database agreed on last.
    pub agreed: String,
    /// The BLAKE3 hash, in hexadecimal, of the bytes that they agreed on.
    pub agreed_hash: String,
    /// The hash of what is just being written, so that a death in the middle is told from an edit.
    pub intent: Option<String>,
    pub state: DocumentState,
    /// Why it is held.
    pub reason: Option<String>,
    pub problems: Vec<Problem>,
    /// Fields whose text in the file stays, because it was refused.
    pub held: Vec<HeldField>,
    /// Items of `agreed` that have no stamp of their own yet, by their place in its draft, and
    /// the records they became.
    pub adopted: Vec<(usize, String)>,
    /// What was left out when it was written last, because it was in conflict or refused; empty
    /// where nothing was.
    pub orders: String,
    /// Records that are gone from it and not asked about yet, and when that was seen first.
    pub absent: Absent,
    pub updated_at: Timestamp,
}

/// Records that are gone from a document, each with the time when that was seen first.
pub type Absent = Vec<(String, Timestamp)>;

/// A field that a document says, and that the rules refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldField {
    /// The record, as [`super::record::RecordKey`] writes it.
    pub record: String,
    /// The field's name, [`POSITION`] or [`REMOVAL`]; empty for an item that is no record.
    pub field: String,
    pub line: usize,
    /// Why, and what to do.
    pub message: String,
}

impl HeldField {
    /// Tells whether what is held is a text in the file; a place or a removal that was refused is
    /// none.
    pub fn is_text(&self) -> bool {
        ![POSITION, REMOVAL].contains(&self.field.as_str())
    }
}

impl Document {
    /// Tells whether a person wants it as the database has it, whatever the file says. A document
    /// whose first writing was broken off by a death is not that: it has an intent.
    pub fn is_restored(&self) -> bool {
        self.agreed_hash.is_empty() && self.intent.is_none()
    }
}

/// Why so many records cannot be gone from a document at once unless a person confirms it, as a
/// sentence; `None` where they can.
pub fn lost_at_once(lost: usize, all: usize) -> Option<String> {
    (LOST_MAX < lost && all < lost * LOST_SHARE)
        .then(|| format!("{lost} of {all} records are gone at once; restore them, or confirm."))
}

/// Parameters of `Command::ReadDocument`: an edit to be merged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadDocument {
    pub path: String,
    pub session_id: SessionId,
    pub kind: DocumentKind,
    /// The text that was read; it becomes what both agree on.
    pub text: String,
    /// The hash of the bytes that were read.
    pub hash: String,
    /// What the text says.
    pub draft: Draft,
    /// The hash that the ledger had when `agreed` was taken from it; the edit is refused as busy
    /// where the ledger has moved on. Absent for a document that the ledger does not know.
    pub agreed_hash: Option<String>,
    /// What the text said that both agreed on last.
    pub agreed: Draft,
    /// Records that are not in the text, though the document would show them.
    #[serde(default)]
    pub gone: Vec<String>,
    /// A person has confirmed that so much may be gone.
    #[serde(default)]
    pub confirmed: bool,
    /// Records that are not in the text and count as removed: the quarantine is over.
    pub removed: Vec<String>,
    /// Records whose absence is no question any more: the document would not show them.
    #[serde(default)]
    pub unasked: Vec<String>,
    #[serde(default)]
    pub policies: Policies,
}

/// A new row of the ledger, or a part of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentNote {
    /// The document is about to be written with this content.
    Intended { path: String, session_id: SessionId, kind: DocumentKind, intent: String },
    /// The document was written.
    Written {
        path: String,
        session_id: SessionId,
        kind: DocumentKind,
        rendered: String,
        agreed: String,
        agreed_hash: String,
        orders: String,
    },
    /// The document waits for a person.
    Held { path: String, reason: String },
    /// The document is well again by itself: it is read and written again.
    Freed { path: String },
    /// A person wants it as the database has it: what the file says is set aside.
    Restored { path: String },
    /// A person wants it to be read as it stands, however much is gone from it.
    Accepted { path: String },
    /// Its problems are these now.
    Problems { path: String, problems: Vec<Problem>, held: Vec<HeldField> },
    /// These records are gone from it and not asked about yet, each since some time.
    Absent { path: String, absent: Absent },
    /// The document is no longer kept.
    Forgotten { path: String },
}

impl DocumentNote {
    /// The document that it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::Intended { path, .. }
            | Self::Written { path, .. }
            | Self::Held { path, .. }
            | Self::Freed { path }
            | Self::Restored { path }
            | Self::Accepted { path }
            | Self::Problems { path, .. }
            | Self::Absent { path, .. }
            | Self::Forgotten { path } => path,
        }
    }
}

words! {
    /// What becomes of a field that both sides changed differently.
    Policy("policy") {
        /// A person decides.
        Ask = "ask",
        FileWins = "file_wins",
        DatabaseWins = "database_wins",
    }
}

/// The policies for each kind of conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// Title, status, priority, role, estimate, due date, assignee, place.
    pub scalars: Policy,
    /// Descriptions and prose.
    pub texts: Policy,
    /// Items that are gone from a document.
    pub removals: Policy,
}

impl Default for Policies {
    fn default() -> Self {
        Self { scalars: Policy::Ask, texts: Policy::Ask, removals: Policy::Ask }
    }
}
