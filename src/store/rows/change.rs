//! The change feed.

use rusqlite::{Connection, Row, params};

use super::{json_option, moment, parsed};
use crate::domain::change::Change;

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str =
    "seq, command, at, actor, session_id, record, version, verb, before, after, reason";

/// Reads a change from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        seq: row.get(0)?,
        command: row.get(1)?,
        at: moment(row, 2)?,
        actor: parsed(row, 3)?,
        session_id: parsed(row, 4)?,
        record: row.get(5)?,
        version: row.get(6)?,
        verb: parsed(row, 7)?,
        before: json_option(row, 8)?,
        after: json_option(row, 9)?,
        reason: row.get(10)?,
    })
}

/// Adds a change to the feed; its `seq` must be the next.
pub(crate) fn write(
    connection: &Connection,
    change: &Change,
    undoes: Option<i64>,
) -> rusqlite::Result<()> {
    let text = |fields: &Option<serde_json::Map<_, _>>| {
        fields.as_ref().and_then(|fields| serde_json::to_string(fields).ok())
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO changes (seq, command, at, actor, session_id, record, version, verb, before, after, reason, undoes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        change.seq,
        change.command,
        change.at.0,
        change.actor.to_string(),
        change.session_id.to_string(),
        change.record,
        change.version,
        change.verb.as_str(),
        text(&change.before),
        text(&change.after),
        change.reason,
        undoes,
    ])?;
    Ok(())
}

/// Removes the changes of a command, and that it was ever taken back.
pub(crate) fn forget(connection: &Connection, command: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM undone_commands WHERE command = ?")?
        .execute([command])?;
    connection.prepare_cached("DELETE FROM changes WHERE command = ?")?.execute([command])?;
    Ok(())
}

/// Marks a command as taken back; when it was itself an undo, its target stands again.
pub(crate) fn mark_undone(connection: &Connection, target: i64, by: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM undone_commands WHERE command = (SELECT undoes FROM changes WHERE command = ? LIMIT 1)",
        )?
        .execute([target])?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO undone_commands (command, by) VALUES (?, ?)")?
        .execute([target, by])?;
    Ok(())
}
