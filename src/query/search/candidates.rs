//! Which records are looked at more closely: bounded in number, so that a word that stands in every
//! task of a huge board costs no more than one in a thousand.

use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};

use super::Kind;
use super::expression::{Expression, Index, expression};
use super::filter::{Filter, names};
use super::parse::Parsed;
use super::score::{self, Document};
use super::wanted::Where;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;
use crate::query::many;
use crate::store::Reader;
use crate::store::rows::{moment, parsed as column, parsed_option};

/// Hits that are counted; of more it is said that there are at least so many.
pub const COUNTED_MAX: usize = 1_000;
/// Hits that are ranked: the newest, and the newest with the words in their title.
const NEWEST_MAX: usize = 400;
const TITLED_MAX: i64 = 200;
/// Tasks of a board whose titles can be looked through for several words at once: where these stand
/// in every text and in no title, the index looks at each task for that.
const TITLES_MAX: i64 = 50_000;
/// Titles that begin with what was typed.
const BEGUN_MAX: i64 = 50;
/// Common words under a filter: so many records are looked through at a time, and so often.
const WINDOW: i64 = 2_000;
const WINDOWS_MAX: usize = 8;

/// Records to be ranked.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) documents: Vec<Document>,
    /// How many fit.
    pub(super) total: usize,
    /// Whether there may be more.
    pub(super) at_least: bool,
}

impl Candidates {
    pub(super) fn add(&mut self, other: Self) {
        self.documents.extend(other.documents);
        self.total += other.total;
        self.at_least |= other.at_least;
    }
}

/// Conditions on `tasks` in SQL, and their values.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn of(filter: &Filter, place: &Where) -> Self {
        let mut made = Self { sql: String::new(), values: Vec::new() };
        let text = |text: &str| Value::from(text.to_owned());
        if let Some(sessions) = place.sessions() {
            made.one_of("+tasks.session_id", sessions.iter().map(|id| text(&id.to_string())));
        }
        made.one_of("+status", filter.status.iter().map(|status| text(status.as_str())));
        made.one_of("+priority", filter.priority.iter().map(|one| Value::from(one.rank())));
        if let Some(role) = &filter.role {
            made.add("+role = ?", [text(role)]);
        }
        if let Some(by) = &filter.by {
            let (actor, name) = names(by);
            let values = [text(&actor), text(&actor), text(&name)];
            made.add("(created_by = ? OR +claim_holder = ? OR +assignee = ?)", values);
        }
        if let Some(since) = filter.since {
            made.add("? <= updated_at", [Value::from(since.0)]);
        }
        if let Some(until) = filter.until {
            made.add("updated_at < ?", [Value::from(until.0)]);
        }
        made
    }

    fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    fn one_of(&mut self, column: &str, values: impl ExactSizeIterator<Item = Value>) {
        if 0 < values.len() {
            let marks = vec!["?"; values.len()].join(", ");
            self.add(&format!("{column} IN ({marks})"), values);
        }
    }
}

/// The tasks that fit.
pub(super) fn tasks(
    reader: &Reader,
    parsed: &Parsed,
    place: &Where,
) -> Result<Candidates, Refusal> {
    let conditions = Conditions::of(&parsed.filter, place);
    let Some(expression) = expression(reader, Index::Tasks, parsed)? else {
        // Words that no task holds find none; without any words the filters alone do.
        return if parsed.clauses.is_empty() && !conditions.sql.is_empty() {
            listed(reader, (parsed, place), &conditions)
        } else {
            Ok(Candidates::default())
        };
    };
    let found = matching(reader, &expression.text)?;
    let is_common = COUNTED_MAX < found.len();
    if is_common && !conditions.sql.is_empty() {
        return narrowed(reader, (parsed, place), &conditions, &expression);
    }
    let mut wanted: Vec<i64> = found.iter().copied().take(COUNTED_MAX).collect();
    let mut total = wanted.len();
    if conditions.sql.is_empty() {
        wanted.truncate(NEWEST_MAX);
    }
    if NEWEST_MAX < found.len() {
        add_new(&mut wanted, titles(reader, (parsed, place), &expression.text)?);
    }
    let documents = fetch(reader, &wanted, &conditions, Texts::Beginnings)?;
    if !conditions.sql.is_empty() {
        total = documents.len();
    }
    Ok(Candidates { documents, total, at_least: is_common || expression.cut })
}

/// The newest numbers of tasks that fit an expression, one more than are counted.
fn matching(reader: &Reader, expression: &str) -> Result<Vec<i64>, Refusal> {
    let sql = "SELECT rowid FROM task_search WHERE task_search MATCH ? ORDER BY rowid DESC LIMIT ?";
    let most = i64::try_from(COUNTED_MAX + 1).unwrap_or(i64::MAX);
    many(reader, sql, params![expression, most], |row| row.get(0))
}

