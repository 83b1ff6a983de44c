//! From what people and agents write to whole ids: an id, a unique prefix of one, or a unique name.

use rusqlite::params;

use super::{many, one, sessions};
use crate::domain::group::{TaskGroup, path_of};
use crate::domain::id::{ArtifactId, ConflictId, GroupId, SessionId, TaskId, canonical_prefix};
use crate::domain::refusal::{Code, Refusal, distance};
use crate::store::Reader;

/// Candidates named in a refusal.
const NAMED_MAX: usize = 5;
/// More edits than any name has letters: what is named although nobody means it.
const FAR: usize = 1_000;
/// Ids near an unknown one that are compared with it.
const NEAR_MAX: i64 = 40;

/// Finds a task by id, unique prefix or unique title (within the session, if one is given).
///
/// # Errors
///
/// [`Code::UnknownId`] with the closest tasks, [`Code::AmbiguousId`] with those that fit.
pub fn task(reader: &Reader, session: Option<SessionId>, text: &str) -> Result<TaskId, Refusal> {
    if let Some(prefix) = canonical_prefix(TaskId::LETTER, text) {
        let fits = by_prefix(reader, "tasks", "title", &prefix)?;
        if let Some(id) = pick("task", text, &fits)? {
            return parse(&id);
        }
        // A title may look like the beginning of an id.
        let titled = session.map(|session| by_title(reader, session, text)).transpose()?;
        return pick("task", text, &titled.unwrap_or_default())?
            .map_or_else(|| Err(unknown_task(reader, &prefix, text)?), |id| parse(&id));
    }
    let Some(session) = session else { return Err(unknown("task", text, &[])) };
    let fits = by_title(reader, session, text)?;
    pick("task", text, &fits)?
        .map_or_else(|| Err(unknown_title(reader, session, text)?), |id| parse(&id))
}

fn by_title(
    reader: &Reader,
    session: SessionId,
    text: &str,
) -> Result<Vec<(String, String)>, Refusal> {
    let sql =
        "SELECT id, title FROM tasks WHERE session_id = ?1 AND title = ?2 COLLATE NOCASE LIMIT 6";
    pairs(reader, sql, params![session.to_string(), text.trim()])
}

/// Finds a group by id, unique prefix, name, or path (`Backend / API`).
///
/// # Errors
///
/// [`Code::UnknownId`] with the closest groups, [`Code::AmbiguousId`] with those that fit.
pub fn group(reader: &Reader, session: SessionId, text: &str) -> Result<GroupId, Refusal> {
    let groups = super::groups::all(reader, session)?;
    if let Some(prefix) = canonical_prefix(GroupId::LETTER, text) {
        let fits: Vec<(String, String)> =
            named(&groups).filter(|(id, _)| id.starts_with(&prefix)).collect();
        if let Some(id) = pick("task group", text, &fits)? {
            return parse(&id);
        }
    }
    let wanted = text.split('/').map(str::trim).collect::<Vec<_>>().join(" / ").to_lowercase();
    let paths: Vec<(String, String)> = named(&groups).collect();
    let exact: Vec<_> =
        paths.iter().filter(|(_, path)| path.to_lowercase() == wanted).cloned().collect();
    if let Some(id) = pick("task group", text, &exact)? {
        return parse(&id);
    }
    let last = |path: &str| path.rsplit(" / ").next().unwrap_or_default().to_lowercase();
    let by_name: Vec<_> = paths.iter().filter(|(_, path)| last(path) == wanted).cloned().collect();
    pick("task group", text, &by_name)?
        .map_or_else(|| Err(unknown("task group", text, &paths)), |id| parse(&id))
}

/// Finds a group of any session by id or unique prefix; by name or path one of the session given.
///
/// # Errors
///
/// As of [`group`]; [`Code::NoSession`] for a name where no session is given.
pub fn group_anywhere(
    reader: &Reader,
    session: Option<SessionId>,
    text: &str,
) -> Result<TaskGroup, Refusal> {
    let missing = || Refusal::new(Code::NoSession, "the project has no session yet");
    let here = session.map_or_else(|| Err(missing()), |session| group(reader, session, text));
    let is_unknown = |code| matches!(code, Code::UnknownId | Code::NoSession);
    let id = match (here, canonical_prefix(GroupId::LETTER, text)) {
        (Err(refusal), Some(prefix)) if is_unknown(refusal.code) => {
            let fits = by_prefix(reader, "task_groups", "name", &prefix)?;
            pick("task group", text, &fits)?.map_or(Err(refusal), |id| parse(&id))?
        }
        (here, _) => here?,
    };
    super::groups::get(reader, id)?.ok_or_else(|| unknown("task group", text, &[]))
}

fn named(groups: &[TaskGroup]) -> impl Iterator<Item = (String, String)> {
    groups.iter().map(|group| (group.id.to_string(), path_of(group, groups)))
}

