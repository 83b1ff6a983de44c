//! Selecting a mode, and what else changes mode files on behalf of somebody.

use super::{allowed, refused, tell};
use crate::domain::actor::Actor;
use crate::domain::command::{BindMode, Command};
use crate::domain::id::SessionId;
use crate::domain::mode::{LoadedMode, Mode};
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::Session;
use crate::door::Request;
use crate::modes::ModesFolder;
use crate::modes::folder::{Backup, BackupReason, FolderError, Mended, NewMode};
use crate::modes::read::stem;
use crate::peer::Peer;
use crate::query;
use crate::query::modes::StrayRole;

/// What is to be selected, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The mode's name or its file's.
    pub mode: String,
    /// The session; the live one when none is named, and the next one when there is none.
    pub session: Option<SessionId>,
    pub reason: Option<String>,
}

/// A mode that was selected.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected {
    pub loaded: LoadedMode,
    /// The session that is bound to it; none where the next session will be.
    pub session: Option<Session>,
    /// The mode that was in force before.
    pub previous: Option<String>,
    /// The backup of the mode that was in force before, where it has a file.
    pub backup: Option<Backup>,
    /// Roles of open tasks that the mode does not have.
    pub strays: Vec<StrayRole>,
    pub notes: Vec<String>,
}

/// Puts a mode in force: validates it, backs up the one before it and itself, binds the session and
/// tells it in `modes/`.
///
/// # Errors
///
/// When there is no such mode, its file has errors, or the rules refuse; nothing was changed.
pub fn select(peer: &Peer, actor: &Actor, selection: &Selection) -> Result<Selected, Refusal> {
    put_in_force(peer, actor, (selection, None))
}

/// The same, if the session still is bound as it was seen.
pub(super) fn select_instead(
    peer: &Peer,
    actor: &Actor,
    selection: &Selection,
    seen: &Session,
) -> Result<Selected, Refusal> {
    put_in_force(peer, actor, (selection, Some(seen)))
}

fn put_in_force(
    peer: &Peer,
    actor: &Actor,
    (selection, seen): (&Selection, Option<&Session>),
) -> Result<Selected, Refusal> {
    let folder = ModesFolder::of(&peer.paths);
    folder.prepare().map_err(|error| refused(&error))?;
    let loaded = folder.load(&selection.mode).map_err(|error| refused(&error))?;
    let session = session(peer, selection.session)?;
    if session.is_none() {
        allowed::may_choose(&folder, actor, &loaded.mode)?;
    }
    let id = session.as_ref().map(|session| session.id.to_string());
    let now = peer.clock.now();
    let backup = session.as_ref().and_then(|session| {
        folder.back_up(&session.mode, BackupReason::Select, id.as_deref(), now).ok()
    });
    folder.back_up_bound(&loaded.mode.name, id.as_deref(), now).map_err(|error| refused(&error))?;
    let Some(session) = session else {
        tell::choose(&folder, &loaded, now).map_err(|error| refused(&error))?;
        return Ok(Selected {
            loaded,
            session: None,
            previous: None,
            backup: None,
            strays: Vec::new(),
            notes: vec!["no session is live; the next one begins with this mode".to_owned()],
        });
    };
    let previous = session.mode;
    let reason = selection.reason.clone();
    let (session, notes) = match seen {
        Some(seen) => bind_instead(peer, actor, (seen, &loaded), reason)?,
        None => bind(peer, actor, (session.id, &loaded), reason)?,
    };
    let strays =
        peer.readers.read(|reader| query::modes::stray_roles(reader, session.id, &loaded.mode))?;
    Ok(Selected { loaded, session: Some(session), previous: Some(previous), backup, strays, notes })
}

/// Binds a session to a mode that was read.
fn bind(
    peer: &Peer,
    actor: &Actor,
    (session_id, loaded): (SessionId, &LoadedMode),
    reason: Option<String>,
) -> Result<(Session, Vec<String>), Refusal> {
    let loaded = Box::new(loaded.clone());
    let command = Command::BindMode(BindMode { session_id, loaded, reason });
    let outcome = peer.door.submit_blocking(Request::new(actor.clone(), command))?;
    let Answer::Session(session) = outcome.answer else { return Err(unexpected()) };
    Ok((session, outcome.notes))
}

/// The same, if the session still is bound as it was seen: what somebody put in force meanwhile is
/// newer than what a file said before.
pub(super) fn bind_instead(
    peer: &Peer,
    actor: &Actor,
    (seen, loaded): (&Session, &LoadedMode),
    reason: Option<String>,
) -> Result<(Session, Vec<String>), Refusal> {
    let expect = Command::Expect {
        record: seen.id.to_string(),
        if_version: seen.version,
        fields: vec!["mode".to_owned(), "binding".to_owned()],
    };
    let bind = Command::BindMode(BindMode {
        session_id: seen.id,
        loaded: Box::new(loaded.clone()),
        reason,
    });
    let batch = Command::Batch { commands: vec![expect, bind], reason: None };
    let outcome = peer.door.submit_blocking(Request::new(actor.clone(), batch))?;
    let Answer::Batch(answers) = outcome.answer else { return Err(unexpected()) };
    let bound = answers.into_iter().find_map(|answer| {
        if let Answer::Session(session) = answer { Some(session) } else { None }
    });
    Ok((bound.ok_or_else(unexpected)?, outcome.notes))
}

