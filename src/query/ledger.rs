//! The ledger of documents, as people look at it: how each document stands to the database.

use rusqlite::Row;
use serde::Serialize;

use super::{many, one};
use crate::domain::document::{DocumentKind, DocumentState};
use crate::domain::draft::Problem;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::rows::{json, moment, parsed};

/// Documents listed of a session.
pub const DOCUMENTS_MAX: usize = 1_000;

/// A document, without its text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentRow {
    /// Relative to the project's `.task_orchestrator`, with `/`.
    pub path: String,
    pub session_id: SessionId,
    pub kind: DocumentKind,
    pub state: DocumentState,
    /// Why it is held.
    pub reason: Option<String>,
    /// What is not understood in it, by line.
    pub problems: Vec<Problem>,
    pub updated_at: Timestamp,
}

/// How many documents stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DocumentCounts {
    pub in_step: i64,
    pub pending: i64,
    pub held: i64,
    /// Since when the one that is pending longest is.
    pub pending_since: Option<Timestamp>,
}

const COLUMNS: &str = "path, session_id, kind, state, reason, problems, updated_at";

/// The documents of a session, by path.
pub fn of_session(reader: &Reader, session: SessionId) -> Result<Vec<DocumentRow>, Refusal> {
    let sql = format!(
        "SELECT {COLUMNS} FROM documents WHERE session_id = ? ORDER BY path LIMIT {DOCUMENTS_MAX}"
    );
    many(reader, &sql, [session.to_string()], read)
}

/// One document.
pub fn get(reader: &Reader, path: &str) -> Result<Option<DocumentRow>, Refusal> {
    one(reader, &format!("SELECT {COLUMNS} FROM documents WHERE path = ?"), [path], read)
}

/// The documents of a session that wait for a person, those that wait longest first.
pub fn held(
    reader: &Reader,
    session: SessionId,
    limit: usize,
) -> Result<Vec<DocumentRow>, Refusal> {
    let sql = format!(
        "SELECT {COLUMNS} FROM documents WHERE session_id = ? AND state = 'held' ORDER BY updated_at LIMIT ?"
    );
    let limit = super::bounded(limit);
    many(reader, &sql, rusqlite::params![session.to_string(), limit], read)
}

/// How the documents of a session stand.
pub fn counts(reader: &Reader, session: SessionId) -> Result<DocumentCounts, Refusal> {
    let sql = "SELECT count(*) FILTER (WHERE state = 'in_step'), count(*) FILTER (WHERE state = 'pending'),
                   count(*) FILTER (WHERE state = 'held'),
                   min(updated_at) FILTER (WHERE state = 'pending') FROM documents WHERE session_id = ?";
    let counts = one(reader, sql, [session.to_string()], |row| {
        let pending_since: Option<i64> = row.get(3)?;
        Ok(DocumentCounts {
            in_step: row.get(0)?,
            pending: row.get(1)?,
            held: row.get(2)?,
            pending_since: pending_since.map(Timestamp),
        })
    })?;
    Ok(counts.unwrap_or_default())
}

fn read(row: &Row<'_>) -> rusqlite::Result<DocumentRow> {
    Ok(DocumentRow {
        path: row.get(0)?,
        session_id: parsed(row, 1)?,
        kind: json(row, 2)?,
        state: parsed(row, 3)?,
        reason: row.get(4)?,
        problems: json(row, 5)?,
        updated_at: moment(row, 6)?,
    })
}
