//! Pages of tasks. Each filter and order has an index to walk; the others narrow the walk.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::{COLUMNS, finish, read};
use crate::domain::actor::Actor;
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::domain::task::{Priority, Status};
use crate::query::rows::{Page, TaskRow};
use crate::query::{LIMIT, bounded, cursor, groups, many};
use crate::store::Reader;
use crate::store::lookups::OPEN;
use crate::store::ready::{READY, READY_ORDER};

words! {
    /// How a list of tasks is ordered.
    TaskOrder("order") {
        /// By place among its siblings, or in its group; over a whole session the oldest first.
        Position = "position",
        /// The most urgent first, then the oldest.
        Priority = "priority",
        /// The newest first.
        Newest = "newest" | "created_at",
        /// What changed last first.
        Updated = "updated" | "updated_at",
    }
}

/// Which part of a session is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    All,
    /// The tasks of one group and parent.
    Siblings {
        group: Option<GroupId>,
        parent: Option<TaskId>,
    },
    /// All tasks of a group, whatever their parent; or all without a group.
    Group(Option<GroupId>),
    /// The tasks directly below another.
    Parent(TaskId),
}

/// Which tasks are wanted, in which order, how many.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskQuery {
    pub session: SessionId,
    pub within: Within,
    /// Any when empty.
    pub status: Vec<Status>,
    /// Any when empty.
    pub priority: Vec<Priority>,
    pub role: Option<String>,
    pub assignee: Option<String>,
    pub holder: Option<Actor>,
    pub tag: Option<String>,
    /// Words of title, description, tags or result; each may be a beginning.
    pub text: Option<String>,
    /// Only tasks that can be claimed now, in the order of the next task.
    pub ready: bool,
    pub order: TaskOrder,
    pub limit: usize,
    pub cursor: Option<String>,
}

impl TaskQuery {
    /// Any task of a session, the newest first.
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            within: Within::All,
            status: Vec::new(),
            priority: Vec::new(),
            role: None,
            assignee: None,
            holder: None,
            tag: None,
            text: None,
            ready: false,
            order: TaskOrder::Newest,
            limit: LIMIT,
            cursor: None,
        }
    }
}

/// The order a page is walked in: SQL, and the columns of its cursor (the last is `number`).
struct Walk {
    order: &'static str,
    after: &'static str,
    key: fn(&TaskRow) -> String,
}

const BY_POSITION: Walk = Walk {
    order: "position, number",
    after: "(position, number) > (?, ?)",
    key: |task| task.position.to_string(),
};
const BY_AGE: Walk =
    Walk { order: "number", after: "? IS NOT NULL AND ? < number", key: |_| "0".to_owned() };
const BY_PRIORITY: Walk = Walk {
    order: "priority, number",
    after: "(priority, number) > (?, ?)",
    key: |task| task.priority.rank().to_string(),
};
const BY_NUMBER: Walk =
    Walk { order: "number DESC", after: "? IS NOT NULL AND number < ?", key: |_| "0".to_owned() };
const BY_UPDATE: Walk = Walk {
    order: "updated_at DESC, number DESC",
    after: "(updated_at, number) < (?, ?)",
    key: |task| task.updated_at.0.to_string(),
};

/// A page of tasks.
pub fn list(reader: &Reader, query: &TaskQuery) -> Result<Page<TaskRow>, Refusal> {
    let walk = walk(query);
    let limit = bounded(query.limit);
    let mut found = Vec::new();
    let parts = parts(query);
    for part in &parts {
        let (sql, values) = statement(part)?;
        found.extend(many(reader, &sql, params_from_iter(values), read)?);
    }
    if 1 < parts.len() {
        let newest_first = query.order == TaskOrder::Newest;
        found.sort_by_key(|(_, number)| if newest_first { -number } else { *number });
    }
    let more = limit < i64::try_from(found.len()).unwrap_or(0);
    found.truncate(usize::try_from(limit).unwrap_or(1));
    let cursor = match found.last().filter(|_| more) {
        None => None,
        Some(_) if query.ready => {
            Some(cursor::write(&["ready".to_owned(), (skipped(query)? + limit).to_string()]))
        }
        Some((task, number)) => Some(cursor::write(&[(walk.key)(task), number.to_string()])),
    };
    let items =
        found.into_iter().map(|(task, _)| finish(reader, task)).collect::<Result<_, _>>()?;
    Ok(Page { items, total: total(reader, query)?, cursor })
}

