//! Bringing files back: each by compare and swap, with an edit backup of what it takes the place of.
//!
//! It can be done again and again: a file that says what it should is left alone.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::backup::gather::is_never_packed;
use crate::domain::document::DOCUMENT_MAX;
use crate::domain::time::Timestamp;
use crate::paths::ProjectPaths;
use crate::sync::edits::Edits;
use crate::sync::files::{ContentHash, Files, Part, ReadError, ReplaceError, sync_directory};

/// Attempts at a file that somebody else writes to.
const ATTEMPTS_MAX: usize = 8;
/// Why a text is among the edit backups.
const REASON: &str = "a backup was restored over it";

/// A file to be brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Planned {
    /// Where it lies in the archive.
    pub from: String,
    /// Where it goes, relative to `.task_orchestrator`.
    pub to: String,
    /// BLAKE3, in hexadecimal.
    pub hash: String,
    /// The hash of what stood there when it could not be written: only that may still be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Brought {
    InPlace,
    /// What is there stays.
    Skipped,
    /// To be tried again as this.
    Failed(Planned),
}

/// What came of bringing files back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FilesRestored {
    pub written: usize,
    pub unchanged: usize,
    /// Files that are there, say something else, and were left so.
    pub skipped: usize,
    /// Texts that are among the edit backups now.
    pub kept: usize,
    /// What could not be written, and why.
    pub failed: Vec<String>,
}

impl Planned {
    /// Tells whether what was unpacked of it is what the archive held.
    pub(super) fn is_sound(&self, unpacked: &Path) -> bool {
        let bytes = fs::read(unpacked.join(&self.from));
        bytes.is_ok_and(|bytes| ContentHash::of(&bytes).as_str() == self.hash)
    }
}

/// Brings files back into a project.
#[derive(Debug)]
pub(super) struct Bringer<'a> {
    pub home: &'a Path,
    pub files: Files,
    pub edits: Edits,
    pub now: Timestamp,
    pub replaces: bool,
}

/// How a file stands to what it shall say.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Missing,
    Same,
    /// It says something else.
    Other(Vec<u8>),
}

impl<'a> Bringer<'a> {
    pub(super) fn of(
        paths: &ProjectPaths,
        home: &'a Path,
        (now, replaces): (Timestamp, bool),
    ) -> io::Result<Self> {
        let files = Files::below(home)?;
        let edits = Edits::in_directory(paths.edit_backups());
        Ok(Self { home, files, edits, now, replaces })
    }

    /// Says what would come of it.
    pub(super) fn try_out(&self, planned: &[Planned]) -> FilesRestored {
        let mut told = FilesRestored::default();
        for file in planned {
            match self.standing(file) {
                Ok(Standing::Same) => told.unchanged += 1,
                Ok(Standing::Other(_)) if !self.replaces => told.skipped += 1,
                Ok(Standing::Other(_)) => {
                    (told.written, told.kept) = (told.written + 1, told.kept + 1);
                }
                Ok(Standing::Missing) => told.written += 1,
                Err(error) => told.failed.push(format!("{}: {error}", file.to)),
            }
        }
        told
    }

    /// Brings one file back.
    pub(super) fn bring(
        &self,
        file: &Planned,
        unpacked: &Path,
        told: &mut FilesRestored,
    ) -> Brought {
        match self.put(file, unpacked, told) {
            Ok(brought) => brought,
            Err(error) => {
                told.failed.push(format!("{}: {error}", file.to));
                let over = match self.standing(file) {
                    Ok(Standing::Other(found)) if self.replaces => {
                        Some(ContentHash::of(&found).as_str().to_owned())
                    }
                    Ok(Standing::Other(_) | Standing::Missing | Standing::Same) | Err(_) => {
                        file.over.clone()
                    }
                };
                Brought::Failed(Planned { over, ..file.clone() })
            }
        }
    }

