//! Tasks. A change writes only the columns that differ, so that only their indexes are touched.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::{json, json_option, moment, moment_option, parsed, parsed_option};
use crate::domain::claim::Claim;
use crate::domain::task::{Priority, Task};

/// The condition of a task whose holder's process died at or before a moment and has not come back.
/// An agent that comes by HTTP is no part of the process that died.
pub(crate) const HOLDER_DIED: &str = "EXISTS (SELECT 1 FROM agents
    WHERE 'agent:' || name = claim_holder AND name = substr(claim_holder, 7)
        AND transport = 'stdio' AND process <> '' AND gone_at <= ?)";

/// Claims that end more than their whole time after a moment, because the clock was set back.
pub(crate) const ASTRAY: &str =
    "claim_holder IS NOT NULL AND ?1 < claim_until AND ?1 < claim_until - 60000 * claim_minutes";

/// The columns that [`read`] reads, in order.
pub(crate) const COLUMNS: &str = "id, session_id, group_id, parent_id, title, description, status, priority, \
    complexity, role, position, estimate_minutes, actual_minutes, tags, due, progress, assignee, claim_holder, \
    claim_since, claim_until, claim_minutes, claim_paths, claim_number, result_summary, reason, created_by, \
    created_at, updated_at, started_at, finished_at, version";

type Column = (&'static str, fn(&Task) -> Value);

/// Every column a task is written to, with its value.
const WRITTEN: &[Column] = &[
    ("id", |task| text(task.id)),
    ("session_id", |task| text(task.session_id)),
    ("group_id", |task| task.group_id.map_or(Value::Null, text)),
    ("parent_id", |task| task.parent_id.map_or(Value::Null, text)),
    ("title", |task| text(&task.title)),
    ("description", |task| text(&task.description)),
    ("status", |task| text(task.status)),
    ("priority", |task| Value::from(task.priority.rank())),
    ("complexity", |task| text(task.complexity)),
    ("role", |task| Value::from(task.role.clone())),
    ("position", |task| Value::from(task.position)),
    ("estimate_minutes", |task| Value::from(task.estimate_minutes)),
    ("actual_minutes", |task| Value::from(task.actual_minutes)),
    ("tags", |task| Value::from(to_json(&task.tags))),
    ("due", |task| Value::from(task.due.clone())),
    ("progress", |task| Value::from(i64::from(task.progress))),
    ("assignee", |task| Value::from(task.assignee.clone())),
    ("claim_holder", |task| claimed(task, |claim| text(&claim.holder))),
    ("claim_since", |task| claimed(task, |claim| Value::from(claim.since.0))),
    ("claim_until", |task| claimed(task, |claim| Value::from(claim.until.0))),
    ("claim_minutes", |task| claimed(task, |claim| Value::from(i64::from(claim.minutes)))),
    ("claim_paths", |task| claimed(task, |claim| Value::from(to_json(&claim.paths)))),
    ("claim_number", |task| Value::from(task.claim_number)),
    ("result_summary", |task| Value::from(task.result_summary.clone())),
    ("reason", |task| Value::from(task.reason.clone())),
    ("created_by", |task| text(&task.created_by)),
    ("created_at", |task| Value::from(task.created_at.0)),
    ("updated_at", |task| Value::from(task.updated_at.0)),
    ("started_at", |task| Value::from(task.started_at.map(|at| at.0))),
    ("finished_at", |task| Value::from(task.finished_at.map(|at| at.0))),
    ("version", |task| Value::from(task.version)),
];

#[expect(clippy::needless_pass_by_value, reason = "ids and words are copied, texts are borrowed")]
fn text(value: impl ToString) -> Value {
    Value::from(value.to_string())
}

fn claimed(task: &Task, value: impl Fn(&Claim) -> Value) -> Value {
    task.claim.as_ref().map_or(Value::Null, value)
}

fn to_json(list: &[String]) -> String {
    serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned())
}

/// Reads a task from a row of [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Task> {
    Ok(Task {
        id: parsed(row, 0)?,
        session_id: parsed(row, 1)?,
        group_id: parsed_option(row, 2)?,
        parent_id: parsed_option(row, 3)?,
        title: row.get(4)?,
        description: row.get(5)?,
        status: parsed(row, 6)?,
        priority: Priority::from_rank(row.get(7)?),
        complexity: parsed(row, 8)?,
        role: row.get(9)?,
        position: row.get(10)?,
        estimate_minutes: row.get(11)?,
        actual_minutes: row.get(12)?,
        tags: json(row, 13)?,
        due: row.get(14)?,
        progress: row.get(15)?,
        assignee: row.get(16)?,
        claim: read_claim(row)?,
        claim_number: row.get(22)?,
        result_summary: row.get(23)?,
        reason: row.get(24)?,
        created_by: parsed(row, 25)?,
        created_at: moment(row, 26)?,
        updated_at: moment(row, 27)?,
        started_at: moment_option(row, 28)?,
        finished_at: moment_option(row, 29)?,
        version: row.get(30)?,
    })
}

fn read_claim(row: &Row<'_>) -> rusqlite::Result<Option<Claim>> {
    let Some(holder) = parsed_option(row, 17)? else { return Ok(None) };
    Ok(Some(Claim {
        holder,
        number: row.get(22)?,
        since: moment(row, 18)?,
        until: moment(row, 19)?,
        minutes: row.get(20)?,
        paths: json_option(row, 21)?.unwrap_or_default(),
    }))
}

/// Adds a task.
pub(crate) fn insert(connection: &Connection, task: &Task) -> rusqlite::Result<()> {
    let marks = vec!["?"; WRITTEN.len()].join(", ");
    let sql = format!("INSERT INTO tasks ({COLUMNS}) VALUES ({marks})");
    let values = WRITTEN.iter().map(|(_, value)| value(task));
    connection.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}

/// Writes the columns in which a task differs from what it was.
pub(crate) fn update(connection: &Connection, before: &Task, after: &Task) -> rusqlite::Result<()> {
    let mut sql = String::from("UPDATE tasks SET ");
    let mut values = Vec::new();
    for (name, value) in WRITTEN {
        let new = value(after);
        if value(before) != new {
            if !values.is_empty() {
                sql.push_str(", ");
            }
            sql.push_str(name);
            sql.push_str(" = ?");
            values.push(new);
        }
    }
    if values.is_empty() {
        return Ok(());
    }
    sql.push_str(" WHERE id = ?");
    values.push(text(after.id));
    connection.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}

/// Removes a task.
pub(crate) fn delete(connection: &Connection, task: &Task) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM tasks WHERE id = ?")?.execute([task.id.to_string()])?;
    Ok(())
}
