//! Copying a whole database into one that is empty, row for row.
//!
//! Indexes are made when all rows are there, and what triggers would derive of each row is made of
//! all of them at once: row by row both would take most of the time, and the project's turn is held
//! for as long as it takes.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::open::open_reader;
use super::searched;
use super::whole::tables;
use crate::domain::restore::{Ledger, Snapshot};

/// Tables whose rows of this database stay beside those that are copied: what is known of backups,
/// and the agents that are here now.
const KEPT: [&str; 2] = ["backups", "agents"];
/// What is known of documents.
const LEDGER: &str = "documents";
/// What is made anew of the tables that were copied.
const DERIVED: &str = "search_records";
/// What others refer to, in the order in which nothing is missing when it is referred to.
const FIRST: [&str; 3] = ["orchestration_sessions", "task_groups", "tasks"];
/// Indexes that are needed while rows come: a task may come before the one that contains it, and is
/// looked for by it then.
const NEEDED: &str = "'tasks_by_parent', 'groups_by_parent'";

/// Copies every table of a snapshot into a database that is empty, and returns the number of the
/// newest change.
pub(super) fn copy(to: &Connection, snapshot: &Snapshot) -> rusqlite::Result<i64> {
    let from = open_reader(&snapshot.path)?;
    // What a row refers to is there when all are.
    to.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    let later = set_aside(to)?;
    // The tables of this program; whatever else somebody put into an archive stays there.
    let mut all = tables(to)?;
    all.sort_by_key(|table| FIRST.iter().position(|first| first == table).unwrap_or(FIRST.len()));
    for table in all {
        let is_wanted = table != LEDGER || snapshot.ledger == Ledger::Taken;
        if is_wanted && table != DERIVED {
            copy_table(&from, to, &table)?;
        }
    }
    for sql in later {
        to.execute_batch(&sql)?;
    }
    searched::rebuild_all(to)?;
    copy_counters(&from, to)?;
    to.query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0))
}

/// Drops indexes and triggers, and returns what makes them again.
fn set_aside(to: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = format!(
        "SELECT type, name, sql FROM sqlite_master
         WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND name NOT IN ({NEEDED})"
    );
    let mut statement = to.prepare(&sql)?;
    let read = |row: &rusqlite::Row<'_>| {
        let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((format!("DROP {kind} \"{name}\""), row.get(2)?))
    };
    let found: Vec<(String, String)> =
        statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    drop(statement);
    let mut later = Vec::with_capacity(found.len());
    for (drop, sql) in found {
        to.execute_batch(&drop)?;
        later.push(sql);
    }
    Ok(later)
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
        for column in 0..names.len() {
            let value: ValueRef<'_> = row.get_ref(column)?;
            insert.raw_bind_parameter(column + 1, rusqlite::types::ToSqlOutput::Borrowed(value))?;
        }
        insert.raw_execute()?;
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
