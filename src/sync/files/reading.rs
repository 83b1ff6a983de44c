//! Reading a file whole, and only when nobody wrote to it meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{ContentHash, Files, Identity, PlaceError};
use crate::domain::document::DOCUMENT_MAX;

/// Most attempts at reading a file that is being written.
const ATTEMPTS_MAX: usize = 4;

/// A file as it stood at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub bytes: Vec<u8>,
    pub hash: ContentHash,
    pub identity: Identity,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("{path} is not there")]
    Missing { path: PathBuf },
    #[error("{path} is not a regular file")]
    NotAFile { path: PathBuf },
    #[error("{path} has {size} bytes; at most {DOCUMENT_MAX} are read")]
    TooLarge { path: PathBuf, size: u64 },
    /// Worth another attempt when it has settled.
    #[error("{path} is being written")]
    Unstable { path: PathBuf },
    #[error("cannot read {path}")]
    Io { path: PathBuf, source: io::Error },
}

impl Files {
    /// Reads a file whole.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; [`ReadError::Unstable`] where it was written to at every attempt.
    pub fn read(&self, path: &Path) -> Result<Reading, ReadError> {
        read_stable(&self.place(path)?)
    }
}

pub(super) fn read_stable(path: &Path) -> Result<Reading, ReadError> {
    let failed = |source: io::Error| {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::NotFound {
            ReadError::Missing { path }
        } else {
            ReadError::Io { path, source }
        }
    };
    for _ in 0..ATTEMPTS_MAX {
        // Opening a pipe or a device can wait or act, hence the look before.
        let standing = fs::metadata(path).map_err(failed)?;
        if !standing.is_file() {
            return Err(ReadError::NotAFile { path: path.to_owned() });
        }
        let before = Identity::of(&standing);
        let bytes = match whole(open(path).map_err(failed)?) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                return Err(ReadError::TooLarge { path: path.to_owned(), size: before.size });
            }
            Err(source) => return Err(failed(source)),
        };
        let after = fs::metadata(path).map_err(failed).map(|standing| Identity::of(&standing))?;
        if before == after && u64::try_from(bytes.len()) == Ok(after.size) {
            let hash = ContentHash::of(&bytes);
            return Ok(Reading { bytes, hash, identity: after });
        }
    }
    Err(ReadError::Unstable { path: path.to_owned() })
}

/// The bytes of a file; none when it is too large.
fn whole(file: File) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(DOCUMENT_MAX).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= DOCUMENT_MAX).then_some(bytes))
}

/// Opens a file for reading; a link is not followed, and a pipe not waited for.
#[cfg(unix)]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let careful = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(careful.bits()).unwrap_or(0);
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// The bytes of a file as they are at this instant, written to or not; none when it is too large.
pub(super) fn read_now(path: &Path) -> io::Result<Option<Vec<u8>>> {
    whole(open(path)?)
}
