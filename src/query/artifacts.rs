//! Artifacts: lists, and one with its editions.

use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};
use serde::Serialize;

use super::rows::Page;
use super::short::{self, Ids};
use super::{bounded, changes, cursor, many, one};
use crate::domain::artifact::{Artifact, ArtifactState};
use crate::domain::id::{ArtifactId, SessionId, TaskId};
use crate::domain::refusal::{Code, Refusal};
use crate::store::rows::artifact;
use crate::store::{Reader, refuse};

/// Editions that are told of one title.
pub const EDITIONS_MAX: usize = 100;

/// The condition of an edition that no later one follows.
const NEWEST: &str = "NOT EXISTS (SELECT 1 FROM session_artifacts AS later
    WHERE later.session_id = session_artifacts.session_id AND later.title = session_artifacts.title
        AND session_artifacts.edition < later.edition)";

/// Which artifacts are wanted, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArtifactFilter {
    pub session: Option<SessionId>,
    pub task: Option<TaskId>,
    pub kind: Option<String>,
    pub editions: Editions,
    /// Only those that stand so.
    pub state: Option<ArtifactState>,
    pub limit: usize,
    pub cursor: Option<String>,
}

/// Which editions of a title are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Editions {
    #[default]
    All,
    /// The newest of each title.
    Newest,
}

/// An artifact as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArtifactItem {
    #[serde(flatten)]
    pub artifact: Artifact,
    /// The title of its task; none where it has none, or the task is gone.
    pub task_title: Option<String>,
    /// Characters of the id that tell it from all others.
    #[serde(skip)]
    pub short: usize,
}

/// An artifact, if it is there.
pub fn find(reader: &Reader, id: ArtifactId) -> Result<Option<Artifact>, Refusal> {
    artifact::find(&reader.connection, id).map_err(|error| refuse(&error))
}

/// One artifact.
///
/// # Errors
///
/// [`Code::UnknownId`].
pub fn get(reader: &Reader, id: ArtifactId) -> Result<Artifact, Refusal> {
    find(reader, id)?.ok_or_else(|| {
        Refusal::new(Code::UnknownId, format!("artifact {id} does not exist"))
            .with("id", id.to_string())
    })
}

/// Artifacts, the newest first.
///
/// # Errors
///
/// [`Code::InvalidValue`] for a cursor of another list.
pub fn list(reader: &Reader, filter: &ArtifactFilter) -> Result<Page<ArtifactItem>, Refusal> {
    let before = match &filter.cursor {
        None => i64::MAX,
        Some(word) => cursor::number::<i64>(cursor::read(word, 1)?.first())?,
    };
    let limit = bounded(filter.limit);
    let (condition, mut values) = condition(filter);
    let counted = format!("SELECT count(*) FROM session_artifacts WHERE {condition}1");
    let total = one(reader, &counted, params_from_iter(values.clone()), |row| row.get(0))?;
    values.extend([before.into(), (limit + 1).into()]);
    let sql = format!(
        "SELECT {}, number FROM session_artifacts WHERE {condition}number < ?
         ORDER BY number DESC LIMIT ?",
        artifact::COLUMNS
    );
    let mut found = many(reader, &sql, params_from_iter(values), |row| {
        Ok((artifact::read(row)?, row.get::<_, i64>(17)?))
    })?;
    let most = usize::try_from(limit).unwrap_or(1);
    let is_more = most < found.len();
    found.truncate(most);
    let cursor = found.last().filter(|_| is_more).map(|(_, at)| cursor::write(&[at.to_string()]));
    let items = found.into_iter().map(|(artifact, _)| titled(reader, artifact));
    Ok(Page { items: items.collect::<Result<_, _>>()?, total, cursor })
}

