//! Counting anew: sums, counts and chains that are kept beside the records, and what the feed tells
//! of the records' versions, claims and states.
//!
//! Only for a database that something else than Callboard wrote to. The feed is believed where it
//! says more than a row.

mod chains;

use rusqlite::Connection;

use super::Tended;

/// What is set right by one statement each, in this order.
const STEPS: &[&str] = &[
    // Nobody can speak of a dependency of a task that is not there.
    "DELETE FROM task_dependencies WHERE task_id NOT IN (SELECT id FROM tasks)",
    "UPDATE tasks SET version = (SELECT version FROM changes WHERE record = tasks.id ORDER BY seq DESC LIMIT 1)
     WHERE version <> (SELECT version FROM changes WHERE record = tasks.id ORDER BY seq DESC LIMIT 1)",
    "UPDATE session_artifacts SET version = (SELECT version FROM changes WHERE record = session_artifacts.id ORDER BY seq DESC LIMIT 1)
     WHERE version <> (SELECT version FROM changes WHERE record = session_artifacts.id ORDER BY seq DESC LIMIT 1)",
    "UPDATE tasks SET claim_number = (SELECT max(json_extract(after, '$.claim_number')) FROM changes WHERE record = tasks.id)
     WHERE claim_number < (SELECT coalesce(max(json_extract(after, '$.claim_number')), 0) FROM changes WHERE record = tasks.id)",
    "INSERT INTO session_state_transitions (session_id, from_state, to_state, reason, actor, at)
     SELECT id, (SELECT to_state FROM session_state_transitions WHERE session_id = session.id ORDER BY number DESC LIMIT 1),
         state, 'counted anew', 'system', state_since
     FROM orchestration_sessions AS session
     WHERE state <> (SELECT to_state FROM session_state_transitions WHERE session_id = session.id ORDER BY number DESC LIMIT 1)",
    "UPDATE tasks SET children = (SELECT count(*) FROM tasks AS child WHERE child.parent_id = tasks.id)
     WHERE children <> (SELECT count(*) FROM tasks AS child WHERE child.parent_id = tasks.id)",
    "UPDATE tasks SET unmet = (SELECT count(*) FROM task_dependencies JOIN tasks AS other ON other.id = depends_on
         WHERE task_id = tasks.id AND other.status <> 'completed')
     WHERE unmet <> (SELECT count(*) FROM task_dependencies JOIN tasks AS other ON other.id = depends_on
         WHERE task_id = tasks.id AND other.status <> 'completed')",
    "DELETE FROM task_tallies",
    "INSERT INTO task_tallies (owner, status, tasks, leaves, estimated, minutes, points, weighted_points)
     WITH shares AS (
         SELECT session_id AS owner, * FROM tasks
         UNION ALL SELECT coalesce(group_id, session_id || '/-'), * FROM tasks
         UNION ALL SELECT parent_id, * FROM tasks WHERE parent_id IS NOT NULL)
     SELECT owner, status, count(*), sum(children = 0), sum(children = 0 AND estimate_minutes IS NOT NULL),
         sum(iif(children = 0, coalesce(estimate_minutes, 0), 0)),
         sum(iif(children = 0 AND estimate_minutes IS NULL, iif(status = 'completed', 100, progress), 0)),
         sum(iif(children = 0, coalesce(estimate_minutes, 0) * iif(status = 'completed', 100, progress), 0))
     FROM shares GROUP BY owner, status",
];

/// Counts everything anew, all or nothing.
pub(super) fn recount(connection: &mut Connection) -> rusqlite::Result<Tended> {
    let transaction = connection.transaction()?;
    let mut changed = 0;
    for step in STEPS {
        let rows = transaction.execute(step, [])?;
        // The tallies are always written anew; they tell nothing.
        changed += if step.contains("task_tallies") { 0 } else { rows };
    }
    changed += chains::recount(&transaction)?;
    transaction.commit()?;
    Ok(Tended { changed: i64::try_from(changed).unwrap_or(i64::MAX), more: false })
}
