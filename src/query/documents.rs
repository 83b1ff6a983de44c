//! What the documents of a session show, read in few pieces.
//!
//! Rows are handed to the reader one by one, so that a board with very long descriptions is never
//! in memory whole.

use rusqlite::params;
use serde::Serialize;

use super::many;
use crate::domain::actor::Actor;
use crate::domain::artifact::{Artifact, ArtifactState};
use crate::domain::change::Verb;
use crate::domain::conflict::Conflict;
use crate::domain::document::{Absent, Document, DocumentKind, DocumentState};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::domain::session::ARTIFACT_KEY;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::lookups::OPEN;
use crate::store::rows::{artifact, conflict, document, json, json_option, moment, parsed, task};

/// Characters of a hash that are shown.
const SHORT_HASH: usize = 12;

/// Somebody finished a task, or it was opened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub task: TaskId,
    pub actor: Actor,
    pub reopened: bool,
}

/// Something that the work produced, as the table of artifacts shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArtifactRow {
    /// The artifact's id, or the context key that it was handed over under.
    pub id: String,
    pub task: Option<TaskId>,
    pub kind: String,
    pub title: String,
    pub paths: Vec<String>,
    /// Of the file or the content that is kept; `None` where only paths are.
    pub bytes: Option<i64>,
    /// The content's BLAKE3 hash, the first characters of it.
    pub hash: Option<String>,
    /// Counts what was recorded under the title; none for what was handed over as context.
    pub edition: Option<u32>,
    /// How the file stood when it was looked at last; none for what was handed over as context.
    pub state: Option<ArtifactState>,
    pub at: Timestamp,
}

/// Where the ledger has the documents of a session.
pub fn places(reader: &Reader, session: SessionId) -> Result<Vec<(String, DocumentKind)>, Refusal> {
    let sql = "SELECT path, kind FROM documents WHERE session_id = ? ORDER BY path";
    many(reader, sql, [session.to_string()], |row| Ok((row.get(0)?, json(row, 1)?)))
}

/// What `each` makes of the open tasks of a session, at most `limit`; siblings are in order.
pub fn open_tasks<T>(
    reader: &Reader,
    (session, limit): (SessionId, usize),
    mut each: impl FnMut(Task) -> T,
) -> Result<Vec<T>, Refusal> {
    let sql = format!(
        "SELECT {} FROM tasks WHERE session_id = ? AND {OPEN}
         ORDER BY group_id, parent_id, position, number LIMIT ?",
        task::COLUMNS
    );
    many(reader, &sql, params![session.to_string(), rows(limit)], |row| Ok(each(task::read(row)?)))
}

/// What `each` makes of the finished tasks of a session, at most `limit` of each status, those made
/// last.
pub fn finished_tasks<T>(
    reader: &Reader,
    (session, limit): (SessionId, usize),
    mut each: impl FnMut(Task) -> T,
) -> Result<Vec<T>, Refusal> {
    let sql = format!(
        "SELECT {} FROM tasks WHERE session_id = ? AND status = ? ORDER BY number DESC LIMIT ?",
        task::COLUMNS
    );
    let mut found = Vec::new();
    for status in Status::ALL.iter().filter(|status| !status.is_open()) {
        let values = params![session.to_string(), status.as_str(), rows(limit)];
        found.extend(many(reader, &sql, values, |row| Ok(each(task::read(row)?)))?);
    }
    Ok(found)
}

/// All dependencies of a session: the first of a pair waits for the second.
pub fn dependencies(reader: &Reader, session: SessionId) -> Result<Vec<(TaskId, TaskId)>, Refusal> {
    let sql =
        "SELECT task_id, depends_on FROM task_dependencies WHERE session_id = ? ORDER BY task_id";
    many(reader, sql, [session.to_string()], |row| Ok((parsed(row, 0)?, parsed(row, 1)?)))
}

