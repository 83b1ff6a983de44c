//! Making, changing, moving and deleting task groups. No task is ever orphaned.

use super::position::STEP;
use super::{Judged, Judgement, Scene, Write, guard, unknown, write_task};
use crate::domain::change::Verb;
use crate::domain::command::{GroupContents, NewGroup, UpdateGroup};
use crate::domain::count::counted;
use crate::domain::group::{GROUP_DEPTH_MAX, GROUPS_MAX, TaskGroup};
use crate::domain::id::{GroupId, SessionId};
use crate::domain::lookups::Siblings;
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::{DESCRIPTION_MAX, NAME_MAX, WORD_MAX, many_lines, one_line};

/// Makes a group, last among its siblings.
pub(super) fn create(scene: &Scene<'_>, new: &NewGroup) -> Judged {
    scene.planning(new.session_id)?;
    let groups = scene.lookups.groups(new.session_id)?;
    if GROUPS_MAX <= groups.len() {
        return Err(Refusal::new(
            Code::TooMuch,
            format!("a session holds at most {GROUPS_MAX} groups"),
        ));
    }
    let id = new.id.unwrap_or_else(|| GroupId::from_random((scene.random)()));
    if scene.lookups.group(id)?.is_some() {
        return Err(super::id_taken("group", id));
    }
    let name = group_name(&new.name)?;
    if let Some(parent) = new.parent {
        depth_below(&groups, parent, 1)?;
    }
    refuse_taken(&groups, new.parent, &name, None)?;
    let last = siblings(&groups, new.parent).map(|group| group.position).fold(0.0, f64::max);
    let group = TaskGroup {
        id,
        session_id: new.session_id,
        parent_id: new.parent,
        name,
        description: many_lines("description", &new.description, DESCRIPTION_MAX)?,
        role: new.role.as_deref().map(|role| one_line("role", role, WORD_MAX)).transpose()?,
        position: last + STEP,
        created_at: scene.now,
        updated_at: scene.now,
        version: 1,
    };
    let write = Write::create(scene, Verb::GroupCreated, Record::Group(group.clone()));
    Ok(Judgement::new(Answer::Group(group)).writing(write))
}

/// Changes a group's name, description or role.
pub(super) fn update(scene: &Scene<'_>, update: &UpdateGroup) -> Judged {
    let before = scene.group(update.id)?;
    scene.planning(before.session_id)?;
    let mut after = before.clone();
    if let Some(name) = &update.name {
        after.name = group_name(name)?;
        let groups = scene.lookups.groups(before.session_id)?;
        refuse_taken(&groups, before.parent_id, &after.name, Some(before.id))?;
    }
    if let Some(description) = &update.description {
        after.description = many_lines("description", description, DESCRIPTION_MAX)?;
    }
    if let Some(role) = &update.role {
        after.role = role.as_deref().map(|role| one_line("role", role, WORD_MAX)).transpose()?;
    }
    changed(scene, Verb::GroupUpdated, before, after, update.if_version)
}

/// Moves a group under another, or among its siblings: before the one named, else last.
pub(super) fn place(
    scene: &Scene<'_>,
    id: GroupId,
    parent: Option<GroupId>,
    next: Option<GroupId>,
) -> Judged {
    let before = scene.group(id)?;
    scene.planning(before.session_id)?;
    let groups = scene.lookups.groups(before.session_id)?;
    if let Some(parent) = parent {
        if is_within(&groups, parent, id) {
            let message = format!("group {id} cannot be moved into itself or a group inside it");
            return Err(Refusal::new(Code::Nesting, message));
        }
        depth_below(&groups, parent, height(&groups, id))?;
    }
    refuse_taken(&groups, parent, &before.name, Some(id))?;
    let others: Vec<&TaskGroup> =
        siblings(&groups, parent).filter(|group| group.id != id).collect();
    let position = match next {
        None => others.iter().map(|group| group.position).fold(0.0, f64::max) + STEP,
        Some(next) => {
            let place = others
                .iter()
                .position(|group| group.id == next)
                .ok_or_else(|| unknown("sibling group", next))?;
            let high = others.get(place).map_or(STEP, |group| group.position);
            let low = place
                .checked_sub(1)
                .and_then(|index| others.get(index))
                .map_or(high - 2.0 * STEP, |group| group.position);
            f64::midpoint(low, high)
        }
    };
    let after = TaskGroup { parent_id: parent, position, ..before.clone() };
    changed(scene, Verb::GroupMoved, before, after, None)
}

