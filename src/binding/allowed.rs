//! What an agent may do with mode files: nothing by which a gate would go.
//!
//! The rules refuse a binding by which an agent drops a gate. A file counts later, too: when its
//! session is taken up again, when a session begins with it, and for every mode that extends it.
//! So what an agent writes is compared with what stands there before anything is written.

use std::collections::BTreeSet;

use super::{refused, tell};
use crate::domain::actor::Actor;
use crate::domain::gate::{Gate, drops, lost};
use crate::domain::mode::{MODE_PROJECT, Mode};
use crate::domain::refusal::Refusal;
use crate::domain::session::{Session, SessionState};
use crate::modes::ModesFolder;
use crate::modes::read::{Others, Source, read};
use crate::peer::Peer;
use crate::query;
use crate::query::sessions::{SessionFilter, SessionOrder};

/// Sessions that are looked at, those worked on last first.
const SESSIONS_MAX: usize = 200;

/// Asks whether an actor may write these bytes as the file of a mode.
///
/// # Errors
///
/// [`Code::HumanOnly`](crate::domain::refusal::Code::HumanOnly) where an agent would drop a gate of
/// it, of a mode that extends it, or of a session that is bound to one of them.
pub(super) fn may_write(
    peer: &Peer,
    actor: &Actor,
    name: &str,
    bytes: &[u8],
) -> Result<(), Refusal> {
    if !actor.is_agent() {
        return Ok(());
    }
    let folder = ModesFolder::of(&peer.paths);
    let with = With { folder: &folder, name, bytes };
    let mut unreadable = BTreeSet::from([name.to_owned()]);
    for mode in folder.names() {
        match folder.look(&mode).ok().and_then(|loaded| loaded.reading.mode) {
            Some(before) => {
                unreadable.remove(&mode);
                with.keeps(&mode, &before.gates)?;
            }
            None => {
                unreadable.insert(mode);
            }
        }
    }
    for session in sessions(peer)? {
        let is_held = folder.look(&session.mode).is_ok_and(|loaded| loaded.reading.is_valid());
        if is_held && !unreadable.contains(&session.mode) {
            continue;
        }
        let mode = peer.readers.read(|reader| query::modes::in_force(reader, &session))?;
        with.keeps(&session.mode, &mode.unwrap_or_default().gates)?;
    }
    Ok(())
}

/// Asks whether an actor may choose a mode for a session that is to begin: an agent's has the gates
/// of the one that the session would have else.
///
/// # Errors
///
/// As [`may_write`].
pub fn may_begin(peer: &Peer, actor: &Actor, mode: &str) -> Result<(), Refusal> {
    let folder = ModesFolder::of(&peer.paths);
    let loaded = folder.look(mode).map_err(|error| refused(&error))?;
    loaded.reading.mode.map_or(Ok(()), |mode| may_choose(&folder, actor, &mode))
}

/// Asks the same of the mode that a live session has which comes out of a backup.
///
/// # Errors
///
/// As [`may_write`].
pub(crate) fn may_bring(peer: &Peer, actor: &Actor, mode: &Mode) -> Result<(), Refusal> {
    may_choose(&ModesFolder::of(&peer.paths), actor, mode)
}

/// The same for a mode that was read.
pub(super) fn may_choose(folder: &ModesFolder, actor: &Actor, mode: &Mode) -> Result<(), Refusal> {
    if !actor.is_agent() {
        return Ok(());
    }
    let chosen = tell::chosen(folder).unwrap_or_else(|| MODE_PROJECT.to_owned());
    let chosen = folder.look(&chosen).ok().and_then(|loaded| loaded.reading.mode);
    refuse_loss(&mode.name, &chosen.unwrap_or_default().gates, &mode.gates)
}

pub(super) fn refuse_loss(mode: &str, before: &[Gate], after: &[Gate]) -> Result<(), Refusal> {
    let lost = lost(before, after);
    if lost.is_empty() { Ok(()) } else { Err(drops(mode, &lost)) }
}

/// The sessions that are bound to a mode, or will be when they are taken up again.
fn sessions(peer: &Peer) -> Result<Vec<Session>, Refusal> {
    let filter = SessionFilter {
        states: SessionState::ALL.to_vec(),
        order: SessionOrder::Activity,
        limit: SESSIONS_MAX,
        cursor: None,
    };
    let page = peer.readers.read(|reader| query::sessions::list(reader, &filter))?;
    let sessions = page.items.into_iter().map(|row| row.session);
    Ok(sessions.filter(|session| session.binding.is_some()).collect())
}

/// The mode files as they would be.
struct With<'a> {
    folder: &'a ModesFolder,
    name: &'a str,
    bytes: &'a [u8],
}

impl With<'_> {
    /// Refuses what would not keep the gates of a mode. A file that would not hold keeps them all:
    /// what is put in force for it has them.
    fn keeps(&self, mode: &str, gates: &[Gate]) -> Result<(), Refusal> {
        if gates.is_empty() {
            return Ok(());
        }
        let Some(source) = self.find(mode) else { return Ok(()) };
        match read(&source.file, &source.bytes, self).mode {
            Some(after) => refuse_loss(mode, gates, &after.gates),
            None => Ok(()),
        }
    }
}

impl Others for With<'_> {
    fn find(&self, name: &str) -> Option<Source> {
        if name == self.name {
            let file = format!("roles/{name}.yaml");
            return Some(Source { file, bytes: self.bytes.to_owned() });
        }
        self.folder.find(name)
    }

    fn names(&self) -> Vec<String> {
        self.folder.names()
    }
}
