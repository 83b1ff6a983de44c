//! Dependencies: no cycles, no strangers, no task that waits for what contains it.

use super::{Judged, Judgement, Scene, Write, unknown};
use crate::domain::change::Verb;
use crate::domain::command::Edge;
use crate::domain::graph;
use crate::domain::id::TaskId;
use crate::domain::outcome::Answer;
use crate::domain::record::{Dependency, Record};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{DEPTH_MAX, Task};

/// Adds and removes dependencies, all or none; what is already so is no fault.
pub(super) fn change(scene: &Scene<'_>, add: &[Edge], remove: &[Edge]) -> Judged {
    if add.is_empty() && remove.is_empty() {
        return Err(Refusal::new(Code::NothingToDo, "no dependency is named"));
    }
    let mut judgement = Judgement::new(Answer::Done);
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for edge in remove {
        let task = scene.task(edge.task)?;
        scene.planning(task.session_id)?;
        if !scene.lookups.dependencies(edge.task)?.contains(&edge.depends_on) {
            return Err(unknown("dependency", format!("{} on {}", edge.task, edge.depends_on)));
        }
        removed.push(*edge);
        judgement = judgement.writing(removal(scene, &task, edge.depends_on)?);
    }
    for edge in add {
        let (task, other) = (scene.task(edge.task)?, scene.task(edge.depends_on)?);
        scene.planning(task.session_id)?;
        let known = scene.lookups.dependencies(edge.task)?.contains(&edge.depends_on)
            && !removed.contains(edge);
        if known || added.contains(edge) {
            continue;
        }
        check(scene, &task, &other, &added, &removed)?;
        added.push(*edge);
        judgement = judgement.writing(addition(scene, &task, other.id));
    }
    judgement.answer = Answer::Dependencies { added: added.len(), removed: removed.len() };
    Ok(judgement)
}

/// Refuses an edge that joins sessions, contains itself, or closes a circle.
pub(super) fn check(
    scene: &Scene<'_>,
    task: &Task,
    other: &Task,
    added: &[Edge],
    removed: &[Edge],
) -> Result<(), Refusal> {
    if task.session_id != other.session_id {
        let message = format!("{} and {} are in different sessions", task.id, other.id);
        return Err(Refusal::new(Code::InvalidValue, message));
    }
    if is_above(scene, task, other.id)? || is_above(scene, other, task.id)? {
        let message = format!(
            "{} and {} contain one another, so neither can wait for the other",
            task.id, other.id
        );
        return Err(Refusal::new(Code::Nesting, message));
    }
    let look = |id: TaskId| {
        let mut next = scene.lookups.dependencies(id)?;
        next.retain(|on| !removed.iter().any(|edge| edge.task == id && edge.depends_on == *on));
        next.extend(added.iter().filter(|edge| edge.task == id).map(|edge| edge.depends_on));
        Ok(next)
    };
    let Some(path) = graph::path(other.id, task.id, look)? else { return Ok(()) };
    Err(cycle(task.id, &path))
}

/// The refusal of a circle, with its path shown: the task, then what it would wait for, in turn.
pub(super) fn cycle(task: TaskId, path: &[TaskId]) -> Refusal {
    let circle: Vec<String> = std::iter::once(&task).chain(path).map(TaskId::to_string).collect();
    Refusal::new(
        Code::DependencyCycle,
        format!("this would close a circle: {}", circle.join(" → ")),
    )
    .with("path", &circle)
    .suggest("remove one of these dependencies first")
}

/// Tells whether a task lies below another.
pub(super) fn is_above(scene: &Scene<'_>, task: &Task, above: TaskId) -> Result<bool, Refusal> {
    let mut here = task.parent_id;
    for _ in 0..DEPTH_MAX {
        match here {
            None => return Ok(false),
            Some(id) if id == above => return Ok(true),
            Some(id) => here = scene.lookups.task(id)?.and_then(|task| task.parent_id),
        }
    }
    Ok(false)
}

pub(super) fn addition(scene: &Scene<'_>, task: &Task, depends_on: TaskId) -> Write {
    let edge = Dependency {
        task_id: task.id,
        depends_on,
        session_id: task.session_id,
        created_at: scene.now,
    };
    Write::create(scene, Verb::DependencyAdded, Record::Dependency(edge))
}

pub(super) fn removal(
    scene: &Scene<'_>,
    task: &Task,
    depends_on: TaskId,
) -> Result<Write, Refusal> {
    let key = crate::domain::record::RecordKey::Dependency(task.id, depends_on);
    let edge = scene.lookups.record(&key)?.ok_or_else(|| unknown("dependency", &key))?;
    Ok(Write::delete(Verb::DependencyRemoved, edge))
}
