//! Which processes take part in a project: each holds a lock on a file of its own, which the
//! operating system frees when the process dies, however it dies.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;

use crate::paths::ProjectPaths;

/// This process's presence, given up when dropped.
#[derive(Debug)]
pub(super) struct Presence {
    directory: PathBuf,
    name: String,
    _lock: File,
}

impl Presence {
    /// Takes part under a new name.
    pub(super) fn join(paths: &ProjectPaths) -> io::Result<Self> {
        let name = format!("{}-{:08x}", std::process::id(), super::random() & 0xffff_ffff);
        let directory = paths.peers();
        let lock = OpenOptions::new().write(true).create_new(true).open(directory.join(&name))?;
        lock.lock()?;
        Ok(Self { directory, name, _lock: lock })
    }

    /// The name of this process among its peers.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The names of the processes that are alive, this one included.
    pub(super) fn living(&self) -> Vec<String> {
        self.names().filter(|name| *name == self.name || self.is_held(name)).collect()
    }

    /// Removes the files of the dead and returns their names.
    pub(super) fn bury(&mut self) -> Vec<String> {
        let dead: Vec<String> =
            self.names().filter(|name| *name != self.name && !self.is_held(name)).collect();
        for name in &dead {
            // Another process may have been quicker.
            fs::remove_file(self.directory.join(name)).ok();
        }
        dead
    }

    fn names(&self) -> impl Iterator<Item = String> {
        fs::read_dir(&self.directory)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
    }

    /// A file that cannot be opened is gone already; one that was just made is not locked yet for
    /// an instant, which `join` makes up for by being alive at the next look.
    fn is_held(&self, name: &str) -> bool {
        match File::open(self.directory.join(name)) {
            Ok(file) => matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // What stays behind is buried by the next process that looks.
        fs::remove_file(self.directory.join(&self.name)).ok();
    }
}
