//! Claims: taking hold of a task, keeping it, letting go.
//!
//! Judged inside the writer's transaction, so of many agents who ask at once no two get the same.

use serde_json::json;

use super::gate::{self, Pass};
use super::{Judged, Judgement, Scene, Write, guard, task_status, write_task};
use crate::domain::change::Verb;
use crate::domain::claim::{
    CLAIM_MINUTES_MAX, Claim, GRACE_MS, PATHS_MAX, RETURN_MS, paths_overlap,
};
use crate::domain::command::ClaimTask;
use crate::domain::id::{SessionId, TaskId};
use crate::domain::lookups::ReadyFilter;
use crate::domain::mode::PathOverlap;
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{Status, Task};
use crate::domain::text::{TITLE_MAX, one_line};
use crate::domain::time::MINUTE_MS;

/// Takes hold of a given task, or of the next ready one.
pub(super) fn claim(scene: &Scene<'_>, wanted: &ClaimTask) -> Judged {
    scene.working(wanted.session_id)?;
    let paths = paths(&wanted.paths)?;
    let Some(id) = wanted.task else {
        return take(scene, wanted, &next(scene, wanted)?, paths);
    };
    let task = scene.task(id)?;
    scene.working(task.session_id)?;
    match &task.claim {
        Some(held) if held.holder != *scene.actor && !held.is_stale(scene.now) => {
            if wanted.or_next {
                let note = format!(
                    "task {id} is held by {} until {}; this is the next ready one",
                    held.holder, held.until
                );
                return Ok(take(scene, wanted, &next(scene, wanted)?, paths)?.noting(note));
            }
            Err(with_next(scene, wanted, guard::held_by_other(&task, held))?)
        }
        Some(_) | None => take(scene, wanted, &task, paths),
    }
}

fn next(scene: &Scene<'_>, wanted: &ClaimTask) -> Result<Task, Refusal> {
    let filter = ReadyFilter { role: wanted.role.clone(), group: wanted.group };
    let ready = scene.lookups.ready_tasks(wanted.session_id, &filter, 1)?;
    ready.into_iter().next().map_or_else(|| Err(nothing_ready(scene, wanted.session_id)?), Ok)
}

fn nothing_ready(scene: &Scene<'_>, session: SessionId) -> Result<Refusal, Refusal> {
    let counts: serde_json::Map<_, _> = scene
        .lookups
        .counts(session)?
        .into_iter()
        .map(|(status, count)| (status.to_string(), json!(count)))
        .collect();
    let advice = if counts.is_empty() {
        "plan some tasks first"
    } else {
        "wait for a change, ask without role or group, or help with a blocked task"
    };
    Ok(Refusal::new(
        Code::NothingReady,
        "no task is ready and free: the others wait, are held or are done",
    )
    .with("tasks", counts)
    .suggest(advice))
}

fn with_next(scene: &Scene<'_>, wanted: &ClaimTask, refusal: Refusal) -> Result<Refusal, Refusal> {
    let filter = ReadyFilter { role: wanted.role.clone(), group: wanted.group };
    let ready = scene.lookups.ready_tasks(wanted.session_id, &filter, 1)?;
    Ok(match ready.first() {
        Some(next) => {
            let fact = json!({ "id": next.id, "title": next.title, "priority": next.priority });
            let advice =
                format!("claim {} instead ({}), or repeat with or_next: true", next.id, next.title);
            refusal.with("next_ready", fact).suggest(advice)
        }
        None => refusal.suggest("no other task is ready; wait for a change"),
    })
}

