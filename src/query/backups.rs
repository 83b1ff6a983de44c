//! What is known of the backups; their files are the truth.

use super::{many, one};
use crate::domain::backup::Backup;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::session::{LAST_BACKUP, REPORT_KEY};
use crate::store::Reader;
use crate::store::rows::backup::{COLUMNS, read};
use crate::store::rows::parsed;

/// Backups that are known at the most.
pub const BACKUPS_MAX: usize = 10_000;
/// Completed sessions that are looked at.
const COMPLETED_MAX: usize = 1_000;

/// Everything that is known, the newest first.
pub fn known(reader: &Reader) -> Result<Vec<Backup>, Refusal> {
    let sql =
        format!("SELECT {COLUMNS} FROM backups ORDER BY created_at DESC, file LIMIT {BACKUPS_MAX}");
    many(reader, &sql, [], read)
}

/// The newest backup.
pub fn newest(reader: &Reader) -> Result<Option<Backup>, Refusal> {
    let sql = format!("SELECT {COLUMNS} FROM backups ORDER BY created_at DESC, file LIMIT 1");
    one(reader, &sql, [], read)
}

/// The sessions that were completed and are to have a last backup, each with the number of the change
/// that completed it; the latest first.
pub fn completed(reader: &Reader) -> Result<Vec<(SessionId, i64)>, Refusal> {
    let sql = format!(
        "SELECT id, (SELECT coalesce(max(seq), 0) FROM changes WHERE record = orchestration_sessions.id)
         FROM orchestration_sessions WHERE state = 'completed' AND NOT EXISTS
            (SELECT 1 FROM session_context_data WHERE session_id = orchestration_sessions.id
             AND key = '{REPORT_KEY}' AND json_extract(value, '$.{LAST_BACKUP}') = 'left_out')
         ORDER BY state_since DESC LIMIT {COMPLETED_MAX}"
    );
    many(reader, &sql, [], |row| Ok((parsed(row, 0)?, row.get(1)?)))
}
