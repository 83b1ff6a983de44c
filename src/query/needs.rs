//! What waits for a person.

use rusqlite::params;

use super::conflicts::{self, ConflictQuery, Which, Whose};
use super::rows::{Need, NeedAbout, NeedKind};
use super::{ledger, many};
use crate::domain::conflict::{Conflict, ConflictKind};
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
    let mut needs = tasks(reader, session, now, limit)?;
    for need in &mut needs {
        if let (NeedAbout::Task(task), true) = (&need.about, need.who.is_empty()) {
            need.who = last_actor(reader, &task.to_string())?;
        }
    }
    needs.extend(open_conflicts(reader, session, limit)?);
    needs.extend(ledger::held(reader, session, limit)?.into_iter().map(|document| Need {
        kind: NeedKind::HeldDocument,
        // The session's directory says nothing new here.
        title: document.path.splitn(3, '/').nth(2).unwrap_or(&document.path).to_owned(),
        about: NeedAbout::Document(document.path),
        who: document.reason.unwrap_or_default(),
        since: document.updated_at,
    }));
    needs.sort_by_key(|need| need.since);
    needs.truncate(limit);
    Ok(needs)
}

fn tasks(
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
                about: NeedAbout::Task(parsed(row, 0)?),
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
            about: NeedAbout::Task(parsed(row, 0)?),
            title: row.get(1)?,
            who,
            since: moment(row, 3)?,
        })
    })?);
    Ok(needs)
}

fn open_conflicts(reader: &Reader, session: SessionId, limit: usize) -> Result<Vec<Need>, Refusal> {
    let query =
        ConflictQuery { whose: Whose::Session(session), which: Which::Open, limit, cursor: None };
    let rows = conflicts::list(reader, &query)?.items;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            kind: NeedKind::Conflict,
            about: NeedAbout::Conflict(row.conflict.id),
            title: about(&row.conflict, &row.title),
            who: row.conflict.theirs_by.name().to_owned(),
            since: row.conflict.created_at,
        })
        .collect())
}

fn about(conflict: &Conflict, title: &str) -> String {
    match conflict.kind {
        ConflictKind::Field => format!("{} of {title}", conflict.field.replace('_', " ")),
        ConflictKind::Removed => format!("remove {title}?"),
        ConflictKind::Deleted => format!("bring back {title}?"),
    }
}

fn last_actor(reader: &Reader, record: &str) -> Result<String, Refusal> {
    let sql = "SELECT actor FROM changes WHERE record = ? ORDER BY seq DESC LIMIT 1";
    let actor =
        super::one(reader, sql, [record], |row| parsed::<crate::domain::actor::Actor>(row, 0))?;
    Ok(actor.map(|actor| actor.name().to_owned()).unwrap_or_default())
}
