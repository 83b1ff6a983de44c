//! Records: what a command writes, whole, and the changes between two states of one.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::artifact::Artifact;
use super::conflict::Conflict;
use super::group::TaskGroup;
use super::id::{ArtifactId, ConflictId, GroupId, SessionId, TaskId};
use super::session::{ContextEntry, Session};
use super::task::Task;
use super::time::Timestamp;

/// This task waits for that task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    pub task_id: TaskId,
    pub depends_on: TaskId,
    pub session_id: SessionId,
    pub created_at: Timestamp,
}

/// Any record, as it is after a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    Session(Session),
    Group(TaskGroup),
    Task(Box<Task>),
    Dependency(Dependency),
    Context(ContextEntry),
    Conflict(Box<Conflict>),
    Artifact(Box<Artifact>),
}

/// The name of any record, as the feed writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKey {
    Session(SessionId),
    Group(GroupId),
    Task(TaskId),
    Dependency(TaskId, TaskId),
    Context(SessionId, String),
    Conflict(ConflictId),
    Artifact(ArtifactId),
}

/// Fields and their values.
pub type Fields = Map<String, Value>;

/// Fields that change with every write and are left out of before and after.
const BOOKKEEPING: [&str; 3] = ["updated_at", "version", "checked_at"];

impl Record {
    /// The record's name.
    pub fn key(&self) -> RecordKey {
        match self {
            Self::Session(session) => RecordKey::Session(session.id),
            Self::Group(group) => RecordKey::Group(group.id),
            Self::Task(task) => RecordKey::Task(task.id),
            Self::Dependency(edge) => RecordKey::Dependency(edge.task_id, edge.depends_on),
            Self::Context(entry) => RecordKey::Context(entry.session_id, entry.key.clone()),
            Self::Conflict(conflict) => RecordKey::Conflict(conflict.id),
            Self::Artifact(artifact) => RecordKey::Artifact(artifact.id),
        }
    }

    /// The session the record belongs to.
    pub fn session_id(&self) -> SessionId {
        match self {
            Self::Session(session) => session.id,
            Self::Group(group) => group.session_id,
            Self::Task(task) => task.session_id,
            Self::Dependency(edge) => edge.session_id,
            Self::Context(entry) => entry.session_id,
            Self::Conflict(conflict) => conflict.session_id,
            Self::Artifact(artifact) => artifact.session_id,
        }
    }

    /// The record's version; dependencies have none and count as 1.
    pub fn version(&self) -> i64 {
        match self {
            Self::Session(session) => session.version,
            Self::Group(group) => group.version,
            Self::Task(task) => task.version,
            Self::Dependency(_) => 1,
            Self::Context(entry) => entry.version,
            Self::Conflict(conflict) => conflict.version,
            Self::Artifact(artifact) => artifact.version,
        }
    }

    /// Sets version and time of change, as every write does.
    pub fn stamped(mut self, version: i64, now: Timestamp) -> Self {
        match &mut self {
            Self::Session(session) => (session.version, session.updated_at) = (version, now),
            Self::Group(group) => (group.version, group.updated_at) = (version, now),
            Self::Task(task) => (task.version, task.updated_at) = (version, now),
            Self::Dependency(_) => {}
            Self::Context(entry) => (entry.version, entry.updated_at) = (version, now),
            Self::Conflict(conflict) => {
                (conflict.version, conflict.updated_at) = (version, now);
            }
            Self::Artifact(artifact) => {
                (artifact.version, artifact.updated_at) = (version, now);
            }
        }
        self
    }

    /// The record as it comes back after it was gone: a claim is an agreement of its time and stays
    /// behind.
    pub fn without_claim(mut self) -> Self {
        if let Self::Task(task) = &mut self {
            task.claim = None;
        }
        self
    }

