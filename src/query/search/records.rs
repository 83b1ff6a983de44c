//! What is found besides tasks: sessions, groups, context, messages, artifacts.

use std::collections::HashMap;

use rusqlite::{Row, params};

use super::Kind;
use super::candidates::{COUNTED_MAX, Candidates};
use super::expression::{Index, expression};
use super::filter::{Filter, names};
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
    actor: Option<String>,
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
    let sql =
        "SELECT rowid FROM record_search WHERE record_search MATCH ? ORDER BY rowid DESC LIMIT ?";
    let most = i64::try_from(COUNTED_MAX + 1).unwrap_or(i64::MAX);
    let mut numbers: Vec<i64> =
        many(reader, sql, params![expression.text, most], |row| row.get(0))?;
    let at_least = expression.cut || COUNTED_MAX < numbers.len();
    numbers.truncate(COUNTED_MAX);
    let mut entries = entries(reader, &numbers)?;
    entries.retain(|entry| place.holds(entry.session) && meets(entry, &parsed.filter));
    let total = entries.len();
    entries.truncate(RANKED_MAX);
    let mut documents = Vec::with_capacity(entries.len());
    for entry in entries {
        documents.extend(document(reader, &entry)?);
    }
    Ok(Candidates { documents, total, at_least })
}

fn entries(reader: &Reader, numbers: &[i64]) -> Result<Vec<Entry>, Refusal> {
    let sql = "SELECT number, kind, record, session_id, actor, at
        FROM json_each(?) CROSS JOIN search_records ON number = json_each.value";
    let list = serde_json::to_string(numbers).unwrap_or_default();
    many(reader, sql, [list], |row| {
        Ok(Entry {
            number: row.get(0)?,
            kind: column(row, 1)?,
            record: row.get(2)?,
            session: column(row, 3)?,
            actor: row.get(4)?,
            at: moment(row, 5)?,
        })
    })
}

fn meets(entry: &Entry, filter: &Filter) -> bool {
    let by = filter.by.as_ref().is_none_or(|by| {
        let (actor, name) = names(by);
        entry.actor.as_ref().is_some_and(|known| *known == actor || *known == name)
    });
    by && filter.allows(entry.kind)
        && filter.since.is_none_or(|since| since <= entry.at)
        && filter.until.is_none_or(|until| entry.at < until)
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

const ARTIFACT: &str = "SELECT title, substr(summary || char(10) || kind || ' ' || path, 1, ?2)
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
