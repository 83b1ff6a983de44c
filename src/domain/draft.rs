//! A draft: what a document says, as far as it is understood. Reading a document never fails; it
//! gives a draft and a list of problems.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::command::NewTask;
use super::mark::Mark;
use super::record::{Fields, RecordKey};

words! {
    /// The kinds of records that a document can hold.
    RecordKind("kind") {
        Session = "session",
        Group = "group",
        Task = "task",
        Context = "context",
    }
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// In the order of the document.
    pub records: Vec<DraftRecord>,
    pub problems: Vec<Problem>,
}

/// One record as a document has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftRecord {
    pub kind: RecordKind,
    /// Whose record it is, if it has a stamp that is understood.
    pub stamp: Option<Stamp>,
    /// The line its text begins on, from 1.
    pub line: usize,
    /// The bytes of the record's own text: first line and description, without what is nested in
    /// it, from the beginning of a line to the end of one, line ending included.
    pub span: Span,
    /// The bytes of the first line (or heading), line ending left out.
    pub head: Span,
    /// The bytes of the stamp, one space before it included; empty where a stamp is to be put.
    pub stamp_span: Span,
    /// The bytes of the description's lines, line endings included; empty and after the head where
    /// there is none.
    pub text_span: Span,
    /// What the text says, by field. A field that is absent is not said; a task's line says all of
    /// [`LINE_FIELDS`], those that are at rest (no tags, normal priority) included. The description
    /// is said where there is one.
    pub fields: Fields,
    /// For a task: the group whose section it stands in.
    pub section: Section,
    /// For a task: the place in [`Draft::records`] of the task that it is nested in.
    pub parent: Option<usize>,
    /// For a finished task: the day that is the heading it stands below.
    #[serde(default)]
    pub day: Option<String>,
}

/// The fields that the line of a task says.
pub const LINE_FIELDS: [&str; 9] = [
    "title",
    "status",
    "priority",
    "role",
    "tags",
    "estimate_minutes",
    "due",
    "assignee",
    "depends_on",
];

/// A range of bytes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// The bytes of a text; none where the span is not of this text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// The document does not say which group its tasks are of.
    #[default]
    Unsaid,
    /// Below the heading for tasks without a group.
    NoGroup,
    /// Below the heading at this place in [`Draft::records`].
    Group(usize),
}

/// The identity of a record in a document, and what it said when it was written there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The record, as [`RecordKey`] writes it.
    pub record: String,
    /// Absent in a block id (`^t-…`), or where it is damaged.
    pub mark: Option<Mark>,
}

impl Stamp {
    /// The record's key; `None` where the stamp names none.
    pub fn key(&self) -> Option<RecordKey> {
        self.record.parse().ok()
    }

    /// The kind of record that the stamp names.
    pub fn kind(&self) -> Option<RecordKind> {
        match self.key()? {
            RecordKey::Session(_) => Some(RecordKind::Session),
            RecordKey::Group(_) => Some(RecordKind::Group),
            RecordKey::Task(_) => Some(RecordKind::Task),
            RecordKey::Context(..) => Some(RecordKind::Context),
            RecordKey::Dependency(..) | RecordKey::Conflict(_) | RecordKey::Artifact(_) => None,
        }
    }
}

/// Something in a document that is not understood or not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// What is wrong and what to do, as a sentence.
    pub message: String,
}

/// A new task of what a document says about it. What is not legal is left out; its place and its
/// dependencies are for the caller.
pub fn new_task(fields: &Fields) -> NewTask {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let tags = fields.get("tags").and_then(Value::as_array).into_iter().flatten();
    let minutes = fields.get("estimate_minutes").and_then(Value::as_u64);
    NewTask {
        title: text("title").unwrap_or_default(),
        description: text("description").unwrap_or_default(),
        priority: text("priority").and_then(|word| word.parse().ok()),
        role: text("role"),
        estimate_minutes: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        tags: tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
        due: text("due"),
        assignee: text("assignee"),
        ..NewTask::default()
    }
}
