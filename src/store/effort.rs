//! What a query costs `SQLite`, statement by statement, whatever function sent it: for the tests
//! that keep every list fast.
//!
//! Observed rather than listed: a statement that is added to a query is measured without anybody
//! thinking of it.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::trace::{StmtRef, TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};

use super::{Reader, open, refuse};
use crate::domain::refusal::Refusal;

/// Most statements of one look.
const STATEMENTS_MAX: usize = 20_000;

/// One statement, and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effort {
    pub sql: String,
    /// How often it ran; the figures are of all runs together.
    pub runs: i32,
    /// Rows stepped over without the help of an index.
    pub scanned: i32,
    /// Sorts, each through a temporary b-tree.
    pub sorts: i32,
    /// Steps of the virtual machine: grows with the rows visited, however they are found.
    pub steps: i32,
    /// How `SQLite` goes about it, a line each.
    pub plan: Vec<String>,
}

/// Takes one look at a database on a connection of its own, and watches it.
///
/// # Errors
///
/// What `look` refuses with, or that the database cannot be read.
pub fn of<T>(
    path: &Path,
    look: impl FnOnce(&Reader) -> Result<T, Refusal>,
) -> Result<(T, Vec<Effort>), Refusal> {
    let mut connection = open::open_reader(path).map_err(|error| refuse(&error))?;
    let seen = watch(&mut connection).map_err(|error| refuse(&error))?;
    let reader = Reader { connection };
    let result = look(&reader)?;
    let efforts = collect(&reader.connection, &seen).map_err(|error| refuse(&error))?;
    Ok((result, efforts))
}

/// Watches every statement that ends on a connection from now on.
pub(crate) fn watch(connection: &mut Connection) -> rusqlite::Result<Receiver<Effort>> {
    let (sender, seen): (SyncSender<Effort>, _) = sync_channel(STATEMENTS_MAX);
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            // Beyond the bound nothing is noted; a look of so many statements is found slow anyway.
            sender.try_send(effort(&statement)).ok();
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(note))?;
    Ok(seen)
}

/// What was watched so far, each with its plan.
pub(crate) fn collect(
    connection: &Connection,
    seen: &Receiver<Effort>,
) -> rusqlite::Result<Vec<Effort>> {
    let mut efforts: Vec<Effort> = Vec::new();
    for effort in seen.try_iter() {
        // A statement's counters go on from run to run, so the last report holds the sum.
        match efforts.iter_mut().find(|known| known.sql == effort.sql) {
            Some(known) => *known = Effort { runs: known.runs + 1, ..effort },
            None => efforts.push(effort),
        }
    }
    for effort in &mut efforts {
        effort.plan = plan(connection, &effort.sql)?;
    }
    // The explanations were watched too.
    seen.try_iter().for_each(drop);
    Ok(efforts)
}

fn effort(statement: &StmtRef<'_>) -> Effort {
    Effort {
        sql: statement.sql().split_whitespace().collect::<Vec<_>>().join(" "),
        runs: 1,
        scanned: statement.get_status(StatementStatus::FullscanStep),
        sorts: statement.get_status(StatementStatus::Sort),
        steps: statement.get_status(StatementStatus::VmStep),
        plan: Vec::new(),
    }
}

fn plan(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    // Parameters that are not bound count as null, and a plan does not depend on them.
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(row.get(3)?);
    }
    Ok(lines)
}
