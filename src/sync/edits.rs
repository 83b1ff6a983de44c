//! Edit backups: whatever a person wrote and Callboard replaced or discarded is kept.
//!
//! Each is one file in `backups/edits/`: a line of JSON that tells what it is, then the text, byte
//! for byte. The directory is the index; the names sort by time.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{ContentHash, Part, sync_directory};
use crate::domain::time::Timestamp;
use crate::paths::private_directory;

const EXTENSION: &str = "edit";
/// Longest first line, in bytes.
const FRONT_MAX: u64 = 64 * 1024;
/// Longest part of a document's path in a name, in characters.
const SLUG_MAX: usize = 60;

/// One kept text, without the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditBackup {
    /// Its name, which tells it from all others.
    #[serde(skip)]
    pub name: String,
    /// The document that it was written in, relative to the project's `.task_orchestrator`.
    pub document: String,
    /// Why it is not in the document any more.
    pub reason: String,
    pub at: Timestamp,
    /// Bytes of the text.
    pub size: u64,
    pub hash: ContentHash,
}

/// How long texts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Older ones are removed.
    pub age_max_ms: i64,
    /// So many of the newest stay, however old they are.
    pub newest: usize,
}

/// The kept texts of a project.
#[derive(Debug, Clone)]
pub struct Edits {
    directory: PathBuf,
}

impl Edits {
    /// Those in a directory, which is made when the first is kept.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Keeps a text. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// When it cannot be written; nothing is left behind then.
    pub fn keep(
        &self,
        document: &str,
        bytes: &[u8],
        reason: &str,
        now: Timestamp,
    ) -> io::Result<EditBackup> {
        private_directory(&self.directory)?;
        let hash = ContentHash::of(bytes);
        let name = name_of(document, &hash, now);
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let backup = EditBackup {
            name,
            document: document.to_owned(),
            reason: reason.to_owned(),
            at: now,
            size,
            hash,
        };
        let mut part = Part::create(&self.directory, 0o600)?;
        part.write(&serde_json::to_vec(&backup)?)?;
        part.write(b"\n")?;
        part.write(bytes)?;
        part.sync()?;
        part.rename(&self.directory.join(&backup.name))?;
        sync_directory(&self.directory)?;
        Ok(backup)
    }

    /// All kept texts, the newest first. A file that is none of ours is passed over.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read.
    pub fn list(&self) -> io::Result<Vec<EditBackup>> {
        let read = |name: &String| Some(self.open(name).ok()?.0);
        Ok(self.names()?.iter().rev().filter_map(read).collect())
    }

    /// The text of one, byte for byte.
    ///
    /// # Errors
    ///
    /// When there is none of that name, or it cannot be read.
    pub fn text(&self, name: &str) -> io::Result<Vec<u8>> {
        let (backup, mut rest) = self.open(name)?;
        let mut bytes = Vec::new();
        rest.read_to_end(&mut bytes)?;
        if ContentHash::of(&bytes) == backup.hash {
            Ok(bytes)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "the kept text is damaged"))
        }
    }

    /// Removes those that are too old and returns how many.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read or one cannot be removed.
    pub fn prune(&self, retention: Retention, now: Timestamp) -> io::Result<usize> {
        let oldest_kept = stamp(now.plus_ms(retention.age_max_ms.saturating_neg()));
        let names = self.names()?;
        let may_go = names.len().saturating_sub(retention.newest);
        let old = names.iter().take(may_go).take_while(|name| **name < oldest_kept);
        let mut removed = 0;
        for name in old {
            fs::remove_file(self.directory.join(name))?;
            removed += 1;
        }
        Ok(removed)
    }

    /// The names, the oldest first.
    fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            answer => answer?,
        };
        let named = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        let mut names: Vec<String> =
            entries.filter_map(named).filter(|name| is_name(name)).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn open(&self, name: &str) -> io::Result<(EditBackup, BufReader<File>)> {
        if !is_name(name) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no edit backup has that name"));
        }
        let mut reader = BufReader::new(File::open(self.directory.join(name))?);
        let mut front = Vec::new();
        reader.by_ref().take(FRONT_MAX).read_until(b'\n', &mut front)?;
        let backup: EditBackup = serde_json::from_slice(&front)?;
        Ok((EditBackup { name: name.to_owned(), ..backup }, reader))
    }
}

