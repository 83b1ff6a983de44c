//! Forgetting what happened long ago, as far as nothing stands on it.
//!
//! The newest change of a record stays: it says which version the record has, and of one that is
//! gone that it ever was. What tells of finished work stays, because documents count it. A command
//! goes whole or not at all, so that what is left of the feed can be taken back.

use super::{Judged, Judgement, Scene};
use crate::domain::change::{Change, FORGOTTEN_CHANGES_MAX, FORGOTTEN_MAX, KEPT_DAYS};
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::{DAY_MS, Timestamp};

/// Removes commands from the feed.
pub(super) fn forget(scene: &Scene<'_>, commands: &[i64]) -> Judged {
    if scene.actor.is_agent() {
        return Err(Refusal::new(Code::HumanOnly, "the history is forgotten by people alone"));
    }
    if FORGOTTEN_MAX < commands.len() {
        let message = format!("{} commands at once; the limit is {FORGOTTEN_MAX}", commands.len());
        return Err(Refusal::new(Code::TooMuch, message));
    }
    let before = scene.now.plus_ms(-KEPT_DAYS * DAY_MS);
    let mut judgement = Judgement::new(Answer::Done);
    let mut looked_at = 0;
    for command in commands {
        let changes = scene.lookups.changes_of_command(*command)?;
        looked_at += changes.len();
        if FORGOTTEN_CHANGES_MAX < looked_at && 1 < commands.len() {
            let message = format!("more than {FORGOTTEN_CHANGES_MAX} changes at once");
            return Err(
                Refusal::new(Code::TooMuch, message).suggest("forget fewer commands at once")
            );
        }
        for change in &changes {
            may_go(scene, change, before)?;
        }
        judgement.forgets.extend(changes.first().map(|first| first.command));
    }
    judgement.answer = Answer::Tidied(judgement.forgets.len());
    Ok(judgement)
}

fn may_go(scene: &Scene<'_>, change: &Change, before: Timestamp) -> Result<(), Refusal> {
    let why = if before < change.at {
        format!("it is not older than {KEPT_DAYS} days")
    } else if change.verb.is_lasting() {
        format!("what {} tells is kept", change.verb)
    } else if scene.lookups.is_newest(change)? {
        format!("it is the last that happened to {}", change.record)
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::IllegalMove, format!("change {} stays: {why}", change.seq))
        .with("seq", change.seq)
        .suggest("look again for what can be forgotten"))
}
