//! Answers remembered by idempotency key, so that a repeated call gets the first answer.

use rusqlite::{OptionalExtension as _, params};

use super::{Transaction, refuse};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::{DAY_MS, Timestamp};

/// How long an answer is remembered.
const REMEMBERED_MS: i64 = DAY_MS;
/// Longest key, in characters.
pub(crate) const KEY_MAX: usize = 200;

/// A call that is known again by its key.
#[derive(Debug, Clone, Copy)]
pub struct KeyedCall<'a> {
    pub actor: &'a Actor,
    pub key: &'a str,
    pub command: &'a Command,
}

impl Transaction<'_> {
    /// The answer that a call with this key got, if there was one.
    ///
    /// # Errors
    ///
    /// [`Code::KeyReused`] when the key was used for another command.
    pub fn recall(&self, call: KeyedCall<'_>) -> Result<Option<Outcome>, Refusal> {
        let KeyedCall { actor, key, command } = call;
        let look = || {
            self.connection
                .prepare_cached(
                    "SELECT command, outcome FROM idempotency_keys WHERE actor = ? AND key = ?",
                )?
                .query_row(params![actor.to_string(), key], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })
                .optional()
        };
        let Some((known, outcome)) = look().map_err(|error| refuse(&error))? else {
            return Ok(None);
        };
        if known != print(command) {
            return Err(Refusal::new(
                Code::KeyReused,
                format!("the idempotency key {key:?} was used for another call"),
            )
            .suggest("use a new key for a new call"));
        }
        Ok(serde_json::from_str(&outcome).ok())
    }

    /// Remembers an answer, and forgets those that are too old.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn remember(
        &self,
        call: KeyedCall<'_>,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let KeyedCall { actor, key, command } = call;
        let outcome = serde_json::to_string(outcome).unwrap_or_default();
        let keep = || {
            self.connection
                .prepare_cached("DELETE FROM idempotency_keys WHERE at < ?")?
                .execute([now.0 - REMEMBERED_MS])?;
            self.connection
                .prepare_cached("INSERT INTO idempotency_keys (actor, key, command, outcome, at) VALUES (?, ?, ?, ?, ?)")?
                .execute(params![actor.to_string(), key, print(command), outcome, now.0])
        };
        keep().map(drop).map_err(|error| refuse(&error))
    }
}

/// A command in short, to tell it from another: a 64-bit FNV-1a hash of its JSON, and its length.
fn print(command: &Command) -> String {
    let json = serde_json::to_string(command).unwrap_or_default();
    let hash = json.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}-{}", json.len())
}
