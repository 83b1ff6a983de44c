//! Reading archives, which may come from anywhere and may be broken in any way.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Take, Write};
use std::path::{Path, PathBuf};

use blake3::{Hash, Hasher};
use zstd::Decoder;

use super::copy::{CopyError, copy, failed};
use super::scratch::private;
use super::{
    ArchiveError, END, FILES_MAX, MANIFEST, MANIFEST_MAX, RATIO_FREE, RATIO_MAX, Stage,
    UNPACKED_MAX, WINDOW_LOG_MAX, Watch, entry, seal, tell,
};
use crate::backup::manifest::{FORMAT, FileEntry, Manifest};

/// Reads what an archive says of itself, and believes it: only its beginning is looked at.
///
/// # Errors
///
/// [`ArchiveError`] when there is no archive, or its beginning is damaged.
pub fn manifest(path: &Path) -> Result<Manifest, ArchiveError> {
    let mut opened = Opened::at(path)?;
    opened.manifest().map(|(manifest, _)| manifest)
}

/// Reads an archive from end to end, and tells what it holds if every byte is as it was written.
///
/// # Errors
///
/// [`ArchiveError`]; [`ArchiveError::is_damage`] tells whether the archive is to blame.
pub fn verify(path: &Path, watch: Watch<'_>) -> Result<Manifest, ArchiveError> {
    let opened = Opened::at(path)?;
    opened.read(Stage::Verifying, watch, &mut |_| Ok(Box::new(io::sink())))
}

/// Unpacks an archive into an empty folder, and tells what it held if every byte was as it was
/// written. What was unpacked of a damaged one stays, for the caller to throw away.
///
/// # Errors
///
/// As [`verify`].
pub fn unpack(path: &Path, into: &Path, watch: Watch<'_>) -> Result<Manifest, ArchiveError> {
    let mut found = fs::read_dir(into).map_err(failed("read", into))?;
    if found.next().is_some() {
        return Err(ArchiveError::NotEmpty { path: into.to_owned() });
    }
    let opened = Opened::at(path)?;
    opened.read(Stage::Unpacking, watch, &mut |file| {
        let to = into.join(file.path.as_str());
        let folder = to.parent().unwrap_or(into);
        fs::create_dir_all(folder).map_err(failed("make", folder))?;
        // New: nothing is followed, and nothing replaced.
        let made = private().create_new(true).open(&to).map_err(failed("write", &to))?;
        Ok(Box::new(made))
    })
}

/// Reads one file out of an archive; none where it holds no such file, or more than `most` bytes have
/// to be read for it. What was read is as it was written; what comes after is not looked at.
///
/// # Errors
///
/// As [`verify`].
pub fn read_one(path: &Path, name: &str, most: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
    let mut opened = Opened::at(path)?;
    let (manifest, _) = opened.manifest()?;
    let mut read = 0_u64;
    for file in &manifest.files {
        read = read.saturating_add(file.size);
        if most < read {
            return Ok(None);
        }
        if file.path.as_str() == name {
            let mut bytes = Vec::new();
            opened.file(file, &mut bytes, &mut |_| Ok(()))?;
            return Ok(Some(bytes));
        }
        opened.file(file, &mut io::sink(), &mut |_| Ok(()))?;
    }
    Ok(None)
}

/// Says where the bytes of a file go.
type Place<'a> = &'a mut dyn FnMut(&FileEntry) -> Result<Box<dyn Write>, ArchiveError>;

/// An archive that is being read.
struct Opened {
    path: PathBuf,
    size: u64,
    sealed: Hash,
    from: Decoder<'static, BufReader<Hashing>>,
}

/// Hashes what is read.
struct Hashing {
    from: Take<File>,
    hasher: Hasher,
}

impl Read for Hashing {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl Opened {
    fn at(path: &Path) -> Result<Self, ArchiveError> {
        let fail = failed("read", path);
        // Opening a pipe or a device can wait or act.
        let standing = fs::metadata(path).map_err(fail)?;
        if !standing.is_file() {
            return Err(fail(io::Error::other("it is not a regular file")));
        }
        let mut file = File::open(path).map_err(fail)?;
        let size = file.metadata().map_err(fail)?.len();
        let incomplete = |what| ArchiveError::Incomplete { path: path.to_owned(), what };
        let Some(body) = size.checked_sub(seal::BYTES as u64).filter(|body| 0 < *body) else {
            return Err(incomplete("it is too short"));
        };
        let mut end = [0; seal::BYTES];
        file.seek(SeekFrom::Start(body)).map_err(fail)?;
        file.read_exact(&mut end).map_err(fail)?;
        let sealed = seal::read(&end).ok_or_else(|| incomplete("it has no seal at its end"))?;
        file.rewind().map_err(fail)?;
        let hashing = Hashing { from: file.take(body), hasher: Hasher::new() };
        let mut from = Decoder::new(hashing).map_err(fail)?.single_frame();
        from.window_log_max(WINDOW_LOG_MAX).map_err(fail)?;
        Ok(Self { path: path.to_owned(), size, sealed, from })
    }

