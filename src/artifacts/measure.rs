//! Size and hash of a file, read once and bounded.

use std::fs::File;
use std::io::{self, Read as _};

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

/// Measures a file; none where it has more bytes than the limit.
pub(super) fn measure(file: &mut File, limit: u64) -> io::Result<Option<Measure>> {
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
            return Ok(None);
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    Ok(Some(Measure { size, hash: hasher.finalize().to_hex().to_string() }))
}
