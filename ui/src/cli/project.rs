//! Which project a verb is about, and its opening.

use std::path::{Path, PathBuf};

use callboard_engine::backup;
use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::Command;
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::outcome::Outcome;
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::door::Request;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query;

use super::environment::Environment;
use super::failure::Failure;
use super::options::Options;
use crate::config::{self, Config, Layers, Loaded};
use crate::theme::{self, Theme};

/// What a verb is started with.
pub(super) struct Scene<'a> {
    pub(super) options: &'a Options,
    pub(super) environment: &'a Environment,
}

impl Scene<'_> {
    /// The project: named by a flag or variable, else the one a directory belongs to.
    pub(super) fn paths(&self, directory: Option<&Path>) -> Result<ProjectPaths, Failure> {
        let named = self
            .options
            .project
            .clone()
            .or_else(|| self.environment.variable("CALLBOARD_PROJECT").map(PathBuf::from));
        match (directory, named) {
            (None, Some(named)) => self.absolute(&named).map(ProjectPaths::at),
            (Some(directory), _) => Ok(ProjectPaths::find(&self.absolute(directory)?)),
            (None, None) => Ok(ProjectPaths::find(&self.environment.current_directory)),
        }
    }

    fn absolute(&self, path: &Path) -> Result<PathBuf, Failure> {
        let path = self.environment.current_directory.join(path);
        match path.canonicalize() {
            Ok(path) if path.is_dir() => Ok(path),
            Ok(_) | Err(_) => Err(Failure::NoDirectory { path }),
        }
    }

    /// Opens the project of a verb that reads or changes one that is there.
    pub(super) fn open(&self) -> Result<Peer, Failure> {
        let paths = self.paths(None)?;
        if !paths.database().exists() {
            return Err(Failure::NoProject { path: paths.root });
        }
        open_or_make(&paths)
    }

    /// The configuration for a project, with further flags over it.
    pub(super) fn config(
        &self,
        paths: &ProjectPaths,
        flags: Vec<(&'static str, serde_json::Value)>,
    ) -> Result<Loaded, Failure> {
        let user = self.environment.config_folder().map(|folder| folder.join("config.yaml"));
        let project = paths.task_orchestrator().join("config.yaml");
        let layers = Layers {
            files: user.into_iter().chain([project]).collect(),
            variables: self.environment.variables.clone(),
            flags: self.options.settings().into_iter().chain(flags).collect(),
        };
        Ok(config::load(&layers)?)
    }

    /// The theme that the configuration asks for, with as many colors as the terminal shows.
    pub(super) fn theme(&self, config: &Config) -> Result<Theme, Failure> {
        let name = match config.theme.as_str() {
            "auto" if self.environment.is_light() => theme::DEFAULT_LIGHT,
            "auto" => theme::DEFAULT,
            other => other,
        };
        let folder = self.environment.config_folder().map(|folder| folder.join("themes"));
        let theme = Theme::load(name, folder.as_deref(), self.environment.depth())?;
        let ascii = config.ascii.unwrap_or_else(|| !self.environment.is_unicode());
        Ok(theme.with_ascii(ascii))
    }
}

/// Opens a project; it is made if it is none yet.
pub(super) fn open_or_make(paths: &ProjectPaths) -> Result<Peer, Failure> {
    let peer = Peer::open(paths, Clock::system())?;
    // Before anything looks at the files that a restore has not brought back yet.
    backup::restore::finish(&peer);
    Ok(peer)
}

/// Submits a command of the person at the keyboard.
pub(super) fn submit(peer: &Peer, command: Command) -> Result<Outcome, Failure> {
    Ok(peer.door.submit_blocking(Request::new(Actor::Human, command))?)
}

/// The session that a verb is about: the named one, else the current one.
pub(super) fn session_of(peer: &Peer, named: Option<&str>) -> Result<SessionId, Failure> {
    let found = peer.readers.read(|reader| match named {
        Some(text) => query::resolve::session(reader, text).map(Some),
        None => Ok(query::sessions::current(reader)?.map(|session| session.id)),
    })?;
    found.ok_or_else(|| {
        let refusal = Refusal::new(Code::NoSession, "the project has no session yet")
            .suggest("make one with `callboard session create \"<name>\"`");
        Failure::Refused(refusal)
    })
}
