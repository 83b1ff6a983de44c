//! What a restore has decided, so that whoever opens the project next can finish it or drop it.
//!
//! Everything a restore needs lies in one folder below `run/` before anything is changed. The
//! command decides: what is in the feed is rolled forward, what is not was never begun.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::Planned;
use crate::domain::change::Verb;
use crate::domain::document::DocumentNote;
use crate::domain::refusal::Refusal;
use crate::paths::{ProjectPaths, private_directory};
use crate::peer::Peer;
use crate::query::changes::{self, ChangeQuery};
use crate::sync::files::sync_directory;

/// How the folders of restores begin.
const FOLDER: &str = "restore-";
const JOURNAL: &str = "journal.json";
/// Where the archive is unpacked in it.
const UNPACKED: &str = "unpacked";
/// Entries of the feed looked through at once.
const PAGE: usize = 1_000;

/// What decides whether a restore was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Decided {
    /// An entry after a number, with the reason of this restore.
    ByEntry { after: i64, reason: String },
    /// The feed that came with everything else: what it has at this number is of the snapshot.
    ByFeed {
        seq: i64,
        #[serde(default)]
        entry: String,
    },
    /// The journal itself: no row changes, or all have.
    Already,
}

/// The journal of one restore.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Its id, or the path of its archive where that lies elsewhere.
    pub backup: String,
    pub decided: Decided,
    /// What becomes of files that are there.
    pub replaces: bool,
    pub files: Vec<Planned>,
    /// What is noted of documents when they are in place.
    pub notes: Vec<DocumentNote>,
    /// How often it was tried to bring back what is left of it; 0 until all was tried once.
    #[serde(default)]
    pub tries: u32,
}

/// The folder of a restore that is under way.
#[derive(Debug)]
pub(super) struct Staging {
    path: PathBuf,
}

impl Staging {
    pub(super) fn new(paths: &ProjectPaths) -> io::Result<Self> {
        Self::within(&paths.run())
    }

    /// One that nobody finds until it is moved below `run/`.
    pub(super) fn within(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("{FOLDER}{:016x}", crate::peer::random()));
        private_directory(&path.join(UNPACKED))?;
        Ok(Self { path })
    }

    /// Those that were left behind.
    pub(super) fn left(paths: &ProjectPaths) -> Vec<Self> {
        let found = fs::read_dir(paths.run()).into_iter().flatten().flatten();
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with(FOLDER) && path.is_dir()
        };
        let mut found: Vec<PathBuf> = found.map(|entry| entry.path()).filter(is_ours).collect();
        found.sort();
        found.into_iter().map(|path| Self { path }).collect()
    }

    /// What tells this restore from all others.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(super) fn unpacked(&self) -> PathBuf {
        self.path.join(UNPACKED)
    }

    /// Throws away what was unpacked.
    pub(super) fn empty(&self) -> io::Result<()> {
        remove_all(&self.unpacked())?;
        private_directory(&self.unpacked())
    }

    /// Brings what was unpacked to the disk: what the journal tells of is there after a power loss.
    pub(super) fn sync(&self) -> io::Result<()> {
        sync_below(&self.unpacked())
    }

    /// Writes the journal; it is on the disk when this returns.
    pub(super) fn write(&self, journal: &Journal) -> io::Result<()> {
        let temporary = self.path.join("journal.part");
        let mut file = fs::File::create(&temporary)?;
        file.write_all(&serde_json::to_vec(journal)?)?;
        file.sync_all()?;
        fs::rename(&temporary, self.path.join(JOURNAL))?;
        sync_directory(&self.path)?;
        self.path.parent().map_or(Ok(()), sync_directory)
    }

    /// The journal; none where it was not written, and so nothing was begun.
    pub(super) fn read(&self) -> io::Result<Option<Journal>> {
        match fs::read(self.path.join(JOURNAL)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends it: the journal goes first, so that what is left of it then is only in the way.
    pub(super) fn remove(self) -> io::Result<()> {
        match fs::remove_file(self.path.join(JOURNAL)) {
            Ok(()) => sync_directory(&self.path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        remove_all(&self.path)
    }
}

fn remove_all(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        answer => answer,
    }
}

/// Files and folders below a folder, and itself.
#[cfg(target_os = "linux")]
fn sync_below(folder: &Path) -> io::Result<()> {
    // At once, as there may be many.
    rustix::fs::syncfs(fs::File::open(folder)?)?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn sync_below(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_below(&entry.path())?;
        } else {
            fs::OpenOptions::new().write(true).open(entry.path())?.sync_all()?;
        }
    }
    sync_directory(folder)
}

impl Journal {
    /// Tells whether the restore was begun: its command is in the feed.
    pub(super) fn is_decided(&self, peer: &Peer) -> Result<bool, Refusal> {
        match &self.decided {
            Decided::Already => Ok(true),
            Decided::ByFeed { seq, entry } => {
                let found = peer.readers.read(|reader| changes::fingerprint(reader, *seq))?;
                Ok(found.is_some_and(|(at, found)| at == *seq && found == *entry))
            }
            Decided::ByEntry { after, reason } => is_in_feed(peer, *after, reason),
        }
    }
}

/// Looks for the entry that heads a restore.
fn is_in_feed(peer: &Peer, mut after: i64, reason: &str) -> Result<bool, Refusal> {
    loop {
        let query = ChangeQuery { after: Some(after), limit: PAGE, ..ChangeQuery::default() };
        let page = peer.readers.read(|reader| changes::list(reader, &query))?;
        let is_it =
            |verb: Verb, why: Option<&str>| verb == Verb::SessionRestored && why == Some(reason);
        if page.iter().any(|change| is_it(change.verb, change.reason.as_deref())) {
            return Ok(true);
        }
        match page.last() {
            Some(last) if after < last.seq => after = last.seq,
            Some(_) | None => return Ok(false),
        }
    }
}
