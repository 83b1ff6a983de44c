//! What must always be so, asked of the rows themselves: derived columns recomputed and compared,
//! no cycles, no orphans, one live session, a feed without gaps in its story.

use std::collections::HashMap;

use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::store::{Reader, refuse};

/// How a check finds its cases.
enum Look {
    /// A query that returns a row, the name of a record, for every case.
    Rows(&'static str),
    /// The tasks of circles of dependencies.
    Circles,
}

/// One check of the audit.
pub struct Check {
    /// What is wrong, in words.
    pub what: &'static str,
    pub fault: Fault,
    look: Look,
}

words! {
    /// What may be wrong with rows that commands alone have written.
    Fault("fault") {
        /// Sums, counts and chains that are kept beside the rows.
        Counts = "wrong_counts",
        /// The sessions' states, versions, claim numbers against what the feed tells.
        Books = "wrong_books",
        /// Circles, and tasks that wait for what contains them.
        Dependency = "broken_dependency",
        /// Tasks and groups in places that are none.
        Place = "misplaced",
        /// Claims that nobody can have.
        Claim = "impossible_claim",
        /// Two sessions that are live.
        Live = "two_live_sessions",
        /// A row that names another which is not there.
        Reference = "broken_reference",
    }
}

const fn rows(fault: Fault, what: &'static str, sql: &'static str) -> Check {
    Check { what, fault, look: Look::Rows(sql) }
}

/// Every check.
pub const CHECKS: &[Check] = &[
    rows(
        Fault::Live,
        "more than one session is live",
        "SELECT count(*) FROM orchestration_sessions WHERE state IN ('active', 'resuming', 'completing') HAVING 1 < count(*)",
    ),
    rows(
        Fault::Counts,
        "children miscounted",
        "SELECT id FROM tasks WHERE children <> (SELECT count(*) FROM tasks AS child WHERE child.parent_id = tasks.id)",
    ),
    rows(
        Fault::Counts,
        "unmet dependencies miscounted",
        "SELECT id FROM tasks WHERE unmet <> (SELECT count(*) FROM task_dependencies JOIN tasks AS other
             ON other.id = depends_on WHERE task_id = tasks.id AND other.status <> 'completed')",
    ),
    rows(
        Fault::Counts,
        "chain of waiting work is off",
        "SELECT id FROM tasks WHERE chain <> (SELECT coalesce(max(waiting.chain + coalesce(waiting.estimate_minutes, 60)), 0)
             FROM task_dependencies JOIN tasks AS waiting ON waiting.id = task_id
             WHERE depends_on = tasks.id AND waiting.status IN ('pending', 'active', 'blocked', 'review'))",
    ),
    rows(
        Fault::Counts,
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
    Check { what: "dependency circle", fault: Fault::Dependency, look: Look::Circles },
    rows(
        Fault::Place,
        "a task and its parent are in different groups or sessions",
        "SELECT child.id FROM tasks AS child JOIN tasks AS parent ON parent.id = child.parent_id
         WHERE child.group_id IS NOT parent.group_id OR child.session_id <> parent.session_id",
    ),
    rows(
        Fault::Place,
        "nested too deeply",
        "WITH RECURSIVE above (id, depth) AS (
             SELECT id, 1 FROM tasks WHERE parent_id IS NULL
             UNION ALL SELECT tasks.id, depth + 1 FROM tasks JOIN above ON parent_id = above.id WHERE depth < 20)
         SELECT id FROM above WHERE 8 < depth
         UNION ALL SELECT id FROM tasks WHERE id NOT IN (SELECT id FROM above)",
    ),
    rows(
        Fault::Place,
        "groups nested too deeply, or in themselves",
        "WITH RECURSIVE above (id, depth) AS (
             SELECT id, 1 FROM task_groups WHERE parent_id IS NULL
             UNION ALL SELECT task_groups.id, depth + 1 FROM task_groups JOIN above ON parent_id = above.id WHERE depth < 20)
         SELECT id FROM above WHERE 8 < depth
         UNION ALL SELECT id FROM task_groups WHERE id NOT IN (SELECT id FROM above)",
    ),
    rows(
        Fault::Dependency,
        "a task waits for one that contains it, or that it contains",
        "WITH RECURSIVE above (id, upper, depth) AS (
             SELECT id, parent_id, 1 FROM tasks WHERE parent_id IS NOT NULL
             UNION ALL SELECT above.id, tasks.parent_id, depth + 1 FROM above JOIN tasks ON tasks.id = upper
                 WHERE tasks.parent_id IS NOT NULL AND depth < 20)
         SELECT above.id FROM above JOIN task_dependencies AS edge
             ON (task_id = above.id AND depends_on = upper) OR (task_id = upper AND depends_on = above.id)",
    ),
    rows(
        Fault::Claim,
        "a finished task is held",
        "SELECT id FROM tasks WHERE claim_holder IS NOT NULL AND status NOT IN ('pending', 'active', 'blocked', 'review')",
    ),
    rows(
        Fault::Claim,
        "a task is held in a session that is not at work",
        "SELECT tasks.id FROM tasks JOIN orchestration_sessions AS session ON session.id = session_id
         WHERE claim_holder IS NOT NULL AND session.state IN ('suspended', 'completed', 'archived')",
    ),
    rows(
        Fault::Books,
        "a claim number went back",
        "SELECT id FROM tasks WHERE claim_number < (SELECT coalesce(max(json_extract(after, '$.claim_number')), 0)
             FROM changes WHERE record = tasks.id)",
    ),
    rows(
        Fault::Books,
        "a record's version is not its last change's",
        "SELECT id FROM tasks WHERE version <> (SELECT version FROM changes WHERE record = tasks.id ORDER BY seq DESC LIMIT 1)",
    ),
    rows(
        Fault::Books,
        "an artifact's version is not its last change's",
        "SELECT id FROM session_artifacts WHERE version <> (SELECT version FROM changes WHERE record = session_artifacts.id ORDER BY seq DESC LIMIT 1)",
    ),
    rows(
        Fault::Reference,
        "two artifacts are the same edition of a title",
        "SELECT id FROM session_artifacts GROUP BY session_id, title, edition HAVING 1 < count(*)",
    ),
    rows(
        Fault::Reference,
        "an artifact belongs to a task of another session",
        "SELECT session_artifacts.id FROM session_artifacts JOIN tasks ON tasks.id = task_id
          WHERE tasks.session_id <> session_artifacts.session_id",
    ),
    rows(
        Fault::Books,
        "the last transition is not the session's state",
        "SELECT id FROM orchestration_sessions WHERE state <> (SELECT to_state FROM session_state_transitions
             WHERE session_id = orchestration_sessions.id ORDER BY number DESC LIMIT 1)",
    ),
    rows(
        Fault::Dependency,
        "a dependency on a task that is not there",
        "SELECT task_id || '>' || depends_on FROM task_dependencies
             WHERE depends_on NOT IN (SELECT id FROM tasks) OR task_id NOT IN (SELECT id FROM tasks)",
    ),
    rows(
        Fault::Place,
        "a task in a group that is not there",
        "SELECT id FROM tasks WHERE group_id IS NOT NULL AND group_id NOT IN (SELECT id FROM task_groups)",
    ),
    rows(
        Fault::Place,
        "a task below one that is not there",
        "SELECT id FROM tasks WHERE parent_id IS NOT NULL AND parent_id NOT IN (SELECT id FROM tasks)",
    ),
    rows(
        Fault::Reference,
        "foreign key broken",
        "SELECT \"table\" || ' ' || coalesce(rowid, '') FROM pragma_foreign_key_check
             WHERE \"table\" NOT IN ('task_dependencies', 'tasks')
                 OR (\"table\" = 'tasks' AND parent = 'orchestration_sessions')",
    ),
];

