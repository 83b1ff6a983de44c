//! Moving a task from status to status.

use serde_json::json;

use super::gate::{self, Pass, Passage};
use super::uproot::{Fate, uproot};
use super::{Judged, Judgement, Scene, Write, dependency, guard, task_update, write_task};
use crate::domain::change::Verb;
use crate::domain::command::SetStatus;
use crate::domain::count::{by_count, counted};
use crate::domain::outcome::Answer;
use crate::domain::record::RecordKey;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{Status, Task};
use crate::domain::text::{REMARK_MAX, many_lines};

/// Why a task is in review that an agent has completed.
const WAITS: &str = "waits for a person's approval";

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
    let mut asked = Task { status: set.to, ..before.clone() };
    asked.result_summary = summary.or(asked.result_summary);
    if let Some(actual) = set.actual_minutes {
        asked.actual_minutes = Some(task_update::minutes("actual_minutes", actual)?);
    }
    asked.reason = reason.or(asked.reason);
    let aside = task_update::clashes_aside(scene, &before, &mut asked, &set.guard)?;
    let is_left = asked.status != set.to;
    let judgement = if is_left {
        leave(scene, before, asked)
    } else if before.status == set.to {
        set_again(scene, before, set, asked)?
    } else {
        change(scene, &before, set, &asked)?
    };
    let writes = [aside.writes, judgement.writes].concat();
    let notes = [aside.notes, judgement.notes].concat();
    Ok(Judgement { writes, notes, ..judgement })
}

/// Leaves the status, which somebody else changed, to a person; what else was said is written.
fn leave(scene: &Scene<'_>, before: Task, asked: Task) -> Judgement {
    if asked == before {
        return Judgement::new(Answer::Task(Box::new(before)));
    }
    let (task, write) = write_task(scene, Verb::TaskUpdated, &before, asked);
    Judgement::new(Answer::Task(Box::new(task))).writing(write)
}

fn change(scene: &Scene<'_>, before: &Task, set: &SetStatus, asked: &Task) -> Judged {
    if !before.status.may_become(set.to) {
        return Err(illegal(before, set.to));
    }
    if !set.force {
        refuse_unmet(scene, before, set.to)?;
        refuse_open_children(scene, before, set.to)?;
    }
    let reason = asked.reason.clone().filter(|_| set.reason.is_some());
    let (to, reason, note) = at_the_gate(scene, (before, asked), set, reason)?;
    let mut after = moved(scene, asked, to);
    after.reason.clone_from(&reason);
    let (task, write) = write_task(scene, verb(before, to), before, after);
    let judgement = Judgement::new(Answer::Task(Box::new(task)))
        .writing(write.because(reason.as_deref()))
        .noting_all(note);
    if set.to == Status::Cancelled {
        cancel_around(scene, (before, set), judgement)
    } else {
        Ok(judgement)
    }
}

/// What the gates make of a move: the status that is entered, why, and what the actor is told.
type Gated = (Status, Option<String>, Vec<String>);

fn at_the_gate(
    scene: &Scene<'_>,
    (before, asked): (&Task, &Task),
    set: &SetStatus,
    reason: Option<String>,
) -> Result<Gated, Refusal> {
    let pass = if set.force { Pass::ByForce } else { Pass::ByEvidence };
    Ok(match gate::pass(scene, (before, asked), set.to, pass)? {
        Passage::Open => (set.to, reason, Vec::new()),
        Passage::Review => {
            let note = format!(
                "task {} is in review: the mode demands a person's approval, and the work is kept until then",
                before.id
            );
            (Status::Review, reason.or_else(|| Some(WAITS.to_owned())), vec![note])
        }
    })
}

/// A task that already is as asked: its result, reason or minutes may be given later, by whoever
/// finished it or by a person; nobody else replaces them.
fn set_again(scene: &Scene<'_>, before: Task, set: &SetStatus, asked: Task) -> Judged {
    let note = format!("it already was {}", set.to);
    if asked == before {
        return Ok(Judgement::new(Answer::Task(Box::new(before))).noting(note));
    }
    if set.to == Status::Completed && scene.actor.is_agent() {
        refuse_other_finisher(scene, &before)?;
    }
    let (task, write) = write_task(scene, Verb::TaskUpdated, &before, asked);
    Ok(Judgement::new(Answer::Task(Box::new(task))).writing(write).noting(note))
}

fn refuse_other_finisher(scene: &Scene<'_>, task: &Task) -> Result<(), Refusal> {
    let changes = scene.lookups.changes_since(&RecordKey::Task(task.id), 0)?;
    let finished = changes.iter().rev().find(|change| change.verb == Verb::TaskCompleted);
    let Some(other) = finished.filter(|change| change.actor != *scene.actor) else {
        return Ok(());
    };
    let message =
        format!("task {} ({}) was already completed by {}", task.id, task.title, other.actor);
    Err(Refusal::new(Code::IllegalMove, message)
        .with("completed_by", &other.actor)
        .with("completed_at", other.at.to_string())
        .with("result_summary", &task.result_summary)
        .suggest("its result stands; reopen it first if it is wrong, or claim the next task"))
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
    let noun = by_count(unmet.len(), "task that is", "tasks that are");
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
    let below = counted(open.len(), "open task");
    let message = format!("task {} ({}) has {below} below it", task.id, task.title);
    let named: Vec<_> = open.into_iter().take(20).collect();
    Err(Refusal::new(Code::OpenTasks, message).with("tasks", named).suggest(
        "complete or cancel those first, or repeat the call with force: true and a reason",
    ))
}

/// Cancelling takes the open tasks below along, and says what becomes of those that wait.
fn cancel_around(
    scene: &Scene<'_>,
    (root, set): (&Task, &SetStatus),
    mut judgement: Judgement,
) -> Judged {
    let pass = if set.force { Pass::ByForce } else { Pass::ByEvidence };
    let uprooted = uproot(scene, root, Fate::Cancelled, set.dependents)?;
    let (below, cascaded) = (uprooted.below, uprooted.tasks.len() - 1 - uprooted.below);
    for task in uprooted.tasks.iter().filter(|task| task.id != root.id) {
        gate::pass(scene, (task, task), Status::Cancelled, pass)?;
        judgement = judgement.writing(cancel(scene, task));
    }
    for (task, on) in &uprooted.waiting {
        judgement = judgement.writing(dependency::removal(scene, task, *on)?);
    }
    if 0 < below {
        let (tasks, were) = (counted(below, "open task"), by_count(below, "was", "were"));
        judgement = judgement.noting(format!("{tasks} below it {were} cancelled too"));
    }
    if 0 < cascaded {
        let (tasks, were) = (counted(cascaded, "task"), by_count(cascaded, "was", "were"));
        let note = format!("{tasks} that waited for it, or below those, {were} cancelled too");
        judgement = judgement.noting(note);
    }
    if !uprooted.waiting.is_empty() {
        let count = uprooted.waiting.len();
        let (tasks, wait) = (counted(count, "task"), by_count(count, "waits", "wait"));
        let note = format!("{tasks} that waited for it no longer {wait} for it");
        judgement = judgement.noting(note);
    }
    Ok(judgement)
}

fn cancel(scene: &Scene<'_>, task: &Task) -> Write {
    write_task(scene, Verb::TaskCancelled, task, moved(scene, task, Status::Cancelled)).1
}