fn take(scene: &Scene<'_>, wanted: &ClaimTask, before: &Task, paths: Vec<String>) -> Judged {
    if !before.status.is_open() {
        return Err(task_status::illegal(before, Status::Active));
    }
    let starts = !wanted.hold_only && before.status != Status::Active;
    if starts {
        if !before.status.may_become(Status::Active) {
            return Err(task_status::illegal(before, Status::Active));
        }
        task_status::refuse_unmet(scene, before, Status::Active)?;
        gate::pass(scene, (before, before), Status::Active, Pass::ByEvidence)?;
    }
    let mode = scene.lookups.mode(&scene.session(before.session_id)?)?;
    let minutes = wanted.minutes.unwrap_or(mode.settings.claim_minutes);
    if !(1..=CLAIM_MINUTES_MAX).contains(&minutes) {
        let message = format!("minutes is 1 to {CLAIM_MINUTES_MAX}, not {minutes}");
        return Err(Refusal::new(Code::InvalidValue, message));
    }
    let own = before.claim.as_ref().filter(|held| held.holder == *scene.actor);
    let number = own.map_or(before.claim_number + 1, |held| held.number);
    let mut after =
        if starts { task_status::moved(scene, before, Status::Active) } else { before.clone() };
    after.claim_number = number;
    after.claim = Some(Claim {
        holder: scene.actor.clone(),
        number,
        since: own.map_or(scene.now, |held| held.since),
        until: scene.now.plus_ms(i64::from(minutes) * MINUTE_MS),
        minutes,
        paths: if paths.is_empty() {
            own.map(|held| held.paths.clone()).unwrap_or_default()
        } else {
            paths
        },
    });
    let overlaps = overlaps(scene, before, &after)?;
    if let (PathOverlap::Refuse, [first, ..]) = (mode.settings.path_overlap, overlaps.as_slice()) {
        return Err(paths_held(first, before, &overlaps));
    }
    let (task, write) = write_task(scene, Verb::TaskClaimed, before, after);
    let mut judgement =
        Judgement::new(Answer::Claimed(Box::new(task))).writing(write).noting_all(overlaps);
    if let Some(lost) = before.claim.as_ref().filter(|held| held.holder != *scene.actor) {
        judgement = judgement.noting(format!(
            "taken over from {}, whose claim ran out at {}",
            lost.holder, lost.until
        ));
    }
    Ok(judgement)
}

fn paths_held(first: &str, task: &Task, overlaps: &[String]) -> Refusal {
    let message =
        format!("task {} ({}) cannot be claimed with these paths: {first}", task.id, task.title);
    Refusal::new(Code::PathsHeld, message)
        .with("overlaps", overlaps)
        .suggest("name other paths, take another task, or wait until that one is done")
}

