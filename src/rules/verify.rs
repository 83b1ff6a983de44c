//! What must hold where records were moved or brought back, asked after it was done.
//!
//! A rule sees one record at a time; an undo or the move of a whole tree changes many, between
//! which other work may have come. So the new state itself is asked, inside the savepoint: what
//! does not hold is refused, and nothing of it is kept.

use super::{Scene, dependency};
use crate::domain::graph;
use crate::domain::group::{GROUP_DEPTH_MAX, TaskGroup};
use crate::domain::id::{GroupId, TaskId};
use crate::domain::judgement::Judgement;
use crate::domain::record::{Record, RecordKey};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{DEPTH_MAX, Task};

/// Checks what a judgement moved or brought back; the scene shows the state after it.
///
/// # Errors
///
/// What does not hold; the caller rolls back.
pub(crate) fn verify(scene: &Scene<'_>, judgement: &Judgement) -> Result<(), Refusal> {
    if judgement.undoes.is_none() {
        return judgement.writes.iter().filter_map(moved_task).try_for_each(|id| {
            let Some(task) = scene.lookups.task(id)? else { return Ok(()) };
            refuse_waiting_within(scene, &task)
        });
    }
    judgement
        .writes
        .iter()
        .filter_map(|write| write.after.as_ref().or(write.before.as_ref()).map(Record::key))
        .try_for_each(|key| stands(scene, &key))
        .map_err(|refusal| {
            let message = format!("this cannot be taken back now: {}", refusal.message);
            Refusal { code: Code::CannotUndo, message, ..refusal }
                .suggest("look at the history of the records, and take back what came later first")
        })
}

/// The task that a write put below another parent.
fn moved_task(write: &super::Write) -> Option<TaskId> {
    match (&write.before, &write.after) {
        (Some(Record::Task(before)), Some(Record::Task(after)))
            if after.parent_id.is_some() && before.parent_id != after.parent_id =>
        {
            Some(after.id)
        }
        _ => None,
    }
}

fn stands(scene: &Scene<'_>, key: &RecordKey) -> Result<(), Refusal> {
    match (key, scene.lookups.record(key)?) {
        (_, Some(Record::Task(task))) => task_stands(scene, &task),
        (_, Some(Record::Group(group))) => group_stands(scene, &group),
        (_, Some(Record::Dependency(edge))) => edge_stands(scene, edge.task_id, edge.depends_on),
        (RecordKey::Task(id), None) => task_is_gone(scene, *id),
        (RecordKey::Group(_) | RecordKey::Dependency(..), None)
        | (
            RecordKey::Session(_)
            | RecordKey::Context(..)
            | RecordKey::Conflict(_)
            | RecordKey::Artifact(_),
            _,
        )
        | (
            _,
            Some(
                Record::Session(_) | Record::Context(_) | Record::Conflict(_) | Record::Artifact(_),
            ),
        ) => Ok(()),
    }
}

fn task_stands(scene: &Scene<'_>, task: &Task) -> Result<(), Refusal> {
    if let Some(id) = task.group_id
        && scene.lookups.group(id)?.is_none_or(|group| group.session_id != task.session_id)
    {
        return Err(nesting(format!("group {id} of task {} is gone", task.id)));
    }
    let below = scene.lookups.children(task.id)?;
    if let Some(child) = below.iter().find(|child| child.group_id != task.group_id) {
        let message =
            format!("task {}, which came below {} since, is in another group", child.id, task.id);
        return Err(nesting(message));
    }
    let Some(parent_id) = task.parent_id else {
        return Ok(());
    };
    let Some(parent) = scene.lookups.task(parent_id)? else {
        return Err(nesting(format!("task {parent_id}, which held {}, is gone", task.id)));
    };
    if parent.session_id != task.session_id || parent.group_id != task.group_id {
        let message = format!("task {parent_id}, which held {}, is in another group", task.id);
        return Err(nesting(message));
    }
    let depth = ancestors(scene, task)?.len() + 1;
    if DEPTH_MAX < depth + levels_below(scene, task.id, DEPTH_MAX)? {
        return Err(nesting(format!("tasks nest at most {DEPTH_MAX} deep")));
    }
    refuse_waiting_within(scene, task)
}

