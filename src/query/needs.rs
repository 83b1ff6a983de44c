//! What waits for a person.

use rusqlite::params;

use super::many;
use super::rows::{Need, NeedKind};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::rows::{moment, parsed, parsed_option};

/// What waits for a person in a session, the oldest first.
pub fn list(
    reader: &Reader,
    session: SessionId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Need>, Refusal> {
    let session = session.to_string();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut needs = Vec::new();
    for (kind, status) in
        [(NeedKind::Review, "review"), (NeedKind::Blocked, "blocked"), (NeedKind::Failed, "failed")]
    {
        let sql = "SELECT id, title, assignee, updated_at FROM tasks WHERE session_id = ? AND status = ? ORDER BY number LIMIT ?";
        needs.extend(many(reader, sql, params![session, status, limit], |row| {
            let who = row.get::<_, Option<String>>(2)?.unwrap_or_default();
            Ok(Need {
                kind,
                task: parsed(row, 0)?,
                title: row.get(1)?,
                who,
                since: moment(row, 3)?,
            })
        })?);
    }
    let stale = "SELECT id, title, claim_holder, claim_until FROM tasks INDEXED BY tasks_by_claim_end
                 WHERE session_id = ? AND claim_holder IS NOT NULL AND claim_until <= ? ORDER BY claim_until LIMIT ?";
    needs.extend(many(reader, stale, params![session, now.0, limit], |row| {
        let holder = parsed_option::<crate::domain::actor::Actor>(row, 2)?;
        let who = holder.map(|actor| actor.name().to_owned()).unwrap_or_default();
        Ok(Need {
            kind: NeedKind::StaleClaim,
            task: parsed(row, 0)?,
            title: row.get(1)?,
            who,
            since: moment(row, 3)?,
        })
    })?);
    for need in &mut needs {
        if need.who.is_empty() {
            need.who = last_actor(reader, &need.task.to_string())?;
        }
    }
    needs.sort_by_key(|need| need.since);
    needs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(needs)
}

fn last_actor(reader: &Reader, record: &str) -> Result<String, Refusal> {
    let sql = "SELECT actor FROM changes WHERE record = ? ORDER BY seq DESC LIMIT 1";
    let actor =
        super::one(reader, sql, [record], |row| parsed::<crate::domain::actor::Actor>(row, 0))?;
    Ok(actor.map(|actor| actor.name().to_owned()).unwrap_or_default())
}
