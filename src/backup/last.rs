//! The last backup of a session: made when it is completed, by whoever completes it, or else by the
//! keeper of the backups. Who makes one holds `run/last-backup.lock` and looks first whether it is
//! there, so that there is one and not two.

use std::fs::{File, OpenOptions};
use std::thread;
use std::time::{Duration, Instant};

use super::archive::unwatched;
use super::{BackupError, Request, Watch, create, list};
use crate::domain::backup::{Backup, Integrity, Reason, Scope};
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::peer::Peer;
use crate::query::backups;

/// How long one waits for another who makes one.
const WAIT: Duration = Duration::from_secs(60);
/// How often one looks meanwhile.
const LOOK: Duration = Duration::from_millis(20);
/// The state of sessions that get a last backup.
const COMPLETED: &str = "completed";

/// The last backup of a session, made now unless it is there; none for a session that is not
/// completed or is to have none.
///
/// # Errors
///
/// [`BackupError`].
pub fn of(
    peer: &Peer,
    session: SessionId,
    watch: Watch<'_>,
) -> Result<Option<Backup>, BackupError> {
    let _lock = take_lock(peer)?;
    let completed = peer.readers.read(backups::completed)?;
    let Some(wanted) = completed.into_iter().find(|(id, _)| *id == session) else {
        return Ok(None);
    };
    if let Some(made) = list(peer)?.into_iter().find(|backup| holds(backup, wanted)) {
        return Ok(Some(made));
    }
    let request = Request {
        sessions: vec![session],
        ..Request::automatic(Scope::Session, Reason::Completed)
    };
    create(peer, &request, watch).map(Some)
}

/// The completed sessions that lack their last backup.
pub(super) fn missing(peer: &Peer, all: &[Backup]) -> Result<Vec<SessionId>, Refusal> {
    let completed = peer.readers.read(backups::completed)?.into_iter();
    let lacks = |one: &(SessionId, i64)| !all.iter().any(|backup| holds(backup, *one));
    Ok(completed.filter(lacks).map(|(id, _)| id).collect())
}

/// Makes the last backup of every session that lacks it, in one; every backup there is then.
pub(super) fn make_up(peer: &Peer) -> Result<Vec<Backup>, BackupError> {
    let _lock = take_lock(peer)?;
    let mut all = list(peer)?;
    let missing = missing(peer, &all)?;
    if missing.is_empty() {
        return Ok(all);
    }
    let scope = if missing.len() == 1 { Scope::Session } else { Scope::All };
    let sessions = if missing.len() == 1 { missing } else { Vec::new() };
    let request = Request { sessions, ..Request::automatic(scope, Reason::Completed) };
    all.insert(0, create(peer, &request, &unwatched)?);
    Ok(all)
}

/// Tells whether a backup holds a session as it was completed: by the number of the change, as
/// clocks go wrong.
fn holds(backup: &Backup, (session, seq): (SessionId, i64)) -> bool {
    let is_sound = backup.integrity != Integrity::Corrupted && backup.scope.has_database();
    let is_inside = || {
        let mut inside = backup.sessions.iter();
        inside.any(|one| one.id == session && one.state == COMPLETED)
    };
    is_sound && seq <= backup.seq && is_inside()
}

/// Takes the lock; it is given up when the file is dropped, or its process dies.
fn take_lock(peer: &Peer) -> Result<File, BackupError> {
    let path = peer.paths.last_backup_lock();
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(|source| BackupError::Folder { deed: "open", path, source })?;
    let begun = Instant::now();
    while file.try_lock().is_err() {
        if WAIT < begun.elapsed() {
            let message = "another process is making the last backup of a session";
            return Err(Refusal::new(Code::Busy, message).into());
        }
        thread::sleep(LOOK);
    }
    Ok(file)
}
