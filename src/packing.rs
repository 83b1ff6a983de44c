//! Archived sessions: the folder of one is packed into `archives/`, and unpacked when the session is
//! taken up again.
//!
//! Level-triggered, as all that is done on the disk: a session that is archived and has a folder is
//! packed, one that is not and has an archive is unpacked, whoever moved it and whatever died in
//! between. A folder goes away whole, by one renaming, and only when its archive was read back from
//! end to end; what differs from it by then is kept among the edit backups. An archive goes only when
//! all of it has come into the folder. Where both are there, nothing of either is lost ([`together`]).

mod folders;
mod inside;
mod together;
mod write;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::archive::{self, ArchiveError, Scratch, unwatched};
use crate::backup::manifest::{Kind, Manifest};
use crate::backup::restore::lock::RestoreLock;
use crate::backup::{BackupError, ENDING, HOME};
use crate::clock::Clock;
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{Session, SessionState};
use crate::paths::ProjectPaths;
use crate::query;
use crate::store::Readers;
use crate::sync::files::{Identity, sync_directory};
use crate::sync::layout::SESSIONS;
pub(crate) use folders::{of_archives, of_sessions};
pub(crate) use inside::{is_bare, rebuilt};
use together::{Stays, Unpacked};

/// How the folders begin that are packed and about to go.
const GOING: &str = "packed-";
/// Moves that are looked through for one into the archive.
const MOVES_MAX: usize = 200;

/// Packs and unpacks the sessions of one project.
#[derive(Debug)]
pub(crate) struct Packing<'a> {
    pub paths: &'a ProjectPaths,
    pub readers: &'a Readers,
    pub clock: &'a Clock,
}

/// Whether to wait where documents are kept at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    Wait,
    Leave,
}

/// A folder or an archive with which something is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToDo {
    path: PathBuf,
    identity: Option<Identity>,
}

impl ToDo {
    pub(crate) fn at(path: PathBuf) -> Self {
        let identity = fs::symlink_metadata(&path).ok().map(|found| Identity::of(&found));
        Self { path, identity }
    }
}

