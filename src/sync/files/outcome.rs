//! What becomes of an attempt to replace or remove a file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::reading::read_stable;
use super::{ContentHash, Identity, PlaceError, ReadError};
use crate::domain::document::DOCUMENT_MAX;

/// The file says what it should.
#[derive(Debug)]
pub struct Replaced {
    pub hash: ContentHash,
    /// The identity of what was written, taken before anybody else could reach it.
    pub identity: Identity,
    /// What stood there before, to be looked at once more; absent for a new file.
    pub displaced: Option<Displaced>,
}

/// The file is gone.
#[derive(Debug)]
pub struct Removed {
    /// What stood there, to be looked at once more; absent where it was gone already.
    pub displaced: Option<Displaced>,
}

/// Somebody else wrote to the file, or removed it.
#[derive(Debug, Default)]
pub struct Raced {
    /// What they saved. The file may say the same, or something newer: each text is an edit of its
    /// own, which stands nowhere else unless the file says it.
    pub texts: Vec<Vec<u8>>,
    /// What is to be looked at once more, as an editor may still have it open.
    pub displaced: Option<Displaced>,
}

/// A file out of place, which a program that opened it before may still write to.
#[derive(Debug)]
#[must_use = "it is to be looked at again after a grace time, then discarded"]
pub struct Displaced {
    pub(super) path: PathBuf,
    pub(super) hash: Option<ContentHash>,
}

impl Displaced {
    /// What was written to it since it was displaced; none if nothing was.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn recheck(&self) -> Result<Option<Vec<u8>>, ReadError> {
        match read_stable(&self.path) {
            Ok(reading) if self.hash.as_ref() == Some(&reading.hash) => Ok(None),
            Ok(reading) => Ok(Some(reading.bytes)),
            // Somebody cleaned up, and with it went a text that was known.
            Err(ReadError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes it. Undiscarded, it is found by [`super::Files::leftovers`] at the next start.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    pub fn discard(self) -> io::Result<()> {
        match fs::remove_file(self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            answer => answer,
        }
    }
}

/// Why a file was not replaced or removed. Unless it was raced, it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    #[error("{path} was changed meanwhile")]
    Raced { path: PathBuf, raced: Raced },
    #[error("{path} is read-only")]
    ReadOnly { path: PathBuf },
    #[error("{path} would have {size} bytes; at most {DOCUMENT_MAX} are written")]
    TooLarge { path: PathBuf, size: usize },
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// It cannot be compared.
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("cannot write {path}")]
    Io { path: PathBuf, source: io::Error },
}

/// The same, inside, where the path is known.
pub(super) enum Failure {
    Raced(Raced),
    ReadOnly,
    Read(ReadError),
    Io(io::Error),
}

impl Failure {
    pub(super) fn of(self, path: &Path) -> ReplaceError {
        let path = path.to_owned();
        match self {
            Self::Raced(raced) => ReplaceError::Raced { path, raced },
            Self::ReadOnly => ReplaceError::ReadOnly { path },
            Self::Read(error) => ReplaceError::Read(error),
            Self::Io(source) => ReplaceError::Io { path, source },
        }
    }

    pub(super) fn raced_by(text: Option<Vec<u8>>) -> Self {
        Self::Raced(Raced { texts: text.into_iter().collect(), displaced: None })
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
