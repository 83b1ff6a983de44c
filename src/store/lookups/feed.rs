//! The feed as rules look at it: what can be taken back, and what became of a record.

use rusqlite::params;

use crate::domain::actor::Actor;
use crate::domain::change::{Change, Verb};
use crate::domain::lookups::Look;
use crate::domain::record::RecordKey;
use crate::store::Transaction;
use crate::store::rows::change;

/// Commands looked through for the newest that can be taken back.
const UNDO_MAX: i64 = 500;

/// The newest command of an actor before a sequence number that was not taken back.
pub(super) fn newest_standing(
    transaction: &Transaction<'_>,
    actor: &Actor,
    before: i64,
) -> Look<Option<i64>> {
    let sql = "SELECT seq FROM (SELECT seq, command, undoes, verb FROM changes
                   WHERE actor = ?1 AND seq < ?3 ORDER BY seq DESC LIMIT ?2)
               WHERE undoes IS NULL AND verb <> 'artifact.checked'
                 AND command <> (SELECT coalesce(max(command), 0) FROM changes WHERE seq = ?3)
                 AND command NOT IN (SELECT command FROM undone_commands) ORDER BY seq DESC LIMIT 1";
    transaction.one(sql, params![actor.to_string(), UNDO_MAX, before], |row| row.get(0))
}

/// The newest undo of an actor that can be taken back, if nothing else came after it.
pub(super) fn newest_redoable(transaction: &Transaction<'_>, actor: &Actor) -> Look<Option<i64>> {
    let sql = "SELECT seq, undoes, command IN (SELECT command FROM undone_commands),
                   EXISTS (SELECT 1 FROM changes AS target WHERE target.command = recent.undoes AND target.undoes IS NOT NULL)
               FROM (SELECT seq, command, undoes FROM changes WHERE actor = ?1 ORDER BY seq DESC LIMIT ?2) AS recent";
    let recent = transaction.many(sql, params![actor.to_string(), UNDO_MAX], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, Option<i64>>(1)?,
            row.get::<_, bool>(2)?,
            row.get::<_, bool>(3)?,
        ))
    })?;
    for (seq, undoes, is_undone, is_redo) in recent {
        match undoes {
            None => return Ok(None),
            Some(_) if is_undone || is_redo => {}
            Some(_) => return Ok(Some(seq)),
        }
    }
    Ok(None)
}

/// Every change of a record, the newest first, and of a task's dependencies among them.
pub(super) fn history(transaction: &Transaction<'_>, key: &RecordKey) -> Look<Vec<Change>> {
    let columns = change::COLUMNS;
    let mut found = transaction.many(
        &format!("SELECT {columns} FROM changes WHERE record = ?"),
        [key.to_string()],
        change::read,
    )?;
    if let RecordKey::Task(id) = key {
        // The key of a dependency is `task>other`; `?` is the character after `>`.
        found.extend(transaction.many(
            &format!("SELECT {columns} FROM changes WHERE ? <= record AND record < ?"),
            [format!("{id}>"), format!("{id}?")],
            change::read,
        )?);
    }
    found.sort_by_key(|change| std::cmp::Reverse(change.seq));
    found.truncate(unbroken(&found, &key.to_string()));
    Ok(found)
}

/// How many entries of a history, the newest first, tell everything that happened: older changes
/// of a record may have left the feed, and what came before a gap proves nothing.
fn unbroken(history: &[Change], record: &str) -> usize {
    let mut next: Option<i64> = None;
    for (index, change) in history.iter().enumerate() {
        // Messages stand under their session, and are no versions of it.
        if change.record != record || change.verb == Verb::MessageSent {
            continue;
        }
        if next.is_some_and(|next| change.version != next) {
            return index;
        }
        next = Some(change.version - 1);
    }
    history.len()
}
