//! Which processes take part in a project: each holds a lock on a file of its own, which the
//! operating system frees when the process dies, however it dies.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::paths::ProjectPaths;

/// Attempts to take part before giving up.
const JOINS_MAX: usize = 16;

/// This process's presence, given up when dropped.
#[derive(Debug)]
pub(crate) struct Presence {
    directory: PathBuf,
    name: String,
    _lock: File,
}

impl Presence {
    /// Takes part under a new name.
    pub(super) fn join(paths: &ProjectPaths) -> io::Result<Self> {
        let directory = paths.peers();
        for _ in 0..JOINS_MAX {
            let name = format!("{}-{:08x}", std::process::id(), super::random() & 0xffff_ffff);
            let path = directory.join(&name);
            let lock = OpenOptions::new().write(true).create_new(true).open(&path)?;
            lock.lock()?;
            // Before it was locked, another process may have taken it for that of a dead one.
            if path.exists() {
                return Ok(Self { directory, name, _lock: lock });
            }
        }
        Err(io::Error::other("others remove every file of this process"))
    }

    /// The name of this process among its peers.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The names of the processes that are alive, this one included.
    pub(crate) fn living(&self) -> Vec<String> {
        self.names().filter(|name| *name == self.name || self.is_held(name)).collect()
    }

    /// Removes the files of the dead, whose deaths are kept by now. Not before: whoever looks next
    /// would learn nothing of them.
    pub(crate) fn forget(&self, dead: &[String]) {
        for path in dead.iter().map(|name| self.directory.join(name)) {
            if let Ok(file) = File::open(&path)
                && file.try_lock().is_ok()
            {
                // Another process may have been quicker.
                fs::remove_file(&path).ok();
            }
        }
    }

    /// The names of the living, and of processes that died and left their files behind: by one
    /// look, because each wakes every process that listens for the bell beside the directory.
    pub(crate) fn living_and_dead(&self) -> (Vec<String>, Vec<String>) {
        self.names().partition(|name| *name == self.name || self.is_held(name))
    }

    fn names(&self) -> impl Iterator<Item = String> {
        fs::read_dir(&self.directory)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
    }

    /// One that was just made is not locked yet for an instant, which `join` makes up for.
    fn is_held(&self, name: &str) -> bool {
        is_held(&self.directory.join(name))
    }
}

/// The names of the processes that are alive.
pub(crate) fn living(paths: &ProjectPaths) -> Vec<String> {
    let directory = paths.peers();
    let entries = fs::read_dir(&directory).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_held(&directory.join(name))).collect()
}

/// A file that cannot be opened is gone already.
fn is_held(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)),
        Err(_) => false,
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // What stays behind is removed by the next process that looks.
        fs::remove_file(self.directory.join(&self.name)).ok();
    }
}
