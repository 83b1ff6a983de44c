//! What is in a folder or an archive of a session.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Packing, folders};
use crate::backup::HOME;
use crate::backup::archive::Scratch;
use crate::backup::manifest::Manifest;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::sync::edits::Edits;
use crate::sync::files::ContentHash;
use crate::sync::layout::SESSIONS;

/// Folders within folders.
const DEPTH_MAX: usize = 64;

/// Keeps every text of a folder that its archive does not hold as it is.
pub(super) fn keep_what_differs(
    packing: &Packing<'_>,
    (folder, name): (&Path, &str),
    manifest: Option<&Manifest>,
) -> io::Result<()> {
    let edits = Edits::in_directory(packing.paths.edit_backups());
    for path in files(folder) {
        let Ok(inner) = path.strip_prefix(folder) else { continue };
        let inner = inner.to_string_lossy().replace('\\', "/");
        let document = format!("{SESSIONS}/{name}/{inner}");
        let bytes = fs::read(&path)?;
        let packed = manifest.and_then(|manifest| manifest.file(&format!("{HOME}/{document}")));
        if packed.is_some_and(|packed| packed.hash == ContentHash::of(&bytes).as_str()) {
            continue;
        }
        edits.keep(&document, &bytes, "its session was archived", packing.clock.now())?;
    }
    Ok(())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![(folder.to_owned(), 0)]);
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => {
                    open.push((entry.path(), depth + 1));
                }
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
        }
    }
    found
}

/// A session that only its archive tells of: its folder, unpacked for as long as this is held.
#[derive(Debug)]
pub(crate) struct Rebuilt {
    scratch: Scratch,
    pub session: SessionId,
    /// The folder, relative to [`Self::home`].
    pub directory: String,
}

impl Rebuilt {
    /// What stands for `.task_orchestrator`.
    pub(crate) fn home(&self) -> PathBuf {
        self.scratch.path().join("in").join(HOME)
    }
}

/// The archives of sessions that the database does not know, unpacked, and what is wrong with others.
pub(crate) fn rebuilt(packing: &Packing<'_>) -> Vec<Result<Rebuilt, (String, Refusal)>> {
    let unknown = folders::of_archives(packing.paths)
        .into_iter()
        .filter(|(id, _)| packing.session(*id).is_none());
    let unpacked = unknown.map(|(session, name)| {
        let scratch = packing.unpacked(&packing.archive(&name));
        let directory = format!("{SESSIONS}/{name}");
        match scratch {
            Ok(scratch) => Ok(Rebuilt { scratch, session, directory }),
            Err(refusal) => Err((name, refusal)),
        }
    });
    unpacked.collect()
}
