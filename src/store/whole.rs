//! Sessions and databases as wholes: everything a session holds, and what two databases have in
//! common.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::open::open_reader;
use super::refuse;
use super::rows::{artifact, conflict, group, session, task};
use super::rows::{moment_option, parsed, parsed_option};
use crate::domain::document::DOCUMENT_MAX;
use crate::domain::id::SessionId;
use crate::domain::lookups::Finished;
use crate::domain::record::Record;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::text::{DESCRIPTION_MAX, REMARK_MAX};

/// Lines of damage that are looked through.
const DAMAGE_MAX: usize = 100;
/// Tasks that a report is made of.
const FINISHED_MAX: i64 = 10_000;
type Read = fn(&rusqlite::Row<'_>) -> rusqlite::Result<Record>;

/// Hands over every record of a session but itself.
///
/// # Errors
///
/// When one cannot be read, or what `take` refuses with.
pub(crate) fn each(
    connection: &Connection,
    id: SessionId,
    mut take: impl FnMut(Record) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let columns: [(&str, &str, &str, Read); 6] = [
        (group::COLUMNS, "task_groups", "", |row| group::read(row).map(Record::Group)),
        (task::COLUMNS, "tasks", "ORDER BY number", |row| {
            task::read(row).map(|task| Record::Task(Box::new(task)))
        }),
        ("task_id, depends_on, session_id, created_at", "task_dependencies", "", |row| {
            group::read_dependency(row).map(Record::Dependency)
        }),
        (session::CONTEXT_COLUMNS, "session_context_data", "", |row| {
            session::read_context(row).map(Record::Context)
        }),
        (conflict::COLUMNS, "conflicts", "ORDER BY number", |row| {
            conflict::read(row).map(|one| Record::Conflict(Box::new(one)))
        }),
        (artifact::COLUMNS, "session_artifacts", "ORDER BY number", |row| {
            artifact::read(row).map(|one| Record::Artifact(Box::new(one)))
        }),
    ];
    for (columns, table, order, read) in columns {
        let sql = format!("SELECT {columns} FROM {table} WHERE session_id = ? {order}");
        let mut statement = connection.prepare(&sql).map_err(|error| refuse(&error))?;
        let rows = statement.query_map([id.to_string()], read).map_err(|error| refuse(&error))?;
        for record in rows {
            take(record.map_err(|error| refuse(&error))?)?;
        }
    }
    Ok(())
}

/// Texts that belong to no record, with the bytes that each may have.
const TEXTS: [(&str, &str, usize); 9] = [
    ("session_user_interactions", "text", REMARK_MAX),
    ("session_user_interactions", "recipient", REMARK_MAX),
    ("session_state_transitions", "reason", REMARK_MAX),
    ("mode_bindings", "reason", REMARK_MAX),
    ("changes", "reason", REMARK_MAX),
    // A record before and after, as JSON, which writes some characters with six.
    ("changes", "before", 6 * DOCUMENT_MAX),
    ("changes", "after", 6 * DOCUMENT_MAX),
    ("documents", "agreed", DOCUMENT_MAX),
    ("session_error_logs", "message", DESCRIPTION_MAX),
];

/// A text of no record that is longer than any command or call could have made it.
pub(crate) fn oversized(connection: &Connection) -> rusqlite::Result<Option<String>> {
    for (table, column, max) in TEXTS {
        let sql = format!(
            "SELECT octet_length({column}) FROM {table} WHERE ? < octet_length({column}) LIMIT 1"
        );
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let found: Option<i64> = connection.query_row(&sql, [max], |row| row.get(0)).optional()?;
        if let Some(bytes) = found {
            let what = format!("{column} in {table} is {bytes} bytes long; the limit is {max}");
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// What was completed or failed in a session, the latest first, a bounded number.
pub(crate) fn finished(
    connection: &Connection,
    session: SessionId,
) -> rusqlite::Result<Vec<Finished>> {
    let sql = "SELECT status, role, started_at, finished_at, (SELECT actor FROM changes
                   WHERE record = tasks.id AND verb IN ('task.completed', 'task.failed')
                   ORDER BY seq DESC LIMIT 1)
               FROM tasks WHERE session_id = ?1 AND status IN ('completed', 'failed')
               ORDER BY number DESC LIMIT ?2";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Finished {
            status: parsed(row, 0)?,
            role: row.get(1)?,
            started_at: moment_option(row, 2)?,
            finished_at: moment_option(row, 3)?,
            by: parsed_option(row, 4)?,
        })
    };
    connection.prepare(sql)?.query_map(params![session.to_string(), FINISHED_MAX], read)?.collect()
}

/// Tells whether a database holds no session and no entry in its feed.
pub(crate) fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM orchestration_sessions)
                   AND NOT EXISTS (SELECT 1 FROM changes)";
    connection.query_row(sql, [], |row| row.get(0))
}

/// The tables that hold rows of ours; those that search keeps for itself are none.
pub(crate) fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// All sessions of a database, the oldest first.
pub(crate) fn sessions(connection: &Connection) -> rusqlite::Result<Vec<Session>> {
    let sql =
        format!("SELECT {} FROM orchestration_sessions ORDER BY created_at, id", session::COLUMNS);
    connection.prepare(&sql)?.query_map([], session::read)?.collect()
}

/// How many records a database holds.
pub(crate) fn count(connection: &Connection) -> rusqlite::Result<usize> {
    let sql =
        "SELECT (SELECT count(*) FROM orchestration_sessions) + (SELECT count(*) FROM task_groups)
        + (SELECT count(*) FROM tasks) + (SELECT count(*) FROM task_dependencies)
        + (SELECT count(*) FROM session_context_data) + (SELECT count(*) FROM conflicts)
        + (SELECT count(*) FROM session_artifacts)";
    let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// What is wrong with a database; none when it is sound. Rows that refer to what is not there are
/// no damage: they are mended, here by a cleanup and in a copy by [`super::mend`].
pub(crate) fn fault(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((found != "ok").then_some(found))
}

/// What `SQLite` finds wrong with a database, a line each, the search indexes included; nothing where
/// there is none.
pub(crate) fn damage(path: &Path) -> Vec<String> {
    if !path.exists() {
        return Vec::new();
    }
    let look = || -> rusqlite::Result<Vec<String>> {
        let connection = open_reader(path)?;
        let sql = format!("PRAGMA quick_check({DAMAGE_MAX})");
        connection.prepare(&sql)?.query_map([], |row| row.get(0))?.collect()
    };
    match look() {
        Ok(found) => found.into_iter().filter(|line| line != "ok").collect(),
        Err(error) if super::is_damage(&error) => vec![error.to_string()],
        // Whether it is damaged cannot be told; who opens it is told why not.
        Err(_) => Vec::new(),
    }
}

/// The newest entry that two feeds have in common; 0 where they have none.
pub(crate) fn common(here: &Connection, there: &Connection) -> rusqlite::Result<i64> {
    let mut low = 0;
    let mut high = last(here, i64::MAX)?.0.min(last(there, i64::MAX)?.0);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let (ours, theirs) = (last(here, middle)?, last(there, middle)?);
        // Where old entries were removed, nothing speaks against it.
        if ours == theirs || ours.0 == 0 || theirs.0 == 0 {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}

/// The newest entry of a feed up to a number, and what tells it from any other.
pub(crate) fn last(connection: &Connection, seq: i64) -> rusqlite::Result<(i64, String)> {
    let sql =
        "SELECT seq, concat_ws(' ', at, actor, record, version, verb, command, after) FROM changes
               WHERE seq <= ? ORDER BY seq DESC LIMIT 1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.unwrap_or_default())
}
