//! A copy of the database as it is at one moment, made while others write.
//!
//! One read transaction is held for as long as it takes: `SQLite` would begin anew at every change
//! otherwise, and never end on a board where work goes on. Pages are copied a few at a time with a
//! pause between, so that whoever is asked meanwhile finds a processor and the disk.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::rows::parsed;
use super::{Readers, refuse, whole};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;

/// Pages of 4 KB that are copied without a pause.
const PAGES: std::os::raw::c_int = 256;
/// The pause.
const PAUSE: Duration = Duration::from_micros(500);

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The newest change in it.
    pub seq: i64,
    /// The version of its schema.
    pub schema: i64,
    /// Its sessions with their names and states.
    pub sessions: Vec<(SessionId, String, String)>,
    /// Rows by table.
    pub counts: BTreeMap<String, u64>,
    /// What is wrong with the database itself, which was copied as it is.
    pub fault: Option<String>,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("the database cannot be read")]
    Read(#[source] Refusal),
    #[error("the database cannot be copied")]
    Copy(#[source] rusqlite::Error),
    #[error("it was cancelled")]
    Cancelled,
}

impl Readers {
    /// Copies the database into a new file. `watch` is told how many pages of how many are done, and
    /// says whether to go on.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`]; what was copied so far stays, for the caller to throw away.
    pub fn snapshot(
        &self,
        to: &Path,
        watch: &dyn Fn(u64, u64) -> ControlFlow<()>,
    ) -> Result<Snapshot, SnapshotError> {
        let mut copied = Ok(());
        let looked = self.read(|reader| {
            copied = copy(&reader.connection, to, watch);
            Ok(())
        });
        looked.map_err(SnapshotError::Read)?;
        copied?;
        let connection = Connection::open(to).map_err(SnapshotError::Copy)?;
        let found = look(&connection).and_then(|found| {
            let (counts, fault) = (counts(&connection)?, whole::fault(&connection)?);
            Ok(Snapshot { counts, fault, ..found })
        });
        found.map_err(SnapshotError::Copy)
    }

    /// What a copy would hold, the rows not counted.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::Read`].
    pub fn facts(&self) -> Result<Snapshot, SnapshotError> {
        self.read(|reader| look(&reader.connection).map_err(|error| refuse(&error)))
            .map_err(SnapshotError::Read)
    }
}

fn copy(
    from: &Connection,
    to: &Path,
    watch: &dyn Fn(u64, u64) -> ControlFlow<()>,
) -> Result<(), SnapshotError> {
    let fail = SnapshotError::Copy;
    // A transaction sees one state from its first look on.
    let found: i64 =
        from.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fail)?;
    tracing::trace!(found, "a state to copy is held");
    let mut copy = Connection::open(to).map_err(fail)?;
    // Nobody relies on it before it is packed and synced.
    copy.pragma_update(None, "synchronous", "off").map_err(fail)?;
    let backup = Backup::new(from, &mut copy).map_err(fail)?;
    loop {
        let step = backup.step(PAGES).map_err(fail)?;
        let at = backup.progress();
        let total = u64::try_from(at.pagecount).unwrap_or(0);
        let left = u64::try_from(at.remaining).unwrap_or(0);
        if watch(total.saturating_sub(left), total).is_break() {
            return Err(SnapshotError::Cancelled);
        }
        if matches!(step, StepResult::Done) {
            break;
        }
        thread::sleep(PAUSE);
    }
    drop(backup);
    // One file, whole without a log beside it.
    copy.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(())).map_err(fail)?;
    copy.close().map_err(|(_, error)| fail(error))
}

fn look(copy: &Connection) -> rusqlite::Result<Snapshot> {
    let seq = copy.query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0))?;
    let schema = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let sessions = copy
        .prepare("SELECT id, name, state FROM orchestration_sessions ORDER BY id")?
        .query_map([], |row| Ok((parsed(row, 0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Snapshot { seq, schema, sessions, counts: BTreeMap::new(), fault: None })
}

/// Rows by table.
fn counts(copy: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let tables: Vec<String> = copy
        .prepare(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut counts = BTreeMap::new();
    for table in tables {
        let sql = format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\""));
        let count: i64 = copy.query_row(&sql, [], |row| row.get(0))?;
        counts.insert(table, u64::try_from(count).unwrap_or(0));
    }
    Ok(counts)
}
