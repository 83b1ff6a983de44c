//! The bell: how a process tells the others that something changed, without anybody polling.
//!
//! A byte written to one file in `run/` wakes every process that watches the directory; each then
//! looks for changes after the last it saw. A ring that is missed costs nothing: the next look,
//! for whatever reason, finds the same changes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

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

/// How often changes are looked for where the system cannot watch files.
const LOOK: Duration = Duration::from_millis(250);
/// The shortest time between two looks. Where eight processes write, each would otherwise look eight
/// times at what one look shows.
const REST: Duration = Duration::from_millis(5);

/// The listening side; listens until dropped.
#[derive(Debug)]
pub(crate) struct Follower {
    _listening: Listening,
}

#[derive(Debug)]
enum Listening {
    Watching {
        _watcher: RecommendedWatcher,
    },
    /// No more watches are to be had, or the file system has none: a thread looks now and then,
    /// until the other end of its channel is dropped.
    Looking {
        _stop: mpsc::SyncSender<()>,
    },
}

impl Follower {
    /// Starts to follow the changes of other processes.
    ///
    /// # Errors
    ///
    /// When the system has no thread left for it.
    pub(crate) fn start(
        paths: &ProjectPaths,
        readers: Readers,
        feed: watch::Sender<i64>,
    ) -> io::Result<Self> {
        match watch(paths, readers.clone(), feed.clone()) {
            Ok(watcher) => Ok(Self { _listening: Listening::Watching { _watcher: watcher } }),
            Err(error) => {
                tracing::warn!(%error, "files cannot be watched here; looking for changes instead");
                Self::look_now_and_then(paths, readers, feed)
            }
        }
    }

    fn look_now_and_then(
        paths: &ProjectPaths,
        readers: Readers,
        feed: watch::Sender<i64>,
    ) -> io::Result<Self> {
        let (stop, stopped) = mpsc::sync_channel::<()>(1);
        let bell = File::open(paths.bell())?;
        thread::Builder::new().name("follower".to_owned()).spawn(move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                look(&readers, &feed, &bell);
            }
        })?;
        Ok(Self { _listening: Listening::Looking { _stop: stop } })
    }
}

fn watch(
    paths: &ProjectPaths,
    readers: Readers,
    feed: watch::Sender<i64>,
) -> notify::Result<RecommendedWatcher> {
    // One ring may wait while the last is looked after; more would show the same.
    let (ring, rings) = mpsc::sync_channel(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_ring(&event)) {
            ring.try_send(()).ok();
        }
    })?;
    watcher.watch(&paths.run(), RecursiveMode::NonRecursive)?;
    // Kept open, because opening it would wake everybody who watches.
    let bell = File::open(paths.bell())?;
    thread::Builder::new().name("follower".to_owned()).spawn(move || {
        // Until the watcher is dropped.
        while rings.recv().is_ok() {
            look(&readers, &feed, &bell);
            thread::sleep(REST);
        }
    })?;
    Ok(watcher)
}

fn is_ring(event: &Event) -> bool {
    let touches =
        event.paths.iter().any(|path| path.file_name().is_some_and(|name| name == "bell"));
    matches!(event.kind, EventKind::Modify(_)) && (touches || event.paths.is_empty())
}

fn look(readers: &Readers, feed: &watch::Sender<i64>, bell: &File) {
    let Ok(latest) = readers.read(crate::query::changes::latest) else { return };
    let measured = last_ring(bell).is_ok_and(|byte| byte == b'm');
    feed.send_if_modified(|seq| {
        let grew = *seq < latest;
        *seq = latest.max(*seq);
        grew || measured
    });
}

fn last_ring(mut bell: &File) -> io::Result<u8> {
    let mut byte = [0];
    bell.seek(SeekFrom::Start(0))?;
    bell.read_exact(&mut byte)?;
    let [byte] = byte;
    Ok(byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::actor::Actor;
    use crate::domain::command::{Command, NewSession};
    use crate::door::Request;
    use crate::peer::Peer;

    #[test]
    fn where_files_cannot_be_watched_changes_are_found_all_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let paths = ProjectPaths::at(directory.path());
        let peer = Peer::open(&paths, Clock::system()).unwrap();
        let (sender, mut feed) = watch::channel(0);
        let _follower = Follower::look_now_and_then(&paths, peer.readers.clone(), sender).unwrap();
        let new = NewSession { name: "Work".to_owned(), ..NewSession::default() };
        let request = Request::new(Actor::Human, Command::CreateSession(new));
        let outcome = peer.door.submit_blocking(request).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let seen = runtime.block_on(async {
            let found = feed.wait_for(|seq| outcome.seq <= *seq);
            tokio::time::timeout(Duration::from_secs(10), found).await.unwrap().map(|seq| *seq)
        });
        assert_eq!(seen.unwrap(), outcome.seq);
    }
}
