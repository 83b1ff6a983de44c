//! What is measured of agents and calls: not state of the board, so not in the feed, but kept in
//! the writer's turn like everything else.

use rusqlite::{Connection, params};

use super::memory::{self, Repeatable};
use crate::domain::actor::Actor;
use crate::domain::time::Timestamp;

/// Milliseconds of an hour, by which calls are rolled up.
const HOUR_MS: i64 = 3_600_000;
/// Errors kept in the log.
const ERRORS_MAX: i64 = 10_000;
/// Characters kept of what an error says.
const MESSAGE_MAX: usize = 2_000;

/// An agent that connects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSeen {
    pub name: String,
    /// The client program's own name and version.
    pub client: String,
    pub version: String,
    /// `stdio` or `http`.
    pub transport: String,
}

/// A call that an agent made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub agent: String,
    pub tool: &'static str,
    pub elapsed_us: u64,
    /// Code and message of the refusal, if it was refused.
    pub error: Option<(String, String)>,
    pub at: Timestamp,
}

/// Something that failed outside of a call: with a document, a mode, a move of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub actor: Actor,
    /// Where: `sync`, `mode`, `session`, `artifact`, `backup`.
    pub source: String,
    pub code: String,
    pub message: String,
    pub at: Timestamp,
}

/// Something to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Measure {
    Seen {
        agent: AgentSeen,
        process: String,
        at: Timestamp,
    },
    Gone {
        name: String,
        at: Timestamp,
    },
    Called(Call),
    /// Something failed that no caller was told of.
    Failed(Failure),
    /// Messages, by number, that were handed over.
    Delivered {
        messages: Vec<i64>,
        at: Timestamp,
    },
    /// An agent was told of the mode in force.
    ToldMode {
        agent: String,
        key: String,
    },
    /// The answer to a call that may be repeated.
    Answered {
        actor: Actor,
        call: Repeatable,
        answer: String,
        at: Timestamp,
    },
    /// A process ended without saying so; its agents are gone.
    Died {
        process: String,
        at: Timestamp,
    },
}

/// Keeps one measure.
pub(crate) fn keep(connection: &Connection, measure: &Measure) -> rusqlite::Result<()> {
    match measure {
        Measure::Seen { agent, process, at } => seen(connection, agent, process, *at),
        Measure::Gone { name, at } => {
            connection
                .prepare_cached(
                    // Who took leave is no longer one of those who die with the process.
                    "UPDATE agents SET gone_at = ?2, last_seen = ?2, process = '' WHERE name = ?1",
                )?
                .execute(params![name, at.0])?;
            Ok(())
        }
        Measure::Called(call) => {
            called(connection, call)?;
            match &call.error {
                Some((code, message)) => {
                    let actor = Actor::Agent(call.agent.clone());
                    let (source, code, message) =
                        (call.tool.to_owned(), code.clone(), message.clone());
                    fail(connection, &Failure { actor, source, code, message, at: call.at })
                }
                None => Ok(()),
            }
        }
        Measure::Failed(failure) => fail(connection, failure),
        Measure::Delivered { messages, at } => {
            let mut statement = connection.prepare_cached(
                "UPDATE session_user_interactions SET delivered_at = ?2 WHERE number = ?1 AND delivered_at IS NULL",
            )?;
            messages.iter().try_for_each(|number| statement.execute([*number, at.0]).map(drop))
        }
        Measure::ToldMode { agent, key } => {
            connection
                .prepare_cached("UPDATE agents SET told_mode = ?2 WHERE name = ?1")?
                .execute(params![agent, key])?;
            Ok(())
        }
        Measure::Answered { actor, call, answer, at } => {
            memory::keep_answer(connection, actor, call, answer, *at)
        }
        Measure::Died { process, at } => died(connection, process, *at),
    }
}

/// Marks the agents of a process that ended as gone.
fn died(connection: &Connection, process: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE agents SET gone_at = ?2 WHERE process = ?1 AND gone_at IS NULL")?
        .execute(params![process, at.0])?;
    Ok(())
}

fn seen(
    connection: &Connection,
    agent: &AgentSeen,
    process: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO agents (name, client, version, transport, process, first_seen, last_seen, calls, errors)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 0, 0)
             ON CONFLICT (name) DO UPDATE SET client = ?2, version = ?3, transport = ?4, process = ?5,
                last_seen = ?6, gone_at = NULL",
        )?
        .execute(params![agent.name, agent.client, agent.version, agent.transport, process, at.0])?;
    Ok(())
}

fn called(connection: &Connection, call: &Call) -> rusqlite::Result<()> {
    let elapsed = i64::try_from(call.elapsed_us).unwrap_or(i64::MAX);
    let failed = call.error.is_some();
    connection
        .prepare_cached(
            "UPDATE agents SET calls = calls + 1, errors = errors + ?2, last_tool = ?3, last_seen = max(last_seen, ?4)
             WHERE name = ?1",
        )?
        .execute(params![call.agent, failed, call.tool, call.at.0])?;
    let hour = call.at.0.div_euclid(HOUR_MS) * HOUR_MS;
    connection
        .prepare_cached(
            "INSERT INTO session_performance_metrics (hour, agent, tool, calls, errors, total_us, max_us)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?5)
             ON CONFLICT (hour, agent, tool) DO UPDATE SET calls = calls + 1, errors = errors + ?4,
                total_us = total_us + ?5, max_us = max(max_us, ?5)",
        )?
        .execute(params![hour, call.agent, call.tool, failed, elapsed])?;
    Ok(())
}

/// Adds a line to the log of errors, whose oldest go.
pub(super) fn fail(connection: &Connection, failure: &Failure) -> rusqlite::Result<()> {
    let Failure { actor, source, code, message, at } = failure;
    let message: String = message.chars().take(MESSAGE_MAX).collect();
    connection
        .prepare_cached(
            "INSERT INTO session_error_logs (at, actor, source, code, message) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![at.0, who(actor), source, code, message])?;
    let newest = connection.last_insert_rowid();
    connection
        .prepare_cached("DELETE FROM session_error_logs WHERE number <= ?")?
        .execute([newest - ERRORS_MAX])?;
    Ok(())
}

/// Agents by their names, as their measures have them.
fn who(actor: &Actor) -> String {
    match actor {
        Actor::Agent(name) => name.clone(),
        Actor::Human | Actor::File(_) | Actor::System => actor.to_string(),
    }
}
