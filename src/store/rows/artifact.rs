//! Artifacts.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{moment, parsed, parsed_option};
use crate::domain::artifact::Artifact;
use crate::domain::id::{ArtifactId, SessionId};
use crate::domain::time::Timestamp;

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str = "id, session_id, task_id, kind, title, summary, storage, path, size, \
    hash, edition, state, checked_at, actor, created_at, updated_at, version";

/// The kinds of the artifacts of a task that can be opened: recorded ones, and work that was handed
/// in with it before there were any.
pub(crate) const KINDS: &str = "SELECT kind FROM session_artifacts
    WHERE task_id = ?1 AND state <> 'missing'
    UNION SELECT value ->> 'artifact_type' FROM session_context_data
    WHERE session_id = ?2 AND key = ?3 AND json_valid(value) AND value ->> 'artifact_type' IS NOT NULL
    UNION SELECT kind.value FROM session_context_data AS work, json_each(work.value, '$.artifact_types') AS kind
    WHERE session_id = ?2 AND work.key = ?3 AND json_valid(work.value)";

/// Reads an artifact from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Artifact> {
    Ok(Artifact {
        id: parsed(row, 0)?,
        session_id: parsed(row, 1)?,
        task_id: parsed_option(row, 2)?,
        kind: row.get(3)?,
        title: row.get(4)?,
        summary: row.get(5)?,
        storage: parsed(row, 6)?,
        path: row.get(7)?,
        size: u64::try_from(row.get::<_, i64>(8)?).unwrap_or(0),
        hash: row.get(9)?,
        edition: row.get(10)?,
        state: parsed(row, 11)?,
        checked_at: moment(row, 12)?,
        actor: parsed(row, 13)?,
        created_at: moment(row, 14)?,
        updated_at: moment(row, 15)?,
        version: row.get(16)?,
    })
}

/// An artifact, if it is there.
pub(crate) fn find(connection: &Connection, id: ArtifactId) -> rusqlite::Result<Option<Artifact>> {
    let sql = format!("SELECT {COLUMNS} FROM session_artifacts WHERE id = ?");
    connection.prepare_cached(&sql)?.query_row([id.to_string()], read).optional()
}

/// The newest edition of what was recorded under a title.
pub(crate) fn newest(
    connection: &Connection,
    session: SessionId,
    title: &str,
) -> rusqlite::Result<Option<Artifact>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM session_artifacts WHERE session_id = ? AND title = ?
         ORDER BY edition DESC LIMIT 1"
    );
    let values = params![session.to_string(), title];
    connection.prepare_cached(&sql)?.query_row(values, read).optional()
}

/// Writes an artifact whole.
pub(crate) fn write(connection: &Connection, artifact: &Artifact) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO session_artifacts (id, session_id, task_id, kind, title, summary, storage, path,
             size, hash, edition, state, checked_at, actor, created_at, updated_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (id) DO UPDATE SET task_id = ?3, kind = ?4, title = ?5, summary = ?6, storage = ?7,
             path = ?8, size = ?9, hash = ?10, edition = ?11, state = ?12, checked_at = ?13,
             updated_at = ?16, version = ?17",
    )?;
    statement.execute(params![
        artifact.id.to_string(),
        artifact.session_id.to_string(),
        artifact.task_id.map(|id| id.to_string()),
        artifact.kind,
        artifact.title,
        artifact.summary,
        artifact.storage.as_str(),
        artifact.path,
        i64::try_from(artifact.size).unwrap_or(i64::MAX),
        artifact.hash,
        artifact.edition,
        artifact.state.as_str(),
        artifact.checked_at.0,
        artifact.actor.to_string(),
        artifact.created_at.0,
        artifact.updated_at.0,
        artifact.version,
    ])?;
    Ok(())
}

/// Keeps what a file says at its beginning, before the artifact that names it is written.
pub(crate) fn write_text(connection: &Connection, hash: &str, text: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO artifact_texts (hash, text) VALUES (?, ?)")?
        .execute([hash, text])?;
    Ok(())
}

/// Notes that an artifact's file was looked at and stands as before.
pub(crate) fn note_check(
    connection: &Connection,
    id: ArtifactId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE session_artifacts SET checked_at = ? WHERE id = ?")?
        .execute(params![now.0, id.to_string()])?;
    Ok(())
}

/// Removes an artifact, when its recording is taken back. Its file stays.
pub(crate) fn delete(connection: &Connection, artifact: &Artifact) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM session_artifacts WHERE id = ?")?
        .execute([artifact.id.to_string()])?;
    Ok(())
}