/// Finds a session by id, unique prefix or name; `current` and `active` mean the live one.
///
/// # Errors
///
/// [`Code::UnknownId`] with the closest sessions, [`Code::AmbiguousId`] with those that fit,
/// [`Code::NoSession`] when there is no live one.
pub fn session(reader: &Reader, text: &str) -> Result<SessionId, Refusal> {
    if matches!(text.trim().to_ascii_lowercase().as_str(), "current" | "active" | "live") {
        return live(reader);
    }
    if let Some(prefix) = canonical_prefix(SessionId::LETTER, text) {
        let fits = by_prefix(reader, "orchestration_sessions", "name", &prefix)?;
        if let Some(id) = pick("session", text, &fits)? {
            return parse(&id);
        }
    }
    let fits = pairs(
        reader,
        "SELECT id, name FROM orchestration_sessions WHERE name = ? COLLATE NOCASE LIMIT 6",
        [text.trim()],
    )?;
    if let Some(id) = pick("session", text, &fits)? {
        return parse(&id);
    }
    let recent = pairs(
        reader,
        "SELECT id, name FROM orchestration_sessions ORDER BY touched_at DESC LIMIT 50",
        [],
    )?;
    Err(unknown("session", text, &recent))
}

/// The id of the live session.
///
/// # Errors
///
/// [`Code::NoSession`] with what could be resumed instead.
pub fn live(reader: &Reader) -> Result<SessionId, Refusal> {
    if let Some(live) = sessions::live(reader)? {
        return Ok(live.id);
    }
    let refusal = Refusal::new(Code::NoSession, "no session is active in this project");
    Err(match sessions::current(reader)? {
        Some(last) => {
            let advice =
                format!("resume {} ({}, {}) or create a session", last.id, last.name, last.state);
            refusal.with("last_session", last.id).suggest(advice)
        }
        None => refusal.suggest("create a session first"),
    })
}

/// Finds a conflict by id or unique prefix.
///
/// # Errors
///
/// [`Code::UnknownId`] when none fits, [`Code::AmbiguousId`] with those that fit.
pub fn conflict(reader: &Reader, text: &str) -> Result<ConflictId, Refusal> {
    let prefix = canonical_prefix(ConflictId::LETTER, text);
    let fits = match prefix {
        Some(prefix) => by_prefix(reader, "conflicts", "record || ' ' || field", &prefix)?,
        None => Vec::new(),
    };
    pick("conflict", text, &fits)?.map_or_else(
        || {
            Err(unknown("conflict", text, &[])
                .suggest("list the open conflicts and use an id from there"))
        },
        |id| parse(&id),
    )
}

/// Finds an artifact by id, unique prefix, or the title of the newest edition in the session.
///
/// # Errors
///
/// [`Code::UnknownId`] when none fits, [`Code::AmbiguousId`] with those that fit.
pub fn artifact(
    reader: &Reader,
    session: Option<SessionId>,
    text: &str,
) -> Result<ArtifactId, Refusal> {
    if let Some(prefix) = canonical_prefix(ArtifactId::LETTER, text) {
        let fits = by_prefix(reader, "session_artifacts", "title", &prefix)?;
        if let Some(id) = pick("artifact", text, &fits)? {
            return parse(&id);
        }
    }
    let sql = "SELECT id, title FROM session_artifacts WHERE session_id = ? AND title = ?
        ORDER BY edition DESC LIMIT 1";
    let titled =
        session.map(|session| pairs(reader, sql, params![session.to_string(), text.trim()]));
    pick("artifact", text, &titled.transpose()?.unwrap_or_default())?.map_or_else(
        || {
            Err(unknown("artifact", text, &[])
                .suggest("list the artifacts and use an id from there"))
        },
        |id| parse(&id),
    )
}

