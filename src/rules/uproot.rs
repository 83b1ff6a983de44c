//! What goes with a task that is cancelled or deleted, and who waits for what goes.

use std::collections::HashSet;

use serde_json::json;

use super::{Scene, guard};
use crate::domain::command::Dependents;
use crate::domain::count::by_count;
use crate::domain::id::TaskId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Task;

/// Most tasks that go at once.
const UPROOTED_MAX: usize = 5_000;

/// How tasks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Open tasks only; what is closed stays as it is.
    Cancelled,
    Deleted,
}

/// What goes.
pub(super) struct Uprooted {
    /// The task itself first, then all that go with it.
    pub tasks: Vec<Task>,
    /// How many of them lie below the task itself.
    pub below: usize,
    /// Open tasks that stay, each with one that it waits for and that goes.
    pub waiting: Vec<(Task, TaskId)>,
}

/// Finds all that goes with a task: those below it, and, when they cascade, those that wait for any
/// of them.
///
/// # Errors
///
/// When somebody else holds one of them, when they are too many, or when open tasks wait and
/// nothing is said of them.
pub(super) fn uproot(
    scene: &Scene<'_>,
    root: &Task,
    fate: Fate,
    dependents: Dependents,
) -> Result<Uprooted, Refusal> {
    let mut tasks = vec![root.clone()];
    let mut seen = HashSet::from([root.id]);
    descend(scene, fate, &mut tasks, &mut seen)?;
    let below = tasks.len() - 1;
    let mut waiting = waiting(scene, &tasks, &seen)?;
    while dependents == Dependents::Cascade && !waiting.is_empty() {
        let next = waiting.into_iter().map(|(task, _)| task);
        tasks.extend(next.filter(|task| seen.insert(task.id)));
        descend(scene, fate, &mut tasks, &mut seen)?;
        waiting = self::waiting(scene, &tasks, &seen)?;
    }
    if dependents == Dependents::Refuse && !waiting.is_empty() {
        return Err(has_dependents(root, &waiting, fate));
    }
    for task in &tasks {
        guard::claim(scene, task, None)?;
    }
    Ok(Uprooted { tasks, below, waiting })
}

/// Adds what lies below.
fn descend(
    scene: &Scene<'_>,
    fate: Fate,
    tasks: &mut Vec<Task>,
    seen: &mut HashSet<TaskId>,
) -> Result<(), Refusal> {
    let mut index = 0;
    while let Some(id) = tasks.get(index).map(|task| task.id) {
        let children = scene.lookups.children(id)?.into_iter();
        let goes = |child: &Task| fate == Fate::Deleted || child.status.is_open();
        tasks.extend(children.filter(|child| goes(child) && seen.insert(child.id)));
        if UPROOTED_MAX < tasks.len() {
            let message = format!("more than {UPROOTED_MAX} tasks would go with it");
            return Err(Refusal::new(Code::TooMuch, message));
        }
        index += 1;
    }
    Ok(())
}

fn waiting(
    scene: &Scene<'_>,
    tasks: &[Task],
    gone: &HashSet<TaskId>,
) -> Result<Vec<(Task, TaskId)>, Refusal> {
    let mut waiting = Vec::new();
    for task in tasks {
        for id in scene.lookups.dependents(task.id)?.into_iter().filter(|id| !gone.contains(id)) {
            waiting.push((scene.task(id)?, task.id));
        }
    }
    waiting.retain(|(task, _)| task.status.is_open());
    Ok(waiting)
}

/// The refusal that names the open tasks which wait for one that is to go.
fn has_dependents(root: &Task, waiting: &[(Task, TaskId)], fate: Fate) -> Refusal {
    let named: Vec<_> = waiting
        .iter()
        .take(20)
        .map(|(task, on)| json!({ "id": task.id, "title": task.title, "waits_for": on }))
        .collect();
    let fate = match fate {
        Fate::Cancelled => "cancelled",
        Fate::Deleted => "deleted",
    };
    let noun = by_count(waiting.len(), "task waits", "tasks wait");
    let below =
        if waiting.iter().all(|(_, on)| *on == root.id) { "" } else { " or what is below it" };
    let message = format!(
        "{} {noun} for task {} ({}){below}; say what becomes of them when it is {fate}",
        waiting.len(),
        root.id,
        root.title
    );
    Refusal::new(Code::HasDependents, message)
        .with("dependents", named)
        .with("allowed", Dependents::TEXTS)
        .suggest("repeat the call with dependents: release (they no longer wait) or cascade (they go too)")
}
