//! Packing: what is to be in an archive is gathered, then written at once.
//!
//! The manifest comes first and tells each file's hash, so what may change is copied into a spool
//! beforehand: what is packed is what was hashed.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use blake3::Hasher;

use super::copy::{copy, failed};
use super::scratch::{Part, private};
use super::{
    ArchiveError, END, FILES_MAX, MANIFEST, MANIFEST_MAX, Stage, UNPACKED_MAX, Watch, entry, read,
    seal, tell,
};
use crate::backup::manifest::{EntryPath, FORMAT, FileEntry, Head, Manifest};
use crate::domain::time::Timestamp;

/// How hard to compress, from 1 to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(i32);

impl Level {
    /// A level, moved into the range.
    pub fn new(level: i64) -> Self {
        Self(i32::try_from(level.clamp(1, 9)).unwrap_or(3))
    }
}

impl Default for Level {
    fn default() -> Self {
        Self(3)
    }
}

/// An archive that was written and verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    pub manifest: Manifest,
    /// Bytes of the archive.
    pub size: u64,
}

/// Where the bytes of a file are until they are written.
#[derive(Debug)]
enum Source {
    Spool { at: u64 },
    File(PathBuf),
}

/// What was added up to some point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    files: usize,
    spooled: u64,
    unpacked: u64,
}

/// Gathers what is to be in an archive.
#[derive(Debug)]
pub struct Packer {
    level: Level,
    spool: File,
    spool_path: PathBuf,
    spooled: u64,
    files: Vec<(FileEntry, Source)>,
    paths: HashSet<EntryPath>,
    unpacked: u64,
}

impl Packer {
    /// An empty one, which keeps what it gathers in a folder that nobody else uses.
    ///
    /// # Errors
    ///
    /// When nothing can be written there.
    pub fn new(scratch: &Path, level: Level) -> Result<Self, ArchiveError> {
        let spool_path = scratch.join("spool");
        let spool = private().create_new(true).open(&spool_path);
        let spool = spool.map_err(failed("write", &spool_path))?;
        let (files, paths) = (Vec::new(), HashSet::new());
        Ok(Self { level, spool, spool_path, spooled: 0, files, paths, unpacked: 0 })
    }

    /// Adds what a reader gives, and tells how much that was; when this fails, nothing is added.
    ///
    /// # Errors
    ///
    /// When it cannot be read or kept, or is more than an archive may hold.
    pub fn add(
        &mut self,
        path: EntryPath,
        modified: Timestamp,
        from: &mut dyn Read,
    ) -> Result<u64, ArchiveError> {
        let at = self.spooled;
        let (name, room) = (Path::new(path.as_str()), self.room());
        self.spool.seek(SeekFrom::Start(at)).map_err(failed("write", &self.spool_path))?;
        let (size, hash) = copy(from, &mut self.spool, room, &mut |_| Ok(()))
            .map_err(|error| error.between(name, &self.spool_path))?;
        self.spooled = at.saturating_add(size);
        self.list(FileEntry { path, size, hash, modified }, Source::Spool { at })
    }

    /// Adds a file that nobody changes until the archive is written.
    ///
    /// # Errors
    ///
    /// As [`Self::add`].
    pub fn add_file(
        &mut self,
        path: EntryPath,
        modified: Timestamp,
        from: &Path,
    ) -> Result<u64, ArchiveError> {
        let mut file = File::open(from).map_err(failed("read", from))?;
        let (size, hash) = copy(&mut file, &mut io::sink(), self.room(), &mut |_| Ok(()))
            .map_err(|error| error.between(from, from))?;
        self.list(FileEntry { path, size, hash, modified }, Source::File(from.to_owned()))
    }

    /// A point to go back to.
    pub(crate) fn mark(&self) -> Mark {
        Mark { files: self.files.len(), spooled: self.spooled, unpacked: self.unpacked }
    }

