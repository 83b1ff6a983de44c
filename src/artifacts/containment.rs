//! Paths that somebody names, opened only where they lead to a plain file within the project.
//!
//! The text alone is refused first (see [`crate::domain::artifact::path`]). Then links are followed
//! to the real place, which must be within; and from the project's directory the way there is walked
//! step by step without following any link, so that none that is put in between leads elsewhere.
//! What is opened is looked at once more: devices, pipes and sockets are nothing to read.

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::domain::artifact;
use crate::domain::refusal::{Code, Refusal};
use crate::paths::FOLDER;
use crate::sync::layout::SESSIONS;

/// A file within the project, open for reading.
#[derive(Debug)]
pub struct Opened {
    pub file: File,
    /// The path as it was named, made plain: relative, with `/`.
    pub path: String,
    /// In bytes, when it was opened.
    pub size: u64,
}

/// Why a path was not opened.
#[derive(Debug, thiserror::Error)]
pub enum ContainmentError {
    /// What the text alone says against it.
    #[error(transparent)]
    Text(#[from] Refusal),
    #[error("there is no file {path:?} in the project")]
    Missing { path: String },
    #[error("{path:?} leads out of the project by a link")]
    Leaves { path: String },
    #[error("{path:?} leads by a link to what is private")]
    Private { path: String },
    #[error("{path:?} is {what}, not a file")]
    NoFile { path: String, what: &'static str },
    #[error("cannot open {path:?}")]
    Io { path: String, source: io::Error },
}

/// Opens a file below a directory: the project's, or one within it.
///
/// # Errors
///
/// [`ContainmentError`]; nothing outside is opened.
pub fn open(root: &Path, text: &str) -> Result<Opened, ContainmentError> {
    open_where(root, text, &|inner| artifact::path("path", inner).is_ok())
}

/// Opens a file that is stored with a session: below the sessions' folder of `.task_orchestrator`,
/// where no link leads to what else is in there.
///
/// # Errors
///
/// As [`open`].
pub(super) fn open_stored(
    task_orchestrator: &Path,
    text: &str,
) -> Result<Opened, ContainmentError> {
    open_where(task_orchestrator, text, &|inner| {
        Path::new(inner).starts_with(SESSIONS)
            && artifact::path("path", &format!("{FOLDER}/{inner}")).is_ok()
    })
}

/// Opens a file whose real place may be named.
fn open_where(
    root: &Path,
    text: &str,
    may_be_named: &dyn Fn(&str) -> bool,
) -> Result<Opened, ContainmentError> {
    let path = artifact::path("path", text).map_err(|refusal| inside(root, text, refusal))?;
    let failed = |error| failed(&path, error);
    let real_root = root.canonicalize().map_err(failed)?;
    let real = real_root.join(&path).canonicalize().map_err(failed)?;
    let inner = match real.strip_prefix(&real_root) {
        Ok(inner) => inner.to_owned(),
        Err(_) => return Err(ContainmentError::Leaves { path }),
    };
    // A link within the project may lead to what may not be named itself.
    if !inner.to_str().is_some_and(may_be_named) {
        return Err(ContainmentError::Private { path });
    }
    let file = walk(&real_root, &inner, &path)?;
    let size = match file.metadata() {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(metadata) => {
            let what = what(metadata.file_type());
            return Err(ContainmentError::NoFile { path, what });
        }
        Err(error) => return Err(failed(error)),
    };
    Ok(Opened { file, path, size })
}

/// A refusal of an absolute path tells the relative one, where it leads into the project.
fn inside(root: &Path, text: &str, refusal: Refusal) -> Refusal {
    let given = Path::new(text.trim());
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let inner = given.strip_prefix(root).or_else(|_| given.strip_prefix(&real_root));
    match inner.ok().and_then(Path::to_str).filter(|inner| !inner.is_empty()) {
        Some(inner) if artifact::path("path", inner).is_ok() => {
            refusal.with("relative", inner).suggest(format!("send it as {inner:?}"))
        }
        Some(_) | None => refusal,
    }
}

fn failed(path: &str, error: io::Error) -> ContainmentError {
    let path = path.to_owned();
    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
        ContainmentError::Missing { path }
    } else {
        ContainmentError::Io { path, source: error }
    }
}

/// The plain names of a path.
fn names(inner: &Path) -> impl Iterator<Item = &std::ffi::OsStr> {
    inner.components().filter_map(|step| match step {
        Component::Normal(name) => Some(name),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            None
        }
    })
}

