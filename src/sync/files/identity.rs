//! The cheap identity of a file: what tells, without reading it, that it was not touched.

use std::fs::Metadata;

/// Size, time of the last change in nanoseconds, and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    pub size: u64,
    pub modified_ns: i128,
    /// Zero where the system has none.
    pub inode: u64,
}

impl Identity {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let seconds = i128::from(metadata.mtime());
        let modified_ns = seconds * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        Self { size: metadata.len(), modified_ns, inode: metadata.ino() }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let since = |time: std::time::SystemTime| time.duration_since(std::time::UNIX_EPOCH).ok();
        let nanoseconds = metadata.modified().ok().and_then(since).map(|time| time.as_nanos());
        let modified_ns = nanoseconds.and_then(|time| i128::try_from(time).ok()).unwrap_or(0);
        Self { size: metadata.len(), modified_ns, inode: 0 }
    }
}
