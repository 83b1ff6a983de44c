//! What is found besides tasks: sessions, groups, context, messages, artifacts.

use std::collections::{HashMap, HashSet};

use rusqlite::{Row, params};

use super::Kind;
use super::candidates::{COUNTED_MAX, Candidates};
use super::expression::{Index, expression};
use super::filter::names;
use super::parse::Parsed;
use super::score::Document;
use super::wanted::Where;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::query::{many, one};
use crate::store::Reader;
use crate::store::rows::{moment, parsed as column};

/// Hits that are ranked, the newest.
const RANKED_MAX: usize = 300;
/// Bytes of a text that are read.
const TEXT_BYTES: i64 = 64 * 1024;

/// A hit, before its texts are read.
struct Entry {
    number: i64,
    kind: Kind,
    record: String,
    session: SessionId,
    at: Timestamp,
}

/// The records that fit.
pub(super) fn records(
    reader: &Reader,
    parsed: &Parsed,
    place: &Where,
) -> Result<Candidates, Refusal> {
    let wanted = Kind::ALL.iter().filter(|kind| kind.is_indexed_record());
    if !wanted.clone().any(|kind| parsed.filter.allows(*kind)) {
        return Ok(Candidates::default());
    }
    let Some(expression) = expression(reader, Index::Records, parsed)? else {
        return Ok(Candidates::default());
    };
    let most = COUNTED_MAX + 1;
    let mut entries = entries(reader, (&expression.text, parsed), (place, most))?;
    let at_least = expression.cut || COUNTED_MAX < entries.len();
    entries.truncate(COUNTED_MAX);
    newest_editions(reader, &mut entries)?;
    let total = entries.len();
    entries.truncate(RANKED_MAX);
    let mut documents = Vec::with_capacity(entries.len());
    for entry in entries {
        documents.extend(document(reader, &entry)?);
    }
    Ok(Candidates { documents, total, at_least })
}

/// The newest that hold the words and meet the filter, in the sessions that are searched.
fn entries(
    reader: &Reader,
    (expression, parsed): (&str, &Parsed),
    (place, most): (&Where, usize),
) -> Result<Vec<Entry>, Refusal> {
    let sql = "SELECT number, kind, record, session_id, at
        FROM record_search CROSS JOIN search_records ON number = record_search.rowid
        WHERE record_search MATCH ?1
            AND (?2 IS NULL OR session_id IN (SELECT value FROM json_each(?2)))
            AND kind IN (SELECT value FROM json_each(?3))
            AND (?4 IS NULL OR actor IN (?4, ?5))
            AND ?6 <= at AND at < ?7
        ORDER BY record_search.rowid DESC LIMIT ?8";
    let filter = &parsed.filter;
    let by = filter.by.as_deref().map(names);
    let kinds = Kind::ALL
        .iter()
        .filter(|kind| kind.is_indexed_record() && filter.allows(**kind))
        .map(|kind| kind.as_str().to_owned());
    let values = params![
        expression,
        place.sessions().map(|ids| listed(ids.iter().map(SessionId::to_string))),
        listed(kinds),
        by.as_ref().map(|(actor, _)| actor),
        by.as_ref().map(|(_, name)| name),
        filter.since.map_or(i64::MIN, |since| since.0),
        filter.until.map_or(i64::MAX, |until| until.0),
        i64::try_from(most).unwrap_or(i64::MAX),
    ];
    many(reader, sql, values, |row| {
        Ok(Entry {
            number: row.get(0)?,
            kind: column(row, 1)?,
            record: row.get(2)?,
            session: column(row, 3)?,
            at: moment(row, 4)?,
        })
    })
}

/// Texts as one value of a statement.
fn listed(texts: impl Iterator<Item = String>) -> String {
    serde_json::to_string(&texts.collect::<Vec<_>>()).unwrap_or_default()
}

