//! One look: is in force what the files say?

use super::select::{Selection, bind, select};
use super::tell::{self, Chosen};
use crate::domain::actor::Actor;
use crate::domain::mode::ModeSource;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::modes::ModesFolder;
use crate::modes::folder::{ACTIVE_FILE, BackupReason, FolderError};
use crate::peer::Peer;
use crate::query;

/// What a look has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// What the files say is in force.
    InForce,
    /// Something was put in force.
    Bound,
    /// A file is broken or gone; it may be in the middle of being written.
    Broken(String),
}

/// What is done about a file that is broken or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// Nothing yet.
    Wait,
    /// Something else is put in force for it.
    Recover,
}

/// Looks at the file of the live session's mode and at `active_mode.yaml`, and puts in force what
/// they say.
pub(super) fn look(peer: &Peer, broken: Broken) -> Result<Found, Refusal> {
    let folder = ModesFolder::of(&peer.paths);
    let Some(session) = peer.readers.read(query::sessions::live)? else {
        return Ok(Found::InForce);
    };
    if !session.state.allows_planning() {
        return Ok(Found::InForce);
    }
    match chosen(peer, &folder, &session)? {
        Some(Found::Broken(problem)) => {
            // The rest is looked at all the same; the file is left as the person wrote it.
            file(peer, &folder, (&session, broken))?;
            return Ok(Found::Broken(problem));
        }
        Some(found) => return Ok(found),
        None => {}
    }
    let found = file(peer, &folder, (&session, broken))?;
    if let Err(error) = tell::tell(&folder, &peer.readers) {
        tracing::warn!(%error, "which mode is in force is not told in modes/");
    }
    Ok(found)
}

/// Selects the mode that a person wrote into `active_mode.yaml`.
fn chosen(peer: &Peer, folder: &ModesFolder, session: &Session) -> Result<Option<Found>, Refusal> {
    let name = match tell::chosen_instead(folder, &peer.readers, session)? {
        Chosen::Nothing => return Ok(None),
        Chosen::Mode(name) => name,
        Chosen::Unreadable => {
            return Ok(Some(Found::Broken(format!("{ACTIVE_FILE} cannot be read"))));
        }
    };
    let actor = Actor::File(ACTIVE_FILE.to_owned());
    let reason = Some(format!("{ACTIVE_FILE} names it"));
    let selection = Selection { mode: name, session: Some(session.id), reason };
    match select(peer, &actor, &selection) {
        Ok(_) => Ok(Some(Found::Bound)),
        Err(refusal) => Ok(Some(Found::Broken(format!("{ACTIVE_FILE}: {}", refusal.message)))),
    }
}

fn file(
    peer: &Peer,
    folder: &ModesFolder,
    (session, broken): (&Session, Broken),
) -> Result<Found, Refusal> {
    let bound = session.binding.as_ref();
    let was_a_file = bound.is_some_and(|bound| bound.file.is_some());
    let problem = match folder.load_only(&session.mode) {
        Ok(loaded) if loaded.binding.source == ModeSource::File => {
            if bound == Some(&loaded.binding) {
                return Ok(Found::InForce);
            }
            let file = loaded.binding.file.clone().unwrap_or_default();
            let recovered = bound.is_some_and(|bound| bound.source.is_recovered());
            let reason = if recovered { "the file holds again" } else { "the file was edited" };
            let reason = Some(reason.to_owned());
            bind(peer, &Actor::File(file), (session.id, &loaded), reason)?;
            let id = session.id.to_string();
            let now = peer.clock.now();
            let made = folder.back_up(&session.mode, BackupReason::Select, Some(&id), now);
            if let Err(error) = made {
                tracing::warn!(%error, mode = session.mode, "the mode file is not backed up");
            }
            return Ok(Found::Bound);
        }
        Ok(_) if was_a_file => "its file is gone".to_owned(),
        Ok(loaded) => {
            if bound.is_some_and(|bound| bound.hash == loaded.binding.hash) {
                return Ok(Found::InForce);
            }
            bind(peer, &Actor::System, (session.id, &loaded), None)?;
            return Ok(Found::Bound);
        }
        Err(FolderError::Missing { .. }) => "its file is gone".to_owned(),
        Err(error) => error.to_string(),
    };
    if bound.is_some_and(|bound| bound.problem.as_ref() == Some(&problem)) {
        return Ok(Found::InForce);
    }
    if broken == Broken::Wait {
        return Ok(Found::Broken(problem));
    }
    let loaded = folder.recover(&session.mode, &problem);
    let reason = Some(format!("mode {}: {problem}", session.mode));
    bind(peer, &Actor::System, (session.id, &loaded), reason)?;
    Ok(Found::Bound)
}