    fn put(
        &self,
        file: &Planned,
        unpacked: &Path,
        told: &mut FilesRestored,
    ) -> io::Result<Brought> {
        let bytes = fs::read(unpacked.join(&file.from))?;
        if ContentHash::of(&bytes).as_str() != file.hash {
            return Err(io::Error::other("what was unpacked is not what the archive holds"));
        }
        for _ in 0..ATTEMPTS_MAX {
            let expected = match self.standing(file)? {
                Standing::Same => {
                    told.unchanged += 1;
                    return Ok(Brought::InPlace);
                }
                Standing::Other(found) if !self.may_replace(file, &found) => {
                    told.skipped += 1;
                    return Ok(Brought::Skipped);
                }
                Standing::Other(found) => {
                    self.keep(file, &found, told)?;
                    Some(ContentHash::of(&found))
                }
                Standing::Missing => None,
            };
            if self.write(file, expected.as_ref(), &bytes, told)? {
                told.written += 1;
                return Ok(Brought::InPlace);
            }
        }
        Err(io::Error::other("somebody writes to it all the time"))
    }

    /// Refuses a place that a link leads to where nothing is ever brought back.
    fn allowed(&self, path: &Path) -> io::Result<()> {
        let place = self.files.inside(path).map_err(io::Error::other)?;
        let inner = place.strip_prefix(self.home).unwrap_or(&place);
        if is_never_packed(&inner.to_string_lossy().replace('\\', "/").to_lowercase()) {
            return Err(io::Error::other("a link leads from there to what no backup holds"));
        }
        Ok(())
    }

    fn may_replace(&self, file: &Planned, found: &[u8]) -> bool {
        let is_as_it_was = |over: &String| ContentHash::of(found).as_str() == over;
        self.replaces || file.over.as_ref().is_some_and(is_as_it_was)
    }

    fn standing(&self, file: &Planned) -> io::Result<Standing> {
        let path = Path::new(&file.to);
        self.allowed(path)?;
        let found = match self.files.read(path) {
            Ok(reading) => reading.bytes,
            Err(ReadError::Missing { .. }) => return Ok(Standing::Missing),
            // Artifacts are larger than documents may be.
            Err(ReadError::TooLarge { path, .. }) => fs::read(path)?,
            Err(error) => return Err(io::Error::other(error)),
        };
        let is_same = ContentHash::of(&found).as_str() == file.hash;
        Ok(if is_same { Standing::Same } else { Standing::Other(found) })
    }

    /// Writes a file; false where somebody was faster, and it is to be looked at again.
    fn write(
        &self,
        file: &Planned,
        expected: Option<&ContentHash>,
        bytes: &[u8],
        told: &mut FilesRestored,
    ) -> io::Result<bool> {
        if DOCUMENT_MAX < bytes.len() {
            return self.write_large(file, bytes).map(|()| true);
        }
        match self.files.replace(Path::new(&file.to), expected, bytes) {
            Ok(replaced) => {
                let Some(displaced) = replaced.displaced else { return Ok(true) };
                if let Ok(Some(late)) = displaced.recheck() {
                    self.keep(file, &late, told)?;
                }
                // What stays behind is found and kept by whoever keeps the documents.
                displaced.discard().ok();
                Ok(true)
            }
            Err(ReplaceError::Raced { raced, .. }) => {
                for text in &raced.texts {
                    self.keep(file, text, told)?;
                }
                if let Some(displaced) = raced.displaced {
                    displaced.discard().ok();
                }
                Ok(false)
            }
            // What is there is too large to be exchanged; it is kept already.
            Err(ReplaceError::Read(ReadError::TooLarge { .. })) => {
                self.write_large(file, bytes).map(|()| true)
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Larger files than documents are artifacts, which nobody edits in place.
    fn write_large(&self, file: &Planned, bytes: &[u8]) -> io::Result<()> {
        let target = self.files.inside(Path::new(&file.to)).map_err(io::Error::other)?;
        let directory = target.parent().unwrap_or(self.home);
        fs::create_dir_all(directory)?;
        let mut part = Part::create(directory, 0o644)?;
        part.write(bytes)?;
        part.sync()?;
        part.rename(&target)?;
        sync_directory(directory)
    }

    fn keep(&self, file: &Planned, bytes: &[u8], told: &mut FilesRestored) -> io::Result<()> {
        self.edits.keep(&file.to, bytes, REASON, self.now)?;
        told.kept += 1;
        Ok(())
    }
}