/// The condition that one index serves, and its values; `+` keeps the other filters from being
/// taken for it.
fn condition(filter: &ArtifactFilter) -> (String, Vec<Value>) {
    let mut condition = String::new();
    let mut values: Vec<Value> = Vec::new();
    let mut add = |part: &str, value: String| {
        condition.push_str(part);
        condition.push_str(" AND ");
        values.push(value.into());
    };
    if let Some(task) = filter.task {
        add("task_id = ?", task.to_string());
    }
    if let Some(session) = filter.session {
        let part = if filter.task.is_some() { "+session_id = ?" } else { "session_id = ?" };
        add(part, session.to_string());
    }
    if let Some(kind) = &filter.kind {
        let by_kind = filter.task.is_none() && filter.session.is_some();
        add(if by_kind { "kind = ?" } else { "+kind = ?" }, kind.clone());
    }
    match filter.state {
        Some(ArtifactState::Present) => add("+state = ?", ArtifactState::Present.to_string()),
        // To the letter the condition of a partial index.
        Some(state) => add("state <> 'present' AND +state = ?", state.to_string()),
        None => {}
    }
    if filter.editions == Editions::Newest {
        condition.push_str(NEWEST);
        condition.push_str(" AND ");
    }
    (condition, values)
}

/// The artifact with the title of its task.
fn titled(reader: &Reader, artifact: Artifact) -> Result<ArtifactItem, Refusal> {
    let task_title = match artifact.task_id {
        Some(id) => changes::title(reader, &id.to_string())?,
        None => None,
    };
    let short = short::length(reader, Ids::Artifacts, &artifact.id.to_string())?;
    Ok(ArtifactItem { artifact, task_title, short })
}

/// One artifact as a list shows it.
///
/// # Errors
///
/// [`Code::UnknownId`].
pub fn item(reader: &Reader, id: ArtifactId) -> Result<ArtifactItem, Refusal> {
    titled(reader, get(reader, id)?)
}

/// The editions of a title, the newest first, at most [`EDITIONS_MAX`].
pub fn editions(
    reader: &Reader,
    session: SessionId,
    title: &str,
) -> Result<Vec<Artifact>, Refusal> {
    let sql = format!(
        "SELECT {} FROM session_artifacts WHERE session_id = ? AND title = ?
         ORDER BY edition DESC LIMIT {EDITIONS_MAX}",
        artifact::COLUMNS
    );
    many(reader, &sql, params![session.to_string(), title], artifact::read)
}

/// The artifacts of a task, the newest first, and how many there are.
pub fn of_task(
    reader: &Reader,
    task: TaskId,
    limit: usize,
) -> Result<(Vec<Artifact>, i64), Refusal> {
    let sql = format!(
        "SELECT {} FROM session_artifacts WHERE task_id = ? ORDER BY number DESC LIMIT ?",
        artifact::COLUMNS
    );
    let found = many(reader, &sql, params![task.to_string(), bounded(limit)], artifact::read)?;
    let counted = "SELECT count(*) FROM session_artifacts WHERE task_id = ?";
    let total = one(reader, counted, [task.to_string()], |row| row.get(0))?;
    Ok((found, total.unwrap_or(0)))
}

/// Whose files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToCheck {
    Everything,
    Session(SessionId),
    One(ArtifactId),
}

/// Artifacts whose files can be looked at, by their numbers: all but those that are packed away
/// with their sessions.
pub fn to_check(
    reader: &Reader,
    wanted: ToCheck,
    after: i64,
    limit: usize,
) -> Result<Vec<(Artifact, i64)>, Refusal> {
    let (condition, value) = match wanted {
        ToCheck::Everything => ("?1 IS NULL", None),
        ToCheck::Session(id) => ("session_id = ?1", Some(id.to_string())),
        ToCheck::One(id) => ("id = ?1", Some(id.to_string())),
    };
    let sql = format!(
        "SELECT {}, number FROM session_artifacts WHERE {condition} AND ?2 < number
             AND (storage <> 'stored' OR (SELECT state FROM orchestration_sessions
                 WHERE orchestration_sessions.id = session_id) <> 'archived')
         ORDER BY number LIMIT ?3",
        artifact::COLUMNS
    );
    many(reader, &sql, params![value, after, bounded(limit)], |row| {
        Ok((artifact::read(row)?, row.get(17)?))
    })
}

/// Tells whether a record names a file.
pub fn is_named(reader: &Reader, path: &str) -> Result<bool, Refusal> {
    let sql = "SELECT 1 FROM session_artifacts WHERE path = ? LIMIT 1";
    Ok(one(reader, sql, [path], |_| Ok(()))?.is_some())
}
