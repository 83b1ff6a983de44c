//! What lies about on a board: claims that ran out, work that nobody does, groups that hold nothing,
//! conflicts about nothing, changes that can be forgotten, indexes that miss something.

use rusqlite::params;

use super::{bounded, many, one};
use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::count::counted;
use crate::domain::id::{ConflictId, GroupId, SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::rows::{moment, parsed};
use crate::store::{Reader, refuse, searched, tend};

/// The newest changes of a session that are kept however old they are: its documents tell of them.
const NEWEST_KEPT: i64 = 200;
/// Archived sessions that are looked at.
const ARCHIVED_MAX: i64 = 10_000;
/// Changes that are looked at in one piece.
const PIECE: i64 = 4_000;

/// A task that something is to be done about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lying {
    pub id: TaskId,
    pub session_id: SessionId,
    pub title: String,
    pub role: Option<String>,
    /// Who holds it, or did last.
    pub holder: Option<Actor>,
    /// Since when.
    pub since: Timestamp,
}

fn lying(row: &rusqlite::Row<'_>) -> rusqlite::Result<Lying> {
    Ok(Lying {
        id: parsed(row, 0)?,
        session_id: parsed(row, 1)?,
        title: row.get(2)?,
        role: row.get(3)?,
        holder: crate::store::rows::parsed_option(row, 4)?,
        since: moment(row, 5)?,
    })
}

/// Of which session, or of all, something is wanted, and at most how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of {
    pub session: Option<SessionId>,
    pub limit: usize,
}

impl Of {
    fn session(self) -> Option<String> {
        self.session.map(|session| session.to_string())
    }
}

/// Held tasks whose claims have run out, those first that ran out first.
pub fn expired_claims(reader: &Reader, now: Timestamp, of: Of) -> Result<Vec<Lying>, Refusal> {
    let sql = "SELECT id, session_id, title, role, claim_holder, claim_until
               FROM tasks INDEXED BY tasks_by_claim_end
               WHERE claim_holder IS NOT NULL AND claim_until <= ?1 AND (?2 IS NULL OR session_id = ?2)
               ORDER BY claim_until LIMIT ?3";
    many(reader, sql, params![now.0, of.session(), bounded(of.limit)], lying)
}

/// Held tasks whose holders Callboard has never seen.
pub fn claims_of_strangers(reader: &Reader, limit: usize) -> Result<Vec<Lying>, Refusal> {
    let sql = "SELECT id, session_id, title, role, claim_holder, claim_since
               FROM tasks INDEXED BY tasks_by_claim_end
               WHERE claim_holder IS NOT NULL AND claim_holder LIKE 'agent:%'
                   AND substr(claim_holder, 7) NOT IN (SELECT name FROM agents) LIMIT ?";
    many(reader, sql, [bounded(limit)], lying)
}

/// Since when nobody may have changed a task that counts as left: by its role, or else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    pub of_roles: Vec<(&'static str, Timestamp)>,
    pub of_others: Timestamp,
}

/// Active tasks of a session that nobody holds and nobody has changed for longer than their roles
/// take.
pub fn left_lying(
    reader: &Reader,
    session: SessionId,
    (patience, limit): (&Patience, usize),
) -> Result<Vec<Lying>, Refusal> {
    let sql = "SELECT id, session_id, title, role, claim_holder, updated_at FROM tasks
               WHERE session_id = ?1 AND status = 'active' AND claim_holder IS NULL
                   AND updated_at <= coalesce((SELECT value FROM json_each(?2) WHERE key = role), ?3)
               ORDER BY number LIMIT ?4";
    let of_roles: serde_json::Map<String, serde_json::Value> =
        patience.of_roles.iter().map(|(role, at)| ((*role).to_owned(), at.0.into())).collect();
    let of_roles = serde_json::Value::Object(of_roles).to_string();
    let values = params![session.to_string(), of_roles, patience.of_others.0, bounded(limit)];
    many(reader, sql, values, lying)
}

/// Groups without tasks and without groups, made before a moment, in sessions whose plan is open.
pub fn unused_groups(
    reader: &Reader,
    before: Timestamp,
    of: Of,
) -> Result<Vec<(GroupId, String)>, Refusal> {
    let sql = "SELECT id, name FROM task_groups AS one WHERE created_at < ?1
                   AND (?2 IS NULL OR session_id = ?2)
                   AND NOT EXISTS (SELECT 1 FROM task_groups AS inner WHERE inner.parent_id = one.id)
                   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.session_id = one.session_id AND group_id = one.id)
                   AND (SELECT state FROM orchestration_sessions WHERE id = session_id) IN ('active', 'suspended')
               ORDER BY id LIMIT ?3";
    let values = params![before.0, of.session(), bounded(of.limit)];
    many(reader, sql, values, |row| Ok((parsed(row, 0)?, row.get(1)?)))
}

