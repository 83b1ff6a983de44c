//! Calls remembered by idempotency key, so that a repeated call gets the first answer.
//!
//! A call may take several commands; the outcome of each is kept in the transaction of its changes,
//! the answer that was made of them soon after. A repeat gets the answer; if the program died
//! before that was kept, the call runs again and each command finds its first outcome.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Reader, Transaction, refuse};
use crate::domain::actor::Actor;
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::one_line;
use crate::domain::time::{DAY_MS, Timestamp};

/// How long an answer is remembered.
const REMEMBERED_MS: i64 = DAY_MS;
/// Longest key, in characters.
const KEY_MAX: usize = 200;
/// The step under which the answer to the whole call is kept.
const ANSWER: &str = "answer";

/// How a call is known when it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeatable {
    /// The caller's own word for the call: one line of at most 200 characters.
    pub key: String,
    /// What tells the call from others under the same key: see [`print()`].
    pub call: String,
}

impl Repeatable {
    /// A call with a key.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidText`] when the key is empty, too long or of several lines.
    pub fn new(key: &str, call: String) -> Result<Self, Refusal> {
        Ok(Self { key: one_line("idempotency_key", key, KEY_MAX)?, call })
    }
}

/// What is remembered of a repeated call.
#[derive(Debug)]
pub(crate) enum Remembered {
    /// Nothing: it is the first.
    Nothing,
    /// Its answer, as it was kept.
    Answer(String),
}

/// Looks whether a call was made before.
///
/// # Errors
///
/// [`Code::KeyReused`] when the key was used for another call.
pub(crate) fn look_up(
    reader: &Reader,
    actor: &Actor,
    call: &Repeatable,
) -> Result<Remembered, Refusal> {
    let answer = step(&reader.connection, actor, call, ANSWER)?;
    Ok(answer.map_or(Remembered::Nothing, Remembered::Answer))
}

/// Remembers the answer to a whole call.
pub(super) fn keep_answer(
    connection: &Connection,
    actor: &Actor,
    call: &Repeatable,
    answer: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    insert(connection, actor, call, (ANSWER, answer), at)
}

impl Transaction<'_> {
    /// The outcome that a command had when its call was made before, if it was.
    ///
    /// # Errors
    ///
    /// [`Code::KeyReused`] when the key was used for another call.
    pub fn recall(
        &self,
        actor: &Actor,
        call: &Repeatable,
        step_name: &str,
    ) -> Result<Option<Outcome>, Refusal> {
        let known = step(self.connection, actor, call, step_name)?;
        Ok(known.and_then(|outcome| serde_json::from_str(&outcome).ok()))
    }

    /// Remembers the outcome of a command, and forgets those that are too old.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn remember(
        &self,
        actor: &Actor,
        call: &Repeatable,
        (step_name, outcome): (&str, &Outcome),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let outcome = serde_json::to_string(outcome).unwrap_or_default();
        let keep = || {
            self.connection
                .prepare_cached("DELETE FROM idempotency_keys WHERE at < ?")?
                .execute([now.0 - REMEMBERED_MS])?;
            insert(self.connection, actor, call, (step_name, &outcome), now)
        };
        keep().map_err(|error| refuse(&error))
    }
}

fn step(
    connection: &Connection,
    actor: &Actor,
    call: &Repeatable,
    name: &str,
) -> Result<Option<String>, Refusal> {
    let look = || {
        connection
            .prepare_cached(
                "SELECT call, (SELECT outcome FROM idempotency_keys AS same
                     WHERE same.actor = ?1 AND same.key = ?2 AND same.step = ?3)
                 FROM idempotency_keys WHERE actor = ?1 AND key = ?2 LIMIT 1",
            )?
            .query_row(params![actor.to_string(), call.key, name], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
            })
            .optional()
    };
    match look().map_err(|error| refuse(&error))? {
        Some((known, _)) if known != call.call => {
            let message = format!("the idempotency key {:?} was used for another call", call.key);
            Err(Refusal::new(Code::KeyReused, message).suggest("use a new key for a new call"))
        }
        Some((_, outcome)) => Ok(outcome),
        None => Ok(None),
    }
}

fn insert(
    connection: &Connection,
    actor: &Actor,
    call: &Repeatable,
    (step_name, outcome): (&str, &str),
    at: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO idempotency_keys (actor, key, step, call, outcome, at) VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![actor.to_string(), call.key, step_name, call.call, outcome, at.0])?;
    Ok(())
}

/// A text in short, to tell it from another: a 64-bit FNV-1a hash, and its length in bytes.
pub fn print(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}-{}", text.len())
}