fn unexpected() -> Refusal {
    Refusal::new(Code::StoreFailed, "a binding answered something else")
}

/// The session that is meant: a named one, else the live one.
fn session(peer: &Peer, id: Option<SessionId>) -> Result<Option<Session>, Refusal> {
    peer.readers.read(|reader| match id {
        Some(id) => query::sessions::get(reader, id).map(Some),
        None => query::sessions::live(reader),
    })
}

/// A backup that was restored.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    pub restored: crate::modes::folder::Restored,
    /// Where the mode was put in force, too.
    pub selected: Option<Selected>,
}

/// Restores the backup of a mode file; what it replaces is backed up first.
///
/// An agent cannot restore over the mode in force what demands less: that is asked before anything
/// is written.
///
/// # Errors
///
/// When there is no such backup, it does not hold, or the rules refuse; nothing was changed then.
pub fn restore(
    peer: &Peer,
    actor: &Actor,
    backup: &str,
    activate: bool,
) -> Result<Restored, Refusal> {
    let folder = ModesFolder::of(&peer.paths);
    let content = folder.backed_up(backup).map_err(|error| refused(&error))?;
    let live = session(peer, None)?;
    let is_bound = live.as_ref().is_some_and(|live| live.mode == content.source_mode);
    let reading =
        folder.check(&content.source_mode, &content.bytes).map_err(|error| refused(&error))?;
    if (is_bound || activate) && reading.mode.is_none() {
        let name = content.source_mode;
        let file = backup.to_owned();
        let error = FolderError::Invalid { name, file, problems: reading.problems };
        return Err(refused(&error));
    }
    if let (Some(live), Some(mode), true) = (&live, &reading.mode, is_bound || activate) {
        // Asked as a whole: what the rules refuse is not written to the file either.
        may_bind(peer, actor, live.id, mode)?;
    }
    allowed::may_write(peer, actor, &content.source_mode, &content.bytes)?;
    let now = peer.clock.now();
    let restored = folder.restore(backup, now).map_err(|error| refused(&error))?;
    let selected = if is_bound || activate {
        let reason = Some(format!("the backup {backup} was restored"));
        let selection = Selection { mode: restored.mode.clone(), session: None, reason };
        Some(select(peer, actor, &selection)?)
    } else {
        None
    };
    Ok(Restored { restored, selected })
}

/// Asks whether an actor may put a mode in force, without doing it: agents cannot drop a gate.
pub(super) fn may_bind(
    peer: &Peer,
    actor: &Actor,
    session: SessionId,
    mode: &Mode,
) -> Result<(), Refusal> {
    if !actor.is_agent() {
        return Ok(());
    }
    let in_force = peer.readers.read(|reader| {
        let session = query::sessions::get(reader, session)?;
        query::modes::in_force(reader, &session)
    })?;
    allowed::refuse_loss(&mode.name, &in_force.unwrap_or_default().gates, &mode.gates)
}

/// Makes a mode file of another one. It is in force when it is selected.
///
/// # Errors
///
/// When the name is taken or none, the source does not exist, or what would be made has errors.
pub fn create(peer: &Peer, new: &NewMode) -> Result<LoadedMode, Refusal> {
    let folder = ModesFolder::of(&peer.paths);
    folder.prepare().map_err(|error| refused(&error))?;
    folder.create(new).map_err(|error| refused(&error))
}

/// The same on behalf of somebody: an agent makes none that a session without its file would lose a
/// gate by.
///
/// # Errors
///
/// As [`create`], and when an agent would drop a gate by it; nothing was changed then.
pub fn create_as(peer: &Peer, actor: &Actor, new: &NewMode) -> Result<LoadedMode, Refusal> {
    let folder = ModesFolder::of(&peer.paths);
    folder.prepare().map_err(|error| refused(&error))?;
    let proposed = folder.propose(new).map_err(|error| refused(&error))?;
    allowed::may_write(peer, actor, &proposed.loaded.mode.name, proposed.text.as_bytes())?;
    create(peer, new)
}

/// Repairs what is mechanical in a mode file; the broken one is backed up first. Where the mode is
/// in force, the repaired one is put in force.
///
/// # Errors
///
/// When it has no file, or an agent would drop a gate by it; nothing was changed then.
pub fn repair(peer: &Peer, actor: &Actor, name: &str) -> Result<Mended, Refusal> {
    let folder = ModesFolder::of(&peer.paths);
    let proposed = folder.propose_repair(name).map_err(|error| refused(&error))?;
    let live = session(peer, None)?.filter(|live| live.mode == stem(&proposed.file));
    let mode = &proposed.repaired.reading.mode;
    if let (Some(live), Some(mode)) = (&live, mode) {
        may_bind(peer, actor, live.id, mode)?;
    }
    allowed::may_write(peer, actor, stem(&proposed.file), proposed.repaired.text.as_bytes())?;
    let mended = folder.repair(name, peer.clock.now()).map_err(|error| refused(&error))?;
    if live.is_some() && mode.is_some() {
        let reason = Some("its file was repaired".to_owned());
        select(peer, actor, &Selection { mode: name.to_owned(), session: None, reason })?;
    }
    Ok(mended)
}
