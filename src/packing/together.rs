//! A folder and an archive of one session that are both there: what came into the folder is noted
//! in it, and what only one of them holds is in both, or among the edit backups, before one goes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Packing;
use super::inside::{self, inner_of, is_same};
use crate::backup::HOME;
use crate::backup::manifest::{FileEntry, Manifest};
use crate::query::documents;
use crate::sync::edits::Edits;
use crate::sync::files::{ContentHash, Files, sync_directory};
use crate::sync::layout;

/// What a folder holds an archive's name in, once all that the archive holds has come into it.
pub(super) const MARKER: &str = ".callboard-unpacked";
/// Why a text of an archive is among the edit backups.
const REASON: &str = "its session's folder says something else than its archive";
/// Why a text of a folder is there.
const REPLACED: &str = "its session's archive holds what was agreed on";

/// Whose text of a document stays in the folder, where it and the archive differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stays {
    /// The folder's: the session is open, and what stands there is read.
    Folders,
    /// The archive's where that is what the ledger agreed on last.
    Agreed,
}

/// Notes in a folder that an archive has come into it whole.
pub(super) fn mark(folder: &Path, manifest: &Manifest) -> io::Result<()> {
    let mut part = crate::sync::files::Part::create(folder, 0o600)?;
    part.write(name_of(manifest)?.as_bytes())?;
    part.sync()?;
    part.rename(&folder.join(MARKER))
}

/// Tells whether an archive has come into a folder whole.
pub(super) fn is_marked(folder: &Path, manifest: &Manifest) -> bool {
    let found = fs::read_to_string(folder.join(MARKER)).ok();
    found.is_some() && found == name_of(manifest).ok()
}

fn name_of(manifest: &Manifest) -> io::Result<String> {
    Ok(ContentHash::of(&serde_json::to_vec(manifest)?).into())
}

/// Tells whether a folder holds what is to be in its session's archive and is not.
pub(super) fn holds_more(packing: &Packing<'_>, name: &str, manifest: &Manifest) -> bool {
    let folder = packing.paths.sessions().join(name);
    inside::files(&folder).iter().filter(|path| !is_temporary(path)).any(|path| {
        let Some(document) = inner_of(&folder, path, name) else { return false };
        let Some(packed) = manifest.file(&format!("{HOME}/{document}")) else { return true };
        let is_document = layout::place(&document).is_some();
        !is_same(path, packed) && (!is_document || is_agreed_hash(packing, &document, path))
    })
}

/// What is left of writing is not packed; what somebody wrote in it is kept when the folder goes.
fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".callboard-"))
}

/// Tells whether a document says what was agreed on last.
fn is_agreed_hash(packing: &Packing<'_>, document: &str, path: &Path) -> bool {
    let found = fs::read(path).map(|bytes| ContentHash::of(&bytes));
    found
        .is_ok_and(|found| agreed(packing, document).is_some_and(|agreed| agreed == found.as_str()))
}

/// What the ledger agreed on last; none for a document that it does not know.
fn agreed(packing: &Packing<'_>, document: &str) -> Option<String> {
    let entry = packing.readers.read(|reader| documents::entry(reader, document)).ok()??;
    Some(entry.agreed_hash)
}

/// An archive of a session that is unpacked, beside the folder that the session has.
#[derive(Debug)]
pub(super) struct Unpacked<'a> {
    pub packing: &'a Packing<'a>,
    /// Of the folder.
    pub name: &'a str,
    /// What stands for `.task_orchestrator` in it.
    pub home: PathBuf,
    pub manifest: &'a Manifest,
}

impl Unpacked<'_> {
    /// Brings into the folder what only the archive holds, and keeps what differs.
    pub(super) fn bring_in(&self, stays: Stays) -> io::Result<()> {
        let files = Files::below(&self.packing.paths.task_orchestrator())?;
        let folder = self.packing.paths.sessions().join(self.name);
        let has_documents = inside::files(&folder)
            .iter()
            .filter_map(|path| inner_of(&folder, path, self.name))
            .any(|document| layout::place(&document).is_some());
        for file in &self.manifest.files {
            let Some(document) = file.path.as_str().strip_prefix(&format!("{HOME}/")) else {
                continue;
            };
            let to = files.inside(Path::new(document)).map_err(io::Error::other)?;
            match fs::symlink_metadata(&to) {
                Ok(_) if is_same(&to, file) => {}
                Ok(found) if found.is_file() => self.decide(document, (file, &to), stays)?,
                Ok(_) => self.keep(document)?,
                // One of records that are gone since would bring them back.
                Err(_)
                    if has_documents
                        && layout::place(document).is_some()
                        && agreed(self.packing, document).is_none() =>
                {
                    self.keep(document)?;
                }
                Err(_) => self.put(document, &to, &files)?,
            }
        }
        sync_directory(&folder)?;
        mark(&folder, self.manifest)
    }

    /// The folder holds something else than the archive.
    fn decide(
        &self,
        document: &str,
        (file, to): (&FileEntry, &Path),
        stays: Stays,
    ) -> io::Result<()> {
        let is_ours = layout::place(document).is_some()
            && agreed(self.packing, document).is_some_and(|agreed| agreed == file.hash);
        if stays == Stays::Folders || !is_ours {
            return self.keep(document);
        }
        let edits = Edits::in_directory(self.packing.paths.edit_backups());
        edits.keep(document, &fs::read(to)?, REPLACED, self.packing.clock.now())?;
        fs::rename(self.home.join(document), to)
    }

    fn put(&self, document: &str, to: &Path, files: &Files) -> io::Result<()> {
        let directory = to.parent().unwrap_or(to);
        fs::create_dir_all(directory)?;
        match files.rename_fresh(&self.home.join(document), to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.keep(document),
            Err(error) => Err(error),
            Ok(()) => sync_directory(directory),
        }
    }

    /// Keeps a text of the archive that has no place in the folder.
    fn keep(&self, document: &str) -> io::Result<()> {
        let bytes = fs::read(self.home.join(document))?;
        let edits = Edits::in_directory(self.packing.paths.edit_backups());
        edits.keep(document, &bytes, REASON, self.packing.clock.now()).map(drop)
    }
}
