//! Chores on the database that change nothing that anybody can see: they make it smaller or
//! faster, or bring what is kept beside the records back to what the records say.
//!
//! The writer does them between commands, in its turn, each in one short piece: whoever wants more
//! asks again. Those that take long (rebuilding, recounting, vacuum) are asked for by name.

mod recount;

use std::time::Duration;

use rusqlite::{Connection, params};

use super::{Store, refuse, searched};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;

/// Rows that one piece of forgetting removes.
const ROWS_MAX: i64 = 2_000;
/// Rows of an index that are looked at to learn how it is spread.
const ANALYSIS_LIMIT: i64 = 400;

/// One chore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chore {
    /// Moves what the log holds into the database, as far as no reader needs it where it is.
    Checkpoint,
    /// Learns how the indexes are spread, where that is worth it.
    Analyze,
    /// Merges so many pages of the search indexes.
    MergeSearch { pages: i32 },
    /// Makes the search indexes anew from the records.
    RebuildSearch,
    /// Makes the indexes anew from their tables.
    Reindex,
    /// Counts anew what is kept beside the records.
    Recount,
    /// Writes the database anew, without the room that nothing uses.
    Vacuum,
    /// Removes lines of the log of errors, and hours of measures, of before these moments.
    ForgetMeasures { errors: Timestamp, hours: Timestamp },
}

/// What came of a chore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tended {
    /// Rows or pages that were changed.
    pub changed: i64,
    /// Tells whether another piece is left.
    pub more: bool,
}

/// How much room a database takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    pub bytes: i64,
    /// Of pages that nothing uses.
    pub free_bytes: i64,
}

impl Store {
    /// Does one piece of a chore.
    ///
    /// # Errors
    ///
    /// When the store fails; nothing was changed then.
    pub fn tend(&mut self, chore: Chore) -> Result<Tended, Refusal> {
        self.place.check()?;
        let connection = &mut self.connection;
        let done = match chore {
            Chore::Checkpoint => checkpoint(connection),
            Chore::Analyze => analyze(connection),
            Chore::MergeSearch { pages } => merge_search(connection, pages),
            Chore::RebuildSearch => rebuild_search(connection),
            Chore::Reindex => connection.execute_batch("REINDEX").map(|()| Tended::default()),
            Chore::Recount => recount::recount(connection),
            Chore::Vacuum => connection.execute_batch("VACUUM").map(|()| Tended::default()),
            Chore::ForgetMeasures { errors, hours } => forget(connection, errors, hours),
        };
        done.map_err(|error| refuse(&error))
    }
}

/// Nobody is waited for: everybody who writes would have to wait, too.
fn checkpoint(connection: &Connection) -> rusqlite::Result<Tended> {
    let patience: i64 = connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
    connection.busy_timeout(Duration::ZERO)?;
    let moved = moved(connection);
    connection.busy_timeout(Duration::from_millis(u64::try_from(patience).unwrap_or(0)))?;
    Ok(Tended { changed: moved?, more: false })
}

/// Moves what no reader needs where it is, and empties the log if that was all. Returns the pages
/// that were moved.
fn moved(connection: &Connection) -> rusqlite::Result<i64> {
    let (in_log, moved) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    })?;
    if 0 <= in_log && in_log == moved {
        // Whoever began to read meanwhile keeps the log as it is, until the next time.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(moved.max(0))
}

fn analyze(connection: &Connection) -> rusqlite::Result<Tended> {
    connection.pragma_update_and_check(None, "analysis_limit", ANALYSIS_LIMIT, |_| Ok(()))?;
    connection.execute_batch("PRAGMA optimize")?;
    Ok(Tended::default())
}

fn merge_search(connection: &Connection, pages: i32) -> rusqlite::Result<Tended> {
    let mut tended = Tended::default();
    for index in searched::indexes(connection)? {
        let before = connection.total_changes();
        connection.execute(
            &format!("INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)"),
            [pages],
        )?;
        // One change is that of the statement itself: nothing was left to merge.
        let merged = connection.total_changes().saturating_sub(before);
        let merged = i64::try_from(merged).unwrap_or(i64::MAX);
        tended.more |= 2 <= merged;
        tended.changed += merged.saturating_sub(1);
    }
    Ok(tended)
}

fn rebuild_search(connection: &mut Connection) -> rusqlite::Result<Tended> {
    let transaction = connection.transaction()?;
    let indexes = searched::rebuild_all(&transaction)?;
    transaction.commit()?;
    Ok(Tended { changed: i64::try_from(indexes).unwrap_or(0), more: false })
}

fn forget(
    connection: &mut Connection,
    errors: Timestamp,
    hours: Timestamp,
) -> rusqlite::Result<Tended> {
    let transaction = connection.transaction()?;
    let lines = transaction.execute(
        "DELETE FROM session_error_logs WHERE number IN
             (SELECT number FROM session_error_logs WHERE at < ?1 ORDER BY number LIMIT ?2)",
        params![errors.0, ROWS_MAX],
    )?;
    let rolled = transaction.execute(
        "DELETE FROM session_performance_metrics WHERE (hour, agent, tool) IN
             (SELECT hour, agent, tool FROM session_performance_metrics WHERE hour < ?1 LIMIT ?2)",
        params![hours.0, ROWS_MAX],
    )?;
    transaction.commit()?;
    let [lines, rolled] = [lines, rolled].map(|rows| i64::try_from(rows).unwrap_or(i64::MAX));
    Ok(Tended { changed: lines + rolled, more: lines == ROWS_MAX || rolled == ROWS_MAX })
}
