//! Read models for front ends. Each takes a read-only connection and never waits for the writer.

pub mod agents;
pub mod artifacts;
pub mod backups;
pub mod changes;
pub mod conflicts;
mod cursor;
pub mod documents;
pub mod graph;
pub mod groups;
pub mod hierarchy;
pub mod hot_spots;
pub mod inbox;
pub mod ledger;
pub mod metrics;
pub mod modes;
pub mod needs;
mod records;
pub mod related;
pub mod resolve;
pub mod rows;
pub mod search;
pub mod sessions;
mod short;
pub mod tasks;
pub mod upkeep;

use rusqlite::{OptionalExtension as _, Params, Row};

use crate::domain::refusal::Refusal;
use crate::store::{Reader, refuse};

/// Items of a page unless the caller says otherwise.
pub const LIMIT: usize = 20;
/// Most items of a page.
pub const LIMIT_MAX: usize = 1_000;

fn many<T>(
    reader: &Reader,
    sql: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Refusal> {
    let look = || -> rusqlite::Result<Vec<T>> {
        reader.connection.prepare_cached(sql)?.query_map(values, read)?.collect()
    };
    look().map_err(|error| refuse(&error))
}

fn one<T>(
    reader: &Reader,
    sql: &str,
    values: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, Refusal> {
    let look = || reader.connection.prepare_cached(sql)?.query_row(values, read).optional();
    look().map_err(|error| refuse(&error))
}

fn bounded(limit: usize) -> i64 {
    i64::try_from(limit.clamp(1, LIMIT_MAX)).unwrap_or(1)
}
