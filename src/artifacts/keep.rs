//! Keeping a text as a file of its session: complete and on the disk, or not there at all.
//!
//! The way to the folder is walked without following a link, so that none that somebody put there
//! leads the text out of the project.

use std::io;
use std::path::{Path, PathBuf};

use super::WORK_PRODUCTS;

/// A file that was kept; it goes when its record is refused.
#[derive(Debug)]
pub(super) struct Kept {
    whole: PathBuf,
    made: Made,
}

impl Kept {
    /// Removes it again. What cannot be removed no record names, and the cleanup finds it.
    pub(super) fn remove(self) {
        std::fs::remove_file(self.whole).ok();
        self.made.remove();
    }
}

/// The directories that were made for a file, each within the one before.
#[derive(Debug, Default)]
struct Made(Vec<PathBuf>);

impl Made {
    /// Removes those in which nobody put anything else.
    fn remove(self) {
        for directory in self.0.into_iter().rev() {
            std::fs::remove_dir(directory).ok();
        }
    }
}

/// Keeps a text below a session's directory, which is relative to `.task_orchestrator`.
pub(super) fn keep(
    task_orchestrator: &Path,
    (directory, name): (&str, &str),
    bytes: &[u8],
) -> io::Result<Kept> {
    let root = task_orchestrator.canonicalize()?;
    let steps: Vec<&str> = directory.split('/').chain(WORK_PRODUCTS.split('/')).collect();
    let mut made = Made::default();
    if let Err(error) = write((&root, &steps), (name, bytes), &mut made) {
        made.remove();
        return Err(error);
    }
    let folder = steps.iter().fold(root, |place, step| place.join(step));
    Ok(Kept { whole: folder.join(name), made })
}

fn temporary() -> String {
    // The name of a part, as the documents' have it: one that is left by a crash goes with them.
    format!(".callboard-part-{:016x}.tmp", crate::peer::random())
}

#[cfg(unix)]
fn write(
    (root, steps): (&Path, &[&str]),
    (name, bytes): (&str, &[u8]),
    made: &mut Made,
) -> io::Result<()> {
    use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, unlinkat};
    use std::io::Write as _;
    let folder = make(root, steps, made)?;
    let part = temporary();
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = std::fs::File::from(openat(&folder, &part, flags, Mode::from_raw_mode(0o644))?);
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| Ok(renameat(&folder, &part, &folder, name)?));
    if let Err(error) = written {
        // Left where it cannot be removed; it is swept away at the next start.
        unlinkat(&folder, &part, AtFlags::empty()).ok();
        return Err(error);
    }
    Ok(rustix::fs::fsync(&folder)?)
}

/// Makes the directories that are missing, each on the disk before the next, and opens the last.
#[cfg(unix)]
fn make(root: &Path, steps: &[&str], made: &mut Made) -> io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, fsync, mkdirat, open, openat};
    use rustix::io::Errno;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut here = open(root, flags, Mode::empty())?;
    let mut place = root.to_owned();
    for step in steps {
        place.push(step);
        match mkdirat(&here, *step, Mode::from_raw_mode(0o755)) {
            Ok(()) => {
                made.0.push(place.clone());
                fsync(&here)?;
            }
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        here = openat(&here, *step, flags | OFlags::NOFOLLOW, Mode::empty())?;
    }
    Ok(here)
}

#[cfg(not(unix))]
fn write(
    (root, steps): (&Path, &[&str]),
    (name, bytes): (&str, &[u8]),
    made: &mut Made,
) -> io::Result<()> {
    use std::io::Write as _;
    let mut folder = root.to_owned();
    for step in steps {
        folder.push(step);
        match std::fs::create_dir(&folder) {
            Ok(()) => made.0.push(folder.clone()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    if folder.canonicalize()? != folder {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link leads out of the session"));
    }
    let part = folder.join(temporary());
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&part)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&part, folder.join(name)));
    if written.is_err() {
        std::fs::remove_file(&part).ok();
    }
    written
}
