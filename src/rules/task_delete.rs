//! Deleting a task with all below it; its dependencies go first, so that an undo finds both ends.

use super::{Judged, Judgement, Scene, Write, boxed, dependency, guard, task_status};
use crate::domain::change::Verb;
use crate::domain::command::Dependents;
use crate::domain::id::TaskId;
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Task;

/// Most tasks that one deletion takes with it.
const DELETE_MAX: usize = 5_000;

/// Deletes a task.
pub(super) fn delete(scene: &Scene<'_>, id: TaskId, dependents: Dependents) -> Judged {
    let root = scene.task(id)?;
    scene.planning(root.session_id)?;
    let mut doomed = vec![root];
    let mut index = 0;
    while let Some(task) = doomed.get(index).cloned() {
        guard::claim(scene, &task, None)?;
        doomed.extend(scene.lookups.children(task.id)?);
        for other in waiting(scene, task.id, &doomed)? {
            match dependents {
                Dependents::Refuse if other.status.is_open() => {
                    return Err(task_status::has_dependents(scene, &task, "deleted")?);
                }
                Dependents::Cascade if other.status.is_open() => doomed.push(other),
                Dependents::Refuse | Dependents::Cascade | Dependents::Release => {}
            }
        }
        doomed = unique(doomed);
        if DELETE_MAX < doomed.len() {
            return Err(Refusal::new(
                Code::TooMuch,
                format!("this would delete more than {DELETE_MAX} tasks"),
            ));
        }
        index += 1;
    }
    let doomed = parents_first(scene, doomed)?;
    let mut judgement =
        Judgement::new(Answer::TasksDeleted(doomed.iter().map(|task| task.id).collect()));
    let mut edges = Vec::new();
    for task in &doomed {
        for on in scene.lookups.dependencies(task.id)? {
            edges.push((task.clone(), on));
        }
        for other in scene.lookups.dependents(task.id)? {
            if !doomed.iter().any(|gone| gone.id == other) {
                edges.push((scene.task(other)?, task.id));
            }
        }
    }
    for (task, on) in edges {
        judgement = judgement.writing(dependency::removal(scene, &task, on)?);
    }
    let gone = doomed.len() - 1;
    judgement = judgement.writing_all(
        doomed.into_iter().rev().map(|task| Write::delete(Verb::TaskDeleted, boxed(task))),
    );
    Ok(if gone == 0 {
        judgement
    } else {
        judgement.noting(format!("{gone} other tasks were deleted with it"))
    })
}

fn waiting(scene: &Scene<'_>, id: TaskId, doomed: &[Task]) -> Result<Vec<Task>, Refusal> {
    let mut tasks = Vec::new();
    for other in scene.lookups.dependents(id)? {
        if !doomed.iter().any(|task| task.id == other) {
            tasks.push(scene.task(other)?);
        }
    }
    Ok(tasks)
}

fn unique(tasks: Vec<Task>) -> Vec<Task> {
    let mut seen = std::collections::HashSet::new();
    tasks.into_iter().filter(|task| seen.insert(task.id)).collect()
}

/// Orders the doomed so that every child comes after its parent, and so is deleted before it.
fn parents_first(scene: &Scene<'_>, doomed: Vec<Task>) -> Result<Vec<Task>, Refusal> {
    let mut with_depth = Vec::with_capacity(doomed.len());
    for task in doomed {
        let (mut depth, mut above) = (0, task.parent_id);
        while let Some(id) = above {
            depth += 1;
            above = scene.task(id)?.parent_id;
        }
        with_depth.push((depth, task));
    }
    with_depth.sort_by_key(|(depth, _)| *depth);
    Ok(with_depth.into_iter().map(|(_, task)| task).collect())
}
