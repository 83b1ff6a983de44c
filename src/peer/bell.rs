//! The bell: how a process tells the others that something changed, without anybody polling.
//!
//! A byte written to one file in `run/` wakes every process that watches the directory; each then
//! looks for changes after the last it saw. A ring that is missed costs nothing: the next look,
//! for whatever reason, finds the same changes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::watch;

use crate::paths::ProjectPaths;
use crate::store::Readers;

/// Why the bell rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ring {
    /// The feed has grown.
    Changes,
    /// Only what is measured of agents has changed.
    Measures,
}

/// The ringing side.
#[derive(Debug)]
pub(crate) struct Bell(File);

impl Bell {
    /// Opens the bell, making it if there is none.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().write(true).create(true).truncate(false).open(path).map(Self)
    }

    /// Wakes the other processes.
    pub(crate) fn ring(&mut self, ring: Ring) {
        let byte = match ring {
            Ring::Changes => b'c',
            Ring::Measures => b'm',
        };
        // A bell that cannot be rung delays others until their next look, and loses nothing.
        self.0.seek(SeekFrom::Start(0)).and_then(|_| self.0.write_all(&[byte])).ok();
    }
}

/// The listening side; listens until dropped.
#[derive(Debug)]
pub(crate) struct Follower {
    _watcher: RecommendedWatcher,
}

impl Follower {
    /// Starts to follow the changes of other processes. `None` where the system cannot watch.
    pub(crate) fn start(
        paths: &ProjectPaths,
        readers: Readers,
        feed: watch::Sender<i64>,
    ) -> Option<Self> {
        let bell = paths.bell();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_ring(&event)) {
                look(&readers, &feed, &bell);
            }
        })
        .inspect_err(|error| tracing::warn!(%error, "changes of other processes are seen late"))
        .ok()?;
        watcher.watch(&paths.run(), RecursiveMode::NonRecursive).ok()?;
        Some(Self { _watcher: watcher })
    }
}

fn is_ring(event: &Event) -> bool {
    let touches =
        event.paths.iter().any(|path| path.file_name().is_some_and(|name| name == "bell"));
    matches!(event.kind, EventKind::Modify(_)) && (touches || event.paths.is_empty())
}

fn look(readers: &Readers, feed: &watch::Sender<i64>, bell: &PathBuf) {
    let Ok(latest) = readers.read(crate::query::changes::latest) else { return };
    let measured = fs::read(bell).is_ok_and(|bytes| bytes.first() == Some(&b'm'));
    feed.send_if_modified(|seq| {
        let grew = *seq < latest;
        *seq = latest.max(*seq);
        grew || measured
    });
}