/// An archived session, and what of it stood in its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub id: SessionId,
    pub name: String,
    /// Artifacts that were stored with it, and documents.
    pub artifacts: i64,
    pub documents: i64,
}

/// Every archived session, at most so many as anybody has.
pub fn archived(reader: &Reader) -> Result<Vec<Archived>, Refusal> {
    let sql = "SELECT id, name,
            (SELECT count(*) FROM session_artifacts WHERE session_id = session.id AND storage = 'stored'),
            (SELECT count(*) FROM documents WHERE session_id = session.id)
        FROM orchestration_sessions AS session WHERE state = 'archived' ORDER BY id LIMIT ?";
    many(reader, sql, [ARCHIVED_MAX], |row| {
        Ok(Archived {
            id: parsed(row, 0)?,
            name: row.get(1)?,
            artifacts: row.get(2)?,
            documents: row.get(3)?,
        })
    })
}

/// Open conflicts about records that are not there, and that do not ask for just that.
pub fn conflicts_about_nothing(
    reader: &Reader,
    of: Of,
) -> Result<Vec<(ConflictId, String)>, Refusal> {
    let sql = "SELECT id, record FROM conflicts WHERE state = 'open' AND kind <> 'deleted'
                   AND (?1 IS NULL OR session_id = ?1)
                   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = record)
                   AND NOT EXISTS (SELECT 1 FROM task_groups WHERE task_groups.id = record)
                   AND NOT EXISTS (SELECT 1 FROM orchestration_sessions AS session WHERE session.id = record)
                   AND NOT EXISTS (SELECT 1 FROM session_context_data WHERE session_id || '/' || key = record)
               ORDER BY number LIMIT ?2";
    let values = params![of.session(), bounded(of.limit)];
    many(reader, sql, values, |row| Ok((parsed(row, 0)?, row.get(1)?)))
}

/// One change, as far as it matters for forgetting it.
struct Old {
    command: i64,
    session: String,
    seq: i64,
    verb: Verb,
    at: Timestamp,
    is_newest: bool,
}

/// A command that can be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgettable {
    pub command: i64,
    /// Changes that it made.
    pub changes: usize,
}

/// Commands of before a moment, in one session alone if it is named, that can be forgotten, looking
/// at the next piece of the feed after a command; and after which to look next, if there is more.
pub fn forgettable(
    reader: &Reader,
    (before, only): (Timestamp, Option<SessionId>),
    after: i64,
) -> Result<(Vec<Forgettable>, Option<i64>), Refusal> {
    let sql = "SELECT command, session_id, seq, verb, at,
                   verb <> 'message.sent' AND NOT EXISTS (SELECT 1 FROM changes AS later
                       WHERE later.record = one.record AND one.seq < later.seq AND later.verb <> 'message.sent')
               FROM changes AS one WHERE ? < seq ORDER BY seq LIMIT ?";
    let mut rows = many(reader, sql, [after, PIECE], |row| {
        Ok(Old {
            command: row.get(0)?,
            session: row.get(1)?,
            seq: row.get(2)?,
            verb: parsed(row, 3)?,
            at: moment(row, 4)?,
            is_newest: row.get(5)?,
        })
    })?;
    let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count < PIECE);
    let reached = rows.iter().position(|row| before <= row.at);
    rows.truncate(reached.unwrap_or(rows.len()));
    let mut next = None;
    if !is_whole && reached.is_none() {
        // The last command may go on in the next piece, unless it fills this one.
        let last = rows.last().map_or(0, |row| row.command);
        let begins = rows.iter().position(|row| row.command == last).unwrap_or(0);
        next = rows.get(begins.wrapping_sub(1)).or_else(|| rows.last()).map(|row| row.seq);
        rows.truncate(begins);
    }
    let only = only.map(|session| session.to_string());
    let mut floors: Vec<(String, i64)> = Vec::new();
    let mut commands: Vec<(Forgettable, bool)> = Vec::new();
    for row in rows {
        let known = floors.iter().find(|(session, _)| *session == row.session);
        let floor = if let Some((_, floor)) = known {
            *floor
        } else {
            let floor = floor(reader, &row.session)?;
            floors.push((row.session.clone(), floor));
            floor
        };
        let is_part = row.command <= after;
        let is_elsewhere = only.as_ref().is_some_and(|only| *only != row.session);
        let stays =
            is_part || is_elsewhere || row.is_newest || row.verb.is_lasting() || floor <= row.seq;
        match commands.last_mut() {
            Some((known, goes)) if known.command == row.command => {
                known.changes += 1;
                *goes &= !stays;
            }
            Some(_) | None => {
                commands.push((Forgettable { command: row.command, changes: 1 }, !stays));
            }
        }
    }
    let goes = commands.into_iter().filter(|(_, goes)| *goes).map(|(command, _)| command);
    Ok((goes.collect(), next))
}

