//! The ledger of documents.

use rusqlite::{Connection, Row, params};

use super::{json, moment, parsed};
use crate::domain::document::{Document, DocumentNote, DocumentState, ReadDocument};
use crate::domain::time::Timestamp;

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str = "path, session_id, kind, rendered, agreed, agreed_hash, intent, state, reason, problems, held, adopted, orders, absent, updated_at";

/// Reads a document from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        path: row.get(0)?,
        session_id: parsed(row, 1)?,
        kind: json(row, 2)?,
        rendered: row.get(3)?,
        agreed: row.get(4)?,
        agreed_hash: row.get(5)?,
        intent: row.get(6)?,
        state: parsed(row, 7)?,
        reason: row.get(8)?,
        problems: json(row, 9)?,
        held: json(row, 10)?,
        adopted: json(row, 11)?,
        orders: row.get(12)?,
        absent: json(row, 13)?,
        updated_at: moment(row, 14)?,
    })
}

/// Notes what was written or held.
pub(crate) fn note(
    connection: &Connection,
    note: &DocumentNote,
    now: Timestamp,
) -> rusqlite::Result<()> {
    match note {
        DocumentNote::Intended { path, session_id, kind, intent } => {
            connection
                .prepare_cached(
                    "INSERT INTO documents (path, session_id, kind, rendered, agreed, agreed_hash, intent, state, problems, updated_at)
                     VALUES (?1, ?2, ?3, '', '', '', ?4, 'pending', '[]', ?5)
                     ON CONFLICT (path) DO UPDATE SET intent = ?4, updated_at = ?5",
                )?
                .execute(params![path, session_id.to_string(), json_text(kind), intent, now.0])?;
        }
        DocumentNote::Written { path, session_id, kind, rendered, agreed, agreed_hash, orders } => {
            connection
                .prepare_cached(
                    "INSERT INTO documents (path, session_id, kind, rendered, agreed, agreed_hash, orders, state, problems, updated_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?8, 'in_step', '[]', ?7)
                     ON CONFLICT (path) DO UPDATE SET session_id = ?2, kind = ?3, rendered = ?4, agreed = ?5,
                         agreed_hash = ?6, orders = ?8, intent = NULL, adopted = '[]', state = 'in_step', reason = NULL, updated_at = ?7",
                )?
                .execute(params![
                    path,
                    session_id.to_string(),
                    json_text(kind),
                    rendered,
                    agreed,
                    agreed_hash,
                    now.0,
                    orders,
                ])?;
        }
        DocumentNote::Held { path, reason } => {
            set_state(connection, path, DocumentState::Held, Some(reason), now)?;
            set_absent(connection, path, &[])?;
        }
        DocumentNote::Freed { path } => {
            set_state(connection, path, DocumentState::Pending, None, now)?;
        }
        DocumentNote::Accepted { path } => {
            set_state(connection, path, DocumentState::Accepted, None, now)?;
        }
        DocumentNote::Restored { path } => {
            connection
                .prepare_cached(
                    "UPDATE documents SET state = 'pending', reason = NULL, rendered = '', agreed = '',
                         agreed_hash = '', intent = NULL, problems = '[]', held = '[]', adopted = '[]', absent = '[]', updated_at = ?
                     WHERE path = ?",
                )?
                .execute(params![now.0, path])?;
        }
        DocumentNote::Problems { path, problems, held } => {
            connection
                .prepare_cached("UPDATE documents SET problems = ?, held = ? WHERE path = ?")?
                .execute(params![json_text(problems), json_text(held), path])?;
        }
        DocumentNote::Absent { path, absent } => set_absent(connection, path, absent)?,
        DocumentNote::Forgotten { path } => {
            connection.prepare_cached("DELETE FROM documents WHERE path = ?")?.execute([path])?;
        }
    }
    Ok(())
}

/// Notes the text that both sides agree on since an edit was read, and what its items became.
pub(crate) fn agree(
    connection: &Connection,
    read: &ReadDocument,
    adopted: &[(usize, String)],
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO documents (path, session_id, kind, rendered, agreed, agreed_hash, state, problems, adopted, updated_at)
             VALUES (?1, ?2, ?3, '', ?4, ?5, 'pending', '[]', ?6, ?7)
             ON CONFLICT (path) DO UPDATE SET agreed = ?4, agreed_hash = ?5, adopted = ?6, state = 'pending',
                 reason = NULL, intent = NULL, updated_at = ?7",
        )?
        .execute(params![
            read.path,
            read.session_id.to_string(),
            json_text(&read.kind),
            read.text,
            read.hash,
            json_text(&adopted),
            now.0
        ])?;
    Ok(())
}

fn set_state(
    connection: &Connection,
    path: &str,
    state: DocumentState,
    reason: Option<&String>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE documents SET state = ?, reason = ?, updated_at = ? WHERE path = ?",
        )?
        .execute(params![state.as_str(), reason, now.0, path])?;
    Ok(())
}

fn set_absent(
    connection: &Connection,
    path: &str,
    absent: &[(String, Timestamp)],
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE documents SET absent = ?1 WHERE path = ?2 AND absent <> ?1")?
        .execute(params![json_text(&absent), path])?;
    Ok(())
}

fn json_text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