fn pairs(
    reader: &Reader,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<(String, String)>, Refusal> {
    many(reader, sql, values, |row| Ok((row.get(0)?, row.get(1)?)))
}

fn by_prefix(
    reader: &Reader,
    table: &str,
    name: &str,
    prefix: &str,
) -> Result<Vec<(String, String)>, Refusal> {
    let sql =
        format!("SELECT id, {name} FROM {table} WHERE ?1 <= id AND id < ?2 ORDER BY id LIMIT 6");
    pairs(reader, &sql, params![prefix, format!("{prefix}~")])
}

/// The one that fits, none, or a refusal that names those that fit.
fn pick(kind: &str, text: &str, fits: &[(String, String)]) -> Result<Option<String>, Refusal> {
    match fits {
        [] => Ok(None),
        [(id, _)] => Ok(Some(id.clone())),
        [(first, name), ..] => {
            let shown: String = text.chars().take(60).collect();
            let more = if NAMED_MAX < fits.len() {
                "more than 5".to_owned()
            } else {
                fits.len().to_string()
            };
            Err(Refusal::new(Code::AmbiguousId, format!("{kind} {shown:?} fits {more} of them"))
                .with(
                    "matches",
                    fits.iter()
                        .take(NAMED_MAX)
                        .map(|(id, name)| format!("{id} ({name})"))
                        .collect::<Vec<_>>(),
                )
                .suggest(format!("give more of the id, such as {first} ({name})")))
        }
    }
}

fn parse<T: std::str::FromStr>(id: &str) -> Result<T, Refusal> {
    id.parse().map_err(|_| {
        Refusal::new(Code::StoreFailed, format!("the store holds a damaged id: {id:?}"))
    })
}

/// The refusal of what nothing is called, with those that are spelled much like it; of an id with the
/// closest there are, however far.
fn unknown(kind: &str, text: &str, known: &[(String, String)]) -> Refusal {
    let shown: String = text.chars().take(60).collect();
    let lower = shown.trim().to_lowercase();
    let is_id = lower.chars().nth(1) == Some('-');
    let far = |(id, _): &(String, String)| is_id.then(|| distance(&lower, id).saturating_add(FAR));
    let nearness = |pair| nearness(&lower, pair).or_else(|| far(pair));
    let mut near: Vec<(usize, &(String, String))> =
        known.iter().filter_map(|pair| Some((nearness(pair)?, pair))).collect();
    near.sort_by_key(|(edits, _)| *edits);
    let told = |(_, (id, name)): &(usize, &(String, String))| format!("{id} ({name})");
    let closest: Vec<String> = near.iter().take(3).map(told).collect();
    let refusal = Refusal::new(Code::UnknownId, format!("{kind} {shown:?} does not exist"));
    let refusal = match near.first().filter(|(edits, _)| *edits < FAR) {
        Some(first) => refusal.suggest(format!("did you mean {}?", told(first))),
        None => refusal.suggest(format!("list the {kind}s there are, and use an id from there")),
    };
    if closest.is_empty() { refusal } else { refusal.with("closest", closest) }
}

/// By how many edits a text is from an id or a name, where it is near enough to be one mistyped: a
/// third of an id's characters, half of a name's, or a part of a name.
fn nearness(text: &str, (id, name): &(String, String)) -> Option<usize> {
    let length = text.chars().count();
    let name = name.to_lowercase();
    let beginning: String = id.chars().take(length).collect();
    let edits = distance(text, &beginning).min(distance(text, id));
    let by_id = Some(edits).filter(|edits| *edits <= (length.saturating_sub(2) / 3).max(1));
    let edits = distance(text, &name);
    let by_name = Some(edits).filter(|edits| *edits <= length / 2);
    let part = (2 < length && name.contains(text)).then_some(length);
    by_id.into_iter().chain(by_name).chain(part).min()
}

/// The refusal of a title that no task has: those spelled much like it, among its neighbors in the
/// alphabet and the newest.
fn unknown_title(reader: &Reader, session: SessionId, text: &str) -> Result<Refusal, Refusal> {
    const TITLES: [&str; 3] = [
        "SELECT id, title FROM tasks WHERE session_id = ?1 AND title < ?2 COLLATE NOCASE \
         ORDER BY title COLLATE NOCASE DESC LIMIT ?3",
        "SELECT id, title FROM tasks WHERE session_id = ?1 AND ?2 <= title COLLATE NOCASE \
         ORDER BY title COLLATE NOCASE LIMIT ?3",
        "SELECT id, title FROM tasks WHERE session_id = ?1 AND ?2 IS NOT NULL \
         ORDER BY number DESC LIMIT ?3",
    ];
    let shown: String = text.trim().to_lowercase().chars().take(60).collect();
    let mut known = Vec::new();
    for sql in TITLES {
        known.extend(pairs(reader, sql, params![session.to_string(), shown, NEAR_MAX])?);
    }
    known.sort();
    known.dedup();
    Ok(unknown("task", text, &known))
}

/// The refusal of an id that no task has: the nearest in the alphabet, by spelling.
fn unknown_task(reader: &Reader, prefix: &str, text: &str) -> Result<Refusal, Refusal> {
    let below = "SELECT id, title FROM tasks WHERE id < ? ORDER BY id DESC LIMIT ?";
    let above = "SELECT id, title FROM tasks WHERE ? <= id ORDER BY id LIMIT ?";
    let mut known = pairs(reader, below, params![prefix, NEAR_MAX])?;
    known.extend(pairs(reader, above, params![prefix, NEAR_MAX])?);
    let gone = one(
        reader,
        "SELECT actor FROM changes WHERE record = ? AND verb = 'task.deleted' ORDER BY seq DESC LIMIT 1",
        [prefix],
        |row| row.get::<_, String>(0),
    )?;
    let refusal = unknown("task", text, &known);
    Ok(match gone {
        Some(actor) => refusal.with("deleted_by", actor),
        None => refusal,
    })
}
