//! Ways to be related that rows say: dependencies, parents, groups, artifacts, tags, claimed files.

use rusqlite::params;

use super::{Findings, Reason, Relation};
use crate::domain::claim::paths_overlap;
use crate::domain::id::TaskId;
use crate::domain::refusal::Refusal;
use crate::domain::task::Task;
use crate::query::many;
use crate::store::Reader;
use crate::store::rows::{json, parsed};

/// Tasks that one step finds at most.
const STEP_MAX: i64 = 50;
/// Tasks of the same group that are named: its neighbors.
const NEIGHBORS_MAX: i64 = 5;
/// Claims that are compared.
const CLAIMS_MAX: i64 = 200;
/// Tags that are looked up.
const TAGS_MAX: usize = 8;

/// What a task waits for, or what waits for it, over so many steps.
pub(super) fn dependencies(
    reader: &Reader,
    task: TaskId,
    (relation, distance): (Relation, usize),
    found: &mut Findings,
) -> Result<(), Refusal> {
    let waits_for = relation == Relation::DependsOn;
    let sql = if waits_for {
        "SELECT depends_on FROM task_dependencies WHERE task_id = ? LIMIT ?"
    } else {
        "SELECT task_id FROM task_dependencies WHERE depends_on = ? LIMIT ?"
    };
    let mut edge = vec![task];
    let mut seen = std::collections::HashSet::from([task]);
    let mut weight = 1.0;
    for step in 1..=distance {
        let mut next = Vec::new();
        for from in edge {
            next.extend(ids(reader, sql, &from.to_string())?);
        }
        next.retain(|id| seen.insert(*id));
        next.truncate(usize::try_from(STEP_MAX).unwrap_or(usize::MAX));
        let text = match (waits_for, step) {
            (true, 1) => "the task waits for it".to_owned(),
            (false, 1) => "it waits for the task".to_owned(),
            (true, _) => format!("the task waits for it over {step} steps"),
            (false, _) => format!("it waits for the task over {step} steps"),
        };
        for id in &next {
            found.add(*id, Reason::new(relation, text.as_str(), weight));
        }
        weight /= 2.0;
        edge = next;
    }
    Ok(())
}

fn ids(reader: &Reader, sql: &str, key: &str) -> Result<Vec<TaskId>, Refusal> {
    many(reader, sql, params![key, STEP_MAX], |row| parsed(row, 0))
}

pub(super) fn siblings(reader: &Reader, task: &Task, found: &mut Findings) -> Result<(), Refusal> {
    let Some(parent) = task.parent_id else { return Ok(()) };
    let sql = "SELECT id FROM tasks WHERE parent_id = ? ORDER BY position, number LIMIT ?";
    for id in ids(reader, sql, &parent.to_string())? {
        found.add(id, Reason::new(Relation::Sibling, "same parent", 0.5));
    }
    Ok(())
}

/// The neighbors in the same group, by age.
pub(super) fn group(reader: &Reader, task: &Task, found: &mut Findings) -> Result<(), Refusal> {
    let Some(group) = task.group_id else { return Ok(()) };
    let here = "(SELECT number FROM tasks AS own WHERE own.id = ?3)";
    let older = format!(
        "SELECT id FROM tasks WHERE session_id = ?1 AND group_id = ?2 AND number < {here} ORDER BY number DESC LIMIT ?4"
    );
    let newer = format!(
        "SELECT id FROM tasks WHERE session_id = ?1 AND group_id = ?2 AND {here} < number ORDER BY number LIMIT ?4"
    );
    for sql in [older, newer] {
        let values = params![
            task.session_id.to_string(),
            group.to_string(),
            task.id.to_string(),
            NEIGHBORS_MAX
        ];
        for id in many(reader, &sql, values, |row| parsed(row, 0))? {
            found.add(id, Reason::new(Relation::Group, "same group, made next to it", 0.15));
        }
    }
    Ok(())
}

/// Tasks whose work is in the same file, or has the same content.
pub(super) fn artifacts(
    reader: &Reader,
    task: TaskId,
    found: &mut Findings,
) -> Result<(), Refusal> {
    let own = "SELECT path, hash, title FROM session_artifacts WHERE task_id = ? ORDER BY number DESC LIMIT ?";
    let owned: Vec<(String, String, String)> =
        many(reader, own, params![task.to_string(), STEP_MAX], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let by_path = "SELECT DISTINCT task_id FROM session_artifacts
        WHERE path = ? AND task_id IS NOT NULL AND EXISTS (SELECT 1 FROM tasks WHERE id = task_id) LIMIT ?";
    let by_hash = "SELECT DISTINCT task_id FROM session_artifacts
        WHERE hash = ? AND task_id IS NOT NULL AND EXISTS (SELECT 1 FROM tasks WHERE id = task_id) LIMIT ?";
    for (path, hash, title) in owned {
        for id in ids(reader, by_path, &path)? {
            found.add(id, Reason::new(Relation::Artifact, format!("same file: {path}"), 0.8));
        }
        if hash.is_empty() {
            continue;
        }
        for id in ids(reader, by_hash, &hash)? {
            let text = format!("an artifact with the same content: {title}");
            found.add(id, Reason::new(Relation::Artifact, text, 0.7));
        }
    }
    Ok(())
}

/// Tasks that are held with a claim on the same files.
pub(super) fn files(reader: &Reader, task: &Task, found: &mut Findings) -> Result<(), Refusal> {
    let own = task.claim.as_ref().map(|claim| claim.paths.clone()).unwrap_or_default();
    if own.is_empty() {
        return Ok(());
    }
    let sql = "SELECT id, coalesce(claim_paths, '[]') FROM tasks INDEXED BY tasks_held
        WHERE session_id = ? AND claim_holder IS NOT NULL ORDER BY claim_holder, number LIMIT ?";
    let values = params![task.session_id.to_string(), CLAIMS_MAX];
    let claims: Vec<(TaskId, Vec<String>)> =
        many(reader, sql, values, |row| Ok((parsed(row, 0)?, json(row, 1)?)))?;
    for (id, paths) in claims {
        let shared = paths.iter().find(|path| own.iter().any(|mine| paths_overlap(path, mine)));
        if let Some(path) = shared {
            found.add(
                id,
                Reason::new(Relation::Files, format!("claims the same files: {path}"), 0.7),
            );
        }
    }
    Ok(())
}

/// Tasks with the same tags, the newest.
pub(super) fn tags(reader: &Reader, task: &Task, found: &mut Findings) -> Result<(), Refusal> {
    let matching =
        "SELECT rowid FROM task_search WHERE task_search MATCH ? ORDER BY rowid DESC LIMIT ?";
    let exact =
        "SELECT tasks.id FROM json_each(?1) AS wanted CROSS JOIN tasks ON number = wanted.value
        WHERE EXISTS (SELECT 1 FROM json_each(tasks.tags) AS tag WHERE tag.value = ?2)";
    for tag in task.tags.iter().take(TAGS_MAX) {
        if !tag.chars().any(char::is_alphanumeric) {
            continue;
        }
        let words = format!("tags : \"{}\"", tag.replace(['"', '\0'], " "));
        let numbers: Vec<i64> = many(reader, matching, params![words, STEP_MAX], |row| row.get(0))?;
        let list = serde_json::to_string(&numbers).unwrap_or_default();
        for id in many(reader, exact, params![list, tag], |row| parsed::<TaskId>(row, 0))? {
            found.add(id, Reason::new(Relation::Tag, format!("same tag: {tag}"), 0.4));
        }
    }
    Ok(())
}
