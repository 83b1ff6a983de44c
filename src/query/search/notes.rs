//! Notes: what people wrote into documents beside the records. They are in no index: the texts of
//! the documents that were agreed on last are looked through, within bounds.

use std::collections::HashSet;

use rusqlite::ToSql;

use super::Kind;
use super::candidates::Candidates;
use super::parse::Parsed;
use super::score::{self, Document};
use super::wanted::Where;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::query::{many, one};
use crate::store::Reader;
use crate::store::rows::{moment, parsed as column};

/// Documents that are looked through, and the bytes of their texts together.
const DOCUMENTS_MAX: usize = 200;
const BYTES_MAX: i64 = 2 * 1024 * 1024;
/// Lines of notes that are ranked.
const LINES_MAX: usize = 200;
/// How a line ends that a stamp makes one about a record.
const STAMP_END: &str = "-->";

/// A document that somebody wrote into.
struct Written {
    path: String,
    session: SessionId,
    bytes: i64,
    at: Timestamp,
}

/// The lines of notes that fit.
pub(super) fn notes(
    reader: &Reader,
    parsed: &Parsed,
    place: &Where,
) -> Result<Candidates, Refusal> {
    let mut found = Candidates::default();
    if parsed.clauses.is_empty() || parsed.filter.by.is_some() {
        return Ok(found);
    }
    let mut left = BYTES_MAX;
    for document in written(reader, place)? {
        if !is_in_time(parsed, document.at) {
            continue;
        }
        if left < document.bytes {
            found.at_least = true;
            continue;
        }
        left -= document.bytes;
        let Some((agreed, rendered)) = texts(reader, &document.path)? else { continue };
        let ours: HashSet<&str> = rendered.lines().map(str::trim).collect();
        for (number, line) in (1..).zip(agreed.lines()) {
            let line = line.trim();
            // Whatever the template gave is about records, which are found themselves.
            if line.is_empty() || line.ends_with(STAMP_END) || ours.contains(line) {
                continue;
            }
            let note = note(&document, (number, line));
            if found.documents.len() < LINES_MAX && score::holds(&note, parsed) {
                found.documents.push(note);
            }
        }
    }
    found.total = found.documents.len();
    found.at_least |= LINES_MAX <= found.total;
    Ok(found)
}

/// The documents that say something else than their templates gave, by their sizes; those of the
/// session that is searched first come first.
fn written(reader: &Reader, place: &Where) -> Result<Vec<Written>, Refusal> {
    let written = |which: &str, values: &[&dyn ToSql]| {
        let sql = format!(
            "SELECT path, session_id, octet_length(agreed) + octet_length(rendered), updated_at
             FROM documents WHERE {which} AND agreed <> rendered
                 AND kind NOT IN ('\"activity\"', '\"assignments\"', '\"performance\"', '\"artifacts\"')
             ORDER BY session_id, path LIMIT {DOCUMENTS_MAX}"
        );
        many(reader, &sql, values, |row| {
            let at = moment(row, 3)?;
            Ok(Written { path: row.get(0)?, session: column(row, 1)?, bytes: row.get(2)?, at })
        })
    };
    let ids = |sessions: &[SessionId]| {
        let texts: Vec<String> = sessions.iter().map(SessionId::to_string).collect();
        serde_json::to_string(&texts).unwrap_or_default()
    };
    let first = place.main().map(|session| session.to_string());
    let mut found = match &first {
        Some(first) => written("session_id = ?1", &[first])?,
        None => Vec::new(),
    };
    // Walked in the order of the index, which holds these alone.
    let others = "(?1 IS NULL OR +session_id IN (SELECT value FROM json_each(?1)))
        AND +session_id IS NOT ?2";
    found.extend(written(others, &[&place.sessions().map(ids), &first])?);
    found.truncate(DOCUMENTS_MAX);
    Ok(found)
}

/// What was agreed on last in a document, and what its template gave.
fn texts(reader: &Reader, path: &str) -> Result<Option<(String, String)>, Refusal> {
    let sql = "SELECT agreed, rendered FROM documents WHERE path = ?";
    one(reader, sql, [path], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn is_in_time(parsed: &Parsed, at: Timestamp) -> bool {
    parsed.filter.since.is_none_or(|since| since <= at)
        && parsed.filter.until.is_none_or(|until| at < until)
}

fn note(document: &Written, (number, line): (i64, &str)) -> Document {
    Document {
        kind: Kind::Note,
        number,
        id: document.path.clone(),
        session: document.session,
        group: None,
        title: format!("{}:{number}", document.path),
        text: line.to_owned(),
        tags: String::new(),
        result: String::new(),
        status: None,
        at: document.at,
    }
}
