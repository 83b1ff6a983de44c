//! The mode that goes with a command which makes a session or takes one up again.
//!
//! The door asks here before a command goes to the writer, whichever front end sends it: a session
//! is never made without a mode, nor taken up again with a file that nobody has looked at.

use super::{refused, tell};
use crate::clock::Clock;
use crate::domain::command::{BindMode, Command};
use crate::domain::id::SessionId;
use crate::domain::mode::{LoadedMode, MODE_PROJECT, ModeFor};
use crate::domain::refusal::Refusal;
use crate::domain::session::SessionMove;
use crate::modes::ModesFolder;
use crate::packing::{Packing, Patience};
use crate::paths::ProjectPaths;
use crate::query;
use crate::store::Readers;

/// Reads the modes of commands.
#[derive(Debug, Clone)]
pub(crate) struct ModeOfCommand {
    pub folder: ModesFolder,
    pub readers: Readers,
    pub clock: Clock,
    paths: ProjectPaths,
}

/// What a command needs of the mode files.
enum Wanted<'a> {
    Nothing,
    /// The mode of a session that is made.
    New(Option<&'a str>),
    /// The mode of a session that is taken up again.
    Again(SessionId),
}

impl ModeOfCommand {
    pub(crate) fn new(paths: &ProjectPaths, readers: &Readers, clock: &Clock) -> Self {
        Self {
            folder: ModesFolder::of(paths),
            readers: readers.clone(),
            clock: clock.clone(),
            paths: paths.clone(),
        }
    }

    /// Tells whether a backup is being restored into the project.
    pub(crate) fn is_being_restored(&self) -> bool {
        crate::backup::restore::lock::is_taken(&self.paths)
    }

    /// Tells whether a command may change which mode is in force.
    pub(crate) fn concerns(command: &Command) -> bool {
        !matches!(wanted(command), Wanted::Nothing) || binds(command) || archives(command)
    }

    /// The mode that is to be in force once the command is carried out.
    ///
    /// # Errors
    ///
    /// When a mode that the command names does not exist or has errors. A mode that nobody names
    /// is recovered instead: work never stops because of a file.
    pub(crate) fn read(&self, command: &Command) -> Result<Option<ModeFor>, Refusal> {
        match wanted(command) {
            Wanted::Nothing => Ok(None),
            Wanted::New(name) => Ok(Some(ModeFor { session: None, loaded: self.of_new(name)? })),
            Wanted::Again(session) => {
                let found = self.readers.read(|reader| query::sessions::get(reader, session))?;
                self.packing().prepare(&found)?;
                Ok(Some(ModeFor { session: Some(session), loaded: self.hold(&found.mode) }))
            }
        }
    }

    /// Binds a live session that never was bound, as those of older programs are.
    pub(crate) fn first_binding(&self) -> Option<Command> {
        let live = self.readers.read(query::sessions::live).ok()??;
        if live.binding.is_some() || !live.state.allows_planning() {
            return None;
        }
        let loaded = Box::new(self.hold(&live.mode));
        Some(Command::BindMode(BindMode { session_id: live.id, loaded, reason: None }))
    }

    /// Brings the files that tell what is in force up to date with what a command has done.
    pub(crate) fn carried_out(&self, command: &Command) {
        if !Self::concerns(command) {
            return;
        }
        if let Err(refusal) = self.packing().tend(Patience::Wait) {
            // The keeper of the documents tries it again.
            tracing::warn!(%refusal, "a session is not packed or unpacked");
        }
        if let Err(error) = tell::tell(&self.folder, &self.readers) {
            // The next look tells it again.
            tracing::warn!(%error, "which mode is in force is not told in modes/");
        }
    }

    fn packing(&self) -> Packing<'_> {
        Packing { paths: &self.paths, readers: &self.readers, clock: &self.clock }
    }

    fn of_new(&self, name: Option<&str>) -> Result<LoadedMode, Refusal> {
        if let Err(error) = self.folder.prepare() {
            // A project that cannot be written to has the built-in modes.
            tracing::warn!(%error, "the mode files cannot be made");
        }
        if let Some(name) = name {
            let loaded = self.folder.load(name).map_err(|error| refused(&error))?;
            self.back_up(&loaded.mode.name);
            return Ok(loaded);
        }
        Ok(self.hold(&tell::chosen(&self.folder).unwrap_or_else(|| MODE_PROJECT.to_owned())))
    }

    /// The mode of a name, or what takes its place.
    fn hold(&self, name: &str) -> LoadedMode {
        match self.folder.load_only(name) {
            Ok(loaded) if loaded.binding.file.is_none() && self.folder.had(name) => {
                self.folder.recover(name, "its file is gone")
            }
            Ok(loaded) => {
                self.back_up(name);
                loaded
            }
            Err(error) => self.folder.recover(name, &error.to_string()),
        }
    }

    fn back_up(&self, name: &str) {
        if let Err(error) = self.folder.back_up_bound(name, None, self.clock.now()) {
            tracing::warn!(%error, mode = name, "the mode file is not backed up");
        }
    }
}

fn wanted(command: &Command) -> Wanted<'_> {
    if let Command::CreateSession(new) = command {
        return Wanted::New(new.mode.as_deref());
    }
    if let Command::MoveSession(wanted) | Command::BeginMove(wanted) = command
        && wanted.to == SessionMove::Resume
    {
        return Wanted::Again(wanted.id);
    }
    if let Command::Batch { commands, .. } = command {
        let mut inner = commands.iter().map(wanted);
        let first = inner.find(|wanted| !matches!(wanted, Wanted::Nothing));
        return first.unwrap_or(Wanted::Nothing);
    }
    Wanted::Nothing
}

/// Tells whether a command packs a session away, or may have.
fn archives(command: &Command) -> bool {
    if let Command::Batch { commands, .. } = command {
        return commands.iter().any(archives);
    }
    matches!(command, Command::MoveSession(wanted) if wanted.to == SessionMove::Archive)
}

fn binds(command: &Command) -> bool {
    if let Command::Batch { commands, .. } = command {
        return commands.iter().any(binds);
    }
    matches!(command, Command::BindMode(_) | Command::Undo { .. } | Command::Redo)
}
