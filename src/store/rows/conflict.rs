//! Conflicts.

use rusqlite::{Connection, Row, params};

use super::{json, json_option, moment, parsed};
use crate::domain::conflict::Conflict;

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str = "id, session_id, record, kind, field, base, ours, ours_by, ours_at, \
    theirs, theirs_by, theirs_at, state, resolution, proposals, created_at, updated_at, version";

/// Reads a conflict from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Conflict> {
    Ok(Conflict {
        id: parsed(row, 0)?,
        session_id: parsed(row, 1)?,
        record: row.get(2)?,
        kind: parsed(row, 3)?,
        field: row.get(4)?,
        base: json(row, 5)?,
        ours: json(row, 6)?,
        ours_by: parsed(row, 7)?,
        ours_at: moment(row, 8)?,
        theirs: json(row, 9)?,
        theirs_by: parsed(row, 10)?,
        theirs_at: moment(row, 11)?,
        state: parsed(row, 12)?,
        resolution: json_option(row, 13)?,
        proposals: json(row, 14)?,
        created_at: moment(row, 15)?,
        updated_at: moment(row, 16)?,
        version: row.get(17)?,
    })
}

/// Writes a conflict whole.
pub(crate) fn write(connection: &Connection, conflict: &Conflict) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO conflicts (id, session_id, record, kind, field, base, ours, ours_by, ours_at,
             theirs, theirs_by, theirs_at, state, resolution, proposals, created_at, updated_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         ON CONFLICT (id) DO UPDATE SET base = ?6, ours = ?7, ours_by = ?8, ours_at = ?9, theirs = ?10,
             theirs_by = ?11, theirs_at = ?12, state = ?13, resolution = ?14, proposals = ?15,
             updated_at = ?17, version = ?18",
    )?;
    statement.execute(params![
        conflict.id.to_string(),
        conflict.session_id.to_string(),
        conflict.record,
        conflict.kind.as_str(),
        conflict.field,
        conflict.base.to_string(),
        conflict.ours.to_string(),
        conflict.ours_by.to_string(),
        conflict.ours_at.0,
        conflict.theirs.to_string(),
        conflict.theirs_by.to_string(),
        conflict.theirs_at.0,
        conflict.state.as_str(),
        conflict.resolution.as_ref().and_then(|it| serde_json::to_string(it).ok()),
        serde_json::to_string(&conflict.proposals).unwrap_or_else(|_| "[]".to_owned()),
        conflict.created_at.0,
        conflict.updated_at.0,
        conflict.version,
    ])?;
    Ok(())
}

/// Removes a conflict, when its opening is taken back.
pub(crate) fn delete(connection: &Connection, conflict: &Conflict) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM conflicts WHERE id = ?")?
        .execute([conflict.id.to_string()])?;
    Ok(())
}
