//! What must always be so, asked of the rows themselves: derived columns recomputed and compared,
//! no cycles, no orphans, one live session, a feed without gaps in its story.

use crate::domain::refusal::Refusal;
use crate::store::{Reader, refuse};

/// Each check: what is wrong, and a query that returns a row for every case of it.
const CHECKS: &[(&str, &str)] = &[
    (
        "more than one session is live",
        "SELECT count(*) FROM orchestration_sessions WHERE state IN ('active', 'resuming', 'completing') HAVING 1 < count(*)",
    ),
    (
        "children miscounted",
        "SELECT id FROM tasks WHERE children <> (SELECT count(*) FROM tasks AS child WHERE child.parent_id = tasks.id)",
    ),
    (
        "unmet dependencies miscounted",
        "SELECT id FROM tasks WHERE unmet <> (SELECT count(*) FROM task_dependencies JOIN tasks AS other
             ON other.id = depends_on WHERE task_id = tasks.id AND other.status <> 'completed')",
    ),
    (
        "chain of waiting work is off",
        "SELECT id FROM tasks WHERE chain <> (SELECT coalesce(max(waiting.chain + coalesce(waiting.estimate_minutes, 60)), 0)
             FROM task_dependencies JOIN tasks AS waiting ON waiting.id = task_id
             WHERE depends_on = tasks.id AND waiting.status IN ('pending', 'active', 'blocked', 'review'))",
    ),
    (
        "tally is off",
        "WITH shares AS (
             SELECT session_id AS owner, * FROM tasks
             UNION ALL SELECT coalesce(group_id, session_id || '/-'), * FROM tasks
             UNION ALL SELECT parent_id, * FROM tasks WHERE parent_id IS NOT NULL),
         sums AS (
             SELECT owner, status, count(*) AS tasks, sum(children = 0) AS leaves,
                 sum(children = 0 AND estimate_minutes IS NOT NULL) AS estimated,
                 sum(iif(children = 0, coalesce(estimate_minutes, 0), 0)) AS minutes,
                 sum(iif(children = 0 AND estimate_minutes IS NULL, iif(status = 'completed', 100, progress), 0)) AS points,
                 sum(iif(children = 0, coalesce(estimate_minutes, 0) * iif(status = 'completed', 100, progress), 0)) AS weighted_points
             FROM shares GROUP BY owner, status)
         SELECT owner || ' ' || status FROM (SELECT * FROM sums EXCEPT SELECT * FROM task_tallies)
         UNION ALL
         SELECT owner || ' ' || status FROM (SELECT * FROM task_tallies WHERE tasks <> 0 EXCEPT SELECT * FROM sums)",
    ),
    (
        "dependency circle",
        "WITH RECURSIVE reach (start, here, steps) AS (
             SELECT task_id, depends_on, 1 FROM task_dependencies
             UNION SELECT start, depends_on, steps + 1 FROM reach JOIN task_dependencies ON task_id = here WHERE steps < 64)
         SELECT start FROM reach WHERE start = here",
    ),
    (
        "a task and its parent are in different groups or sessions",
        "SELECT child.id FROM tasks AS child JOIN tasks AS parent ON parent.id = child.parent_id
         WHERE child.group_id IS NOT parent.group_id OR child.session_id <> parent.session_id",
    ),
    (
        "nested too deeply",
        "WITH RECURSIVE above (id, depth) AS (
             SELECT id, 1 FROM tasks WHERE parent_id IS NULL
             UNION ALL SELECT tasks.id, depth + 1 FROM tasks JOIN above ON parent_id = above.id WHERE depth < 20)
         SELECT id FROM above WHERE 8 < depth
         UNION ALL SELECT id FROM tasks WHERE id NOT IN (SELECT id FROM above)",
    ),
    (
        "groups nested too deeply, or in themselves",
        "WITH RECURSIVE above (id, depth) AS (
             SELECT id, 1 FROM task_groups WHERE parent_id IS NULL
             UNION ALL SELECT task_groups.id, depth + 1 FROM task_groups JOIN above ON parent_id = above.id WHERE depth < 20)
         SELECT id FROM above WHERE 8 < depth
         UNION ALL SELECT id FROM task_groups WHERE id NOT IN (SELECT id FROM above)",
    ),
    (
        "a task waits for one that contains it, or that it contains",
        "WITH RECURSIVE above (id, upper, depth) AS (
             SELECT id, parent_id, 1 FROM tasks WHERE parent_id IS NOT NULL
             UNION ALL SELECT above.id, tasks.parent_id, depth + 1 FROM above JOIN tasks ON tasks.id = upper
                 WHERE tasks.parent_id IS NOT NULL AND depth < 20)
         SELECT above.id FROM above JOIN task_dependencies AS edge
             ON (task_id = above.id AND depends_on = upper) OR (task_id = upper AND depends_on = above.id)",
    ),
    (
        "a finished task is held",
        "SELECT id FROM tasks WHERE claim_holder IS NOT NULL AND status NOT IN ('pending', 'active', 'blocked', 'review')",
    ),
    (
        "a task is held in a session that is not at work",
        "SELECT tasks.id FROM tasks JOIN orchestration_sessions AS session ON session.id = session_id
         WHERE claim_holder IS NOT NULL AND session.state IN ('suspended', 'completed', 'archived')",
    ),
    (
        "a claim number went back",
        "SELECT id FROM tasks WHERE claim_number < (SELECT coalesce(max(json_extract(after, '$.claim_number')), 0)
             FROM changes WHERE record = tasks.id)",
    ),
    (
        "a record's version is not its last change's",
        "SELECT id FROM tasks WHERE version <> (SELECT version FROM changes WHERE record = tasks.id ORDER BY seq DESC LIMIT 1)",
    ),
    (
        "an artifact's version is not its last change's",
        "SELECT id FROM session_artifacts WHERE version <> (SELECT version FROM changes WHERE record = session_artifacts.id ORDER BY seq DESC LIMIT 1)",
    ),
    (
        "two artifacts are the same edition of a title",
        "SELECT id FROM session_artifacts GROUP BY session_id, title, edition HAVING 1 < count(*)",
    ),
    (
        "an artifact belongs to a task of another session",
        "SELECT session_artifacts.id FROM session_artifacts JOIN tasks ON tasks.id = task_id
         WHERE tasks.session_id <> session_artifacts.session_id",
    ),
    (
        "the last transition is not the session's state",
        "SELECT id FROM orchestration_sessions WHERE state <> (SELECT to_state FROM session_state_transitions
             WHERE session_id = orchestration_sessions.id ORDER BY number DESC LIMIT 1)",
    ),
    ("foreign key broken", "SELECT \"table\" || ' ' || rowid FROM pragma_foreign_key_check"),
];