    fn read(
        mut self,
        stage: Stage,
        watch: Watch<'_>,
        place: Place<'_>,
    ) -> Result<Manifest, ArchiveError> {
        let (manifest, hash) = self.manifest()?;
        let (total, mut done) = (manifest.unpacked(), 0);
        for file in &manifest.files {
            let mut to = place(file)?;
            let told = &mut |bytes: u64| tell(watch, stage, done + bytes, total);
            self.file(file, &mut *to, told)?;
            done += file.size;
        }
        let own = format!("{}\n", hash.to_hex());
        let stamp = manifest.head.created_at;
        self.expect(END, &entry::before(END, own.len() as u64, stamp))?;
        self.expect(END, own.as_bytes())?;
        self.expect(END, &entry::padding(own.len() as u64))?;
        self.expect("the end", &entry::END)?;
        self.end()?;
        Ok(manifest)
    }

    /// The first entry, and the hash of its bytes.
    fn manifest(&mut self) -> Result<(Manifest, Hash), ArchiveError> {
        let mut header = [0; 512];
        self.from.read_exact(&mut header).map_err(|error| self.broken(MANIFEST, &error))?;
        let size = entry::size_of(&header).filter(|size| *size <= MANIFEST_MAX);
        let size = size.ok_or_else(|| self.damaged("it does not begin with a manifest"))?;
        let mut text = vec![0; usize::try_from(size).unwrap_or(0)];
        self.from.read_exact(&mut text).map_err(|error| self.broken(MANIFEST, &error))?;
        self.expect(MANIFEST, &entry::padding(size))?;
        let form: Form = self.parse(&text)?;
        if FORMAT < form.format {
            return Err(ArchiveError::Newer { path: self.path.clone(), format: form.format });
        }
        let manifest: Manifest = self.parse(&text)?;
        if entry::before(MANIFEST, size, manifest.head.created_at) != header {
            return Err(self.damaged("it does not begin with a manifest"));
        }
        self.bounded(&manifest)?;
        Ok((manifest, blake3::hash(&text)))
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, text: &[u8]) -> Result<T, ArchiveError> {
        serde_json::from_slice(text)
            .map_err(|error| self.damaged(format!("its manifest cannot be read: {error}")))
    }

    /// Refuses what would fill the disk.
    fn bounded(&self, manifest: &Manifest) -> Result<(), ArchiveError> {
        let too_much = |what, max| Err(ArchiveError::TooMuch { what, max });
        let (files, unpacked) = (manifest.files.len(), manifest.unpacked());
        if FILES_MAX < files {
            return too_much(format!("{files} files"), FILES_MAX as u64);
        }
        let max = self.size.saturating_mul(RATIO_MAX).clamp(RATIO_FREE, UNPACKED_MAX);
        if max < unpacked {
            return too_much(format!("{unpacked} bytes"), max);
        }
        let mut paths: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
        paths.sort_unstable();
        match paths.iter().zip(paths.iter().skip(1)).find(|(path, next)| path == next) {
            Some((path, _)) => Err(ArchiveError::Twice { path: (*path).to_owned() }),
            None => Ok(()),
        }
    }

    /// Reads one file, which is what the manifest says or damaged.
    fn file(
        &mut self,
        file: &FileEntry,
        to: &mut dyn Write,
        told: &mut dyn FnMut(u64) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let path = file.path.as_str();
        self.expect(path, &entry::before(path, file.size, file.modified))?;
        let copied = copy(&mut (&mut self.from).take(file.size), to, file.size, told);
        let (size, hash) = copied.map_err(|error| match error {
            CopyError::Read(error) => self.broken(path, &error),
            error @ (CopyError::Write(_) | CopyError::TooMuch | CopyError::Told(_)) => {
                error.between(&self.path, Path::new(path))
            }
        })?;
        if size != file.size || hash != file.hash {
            return Err(self.damaged(format!("{path} is not what was packed")));
        }
        self.expect(path, &entry::padding(file.size))
    }

    /// Reads bytes that are known beforehand.
    fn expect(&mut self, what: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let mut found = vec![0; bytes.len()];
        self.from.read_exact(&mut found).map_err(|error| self.broken(what, &error))?;
        if found == bytes {
            return Ok(());
        }
        Err(self.damaged(format!("{what} does not stand where the manifest says")))
    }

    /// Nothing comes after the end, and every byte was sealed.
    fn end(mut self) -> Result<(), ArchiveError> {
        let mut byte = [0];
        match self.from.read(&mut byte) {
            Ok(0) => {}
            Ok(_) => return Err(self.damaged("there is more than the manifest says")),
            Err(error) => return Err(self.broken("the end", &error)),
        }
        let Self { path, sealed, from, .. } = self;
        let mut rest = from.finish();
        let left = io::copy(&mut rest, &mut io::sink()).map_err(failed("read", &path))?;
        if left != 0 {
            let what = "something was put behind its end".to_owned();
            return Err(ArchiveError::Damaged { path, what });
        }
        if rest.into_inner().hasher.finalize() == sealed {
            return Ok(());
        }
        Err(ArchiveError::Damaged { path, what: "it is not what was sealed".to_owned() })
    }

    fn damaged(&self, what: impl Into<String>) -> ArchiveError {
        ArchiveError::Damaged { path: self.path.clone(), what: what.into() }
    }

    fn broken(&self, what: &str, error: &io::Error) -> ArchiveError {
        self.damaged(format!("{what} cannot be read: {error}"))
    }
}

/// What must be known of a manifest before the rest of it is read.
#[derive(serde::Deserialize)]
struct Form {
    format: u32,
}
