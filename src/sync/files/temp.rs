//! Temporary files: `.callboard-….tmp`, beside the file they are for.
//!
//! While its content is being written a file is a *part*, worth nothing. When it is complete its
//! name tells the beginnings of the hashes of what it is to displace and of what it holds. One that
//! is found after a crash and holds neither holds what a person saved at that moment.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::reading::read_now;
use super::{ContentHash, Files, Identity, Step};

const PREFIX: &str = ".callboard-";
const PART: &str = "part";
const SUFFIX: &str = ".tmp";
/// Characters of a hash in a name.
const HASH_CHARS: usize = 16;
/// Longest name of a document, in bytes, that the name of its temporary file tells.
const NAME_MAX: usize = 180;
/// Levels of directories below the one that is searched for leftovers.
const DEPTH_MAX: usize = 8;

/// Tells whether a file's name is that of a temporary file.
pub(in crate::sync) fn is_temporary(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

/// A file that is being written; gone when dropped, unless it was renamed.
#[derive(Debug)]
pub(crate) struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    /// An empty one in a directory.
    pub(crate) fn create(directory: &Path, mode: u32) -> io::Result<Self> {
        let random = crate::peer::random();
        let path = directory.join(format!("{PREFIX}{PART}-{random:016x}{SUFFIX}"));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _: u32 = mode;
        let file = options.open(&path)?;
        Ok(Self { path, file })
    }

    pub(super) fn set_permissions(&self, permissions: fs::Permissions) -> io::Result<()> {
        self.file.set_permissions(permissions)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Brings it to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    pub(super) fn identity(&self) -> io::Result<Identity> {
        Ok(Identity::of(&self.file.metadata()?))
    }

    /// Gives it a name, whatever has the name now.
    pub(crate) fn rename(self, name: &Path) -> io::Result<()> {
        // What is dropped afterwards is no longer there to be removed.
        fs::rename(&self.path, name)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed, or swept away at the next start.
        fs::remove_file(&self.path).ok();
    }
}

/// What the name of a complete temporary file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TempName {
    /// The beginning of the hash of what is to be displaced.
    displaced: String,
    /// The beginning of the hash of what is written.
    written: String,
    random: u64,
    /// The name of the document; absent where that is too long.
    document: Option<String>,
}

impl TempName {
    pub(super) fn new(target: &Path, displaced: &ContentHash, written: &ContentHash) -> Self {
        let start = |hash: &ContentHash| hash.as_str().chars().take(HASH_CHARS).collect();
        let name = target.file_name().and_then(OsStr::to_str);
        Self {
            displaced: start(displaced),
            written: start(written),
            random: crate::peer::random(),
            document: name.filter(|name| name.len() <= NAME_MAX).map(str::to_owned),
        }
    }

    pub(super) fn in_directory(&self, directory: &Path) -> PathBuf {
        let Self { displaced, written, random, document } = self;
        let document = document.as_deref().unwrap_or_default();
        directory.join(format!("{PREFIX}{displaced}-{written}-{random:016x}-{document}{SUFFIX}"))
    }

    fn parse(name: &OsStr) -> Option<Self> {
        let inner = name.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let mut parts = inner.splitn(4, '-');
        let (displaced, written) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let random = u64::from_str_radix(parts.next()?, 16).ok()?;
        let document = parts.next().filter(|name| !name.is_empty()).map(str::to_owned);
        let are_hashes = displaced.len() == HASH_CHARS && written.len() == HASH_CHARS;
        are_hashes.then_some(Self { displaced, written, random, document })
    }

    fn foresees(&self, hash: &ContentHash) -> bool {
        [&self.displaced, &self.written].into_iter().any(|start| hash.as_str().starts_with(start))
    }
}

/// What somebody saved at the moment of a crash; it may not stand in the document.
#[derive(Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The temporary file that holds it.
    pub path: PathBuf,
    /// The document that it was saved as, where that is known.
    pub document: Option<PathBuf>,
    pub bytes: Vec<u8>,
}

impl Leftover {
    /// Removes it; its text is somewhere else now.
    ///
    /// # Errors
    ///
    /// When the file cannot be removed.
    pub fn discard(self) -> io::Result<()> {
        fs::remove_file(self.path)
    }
}

