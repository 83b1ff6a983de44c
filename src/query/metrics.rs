//! Calls by hour, and the log of errors.

use serde::Serialize;

use super::{bounded, many};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::rows::moment;

/// The calls of one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hour {
    pub hour: Timestamp,
    pub calls: i64,
    pub errors: i64,
    /// Microseconds.
    pub mean_us: i64,
    pub max_us: i64,
}

/// A refused or failed call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorEntry {
    pub at: Timestamp,
    pub actor: String,
    /// The tool that was called.
    pub source: String,
    pub code: String,
    pub message: String,
}

/// Calls of all agents since a moment, hour by hour.
pub fn hours(reader: &Reader, since: Timestamp) -> Result<Vec<Hour>, Refusal> {
    let sql =
        "SELECT hour, sum(calls), sum(errors), sum(total_us) / max(sum(calls), 1), max(max_us)
               FROM session_performance_metrics WHERE ? <= hour GROUP BY hour ORDER BY hour";
    many(reader, sql, [since.0], |row| {
        Ok(Hour {
            hour: moment(row, 0)?,
            calls: row.get(1)?,
            errors: row.get(2)?,
            mean_us: row.get(3)?,
            max_us: row.get(4)?,
        })
    })
}

/// The newest errors.
pub fn errors(reader: &Reader, limit: usize) -> Result<Vec<ErrorEntry>, Refusal> {
    let sql = "SELECT at, actor, source, code, message FROM session_error_logs ORDER BY number DESC LIMIT ?";
    many(reader, sql, [bounded(limit)], |row| {
        Ok(ErrorEntry {
            at: moment(row, 0)?,
            actor: row.get(1)?,
            source: row.get(2)?,
            code: row.get(3)?,
            message: row.get(4)?,
        })
    })
}
