//! Moving bytes, hashed and counted on the way.

use std::io::{self, Read, Write};
use std::path::Path;

use blake3::Hasher;

use super::{ArchiveError, UNPACKED_MAX};

/// Bytes moved at once.
const CHUNK: usize = 256 << 10;

/// Why bytes were not moved.
pub(super) enum CopyError {
    Read(io::Error),
    Write(io::Error),
    TooMuch,
    Told(ArchiveError),
}

impl CopyError {
    pub(super) fn between(self, from: &Path, to: &Path) -> ArchiveError {
        match self {
            Self::Read(source) => failed("read", from)(source),
            Self::Write(source) => failed("write", to)(source),
            Self::TooMuch => {
                ArchiveError::TooMuch { what: from.display().to_string(), max: UNPACKED_MAX }
            }
            Self::Told(error) => error,
        }
    }
}

/// Moves all bytes, at most so many, and tells their number and hash.
pub(super) fn copy(
    from: &mut dyn Read,
    to: &mut dyn Write,
    max: u64,
    told: &mut dyn FnMut(u64) -> Result<(), ArchiveError>,
) -> Result<(u64, String), CopyError> {
    let mut hasher = Hasher::new();
    let mut chunk = vec![0; CHUNK];
    let mut done = 0_u64;
    loop {
        let count = match from.read(&mut chunk) {
            Ok(0) => return Ok((done, hasher.finalize().to_hex().to_string())),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        let bytes = chunk.get(..count).unwrap_or_default();
        done = done.saturating_add(count as u64);
        if max < done {
            return Err(CopyError::TooMuch);
        }
        hasher.update(bytes);
        to.write_all(bytes).map_err(CopyError::Write)?;
        told(done).map_err(CopyError::Told)?;
    }
}

/// Says what could not be done with a file.
pub(super) fn failed<'a>(
    deed: &'static str,
    path: &'a Path,
) -> impl Fn(io::Error) -> ArchiveError + Copy + use<'a> {
    move |source| ArchiveError::Io { deed, path: path.to_owned(), source }
}