/// Cases of one check that are named.
pub const CASES_MAX: usize = 20;
/// Cases of one check that are looked at for those of one session.
const LOOKED_AT_MAX: usize = 10_000;

/// Every finding, as a line; none when all is well. Reads whole tables: for checks, not for waiting.
///
/// # Errors
///
/// When the database cannot be read.
pub fn findings(reader: &Reader) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for check in CHECKS {
        let cases = check.cases(reader)?;
        found.extend(cases.iter().map(|case| format!("{}: {case}", check.what)));
    }
    Ok(found)
}

/// Every row of every table, as lines: to compare two databases by. For checks, not for waiting.
///
/// # Errors
///
/// When the database cannot be read.
pub fn every_row(reader: &Reader) -> Result<Vec<String>, Refusal> {
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

impl Check {
    /// The records, by name, that this is wrong with, at most [`CASES_MAX`].
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn cases(&self, reader: &Reader) -> Result<Vec<String>, Refusal> {
        self.cases_of(reader, None)
    }

    /// The same, of one session alone if it is named.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn cases_of(
        &self,
        reader: &Reader,
        session: Option<SessionId>,
    ) -> Result<Vec<String>, Refusal> {
        let session = session.map(|session| session.to_string());
        let look = || -> rusqlite::Result<Vec<String>> {
            let Some(session) = session else { return self.found(reader, CASES_MAX) };
            let found = self.found(reader, LOOKED_AT_MAX)?.into_iter();
            let of_session = found.filter_map(|case| {
                is_of(reader, &case, &session).map(|is_of| is_of.then_some(case)).transpose()
            });
            of_session.take(CASES_MAX).collect()
        };
        look().map_err(|error| refuse(&error))
    }

    fn found(&self, reader: &Reader, most: usize) -> rusqlite::Result<Vec<String>> {
        let mut found = match self.look {
            Look::Rows(sql) => {
                let mut statement = reader.connection.prepare(sql)?;
                let rows = statement.query_map([], |row| Ok(show(row.get_ref(0)?)))?;
                rows.take(most).collect::<rusqlite::Result<Vec<_>>>()?
            }
            Look::Circles => circles(reader)?,
        };
        found.truncate(most);
        Ok(found)
    }
}

