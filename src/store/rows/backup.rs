//! What is known of the backups.

use rusqlite::{Connection, Row, params};

use super::{json, moment, parsed};
use crate::domain::backup::{Backup, BackupNote, Integrity};
use crate::domain::time::Timestamp;

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str = "id, name, file, scope, reason, actor, created_at, size, unpacked, files, seq, sessions, integrity, verified_at, problem, modified_ns, used_at";

/// Reads a backup from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Backup> {
    let verified_at: Option<i64> = row.get(13)?;
    Ok(Backup {
        id: parsed(row, 0)?,
        name: row.get(1)?,
        file: row.get(2)?,
        scope: parsed(row, 3)?,
        reason: parsed(row, 4)?,
        actor: parsed(row, 5)?,
        created_at: moment(row, 6)?,
        size: count(row, 7)?,
        unpacked: count(row, 8)?,
        files: count(row, 9)?,
        seq: row.get(10)?,
        sessions: json(row, 11)?,
        integrity: parsed(row, 12)?,
        verified_at: verified_at.map(Timestamp),
        problem: row.get(14)?,
        modified_ns: row.get(15)?,
        used_at: moment(row, 16)?,
    })
}

/// Notes that a backup is there, or is gone.
pub(crate) fn note(connection: &Connection, note: &BackupNote) -> rusqlite::Result<()> {
    match note {
        BackupNote::Known(backup) => known(connection, backup),
        BackupNote::Gone { file } => {
            connection.prepare_cached("DELETE FROM backups WHERE file = ?")?.execute([file])?;
            Ok(())
        }
    }
}

fn known(connection: &Connection, backup: &Backup) -> rusqlite::Result<()> {
    // Whoever only found the file knows less than who made or verified it at the same time.
    if backup.integrity == Integrity::Unknown && is_known(connection, backup)? {
        return Ok(());
    }
    let sql = format!(
        "INSERT OR REPLACE INTO backups ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    connection.prepare_cached(&sql)?.execute(params![
        backup.id.to_string(),
        backup.name,
        backup.file,
        backup.scope.as_str(),
        backup.reason.as_str(),
        backup.actor.to_string(),
        backup.created_at.0,
        bounded(backup.size),
        bounded(backup.unpacked),
        bounded(backup.files),
        backup.seq,
        serde_json::to_string(&backup.sessions).unwrap_or_default(),
        backup.integrity.as_str(),
        backup.verified_at.map(|at| at.0),
        backup.problem,
        backup.modified_ns,
        backup.used_at.0,
    ])?;
    Ok(())
}

fn is_known(connection: &Connection, backup: &Backup) -> rusqlite::Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM backups WHERE file = ? AND size = ? AND modified_ns = ?)";
    connection
        .prepare_cached(sql)?
        .query_row(params![backup.file, bounded(backup.size), backup.modified_ns], |row| row.get(0))
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0))
}

fn bounded(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
