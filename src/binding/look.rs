//! One look: is in force what the files say?

use super::select::{Selection, bind_instead, select_instead};
use super::tell::{self, Chosen};
use crate::domain::actor::Actor;
use crate::domain::mode::{Binding, LoadedMode};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::modes::ModesFolder;
use crate::modes::folder::{ACTIVE_FILE, FolderError};
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
    /// `active_mode.yaml` names what cannot be put in force; it stays as the person wrote it.
    Misnamed(String),
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
        Some(Found::Misnamed(problem)) => {
            // The rest is looked at all the same.
            return Ok(match file(peer, &folder, (&session, broken))? {
                Found::InForce | Found::Bound => Found::Misnamed(problem),
                found @ (Found::Broken(_) | Found::Misnamed(_)) => found,
            });
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
            return Ok(Some(Found::Misnamed(format!("{ACTIVE_FILE} cannot be read"))));
        }
    };
    let actor = Actor::File(ACTIVE_FILE.to_owned());
    let reason = Some(format!("{ACTIVE_FILE} names it"));
    let selection = Selection { mode: name, session: Some(session.id), reason };
    match select_instead(peer, &actor, &selection, session) {
        Ok(_) => Ok(Some(Found::Bound)),
        Err(refusal) => Ok(Some(Found::Misnamed(format!("{ACTIVE_FILE}: {}", refusal.message)))),
    }
}

fn file(
    peer: &Peer,
    folder: &ModesFolder,
    (session, broken): (&Session, Broken),
) -> Result<Found, Refusal> {
    let bound = session.binding.as_ref();
    let looked = folder.look(&session.mode);
    let text = looked.as_ref().ok().and_then(|looked| looked.text.clone());
    // The bytes decide, and not what this version of the program makes of them: two versions at
    // work on one project would bind against each other for ever.
    let is_known =
        |bound: &&Binding| bound.text == text && (bound.file.is_some() || text.is_none());
    if bound.filter(is_known).is_some_and(|bound| text.is_some() || bound.source.is_recovered()) {
        return Ok(Found::InForce);
    }
    let problem = match looked {
        Ok(looked) if looked.file.is_none() && bound.is_some_and(|bound| bound.file.is_some()) => {
            "its file is gone".to_owned()
        }
        Ok(looked) => match looked.into_mode() {
            Ok(loaded) => return bind_file(peer, folder, (session, &loaded)),
            Err(error) => error.to_string(),
        },
        Err(FolderError::Missing { .. }) => "its file is gone".to_owned(),
        Err(error) => error.to_string(),
    };
    if broken == Broken::Wait {
        return Ok(Found::Broken(problem));
    }
    let mut loaded = folder.recover(&session.mode, &problem);
    loaded.binding.text = text;
    let reason = Some(format!("mode {}: {problem}", session.mode));
    bind_instead(peer, &Actor::System, (session, &loaded), reason)?;
    Ok(Found::Bound)
}

/// Puts in force what the file says, or what is built in where there never was a file.
fn bind_file(
    peer: &Peer,
    folder: &ModesFolder,
    (session, loaded): (&Session, &LoadedMode),
) -> Result<Found, Refusal> {
    let bound = session.binding.as_ref();
    let Some(file) = loaded.binding.file.clone() else {
        if bound.is_some() {
            return Ok(Found::InForce);
        }
        bind_instead(peer, &Actor::System, (session, loaded), None)?;
        return Ok(Found::Bound);
    };
    let recovered = bound.is_some_and(|bound| bound.source.is_recovered());
    let reason = if recovered { "the file holds again" } else { "the file was edited" };
    let reason = bound.map(|_| reason.to_owned());
    bind_instead(peer, &Actor::File(file), (session, loaded), reason)?;
    let id = session.id.to_string();
    let now = peer.clock.now();
    if let Err(error) = folder.back_up_bound(&session.mode, Some(&id), now) {
        tracing::warn!(%error, mode = session.mode, "the mode file is not backed up");
    }
    Ok(Found::Bound)
}
