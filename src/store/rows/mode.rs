//! Contents of modes, and the history of what sessions were bound to.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{json_option, moment, parsed};
use crate::domain::gate::{Gate, Need};
use crate::domain::mode::{Bound, Mode};
use crate::domain::task::Status;

/// The columns that [`read_bound`] reads, in order.
pub(crate) const BOUND_COLUMNS: &str =
    "session_id, from_mode, to_mode, binding, reason, actor, at, number";

/// Reads an entry of the history from a row of [`BOUND_COLUMNS`].
pub(crate) fn read_bound(row: &Row<'_>) -> rusqlite::Result<Bound> {
    Ok(Bound {
        number: row.get(7)?,
        session_id: parsed(row, 0)?,
        from: row.get(1)?,
        to: row.get(2)?,
        binding: json_option(row, 3)?,
        reason: row.get(4)?,
        actor: parsed(row, 5)?,
        at: moment(row, 6)?,
    })
}

/// Adds an entry to the history of bindings.
pub(crate) fn write_bound(connection: &Connection, bound: &Bound) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO mode_bindings (session_id, from_mode, to_mode, binding, reason, actor, at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            bound.session_id.to_string(),
            bound.from,
            bound.to,
            bound.binding.as_ref().and_then(|binding| serde_json::to_string(binding).ok()),
            bound.reason,
            bound.actor.to_string(),
            bound.at.0,
        ])?;
    Ok(())
}

/// Keeps the content of a mode under its hash.
pub(crate) fn write_content(
    connection: &Connection,
    hash: &str,
    mode: &Mode,
) -> rusqlite::Result<()> {
    let content = serde_json::to_string(mode).unwrap_or_default();
    connection
        .prepare_cached("INSERT OR IGNORE INTO mode_contents (hash, content) VALUES (?, ?)")?
        .execute(params![hash, content])?;
    Ok(())
}

/// The content under a hash.
pub(crate) fn content(connection: &Connection, hash: &str) -> rusqlite::Result<Option<Mode>> {
    let text: Option<String> = connection
        .prepare_cached("SELECT content FROM mode_contents WHERE hash = ?")?
        .query_row([hash], |row| row.get(0))
        .optional()?;
    // What a newer program has kept and this one cannot read may hold gates: a person decides.
    Ok(text.map(|text| serde_json::from_str(&text).unwrap_or_else(|_| guarded())))
}

/// What stands for a content that cannot be read: nothing is completed without a person.
fn guarded() -> Mode {
    let gate = Gate {
        to: Status::Completed,
        roles: Vec::new(),
        tags: Vec::new(),
        needs: vec![Need::Approval],
    };
    Mode { gates: vec![gate], ..Mode::default() }
}
