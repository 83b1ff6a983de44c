//! Sessions and databases as wholes: everything a session holds, and copying a whole database into
//! one that is empty.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};

use super::open::open_reader;
use super::rows::{artifact, conflict, group, session, task};
use super::rows::{moment_option, parsed, parsed_option};
use crate::domain::id::SessionId;
use crate::domain::lookups::Finished;
use crate::domain::record::Record;
use crate::domain::restore::{Ledger, Snapshot};
use crate::domain::session::Session;

/// Tables whose rows of this database stay beside those that are copied: what is known of backups,
/// and the agents that are here now.
const KEPT: [&str; 2] = ["backups", "agents"];
/// Tasks that a report is made of.
const FINISHED_MAX: i64 = 10_000;
/// What is known of documents.
const LEDGER: &str = "documents";
/// What triggers fill while the tables that it is made of are copied.
const DERIVED: &str = "search_records";

type Read = fn(&rusqlite::Row<'_>) -> rusqlite::Result<Record>;

/// All records of a session but itself.
pub(crate) fn records(connection: &Connection, id: SessionId) -> rusqlite::Result<Vec<Record>> {
    let mut found = Vec::new();
    let groups = format!("SELECT {} FROM task_groups WHERE session_id = ?", group::COLUMNS);
    let tasks = format!("SELECT {} FROM tasks WHERE session_id = ? ORDER BY number", task::COLUMNS);
    let edges = "SELECT task_id, depends_on, session_id, created_at FROM task_dependencies
                 WHERE session_id = ?";
    let context = format!(
        "SELECT {} FROM session_context_data WHERE session_id = ?",
        session::CONTEXT_COLUMNS
    );
    let conflicts =
        format!("SELECT {} FROM conflicts WHERE session_id = ? ORDER BY number", conflict::COLUMNS);
    let mut take = |sql: &str, read: Read| -> rusqlite::Result<()> {
        let mut statement = connection.prepare(sql)?;
        for record in statement.query_map([id.to_string()], read)? {
            found.push(record?);
        }
        Ok(())
    };
    let artifacts = format!(
        "SELECT {} FROM session_artifacts WHERE session_id = ? ORDER BY number",
        artifact::COLUMNS
    );
    take(&groups, |row| group::read(row).map(Record::Group))?;
    take(&tasks, |row| task::read(row).map(|task| Record::Task(Box::new(task))))?;
    take(edges, |row| group::read_dependency(row).map(Record::Dependency))?;
    take(&context, |row| session::read_context(row).map(Record::Context))?;
    take(&conflicts, |row| conflict::read(row).map(|one| Record::Conflict(Box::new(one))))?;
    take(&artifacts, |row| artifact::read(row).map(|one| Record::Artifact(Box::new(one))))?;
    Ok(found)
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

/// Copies every table of a snapshot into a database that is empty, row for row, and returns the
/// number of the newest change. What is derived by triggers comes by itself.
pub(super) fn copy(to: &Connection, snapshot: &Snapshot) -> rusqlite::Result<i64> {
    let from = open_reader(&snapshot.path)?;
    // Rows come table by table; what they refer to is there when all are.
    to.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    for table in tables(&from)? {
        let is_wanted = table != LEDGER || snapshot.ledger == Ledger::Taken;
        if is_wanted && table != DERIVED {
            copy_table(&from, to, &table)?;
        }
    }
    copy_counters(&from, to)?;
    to.query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0))
}

/// The tables that hold rows of ours; those that search keeps for itself are none.
pub(crate) fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

fn copy_table(from: &Connection, to: &Connection, table: &str) -> rusqlite::Result<()> {
    if !KEPT.contains(&table) {
        to.execute(&format!("DELETE FROM \"{table}\""), [])?;
    }
    let mut rows = from.prepare(&format!("SELECT * FROM \"{table}\""))?;
    let names: Vec<String> = rows.column_names().map(|name| format!("\"{name}\"")).collect();
    let marks = vec!["?"; names.len()].join(", ");
    let mut insert = to.prepare(&format!(
        "INSERT OR REPLACE INTO \"{table}\" ({}) VALUES ({marks})",
        names.join(", ")
    ))?;
    let mut found = rows.query([])?;
    while let Some(row) = found.next()? {
        let values = (0..names.len()).map(|column| row.get::<_, Value>(column));
        let values: Vec<Value> = values.collect::<rusqlite::Result<_>>()?;
        insert.execute(params_from_iter(values))?;
    }
    Ok(())
}

/// Numbers that were given once are not given again, even if what had them is gone.
fn copy_counters(from: &Connection, to: &Connection) -> rusqlite::Result<()> {
    let mut counters = from.prepare("SELECT name, seq FROM sqlite_sequence")?;
    let found = counters.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for counter in found {
        let (name, seq): (String, i64) = counter?;
        if KEPT.contains(&name.as_str()) || name == DERIVED {
            continue;
        }
        to.execute("DELETE FROM sqlite_sequence WHERE name = ?", [&name])?;
        to.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", params![name, seq])?;
    }
    Ok(())
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

/// What is wrong with a database; none when it is sound.
pub(crate) fn fault(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Ok(Some(found));
    }
    let sql = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1";
    let lost: Option<String> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    Ok(lost.map(|table| format!("rows of {table} refer to what is not there")))
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
