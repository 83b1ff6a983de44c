//! Opening the database for writing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::modes::KnownModes;
use super::room::Room;
use super::rows::task::{ASTRAY, HOLDER_DIED};
use super::{StoreError, migrations};
use crate::domain::claim::{GRACE_MS, RETURN_MS};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;

/// `SQLite` before 3.51.3 can corrupt a WAL that several connections share.
const SQLITE_MIN: i32 = 3_051_003;
/// How long `SQLite` itself waits for a lock; writers already take turns by an operating system lock.
const BUSY: Duration = Duration::from_secs(10);
/// Prepared statements kept by a connection.
const STATEMENTS_MAX: usize = 256;

/// The one connection of a process that writes.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Connection,
    pub(super) place: Place,
    pub(super) modes: KnownModes,
}

/// Where a database was when it was opened, to notice that it went or was replaced since: the
/// system would let writes into a deleted file succeed, and then forget them.
#[derive(Debug, Clone)]
pub(super) struct Place {
    path: PathBuf,
    file: Option<FileId>,
}

type FileId = (u64, u64);

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: file_id(path) }
    }

    /// Refuses when the file that was opened is no longer there.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let now = file_id(&self.path);
        if now.is_some() && now == self.file {
            return Ok(());
        }
        let fate = if now.is_none() { "is gone" } else { "was replaced by another" };
        let message = format!(
            "the project's database {fate} while this program had it open; nothing can be kept in it"
        );
        Err(Refusal::new(Code::StoreFailed, message)
            .with("path", self.path.display().to_string())
            .suggest("restore .task_orchestrator if it was deleted by mistake, then start again"))
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<FileId> {
    path.exists().then_some((0, 0))
}

impl Store {
    /// Opens the database, makes it if it does not exist, and brings it to the known version.
    ///
    /// The caller holds the project's write lock.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the database is untouched then.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if rusqlite::version_number() < SQLITE_MIN {
            return Err(StoreError::OldSqlite { found: rusqlite::version() });
        }
        let fail = |source| StoreError::Open { path: path.to_owned(), source };
        let mut connection = Connection::open(path).map_err(fail)?;
        connection.busy_timeout(BUSY).map_err(fail)?;
        // Before anything is set up: that writes.
        migrations::found_version(&connection, path)?;
        prepare(&connection).map_err(fail)?;
        migrations::apply(&mut connection, path)?;
        Ok(Self { connection, place: Place::of(path), modes: KnownModes::default() })
    }
}

impl Store {
    /// Tells whether claims are to be freed or set right: their time is long over, their holders
    /// died, or the clock was set back.
    pub fn has_claims_to_free(&self, now: Timestamp) -> bool {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM tasks WHERE {ASTRAY})
                 OR EXISTS (SELECT 1 FROM tasks WHERE claim_holder IS NOT NULL AND claim_until <= ?2)
                 OR EXISTS (SELECT 1 FROM tasks WHERE claim_holder IS NOT NULL AND {HOLDER_DIED})"
        );
        let values = [GRACE_MS, -GRACE_MS, -RETURN_MS].map(|after| now.plus_ms(after).0);
        let look =
            || self.connection.prepare_cached(&sql)?.query_row(values, |row| row.get::<_, bool>(0));
        look().unwrap_or(false)
    }

    /// The processes whose agents count as connected.
    pub fn processes_of_agents(&self) -> Vec<String> {
        let sql = "SELECT DISTINCT process FROM agents WHERE gone_at IS NULL AND process <> ''";
        let look = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
        };
        // A store that fails here says so to the next command; nobody is taken for dead by it.
        look().unwrap_or_default()
    }

    /// Tells whether a session is in a transient state, its owner perhaps dead.
    pub fn has_transient_sessions(&self) -> bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM orchestration_sessions WHERE state IN ('initializing', 'resuming', 'completing'))";
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap_or(false)
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Room::Usual.make(connection)?;
    share(connection)?;
    // What a statement of a great change may have to take back: in memory each statement walks the
    // whole list of it (`memjrnlTruncate` of SQLite), so that the time grows with the square of the
    // change. A file is only used beyond 64 KiB.
    connection.pragma_update(None, "temp_store", "file")
}

/// What every connection has in common.
fn share(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "temp_store", "memory")?;
    // Plans do not depend on values; else a statement is prepared anew whenever a value that its
    // plan looked at (any `LIMIT ?`) is bound, which costs more than most statements.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

/// Opens a read-only connection to a database that exists.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -4_000)?;
    share(&connection)?;
    Ok(connection)
}
