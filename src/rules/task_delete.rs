//! Deleting a task with all below it; its dependencies go first, so that an undo finds both ends.

use super::uproot::{Fate, uproot};
use super::{Judged, Judgement, Scene, Write, boxed, dependency};
use crate::domain::change::Verb;
use crate::domain::command::Dependents;
use crate::domain::count::{by_count, counted};
use crate::domain::id::TaskId;
use crate::domain::outcome::Answer;
use crate::domain::refusal::Refusal;
use crate::domain::task::Task;

/// Deletes a task.
pub(super) fn delete(scene: &Scene<'_>, id: TaskId, dependents: Dependents) -> Judged {
    let root = scene.task(id)?;
    scene.planning(root.session_id)?;
    let doomed = parents_first(scene, uproot(scene, &root, Fate::Deleted, dependents)?.tasks)?;
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
        let were = by_count(gone, "was", "were");
        judgement.noting(format!("{} {were} deleted with it", counted(gone, "other task")))
    })
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
