//! Gates: whether a task may enter a status, by what the mode of its session demands.
//!
//! Every way into a status asks here: moves, claims, cascades, edits of documents. Agents supply
//! evidence and cannot give a person's word; people may pass over missing evidence by force.

use serde_json::json;

use super::Scene;
use crate::domain::actor::Actor;
use crate::domain::gate::{Need, checks, needs};
use crate::domain::mode::Mode;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::{Status, Task};

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// The task may move.
    Open,
    /// The task waits for a person in `review`.
    Review,
}

/// Who passes: with or without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    ByEvidence,
    /// By force, with a reason that is recorded; only people get through so.
    ByForce,
}

/// Asks whether a task may enter a status. `asked` is the task with the summary that comes with
/// the move; `before` says which gates apply, so that none is left behind on the way.
///
/// # Errors
///
/// [`Code::GateClosed`], naming what is missing and the call that supplies it.
pub(super) fn pass(
    scene: &Scene<'_>,
    (before, asked): (&Task, &Task),
    to: Status,
    pass: Pass,
) -> Result<Passage, Refusal> {
    let mode = scene.lookups.mode(&scene.session(before.session_id)?)?;
    let demanded = needs(&mode.gates, before, to);
    let is_person = *scene.actor == Actor::Human;
    if demanded.is_empty() || (is_person && pass == Pass::ByForce) {
        return Ok(Passage::Open);
    }
    let kinds = scene.lookups.artifact_kinds(asked.session_id, asked.id)?;
    let is_missing = |need: &&Need| **need != Need::Approval && !need.is_met(asked, &kinds);
    let mut missing: Vec<Need> = demanded.iter().filter(is_missing).cloned().collect();
    let waits = demanded.contains(&Need::Approval) && !is_person;
    if missing.is_empty() && !waits {
        return Ok(Passage::Open);
    }
    let may_ask = scene.actor.is_agent() && before.status.may_become(Status::Review);
    if missing.is_empty() && to == Status::Completed && may_ask {
        // The way to a person leads through the gate of review.
        return self::pass(scene, (before, asked), Status::Review, pass).map(|_| Passage::Review);
    }
    if waits {
        missing.push(Need::Approval);
    }
    Err(closed(scene, (&mode, asked), to, &missing))
}

/// Refuses a change of fields by which a task would get out of a gate.
///
/// # Errors
///
/// [`Code::HumanOnly`], naming the gate.
pub(super) fn refuse_escape(scene: &Scene<'_>, before: &Task, after: &Task) -> Result<(), Refusal> {
    let unchanged = before.role == after.role && before.tags == after.tags;
    if unchanged || *scene.actor == Actor::Human {
        return Ok(());
    }
    let mode = scene.lookups.mode(&scene.session(before.session_id)?)?;
    for to in Status::ALL {
        let left = needs(&mode.gates, after, *to);
        let lost = needs(&mode.gates, before, *to).into_iter().find(|need| !left.contains(need));
        if let Some(need) = lost {
            let message = format!(
                "with this role and these tags task {} ({}) would no longer need {} to be {to}",
                before.id,
                before.title,
                need.in_words()
            );
            return Err(Refusal::new(Code::HumanOnly, message)
                .with("mode", &mode.name)
                .suggest("leave its role and tags as they are, or ask a person to change them"));
        }
    }
    Ok(())
}

fn closed(
    scene: &Scene<'_>,
    (mode, task): (&Mode, &Task),
    to: Status,
    missing: &[Need],
) -> Refusal {
    let words: Vec<String> = missing.iter().map(Need::in_words).collect();
    let message = format!(
        "task {} ({}) cannot be {to} yet: mode {} demands {}",
        task.id,
        task.title,
        mode.name,
        words.join(" and ")
    );
    let is_person = *scene.actor == Actor::Human;
    let supplies: Vec<_> = missing
        .iter()
        .map(|need| json!({ "missing": need.in_words(), "supply": supply(task, need, to) }))
        .collect();
    let first = missing.first().map(|need| supply(task, need, to)).unwrap_or_default();
    let advice = if is_person { format!("{first}, or force it with a reason") } else { first };
    Refusal::new(Code::GateClosed, message)
        .with("mode", &mode.name)
        .with("missing", supplies)
        .suggest(advice)
}

/// The call that supplies what is missing, in words.
fn supply(task: &Task, need: &Need, to: Status) -> String {
    let id = task.id;
    match need {
        Need::Summary(_) if to == Status::Completed => {
            format!(
                "give the summary with the call: orchestrator_task_complete with task_id {id} and summary"
            )
        }
        Need::Summary(_) => {
            format!("set result_summary first: orchestrator_task_batch_update with task_id {id}")
        }
        Need::Artifact(kind) => format!(
            "record it with orchestrator_artifact_record: task_id {id}, kind {kind}, title, and content or path"
        ),
        Need::Checklist => {
            let (ticked, all) = checks(&task.description);
            format!(
                "do what is on the list and tick it ([x]) in the description of {id} ({ticked} of {all} are ticked): \
                 orchestrator_task_batch_update with description"
            )
        }
        Need::Approval if task.status == Status::Review => {
            format!(
                "wait: a person approves {id} in the terminal or sends it back; orchestrator_events tells"
            )
        }
        Need::Approval => {
            format!(
                "call orchestrator_task_complete for {id}: it goes to review, and a person approves it in the terminal"
            )
        }
    }
}