/// Deletes a group; what it holds goes where `into` says.
pub(super) fn delete(scene: &Scene<'_>, id: GroupId, into: GroupContents) -> Judged {
    let group = scene.group(id)?;
    scene.planning(group.session_id)?;
    let groups = scene.lookups.groups(group.session_id)?;
    let tasks = scene.lookups.tasks_of_group(id)?;
    let inner: Vec<&TaskGroup> = siblings(&groups, Some(id)).collect();
    let remaining: Vec<TaskGroup> = groups.iter().filter(|other| other.id != id).cloned().collect();
    let GroupContents::MoveTo(target) = into else {
        if tasks.is_empty() && inner.is_empty() {
            let write = Write::delete(Verb::GroupDeleted, Record::Group(group));
            return Ok(Judgement::new(Answer::GroupDeleted(id)).writing(write));
        }
        let message =
            format!("group {} holds {} tasks and {} groups", group.name, tasks.len(), inner.len());
        return Err(Refusal::new(Code::NotEmpty, message)
            .with("tasks", tasks.len())
            .with("groups", inner.len())
            .suggest("say where they go: another group, or out of any group"));
    };
    let mut judgement = Judgement::new(Answer::GroupDeleted(id));
    if let Some(target) = target {
        if is_within(&groups, target, id) {
            return Err(Refusal::new(
                Code::Nesting,
                "its contents cannot move into the group that is deleted",
            ));
        }
        let home = scene.group(target)?;
        refuse_other_session(&home, group.session_id)?;
    }
    for child in inner {
        if let Some(target) = target {
            depth_below(&groups, target, height(&groups, child.id))?;
        }
        refuse_taken(&remaining, target, &child.name, Some(child.id))?;
        let after = TaskGroup { parent_id: target, ..child.clone() };
        judgement = judgement.writing(Write::update(
            scene,
            Verb::GroupMoved,
            Record::Group(child.clone()),
            Record::Group(after),
        ));
    }
    let home = Siblings { session_id: group.session_id, group_id: target, parent_id: None };
    let mut position = scene.lookups.last_position(home)?.unwrap_or(0.0);
    for task in &tasks {
        let mut after = crate::domain::task::Task { group_id: target, ..task.clone() };
        if task.parent_id.is_none() {
            position += STEP;
            after.position = position;
        }
        judgement = judgement.writing(write_task(scene, Verb::TaskMoved, task, after).1);
    }
    let moved = tasks.len();
    let write = Write::delete(Verb::GroupDeleted, Record::Group(group));
    Ok(judgement.writing(write).noting(format!("{} moved", counted(moved, "task"))))
}

fn changed(
    scene: &Scene<'_>,
    verb: Verb,
    before: TaskGroup,
    after: TaskGroup,
    if_version: Option<i64>,
) -> Judged {
    if after == before {
        return Ok(Judgement::new(Answer::Group(before)));
    }
    let (before, after) = (Record::Group(before), Record::Group(after));
    guard::version(scene, &before, &after, if_version)?;
    let write = Write::update(scene, verb, before, after);
    let Some(Record::Group(group)) = write.after.clone() else {
        unreachable!("a group was put in")
    };
    Ok(Judgement::new(Answer::Group(group)).writing(write))
}

fn group_name(text: &str) -> Result<String, Refusal> {
    let name = one_line("name", text, NAME_MAX)?;
    if name.contains(" / ") {
        return Err(Refusal::new(Code::InvalidText, "a group's name holds no \" / \"")
            .suggest("make the outer group first and name it as the parent"));
    }
    Ok(name)
}

fn siblings(groups: &[TaskGroup], parent: Option<GroupId>) -> impl Iterator<Item = &TaskGroup> {
    groups.iter().filter(move |group| group.parent_id == parent)
}

fn refuse_taken(
    groups: &[TaskGroup],
    parent: Option<GroupId>,
    name: &str,
    own: Option<GroupId>,
) -> Result<(), Refusal> {
    let lower = name.to_lowercase();
    let taken = siblings(groups, parent)
        .find(|group| group.name.to_lowercase() == lower && Some(group.id) != own);
    let Some(other) = taken else { return Ok(()) };
    Err(Refusal::new(
        Code::NameTaken,
        format!("there is already a group {:?} here: {}", other.name, other.id),
    )
    .with("group", other.id)
    .suggest("use that group, or take another name"))
}

fn refuse_other_session(group: &TaskGroup, session: SessionId) -> Result<(), Refusal> {
    if group.session_id == session {
        return Ok(());
    }
    Err(Refusal::new(
        Code::InvalidValue,
        format!("group {} belongs to session {}", group.id, group.session_id),
    ))
}

fn parent_of(groups: &[TaskGroup], id: GroupId) -> Option<GroupId> {
    groups.iter().find(|group| group.id == id).and_then(|group| group.parent_id)
}

fn is_within(groups: &[TaskGroup], inner: GroupId, outer: GroupId) -> bool {
    std::iter::successors(Some(inner), |here| parent_of(groups, *here))
        .take(GROUP_DEPTH_MAX + 1)
        .any(|here| here == outer)
}

fn height(groups: &[TaskGroup], id: GroupId) -> usize {
    1 + siblings(groups, Some(id)).map(|child| height(groups, child.id)).max().unwrap_or(0)
}

fn depth_below(groups: &[TaskGroup], parent: GroupId, levels: usize) -> Result<(), Refusal> {
    if !groups.iter().any(|group| group.id == parent) {
        return Err(unknown("task group", parent));
    }
    let depth = std::iter::successors(Some(parent), |here| parent_of(groups, *here))
        .take(GROUP_DEPTH_MAX + 1)
        .count();
    if depth + levels <= GROUP_DEPTH_MAX {
        return Ok(());
    }
    Err(Refusal::new(Code::Nesting, format!("groups nest at most {GROUP_DEPTH_MAX} deep")))
}
