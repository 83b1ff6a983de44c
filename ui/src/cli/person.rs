//! What takes a person's word: only where somebody sits at a terminal. The shell of an agent has
//! none, so that it does not get around what a mode demands of agents.

use callboard_engine::domain::gate::{self, Need};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::mode::Mode;
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::task::Status;
use callboard_engine::peer::Peer;
use callboard_engine::query::{modes, sessions, tasks};

use super::environment::Environment;
use super::failure::Failure;
use super::project::Scene;

/// What to do where nobody is.
const ADVICE: &str = "ask a person to do it on the board, or in a terminal of their own";

/// Whether evidence that is missing would be passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forced {
    Yes,
    No,
}

/// Refuses where nobody sits at a terminal.
pub(super) fn required(scene: &Scene<'_>, what: &str) -> Result<(), Failure> {
    if scene.environment.stdin_is_terminal {
        return Ok(());
    }
    Err(nobody(what).into())
}

fn nobody(what: &str) -> Refusal {
    let message = format!("{what} takes a person at a terminal, and there is none here");
    Refusal::new(Code::HumanOnly, message).suggest(ADVICE)
}

/// Refuses to complete, where nobody sits at a terminal, what a person has to approve or to pass
/// without evidence.
pub(super) fn may_move(
    (scene, peer): (&Scene<'_>, &Peer),
    ids: &[TaskId],
    to: Status,
    forced: Forced,
) -> Result<(), Failure> {
    if scene.environment.stdin_is_terminal {
        return Ok(());
    }
    for id in ids {
        let (title, demands) = peer.readers.read(|reader| {
            let task = tasks::view(reader, *id)?.task;
            let demands = modes::demands(reader, &task, to)?;
            Ok((task.title, demands))
        })?;
        let closed = |(need, is_met): &(Need, bool)| {
            *need == Need::Approval || (forced == Forced::Yes && !is_met)
        };
        if demands.iter().any(closed) {
            return required(scene, &format!("moving {id} ({title}) to {to}"));
        }
    }
    Ok(())
}

/// Refuses to bring a backup back where nobody sits at a terminal and the mode in force has gates: what
/// stands before one of them could come back as it is behind it.
pub(super) fn may_restore(environment: &Environment, peer: &Peer) -> Result<(), Refusal> {
    if environment.stdin_is_terminal {
        return Ok(());
    }
    let has_gates = peer.readers.read(|reader| {
        let Some(session) = sessions::current(reader)? else { return Ok(false) };
        Ok(modes::in_force(reader, &session)?.is_some_and(|mode| !mode.gates.is_empty()))
    })?;
    if has_gates { Err(nobody("a restore in a mode with gates")) } else { Ok(()) }
}

/// Refuses to put in force, where nobody sits at a terminal, a mode that demands less than the one
/// in force.
pub(super) fn may_bind(scene: &Scene<'_>, peer: &Peer, mode: Option<&Mode>) -> Result<(), Failure> {
    let Some(mode) = mode.filter(|_| !scene.environment.stdin_is_terminal) else { return Ok(()) };
    let before = peer.readers.read(|reader| match sessions::live(reader)? {
        Some(session) => modes::in_force(reader, &session),
        None => Ok(None),
    })?;
    let lost = gate::lost(&before.unwrap_or_default().gates, &mode.gates);
    if lost.is_empty() { Ok(()) } else { Err(gate::drops(&mode.name, &lost).into()) }
}