/// A name that sorts by time and is safe on every file system.
fn name_of(document: &str, hash: &ContentHash, now: Timestamp) -> String {
    let hash: String = hash.as_str().chars().take(12).collect();
    let safe = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let stem = document.strip_suffix(".md").unwrap_or(document);
    // The end of a path tells more than its beginning.
    let skipped = stem.chars().count().saturating_sub(SLUG_MAX);
    let slug: String = stem.chars().skip(skipped).map(safe).collect();
    format!("{}-{hash}-{}.{EXTENSION}", stamp(now), slug.trim_matches('-'))
}

/// A point in time as the beginning of a name: `20261123T140319123Z`.
fn stamp(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0.max(0)).unwrap_or_default();
    moment.strftime("%Y%m%dT%H%M%S%3fZ").to_string()
}

fn is_name(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some_and(|extension| extension == EXTENSION)
        && path.file_name().is_some_and(|file_name| file_name == name)
        && name.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY_MS;

    const DOCUMENT: &str = "sessions/work-s-7k3q9xwb/tasks/active_tasks.md";

    fn scene() -> (tempfile::TempDir, Edits) {
        let directory = tempfile::tempdir().unwrap();
        let edits = Edits::in_directory(directory.path().join("backups/edits"));
        (directory, edits)
    }

    fn at(day: i64) -> Timestamp {
        Timestamp(1_795_000_000_000 + day * DAY_MS)
    }

    #[test]
    fn a_kept_text_comes_back_byte_for_byte() {
        let (_guard, edits) = scene();
        let text = b"\xef\xbb\xbfone\r\n\0\xff{\"two\"}\n\n";
        let kept = edits.keep(DOCUMENT, text, "the document was rewritten", at(0)).unwrap();
        assert_eq!(edits.list().unwrap(), std::slice::from_ref(&kept));
        assert_eq!(edits.text(&kept.name).unwrap(), text);
        assert_eq!(kept.size, 19);
    }

    #[test]
    fn the_newest_is_listed_first_and_nothing_is_listed_where_nothing_was_kept() {
        let (_guard, edits) = scene();
        assert_eq!(edits.list().unwrap(), []);
        for (day, text) in [(2, "b"), (0, "a"), (5, "c")] {
            edits.keep(DOCUMENT, text.as_bytes(), "", at(day)).unwrap();
        }
        let days: Vec<Timestamp> = edits.list().unwrap().iter().map(|backup| backup.at).collect();
        assert_eq!(days, [at(5), at(2), at(0)]);
    }

    #[test]
    fn old_ones_go_but_the_newest_stay_however_old() {
        let (_guard, edits) = scene();
        for day in 0..6 {
            edits.keep(DOCUMENT, b"a", "", at(day)).unwrap();
        }
        let retention = Retention { age_max_ms: 3 * DAY_MS, newest: 2 };
        assert_eq!(edits.prune(retention, at(6)).unwrap(), 3);
        assert_eq!(edits.prune(retention, at(600)).unwrap(), 1);
        assert_eq!(edits.list().unwrap().len(), 2);
    }

    #[test]
    fn names_lead_to_no_other_file() {
        let (guard, edits) = scene();
        fs::create_dir_all(guard.path().join("backups/edits")).unwrap();
        fs::write(guard.path().join("backups/1.edit"), "{}\nsecret").unwrap();
        for name in ["../1.edit", "/etc/passwd", "", "..", "x/../../1.edit"] {
            assert!(edits.text(name).is_err(), "{name}");
        }
        let kept = edits.keep("../../etc/ä b.md", b"x", "", at(0)).unwrap();
        assert!(is_name(&kept.name) && kept.name.is_ascii(), "{}", kept.name);
    }

    #[cfg(unix)]
    #[test]
    fn kept_texts_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_guard, edits) = scene();
        let kept = edits.keep(DOCUMENT, b"x", "", at(0)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&edits.directory), 0o700);
        assert_eq!(mode(&edits.directory.join(kept.name)), 0o600);
    }
}
