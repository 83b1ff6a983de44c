//! Who may touch documents: those who keep them, or one who brings files back.
//!
//! A restore holds `run/restore.lock` alone from its first step to its last; whoever keeps documents
//! shares it while at work. The system frees it when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::domain::refusal::{Code, Refusal};
use crate::paths::ProjectPaths;

/// How long a restore waits for those who keep documents to end what they do.
const WAIT: Duration = Duration::from_secs(10);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(20);

/// The right to bring files back, given up when dropped.
#[derive(Debug)]
pub(crate) struct RestoreLock {
    _file: File,
}

impl RestoreLock {
    /// Takes it, as soon as nobody keeps documents at this moment.
    ///
    /// # Errors
    ///
    /// [`Code::Busy`] where another restore is under way.
    pub(crate) fn take(paths: &ProjectPaths) -> Result<Self, Refusal> {
        let begun = Instant::now();
        loop {
            match Self::try_take(paths) {
                Ok(Some(lock)) => return Ok(lock),
                Ok(None) if begun.elapsed() < WAIT => thread::sleep(LOOK),
                Ok(None) => {
                    let message = "another restore is under way in this project";
                    return Err(Refusal::new(Code::Busy, message)
                        .suggest("wait until it has ended, and send the call again"));
                }
                Err(error) => {
                    let message = format!("the lock of restores cannot be taken: {error}");
                    return Err(Refusal::new(Code::StoreFailed, message));
                }
            }
        }
    }

    /// Takes it if it is free.
    ///
    /// # Errors
    ///
    /// When there can be no such file.
    pub(crate) fn try_take(paths: &ProjectPaths) -> io::Result<Option<Self>> {
        let file = open(paths)?;
        Ok(file.try_lock().is_ok().then_some(Self { _file: file }))
    }
}

/// Tells whether a restore is under way, in whichever process.
pub(crate) fn is_taken(paths: &ProjectPaths) -> bool {
    let file = OpenOptions::new().read(true).write(true).open(paths.restore_lock());
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// The place of one who keeps documents.
#[derive(Debug)]
pub(crate) struct KeepersPlace(File);

/// That documents are kept at this moment; ends when dropped.
#[derive(Debug)]
pub(crate) struct AtWork(File);

impl KeepersPlace {
    /// # Errors
    ///
    /// When there can be no such file.
    pub(crate) fn of(paths: &ProjectPaths) -> io::Result<Self> {
        open(paths).map(Self)
    }

    /// Begins to work, unless files are being brought back.
    pub(crate) fn begin(&self) -> Option<AtWork> {
        // A second handle on the same lock, so that the first can stay.
        let file = self.0.try_clone().ok()?;
        file.try_lock_shared().is_ok().then_some(AtWork(file))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        // The system frees it with its process at the latest.
        self.0.unlock().ok();
    }
}

fn open(paths: &ProjectPaths) -> io::Result<File> {
    let path = paths.restore_lock();
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