impl Packing<'_> {
    /// Makes every session's folder and archive what its state says.
    ///
    /// # Errors
    ///
    /// The first that could not be packed or unpacked; the others are.
    pub(crate) fn tend(&self, patience: Patience) -> Result<(), Refusal> {
        if self.work().is_empty() {
            return Ok(());
        }
        let lock = match patience {
            Patience::Wait => RestoreLock::take(self.paths)?,
            Patience::Leave => match RestoreLock::try_take(self.paths) {
                Ok(Some(lock)) => lock,
                Ok(None) | Err(_) => return Ok(()),
            },
        };
        self.tend_holding(&lock)
    }

    /// The same for one who keeps all others off the documents already.
    ///
    /// # Errors
    ///
    /// As [`Self::tend`].
    pub(crate) fn tend_holding(&self, _: &RestoreLock) -> Result<(), Refusal> {
        let mut first = Ok(());
        for name in folders::going(self.paths) {
            let done = self.let_go(&name);
            first = first.and(done);
        }
        for (id, name) in of_sessions(self.paths) {
            if self.state(id) == Some(SessionState::Archived) {
                let done = self.pack(id, &name);
                first = first.and(done);
            }
        }
        for (id, name) in of_archives(self.paths) {
            if self.was_archived_and_is_not(id) {
                let done = self.take_out(id, &name);
                first = first.and(done);
            }
        }
        first
    }

    /// Unpacks a session that is about to be taken up again, where its archive still waits for that.
    ///
    /// # Errors
    ///
    /// When its archive cannot be trusted; nothing was changed.
    pub(crate) fn prepare(&self, session: &Session) -> Result<(), Refusal> {
        let Some(name) = self.archive_of(session.id) else { return Ok(()) };
        let is_packed =
            session.state == SessionState::Archived || self.was_archived_and_is_not(session.id);
        if session.state.is_live() || !is_packed {
            return Ok(());
        }
        let _lock = RestoreLock::take(self.paths)?;
        let is_put_away = session.state == SessionState::Archived;
        let stays = if is_put_away { Stays::Agreed } else { Stays::Folders };
        self.unpack(session.id, &name, stays)
    }

    /// Tells whether the folder of a session is in its archive: put away, or still to be unpacked.
    /// Until then its documents are neither missing nor to be written.
    pub(crate) fn is_packed(&self, session: SessionId) -> bool {
        let Some(name) = self.archive_of(session) else { return false };
        is_bare(&self.paths.sessions().join(name))
            && (self.state(session) == Some(SessionState::Archived)
                || self.was_archived_and_is_not(session))
    }

    /// Where the archive of a session is.
    pub(crate) fn archive_path(&self, session: SessionId) -> Option<PathBuf> {
        self.archive_of(session).map(|name| self.archive(&name))
    }

    /// The name of the folder in the archive of a session.
    fn archive_of(&self, session: SessionId) -> Option<String> {
        let mut archives = of_archives(self.paths).into_iter();
        archives.find(|(id, _)| *id == session).map(|(_, name)| name)
    }

    /// What is to be done, and how that stands on the disk.
    pub(crate) fn work(&self) -> Vec<ToDo> {
        let going = folders::going(self.paths).into_iter();
        let going = going.map(|name| self.paths.run().join(format!("{GOING}{name}")));
        let packs = of_sessions(self.paths)
            .into_iter()
            .filter(|(id, _)| self.state(*id) == Some(SessionState::Archived))
            .flat_map(|(_, name)| [self.paths.sessions().join(&name), self.archive(&name)]);
        let unpacks = of_archives(self.paths)
            .into_iter()
            .filter(|(id, _)| self.was_archived_and_is_not(*id))
            .flat_map(|(_, name)| [self.archive(&name), self.paths.sessions().join(&name)]);
        going.chain(packs).chain(unpacks).map(ToDo::at).collect()
    }

    fn state(&self, id: SessionId) -> Option<SessionState> {
        self.session(id).map(|session| session.state)
    }

    fn session(&self, id: SessionId) -> Option<Session> {
        // One that is in another clone only is none here.
        self.readers.read(|reader| query::sessions::get(reader, id)).ok()
    }

    /// An archive that came from another clone, where its session was archived, is left alone.
    fn was_archived_and_is_not(&self, id: SessionId) -> bool {
        let Some(session) = self.session(id) else { return false };
        let moves = self.readers.read(|reader| query::sessions::transitions(reader, id, MOVES_MAX));
        let was = moves.unwrap_or_default().iter().any(|one| one.to == SessionState::Archived);
        was && session.state != SessionState::Archived
    }

    fn archive(&self, name: &str) -> PathBuf {
        self.paths.session_archives().join(format!("{name}{ENDING}"))
    }

    fn pack(&self, id: SessionId, name: &str) -> Result<(), Refusal> {
        let archive = self.archive(name);
        if archive.exists() {
            // From an attempt that died, from a session that was unpacked and not taken up; or it
            // came from elsewhere, and the folder holds what is not in it.
            let manifest = archive::verify(&archive, &unwatched);
            let manifest = manifest.map_err(|error| broken(&archive, error))?;
            own(&manifest, id, name)?;
            if together::holds_more(self, name, &manifest) {
                self.unpack(id, name, Stays::Agreed)?;
                self.write(id, name)?;
            }
        } else {
            self.write(id, name)?;
        }
        let going = self.paths.run().join(format!("{GOING}{name}"));
        fs::rename(self.paths.sessions().join(name), going)
            .map_err(|error| failed(name, &error))?;
        sync_directory(&self.paths.sessions()).map_err(|error| failed(name, &error))?;
        self.let_go(name)
    }

    /// Removes a folder that is packed, and keeps what somebody wrote in it since.
    fn let_go(&self, name: &str) -> Result<(), Refusal> {
        let going = self.paths.run().join(format!("{GOING}{name}"));
        let archive = self.archive(name);
        let manifest = if archive.exists() {
            Some(archive::manifest(&archive).map_err(|error| broken(&archive, error))?)
        } else {
            None
        };
        inside::keep_what_differs(self, (&going, name), manifest.as_ref())
            .and_then(|()| fs::remove_dir_all(&going))
            .map_err(|error| failed(name, &error))
    }

    /// Unpacks an archive: where there is no folder, this is there whole or not at all; into one
    /// that is there comes what it does not hold.
    fn unpack(&self, id: SessionId, name: &str, stays: Stays) -> Result<(), Refusal> {
        let (archive, folder) = (self.archive(name), self.paths.sessions().join(name));
        let told = archive::manifest(&archive).map_err(|error| broken(&archive, error))?;
        if together::is_marked(&folder, &told) {
            return Ok(());
        }
        let (unpacked, manifest) = self.unpacked(&archive)?;
        own(&manifest, id, name)?;
        let home = unpacked.path().join("in").join(HOME);
        let put = || -> io::Result<()> {
            fs::create_dir_all(self.paths.sessions())?;
            if !is_bare(&folder) {
                let both = Unpacked { packing: self, name, home, manifest: &manifest };
                return both.bring_in(stays);
            }
            let inner = home.join(SESSIONS).join(name);
            // A session without any document has nothing packed.
            fs::create_dir_all(&inner)?;
            together::mark(&inner, &manifest)?;
            if folder.exists() {
                inside::remove_bare(&folder)?;
            }
            fs::rename(&inner, &folder)?;
            sync_directory(&self.paths.sessions())
        };
        put().map_err(|error| failed(name, &error))
    }

    /// An archive in a folder that goes when this is dropped.
    fn unpacked(&self, archive: &Path) -> Result<(Scratch, Manifest), Refusal> {
        let scratch = Scratch::new(&self.paths.run()).map_err(|error| broken(archive, error))?;
        let into = scratch.path().join("in");
        fs::create_dir(&into).map_err(|error| failed("the archive", &error))?;
        let manifest = archive::unpack(archive, &into, &unwatched);
        let manifest = manifest.map_err(|error| broken(archive, error))?;
        // The archive may go once this has its place.
        inside::sync(&into).map_err(|error| failed("the archive", &error))?;
        Ok((scratch, manifest))
    }

    fn take_out(&self, id: SessionId, name: &str) -> Result<(), Refusal> {
        self.unpack(id, name, Stays::Folders)?;
        fs::remove_file(self.archive(name)).map_err(|error| failed(name, &error))?;
        // One that stays is not packed, and goes with the folder.
        fs::remove_file(self.paths.sessions().join(name).join(together::MARKER)).ok();
        Ok(())
    }
}

