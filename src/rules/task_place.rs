//! Moving a task to a group, under a parent, or among its siblings. What is below it goes along.

use super::{Judged, Judgement, Scene, dependency, position, write_task};
use crate::domain::change::Verb;
use crate::domain::command::{Place, PlaceTask};
use crate::domain::id::GroupId;
use crate::domain::lookups::Siblings;
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{DEPTH_MAX, Task};

/// Moves a task.
pub(super) fn place(scene: &Scene<'_>, wanted: &PlaceTask) -> Judged {
    let before = scene.task(wanted.id)?;
    scene.planning(before.session_id)?;
    if wanted.group.is_none() && wanted.parent.is_none() && wanted.place.is_none() {
        return Err(Refusal::new(Code::NothingToDo, "no group, parent or place is given"));
    }
    let siblings = home(scene, &before, wanted)?;
    let stays = siblings.group_id == before.group_id && siblings.parent_id == before.parent_id;
    if stays && wanted.place.is_none() {
        return Ok(Judgement::new(Answer::Task(Box::new(before))));
    }
    if matches!(wanted.place, Some(Place::Before(id) | Place::After(id)) if id == before.id) {
        return Err(Refusal::new(Code::InvalidValue, "a task cannot be placed next to itself"));
    }
    let room = position::find(scene, siblings, wanted.place.unwrap_or(Place::Last), Some(&before))?;
    let after = Task {
        group_id: siblings.group_id,
        parent_id: siblings.parent_id,
        position: room.position,
        ..before.clone()
    };
    let (task, write) = write_task(scene, Verb::TaskMoved, &before, after);
    let mut judgement =
        Judgement::new(Answer::Task(Box::new(task))).writing_all(room.writes).writing(write);
    if siblings.group_id != before.group_id {
        judgement = bring_along(scene, &before, siblings.group_id, judgement)?;
    }
    Ok(judgement)
}

/// The group and parent that a move leads to. A child is always in its parent's group.
fn home(scene: &Scene<'_>, task: &Task, wanted: &PlaceTask) -> Result<Siblings, Refusal> {
    let session_id = task.session_id;
    let parent_id = match (wanted.parent, wanted.group) {
        (Some(parent), _) => parent,
        (None, Some(group)) if group != task.group_id => None,
        (None, Some(_) | None) => task.parent_id,
    };
    if let Some(parent_id) = parent_id.filter(|id| task.parent_id != Some(*id)) {
        let parent = scene.task(parent_id)?;
        check_parent(scene, task, &parent)?;
        return Ok(Siblings { session_id, group_id: parent.group_id, parent_id: Some(parent_id) });
    }
    let group_id =
        if parent_id.is_some() { task.group_id } else { wanted.group.unwrap_or(task.group_id) };
    if let Some(group) = group_id.map(|id| scene.group(id)).transpose()?
        && group.session_id != session_id
    {
        return Err(Refusal::new(
            Code::InvalidValue,
            format!("group {} belongs to session {}", group.id, group.session_id),
        ));
    }
    Ok(Siblings { session_id, group_id, parent_id })
}

fn check_parent(scene: &Scene<'_>, task: &Task, parent: &Task) -> Result<(), Refusal> {
    if parent.session_id != task.session_id {
        return Err(Refusal::new(
            Code::InvalidValue,
            format!("{} belongs to session {}", parent.id, parent.session_id),
        ));
    }
    if parent.id == task.id || dependency::is_above(scene, parent, task.id)? {
        return Err(Refusal::new(
            Code::Nesting,
            format!("task {} cannot be moved into itself", task.id),
        ));
    }
    let (mut depth, mut above) = (1, parent.parent_id);
    while let Some(id) = above.filter(|_| depth <= DEPTH_MAX) {
        depth += 1;
        above = scene.task(id)?.parent_id;
    }
    let mode = scene.lookups.mode(&scene.session(task.session_id)?)?;
    let most = mode.settings.max_subtask_depth.min(DEPTH_MAX);
    if depth + height(scene, task)? <= most {
        return Ok(());
    }
    Err(Refusal::new(Code::Nesting, format!("tasks nest at most {most} deep")))
}

fn height(scene: &Scene<'_>, task: &Task) -> Result<usize, Refusal> {
    let mut tallest = 0;
    for child in scene.lookups.children(task.id)? {
        tallest = tallest.max(height(scene, &child)?);
    }
    Ok(tallest + 1)
}

fn bring_along(
    scene: &Scene<'_>,
    task: &Task,
    group_id: Option<GroupId>,
    mut judgement: Judgement,
) -> Judged {
    for child in scene.lookups.children(task.id)? {
        let after = Task { group_id, ..child.clone() };
        judgement = judgement.writing(write_task(scene, Verb::TaskMoved, &child, after).1);
        judgement = bring_along(scene, &child, group_id, judgement)?;
    }
    Ok(judgement)
}
