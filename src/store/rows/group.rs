//! Task groups and dependencies.

use rusqlite::{Connection, Row, params};

use super::{moment, parsed, parsed_option};
use crate::domain::group::TaskGroup;
use crate::domain::record::Dependency;

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str =
    "id, session_id, parent_id, name, description, role, position, created_at, updated_at, version";

/// Reads a group from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<TaskGroup> {
    Ok(TaskGroup {
        id: parsed(row, 0)?,
        session_id: parsed(row, 1)?,
        parent_id: parsed_option(row, 2)?,
        name: row.get(3)?,
        description: row.get(4)?,
        role: row.get(5)?,
        position: row.get(6)?,
        created_at: moment(row, 7)?,
        updated_at: moment(row, 8)?,
        version: row.get(9)?,
    })
}

/// Writes a group whole.
pub(crate) fn write(connection: &Connection, group: &TaskGroup) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO task_groups
            (id, session_id, parent_id, name, description, role, position, created_at, updated_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET parent_id = ?3, name = ?4, description = ?5, role = ?6, position = ?7,
            updated_at = ?9, version = ?10",
    )?;
    statement.execute(params![
        group.id.to_string(),
        group.session_id.to_string(),
        group.parent_id.map(|id| id.to_string()),
        group.name,
        group.description,
        group.role,
        group.position,
        group.created_at.0,
        group.updated_at.0,
        group.version,
    ])?;
    Ok(())
}

/// Removes a group.
pub(crate) fn delete(connection: &Connection, group: &TaskGroup) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM task_groups WHERE id = ?")?
        .execute([group.id.to_string()])?;
    Ok(())
}

/// Reads a dependency from `task_id, depends_on, session_id, created_at`.
pub(crate) fn read_dependency(row: &Row<'_>) -> rusqlite::Result<Dependency> {
    Ok(Dependency {
        task_id: parsed(row, 0)?,
        depends_on: parsed(row, 1)?,
        session_id: parsed(row, 2)?,
        created_at: moment(row, 3)?,
    })
}

/// Adds a dependency.
pub(crate) fn write_dependency(connection: &Connection, edge: &Dependency) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO task_dependencies (task_id, depends_on, session_id, created_at) VALUES (?, ?, ?, ?)")?
        .execute(params![
            edge.task_id.to_string(),
            edge.depends_on.to_string(),
            edge.session_id.to_string(),
            edge.created_at.0
        ])?;
    Ok(())
}

/// Removes a dependency.
pub(crate) fn delete_dependency(
    connection: &Connection,
    edge: &Dependency,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM task_dependencies WHERE task_id = ? AND depends_on = ?")?
        .execute([edge.task_id.to_string(), edge.depends_on.to_string()])?;
    Ok(())
}
