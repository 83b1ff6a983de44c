//! Reading and writing below `.task_orchestrator/`, and nowhere else.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{FolderError, ModesFolder};
use crate::domain::mode::MODE_NAME_MAX;
use crate::paths::FOLDER;
use crate::sync::files::{ContentHash, Displaced, Files, PlaceError, ReadError, ReplaceError};

/// Most entries of a folder that are looked at.
pub(super) const ENTRIES_MAX: usize = 2_000;

/// The name of a mode as it was given: with or without its ending, but never a path.
pub(in crate::modes) fn mode_name(given: &str) -> Result<&str, FolderError> {
    let trimmed = given.trim();
    let name =
        trimmed.strip_suffix(".yaml").or_else(|| trimmed.strip_suffix(".yml")).unwrap_or(trimmed);
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !name.is_empty() && name.len() <= MODE_NAME_MAX && name.chars().all(is_word) {
        Ok(name)
    } else {
        let given = given.chars().take(MODE_NAME_MAX).collect();
        Err(FolderError::Name { given })
    }
}

impl ModesFolder {
    /// The real place of a file below `.task_orchestrator/`.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.paths.task_orchestrator().join(file)
    }

    fn files(&self) -> Result<Files, FolderError> {
        // A folder that was moved away is not made anew: it would stand in the way of its return.
        let home = self.paths.task_orchestrator();
        if !home.is_dir() {
            return Err(FolderError::NoFolder { folder: home });
        }
        let folder = self.paths.root.clone();
        Files::below(&folder).map_err(|source| FolderError::Io { path: folder, source })
    }

    /// The content of a file; none where there is no such file.
    pub(super) fn content(&self, file: &str) -> Result<Option<Vec<u8>>, FolderError> {
        if !self.path(file).symlink_metadata().is_ok_and(|found| !found.is_dir()) {
            return Ok(None);
        }
        match self.files()?.read(&Path::new(FOLDER).join(file)) {
            Ok(reading) => Ok(Some(reading.bytes)),
            // A link that leads nowhere is no file; one that leads out of the project is refused.
            Err(ReadError::Missing { .. } | ReadError::Place(PlaceError::Dangling { .. })) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a file that must not be there yet.
    pub(super) fn write_new(&self, file: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.files()?.replace(&Path::new(FOLDER).join(file), None, bytes)?;
        Ok(())
    }

    /// Writes a file; where it is there it must still say what was read.
    pub(super) fn write(
        &self,
        file: &str,
        before: Option<&[u8]>,
        bytes: &[u8],
    ) -> Result<(), FolderError> {
        if before == Some(bytes) {
            return Ok(());
        }
        let before = before.map(ContentHash::of);
        let path = Path::new(FOLDER).join(file);
        match self.files()?.replace(&path, before.as_ref(), bytes) {
            Ok(replaced) => {
                if let Some(displaced) = replaced.displaced {
                    discard(displaced, &self.path(file));
                }
                Ok(())
            }
            Err(ReplaceError::Raced { path, mut raced }) => {
                if let Some(displaced) = raced.displaced.take() {
                    discard(displaced, &self.path(file));
                }
                Err(ReplaceError::Raced { path, raced }.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The names of the entries of a folder, sorted; none where there is no folder.
    pub(super) fn entries(&self, folder: &str) -> Result<Vec<String>, FolderError> {
        let path = self.path(folder);
        let failed = |source| FolderError::Io { path: path.clone(), source };
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for entry in entries.take(ENTRIES_MAX) {
            names.extend(entry.map_err(failed)?.file_name().into_string().ok());
        }
        names.sort();
        Ok(names)
    }
}

/// Removes what was replaced, unless somebody still wrote to it after it was out of place. What
/// stays is looked at again at the next start of the keeper of documents.
fn discard(displaced: Displaced, path: &Path) {
    if displaced.recheck().is_ok_and(|late| late.is_none()) {
        // Undiscarded it is found at the next start as well.
        displaced.discard().ok();
    } else {
        tracing::warn!(path = %path.display(), "a mode file was written to as it was replaced");
    }
}