/// Opens what lies at the end of the way, following no link.
#[cfg(unix)]
fn walk(root: &Path, inner: &Path, path: &str) -> Result<File, ContainmentError> {
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};
    use rustix::io::Errno;
    let failed = |error: Errno| match error {
        // There was no link a moment ago.
        Errno::LOOP => ContainmentError::Leaves { path: path.to_owned() },
        error => failed(path, error.into()),
    };
    let mut steps: Vec<&std::ffi::OsStr> = names(inner).collect();
    let Some(last) = steps.pop() else {
        return Err(ContainmentError::NoFile { path: path.to_owned(), what: DIRECTORY });
    };
    let directory = enter(root, &steps).map_err(failed)?;
    let found = statat(&directory, last, AtFlags::SYMLINK_NOFOLLOW).map_err(failed)?;
    let kind = FileType::from_raw_mode(found.st_mode);
    if kind == FileType::Symlink {
        return Err(ContainmentError::Leaves { path: path.to_owned() });
    }
    if kind != FileType::RegularFile {
        let what = if kind == FileType::Directory { DIRECTORY } else { DEVICE };
        return Err(ContainmentError::NoFile { path: path.to_owned(), what });
    }
    // A pipe that took the file's place this very moment is opened without waiting for its writer.
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    openat(&directory, last, flags, Mode::empty()).map(File::from).map_err(failed)
}

const DIRECTORY: &str = "a directory";
const DEVICE: &str = "a device, a pipe or a socket";

fn what(kind: std::fs::FileType) -> &'static str {
    if kind.is_dir() { DIRECTORY } else { DEVICE }
}

/// Opens a directory below another, following no link on the way.
#[cfg(unix)]
pub(super) fn enter(
    root: &Path,
    steps: &[&std::ffi::OsStr],
) -> Result<std::os::fd::OwnedFd, rustix::io::Errno> {
    use rustix::fs::{Mode, OFlags, open, openat};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut here = open(root, flags, Mode::empty())?;
    for step in steps {
        here = openat(&here, *step, flags | OFlags::NOFOLLOW, Mode::empty())?;
    }
    Ok(here)
}

#[cfg(not(unix))]
fn walk(root: &Path, inner: &Path, path: &str) -> Result<File, ContainmentError> {
    let whole: PathBuf = root.join(names(inner).collect::<PathBuf>());
    let metadata = whole.symlink_metadata().map_err(|error| failed(path, error))?;
    if !metadata.is_file() {
        let what = what(metadata.file_type());
        return Err(ContainmentError::NoFile { path: path.to_owned(), what });
    }
    let file = File::open(&whole).map_err(|error| failed(path, error))?;
    match whole.canonicalize() {
        Ok(again) if again == whole => Ok(file),
        Ok(_) | Err(_) => Err(ContainmentError::Leaves { path: path.to_owned() }),
    }
}

impl ContainmentError {
    /// Tells whether there is just no such file: nothing was tried that may not be.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::NoFile { what: DIRECTORY, .. })
    }
}

impl From<ContainmentError> for Refusal {
    fn from(error: ContainmentError) -> Self {
        let code = match &error {
            ContainmentError::Text(refusal) => return refusal.clone(),
            ContainmentError::Missing { .. } => Code::UnknownId,
            ContainmentError::Leaves { .. }
            | ContainmentError::Private { .. }
            | ContainmentError::NoFile { .. }
            | ContainmentError::Io { .. } => Code::InvalidValue,
        };
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let refusal = Self::new(code, error.to_string())
            .suggest("name a plain file relative to the project's directory, such as src/main.rs");
        match cause {
            Some(cause) => refusal.with("cause", cause),
            None => refusal,
        }
    }
}

/// Where a path that may be named stands; nothing is looked at.
pub(super) fn place(root: &Path, path: &str) -> PathBuf {
    path.split('/').fold(root.to_owned(), |place, step| place.join(step))
}