/// Tasks that have the words in their title: the newest, or on a huge board those that begin so.
fn titles(
    reader: &Reader,
    (parsed, place): (&Parsed, &Where),
    expression: &str,
) -> Result<Vec<i64>, Refusal> {
    let words: Vec<&str> = parsed
        .clauses
        .iter()
        .filter_map(|clause| clause.first())
        .flat_map(|term| &term.words)
        .map(String::as_str)
        .collect();
    if words.len() == 1 || Index::Tasks.last(reader)? <= TITLES_MAX {
        return titled(reader, expression);
    }
    let Some(session) = place.main().filter(|_| parsed.without.is_empty()) else {
        return Ok(Vec::new());
    };
    let sql = "SELECT number FROM tasks WHERE session_id = ? AND title COLLATE NOCASE >= ?
        AND title COLLATE NOCASE < ? ORDER BY title COLLATE NOCASE LIMIT ?";
    let text = words.join(" ");
    let end = format!("{text}\u{10FFFF}");
    many(reader, sql, params![session.to_string(), text, end, BEGUN_MAX], |row| row.get(0))
}

/// The newest tasks that have the words in their title.
fn titled(reader: &Reader, expression: &str) -> Result<Vec<i64>, Refusal> {
    let sql = "SELECT rowid FROM task_search WHERE task_search MATCH ? ORDER BY rowid DESC LIMIT ?";
    let expression = format!("{{title}} : ({expression})");
    // An expression that excludes or names fields of its own cannot be held to the title as a whole.
    if expression.contains(" NOT ") || expression.matches("} :").nth(1).is_some() {
        return Ok(Vec::new());
    }
    many(reader, sql, params![expression, TITLED_MAX], |row| row.get(0))
}

fn add_new(wanted: &mut Vec<i64>, more: Vec<i64>) {
    let known: std::collections::HashSet<i64> = wanted.iter().copied().collect();
    wanted.extend(more.into_iter().filter(|number| !known.contains(number)));
}

/// Common words under a filter: whatever meets the filter is looked through where that is little,
/// else the newest tasks, and those that have the words in their title.
fn narrowed(
    reader: &Reader,
    (parsed, place): (&Parsed, &Where),
    conditions: &Conditions,
    expression: &Expression,
) -> Result<Candidates, Refusal> {
    let mut candidates = Candidates::default();
    let is_led = parsed.filter.is_of_tasks();
    if is_led {
        candidates = listed(reader, (parsed, place), conditions)?;
        if !candidates.at_least {
            return Ok(candidates);
        }
    }
    let (mut numbers, has_more) = newest(reader, &expression.text, conditions)?;
    if !is_led && has_more && numbers.len() < NEWEST_MAX {
        // They may all lie further back.
        candidates = listed(reader, (parsed, place), conditions)?;
        if !candidates.at_least {
            return Ok(candidates);
        }
    }
    let known: std::collections::HashSet<i64> =
        candidates.documents.iter().map(|document| document.number).collect();
    numbers.retain(|number| !known.contains(number));
    candidates.total = known.len() + numbers.len();
    if NEWEST_MAX < numbers.len() {
        numbers.truncate(NEWEST_MAX);
        let mut titled = titles(reader, (parsed, place), &expression.text)?;
        titled.retain(|number| !known.contains(number));
        add_new(&mut numbers, titled);
    }
    candidates.documents.extend(fetch(reader, &numbers, conditions, Texts::Beginnings)?);
    candidates.at_least = has_more;
    Ok(candidates)
}

/// The newest tasks that fit an expression and a filter, and whether there may be more further back.
fn newest(
    reader: &Reader,
    expression: &str,
    conditions: &Conditions,
) -> Result<(Vec<i64>, bool), Refusal> {
    let mut numbers = Vec::new();
    let mut high = Index::Tasks.last(reader)?;
    for _ in 0..WINDOWS_MAX {
        numbers.extend(window(reader, expression, (high - WINDOW, high), conditions)?);
        high -= WINDOW;
        if high <= 0 || NEWEST_MAX <= numbers.len() {
            break;
        }
    }
    Ok((numbers, 0 < high))
}

/// The tasks of a stretch of numbers that fit an expression and a filter.
fn window(
    reader: &Reader,
    expression: &str,
    (low, high): (i64, i64),
    conditions: &Conditions,
) -> Result<Vec<i64>, Refusal> {
    let sql = format!(
        "SELECT number FROM task_search CROSS JOIN tasks ON number = task_search.rowid
         WHERE task_search MATCH ? AND ? < task_search.rowid AND task_search.rowid <= ?{}
         ORDER BY task_search.rowid DESC",
        conditions.sql
    );
    let mut values = vec![Value::from(expression.to_owned()), low.into(), high.into()];
    values.extend(conditions.values.iter().cloned());
    many(reader, &sql, params_from_iter(values), |row| row.get(0))
}