impl Files {
    /// Removes the temporary files that a crash has left below a directory, and returns those that
    /// hold what a person saved. Not to be called while another process writes documents there.
    ///
    /// # Errors
    ///
    /// When a directory cannot be read. A file that cannot be read or removed stays.
    pub fn leftovers(&self, directory: &Path) -> io::Result<Vec<Leftover>> {
        let mut found = Vec::new();
        let mut open = vec![(self.root.join(directory), 0)];
        while let Some((directory, depth)) = open.pop() {
            for entry in entries(&directory)? {
                let is_inner = depth < DEPTH_MAX && entry.file_type()?.is_dir();
                open.extend(is_inner.then(|| (entry.path(), depth.saturating_add(1))));
                let name = entry.file_name();
                found.extend(is_temporary(&name).then(|| leftover(&directory, &name)).flatten());
            }
        }
        Ok(found)
    }

    /// A complete temporary file beside its target, on the disk.
    pub(super) fn prepare(&self, target: &Path, new: NewFile<'_>) -> io::Result<Prepared> {
        let directory = target.parent().unwrap_or(&self.root);
        // Nobody else reads what only the owner may read, not even before it has its permissions.
        let mode = if new.permissions.is_some() { 0o600 } else { 0o644 };
        let mut part = Part::create(directory, mode)?;
        self.steps.at(Step::Made)?;
        if let Some(permissions) = new.permissions {
            part.set_permissions(permissions)?;
        }
        part.write(new.bytes)?;
        self.steps.at(Step::Written)?;
        part.sync()?;
        let identity = part.identity()?;
        let path = TempName::new(target, new.expected, new.hash).in_directory(directory);
        part.rename(&path)?;
        let prepared = Prepared { path, identity, is_ours: true };
        self.steps.at(Step::Synced)?;
        Ok(prepared)
    }
}

/// What is in a directory; nothing where there is none.
fn entries(directory: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.collect(),
    }
}

fn leftover(directory: &Path, name: &OsStr) -> Option<Leftover> {
    let path = directory.join(name);
    let told = TempName::parse(name);
    let document = told.as_ref().and_then(|told| told.document.as_deref());
    let document = document.map(|document| directory.join(document));
    match (read_now(&path), told) {
        (Ok(Some(bytes)), Some(told)) if !told.foresees(&ContentHash::of(&bytes)) => {
            Some(Leftover { path, document, bytes })
        }
        (Ok(Some(_)), _) => {
            // It is looked at again at the next start.
            fs::remove_file(path).ok();
            None
        }
        (Ok(None) | Err(_), _) => {
            tracing::warn!(path = %path.display(), "a temporary file stays, as it cannot be read");
            None
        }
    }
}

/// What is to be written.
pub(super) struct NewFile<'a> {
    pub bytes: &'a [u8],
    pub hash: &'a ContentHash,
    /// The hash of what it is to displace.
    pub expected: &'a ContentHash,
    /// Those of the file before it.
    pub permissions: Option<fs::Permissions>,
}

/// A complete temporary file; gone when dropped, as long as it holds our text alone.
#[derive(Debug)]
pub(super) struct Prepared {
    pub path: PathBuf,
    pub identity: Identity,
    is_ours: bool,
}

impl Prepared {
    /// From now on it may hold what a person wrote, and is not removed by itself.
    pub(super) fn give_away(mut self) -> PathBuf {
        self.is_ours = false;
        std::mem::take(&mut self.path)
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if self.is_ours {
            // Swept away at the next start.
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Brings the names in a directory to the disk, where the file system knows how.
#[cfg(unix)]
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory)?.sync_all() {
        Err(error) if super::swap::is_unsupported(&error) => Ok(()),
        answer => answer,
    }
}

#[cfg(not(unix))]
pub(crate) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_name_tells_its_document_and_what_it_may_hold() {
        let (old, new) = (ContentHash::of(b"old"), ContentHash::of(b"new"));
        let name = TempName::new(Path::new("/p/my-own-notes.md"), &old, &new);
        let path = name.in_directory(Path::new("/p"));
        let file_name = path.file_name().unwrap();
        assert!(is_temporary(file_name));
        assert_eq!(TempName::parse(file_name), Some(name.clone()));
        assert!(name.foresees(&old) && name.foresees(&new));
        assert!(!name.foresees(&ContentHash::of(b"other")));
        assert_eq!(TempName::parse(OsStr::new(".callboard-part-0123456789abcdef.tmp")), None);
    }
}
