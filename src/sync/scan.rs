//! What stands on disk, and what changed since it was looked at last.
//!
//! Events of the system are hints; this is the truth. A file whose size, time and inode are the
//! same as before was not changed, with git's exception: one that was changed so shortly before it
//! was looked at that another change in the same tick of the file system's clock would not show. Such
//! a file is reported once more at the next look.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::files::{Identity, is_temporary};
use crate::domain::time::Timestamp;

/// The coarsest clock of a file system: two seconds, on FAT.
const TICK_MS: i64 = 2000;
/// Levels of directories that are looked into.
const DEPTH_MAX: usize = 8;
/// Holds files of any kind, which are no documents.
const WORK_PRODUCTS: &str = "work_products";

/// How a file differs from what it was at the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    New,
    /// Or perhaps modified: its content is to be compared.
    Modified,
    Gone,
}

/// A file that is not as it was at the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub path: PathBuf,
    pub kind: Kind,
    /// As it stands now; none if it is gone.
    pub identity: Option<Identity>,
}

/// What was seen of each file at the last look.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    directories: BTreeMap<PathBuf, BTreeMap<OsString, Seen>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    identity: Identity,
    is_racy: bool,
}

impl Seen {
    fn at(identity: Identity, now: Timestamp) -> Self {
        let safe_before = i128::from(now.plus_ms(-TICK_MS).0) * 1_000_000;
        Self { identity, is_racy: safe_before <= identity.modified_ns }
    }
}

impl Scan {
    /// Looks at everything below some directories, and returns what changed there, in order.
    ///
    /// What cannot be read counts as unchanged, and not as gone.
    pub fn look(&mut self, directories: &[PathBuf], now: Timestamp) -> Vec<Changed> {
        let mut changed = Vec::new();
        for directory in directories {
            let before = self.take_below(directory);
            let mut look = Look { before, after: BTreeMap::new(), changed: &mut changed, now };
            look.directory(directory, 0);
            look.finish();
            self.directories.append(&mut look.after);
        }
        changed.sort_by(|one, other| one.path.cmp(&other.path));
        changed.dedup();
        changed
    }

    /// Takes note of a file that this process has written, by the identity that it had before
    /// anybody else could reach it: the next look reports only what came after.
    pub fn wrote(&mut self, path: &Path, identity: Identity, now: Timestamp) {
        if let (Some(directory), Some(name)) = (path.parent(), path.file_name()) {
            let files = self.directories.entry(directory.to_owned()).or_default();
            files.insert(name.to_owned(), Seen::at(identity, now));
        }
    }

    /// Forgets a file: if it stands there at the next look, it is new.
    pub fn forget(&mut self, path: &Path) {
        if let (Some(directory), Some(name)) = (path.parent(), path.file_name())
            && let Some(files) = self.directories.get_mut(directory)
        {
            files.remove(name);
        }
    }

    fn take_below(&mut self, directory: &Path) -> BTreeMap<PathBuf, BTreeMap<OsString, Seen>> {
        let mut below = self.directories.split_off(directory);
        let after = below.keys().find(|path| !path.starts_with(directory)).cloned();
        if let Some(after) = after {
            self.directories.append(&mut below.split_off(&after));
        }
        below
    }
}

/// One look below one directory.
struct Look<'a> {
    before: BTreeMap<PathBuf, BTreeMap<OsString, Seen>>,
    after: BTreeMap<PathBuf, BTreeMap<OsString, Seen>>,
    changed: &'a mut Vec<Changed>,
    now: Timestamp,
}

impl Look<'_> {
    fn directory(&mut self, directory: &Path, depth: usize) {
        let mut before = self.before.remove(directory).unwrap_or_default();
        let mut after = BTreeMap::new();
        let mut inner = Vec::new();
        match list(directory, &mut inner) {
            Ok(files) => {
                for (name, identity) in files {
                    let seen = Seen::at(identity, self.now);
                    self.compare(directory, &name, before.remove(&name), seen);
                    after.insert(name, seen);
                }
                self.gone(directory, before);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.gone(directory, before),
            Err(error) => {
                tracing::warn!(%error, directory = %directory.display(), "cannot look here");
                after = before;
                inner.clear();
                self.keep_below(directory);
            }
        }
        self.after.insert(directory.to_owned(), after);
        for inner in inner.iter().filter(|_| depth < DEPTH_MAX) {
            self.directory(inner, depth.saturating_add(1));
        }
    }

    fn compare(&mut self, directory: &Path, name: &OsStr, before: Option<Seen>, now: Seen) {
        let kind = match before {
            None => Kind::New,
            Some(before) if before.identity != now.identity || before.is_racy => Kind::Modified,
            Some(_) => return,
        };
        let path = directory.join(name);
        self.changed.push(Changed { path, kind, identity: Some(now.identity) });
    }

    fn gone(&mut self, directory: &Path, files: BTreeMap<OsString, Seen>) {
        self.changed.extend(files.into_keys().map(|name| Changed {
            path: directory.join(name),
            kind: Kind::Gone,
            identity: None,
        }));
    }

    /// Everything in a directory that cannot be read stays as it was.
    fn keep_below(&mut self, directory: &Path) {
        let before = std::mem::take(&mut self.before);
        let (below, beside): (BTreeMap<_, _>, BTreeMap<_, _>) =
            before.into_iter().partition(|(path, _)| path.starts_with(directory));
        self.after.extend(below);
        self.before = beside;
    }

    /// Directories that were seen before and not now are gone with all that was in them.
    fn finish(&mut self) {
        for (directory, files) in std::mem::take(&mut self.before) {
            self.gone(&directory, files);
        }
    }
}

/// The documents in a directory; the directories in it that are to be looked into go to `inner`.
fn list(directory: &Path, inner: &mut Vec<PathBuf>) -> io::Result<Vec<(OsString, Identity)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            inner.extend(is_looked_into(&name).then(|| entry.path()));
            continue;
        }
        if !is_document(&name) {
            continue;
        }
        match identity(&entry) {
            Ok(identity) => files.push((name, identity)),
            // It went away since it was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}

/// A link to a file is as what it leads to.
fn identity(entry: &fs::DirEntry) -> io::Result<Identity> {
    let own = entry.metadata()?;
    let standing = if own.is_symlink() { fs::metadata(entry.path())? } else { own };
    Ok(Identity::of(&standing))
}

fn is_looked_into(name: &OsStr) -> bool {
    name != WORK_PRODUCTS && !name.as_encoded_bytes().starts_with(b".")
}

/// Tells whether a file of that name may be a document: markdown, and none of the files that
/// editors and synchronizers put beside the one they are at.
pub(super) fn is_document(name: &OsStr) -> bool {
    let Some(text) = name.to_str() else { return false };
    let is_besides = is_temporary(name)
        || text.starts_with(".#")
        || text.contains(".sync-conflict-")
        || text.contains("conflicted copy");
    // Whatever else is to be ignored ends otherwise: `*~`, `*.swp`, `4913`, `*.orig`.
    Path::new(name).extension().is_some_and(|extension| extension == "md") && !is_besides
}