/// How the database goes about a query, step by step, for tests of the indexes.
pub fn explain(reader: &Reader, query: &TaskQuery) -> Result<Vec<String>, Refusal> {
    let (sql, values) = statement(query)?;
    many(reader, &format!("EXPLAIN QUERY PLAN {sql}"), params_from_iter(values), |row| row.get(3))
}

fn walk(query: &TaskQuery) -> Walk {
    match query.order {
        TaskOrder::Position if query.within == Within::All => BY_AGE,
        TaskOrder::Position => BY_POSITION,
        TaskOrder::Priority => BY_PRIORITY,
        TaskOrder::Newest => BY_NUMBER,
        TaskOrder::Updated => BY_UPDATE,
    }
}

/// A query for several statuses or priorities as one for each, where it is their index that is walked.
fn parts(query: &TaskQuery) -> Vec<TaskQuery> {
    let mut query = query.clone();
    query.status.sort_unstable();
    query.status.dedup();
    query.priority.sort_unstable();
    query.priority.dedup();
    if !by_number(&query) || narrowed(&query) || is_open(&query.status) {
        return vec![query];
    }
    if 1 < query.status.len() {
        let of = |status: &Status| TaskQuery { status: vec![*status], ..query.clone() };
        return query.status.iter().map(of).collect();
    }
    if query.status.is_empty() && 1 < query.priority.len() {
        let of = |priority: &Priority| TaskQuery { priority: vec![*priority], ..query.clone() };
        return query.priority.iter().map(of).collect();
    }
    vec![query]
}

fn by_number(query: &TaskQuery) -> bool {
    !query.ready
        && match query.order {
            TaskOrder::Newest => true,
            TaskOrder::Position => query.within == Within::All,
            TaskOrder::Priority | TaskOrder::Updated => false,
        }
}

/// Whether another filter than status and priority has the index that is walked.
fn narrowed(query: &TaskQuery) -> bool {
    query.within != Within::All
        || query.holder.is_some()
        || query.text.is_some()
        || query.tag.is_some()
        || query.assignee.is_some()
        || query.role.is_some()
}

/// All open statuses are the condition of the partial indexes, to the letter.
fn is_open(status: &[Status]) -> bool {
    status.len() == 4 && status.iter().all(|status| status.is_open())
}

fn statement(query: &TaskQuery) -> Result<(String, Vec<Value>), Refusal> {
    let walk = walk(query);
    let (mut conditions, mut values) = conditions(query);
    let mut order = walk.order.to_owned();
    if query.ready {
        conditions.push(READY.to_owned());
        READY_ORDER.clone_into(&mut order);
    } else if let Some(word) = &query.cursor {
        let parts = cursor::read(word, 2)?;
        conditions.push(walk.after.to_owned());
        values.push(Value::from(cursor::number::<f64>(parts.first())?));
        values.push(Value::from(cursor::number::<i64>(parts.get(1))?));
    }
    values.push(Value::from(bounded(query.limit) + 1));
    let mut sql = format!(
        "SELECT {COLUMNS} FROM tasks WHERE {} ORDER BY {order} LIMIT ?",
        conditions.join(" AND ")
    );
    if query.ready {
        sql.push_str(" OFFSET ?");
        values.push(Value::from(skipped(query)?));
    }
    Ok((sql, values))
}

/// How many ready tasks earlier pages held.
fn skipped(query: &TaskQuery) -> Result<i64, Refusal> {
    match &query.cursor {
        Some(word) => cursor::number(cursor::read(word, 2)?.get(1)),
        None => Ok(0),
    }
}

