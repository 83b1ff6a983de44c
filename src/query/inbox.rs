//! What waits for an agent; it ends the agent's next answer.

use rusqlite::params;

use super::agents::held_by;
use super::many;
use super::rows::InboxItem;
use crate::domain::actor::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::time::{MINUTE_MS, Timestamp};
use crate::store::Reader;
use crate::store::rows::{moment, parsed};

/// A claim that ends within this time is told.
const ENDING_MS: i64 = 3 * MINUTE_MS;
/// Changes by others that are told.
const CHANGES_MAX: i64 = 5;
/// Messages told at once.
const MESSAGES_MAX: i64 = 20;

/// What waits for an agent. Messages go on waiting until they are marked as delivered.
pub fn list(reader: &Reader, actor: &Actor, now: Timestamp) -> Result<Vec<InboxItem>, Refusal> {
    let sql = "SELECT actor, text, at, number FROM session_user_interactions
               WHERE recipient = ? AND delivered_at IS NULL ORDER BY number LIMIT ?";
    let mut items = many(reader, sql, params![actor.name(), MESSAGES_MAX], |row| {
        let from: Actor = parsed(row, 0)?;
        Ok(InboxItem::Message {
            from: from.name().to_owned(),
            text: row.get(1)?,
            at: moment(row, 2)?,
            number: row.get(3)?,
        })
    })?;
    for held in held_by(reader, actor, now)? {
        if held.until.since_ms(now) < ENDING_MS {
            items.push(InboxItem::ClaimEnding {
                task: held.id,
                title: held.title.clone(),
                until: held.until,
            });
        }
        items.extend(changed_by_others(reader, actor, &held)?);
    }
    Ok(items)
}

/// What others did to a task since its holder's own last change of it.
fn changed_by_others(
    reader: &Reader,
    actor: &Actor,
    held: &super::rows::Held,
) -> Result<Vec<InboxItem>, Refusal> {
    let sql = "SELECT actor, verb, at FROM changes
               WHERE record = ?1 AND actor <> ?2 AND (SELECT coalesce(max(own.seq), 0) FROM changes AS own
                   WHERE own.record = ?1 AND own.actor = ?2) < seq ORDER BY seq DESC LIMIT ?3";
    many(reader, sql, params![held.id.to_string(), actor.to_string(), CHANGES_MAX], |row| {
        let by: Actor = parsed(row, 0)?;
        Ok(InboxItem::TaskChanged {
            task: held.id,
            title: held.title.clone(),
            by: by.name().to_owned(),
            what: row.get(1)?,
            at: moment(row, 2)?,
        })
    })
}