/// The newest completions and reopenings of a session, the oldest first.
pub fn work(reader: &Reader, session: SessionId, limit: usize) -> Result<Vec<Work>, Refusal> {
    // The condition is that of the partial index, to the letter.
    let sql = "SELECT record, actor, verb FROM changes
               WHERE session_id = ? AND verb IN ('task.completed', 'task.reopened')
                   AND command NOT IN (SELECT command FROM undone_commands) ORDER BY seq DESC LIMIT ?";
    let mut found = many(reader, sql, params![session.to_string(), rows(limit)], |row| {
        let verb: Verb = parsed(row, 2)?;
        let reopened = verb == Verb::TaskReopened;
        Ok(Work { task: parsed(row, 0)?, actor: parsed(row, 1)?, reopened })
    })?;
    found.reverse();
    Ok(found)
}

/// The artifacts of a session, at most `limit` recorded ones, the newest, in the order in which they
/// were recorded, and as many that were handed over.
pub fn artifacts(
    reader: &Reader,
    session: SessionId,
    limit: usize,
) -> Result<Vec<ArtifactRow>, Refusal> {
    let sql = format!(
        "SELECT {} FROM session_artifacts WHERE session_id = ? ORDER BY number DESC LIMIT ?",
        artifact::COLUMNS
    );
    let values = params![session.to_string(), rows(limit)];
    let mut found = many(reader, &sql, values, |row| Ok(recorded(artifact::read(row)?)))?;
    found.reverse();
    found.extend(handed_over(reader, session, limit)?);
    Ok(found)
}

/// Recorded artifacts of a session.
pub fn artifacts_recorded(reader: &Reader, session: SessionId) -> Result<usize, Refusal> {
    let sql = "SELECT count(*) FROM session_artifacts WHERE session_id = ?";
    let count = super::one(reader, sql, [session.to_string()], |row| row.get::<_, i64>(0))?;
    Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
}

/// What the work on a task produced: recorded, at most `limit`, and handed over as context.
pub fn artifacts_of(
    reader: &Reader,
    (session, task): (SessionId, TaskId),
    limit: usize,
) -> Result<Vec<ArtifactRow>, Refusal> {
    let (recent, _) = super::artifacts::of_task(reader, task, limit)?;
    let mut found: Vec<ArtifactRow> = recent.into_iter().rev().map(recorded).collect();
    let key = format!("{ARTIFACT_KEY}{task}");
    found.extend(handed_over_between(reader, session, (&key, &format!("{key}/")), 1)?);
    Ok(found)
}

fn recorded(artifact: Artifact) -> ArtifactRow {
    ArtifactRow {
        id: artifact.id.to_string(),
        task: artifact.task_id,
        kind: artifact.kind,
        title: artifact.title,
        paths: vec![artifact.path],
        bytes: i64::try_from(artifact.size).ok(),
        hash: Some(artifact.hash.chars().take(SHORT_HASH).collect()),
        edition: Some(artifact.edition),
        state: Some(artifact.state),
        at: artifact.created_at,
    }
}

/// Work that was handed over with tasks; further parts of long work (`…/2`) count to the first.
fn handed_over(
    reader: &Reader,
    session: SessionId,
    limit: usize,
) -> Result<Vec<ArtifactRow>, Refusal> {
    let beyond = ARTIFACT_KEY.replace('/', "0");
    handed_over_between(reader, session, (ARTIFACT_KEY, &beyond), limit)
}

fn handed_over_between(
    reader: &Reader,
    session: SessionId,
    (first, beyond): (&str, &str),
    limit: usize,
) -> Result<Vec<ArtifactRow>, Refusal> {
    let sql = "SELECT key, value ->> 'artifact_type', value ->> 'summary', value -> 'file_paths',
                   value ->> 'detailed_work', updated_at
               FROM session_context_data
               WHERE session_id = ?1 AND ?2 <= key AND key < ?3 ORDER BY key LIMIT ?4";
    let values = params![session.to_string(), first, beyond, rows(limit)];
    let found = many(reader, sql, values, |row| {
        let (id, content): (String, Option<String>) = (row.get(0)?, row.get(4)?);
        let task = id.strip_prefix(ARTIFACT_KEY).and_then(|name| name.parse().ok());
        Ok(ArtifactRow {
            task,
            kind: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            title: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
            paths: json_option(row, 3)?.unwrap_or_default(),
            bytes: content.as_ref().map(|text| i64::try_from(text.len()).unwrap_or(i64::MAX)),
            hash: content.as_ref().map(|text| short_hash(text)),
            edition: None,
            state: None,
            at: moment(row, 5)?,
            id,
        })
    })?;
    Ok(found.into_iter().filter(|row| row.task.is_some()).collect())
}

fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().chars().take(SHORT_HASH).collect()
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// All that the ledger has of a session's documents.
pub fn ledger(reader: &Reader, session: SessionId) -> Result<Vec<Document>, Refusal> {
    let sql =
        format!("SELECT {} FROM documents WHERE session_id = ? ORDER BY path", document::COLUMNS);
    many(reader, &sql, [session.to_string()], document::read)
}

/// What the ledger has of one document.
pub fn entry(reader: &Reader, path: &str) -> Result<Option<Document>, Refusal> {
    let sql = format!("SELECT {} FROM documents WHERE path = ?", document::COLUMNS);
    super::one(reader, &sql, [path], document::read)
}

/// The documents that records are gone from and that are not asked about yet.
pub fn quarantined(reader: &Reader) -> Result<Vec<(String, Absent)>, Refusal> {
    let sql = "SELECT path, absent FROM documents WHERE absent <> '[]' ORDER BY path";
    many(reader, sql, [], |row| Ok((row.get(0)?, json(row, 1)?)))
}

/// The sessions whose documents are kept: all but those that are packed away.
pub fn kept_sessions(reader: &Reader) -> Result<Vec<SessionId>, Refusal> {
    let sql = "SELECT id FROM orchestration_sessions
        WHERE state IN ('active', 'suspended', 'resuming', 'completing', 'completed') ORDER BY id";
    many(reader, sql, [], |row| parsed(row, 0))
}

/// The sessions that something changed in after a change, and the number of the newest.
pub fn changed_since(reader: &Reader, seq: i64) -> Result<(Vec<SessionId>, i64), Refusal> {
    let latest = super::changes::latest(reader)?;
    let sql = "SELECT DISTINCT session_id FROM changes WHERE ? < seq AND seq <= ?";
    let sessions = many(reader, sql, [seq, latest], |row| parsed(row, 0))?;
    Ok((sessions, latest))
}

/// The open conflicts that come from one document.
pub fn open_conflicts(reader: &Reader, path: &str) -> Result<Vec<Conflict>, Refusal> {
    let sql = format!(
        "SELECT {} FROM conflicts WHERE theirs_by = ? AND state = 'open' ORDER BY number",
        conflict::COLUMNS
    );
    many(reader, &sql, [Actor::File(path.to_owned()).to_string()], conflict::read)
}

/// The open conflicts of a session that come from documents.
pub fn open_conflicts_of(reader: &Reader, session: SessionId) -> Result<Vec<Conflict>, Refusal> {
    let sql = format!(
        "SELECT {} FROM conflicts WHERE session_id = ? AND state = 'open'
             AND theirs_by LIKE 'file:%' ORDER BY number",
        conflict::COLUMNS
    );
    many(reader, &sql, [session.to_string()], conflict::read)
}

/// Documents that a person decided about, and that are still to be read or written: path, session,
/// state.
pub fn decided(reader: &Reader) -> Result<Vec<(String, SessionId, DocumentState)>, Refusal> {
    let sql = "SELECT path, session_id, state FROM documents
        WHERE state = 'accepted' OR (state = 'pending' AND agreed_hash = '' AND intent IS NULL) ORDER BY path";
    many(reader, sql, [], |row| Ok((row.get(0)?, parsed(row, 1)?, parsed(row, 2)?)))
}

/// The open conflicts of a session that come from documents and are about a field.
pub fn open_field_conflicts(reader: &Reader, session: SessionId) -> Result<Vec<Conflict>, Refusal> {
    let sql = format!(
        "SELECT {} FROM conflicts WHERE session_id = ? AND state = 'open' AND kind = 'field'
             AND theirs_by LIKE 'file:%' ORDER BY number",
        conflict::COLUMNS
    );
    many(reader, &sql, [session.to_string()], conflict::read)
}
