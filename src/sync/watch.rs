//! Hints that something changed on disk.
//!
//! Only the directory of the sessions is watched, with all below it: a watch on a single file dies
//! with the first rename, and one on the repository overflows with the first checkout. A hint says
//! where to look and not what happened, so one that comes twice or too early costs nothing, and
//! one that is missed costs time: the next look finds the same.
//!
//! Nothing ticks. Files that change constantly are debounced by [`super::settling`].

mod events;
mod network;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use std::{io, thread};

use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::{mpsc, watch};

use super::scan::is_document;
use events::{Counts, Sign};

/// Directories that wait to be looked at; where there are more, everything is.
const HINTS_MAX: usize = 256;
/// How often everything is looked at where the system cannot watch.
const POLL: Duration = Duration::from_secs(1);
/// Polls until watching is tried again.
const POLLS: u32 = 60;
/// A new directory is looked at once more after so long: what was put in it before the system
/// watched it too gave no hint.
const APPEARED: Duration = Duration::from_millis(250);

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// These directories, and all below them.
    Look(BTreeSet<PathBuf>),
    /// Everything.
    Rescan,
}

/// How changes are noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watching {
    /// Not at all yet.
    Starting,
    /// The system tells.
    Native,
    /// By looking now and then, for a reason.
    Polling(String),
}

/// Watches a directory that may come and go, until dropped.
#[derive(Debug)]
pub struct Watch {
    hints: mpsc::Receiver<PathBuf>,
    how: watch::Receiver<Watching>,
    flags: Arc<Flags>,
    wake: SyncSender<()>,
}

/// What the system's thread tells ours.
#[derive(Debug, Default)]
struct Flags {
    stop: AtomicBool,
    /// More was to be looked at than there is room for hints.
    missed: AtomicBool,
    /// The watched directory came or went.
    moved: AtomicBool,
    /// A directory in it appeared.
    appeared: AtomicBool,
    /// The system has no watch left.
    exhausted: AtomicBool,
}

impl Watch {
    /// Starts to watch. The first hint is to look at everything.
    ///
    /// # Errors
    ///
    /// When the system has no thread left for it.
    pub fn start(directory: &Path) -> io::Result<Self> {
        Self::start_for(directory, is_document)
    }

    /// The same for files of other names.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub(crate) fn start_for(directory: &Path, counts: Counts) -> io::Result<Self> {
        Self::spawn(directory, counts, Watcher::run)
    }

    /// Looks now and then instead, for a reason.
    ///
    /// # Errors
    ///
    /// When the system has no thread left for it.
    pub fn polling(directory: &Path, reason: &str) -> io::Result<Self> {
        let reason = reason.to_owned();
        Self::spawn(directory, is_document, move |watcher| {
            watcher.ears.rescan(&watcher.directory);
            while !watcher.is_over() {
                watcher.poll(reason.clone());
            }
        })
    }

    fn spawn(
        directory: &Path,
        counts: Counts,
        run: impl FnOnce(Watcher) + Send + 'static,
    ) -> io::Result<Self> {
        let (hints_sender, hints) = mpsc::channel(HINTS_MAX);
        let (how_sender, how) = watch::channel(Watching::Starting);
        let (wake, woken) = sync_channel(1);
        let flags = Arc::new(Flags::default());
        let ears =
            Ears { counts, hints: hints_sender, wake: wake.clone(), flags: Arc::clone(&flags) };
        let watcher = Watcher { directory: directory.to_owned(), ears, woken, how: how_sender };
        thread::Builder::new().name("watch".to_owned()).spawn(move || run(watcher))?;
        Ok(Self { hints, how, flags, wake })
    }

    /// Waits for hints and returns all that there are. None when watching has ended.
    ///
    /// May be called off at any time without losing a hint.
    pub async fn hint(&mut self) -> Option<Hint> {
        let mut directories = BTreeSet::from([self.hints.recv().await?]);
        while let Ok(directory) = self.hints.try_recv() {
            directories.insert(directory);
        }
        let missed = self.flags.missed.swap(false, Ordering::SeqCst);
        Some(if missed { Hint::Rescan } else { Hint::Look(directories) })
    }

    /// How changes are noticed, now and later.
    pub fn watching(&self) -> watch::Receiver<Watching> {
        self.how.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.flags.stop.store(true, Ordering::SeqCst);
        // Where it is full, the thread is awake anyhow.
        self.wake.try_send(()).ok();
    }
}

/// What the system's thread does with what it hears.
#[derive(Debug, Clone)]
struct Ears {
    counts: Counts,
    hints: mpsc::Sender<PathBuf>,
    wake: SyncSender<()>,
    flags: Arc<Flags>,
}

