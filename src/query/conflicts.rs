//! Conflicts as people and agents look at them, the oldest first.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::params_from_iter;
use rusqlite::types::Value as Sql;
use serde::Serialize;
use serde_json::Value;

use super::changes::ChangeQuery;
use super::rows::Page;
use super::short::{self, Ids};
use super::{bounded, changes, cursor, groups, many, one, records};
use crate::domain::actor::Actor;
use crate::domain::change::Change;
use crate::domain::conflict::{Conflict, ConflictKind};
use crate::domain::group::{TaskGroup, path_of};
use crate::domain::id::{ConflictId, GroupId, SessionId};
use crate::domain::record::{Record, same};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::rows::{conflict, parsed_option};

/// Ids of other records that are named with a conflict.
const NAMES_MAX: usize = 100;

/// Changes of a record that are looked through for who changed the field last.
const CHANGES_MAX: usize = 50;

/// A conflict with the names of what it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConflictRow {
    #[serde(flatten)]
    pub conflict: Conflict,
    /// What the record is called; what it was called where it is gone.
    pub title: String,
    /// The path of the group that the record is in, or that it is.
    pub group: Option<String>,
    /// What the records are called whose ids are in the values.
    pub names: BTreeMap<String, String>,
    /// The version of the record while it is there: a decision that was made on these values
    /// expects that nobody has changed the field since.
    pub record_version: Option<i64>,
    /// The record itself, while it is there.
    #[serde(skip)]
    pub record_now: Option<Record>,
    #[serde(skip)]
    pub short: usize,
}

/// Whose conflicts are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Whose {
    /// Those of the whole project.
    #[default]
    Everybody,
    Session(SessionId),
    /// Those of one record, by its key.
    Record(String),
    /// Those that came from one document, by its path; only open ones are found by it.
    Document(String),
}

/// Which conflicts are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that wait for a decision.
    #[default]
    Open,
    All,
}

/// Which conflicts are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConflictQuery {
    pub whose: Whose,
    pub which: Which,
    pub limit: usize,
    /// Continues after the last item of a page.
    pub cursor: Option<String>,
}

/// Lists conflicts, the oldest first.
///
/// # Errors
///
/// [`Code::InvalidValue`] for a cursor of another list.
pub fn list(reader: &Reader, query: &ConflictQuery) -> Result<Page<ConflictRow>, Refusal> {
    let after = match &query.cursor {
        None => 0,
        Some(word) => cursor::number::<i64>(cursor::read(word, 1)?.first())?,
    };
    let limit = bounded(query.limit);
    let (condition, value) = condition(query);
    let columns = conflict::COLUMNS;
    let sql = format!(
        "SELECT {columns}, number FROM conflicts WHERE {condition}? < number ORDER BY number LIMIT ?"
    );
    let values = value.into_iter().chain([after.into(), (limit + 1).into()]);
    let mut found = many(reader, &sql, params_from_iter(values), |row| {
        Ok((conflict::read(row)?, row.get::<_, i64>(18)?))
    })?;
    let most = usize::try_from(limit).unwrap_or(1);
    let is_more = most < found.len();
    found.truncate(most);
    let cursor = found.last().filter(|_| is_more).map(|(_, at)| cursor::write(&[at.to_string()]));
    let mut known = Groups::new();
    let rows = found.into_iter().map(|(conflict, _)| named(reader, conflict, &mut known));
    let items = rows.collect::<Result<Vec<_>, _>>()?;
    let total = match (&query.whose, query.which) {
        (Whose::Everybody, Which::Open) => Some(open(reader, None)?),
        (Whose::Session(id), Which::Open) => Some(open(reader, Some(*id))?),
        (Whose::Record(_) | Whose::Document(_), _) | (_, Which::All) => None,
    };
    Ok(Page { items, total, cursor })
}

/// The condition that one index serves, and its value.
fn condition(query: &ConflictQuery) -> (String, Option<Sql>) {
    let open = match query.which {
        Which::Open => "state = 'open' AND ",
        Which::All => "",
    };
    let (own, value): (&str, Option<Sql>) = match &query.whose {
        Whose::Everybody => ("", None),
        Whose::Session(id) => ("session_id = ? AND ", Some(id.to_string().into())),
        Whose::Record(key) => ("record = ? AND ", Some(key.clone().into())),
        Whose::Document(path) => {
            let by = Actor::File(path.clone()).to_string();
            return ("theirs_by = ? AND state = 'open' AND ".to_owned(), Some(by.into()));
        }
    };
    (format!("{own}{open}"), value)
}

/// One conflict.
///
/// # Errors
///
/// [`Code::UnknownId`] when there is none with the id.
pub fn get(reader: &Reader, id: ConflictId) -> Result<ConflictRow, Refusal> {
    let sql = format!("SELECT {} FROM conflicts WHERE id = ?", conflict::COLUMNS);
    match one(reader, &sql, [id.to_string()], conflict::read)? {
        Some(conflict) => named(reader, conflict, &mut Groups::new()),
        None => Err(Refusal::new(Code::UnknownId, format!("conflict {id} does not exist"))
            .suggest("list the open conflicts and use an id from there")),
    }
}