/// The filters of a query. The one with the best index stands first and plain, the others are
/// marked with `+`, which keeps `SQLite` from choosing their indexes instead.
fn conditions(query: &TaskQuery) -> (Vec<String>, Vec<Value>) {
    let mut all = Vec::new();
    let mut values: Vec<Value> = vec![query.session.to_string().into()];
    all.push("tasks.session_id = ?".to_owned());
    let mut leads = within(query, &mut all, &mut values);
    if let Some(holder) = &query.holder {
        let plus = if leads { "+" } else { "" };
        all.push(format!("{plus}claim_holder = ?"));
        values.push(holder.to_string().into());
        leads = true;
    }
    let mut add = |column: &str, value: Value| {
        // Open tasks are fewer than those of anybody over the years.
        let plus = if leads || is_open(&query.status) { "+" } else { "" };
        all.push(format!("{plus}{column} = ?"));
        values.push(value);
        leads = true;
    };
    if let Some(assignee) = &query.assignee {
        add("assignee", assignee.clone().into());
    }
    if let Some(role) = &query.role {
        add("role", role.clone().into());
    }
    if let Some(text) = query.text.as_deref().and_then(fts) {
        all.push("number IN (SELECT rowid FROM task_search WHERE task_search MATCH ?)".to_owned());
        values.push(text.into());
        leads = true;
    }
    if let Some(tag) = &query.tag {
        all.push("number IN (SELECT rowid FROM task_search WHERE task_search MATCH ?)".to_owned());
        values.push(format!("tags : {}", quoted(tag)).into());
        all.push("EXISTS (SELECT 1 FROM json_each(tasks.tags) WHERE value = ?)".to_owned());
        values.push(tag.clone().into());
        leads = true;
    }
    if is_open(&query.status) {
        all.push(OPEN.to_owned());
    } else if !query.status.is_empty() {
        let statuses = query.status.iter().map(|status| Value::from(status.as_str().to_owned()));
        all.push(one_of("status", leads || !by_number(query), statuses.len()));
        values.extend(statuses);
        leads = true;
    }
    if !query.priority.is_empty() {
        all.push(one_of("priority", leads || !by_number(query), query.priority.len()));
        values.extend(query.priority.iter().map(|priority| Value::from(priority.rank())));
    }
    (all, values)
}

fn within(query: &TaskQuery, all: &mut Vec<String>, values: &mut Vec<Value>) -> bool {
    let text = |id: Option<String>| id.map_or(Value::Null, Value::from);
    match query.within {
        Within::All => false,
        Within::Siblings { group, parent } => {
            all.push("group_id IS ? AND parent_id IS ?".to_owned());
            values.extend([
                text(group.map(|id| id.to_string())),
                text(parent.map(|id| id.to_string())),
            ]);
            true
        }
        Within::Group(group) => {
            all.push("group_id IS ?".to_owned());
            values.push(text(group.map(|id| id.to_string())));
            true
        }
        Within::Parent(parent) => {
            all.push("parent_id = ?".to_owned());
            values.push(text(Some(parent.to_string())));
            true
        }
    }
}

fn one_of(column: &str, leads: bool, count: usize) -> String {
    if count == 1 && !leads {
        return format!("{column} = ?");
    }
    format!("+{column} IN ({})", vec!["?"; count].join(", "))
}

/// How many there are in all, where the tallies know it.
fn total(reader: &Reader, query: &TaskQuery) -> Result<Option<i64>, Refusal> {
    let filtered = query.ready
        || query.role.is_some()
        || query.assignee.is_some()
        || query.holder.is_some()
        || query.tag.is_some()
        || query.text.is_some()
        || !query.priority.is_empty();
    if filtered {
        return Ok(None);
    }
    let counts = match query.within {
        Within::All => groups::counts_of(reader, &query.session.to_string())?,
        Within::Group(Some(group)) => groups::counts_of(reader, &group.to_string())?,
        Within::Group(None) => groups::ungrouped(reader, query.session)?,
        Within::Parent(parent) => groups::counts_of(reader, &parent.to_string())?,
        Within::Siblings { parent: Some(parent), .. } => {
            groups::counts_of(reader, &parent.to_string())?
        }
        Within::Siblings { parent: None, .. } => return Ok(None),
    };
    let of = |status: &Status| match status {
        Status::Pending => counts.pending,
        Status::Active => counts.active,
        Status::Blocked => counts.blocked,
        Status::Review => counts.review,
        Status::Completed => counts.completed,
        Status::Cancelled => counts.cancelled,
        Status::Failed => counts.failed,
    };
    let wanted = if query.status.is_empty() { Status::ALL } else { &query.status };
    Ok(Some(wanted.iter().map(of).sum()))
}

/// Words as an FTS5 query: every word, each as a beginning. `None` when there is no word.
pub(crate) fn fts(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split_whitespace()
        .take(12)
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("{}*", quoted(word)))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}
