//! What is there only while something is packed or unpacked: folders under `run/`, and archives that
//! have no name yet. Whoever works holds a lock of the system on them, so what a death has left is
//! known by its lock being free.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::ArchiveError;
use super::copy::failed;

const FOLDER: &str = "scratch-";
const PART: &str = ".callboard-";
const PART_END: &str = ".tmp";
const LOCK: &str = "lock";
/// Attempts at making something before somebody else takes it for a leftover.
const ATTEMPTS_MAX: usize = 8;

/// A folder that is gone with all that is in it when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// A new folder that only the user may enter, on the file system of the folder it is made in.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn new(within: &Path) -> Result<Self, ArchiveError> {
        for _ in 0..ATTEMPTS_MAX {
            let random = crate::peer::random();
            let path = within.join(format!("{FOLDER}{random:016x}"));
            let made = crate::paths::private_directory(&path).and_then(|()| ours(&path.join(LOCK)));
            match made {
                Ok(Some(lock)) => return Ok(Self { path, _lock: lock }),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound && within.is_dir() => {}
                Err(error) => return Err(failed("make", &path)(error)),
            }
        }
        Err(failed("make a folder in", within)(io::ErrorKind::ResourceBusy.into()))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is removed by the next sweep.
        fs::remove_dir_all(&self.path).ok();
    }
}

/// An archive that is being written; gone when dropped, unless it got its name.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Part {
    /// A new file in the folder of the name that it is to get.
    pub(super) fn beside(to: &Path) -> Result<Self, ArchiveError> {
        for _ in 0..ATTEMPTS_MAX {
            let random = crate::peer::random();
            let path = to.with_file_name(format!("{PART}{random:016x}{PART_END}"));
            if let Some(file) = ours(&path).map_err(failed("write", &path))? {
                return Ok(Self { path, file });
            }
        }
        Err(failed("write", to)(io::ErrorKind::ResourceBusy.into()))
    }

    /// Gives it its name, under which there is nothing.
    pub(super) fn keep(self, to: &Path) -> Result<(), ArchiveError> {
        if to.symlink_metadata().is_ok() {
            return Err(failed("write", to)(io::ErrorKind::AlreadyExists.into()));
        }
        fs::rename(&self.path, to).map_err(failed("write", to))?;
        sync_folder(to)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed, or removed by the next sweep.
        fs::remove_file(&self.path).ok();
    }
}

/// The folders that the dead have left in a folder.
pub fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_leftover = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(FOLDER)) && left(&path.join(LOCK)).is_some()
    };
    entries.map(|entry| entry.path()).filter(is_leftover).collect()
}

/// Removes what the dead have left in a folder.
pub fn sweep(folder: &Path) {
    let Ok(found) = fs::read_dir(folder) else { return };
    for path in found.flatten().map(|entry| entry.path()) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // The lock is held until it is gone: whoever has just made it finds it taken, and makes
        // another. What cannot be removed is tried again by the next sweep.
        if name.starts_with(FOLDER)
            && let Some(_lock) = left(&path.join(LOCK))
        {
            fs::remove_dir_all(&path).ok();
        } else if name.starts_with(PART)
            && name.ends_with(PART_END)
            && let Some(_lock) = left(&path)
        {
            fs::remove_file(&path).ok();
        }
    }
}

/// The lock of what nobody works on any more, now held.
fn left(lock: &Path) -> Option<File> {
    lock.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
    File::open(lock).ok().filter(|file| file.try_lock().is_ok())
}

/// Makes a file and locks it; none when it was swept away before it was locked.
fn ours(path: &Path) -> io::Result<Option<File>> {
    let file = private().create_new(true).open(path)?;
    if file.try_lock().is_err() {
        return Ok(None);
    }
    Ok(path.exists().then_some(file))
}

/// Options for a file that only the user may read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Brings a new name to the disk.
#[cfg(unix)]
fn sync_folder(of: &Path) -> Result<(), ArchiveError> {
    let folder = of.parent().unwrap_or(of);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("write", folder))
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), ArchiveError> {
    Ok(())
}