/// How many conflicts wait for a decision, in one session or in all.
pub fn open(reader: &Reader, session: Option<SessionId>) -> Result<i64, Refusal> {
    let count = if let Some(id) = session {
        let sql = "SELECT count(*) FROM conflicts WHERE session_id = ? AND state = 'open'";
        one(reader, sql, [id.to_string()], |row| row.get(0))?
    } else {
        let sql = "SELECT count(*) FROM conflicts WHERE state = 'open'";
        one(reader, sql, [], |row| row.get(0))?
    };
    Ok(count.unwrap_or(0))
}

/// The conflicts that were decided after a moment, the newest first.
pub(super) fn decided(
    reader: &Reader,
    after: Timestamp,
    limit: usize,
) -> Result<Vec<Conflict>, Refusal> {
    let sql = format!(
        "SELECT {} FROM conflicts WHERE state = 'resolved' AND ? < updated_at ORDER BY updated_at DESC LIMIT ?",
        conflict::COLUMNS
    );
    many(reader, &sql, [after.0, bounded(limit)], conflict::read)
}

/// The name of the record that a conflict is about.
pub(super) fn title(reader: &Reader, conflict: &Conflict) -> Result<String, Refusal> {
    if let Some((_, key)) = conflict.record.split_once('/') {
        return Ok(key.to_owned());
    }
    let own = changes::title(reader, &conflict.record)?;
    Ok(own.unwrap_or_else(|| told(conflict).unwrap_or_else(|| conflict.record.clone())))
}

/// What the sides call a record that is gone.
fn told(conflict: &Conflict) -> Option<String> {
    [&conflict.theirs, &conflict.base, &conflict.ours].into_iter().find_map(|side| {
        let named = side.get("title").or_else(|| side.get("name"))?;
        named.as_str().map(str::to_owned)
    })
}

/// The groups of the sessions that were looked at.
type Groups = HashMap<SessionId, Vec<TaskGroup>>;

fn named(
    reader: &Reader,
    mut conflict: Conflict,
    known: &mut Groups,
) -> Result<ConflictRow, Refusal> {
    let record = records::get(reader, &conflict.record)?;
    if let (Some(record), true) = (&record, conflict.is_open()) {
        renew(reader, &mut conflict, record)?;
    }
    let record_version = record.as_ref().map(Record::version);
    let title = title(reader, &conflict)?;
    let group = group_path(reader, &conflict, known)?;
    let short = short::length(reader, Ids::Conflicts, &conflict.id.to_string())?;
    let mut names = BTreeMap::new();
    for id in mentioned(&conflict) {
        if let Some(name) = changes::title(reader, &id)? {
            names.insert(id, name);
        }
    }
    Ok(ConflictRow { conflict, title, group, names, record_version, record_now: record, short })
}

/// Gives the database's side the value that is in force now: others may have changed it since.
fn renew(reader: &Reader, conflict: &mut Conflict, record: &Record) -> Result<(), Refusal> {
    if conflict.kind != ConflictKind::Field {
        return Ok(());
    }
    let Some(now) = records::field(reader, record, &conflict.field)? else { return Ok(()) };
    if same(Some(&now), Some(&conflict.ours)) {
        return Ok(());
    }
    let query = ChangeQuery {
        record: Some(conflict.record.clone()),
        limit: CHANGES_MAX,
        ..ChangeQuery::default()
    };
    let is_own = |change: &Change| {
        change.after.as_ref().is_some_and(|new| new.contains_key(&conflict.field))
    };
    if let Some(change) = changes::list(reader, &query)?.into_iter().find(is_own) {
        conflict.ours_by = change.actor;
        conflict.ours_at = change.at;
    }
    conflict.ours = now;
    Ok(())
}

/// The ids of other records in the values, the first of them.
fn mentioned(conflict: &Conflict) -> BTreeSet<String> {
    const REFERENCES: [&str; 3] = ["group_id", "parent_id", "depends_on"];
    let sides = [&conflict.base, &conflict.ours, &conflict.theirs];
    let values: Vec<&Value> = match conflict.kind {
        ConflictKind::Field if !REFERENCES.contains(&conflict.field.as_str()) => Vec::new(),
        ConflictKind::Field => sides.to_vec(),
        // A side is a whole record there.
        ConflictKind::Removed | ConflictKind::Deleted => sides
            .into_iter()
            .flat_map(|side| REFERENCES.iter().filter_map(|name| side.get(*name)))
            .collect(),
    };
    let ids = values.into_iter().flat_map(|side| {
        let items = side.as_array().into_iter().flatten().filter_map(Value::as_str);
        side.as_str().into_iter().chain(items)
    });
    ids.take(NAMES_MAX).map(str::to_owned).collect()
}

fn group_path(
    reader: &Reader,
    conflict: &Conflict,
    known: &mut Groups,
) -> Result<Option<String>, Refusal> {
    let id: Option<GroupId> = match conflict.record.chars().next() {
        Some('t') => {
            let sql = "SELECT group_id FROM tasks WHERE id = ?";
            one(reader, sql, [&conflict.record], |row| parsed_option(row, 0))?.flatten()
        }
        Some('g') => conflict.record.parse().ok(),
        Some(_) | None => None,
    };
    let Some(id) = id else { return Ok(None) };
    let all = match known.entry(conflict.session_id) {
        Entry::Occupied(groups) => groups.into_mut(),
        Entry::Vacant(place) => place.insert(groups::all(reader, conflict.session_id)?),
    };
    Ok(all.iter().find(|group| group.id == id).map(|group| path_of(group, all)))
}
