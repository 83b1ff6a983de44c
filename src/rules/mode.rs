//! Binding a session to a mode.
//!
//! Files become modes before they come here; whoever binds one has read it. What a gate demands is
//! the agreement of the people: a tool of an agent cannot put a mode in force that demands less,
//! and a recovery from a broken file carries the gates over.

use super::{Judged, Judgement, Scene, Write};
use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::command::{BindMode, NewSession};
use crate::domain::gate::{Gate, drops, lost};
use crate::domain::mode::{LoadedMode, MODE_NAME_MAX, content_hash};
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::text::{REMARK_MAX, many_lines, one_line};

/// Binds a session to a mode that was read.
pub(super) fn bind(scene: &Scene<'_>, bind: &BindMode) -> Judged {
    let before = scene.planning(bind.session_id)?;
    let reason =
        bind.reason.as_deref().map(|text| many_lines("reason", text, REMARK_MAX)).transpose()?;
    let mut loaded = (*bind.loaded).clone();
    one_line("mode", &loaded.mode.name, MODE_NAME_MAX)?;
    let in_force = scene.lookups.mode(&before)?;
    let missing = lost(&in_force.gates, &loaded.mode.gates);
    if !missing.is_empty() {
        match scene.actor {
            Actor::Agent(_) => return Err(drops(&loaded.mode.name, &missing)),
            Actor::System => carry_over(&mut loaded, missing),
            // People say what is demanded, and the files are theirs.
            Actor::Human | Actor::File(_) => {}
        }
    }
    let after = bound(&before, &loaded);
    if after == before {
        return Ok(Judgement::new(Answer::Session(before)).noting("it already is in force"));
    }
    let write =
        Write::update(scene, Verb::ModeBound, Record::Session(before), Record::Session(after));
    let Some(Record::Session(session)) = write.after.clone() else {
        unreachable!("a session was put in")
    };
    let mut judgement =
        Judgement::new(Answer::Session(session)).writing(write.because(reason.as_deref()));
    judgement.modes.push(loaded);
    Ok(judgement)
}

/// The session with another mode in force.
pub(super) fn bound(session: &Session, loaded: &LoadedMode) -> Session {
    Session {
        mode: loaded.mode.name.clone(),
        binding: Some(loaded.binding.clone()),
        ..session.clone()
    }
}

/// The mode of a session that begins: an agent's has the gates of the live one, whose place it
/// takes.
pub(super) fn begun(
    scene: &Scene<'_>,
    loaded: &LoadedMode,
    new: &NewSession,
) -> Result<LoadedMode, Refusal> {
    let mut loaded = loaded.clone();
    let live = scene.lookups.live_session()?.filter(|_| scene.actor.is_agent());
    let Some(live) = live else { return Ok(loaded) };
    let missing = lost(&scene.lookups.mode(&live)?.gates, &loaded.mode.gates);
    if !missing.is_empty() && new.mode.is_some() {
        return Err(drops(&loaded.mode.name, &missing));
    }
    if !missing.is_empty() {
        carry_over(&mut loaded, missing);
    }
    Ok(loaded)
}

/// The mode of a session that is taken up again: the one that was read, with the gates of the one
/// that was in force unless a person takes it up with a file that holds.
pub(super) fn taken_up(
    scene: &Scene<'_>,
    session: &Session,
    loaded: &LoadedMode,
) -> Result<LoadedMode, Refusal> {
    let mut loaded = loaded.clone();
    if loaded.binding.source.is_recovered() || *scene.actor != Actor::Human {
        let missing = lost(&scene.lookups.mode(session)?.gates, &loaded.mode.gates);
        if !missing.is_empty() {
            carry_over(&mut loaded, missing);
        }
    }
    Ok(loaded)
}

fn carry_over(loaded: &mut LoadedMode, lost: Vec<Gate>) {
    let note = format!("{} of what was in force before stay", gates(lost.len()));
    loaded.binding.attempts.push(note);
    loaded.mode.gates.extend(lost);
    loaded.binding.hash = content_hash(&loaded.mode);
}

fn gates(count: usize) -> String {
    if count == 1 { "a gate".to_owned() } else { format!("{count} gates") }
}
