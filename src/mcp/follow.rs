//! Going with the client to the project it names, where nobody else named one.
//!
//! A server that its client started knows the project from a flag, a variable or the directory it
//! was started in. Only the last of these is a guess, and only then the client's own word counts:
//! from then on the connection is served by another server, on that project.

use std::path::{Path, PathBuf};

use super::params::given;
use super::server::{CallboardServer, Transport};
use crate::domain::refusal::{Code, Refusal};
use crate::paths::ProjectPaths;
use crate::peer::Peer;
use crate::store::DAMAGED_ADVICE;

impl CallboardServer {
    /// The server that serves the connection now.
    pub(super) fn followed(&self) -> &Self {
        let mut here = self;
        while let Some(elsewhere) = here.connection.elsewhere.get() {
            here = elsewhere;
        }
        here
    }

    /// Refuses a call that names another directory than this project's.
    pub(super) fn same_project(&self, directory: Option<&str>) -> Result<(), Refusal> {
        let Some(directory) = given(directory) else { return Ok(()) };
        let root = &self.peer.paths.root;
        let named = Path::new(directory);
        let same = |path: &Path| path.canonicalize().ok() == root.canonicalize().ok();
        let belongs = named.is_absolute()
            && (named == root || same(named) || ProjectPaths::find(named).root == *root);
        if belongs || directory == "." {
            return Ok(());
        }
        let shown: String = directory.chars().take(200).collect();
        let message = format!("this server serves {}, not {shown}", root.display());
        Err(Refusal::new(Code::WrongProject, message)
            .with("project", root)
            .suggest("leave the directory out, or connect to the server of that project"))
    }

    /// The server of the project that a directory belongs to: this one, or one on that project, which
    /// serves the connection from now on.
    ///
    /// # Errors
    ///
    /// [`Code::WrongProject`] where the project was named by somebody else, or it cannot be opened.
    pub(super) fn follow(&self, directory: Option<&str>) -> Result<Self, Refusal> {
        let Err(refusal) = self.same_project(directory) else { return Ok(self.clone()) };
        let stdio = self.connection.transport == Transport::Stdio;
        let directory = directory.map(Path::new).filter(|path| path.is_absolute());
        let Some(directory) = directory.filter(|_| stdio && self.shared.options.follows_client)
        else {
            return Err(refusal);
        };
        let real: PathBuf = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let paths = ProjectPaths::find(&real);
        let peer = Peer::open(&paths, self.peer.clock.clone()).map_err(|error| {
            let message = format!("the project at {} cannot be opened", paths.root.display());
            let refusal = Refusal::new(Code::StoreFailed, message).with("cause", chain(&error));
            if error.is_damage() { refusal.suggest(DAMAGED_ADVICE) } else { refusal }
        })?;
        crate::backup::restore::finish(&peer);
        let other = Self::new(peer, self.shared.options.clone(), Transport::Stdio);
        // Of two calls at once one goes first, and the other with it.
        Ok(self.connection.elsewhere.get_or_init(|| other).clone())
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut here = error.source();
    while let Some(cause) = here {
        text = format!("{text}: {cause}");
        here = cause.source();
    }
    text
}