    /// Forgets what was added since.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        for (entry, _) in self.files.drain(mark.files.min(self.files.len())..) {
            self.paths.remove(&entry.path);
        }
        (self.spooled, self.unpacked) = (mark.spooled, mark.unpacked);
    }

    /// Files that were added.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// The paths of the files that were added.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(EntryPath::as_str)
    }

    /// Tells whether nothing was added yet.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Bytes that may still be added.
    fn room(&self) -> u64 {
        UNPACKED_MAX.saturating_sub(self.unpacked)
    }

    fn list(&mut self, entry: FileEntry, source: Source) -> Result<u64, ArchiveError> {
        if FILES_MAX <= self.files.len() {
            let what = format!("{} files", self.files.len() + 1);
            return Err(ArchiveError::TooMuch { what, max: FILES_MAX as u64 });
        }
        if !self.paths.insert(entry.path.clone()) {
            return Err(ArchiveError::Twice { path: entry.path.into() });
        }
        let size = entry.size;
        self.unpacked = self.unpacked.saturating_add(size);
        self.files.push((entry, source));
        Ok(size)
    }

    /// Writes the archive beside its place, reads it back from end to end, and then gives it its
    /// name, under which there must be nothing. When this fails nothing is left behind.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn write(self, to: &Path, head: Head, watch: Watch<'_>) -> Result<Packed, ArchiveError> {
        let files = self.files.iter().map(|(entry, _)| entry.clone()).collect();
        let manifest = Manifest { format: FORMAT, head, files };
        let part = Part::beside(to)?;
        let size = self.write_into(&part, &manifest, watch)?;
        part.file.sync_all().map_err(failed("write", &part.path))?;
        if read::verify(&part.path, watch)? != manifest {
            let what = "the manifest is not what was written".to_owned();
            return Err(ArchiveError::Damaged { path: part.path.clone(), what });
        }
        part.keep(to)?;
        Ok(Packed { manifest, size })
    }

    fn write_into(
        &self,
        part: &Part,
        manifest: &Manifest,
        watch: Watch<'_>,
    ) -> Result<u64, ArchiveError> {
        let fail = failed("write", &part.path);
        let text = serde_json::to_vec(manifest).map_err(|error| fail(error.into()))?;
        if MANIFEST_MAX < text.len() as u64 {
            let what = format!("a manifest of {} bytes", text.len());
            return Err(ArchiveError::TooMuch { what, max: MANIFEST_MAX });
        }
        let sealing = Sealing { to: BufWriter::new(&part.file), hasher: Hasher::new(), bytes: 0 };
        let mut out = zstd::Encoder::new(sealing, self.level.0).map_err(fail)?;
        out.include_checksum(true).map_err(fail)?;
        let stamp = manifest.head.created_at;
        put(&mut out, MANIFEST, &text, stamp).map_err(fail)?;
        let mut done = 0;
        for (entry, source) in &self.files {
            self.put_file(&mut out, part, (entry, source), &mut |bytes| {
                tell(watch, Stage::Packing, done + bytes, self.unpacked)
            })?;
            done += entry.size;
        }
        let own = format!("{}\n", blake3::hash(&text).to_hex());
        put(&mut out, END, own.as_bytes(), stamp).map_err(fail)?;
        out.write_all(&entry::END).map_err(fail)?;
        out.finish().map_err(fail)?.seal().map_err(fail)
    }

    fn put_file(
        &self,
        out: &mut dyn Write,
        part: &Part,
        (entry, source): (&FileEntry, &Source),
        told: &mut dyn FnMut(u64) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let fail = failed("write", &part.path);
        let (path, at) = match source {
            Source::Spool { at } => (&self.spool_path, *at),
            Source::File(path) => (path, 0),
        };
        let mut from = File::open(path).map_err(failed("read", path))?;
        from.seek(SeekFrom::Start(at)).map_err(failed("read", path))?;
        let before = entry::before(entry.path.as_str(), entry.size, entry.modified);
        out.write_all(&before).map_err(fail)?;
        let (size, hash) = copy(&mut from.take(entry.size), out, u64::MAX, told)
            .map_err(|error| error.between(path, &part.path))?;
        if size != entry.size || hash != entry.hash {
            return Err(ArchiveError::Changed { path: path.clone() });
        }
        out.write_all(&entry::padding(entry.size)).map_err(fail)
    }
}

impl Drop for Packer {
    fn drop(&mut self) {
        // What stays is removed with the scratch folder.
        fs::remove_file(&self.spool_path).ok();
    }
}

/// Writes an entry that is held in memory.
fn put(out: &mut dyn Write, path: &str, bytes: &[u8], modified: Timestamp) -> io::Result<()> {
    let size = bytes.len() as u64;
    out.write_all(&entry::before(path, size, modified))?;
    out.write_all(bytes)?;
    out.write_all(&entry::padding(size))
}

/// Hashes what passes through, and seals it in the end.
struct Sealing<W> {
    to: W,
    hasher: Hasher,
    bytes: u64,
}

impl<W: Write> Sealing<W> {
    /// Ends the archive, and tells how long it is.
    fn seal(mut self) -> io::Result<u64> {
        let seal = seal::of(&self.hasher.finalize());
        self.to.write_all(&seal)?;
        self.to.flush()?;
        Ok(self.bytes + seal.len() as u64)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or(bytes));
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