/// The first of the newest changes of a session.
fn floor(reader: &Reader, session: &str) -> Result<i64, Refusal> {
    let sql = "SELECT seq FROM changes WHERE session_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ?";
    Ok(one(reader, sql, params![session, NEWEST_KEPT - 1], |row| row.get(0))?.unwrap_or(0))
}

/// How many lines of the log of errors and hours of measures are older than two moments.
pub fn old_measures(
    reader: &Reader,
    (errors, hours): (Timestamp, Timestamp),
) -> Result<i64, Refusal> {
    let sql = "SELECT (SELECT count(*) FROM session_error_logs WHERE at < ?)
                   + (SELECT count(*) FROM session_performance_metrics WHERE hour < ?)";
    Ok(one(reader, sql, [errors.0, hours.0], |row| row.get(0))?.unwrap_or(0))
}

/// What `SQLite` itself finds wrong, a line each; `thorough` compares indexes with their tables.
pub fn damage(reader: &Reader, thorough: Thorough, limit: usize) -> Result<Vec<String>, Refusal> {
    let pragma = match thorough {
        Thorough::Quickly => "quick_check",
        Thorough::Wholly => "integrity_check",
    };
    let found = many(reader, &format!("PRAGMA {pragma}({})", bounded(limit)), [], |row| {
        row.get::<_, String>(0)
    })?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

/// How closely the file of the database is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thorough {
    Quickly,
    Wholly,
}

/// What is wrong with the search indexes: what they miss, and what they hold of nothing.
pub fn search_gaps(reader: &Reader) -> Result<Vec<(String, String)>, Refusal> {
    let connection = &reader.connection;
    let look = || -> rusqlite::Result<Vec<(String, String)>> {
        let mut gaps = Vec::new();
        for index in searched::indexes(connection)? {
            let Some((table, key)) = content_of(connection, &index)? else { continue };
            let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            let missing = count(&format!(
                "SELECT count(*) FROM {table} WHERE {key} NOT IN (SELECT id FROM {index}_docsize)"
            ))?;
            let surplus = count(&format!(
                "SELECT count(*) FROM {index}_docsize WHERE id NOT IN (SELECT {key} FROM {table})"
            ))?;
            if 0 < missing {
                gaps.push((index.clone(), format!("{missing} of {table} cannot be found")));
            }
            if 0 < surplus {
                gaps.push((index.clone(), format!("{surplus} that are gone can be found")));
            }
        }
        gaps.extend(record_gaps(connection)?);
        Ok(gaps)
    };
    look().map_err(|error| refuse(&error))
}

/// The same of the index over what is no task, which keeps no content.
fn record_gaps(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let found = searched::gaps(connection)?;
    let lines = [
        (0 < found.missing, format!("{} cannot be found", counted(found.missing, "record"))),
        (0 < found.surplus, format!("{} that are gone can be found", found.surplus)),
        (0 < found.stale, format!("{} are found by other words than theirs", found.stale)),
    ];
    let told = lines.into_iter().filter(|(is_so, _)| *is_so);
    Ok(told.map(|(_, line)| ("record_search".to_owned(), line)).collect())
}

/// The table that an index is about, and its column of numbers; none where it holds its own content.
fn content_of(
    connection: &rusqlite::Connection,
    index: &str,
) -> rusqlite::Result<Option<(String, String)>> {
    let sql = "SELECT sql FROM sqlite_master WHERE name = ?";
    let made: String = connection.query_row(sql, [index], |row| row.get(0))?;
    let option = |name: &str| {
        let (_, rest) = made.split_once(name)?;
        let value = rest.trim_start().strip_prefix('=')?.trim_start();
        let end = value.find([',', ')']).unwrap_or(value.len());
        let value = value.get(..end)?.trim().trim_matches(['\'', '"']);
        (!value.is_empty()).then(|| value.to_owned())
    };
    let has_table = |table: &String| {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)";
        connection.query_row(sql, [table], |row| row.get::<_, bool>(0)).unwrap_or(false)
    };
    let table = option("content ").or_else(|| option("content")).filter(has_table);
    Ok(table.map(|table| (table, option("content_rowid").unwrap_or_else(|| "rowid".to_owned()))))
}

/// How much room the database takes.
pub fn room(reader: &Reader) -> Result<tend::Room, Refusal> {
    let sql = "SELECT page_count * page_size, freelist_count * page_size
               FROM pragma_page_count, pragma_page_size, pragma_freelist_count";
    let found =
        one(reader, sql, [], |row| Ok(tend::Room { bytes: row.get(0)?, free_bytes: row.get(1)? }))?;
    Ok(found.unwrap_or_default())
}