impl Ears {
    fn hear(&self, directory: &Path, event: notify::Result<Event>) {
        match event {
            Ok(event) => {
                for sign in events::signs(directory, &event, self.counts) {
                    self.heed(directory, sign);
                }
            }
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                self.tell(&self.flags.exhausted);
            }
            Err(error) => {
                tracing::warn!(%error, "watching stumbled");
                self.rescan(directory);
            }
        }
    }

    fn heed(&self, directory: &Path, sign: Sign) {
        match sign {
            Sign::Look(place) => self.look(place),
            Sign::Appeared(place) => {
                self.look(place);
                self.tell(&self.flags.appeared);
            }
            Sign::Moved => self.tell(&self.flags.moved),
            Sign::Rescan => self.rescan(directory),
        }
    }

    fn look(&self, place: PathBuf) {
        if self.hints.try_send(place).is_err() {
            self.flags.missed.store(true, Ordering::SeqCst);
        }
    }

    fn rescan(&self, directory: &Path) {
        self.flags.missed.store(true, Ordering::SeqCst);
        self.look(directory.to_owned());
    }

    fn tell(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::SeqCst);
        // Where it is full, the thread is about to look at the flags.
        self.wake.try_send(()).ok();
    }
}

/// Our thread: it puts up watches, and polls where there are none.
struct Watcher {
    directory: PathBuf,
    ears: Ears,
    woken: Receiver<()>,
    how: watch::Sender<Watching>,
}

impl Watcher {
    fn run(self) {
        while !self.is_over() {
            let armed = self.arm();
            if armed.is_ok() {
                self.say(Watching::Native);
            }
            self.ears.rescan(&self.directory);
            let reason = match armed {
                // The watch lasts as long as the watcher.
                Ok(_watcher) => self.listen(),
                Err(reason) => Some(reason),
            };
            if let Some(reason) = reason {
                self.poll(reason);
            }
        }
    }

    /// Watches the directory; while there is none, the one above it.
    fn arm(&self) -> Result<RecommendedWatcher, String> {
        let above = self.directory.ancestors().find(|above| above.is_dir());
        let above = above.unwrap_or(&self.directory);
        if let Some(name) = network::name(above) {
            return Err(format!("{name} does not tell of changes"));
        }
        let (ears, directory) = (self.ears.clone(), self.directory.clone());
        let mut watcher = notify::recommended_watcher(move |event| ears.hear(&directory, event))
            .map_err(|error| error.to_string())?;
        let mode = if above == self.directory {
            RecursiveMode::Recursive
        } else {
            RecursiveMode::NonRecursive
        };
        watcher.watch(above, mode).map_err(|error| match error.kind {
            ErrorKind::MaxFilesWatch => EXHAUSTED.to_owned(),
            ErrorKind::Generic(_)
            | ErrorKind::Io(_)
            | ErrorKind::PathNotFound
            | ErrorKind::WatchNotFound
            | ErrorKind::InvalidConfig(_) => error.to_string(),
        })?;
        let next = self.directory.ancestors().find(|above| above.is_dir());
        if next != Some(above) {
            // It came while the watch was put up, or went.
            self.ears.tell(&self.ears.flags.moved);
        }
        Ok(watcher)
    }

    /// Waits until there is something to be watched anew, or a reason to poll.
    fn listen(&self) -> Option<String> {
        let flags = &self.ears.flags;
        loop {
            if self.woken.recv().is_err() || self.is_over() {
                return None;
            }
            if flags.moved.swap(false, Ordering::SeqCst) {
                return None;
            }
            if flags.exhausted.swap(false, Ordering::SeqCst) {
                return Some(EXHAUSTED.to_owned());
            }
            if flags.appeared.swap(false, Ordering::SeqCst) {
                // Whoever has something to tell meanwhile leaves a flag, and wakes us again.
                thread::sleep(APPEARED);
                self.ears.rescan(&self.directory);
            }
        }
    }

    fn poll(&self, reason: String) {
        self.say(Watching::Polling(reason));
        for _ in 0..POLLS {
            let waited = self.woken.recv_timeout(POLL);
            if self.is_over() || waited == Err(RecvTimeoutError::Disconnected) {
                return;
            }
            self.ears.look(self.directory.clone());
        }
    }

    fn say(&self, how: Watching) {
        self.how.send_if_modified(|said| {
            *said != how && {
                *said = how;
                true
            }
        });
    }

    fn is_over(&self) -> bool {
        self.ears.flags.stop.load(Ordering::SeqCst)
    }
}

const EXHAUSTED: &str = "the system has no watch left (fs.inotify.max_user_watches)";