/// Tells whether what a case names first is a session, or is in it.
fn is_of(reader: &Reader, case: &str, session: &str) -> rusqlite::Result<bool> {
    let record = case.split(['>', ' ', '/']).next().unwrap_or_default();
    let sql = "SELECT ?1 = ?2
        OR EXISTS (SELECT 1 FROM tasks WHERE id = ?1 AND session_id = ?2)
        OR EXISTS (SELECT 1 FROM task_groups WHERE id = ?1 AND session_id = ?2)
        OR EXISTS (SELECT 1 FROM session_artifacts WHERE id = ?1 AND session_id = ?2)
        OR EXISTS (SELECT 1 FROM task_dependencies WHERE task_id = ?1 AND session_id = ?2)";
    reader.connection.prepare_cached(sql)?.query_row([record, session], |row| row.get(0))
}

/// Dependencies within circles, as `task>other`: what is left when whatever waits for nothing that
/// is left is taken away, again and again, from both ends.
fn circles(reader: &Reader) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT waiting.number, other.number FROM task_dependencies
               JOIN tasks AS waiting ON waiting.id = task_id JOIN tasks AS other ON other.id = depends_on";
    let mut statement = reader.connection.prepare(sql)?;
    let edges: rusqlite::Result<Vec<(i64, i64)>> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect();
    let back = |(task, on): (i64, i64)| (on, task);
    let forward = without_ends(edges?);
    let left = without_ends(forward.into_iter().map(back).collect());
    let mut name = reader.connection.prepare("SELECT id FROM tasks WHERE number = ?")?;
    let mut name = |number: i64| name.query_row([number], |row| row.get::<_, String>(0));
    left.into_iter()
        .take(LOOKED_AT_MAX)
        .map(|(on, task)| Ok(format!("{}>{}", name(task)?, name(on)?)))
        .collect()
}

/// The edges that lead to no end: those from nodes that reach a circle.
fn without_ends(edges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut waits: HashMap<i64, usize> = HashMap::new();
    let mut above: HashMap<i64, Vec<i64>> = HashMap::new();
    for (task, on) in &edges {
        *waits.entry(*task).or_default() += 1;
        above.entry(*on).or_default().push(*task);
    }
    let mut free: Vec<i64> = above.keys().filter(|on| !waits.contains_key(on)).copied().collect();
    while let Some(done) = free.pop() {
        for task in above.get(&done).into_iter().flatten() {
            let Some(left) = waits.get_mut(task) else { continue };
            *left = left.saturating_sub(1);
            free.extend((*left == 0).then_some(*task));
        }
    }
    let is_left = |number: &i64| waits.get(number).is_some_and(|left| 0 < *left);
    edges.into_iter().filter(|(task, on)| is_left(task) && is_left(on)).collect()
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
