//! What stands in a tar before and after the bytes of a file. The same file always gives the same
//! bytes, so whoever reads an archive can compare them.

use tar::{EntryType, Header};

use crate::domain::time::Timestamp;

/// Everything in a tar comes in blocks of so many bytes.
pub(super) const BLOCK: u64 = 512;
/// Bytes of a path that fit a header.
const NAME_BYTES: usize = 100;
/// The path of an entry that holds a path which does not fit.
const LONG: &str = "././@LongLink";
/// Only the user may read what is taken out with a plain tar.
const MODE: u32 = 0o600;

/// Two empty blocks end a tar.
pub(super) const END: [u8; 1024] = [0; 1024];

/// All that stands before the bytes of a file.
pub(super) fn before(path: &str, size: u64, modified: Timestamp) -> Vec<u8> {
    let mut bytes = Vec::new();
    if NAME_BYTES < path.len() {
        let text_size = path.len() as u64 + 1;
        bytes.extend(header(LONG, text_size, EntryType::GNULongName, 0));
        bytes.extend(path.as_bytes());
        bytes.push(0);
        bytes.extend(padding(text_size));
    }
    let seconds = u64::try_from(modified.0.div_euclid(1000)).unwrap_or(0);
    bytes.extend(header(path, size, EntryType::Regular, seconds));
    bytes
}

/// What fills the last block of so many bytes.
pub(super) fn padding(size: u64) -> Vec<u8> {
    let rest = (BLOCK - size % BLOCK) % BLOCK;
    vec![0; usize::try_from(rest).unwrap_or(0)]
}

/// The size that a header tells; none where it is no header.
pub(super) fn size_of(header: &[u8; 512]) -> Option<u64> {
    Header::from_byte_slice(header).size().ok()
}

fn header(path: &str, size: u64, kind: EntryType, seconds: u64) -> [u8; 512] {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(MODE);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seconds);
    if let Some(gnu) = header.as_gnu_mut() {
        for (place, byte) in gnu.name.iter_mut().zip(path.bytes()) {
            *place = byte;
        }
    }
    header.set_cksum();
    *header.as_bytes()
}
