//! Moving a task from status to status.

use serde_json::json;

use super::{Judged, Judgement, Scene, Write, dependency, guard, task_update, write_task};
use crate::domain::change::Verb;
use crate::domain::command::{Dependents, SetStatus};
use crate::domain::id::TaskId;
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{Status, Task};
use crate::domain::text::{REMARK_MAX, many_lines};

/// Most tasks that one cancellation takes with it.
const CASCADE_MAX: usize = 5_000;

/// Moves a task; dependencies and open children permitting, or by force with a reason.
pub(super) fn set(scene: &Scene<'_>, set: &SetStatus) -> Judged {
    let before = scene.task(set.id)?;
    scene.working(before.session_id)?;
    guard::claim(scene, &before, set.guard.claim)?;
    let summary =
        set.summary.as_deref().map(|text| many_lines("summary", text, REMARK_MAX)).transpose()?;
    let reason =
        set.reason.as_deref().map(|text| many_lines("reason", text, REMARK_MAX)).transpose()?;
    if set.force && reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Refusal::new(Code::InvalidValue, "force needs a reason, which is recorded")
            .suggest("repeat the call with a reason"));
    }
    if before.status == set.to && summary.is_none() {
        return Ok(Judgement::new(Answer::Task(Box::new(before)))
            .noting(format!("it already was {}", set.to)));
    }
    if before.status != set.to && !before.status.may_become(set.to) {
        return Err(illegal(&before, set.to));
    }
    if before.status != set.to && !set.force {
        refuse_unmet(scene, &before, set.to)?;
        refuse_open_children(scene, &before, set.to)?;
    }
    let mut after = moved(scene, &before, set.to);
    after.result_summary = summary.or(after.result_summary);
    after.reason.clone_from(&reason);
    if let Some(actual) = set.actual_minutes {
        after.actual_minutes = Some(task_update::minutes("actual_minutes", actual)?);
    }
    let seen = set.guard.if_version;
    guard::version(scene, &super::boxed(before.clone()), &super::boxed(after.clone()), seen)?;
    let (task, write) = write_task(scene, verb(&before, set.to), &before, after);
    let judgement =
        Judgement::new(Answer::Task(Box::new(task))).writing(write.because(reason.as_deref()));
    if set.to == Status::Cancelled {
        cancel_around(scene, &before, set.dependents, judgement)
    } else {
        Ok(judgement)
    }
}

/// The task in its new status, with the times, the claim and the progress that go with it.
pub(super) fn moved(scene: &Scene<'_>, before: &Task, to: Status) -> Task {
    let mut after = Task { status: to, ..before.clone() };
    match to {
        Status::Active => {
            after.started_at = before.started_at.or(Some(scene.now));
            after.claim = guard::renewed(scene, before.claim.as_ref());
        }
        Status::Pending => {
            after.finished_at = None;
            after.claim = guard::renewed(scene, before.claim.as_ref());
            if before.progress == 100 {
                after.progress = 0;
            }
        }
        Status::Blocked | Status::Review => after.claim = None,
        Status::Completed => {
            after.claim = None;
            after.progress = 100;
            after.started_at = before.started_at.or(Some(scene.now));
            after.finished_at = Some(scene.now);
        }
        Status::Cancelled | Status::Failed => {
            after.claim = None;
            after.finished_at = Some(scene.now);
        }
    }
    after
}

/// What a move is called in the feed.
pub(super) fn verb(before: &Task, to: Status) -> Verb {
    match to {
        Status::Pending if before.status.is_open() => Verb::TaskUpdated,
        Status::Pending => Verb::TaskReopened,
        Status::Active => Verb::TaskStarted,
        Status::Blocked => Verb::TaskBlocked,
        Status::Review => Verb::TaskReview,
        Status::Completed => Verb::TaskCompleted,
        Status::Cancelled => Verb::TaskCancelled,
        Status::Failed => Verb::TaskFailed,
    }
}

/// The refusal of a move that the table does not hold, with those it does.
pub(super) fn illegal(task: &Task, to: Status) -> Refusal {
    let open: Vec<&str> = task.status.next().iter().map(|next| next.as_str()).collect();
    let message = format!("task {} is {} and cannot become {to}", task.id, task.status);
    Refusal::new(Code::IllegalMove, message)
        .with("status", task.status)
        .with("open_moves", &open)
        .suggest(format!("from {} it can become {}", task.status, open.join(", ")))
}

