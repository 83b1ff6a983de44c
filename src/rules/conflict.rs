//! Conflicts: proposals of agents, and the end of a conflict as a write.

use super::{Judged, Judgement, Scene, Write, guard, unknown};
use crate::domain::change::Verb;
use crate::domain::conflict::{
    Choice, Conflict, ConflictState, PROPOSALS_MAX, Proposal, ResolveConflict,
};
use crate::domain::id::ConflictId;
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::{REMARK_MAX, many_lines};

/// Leaves with an open conflict what the actor would decide.
pub(super) fn propose(scene: &Scene<'_>, wanted: &ResolveConflict) -> Judged {
    let before = open(scene, wanted.id)?;
    if wanted.choice == Choice::Merged && wanted.value.is_none() {
        return Err(Refusal::new(
            Code::InvalidValue,
            "a merged value is proposed without the value",
        )
        .with("field", "value"));
    }
    let remark = wanted.remark.as_deref().map(|text| many_lines("remark", text, REMARK_MAX));
    let proposal = Proposal {
        choice: wanted.choice,
        value: wanted.value.clone(),
        by: scene.actor.clone(),
        at: scene.now,
        remark: remark.transpose()?,
    };
    let mut after = before.clone();
    // The newest word of each actor counts.
    after.proposals.retain(|known| known.by != *scene.actor);
    after.proposals.push(proposal);
    let surplus = after.proposals.len().saturating_sub(PROPOSALS_MAX);
    after.proposals.drain(..surplus);
    let write = change(scene, Verb::ConflictProposed, before, after.clone());
    guard_version(scene, &write, wanted.if_version)?;
    Ok(Judgement::new(Answer::Conflict(Box::new(after))).writing(write))
}

/// The conflict, which must wait for a decision.
pub(super) fn open(scene: &Scene<'_>, id: ConflictId) -> Result<Conflict, Refusal> {
    let conflict = scene.lookups.conflict(id)?.ok_or_else(|| unknown("conflict", id))?;
    match conflict.state {
        ConflictState::Open => Ok(conflict),
        ConflictState::Resolved => {
            let ended = conflict.resolution.as_ref();
            let message = format!("conflict {id} is resolved already");
            Err(Refusal::new(Code::IllegalMove, message)
                .with("choice", ended.map(|end| end.choice))
                .with("by", ended.map(|end| &end.by))
                .suggest("undo that decision to decide anew"))
        }
        ConflictState::Withdrawn => Err(Refusal::new(
            Code::IllegalMove,
            format!("conflict {id} is over: both sides agree again"),
        )),
    }
}

/// The write of a changed conflict.
pub(super) fn change(scene: &Scene<'_>, verb: Verb, before: Conflict, after: Conflict) -> Write {
    Write::update(
        scene,
        verb,
        Record::Conflict(Box::new(before)),
        Record::Conflict(Box::new(after)),
    )
}

/// Refuses a word about a conflict whose sides changed since the version given.
pub(super) fn guard_version(
    scene: &Scene<'_>,
    write: &Write,
    if_version: Option<i64>,
) -> Result<(), Refusal> {
    let (Some(seen), Some(before)) = (if_version, &write.before) else { return Ok(()) };
    let sides = ["ours".to_owned(), "theirs".to_owned()];
    guard::expect(scene, &before.key().to_string(), seen, &sides).map(drop)
}
