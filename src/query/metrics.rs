//! How the work goes: calls by hour, finished tasks, the log of errors, what people said to agents.

mod summary;

use rusqlite::params;
use serde::Serialize;

use super::rows::Page;
use super::{bounded, many};
use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::rows::{moment, moment_option, parsed};

pub use summary::{Bucket, Range, Row, Summary, summary};

/// The newest lines of the log of errors that are looked through for failures.
const LOOKED_AT: usize = 100;

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

/// How the log calls people.
const HUMAN: &str = "human";

/// A refused or failed call, or something else that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorEntry {
    /// Counts the lines of the log; the cursor of its pages.
    pub number: i64,
    pub at: Timestamp,
    pub actor: String,
    /// The tool that was called; `sync`, `mode` or `session` where something else failed.
    pub source: String,
    pub code: String,
    pub message: String,
}

/// Which lines of the log of errors are wanted, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorQuery {
    /// Only those before this one.
    pub before: Option<i64>,
    /// Only those of this agent, document or person.
    pub actor: Option<String>,
    /// Only those of this tool, with or without what all names of tools begin with.
    pub source: Option<String>,
    pub limit: usize,
}

/// What a person said to an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Counts what is said; the cursor of its pages.
    pub number: i64,
    pub session_id: SessionId,
    pub at: Timestamp,
    pub actor: Actor,
    pub to: String,
    pub text: String,
    /// When it was handed over with an answer; none while it waits.
    pub delivered_at: Option<Timestamp>,
}

/// The calls of an agent to a tool within an hour.
struct Calls {
    hour: Timestamp,
    agent: String,
    tool: String,
    count: i64,
    errors: i64,
    total_us: i64,
    max_us: i64,
}

/// A task that was finished, and by whom.
struct Finished {
    at: Timestamp,
    actor: Actor,
    role: Option<String>,
    /// When work on it began.
    begun: Option<Timestamp>,
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

/// A page of the log of errors, the newest first.
pub fn errors(reader: &Reader, query: &ErrorQuery) -> Result<Page<ErrorEntry>, Refusal> {
    // The table is bounded; whoever narrows it looks through it.
    let sql = "SELECT number, at, actor, source, code, message FROM session_error_logs
               WHERE number < ?1 AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR source IN (?3, 'orchestrator_' || ?3))
               ORDER BY number DESC LIMIT ?4";
    let before = query.before.unwrap_or(i64::MAX);
    let values = params![before, query.actor, query.source, bounded(query.limit)];
    let items = many(reader, sql, values, |row| {
        Ok(ErrorEntry {
            number: row.get(0)?,
            at: moment(row, 1)?,
            actor: row.get(2)?,
            source: row.get(3)?,
            code: row.get(4)?,
            message: row.get(5)?,
        })
    })?;
    let cursor = next(&items, query.limit, |entry| entry.number);
    Ok(Page { items, total: None, cursor })
}

/// The newest line about something that failed outside of any call, among the newest of the log.
/// What is wrong with a mode is told where the modes are, and a person's move was refused before their
/// own eyes.
pub fn newest_failure(reader: &Reader, since: Timestamp) -> Result<Option<ErrorEntry>, Refusal> {
    let query = ErrorQuery { limit: LOOKED_AT, ..ErrorQuery::default() };
    let is_failure = |entry: &ErrorEntry| {
        let is_told = entry.source.starts_with("orchestrator_")
            || entry.source == "mode"
            || (entry.source == "session" && entry.actor == HUMAN);
        since <= entry.at && !is_told
    };
    Ok(errors(reader, &query)?.items.into_iter().find(is_failure))
}

/// A page of what people said to agents, the newest first.
pub fn said(reader: &Reader, before: Option<i64>, limit: usize) -> Result<Page<Said>, Refusal> {
    let sql = "SELECT number, session_id, at, actor, recipient, text, delivered_at
               FROM session_user_interactions WHERE number < ? ORDER BY number DESC LIMIT ?";
    let items = many(reader, sql, [before.unwrap_or(i64::MAX), bounded(limit)], |row| {
        Ok(Said {
            number: row.get(0)?,
            session_id: parsed(row, 1)?,
            at: moment(row, 2)?,
            actor: parsed(row, 3)?,
            to: row.get(4)?,
            text: row.get(5)?,
            delivered_at: moment_option(row, 6)?,
        })
    })?;
    let cursor = next(&items, limit, |said| said.number);
    Ok(Page { items, total: None, cursor })
}

/// The cursor after a page that is full.
fn next<T>(items: &[T], limit: usize, number: impl Fn(&T) -> i64) -> Option<String> {
    items.last().filter(|_| limit <= items.len()).map(|last| number(last).to_string())
}

/// The newest hours of calls since a moment.
fn calls(reader: &Reader, since: Timestamp, limit: i64) -> Result<Vec<Calls>, Refusal> {
    let sql = "SELECT hour, agent, tool, calls, errors, total_us, max_us
               FROM session_performance_metrics WHERE ? <= hour ORDER BY hour DESC LIMIT ?";
    many(reader, sql, [since.0, limit], |row| {
        Ok(Calls {
            hour: moment(row, 0)?,
            agent: row.get(1)?,
            tool: row.get(2)?,
            count: row.get(3)?,
            errors: row.get(4)?,
            total_us: row.get(5)?,
            max_us: row.get(6)?,
        })
    })
}

/// The tasks of a session that were finished last, back to a moment.
fn finished(
    reader: &Reader,
    session: SessionId,
    (since, limit): (Timestamp, i64),
) -> Result<Vec<Finished>, Refusal> {
    // The condition is that of the partial index, to the letter. What is taken back at present is
    // not finished.
    let sql = "SELECT at, actor, verb, role, coalesce(started_at, tasks.created_at) FROM changes
               LEFT JOIN tasks ON tasks.id = record
               WHERE changes.session_id = ? AND verb IN ('task.completed', 'task.reopened')
                   AND command NOT IN (SELECT command FROM undone_commands)
               ORDER BY seq DESC LIMIT ?";
    let found = many(reader, sql, params![session.to_string(), limit], |row| {
        let verb: Verb = parsed(row, 2)?;
        let one = Finished {
            at: moment(row, 0)?,
            actor: parsed(row, 1)?,
            role: row.get(3)?,
            begun: moment_option(row, 4)?,
        };
        Ok((verb == Verb::TaskCompleted).then_some(one))
    })?;
    Ok(found.into_iter().flatten().take_while(|one| since <= one.at).collect())
}