/// Refuses to start or complete a task that still waits, naming what it waits for.
pub(super) fn refuse_unmet(scene: &Scene<'_>, task: &Task, to: Status) -> Result<(), Refusal> {
    if !matches!(to, Status::Active | Status::Completed) {
        return Ok(());
    }
    let mut unmet = Vec::new();
    for id in scene.lookups.dependencies(task.id)? {
        let other = scene.task(id)?;
        if other.status != Status::Completed {
            unmet.push(json!({ "id": id, "title": other.title, "status": other.status }));
        }
    }
    if unmet.is_empty() {
        return Ok(());
    }
    let noun = if unmet.len() == 1 { "task that is" } else { "tasks that are" };
    let message =
        format!("task {} ({}) waits for {} {noun} not completed", task.id, task.title, unmet.len());
    Err(Refusal::new(Code::UnmetDependencies, message)
        .with("waits_for", unmet)
        .suggest("finish those first, or repeat the call with force: true and a reason"))
}

fn refuse_open_children(scene: &Scene<'_>, task: &Task, to: Status) -> Result<(), Refusal> {
    if to != Status::Completed {
        return Ok(());
    }
    let children = scene.lookups.children(task.id)?;
    let open: Vec<_> = children
        .iter()
        .filter(|child| child.status.is_open())
        .map(|child| json!({ "id": child.id, "title": child.title, "status": child.status }))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let message =
        format!("task {} ({}) has {} open tasks below it", task.id, task.title, open.len());
    let named: Vec<_> = open.into_iter().take(20).collect();
    Err(Refusal::new(Code::OpenTasks, message).with("tasks", named).suggest(
        "complete or cancel those first, or repeat the call with force: true and a reason",
    ))
}

/// Cancelling takes the open tasks below along, and says what becomes of those that wait.
fn cancel_around(
    scene: &Scene<'_>,
    root: &Task,
    dependents: Dependents,
    mut judgement: Judgement,
) -> Judged {
    let mut cancelled = vec![root.id];
    let mut queue = vec![root.id];
    let (mut below, mut waiting) = (0, 0);
    while let Some(id) = queue.pop() {
        for child in scene.lookups.children(id)? {
            if child.status.is_open() && !cancelled.contains(&child.id) {
                judgement = judgement.writing(cancel(scene, &child));
                cancelled.push(child.id);
                queue.push(child.id);
                below += 1;
            }
        }
        for other in open_dependents(scene, id, &cancelled)? {
            match dependents {
                Dependents::Refuse => return Err(has_dependents(scene, root, "cancelled")?),
                Dependents::Release => {
                    judgement = judgement.writing(dependency::removal(scene, &other, id)?);
                }
                Dependents::Cascade => {
                    judgement = judgement.writing(cancel(scene, &other));
                    cancelled.push(other.id);
                    queue.push(other.id);
                }
            }
            waiting += 1;
        }
        if CASCADE_MAX < cancelled.len() {
            return Err(Refusal::new(
                Code::TooMuch,
                format!("this would cancel more than {CASCADE_MAX} tasks"),
            ));
        }
    }
    if 0 < below {
        judgement = judgement.noting(format!("{below} open tasks below it were cancelled too"));
    }
    if 0 < waiting {
        let fate = if dependents == Dependents::Release {
            "no longer wait for it"
        } else {
            "were cancelled too"
        };
        judgement = judgement.noting(format!("{waiting} tasks that waited for it {fate}"));
    }
    Ok(judgement)
}

fn cancel(scene: &Scene<'_>, task: &Task) -> Write {
    write_task(scene, Verb::TaskCancelled, task, moved(scene, task, Status::Cancelled)).1
}

fn open_dependents(scene: &Scene<'_>, id: TaskId, gone: &[TaskId]) -> Result<Vec<Task>, Refusal> {
    let mut open = Vec::new();
    for other in scene.lookups.dependents(id)? {
        let task = scene.task(other)?;
        if task.status.is_open() && !gone.contains(&other) {
            open.push(task);
        }
    }
    Ok(open)
}

/// The refusal that names the open tasks which wait for one that is to go.
pub(super) fn has_dependents(
    scene: &Scene<'_>,
    task: &Task,
    fate: &str,
) -> Result<Refusal, Refusal> {
    let waiting = open_dependents(scene, task.id, &[])?;
    let named: Vec<_> = waiting
        .iter()
        .take(20)
        .map(|other| json!({ "id": other.id, "title": other.title }))
        .collect();
    let message = format!(
        "{} tasks wait for task {} ({}); say what becomes of them when it is {fate}",
        waiting.len(),
        task.id,
        task.title
    );
    Ok(Refusal::new(Code::HasDependents, message)
        .with("dependents", named)
        .with("allowed", Dependents::TEXTS)
        .suggest("repeat the call with dependents: release (they no longer wait) or cascade (they go too)"))
}