/// An archive is a session's own if it says so, and holds nothing that is not below its folder.
fn own(manifest: &Manifest, id: SessionId, name: &str) -> Result<(), Refusal> {
    let folder = format!("{HOME}/{SESSIONS}/{name}/");
    let is_own = manifest.head.kind == Kind::Session && manifest.head.id == id.to_string();
    if is_own && manifest.files.iter().all(|file| file.path.as_str().starts_with(&folder)) {
        return Ok(());
    }
    let message = format!("archives/{name}{ENDING} is not what was packed of session {id}");
    Err(Refusal::new(Code::StoreFailed, message).suggest("look at it, and move it aside"))
}

fn broken(archive: &Path, error: ArchiveError) -> Refusal {
    let is_damage = error.is_damage();
    let refusal = Refusal::from(BackupError::from(error));
    if !is_damage {
        return refusal;
    }
    refusal.with("archive", archive.display().to_string()).suggest(
        "restore this file from git or a backup; or move it aside and resume: documents then wait \
         to be restored from the database, and only what people wrote beside the records is lost",
    )
}

fn failed(name: &str, error: &io::Error) -> Refusal {
    Refusal::new(Code::StoreFailed, format!("the folder of {name} cannot be moved: {error}"))
        .suggest("look whether .task_orchestrator can be written to; it is tried again by itself")
}
