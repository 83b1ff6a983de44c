//! Archives: `.tar.zst` files that tell whether they are what was written.
//!
//! One is a Zstandard frame around a plain tar, which any tar reads, and a last frame that readers
//! skip, with the hash of all bytes before it: no byte can change unseen. Inside are, in this order,
//! `manifest.json` with the size and hash of every file, the files as the manifest lists them, and
//! the manifest's own hash. Whoever reads knows from the manifest each byte of what is between the
//! files, and compares rather than parses: there is no link, device or stray path to be careful of.
//!
//! This module knows nothing of databases and sessions.

mod copy;
mod entry;
mod read;
mod scratch;
mod seal;
#[cfg(test)]
mod tests;
mod write;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;

pub use read::{manifest, read_one, unpack, verify};
pub use scratch::{Scratch, leftovers, sweep};
pub use write::{Level, Packed, Packer};

/// Bytes of a manifest.
pub const MANIFEST_MAX: u64 = 64 << 20;
/// Files in an archive.
pub const FILES_MAX: usize = 500_000;
/// Bytes of all that an archive holds.
pub const UNPACKED_MAX: u64 = 64 << 30;
/// How many times larger than the archive its contents may be, beyond [`RATIO_FREE`].
pub const RATIO_MAX: u64 = 1_000;
/// Bytes that an archive may hold whatever its own size is.
pub const RATIO_FREE: u64 = 256 << 20;
/// The largest window of compression that is unpacked, as a power of two.
const WINDOW_LOG_MAX: u32 = 24;

/// The entry that says what is in the archive.
const MANIFEST: &str = "manifest.json";
/// The entry that ends it, with the hash of the manifest.
const END: &str = "manifest.blake3";

/// Why an archive was not written, or is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("cannot {deed} {path}")]
    Io { deed: &'static str, path: PathBuf, source: io::Error },
    #[error("{path} is not a complete archive: {what}")]
    Incomplete { path: PathBuf, what: &'static str },
    #[error("{path} is damaged: {what}")]
    Damaged { path: PathBuf, what: String },
    #[error("{path} is of a newer form ({format}) than this program knows")]
    Newer { path: PathBuf, format: u32 },
    #[error("{what} is more than an archive may hold ({max})")]
    TooMuch { what: String, max: u64 },
    #[error("{path} is in the archive already")]
    Twice { path: String },
    #[error("{path} changed while it was packed")]
    Changed { path: PathBuf },
    #[error("{path} is not an empty folder")]
    NotEmpty { path: PathBuf },
    #[error("it was cancelled")]
    Cancelled,
}

impl ArchiveError {
    /// Tells whether an archive that was read is to blame, and not the disk or who reads.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Incomplete { .. } | Self::Damaged { .. } | Self::Twice { .. } => true,
            Self::Newer { .. }
            | Self::TooMuch { .. }
            | Self::Io { .. }
            | Self::Changed { .. }
            | Self::NotEmpty { .. }
            | Self::Cancelled => false,
        }
    }

    /// Tells whether the archive may be sound, but is not for this version of the program.
    pub fn is_beyond(&self) -> bool {
        matches!(self, Self::Newer { .. } | Self::TooMuch { .. })
    }
}

words! {
    /// What is being done of a long piece of work.
    Stage("stage") {
        /// The database is copied.
        Copying = "copying",
        /// Files are read.
        Gathering = "gathering",
        Packing = "packing",
        Verifying = "verifying",
        Unpacking = "unpacking",
    }
}

/// How far a long piece of work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    /// Bytes or files that are done, of so many; the latter is zero where that is not known.
    pub done: u64,
    pub total: u64,
}

/// Is told now and then how far the work is, and says whether to go on. A break cancels.
pub type Watch<'a> = &'a dyn Fn(Progress) -> ControlFlow<()>;

/// For work that nobody watches.
pub fn unwatched(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn tell(watch: Watch<'_>, stage: Stage, done: u64, total: u64) -> Result<(), ArchiveError> {
    match watch(Progress { stage, done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ArchiveError::Cancelled),
    }
}
