//! The seal at an archive's end: a frame that readers of Zstandard skip, with the hash of every
//! byte before it. Compression has bytes that can change without changing what comes out; with the
//! seal none can.

use blake3::Hash;

/// The first bytes of a frame to be skipped, and its length.
const MAGIC: u32 = 0x184D_2A5C;
const LABEL: &[u8; 16] = b"callboard seal 1";
const HASH_BYTES: usize = 32;
const BODY: usize = LABEL.len() + HASH_BYTES;

/// Bytes of a seal.
pub(super) const BYTES: usize = 8 + BODY;

/// The seal of bytes with a hash.
pub(super) fn of(hash: &Hash) -> Vec<u8> {
    let mut seal = Vec::with_capacity(BYTES);
    seal.extend(MAGIC.to_le_bytes());
    seal.extend(u32::try_from(BODY).unwrap_or(0).to_le_bytes());
    seal.extend(LABEL);
    seal.extend(hash.as_bytes());
    seal
}

/// The hash that a seal holds; none where it is no seal.
pub(super) fn read(seal: &[u8; BYTES]) -> Option<Hash> {
    let hash: [u8; HASH_BYTES] = seal.last_chunk().copied()?;
    let hash = Hash::from_bytes(hash);
    (of(&hash) == seal).then_some(hash)
}