/// Every finding, as a line; none when all is well. Reads whole tables: for checks, not for waiting.
///
/// # Errors
///
/// When the database cannot be read.
pub fn findings(reader: &Reader) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for (what, sql) in CHECKS {
        let look = || -> rusqlite::Result<Vec<String>> {
            let mut statement = reader.connection.prepare(sql)?;
            let rows =
                statement.query_map([], |row| Ok(format!("{what}: {}", show(row.get_ref(0)?))))?;
            rows.take(20).collect()
        };
        found.extend(look().map_err(|error| refuse(&error))?);
    }
    Ok(found)
}

/// Every row of every table, as lines: to compare two databases by. For checks, not for waiting.
///
/// # Errors
///
/// When the database cannot be read.
pub fn rows(reader: &Reader) -> Result<Vec<String>, Refusal> {
    let read = || -> rusqlite::Result<Vec<String>> {
        let mut lines = Vec::new();
        for table in super::whole::tables(&reader.connection)? {
            let mut statement = reader.connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let columns = statement.column_count();
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let values =
                    (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column));
                let values: Vec<_> = values.collect::<rusqlite::Result<_>>()?;
                lines.push(format!("{table} {values:?}"));
            }
        }
        lines.sort();
        Ok(lines)
    };
    read().map_err(|error| refuse(&error))
}

fn show(value: rusqlite::types::ValueRef<'_>) -> String {
    match value {
        rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
        rusqlite::types::ValueRef::Null
        | rusqlite::types::ValueRef::Real(_)
        | rusqlite::types::ValueRef::Blob(_) => String::new(),
    }
}