fn task_is_gone(scene: &Scene<'_>, id: TaskId) -> Result<(), Refusal> {
    if scene.lookups.children(id)?.is_empty() {
        return Ok(());
    }
    Err(nesting(format!("task {id} holds others by now")))
}

/// The tasks above one, the nearest first.
fn ancestors(scene: &Scene<'_>, task: &Task) -> Result<Vec<TaskId>, Refusal> {
    let mut found = Vec::new();
    let mut here = task.parent_id;
    while let Some(id) = here {
        if id == task.id || DEPTH_MAX < found.len() {
            return Err(nesting(format!("task {} would contain itself", task.id)));
        }
        found.push(id);
        here = scene.lookups.task(id)?.and_then(|above| above.parent_id);
    }
    Ok(found)
}

fn levels_below(scene: &Scene<'_>, id: TaskId, limit: usize) -> Result<usize, Refusal> {
    let mut most = 0;
    if 0 < limit {
        for child in scene.lookups.children(id)? {
            most = most.max(1 + levels_below(scene, child.id, limit - 1)?);
        }
    }
    Ok(most)
}

/// Refuses a task that waits, itself or by one below it, for a task that contains it, or is waited
/// for by one: neither could ever be finished before the other.
fn refuse_waiting_within(scene: &Scene<'_>, task: &Task) -> Result<(), Refusal> {
    let above = ancestors(scene, task)?;
    if above.is_empty() {
        return Ok(());
    }
    let mut stack = vec![task.id];
    while let Some(id) = stack.pop() {
        let pair = |others: &[TaskId]| above.iter().find(|upper| others.contains(upper)).copied();
        let waits = pair(&scene.lookups.dependencies(id)?).map(|upper| (id, upper));
        let awaited = pair(&scene.lookups.dependents(id)?).map(|upper| (upper, id));
        if let Some((waiting, on)) = waits.or(awaited) {
            let message = format!(
                "task {waiting} waits for {on}, so neither can lie within the other, at any depth"
            );
            return Err(nesting(message).suggest("remove the dependency first"));
        }
        stack.extend(scene.lookups.children(id)?.iter().map(|child| child.id));
    }
    Ok(())
}

fn group_stands(scene: &Scene<'_>, group: &TaskGroup) -> Result<(), Refusal> {
    let groups = scene.lookups.groups(group.session_id)?;
    let mut above = 0;
    let mut here = group.parent_id;
    while let Some(id) = here {
        above += 1;
        if id == group.id || GROUP_DEPTH_MAX < above {
            return Err(nesting(format!("group {} would contain itself", group.id)));
        }
        let Some(parent) = groups.iter().find(|other| other.id == id) else {
            return Err(nesting(format!("group {id}, which held {}, is gone", group.id)));
        };
        here = parent.parent_id;
    }
    if GROUP_DEPTH_MAX < above + group_levels(&groups, group.id, GROUP_DEPTH_MAX) {
        return Err(nesting(format!("groups nest at most {GROUP_DEPTH_MAX} deep")));
    }
    Ok(())
}

fn group_levels(groups: &[TaskGroup], id: GroupId, limit: usize) -> usize {
    let inner = groups.iter().filter(|group| 0 < limit && group.parent_id == Some(id));
    1 + inner.map(|group| group_levels(groups, group.id, limit - 1)).max().unwrap_or(0)
}

fn edge_stands(scene: &Scene<'_>, id: TaskId, on: TaskId) -> Result<(), Refusal> {
    let (Some(task), Some(other)) = (scene.lookups.task(id)?, scene.lookups.task(on)?) else {
        return Err(nesting(format!("one of {id} and {on} is gone")));
    };
    if dependency::is_above(scene, &task, on)? || dependency::is_above(scene, &other, id)? {
        return Err(nesting(format!("{id} and {on} contain one another by now")));
    }
    match graph::path(on, id, |here| scene.lookups.dependencies(here))? {
        None => Ok(()),
        Some(path) => Err(dependency::cycle(id, &path)),
    }
}

fn nesting(message: String) -> Refusal {
    Refusal::new(Code::Nesting, message)
}
