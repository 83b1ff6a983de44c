//! Sessions, their transitions and their context.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

use super::{json, json_option, moment, parsed, parsed_option};
use crate::domain::session::{ContextEntry, Session, Transition};

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str = "id, name, goal, state, mode, reason, owner, created_at, updated_at, state_since, version, binding";

/// Reads a session from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: parsed(row, 0)?,
        name: row.get(1)?,
        goal: row.get(2)?,
        state: parsed(row, 3)?,
        mode: row.get(4)?,
        reason: row.get(5)?,
        owner: row.get(6)?,
        created_at: moment(row, 7)?,
        updated_at: moment(row, 8)?,
        state_since: moment(row, 9)?,
        version: row.get(10)?,
        binding: json_option(row, 11)?,
    })
}

/// Writes a session whole.
pub(crate) fn write(connection: &Connection, session: &Session) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO orchestration_sessions
            (id, name, goal, state, mode, reason, owner, created_at, updated_at, state_since, version, touched_at, binding)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?9, ?12)
         ON CONFLICT (id) DO UPDATE SET name = ?2, goal = ?3, state = ?4, mode = ?5, reason = ?6, owner = ?7,
            updated_at = ?9, state_since = ?10, version = ?11, binding = ?12",
    )?;
    statement.execute(params![
        session.id.to_string(),
        session.name,
        session.goal,
        session.state.as_str(),
        session.mode,
        session.reason,
        session.owner,
        session.created_at.0,
        session.updated_at.0,
        session.state_since.0,
        session.version,
        session.binding.as_ref().and_then(|binding| serde_json::to_string(binding).ok()),
    ])?;
    Ok(())
}

/// Adds a row to a session's history of states.
pub(crate) fn write_transition(
    connection: &Connection,
    transition: &Transition,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO session_state_transitions (session_id, from_state, to_state, reason, actor, at)
         VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        transition.session_id.to_string(),
        transition.from.map(crate::domain::session::SessionState::as_str),
        transition.to.as_str(),
        transition.reason,
        transition.actor.to_string(),
        transition.at.0,
    ])?;
    Ok(())
}

/// The columns that [`read_transition`] reads, in order.
pub(crate) const TRANSITION_COLUMNS: &str = "session_id, from_state, to_state, reason, actor, at";

/// Reads a transition from a row of [`TRANSITION_COLUMNS`].
pub(crate) fn read_transition(row: &Row<'_>) -> rusqlite::Result<Transition> {
    Ok(Transition {
        session_id: parsed(row, 0)?,
        from: parsed_option(row, 1)?,
        to: parsed(row, 2)?,
        reason: row.get(3)?,
        actor: parsed(row, 4)?,
        at: moment(row, 5)?,
    })
}

/// The columns that [`read_context`] reads, in order.
pub(crate) const CONTEXT_COLUMNS: &str = "session_id, key, value, updated_at, version";

/// Reads a context entry from a row of [`CONTEXT_COLUMNS`].
pub(crate) fn read_context(row: &Row<'_>) -> rusqlite::Result<ContextEntry> {
    Ok(ContextEntry {
        session_id: parsed(row, 0)?,
        key: row.get(1)?,
        value: json(row, 2)?,
        updated_at: moment(row, 3)?,
        version: row.get(4)?,
    })
}

/// Writes a context entry whole.
pub(crate) fn write_context(connection: &Connection, entry: &ContextEntry) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO session_context_data (session_id, key, value, updated_at, version) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (session_id, key) DO UPDATE SET value = ?3, updated_at = ?4, version = ?5",
    )?;
    statement.execute(params![
        entry.session_id.to_string(),
        entry.key,
        entry.value.to_string(),
        entry.updated_at.0,
        entry.version,
    ])?;
    Ok(())
}

/// Removes a context entry.
pub(crate) fn delete_context(
    connection: &Connection,
    entry: &ContextEntry,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM session_context_data WHERE session_id = ? AND key = ?")?
        .execute([Value::from(entry.session_id.to_string()), Value::from(entry.key.clone())])?;
    Ok(())
}