    /// All fields of the record by name.
    pub fn fields(&self) -> Fields {
        match self {
            Self::Session(session) => to_fields(session),
            Self::Group(group) => to_fields(group),
            Self::Task(task) => to_fields(task),
            Self::Dependency(edge) => to_fields(edge),
            Self::Context(entry) => to_fields(entry),
            Self::Conflict(conflict) => to_fields(conflict),
            Self::Artifact(artifact) => to_fields(artifact),
        }
    }

    /// Makes a record of its fields, as the feed kept them.
    pub fn from_fields(key: &RecordKey, fields: Fields) -> Option<Self> {
        match key {
            RecordKey::Session(_) => from_fields(fields).map(Self::Session),
            RecordKey::Group(_) => from_fields(fields).map(Self::Group),
            RecordKey::Task(_) => from_fields(fields).map(|task| Self::Task(Box::new(task))),
            RecordKey::Dependency(..) => from_fields(fields).map(Self::Dependency),
            RecordKey::Context(..) => from_fields(fields).map(Self::Context),
            RecordKey::Conflict(_) => {
                from_fields(fields).map(|conflict| Self::Conflict(Box::new(conflict)))
            }
            RecordKey::Artifact(_) => {
                from_fields(fields).map(|artifact| Self::Artifact(Box::new(artifact)))
            }
        }
    }
}

fn to_fields(record: &impl Serialize) -> Fields {
    match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Fields::new(),
    }
}

fn from_fields<T: DeserializeOwned>(fields: Fields) -> Option<T> {
    serde_json::from_value(Value::Object(fields)).ok()
}

/// The fields that differ between two states of a record: their values before and after.
///
/// A record that is new or gone has all its fields on the one side, bookkeeping included,
/// so that it can be brought back as it was.
pub fn difference(
    before: Option<&Record>,
    after: Option<&Record>,
) -> (Option<Fields>, Option<Fields>) {
    let (Some(before), Some(after)) = (before, after) else {
        return (before.map(Record::fields), after.map(Record::fields));
    };
    let (mut old, mut new) = (before.fields(), after.fields());
    let names: Vec<String> = old.keys().chain(new.keys()).cloned().collect();
    for name in names {
        if BOOKKEEPING.contains(&name.as_str()) || same(old.get(&name), new.get(&name)) {
            old.remove(&name);
            new.remove(&name);
        } else {
            old.entry(name.clone()).or_insert(Value::Null);
            new.entry(name).or_insert(Value::Null);
        }
    }
    (Some(old), Some(new))
}

/// Tells whether two field values are equal, an absent one counting as null.
pub fn same(left: Option<&Value>, right: Option<&Value>) -> bool {
    left.unwrap_or(&Value::Null) == right.unwrap_or(&Value::Null)
}

impl std::fmt::Display for RecordKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Session(id) => write!(formatter, "{id}"),
            Self::Group(id) => write!(formatter, "{id}"),
            Self::Task(id) => write!(formatter, "{id}"),
            Self::Dependency(task, on) => write!(formatter, "{task}>{on}"),
            Self::Context(session, key) => write!(formatter, "{session}/{key}"),
            Self::Conflict(id) => write!(formatter, "{id}"),
            Self::Artifact(id) => write!(formatter, "{id}"),
        }
    }
}

impl std::str::FromStr for RecordKey {
    type Err = super::id::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((task, on)) = text.split_once('>') {
            return Ok(Self::Dependency(task.parse()?, on.parse()?));
        }
        if let Some((session, key)) = text.split_once('/') {
            return Ok(Self::Context(session.parse()?, key.to_owned()));
        }
        match text.chars().next() {
            Some('s' | 'S') => text.parse().map(Self::Session),
            Some('g' | 'G') => text.parse().map(Self::Group),
            Some('c' | 'C') => text.parse().map(Self::Conflict),
            Some('a' | 'A') => text.parse().map(Self::Artifact),
            _ => text.parse().map(Self::Task),
        }
    }
}
