//! What lies beside the database: files are read as they stand, links and devices are left where
//! they are, and whatever is not packed is named.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use super::archive::{ArchiveError, Packer, Progress, Stage, Watch};
use super::exchange::KEPT;
use super::manifest::{EntryPath, LeftOut};
use crate::domain::time::Timestamp;
use crate::sync::files::{Identity, open_carefully};

/// Where files are within an archive: their path there is relative to `.task_orchestrator`.
pub const HOME: &str = "files";
/// Folders within folders.
const DEPTH_MAX: usize = 64;
/// Attempts at reading a file that is being written.
const ATTEMPTS_MAX: usize = 4;
/// What is named of the things left out.
const LEFT_OUT_MAX: usize = 200;

/// What of a home never goes into an archive: other copies of the database, what only processes that
/// run need, and the archives themselves.
pub(super) fn is_never_packed(relative: &str) -> bool {
    let of_database = ["callboard.db", "callboard.before-", ".callboard-"];
    let is_within = |folder: &str| {
        relative.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_within("run")
        || is_within("backups/archives")
        || relative.starts_with(KEPT)
        || of_database.iter().any(|beginning| relative.starts_with(beginning))
        || relative.rsplit('/').next().is_some_and(|name| name.starts_with(".callboard-"))
}

/// Adds files and folders, named by their paths relative to a home, with all that is in them.
///
/// # Errors
///
/// When what was read cannot be kept, or `watch` calls it off. What cannot be read is named in what
/// is returned, and no error.
pub fn gather(
    packer: &mut Packer,
    home: &Path,
    roots: &[String],
    watch: Watch<'_>,
) -> Result<Vec<LeftOut>, ArchiveError> {
    let mut gathering = Gathering { packer, home, watch, left_out: Vec::new() };
    for root in roots {
        gathering.take(root, 0)?;
    }
    Ok(gathering.left_out)
}

struct Gathering<'a> {
    packer: &'a mut Packer,
    home: &'a Path,
    watch: Watch<'a>,
    left_out: Vec<LeftOut>,
}

impl Gathering<'_> {
    /// Takes whatever stands at a path; the home itself is the empty one.
    fn take(&mut self, relative: &str, depth: usize) -> Result<(), ArchiveError> {
        if is_never_packed(relative) {
            return Ok(());
        }
        let path = self.home.join(relative);
        let standing = match fs::symlink_metadata(&path) {
            Ok(standing) => standing,
            // It went while the others were read, or never was.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return self.leave(relative, &error.to_string()),
        };
        let kind = standing.file_type();
        if kind.is_dir() {
            self.folder(relative, &path, depth)
        } else if kind.is_file() {
            self.file(relative, &path)
        } else if kind.is_symlink() {
            self.leave(relative, "a symbolic link")
        } else {
            self.leave(relative, "neither a file nor a folder")
        }
    }

    fn folder(&mut self, relative: &str, path: &Path, depth: usize) -> Result<(), ArchiveError> {
        if DEPTH_MAX <= depth {
            return self.leave(relative, "nested too deeply");
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.leave(relative, &error.to_string()),
        };
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            match name.to_str() {
                Some(name) if relative.is_empty() => self.take(name, depth + 1)?,
                Some(name) => self.take(&format!("{relative}/{name}"), depth + 1)?,
                None => {
                    let name = format!("{relative}/{}", name.to_string_lossy());
                    self.leave(&name, "its name is not text")?;
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, relative: &str, path: &Path) -> Result<(), ArchiveError> {
        let Ok(entry) = EntryPath::new(format!("{HOME}/{relative}")) else {
            return self.leave(relative, "its name cannot be packed");
        };
        let done = self.packer.len() as u64;
        if (self.watch)(Progress { stage: Stage::Gathering, done, total: 0 }).is_break() {
            return Err(ArchiveError::Cancelled);
        }
        match self.read(&entry, path) {
            Ok(None) => Ok(()),
            Ok(Some(why)) => self.leave(relative, why),
            Err(ArchiveError::Io { deed: "read", source, .. }) => {
                let gone = source.kind() == io::ErrorKind::NotFound;
                if gone { Ok(()) } else { self.leave(relative, &source.to_string()) }
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a file that nobody writes to meanwhile; else says what is to be known of it.
    fn read(
        &mut self,
        entry: &EntryPath,
        path: &Path,
    ) -> Result<Option<&'static str>, ArchiveError> {
        let fail = |source| ArchiveError::Io { deed: "read", path: path.to_owned(), source };
        for attempt in 1..=ATTEMPTS_MAX {
            let mut file = open_carefully(path).map_err(fail)?;
            let before = file.metadata().map_err(fail)?;
            if !before.is_file() {
                return Ok(Some("neither a file nor a folder"));
            }
            let mark = self.packer.mark();
            let size = self.packer.add(entry.clone(), modified(&before), &mut file)?;
            if is_whole(&file, &before, size) {
                return Ok(None);
            }
            if attempt < ATTEMPTS_MAX {
                self.packer.back_to(mark);
            }
        }
        Ok(Some("written to while it was read; it is inside as it was found"))
    }

    #[expect(clippy::unnecessary_wraps, reason = "a step of the walk, like those beside it")]
    fn leave(&mut self, relative: &str, why: &str) -> Result<(), ArchiveError> {
        if self.left_out.len() < LEFT_OUT_MAX {
            self.left_out.push(LeftOut { path: relative.to_owned(), why: why.to_owned() });
        }
        Ok(())
    }
}

/// Tells whether what was read is what the file held all the while.
fn is_whole(file: &File, before: &Metadata, size: u64) -> bool {
    let before = Identity::of(before);
    size == before.size && file.metadata().is_ok_and(|after| Identity::of(&after) == before)
}

/// When a file was changed last.
fn modified(standing: &Metadata) -> Timestamp {
    let nanoseconds = Identity::of(standing).modified_ns;
    Timestamp(i64::try_from(nanoseconds / 1_000_000).unwrap_or(0))
}