/// What meets a filter by its index, the newest first, and holds the words, if there are any.
fn listed(
    reader: &Reader,
    (parsed, place): (&Parsed, &Where),
    conditions: &Conditions,
) -> Result<Candidates, Refusal> {
    let (sessions, mut at_least) = place.in_turn(reader)?;
    let mut numbers = Vec::new();
    for session in sessions {
        if COUNTED_MAX <= numbers.len() {
            at_least = true;
            break;
        }
        for (condition, value) in leads(&parsed.filter) {
            let sql = format!(
                "SELECT number FROM tasks WHERE session_id = ?{condition} ORDER BY number DESC LIMIT ?"
            );
            let most = i64::try_from(COUNTED_MAX + 1).unwrap_or(i64::MAX);
            let values = [Some(Value::from(session.to_string())), value, Some(Value::from(most))];
            let values = params_from_iter(values.into_iter().flatten());
            let found: Vec<i64> = many(reader, &sql, values, |row| row.get(0))?;
            at_least |= COUNTED_MAX < found.len();
            numbers.extend(found);
        }
    }
    numbers.sort_unstable_by_key(|number: &i64| std::cmp::Reverse(*number));
    numbers.dedup();
    at_least |= COUNTED_MAX < numbers.len();
    numbers.truncate(COUNTED_MAX);
    let mut documents = fetch(reader, &numbers, conditions, Texts::Whole)?;
    documents.retain(|document| score::holds(document, parsed));
    let total = documents.len();
    Ok(Candidates { documents, total, at_least })
}

/// The filter that has the best index: a query for each of its values.
fn leads(filter: &Filter) -> Vec<(&'static str, Option<Value>)> {
    if !filter.status.is_empty() {
        let of = |status: &Status| (" AND status = ?", Some(status.as_str().to_owned().into()));
        return filter.status.iter().map(of).collect();
    }
    if let Some(role) = &filter.role {
        return vec![(" AND role = ?", Some(role.clone().into()))];
    }
    if !filter.priority.is_empty() {
        let priorities = filter.priority.iter();
        return priorities.map(|one| (" AND priority = ?", Some(one.rank().into()))).collect();
    }
    vec![("", None)]
}

/// How much of long texts is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// Enough for ranking.
    Beginnings,
    Whole,
}

/// Bytes of a text that ranking looks at.
const BEGINNING: i64 = 2_000;

/// Tasks by their numbers, those that meet the conditions.
fn fetch(
    reader: &Reader,
    numbers: &[i64],
    conditions: &Conditions,
    texts: Texts,
) -> Result<Vec<Document>, Refusal> {
    let length = match texts {
        Texts::Beginnings => BEGINNING,
        Texts::Whole => i64::from(i32::MAX),
    };
    let sql = format!(
        "SELECT number, tasks.id, tasks.session_id, group_id, title, substr(description, 1, ?), tags,
             substr(coalesce(result_summary, ''), 1, ?), status, updated_at
         FROM json_each(?) CROSS JOIN tasks ON number = json_each.value WHERE 1{}",
        conditions.sql
    );
    let list = serde_json::to_string(numbers).unwrap_or_default();
    let mut values = vec![Value::from(length), Value::from(length), Value::from(list)];
    values.extend(conditions.values.iter().cloned());
    many(reader, &sql, params_from_iter(values), read)
}

/// One task, whole.
pub(super) fn whole(reader: &Reader, number: i64) -> Result<Option<Document>, Refusal> {
    let none = Conditions { sql: String::new(), values: Vec::new() };
    Ok(fetch(reader, &[number], &none, Texts::Whole)?.into_iter().next())
}

/// Tags, which are kept as JSON, as people write them.
fn in_a_row(tags: &str) -> String {
    let tags: Vec<String> = serde_json::from_str(tags).unwrap_or_default();
    tags.join(", ")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Document> {
    let session: SessionId = column(row, 2)?;
    Ok(Document {
        kind: Kind::Task,
        number: row.get(0)?,
        id: row.get(1)?,
        session,
        group: parsed_option(row, 3)?,
        title: row.get(4)?,
        text: row.get(5)?,
        tags: in_a_row(&row.get::<_, String>(6)?),
        result: row.get(7)?,
        status: Some(column(row, 8)?),
        at: moment(row, 9)?,
    })
}
