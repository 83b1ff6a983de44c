//! Which process keeps the documents in step: the one that holds `run/sync.lock`.
//!
//! The system frees the lock when its holder dies, however it dies, and gives it to one of those
//! who wait; nobody looks now and then.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::{fs, io, process, thread};

use tokio::sync::oneshot;

use crate::paths::ProjectPaths;

/// The right to write documents, given up when dropped.
#[derive(Debug)]
pub struct SyncLock {
    _file: File,
}

/// Waits for the lock in a thread of its own and sends it when it is this process's.
///
/// The thread cannot be called off; where nobody wants the lock any more it gives it back at once.
///
/// # Errors
///
/// When there can be no such file or no such thread.
pub fn compete(paths: &ProjectPaths) -> io::Result<oneshot::Receiver<SyncLock>> {
    compete_for(&paths.sync_lock())
}

/// As [`compete`], for another duty that one process has at a time.
pub(crate) fn compete_for(path: &Path) -> io::Result<oneshot::Receiver<SyncLock>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let (sender, turn) = oneshot::channel();
    thread::Builder::new().name("sync lock".to_owned()).spawn(move || match file.lock() {
        Ok(()) => {
            sign(&file);
            // Dropped unsent, the lock is free again.
            drop(sender.send(SyncLock { _file: file }));
        }
        Err(error) => tracing::error!(%error, "cannot wait for the documents"),
    })?;
    Ok(turn)
}

/// Leaves the number of this process in the file, for people who ask.
fn sign(mut file: &File) {
    let written = file.set_len(0).and_then(|()| write!(file, "{}", process::id()));
    if let Err(error) = written {
        tracing::warn!(%error, "who keeps the documents is not told");
    }
}

/// The number of the process that got the lock last. It tells who holds it only to somebody who
/// just failed to get it.
pub fn holder(paths: &ProjectPaths) -> Option<u32> {
    fs::read_to_string(paths.sync_lock()).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn wait(turn: oneshot::Receiver<SyncLock>) -> SyncLock {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let waiting = async { tokio::time::timeout(Duration::from_secs(2), turn).await };
        runtime.block_on(waiting).unwrap().unwrap()
    }

    fn scene() -> (tempfile::TempDir, ProjectPaths) {
        let directory = tempfile::tempdir().unwrap();
        let paths = ProjectPaths::at(directory.path());
        paths.prepare().unwrap();
        (directory, paths)
    }

    #[test]
    fn one_holds_the_lock_and_the_next_gets_it_at_once_when_it_is_given_up() {
        let (_guard, paths) = scene();
        let first = wait(compete(&paths).unwrap());
        let mut next = compete(&paths).unwrap();
        assert!(next.try_recv().is_err());
        assert_eq!(holder(&paths), Some(process::id()));
        drop(first);
        wait(next);
    }

    #[test]
    fn who_does_not_want_it_any_more_does_not_keep_it() {
        let (_guard, paths) = scene();
        let first = wait(compete(&paths).unwrap());
        drop(compete(&paths).unwrap());
        let third = compete(&paths).unwrap();
        drop(first);
        wait(third);
    }
}
