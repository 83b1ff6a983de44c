//! Archived sessions: the folder of one is packed into `archives/`, and unpacked when the session is
//! taken up again.
//!
//! Level-triggered, as all that is done on the disk: a session that is archived and has a folder is
//! packed, one that is not and has an archive is unpacked, whoever moved it and whatever died in
//! between. A folder goes away whole, by one renaming, and only when its archive was read back from
//! end to end; what differs from it by then is kept among the edit backups.

mod folders;
mod inside;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::archive::{self, ArchiveError, Level, Packer, Scratch, unwatched};
use crate::backup::manifest::{Head, Kind, Manifest};
use crate::backup::restore::lock::RestoreLock;
use crate::backup::{BackupError, ENDING, gather};
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{Session, SessionState};
use crate::paths::ProjectPaths;
use crate::query;
use crate::store::Readers;
use crate::sync::files::sync_directory;
use crate::sync::layout::SESSIONS;
pub(crate) use folders::{of_archives, of_sessions};
pub(crate) use inside::rebuilt;

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

impl Packing<'_> {
    /// Makes every session's folder and archive what its state says.
    ///
    /// # Errors
    ///
    /// The first that could not be packed or unpacked; the others are.
    pub(crate) fn tend(&self, patience: Patience) -> Result<(), Refusal> {
        if !self.has_work() {
            return Ok(());
        }
        let _lock = match patience {
            Patience::Wait => RestoreLock::take(self.paths)?,
            Patience::Leave => match RestoreLock::try_take(self.paths) {
                Ok(Some(lock)) => lock,
                Ok(None) | Err(_) => return Ok(()),
            },
        };
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
                let done = self.take_out(&name);
                first = first.and(done);
            }
        }
        first
    }

    /// Unpacks an archived session that is about to be taken up again.
    ///
    /// # Errors
    ///
    /// When its archive cannot be trusted; nothing was changed.
    pub(crate) fn prepare(&self, session: &Session) -> Result<(), Refusal> {
        if session.state != SessionState::Archived {
            return Ok(());
        }
        let found = of_archives(self.paths).into_iter().find(|(id, _)| *id == session.id);
        let Some((_, name)) = found else { return Ok(()) };
        let _lock = RestoreLock::take(self.paths)?;
        self.unpack(&name)
    }

    fn has_work(&self) -> bool {
        !folders::going(self.paths).is_empty()
            || of_sessions(self.paths)
                .iter()
                .any(|(id, _)| self.state(*id) == Some(SessionState::Archived))
            || of_archives(self.paths).iter().any(|(id, _)| self.was_archived_and_is_not(*id))
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
            // From an attempt that died, or a session that was unpacked and not taken up.
            archive::verify(&archive, &unwatched).map_err(|error| broken(&archive, error))?;
        } else {
            self.write(id, name, &archive)?;
        }
        let going = self.paths.run().join(format!("{GOING}{name}"));
        fs::rename(self.paths.sessions().join(name), going)
            .map_err(|error| failed(name, &error))?;
        sync_directory(&self.paths.sessions()).map_err(|error| failed(name, &error))?;
        self.let_go(name)
    }

    fn write(&self, id: SessionId, name: &str, archive: &Path) -> Result<Manifest, Refusal> {
        let work = || -> Result<Manifest, BackupError> {
            let folder = self.paths.session_archives();
            fs::create_dir_all(&folder).map_err(|source| BackupError::Folder {
                deed: "make",
                path: folder.clone(),
                source,
            })?;
            archive::sweep(&folder);
            let scratch = Scratch::new(&self.paths.run())?;
            let mut packer = Packer::new(scratch.path(), Level::default())?;
            let home = self.paths.task_orchestrator();
            let roots = [format!("{SESSIONS}/{name}")];
            let left_out = gather(&mut packer, &home, &roots, &unwatched)?;
            if let Some(one) = left_out.first() {
                let message = format!("session {id} stays unpacked for {}: {}", one.path, one.why);
                return Err(Refusal::new(Code::StoreFailed, message)
                    .suggest("take it out of the session's folder")
                    .into());
            }
            Ok(packer.write(archive, self.head(id), &unwatched)?.manifest)
        };
        work().map_err(Refusal::from)
    }

    /// What the archive says of itself: nothing of this machine, as it travels through git.
    fn head(&self, id: SessionId) -> Head {
        let name = self.session(id).map(|session| session.name).unwrap_or_default();
        let seq = self.readers.read(query::changes::latest).unwrap_or(0);
        Head {
            kind: Kind::Session,
            id: id.to_string(),
            name,
            scope: None,
            reason: None,
            actor: Actor::System,
            created_at: self.clock.now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema: crate::store::schema_version(),
            seq,
            project: String::new(),
            sessions: Vec::new(),
            counts: std::collections::BTreeMap::new(),
            left_out: Vec::new(),
        }
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

    /// Unpacks a folder where there is none; it is there whole or not at all.
    fn unpack(&self, name: &str) -> Result<(), Refusal> {
        let (archive, folder) = (self.archive(name), self.paths.sessions().join(name));
        if folder.exists() {
            return Ok(());
        }
        let unpacked = self.unpacked(&archive)?;
        let inner = unpacked.path().join("in/files").join(SESSIONS).join(name);
        let put = || -> io::Result<()> {
            fs::create_dir_all(self.paths.sessions())?;
            match fs::rename(&inner, &folder) {
                // A session without any document.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                answer => answer?,
            }
            sync_directory(&self.paths.sessions())
        };
        put().map_err(|error| failed(name, &error))
    }

    /// An archive in a folder that goes when this is dropped.
    fn unpacked(&self, archive: &Path) -> Result<Scratch, Refusal> {
        let scratch = Scratch::new(&self.paths.run()).map_err(|error| broken(archive, error))?;
        let into = scratch.path().join("in");
        fs::create_dir(&into).map_err(|error| failed("the archive", &error))?;
        archive::unpack(archive, &into, &unwatched).map_err(|error| broken(archive, error))?;
        Ok(scratch)
    }

    fn take_out(&self, name: &str) -> Result<(), Refusal> {
        self.unpack(name)?;
        fs::remove_file(self.archive(name)).map_err(|error| failed(name, &error))
    }
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
