//! Sessions, their progress, their history of states, their context.

use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};

use super::rows::{Counts, Page, SessionRow};
use super::short::{self, Ids};
use super::{bounded, cursor, groups, many, one};
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{ARTIFACT_KEY, ContextEntry, Session, SessionState, Transition};
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::rows::session;

words! {
    /// How a list of sessions is ordered.
    SessionOrder("sort_by") {
        /// Where something changed last comes first.
        Activity = "last_activity" | "activity" | "progress",
        /// The newest first.
        Newest = "created_at" | "newest",
        /// By name.
        Name = "name",
    }
}

/// Which sessions are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFilter {
    /// Any when empty.
    pub states: Vec<SessionState>,
    pub order: SessionOrder,
    pub limit: usize,
    pub cursor: Option<String>,
}

/// The one live session, if there is one.
pub fn live(reader: &Reader) -> Result<Option<Session>, Refusal> {
    let sql = format!(
        "SELECT {} FROM orchestration_sessions WHERE state IN ('active', 'resuming', 'completing')",
        session::COLUMNS
    );
    one(reader, &sql, [], session::read)
}

/// The live session, else the one where something changed last.
pub fn current(reader: &Reader) -> Result<Option<Session>, Refusal> {
    if let Some(live) = live(reader)? {
        return Ok(Some(live));
    }
    let sql = format!(
        "SELECT {} FROM orchestration_sessions ORDER BY touched_at DESC, id LIMIT 1",
        session::COLUMNS
    );
    one(reader, &sql, [], session::read)
}

/// One session.
pub fn get(reader: &Reader, id: SessionId) -> Result<Session, Refusal> {
    let sql = format!("SELECT {} FROM orchestration_sessions WHERE id = ?", session::COLUMNS);
    one(reader, &sql, [id.to_string()], session::read)?
        .ok_or_else(|| Refusal::new(Code::UnknownId, format!("session {id} does not exist")))
}

/// One session with its progress.
pub fn row(reader: &Reader, id: SessionId) -> Result<SessionRow, Refusal> {
    decorate(reader, get(reader, id)?)
}

/// A page of sessions.
pub fn list(reader: &Reader, filter: &SessionFilter) -> Result<Page<SessionRow>, Refusal> {
    let (key, comparison, order) = match filter.order {
        SessionOrder::Activity => (
            "touched_at",
            "(touched_at < ?1 OR (touched_at = ?1 AND ?2 < id))",
            "touched_at DESC, id",
        ),
        SessionOrder::Newest => (
            "created_at",
            "(created_at < ?1 OR (created_at = ?1 AND ?2 < id))",
            "created_at DESC, id",
        ),
        SessionOrder::Name => ("name", "(name, id) > (?1, ?2)", "name, id"),
    };
    let (mut condition, mut values) =
        ("(?1 IS NULL AND ?2 IS NULL)".to_owned(), vec![Value::Null, Value::Null]);
    if let Some(cursor) = &filter.cursor {
        let parts = cursor::read(cursor, 2)?;
        let first = match filter.order {
            SessionOrder::Activity | SessionOrder::Newest => {
                Value::from(cursor::number::<i64>(parts.first())?)
            }
            SessionOrder::Name => Value::from(parts.first().cloned().unwrap_or_default()),
        };
        values = vec![first, Value::from(parts.get(1).cloned().unwrap_or_default())];
        comparison.clone_into(&mut condition);
    }
    if !filter.states.is_empty() {
        let marks = vec!["?"; filter.states.len()].join(", ");
        condition = format!("{condition} AND state IN ({marks})");
        values.extend(filter.states.iter().map(|state| Value::from(state.as_str().to_owned())));
    }
    let limit = bounded(filter.limit);
    values.push(Value::from(limit + 1));
    let columns = session::COLUMNS;
    let sql = format!(
        "SELECT {columns}, {key} FROM orchestration_sessions WHERE {condition} ORDER BY {order} LIMIT ?"
    );
    let mut found = many(reader, &sql, params_from_iter(values), |row| {
        Ok((session::read(row)?, row.get::<_, Value>(11)?))
    })?;
    let more = limit < i64::try_from(found.len()).unwrap_or(0);
    found.truncate(usize::try_from(limit).unwrap_or(1));
    let last = found
        .last()
        .filter(|_| more)
        .map(|(session, key)| cursor::write(&[key_text(key), session.id.to_string()]));
    let items = found
        .into_iter()
        .map(|(session, _)| decorate(reader, session))
        .collect::<Result<_, _>>()?;
    let total = one(reader, "SELECT count(*) FROM orchestration_sessions", [], |row| row.get(0))?;
    Ok(Page { items, total: total.filter(|_| filter.states.is_empty()), cursor: last })
}

fn key_text(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Null | Value::Real(_) | Value::Blob(_) => String::new(),
    }
}

fn decorate(reader: &Reader, session: Session) -> Result<SessionRow, Refusal> {
    let id = session.id.to_string();
    let (last_activity, groups) = one(
        reader,
        "SELECT touched_at, (SELECT count(*) FROM task_groups WHERE session_id = ?1)
         FROM orchestration_sessions WHERE id = ?1",
        [&id],
        |row| Ok((Timestamp(row.get(0)?), row.get(1)?)),
    )?
    .unwrap_or((session.updated_at, 0));
    let short = short::length(reader, Ids::Sessions, &id)?;
    Ok(SessionRow { counts: counts(reader, session.id)?, session, groups, last_activity, short })
}

/// How many tasks of a session are in each status, and its progress.
pub fn counts(reader: &Reader, id: SessionId) -> Result<Counts, Refusal> {
    groups::counts_of(reader, &id.to_string())
}

/// The newest moves of a session.
pub fn transitions(
    reader: &Reader,
    id: SessionId,
    limit: usize,
) -> Result<Vec<Transition>, Refusal> {
    let sql = format!(
        "SELECT {} FROM session_state_transitions WHERE session_id = ? ORDER BY number DESC LIMIT ?",
        session::TRANSITION_COLUMNS
    );
    many(reader, &sql, params![id.to_string(), bounded(limit)], session::read_transition)
}

/// Everything left for whoever continues, by key; work handed over with tasks apart.
pub fn context(reader: &Reader, id: SessionId) -> Result<Vec<ContextEntry>, Refusal> {
    let columns = session::CONTEXT_COLUMNS;
    // Two ranges of the key, so that the entries between them are not even walked over.
    let sql = format!(
        "SELECT {columns} FROM session_context_data WHERE session_id = ?1 AND key < ?2
         UNION ALL SELECT {columns} FROM session_context_data WHERE session_id = ?1 AND ?3 <= key
         ORDER BY key"
    );
    let beyond = ARTIFACT_KEY.replace('/', "0");
    many(reader, &sql, params![id.to_string(), ARTIFACT_KEY, beyond], session::read_context)
}

/// One piece of what was left, whatever its key.
pub fn context_entry(
    reader: &Reader,
    id: SessionId,
    key: &str,
) -> Result<Option<ContextEntry>, Refusal> {
    let columns = session::CONTEXT_COLUMNS;
    let sql =
        format!("SELECT {columns} FROM session_context_data WHERE session_id = ? AND key = ?");
    one(reader, &sql, params![id.to_string(), key], session::read_context)
}
