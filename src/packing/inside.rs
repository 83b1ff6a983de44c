//! What is in a folder or an archive of a session.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::together::MARKER;
use super::{Packing, folders};
use crate::backup::HOME;
use crate::backup::archive::Scratch;
use crate::backup::manifest::{FileEntry, Manifest};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::sync::edits::Edits;
use crate::sync::files::{open_carefully, sync_directory};
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
        let Some(document) = inner_of(folder, &path, name) else { continue };
        let packed = manifest.and_then(|manifest| manifest.file(&format!("{HOME}/{document}")));
        if packed.is_some_and(|packed| is_same(&path, packed)) {
            continue;
        }
        let bytes = fs::read(&path)?;
        edits.keep(&document, &bytes, "its session was archived", packing.clock.now())?;
    }
    Ok(())
}

/// Where a file of a session's folder stands, relative to `.task_orchestrator`.
pub(super) fn inner_of(folder: &Path, path: &Path, name: &str) -> Option<String> {
    let inner = path.strip_prefix(folder).ok()?.to_string_lossy().replace('\\', "/");
    Some(format!("{SESSIONS}/{name}/{inner}"))
}

/// Tells whether a file holds what was packed.
pub(super) fn is_same(path: &Path, packed: &FileEntry) -> bool {
    let has_size = fs::metadata(path).is_ok_and(|found| found.len() == packed.size);
    let hash = || -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut open_carefully(path)?, &mut hasher)?;
        Ok(hasher.finalize().to_hex().to_string())
    };
    has_size && hash().is_ok_and(|hash| hash == packed.hash)
}

/// What stands in a folder that is no file and no folder, and so has no place in an archive.
pub(super) fn unpackable(folder: &Path) -> Option<PathBuf> {
    let is_unpackable = |entry: &fs::DirEntry| {
        entry.file_type().is_ok_and(|kind| !kind.is_file() && !kind.is_dir())
    };
    let mut found = None;
    walk(folder, &mut |entry| {
        if found.is_none() && is_unpackable(entry) {
            found = Some(entry.path());
        }
    });
    found
}

/// Tells whether there is nothing in a folder but folders, or nothing at all at its place.
pub(crate) fn is_bare(folder: &Path) -> bool {
    !folder.is_file() && files(folder).is_empty() && unpackable(folder).is_none()
}

/// Removes a folder in which there is nothing but folders; what somebody puts there meanwhile stays.
pub(super) fn remove_bare(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(MARKER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        answer => answer?,
    }
    let mut folders = vec![folder.to_owned()];
    walk(folder, &mut |entry| {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(entry.path());
        }
    });
    // Each was seen after the one it is in.
    folders.iter().rev().try_for_each(fs::remove_dir)
}

/// The files of a folder; what only says that it was unpacked is none.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(folder, &mut |entry| {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name() != MARKER {
            found.push(entry.path());
        }
    });
    found
}

/// Brings a folder to the disk, with all that is in it.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    let mut synced = Ok(());
    walk(folder, &mut |entry| {
        let sync = || match entry.file_type()? {
            kind if kind.is_dir() => sync_directory(&entry.path()),
            _ => fs::File::open(entry.path())?.sync_all(),
        };
        if synced.is_ok() {
            synced = sync();
        }
    });
    synced.and_then(|()| sync_directory(folder))
}

fn walk(folder: &Path, see: &mut dyn FnMut(&fs::DirEntry)) {
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < DEPTH_MAX {
                open.push((entry.path(), depth + 1));
            }
            see(&entry);
        }
    }
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
            Ok((scratch, _)) => Ok(Rebuilt { scratch, session, directory }),
            Err(refusal) => Err((name, refusal)),
        }
    });
    unpacked.collect()
}