/// Warns of claims of others that name the same paths.
fn overlaps(scene: &Scene<'_>, before: &Task, after: &Task) -> Result<Vec<String>, Refusal> {
    let Some(claim) = after.claim.as_ref().filter(|claim| !claim.paths.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    for other in scene.lookups.held_tasks(before.session_id)? {
        let Some(held) = other
            .claim
            .as_ref()
            .filter(|held| held.holder != claim.holder && !held.is_stale(scene.now))
        else {
            continue;
        };
        let shared = held
            .paths
            .iter()
            .find(|theirs| claim.paths.iter().any(|ours| paths_overlap(ours, theirs)));
        if let Some(path) = shared {
            notes.push(format!(
                "{} works on {path} too, for task {} ({})",
                held.holder, other.id, other.title
            ));
        }
    }
    Ok(notes)
}

fn paths(given: &[String]) -> Result<Vec<String>, Refusal> {
    if PATHS_MAX < given.len() {
        return Err(Refusal::new(
            Code::TooMuch,
            format!("a claim names at most {PATHS_MAX} paths"),
        ));
    }
    given
        .iter()
        .map(|path| {
            let path = one_line("path", path, TITLE_MAX)?.replace('\\', "/");
            let leaves = path.starts_with('/')
                || path.split('/').any(|part| part == "..")
                || path.contains(':');
            if leaves {
                let message = format!("path {path:?} does not lie within the project");
                return Err(Refusal::new(Code::InvalidValue, message)
                    .suggest("name it relative to the project's root"));
            }
            // Every path has one form, so that those that mean the same are compared as the same.
            let parts: Vec<&str> =
                path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
            Ok(if parts.is_empty() { "**".to_owned() } else { parts.join("/") })
        })
        .collect()
}

/// Gives a claim its full time again.
pub(super) fn renew(scene: &Scene<'_>, id: TaskId, number: Option<i64>) -> Judged {
    let before = scene.task(id)?;
    scene.working(before.session_id)?;
    let held = own_claim(scene, &before, number)?;
    if !held.is_worth_renewing(scene.now) {
        return Ok(Judgement::new(Answer::Claimed(Box::new(before))));
    }
    let after = Task { claim: Some(held.renewed(scene.now)), ..before.clone() };
    if held.is_stale(scene.now) {
        // Meanwhile somebody else may have begun to work there.
        let mode = scene.lookups.mode(&scene.session(before.session_id)?)?;
        let overlaps = overlaps(scene, &before, &after)?;
        if let (PathOverlap::Refuse, [first, ..]) =
            (mode.settings.path_overlap, overlaps.as_slice())
        {
            return Err(paths_held(first, &before, &overlaps));
        }
    }
    let (task, write) = write_task(scene, Verb::ClaimRenewed, &before, after);
    Ok(Judgement::new(Answer::Claimed(Box::new(task))).writing(write))
}

/// Lets go of a task. People may release anybody's claim.
pub(super) fn release(
    scene: &Scene<'_>,
    id: TaskId,
    number: Option<i64>,
    reason: Option<&str>,
) -> Judged {
    let before = scene.task(id)?;
    scene.planning(before.session_id)?;
    if before.claim.is_none() && number.is_none() {
        return Ok(Judgement::new(Answer::Task(Box::new(before))).noting("nobody held it"));
    }
    if scene.actor.is_agent() {
        own_claim(scene, &before, number)?;
    }
    let write = let_go(scene, &before, Status::Pending, reason);
    let task = match &write.after {
        Some(crate::domain::record::Record::Task(task)) => task.clone(),
        Some(_) | None => unreachable!("a task was put in"),
    };
    Ok(Judgement::new(Answer::Task(task)).writing(write))
}

fn own_claim(scene: &Scene<'_>, task: &Task, number: Option<i64>) -> Result<Claim, Refusal> {
    guard::claim(scene, task, number)?;
    match &task.claim {
        Some(held) if held.holder == *scene.actor => Ok(held.clone()),
        Some(held) => Err(guard::held_by_other(task, held)),
        None => Err(Refusal::new(
            Code::ClaimSuperseded,
            format!("nobody holds task {} ({})", task.id, task.title),
        )
        .with("task", task.id)
        .suggest("claim it first")),
    }
}

/// The write that ends a claim. An active task goes back to `active_becomes`.
pub(super) fn let_go(
    scene: &Scene<'_>,
    task: &Task,
    active_becomes: Status,
    reason: Option<&str>,
) -> Write {
    let status = if task.status == Status::Active { active_becomes } else { task.status };
    let after = Task { claim: None, status, ..task.clone() };
    write_task(scene, Verb::ClaimReleased, task, after).1.because(reason)
}

/// Frees the claims whose grace time is over and those whose holders died, so that their tasks can
/// be taken again. Claims that a clock which was set back would keep for ever begin anew.
pub(super) fn free(scene: &Scene<'_>) -> Judged {
    let forfeit = scene.lookups.claims_ending_by(scene.now.plus_ms(-GRACE_MS))?;
    let mut orphaned = scene.lookups.claims_of_the_dead(scene.now.plus_ms(-RETURN_MS))?;
    orphaned.retain(|task| forfeit.iter().all(|other| other.id != task.id));
    let mut astray = scene.lookups.claims_astray(scene.now.plus_ms(GRACE_MS))?;
    astray.retain(|task| orphaned.iter().all(|other| other.id != task.id));
    let tidied = forfeit.len() + orphaned.len() + astray.len();
    let mut judgement = Judgement::new(Answer::Tidied(tidied));
    let all = forfeit.iter().map(|task| (task, "the claim ran out"));
    let all = all.chain(orphaned.iter().map(|task| (task, "the process of its holder died")));
    for (task, reason) in all {
        let mut write = let_go(scene, task, Status::Pending, Some(reason));
        write.verb = Verb::ClaimExpired;
        judgement = judgement.writing(write);
    }
    let anew = astray.iter().map(|task| {
        let claim = task.claim.as_ref().map(|claim| claim.restarted(scene.now));
        let after = Task { claim, ..task.clone() };
        write_task(scene, Verb::ClaimRenewed, task, after).1.because(Some("the clock was set back"))
    });
    Ok(judgement.writing_all(anew))
}