/// Leaves of each artifact the newest edition that was found.
fn newest_editions(reader: &Reader, entries: &mut Vec<Entry>) -> Result<(), Refusal> {
    let found = entries.iter().filter(|entry| entry.kind == Kind::Artifact);
    let ids = listed(found.map(|entry| entry.record.clone()));
    let sql = "SELECT one.id FROM json_each(?1) JOIN session_artifacts AS one ON one.id = json_each.value
        WHERE EXISTS (SELECT 1 FROM session_artifacts AS newer
            WHERE newer.session_id = one.session_id AND newer.title = one.title AND one.edition < newer.edition
                AND newer.id IN (SELECT value FROM json_each(?1)))";
    let older: HashSet<String> = many(reader, sql, [ids], |row| row.get(0))?.into_iter().collect();
    entries.retain(|entry| entry.kind != Kind::Artifact || !older.contains(&entry.record));
    Ok(())
}

/// The texts of a hit; `None` where it went meanwhile.
fn document(reader: &Reader, entry: &Entry) -> Result<Option<Document>, Refusal> {
    let texts = |sql: &str, key: &str| {
        one(reader, sql, params![key, TEXT_BYTES], |row| Ok((row.get(0)?, row.get(1)?)))
    };
    let found: Option<(String, String)> = match entry.kind {
        Kind::Session => texts(
            "SELECT name, substr(goal, 1, ?2) FROM orchestration_sessions WHERE id = ?1",
            &entry.record,
        )?,
        Kind::Group => texts(
            "SELECT name, substr(description, 1, ?2) FROM task_groups WHERE id = ?1",
            &entry.record,
        )?,
        Kind::Context => context(reader, entry)?,
        Kind::Message => texts(
            "SELECT actor || ' to ' || recipient, substr(text, 1, ?2)
             FROM session_user_interactions WHERE number = CAST(?1 AS INTEGER)",
            &entry.record,
        )?,
        Kind::Artifact => texts(ARTIFACT, &entry.record)?,
        Kind::Task | Kind::Note => None,
    };
    Ok(found.map(|(title, text)| Document {
        kind: entry.kind,
        number: entry.number,
        id: match entry.kind {
            Kind::Context => title.clone(),
            Kind::Session
            | Kind::Group
            | Kind::Task
            | Kind::Message
            | Kind::Artifact
            | Kind::Note => entry.record.clone(),
        },
        session: entry.session,
        group: None,
        title,
        text,
        tags: String::new(),
        result: String::new(),
        status: None,
        at: entry.at,
    }))
}

/// As the index takes it: where a file is stored tells nothing.
const ARTIFACT: &str = "SELECT title, substr(summary || char(10) || kind
        || iif(storage = 'referenced', ' ' || path, '') || coalesce((SELECT char(10) || text FROM artifact_texts
            WHERE artifact_texts.hash = session_artifacts.hash), ''), 1, ?2)
    FROM session_artifacts WHERE id = ?1";

fn context(reader: &Reader, entry: &Entry) -> Result<Option<(String, String)>, Refusal> {
    let sql = "SELECT key, value FROM session_context_data WHERE session_id = ?1 AND key = ?2";
    let session = entry.session.to_string();
    let key = entry.record.strip_prefix(&format!("{session}/")).unwrap_or_default();
    let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let found = one(reader, sql, params![session, key], read)?;
    Ok(found.map(|(key, value)| (key, plain(&value))))
}

/// JSON as text: a string is what it says.
fn plain(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(_) | Err(_) => json.to_owned(),
    }
}

/// The names of the sessions and groups that hits lie in.
pub(super) fn group_names(
    reader: &Reader,
    documents: &[Document],
) -> Result<HashMap<String, String>, Refusal> {
    let mut names = HashMap::new();
    for group in documents.iter().filter_map(|document| document.group) {
        let id = group.to_string();
        if !names.contains_key(&id) {
            let sql = "SELECT name FROM task_groups WHERE id = ?";
            let name = one(reader, sql, [&id], |row| row.get(0))?;
            names.extend(name.map(|name| (id, name)));
        }
    }
    Ok(names)
}
