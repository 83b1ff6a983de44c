//! The change feed, read in pieces.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::domain::actor::Actor;
use crate::domain::change::Change;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::store::rows::change;
use crate::store::{Reader, refuse, whole};

/// Most changes read at once.
pub const LIMIT_MAX: usize = 1_000;

/// Which changes are wanted: the oldest after `after`, or else the newest (before `before`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeQuery {
    pub after: Option<i64>,
    pub before: Option<i64>,
    pub session: Option<SessionId>,
    pub actor: Option<Actor>,
    /// A record's name, as [`crate::domain::record::RecordKey`] writes it.
    pub record: Option<String>,
    pub limit: usize,
}

/// The sequence number of the newest change; 0 when there is none.
pub fn latest(reader: &Reader) -> Result<i64, Refusal> {
    let look = || {
        reader
            .connection
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM changes")?
            .query_row([], |row| row.get(0))
    };
    look().map_err(|error| refuse(&error))
}

/// The newest change up to a number, with what tells it from any other; none where there is none.
pub(crate) fn fingerprint(reader: &Reader, seq: i64) -> Result<Option<(i64, String)>, Refusal> {
    let (at, entry) = whole::last(&reader.connection, seq).map_err(|error| refuse(&error))?;
    let hash = || (at, blake3::hash(entry.as_bytes()).to_hex().to_string());
    Ok((0 < at).then(hash))
}

/// Changes: with `after` the oldest first, else the newest first.
pub fn list(reader: &Reader, query: &ChangeQuery) -> Result<Vec<Change>, Refusal> {
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition: &'static str, value: Value| {
        conditions.push(condition);
        values.push(value);
    };
    // One index serves the query; `+` keeps the other filters from being taken for it.
    if let Some(record) = &query.record {
        add("record = ?", record.clone().into());
    } else if let Some(actor) = &query.actor {
        add("actor = ?", actor.to_string().into());
    }
    match (query.session, &query.record, &query.actor) {
        (Some(session), None, None) => add("session_id = ?", session.to_string().into()),
        (Some(session), _, _) => add("+session_id = ?", session.to_string().into()),
        (None, _, _) => {}
    }
    if let (Some(_), Some(actor)) = (&query.record, &query.actor) {
        add("+actor = ?", actor.to_string().into());
    }
    if let Some(after) = query.after {
        add("? < seq", after.into());
    }
    if let Some(before) = query.before {
        add("seq < ?", before.into());
    }
    let condition = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
    let direction = if query.after.is_some() { "ASC" } else { "DESC" };
    let columns = change::COLUMNS;
    let sql =
        format!("SELECT {columns} FROM changes WHERE {condition} ORDER BY seq {direction} LIMIT ?");
    values.push(i64::try_from(query.limit.clamp(1, LIMIT_MAX)).unwrap_or(1).into());
    let look = || -> rusqlite::Result<Vec<Change>> {
        reader
            .connection
            .prepare_cached(&sql)?
            .query_map(params_from_iter(values), change::read)?
            .collect()
    };
    look().map_err(|error| refuse(&error))
}

/// What a record is called: the title of a task or an artifact, the name of a group or session.
pub fn title(reader: &Reader, record: &str) -> Result<Option<String>, Refusal> {
    let id = record.split(['>', '/']).next().unwrap_or_default();
    let sql = match id.chars().next() {
        Some('t') => "SELECT title FROM tasks WHERE id = ?",
        Some('a') => "SELECT title FROM session_artifacts WHERE id = ?",
        Some('g') => "SELECT name FROM task_groups WHERE id = ?",
        Some('s') => "SELECT name FROM orchestration_sessions WHERE id = ?",
        Some(_) | None => return Ok(None),
    };
    super::one(reader, sql, [id], |row| row.get(0))
}
