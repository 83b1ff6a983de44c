//! Size and hash of a file, read once and bounded.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::ControlFlow;

/// Bytes read at once.
const BUFFER: usize = 128 * 1024;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measure {
    pub size: u64,
    /// BLAKE3, in hexadecimal digits.
    pub hash: String,
}

impl Measure {
    /// Of bytes that are here.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len() as u64, hash: blake3::hash(bytes).to_hex().to_string() }
    }
}

/// Is told of the bytes that were read, and of how many there are; ends the work by breaking.
pub type Watch<'a> = &'a dyn Fn(u64, u64) -> ControlFlow<()>;

/// For work that nobody watches.
pub fn unwatched(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// What came of measuring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Measured {
    Whole(Measure),
    /// It has more bytes than the limit.
    TooLarge,
    /// Whoever watched ended it.
    Stopped,
}

/// Measures a file.
pub(super) fn measure(file: &mut File, limit: u64, watch: Watch<'_>) -> io::Result<Measured> {
    let all = file.metadata().map_or(0, |known| known.len());
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    let mut size: u64 = 0;
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        size = size.saturating_add(read as u64);
        if limit < size {
            return Ok(Measured::TooLarge);
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        if watch(size, all).is_break() {
            return Ok(Measured::Stopped);
        }
    }
    Ok(Measured::Whole(Measure { size, hash: hasher.finalize().to_hex().to_string() }))
}
