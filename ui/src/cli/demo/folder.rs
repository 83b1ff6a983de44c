//! Where a demo plays: a folder that is gone afterwards, or one that a person named and keeps.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use crate::cli::failure::Failure;

/// Folders of other demos that are passed over.
const TRIES: u32 = 1_000;
/// How often a folder that is still in use is tried again, and how long in between.
const REMOVALS: u32 = 20;
const MOMENT: Duration = Duration::from_millis(50);
/// What the sample project is called.
const NAME: &str = "skerry";

/// The folder of a demo.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
    /// What goes with the demo.
    temporary: Option<PathBuf>,
}

impl Folder {
    /// Makes a folder among the temporary files of this computer.
    pub(super) fn temporary() -> Result<Self, Failure> {
        let outer = unused(&std::env::temp_dir()).map_err(failed)?;
        // From here on it is removed, whatever happens.
        let mut folder = Self { root: outer.join(NAME), temporary: Some(outer) };
        fs::create_dir(&folder.root).map_err(failed)?;
        folder.root = folder.root.canonicalize().map_err(failed)?;
        Ok(folder)
    }

    /// Uses a folder that the person named, and leaves it there.
    pub(super) fn named(path: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(path).map_err(failed)?;
        let root = path.canonicalize().map_err(failed)?;
        Ok(Self { root, temporary: None })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let Some(folder) = &self.temporary else { return };
        for _ in 0..REMOVALS {
            match fs::remove_dir_all(folder) {
                Ok(()) => return,
                Err(error) if error.kind() == ErrorKind::NotFound => return,
                // Something that just ends still writes there.
                Err(_) => thread::sleep(MOMENT),
            }
        }
        tracing::warn!(folder = %folder.display(), "the demo's folder could not be removed");
    }
}

fn failed(source: io::Error) -> Failure {
    Failure::Io { what: "cannot make a folder for the demo".to_owned(), source }
}

/// Makes a folder that only this user may look into.
fn unused(parent: &Path) -> io::Result<PathBuf> {
    let process = std::process::id();
    for number in 0..TRIES {
        let path = parent.join(format!("callboard-demo-{process}-{number}"));
        match private(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}
