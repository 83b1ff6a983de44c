//! Where the files of a backup stand: each session has its folder or, archived, its pack.

use std::collections::{BTreeSet, HashSet};

use super::archive::{ArchiveError, Packer, Watch};
use super::gather::{HOME, gather};
use super::manifest::LeftOut;
use super::{ENDING, SESSION_ARCHIVES};
use crate::domain::backup::Scope;
use crate::domain::id::SessionId;
use crate::packing;
use crate::peer::Peer;
use crate::sync::layout::SESSIONS;

/// How often one looks for sessions that were packed or unpacked while files were read.
const LOOKS_MAX: usize = 4;

/// The files that a backup is to hold.
pub(super) struct Places<'a> {
    pub peer: &'a Peer,
    pub scope: Scope,
    /// The sessions that it is for, where that is its scope.
    pub wanted: BTreeSet<SessionId>,
}

impl Places<'_> {
    /// The folders and packs of all sessions, relative to `.task_orchestrator`, folders first.
    pub(super) fn standing(&self) -> Vec<(SessionId, String)> {
        let paths = &self.peer.paths;
        let folders = packing::of_sessions(paths)
            .into_iter()
            .map(|(id, name)| (id, format!("{SESSIONS}/{name}")));
        let packs = packing::of_archives(paths)
            .into_iter()
            .map(|(id, name)| (id, format!("{SESSION_ARCHIVES}/{name}{ENDING}")));
        folders.chain(packs).collect()
    }

    /// Adds all of them to an archive, and tells what is left out.
    pub(super) fn gather(
        &self,
        packer: &mut Packer,
        watch: Watch<'_>,
    ) -> Result<Vec<LeftOut>, ArchiveError> {
        let home = self.peer.paths.task_orchestrator();
        let mut roots = self.roots();
        let mut left_out = Vec::new();
        for _ in 0..LOOKS_MAX {
            left_out.extend(gather(packer, &home, &roots, watch)?);
            // Whatever was in neither place when it was looked for is in one of them now.
            roots = self.missed(packer, &left_out);
            if roots.is_empty() {
                break;
            }
        }
        Ok(left_out)
    }

    fn roots(&self) -> Vec<String> {
        match self.scope {
            Scope::Database => Vec::new(),
            Scope::Session => self.of_wanted().map(|(_, place)| place).collect(),
            Scope::All | Scope::Documents => {
                vec![SESSIONS.to_owned(), SESSION_ARCHIVES.to_owned()]
            }
            Scope::Full => vec![String::new()],
        }
    }

    fn of_wanted(&self) -> impl Iterator<Item = (SessionId, String)> {
        let is_wanted = |id: &SessionId| match self.scope {
            Scope::Database => false,
            Scope::Session => self.wanted.contains(id),
            Scope::All | Scope::Documents | Scope::Full => true,
        };
        self.standing().into_iter().filter(move |(id, _)| is_wanted(id))
    }

    /// Folders and packs of which nothing was added.
    fn missed(&self, packer: &Packer, left_out: &[LeftOut]) -> Vec<String> {
        let added = packer.paths().filter_map(|path| path.strip_prefix(HOME)?.strip_prefix('/'));
        let added: HashSet<&str> = added
            .chain(left_out.iter().map(|one| one.path.as_str()))
            .filter_map(place_of)
            .collect();
        let home = self.peer.paths.task_orchestrator();
        self.of_wanted()
            .map(|(_, place)| place)
            .filter(|place| !added.contains(place.as_str()) && !packing::is_bare(&home.join(place)))
            .collect()
    }
}

/// The first two steps of a path: the folder or the pack that it is of.
fn place_of(path: &str) -> Option<&str> {
    let end = path.match_indices('/').nth(1).map_or(path.len(), |(at, _)| at);
    path.get(..end)
}
