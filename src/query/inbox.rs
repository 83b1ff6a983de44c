//! What waits for an agent; it ends the agent's next answer.

use rusqlite::params;

use super::agents::held_by;
use super::rows::InboxItem;
use super::{conflicts, many, one};
use crate::domain::actor::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::time::{MINUTE_MS, Timestamp};
use crate::store::Reader;
use crate::store::rows::{moment, parsed};

/// A claim that ends within this time is told.
const ENDING_MS: i64 = 3 * MINUTE_MS;
/// Decisions that are told.
const DECISIONS_MAX: usize = 5;
/// Changes by others that are told.
const CHANGES_MAX: i64 = 5;
/// How long a decision is told to an agent that is at work.
const DECIDED_MS: i64 = 10 * MINUTE_MS;
/// Changes of an agent that are looked through for when it was there before.
const LATELY_MAX: i64 = 64;
/// Decisions that are looked through.
const DECIDED_MAX: usize = 100;
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
    items.extend(decided_by_others(reader, actor, now)?);
    Ok(items)
}

/// The messages that wait for an agent: their numbers, and when they were sent.
pub fn waiting(reader: &Reader, actor: &Actor) -> Result<Vec<(i64, Timestamp)>, Refusal> {
    let sql = "SELECT number, at FROM session_user_interactions
               WHERE recipient = ? AND delivered_at IS NULL ORDER BY number LIMIT ?";
    let values = params![actor.name(), MESSAGES_MAX];
    many(reader, sql, values, |row| Ok((row.get(0)?, moment(row, 1)?)))
}

/// The mode in force, where an agent knows of none or of another.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeNews {
    /// By which it is noted that the agent was told.
    pub key: String,
    /// What it is told; nothing where it comes new, and so knows of no other.
    pub item: Option<InboxItem>,
}

/// What an agent is to be told of the mode of the live session. `lately` is the key that it was told
/// last, where the caller knows that better than the database.
pub fn mode_news(
    reader: &Reader,
    actor: &Actor,
    lately: Option<String>,
) -> Result<Option<ModeNews>, Refusal> {
    let sql = "SELECT told_mode FROM agents WHERE name = ?";
    let read = || one(reader, sql, [actor.name()], |row| row.get::<_, Option<String>>(0));
    let told = if lately.is_some() { lately } else { read()?.flatten() };
    let sql = "SELECT id || ' ' || mode || ' ' || coalesce(binding ->> 'hash', '')
               FROM orchestration_sessions WHERE state IN ('active', 'resuming', 'completing')";
    let Some(key) = one(reader, sql, [], |row| row.get::<_, String>(0))? else { return Ok(None) };
    if told.as_ref() == Some(&key) {
        return Ok(None);
    }
    // A binding of another session is no news: it comes with the session.
    let same_session = |told: &String| told.split(' ').next() == key.split(' ').next();
    if !told.as_ref().is_some_and(same_session) {
        return Ok(Some(ModeNews { key, item: None }));
    }
    let Some(session) = super::sessions::live(reader)? else { return Ok(None) };
    let mode = super::modes::in_force(reader, &session)?.unwrap_or_default();
    let last = super::modes::history(reader, session.id, 1)?.into_iter().next();
    // Who changed it knows.
    let item = last.filter(|bound| bound.actor != *actor).map(|bound| InboxItem::ModeChanged {
        mode: session.mode.clone(),
        roles: mode.roles.iter().map(|role| role.name.clone()).collect(),
        by: bound.actor.name().to_owned(),
        reason: bound.reason,
        at: bound.at,
    });
    Ok(Some(ModeNews { key, item }))
}

/// Conflicts that the agent is part of and that others decided.
///
/// They are told until the agent has changed the record itself; and not for ever: to an agent
/// that was away, for the first minutes of its work, else for the same time after the decision.
fn decided_by_others(
    reader: &Reader,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<InboxItem>, Refusal> {
    let newest = "SELECT max(updated_at) FROM conflicts WHERE state = 'resolved'";
    if one(reader, newest, [], |row| row.get::<_, Option<i64>>(0))?.flatten().is_none() {
        return Ok(Vec::new());
    }
    let seen = seen(reader, actor, now.plus_ms(-DECIDED_MS))?;
    let mut items = Vec::new();
    for conflict in conflicts::decided(reader, seen, DECIDED_MAX)? {
        let Some(end) = conflict.resolution.as_ref().filter(|end| end.by != *actor) else {
            continue;
        };
        let proposed = conflict.proposals.iter().any(|proposal| proposal.by == *actor);
        let takes_part = conflict.ours_by == *actor || conflict.theirs_by == *actor || proposed;
        if !takes_part || changed_since(reader, actor, (&conflict.record, end.at))? {
            continue;
        }
        items.push(InboxItem::ConflictDecided {
            conflict: conflict.id,
            record: conflict.record.clone(),
            title: conflicts::title(reader, &conflict)?,
            field: conflict.field.clone(),
            choice: end.choice,
            by: end.by.name().to_owned(),
            remark: end.remark.clone(),
            at: end.at,
        });
        if DECISIONS_MAX <= items.len() {
            break;
        }
    }
    Ok(items)
}

/// When an agent changed something for the last time, up to a moment. One that changed much since has
/// heard of what was decided before, with every answer: how long it was away is not looked for.
fn seen(reader: &Reader, actor: &Actor, before: Timestamp) -> Result<Timestamp, Refusal> {
    let sql = "SELECT count(*), max(iif(at <= ?2, at, NULL))
               FROM (SELECT at FROM changes WHERE actor = ?1 ORDER BY seq DESC LIMIT ?3)";
    let values = params![actor.to_string(), before.0, LATELY_MAX];
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?));
    Ok(match one(reader, sql, values, read)? {
        Some((_, Some(at))) => Timestamp(at),
        Some((LATELY_MAX, None)) => before,
        Some((_, None)) | None => Timestamp::default(),
    })
}

/// Tells whether somebody changed a record after a moment.
fn changed_since(
    reader: &Reader,
    actor: &Actor,
    (record, since): (&str, Timestamp),
) -> Result<bool, Refusal> {
    let sql = "SELECT max(at) FROM (SELECT at FROM changes WHERE record = ? AND +actor = ? ORDER BY seq DESC LIMIT 1)";
    let own =
        one(reader, sql, params![record, actor.to_string()], |row| row.get::<_, Option<i64>>(0))?;
    Ok(own.flatten().is_some_and(|at| since.0 < at))
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
