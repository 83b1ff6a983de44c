//! Writing the archive of a session's folder.

use std::collections::BTreeMap;
use std::fs;

use super::{Packing, SESSIONS, inside};
use crate::backup::archive::{self, Level, Packer, Scratch, unwatched};
use crate::backup::manifest::{Head, Kind};
use crate::backup::{BackupError, ENDING, gather};
use crate::domain::actor::Actor;
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::query;
use crate::sync::files::sync_directory;

impl Packing<'_> {
    /// Packs a folder; an archive that is there is exchanged for the whole one.
    pub(super) fn write(&self, id: SessionId, name: &str) -> Result<(), Refusal> {
        if let Some(path) = inside::unpackable(&self.paths.sessions().join(name)) {
            let path = path.strip_prefix(self.paths.task_orchestrator()).unwrap_or(&path);
            return Err(unpacked_for(id, &path.display().to_string(), "a link, or no file"));
        }
        let work = || -> Result<(), BackupError> {
            let folder = self.paths.session_archives();
            let fail = |deed, source| BackupError::Folder { deed, path: folder.clone(), source };
            fs::create_dir_all(&folder).map_err(|source| fail("make", source))?;
            archive::sweep(&folder);
            let scratch = Scratch::new(&self.paths.run())?;
            let mut packer = Packer::new(scratch.path(), Level::default())?;
            let home = self.paths.task_orchestrator();
            let roots = [format!("{SESSIONS}/{name}")];
            let left_out = gather(&mut packer, &home, &roots, &unwatched)?;
            if let Some(one) = left_out.first() {
                return Err(unpacked_for(id, &one.path, &one.why).into());
            }
            let packed = scratch.path().join(format!("{name}{ENDING}"));
            packer.write(&packed, self.head(id), &unwatched)?;
            fs::rename(&packed, self.archive(name)).map_err(|source| fail("write to", source))?;
            sync_directory(&folder).map_err(|source| fail("write to", source))
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
            counts: BTreeMap::new(),
            left_out: Vec::new(),
        }
    }
}

fn unpacked_for(id: SessionId, path: &str, why: &str) -> Refusal {
    Refusal::new(Code::StoreFailed, format!("session {id} stays unpacked for {path}: {why}"))
        .suggest("take it out of the session's folder")
}
