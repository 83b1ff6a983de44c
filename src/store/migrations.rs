//! Migrations: numbered SQL files, embedded, applied in order, each in one transaction.
//!
//! The schema's version is `SQLite`'s `user_version`. A released file is never edited.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// The files of `migrations/`, in order; the first brings a database to version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_board.sql"),
    include_str!("../../migrations/0002_documents.sql"),
    include_str!("../../migrations/0003_quarantine.sql"),
    include_str!("../../migrations/0004_modes.sql"),
    include_str!("../../migrations/0005_artifacts.sql"),
    include_str!("../../migrations/0006_search.sql"),
    include_str!("../../migrations/0007_backups.sql"),
    include_str!("../../migrations/0008_search_texts.sql"),
];

/// The version this program works with.
pub(crate) fn known_version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version of a database, which must be one that this program knows.
///
/// # Errors
///
/// [`StoreError::Newer`]; the database is untouched.
pub(crate) fn found_version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let found =
        version(connection).map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
    let known = known_version();
    if known < found {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Brings a database to the known version.
///
/// # Errors
///
/// [`StoreError::Newer`] leaves the database untouched; so does a migration that fails.
pub(crate) fn apply(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let (found, known) = (found_version(connection, path)?, known_version());
    if 0 < found && found < known {
        copy(connection, &path.with_extension(format!("before-v{known}.db")))
            .map_err(|source| StoreError::Copy { source })?;
    }
    for (sql, version) in MIGRATIONS.iter().zip(1..).filter(|(_, version)| found < *version) {
        step(connection, sql, version)
            .map_err(|source| StoreError::Migration { version, source })?;
    }
    if found < known {
        // Else every start reads the log of the migrations again until the first thousand pages
        // are written. Where others read just now, it stays as it is.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).ok();
    }
    Ok(())
}

/// Keeps a copy, what is still in the write-ahead log included.
fn copy(connection: &Connection, to: &Path) -> rusqlite::Result<()> {
    // A copy of an attempt that was broken off is not one to keep.
    std::fs::remove_file(to).ok();
    connection.execute("VACUUM INTO ?", [to.to_string_lossy()]).map(drop)
}

fn step(connection: &mut Connection, sql: &str, target: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&transaction)? < target {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", target)?;
    }
    transaction.commit()
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
