//! The keeper: one process of a project keeps its documents in step, both ways.
//!
//! Everything it does is level-triggered. Hints from the disk and from the feed only say when to
//! look; what is done follows from what stands on the disk and in the database. Whatever a death
//! interrupts is found again by the next keeper.

mod asking;
mod check;
mod displaced;
mod hearing;
mod merging;
mod orders;
mod pass;
mod quarantine;
mod reading;
mod rebuild;
mod replacing;
mod retry;
mod status;
mod stuck;
mod working;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::edits::{Edits, Retention};
use super::files::{ContentHash, Displaced, Files, Identity, Point};
use super::lock::{SyncLock, compete, holder};
use super::render::{OVERRIDES, Renderer};
use super::scan::{Changed, Scan};
use super::settling::Settling;
use super::watch::{Hint, Watch, Watching};
use crate::backup::restore::lock::KeepersPlace;
use crate::domain::document::Policies;
use crate::domain::id::SessionId;
use crate::peer::Peer;
pub use check::{Finding, Standing, check};
pub use pass::{Deed, Pass, once, once_stepping, pass};
use quarantine::Quarantine;
use retry::Retry;
pub use status::SyncStatus;
use stuck::Stuck;

/// How long it takes at the most to get what nobody else has.
const TURN: Duration = Duration::from_millis(200);
/// How long changes of the database are gathered before documents are written.
const GATHER: Duration = Duration::from_millis(100);
/// How long a change on the disk that nothing told of waits at the most.
const LOOK: Duration = Duration::from_secs(30);
/// How often it is looked whether git is done.
const GIT_POLL: Duration = Duration::from_millis(500);
/// How long edit backups are kept at the least.
const EDITS: Retention = Retention { age_max_ms: 30 * 24 * 60 * 60 * 1000, newest: 200 };
/// Files that are read before anything else is looked after.
const SLICE: usize = 256;
/// Writing takes at most one part in so many of the time.
const SHARE: u32 = 3;

/// How long a record may be gone from its document before it is asked about.
const QUARANTINE: Duration = Duration::from_secs(10);

/// What a keeper is told when it starts.
#[derive(Debug, Clone, Copy)]
pub struct SyncOptions {
    pub policies: Policies,
    /// How long a record may be gone from its document before it is asked about: cut here and
    /// pasted there is two saves.
    pub quarantine: Duration,
    /// How often everything is looked at, whatever was heard.
    pub look: Duration,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self { policies: Policies::default(), quarantine: QUARANTINE, look: LOOK }
    }
}

/// A keeper at work in this process, or waiting for its turn; it ends when this is dropped.
#[derive(Debug)]
pub struct SyncHandle {
    status: watch::Receiver<SyncStatus>,
    _stop: watch::Sender<()>,
}

impl SyncHandle {
    /// How it goes, now and later.
    pub fn status(&self) -> watch::Receiver<SyncStatus> {
        self.status.clone()
    }
}

/// Starts to compete for the documents of a project, in a thread of its own.
///
/// # Errors
///
/// When there can be no lock file or no thread.
pub fn start(peer: &Peer, options: SyncOptions) -> io::Result<SyncHandle> {
    let turn = compete(&peer.paths)?;
    let (says, status) = watch::channel(SyncStatus::default());
    let (stop, mut stopped) = watch::channel(());
    let peer = peer.clone();
    thread::Builder::new().name("documents".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let Ok(runtime) = runtime else {
            tracing::error!("the documents have no timer");
            return;
        };
        let lock = runtime.block_on(async {
            tokio::pin!(turn);
            let ours = tokio::time::timeout(TURN, &mut turn).await;
            if let Ok(ours) = ours {
                return ours.ok();
            }
            let keeper = holder(&peer.paths)
                .map_or_else(|| "another process".to_owned(), |id| format!("process {id}"));
            says.send_modify(|status| status.elsewhere = Some(keeper));
            tokio::select! {
                lock = turn => lock.ok(),
                _ = stopped.changed() => None,
            }
        });
        let Some(lock) = lock else { return };
        match Keeper::new(peer, options, says, lock) {
            Ok(keeper) => keeper.run(&runtime, stopped),
            Err(error) => tracing::error!(%error, "the documents cannot be kept"),
        }
    })?;
    Ok(SyncHandle { status, _stop: stop })
}

/// What wakes the keeper.
enum Event {
    Feed,
    Disk(Hint),
    Watching,
    Due,
    Stop,
}

/// All that keeps the documents.
struct Keeper {
    peer: Peer,
    policies: Policies,
    files: Files,
    edits: Edits,
    renderer: Renderer,
    scan: Scan,
    settling: Settling,
    quarantine: Quarantine,
    displaced: Vec<(Instant, PathBuf, Displaced)>,
    /// Sessions whose documents may be older than their records.
    dirty: BTreeSet<SessionId>,
    /// Those of them that are written now, one after the other.
    to_write: BTreeSet<SessionId>,
    /// Sessions with a document that could not be written yet.
    late: BTreeSet<SessionId>,
    /// What this process wrote last, to know it again.
    wrote: BTreeMap<PathBuf, (Identity, ContentHash)>,
    /// The change up to which the feed was heard.
    heard: i64,
    /// When what failed is tried again.
    retry: Retry,
    stuck: Stuck,
    /// When documents are written next.
    write_at: Option<Instant>,
    /// How often everything is looked at, and when next.
    look: Duration,
    look_at: Instant,
    says: watch::Sender<SyncStatus>,
    status: SyncStatus,
    /// An edit backup was made since old ones were removed.
    has_kept: bool,
    /// Shared with others who keep documents, never with one who brings files back.
    place: KeepersPlace,
    /// What was done since the last look.
    deeds: BTreeSet<(String, Deed)>,
    _lock: SyncLock,
}

impl Keeper {
    fn new(
        peer: Peer,
        options: SyncOptions,
        says: watch::Sender<SyncStatus>,
        lock: SyncLock,
    ) -> io::Result<Self> {
        let home = peer.paths.task_orchestrator();
        Ok(Self {
            files: Files::below(&home)?,
            edits: Edits::in_directory(peer.paths.edit_backups()),
            renderer: Renderer::new(&home.join(OVERRIDES)),
            policies: options.policies,
            scan: Scan::default(),
            settling: Settling::default(),
            quarantine: Quarantine::lasting(options.quarantine),
            displaced: Vec::new(),
            dirty: BTreeSet::new(),
            to_write: BTreeSet::new(),
            late: BTreeSet::new(),
            wrote: BTreeMap::new(),
            heard: 0,
            retry: Retry::default(),
            stuck: Stuck::default(),
            write_at: None,
            look: options.look,
            look_at: now(),
            says,
            status: SyncStatus { keeps: true, ..SyncStatus::default() },
            has_kept: false,
            place: KeepersPlace::of(&peer.paths)?,
            deeds: BTreeSet::new(),
            _lock: lock,
            peer,
        })
    }

    fn run(mut self, runtime: &Runtime, mut stopped: watch::Receiver<()>) {
        let mut feed = self.peer.feed();
        let sessions = self.sessions();
        let mut watch = match Watch::start(&sessions) {
            Ok(watch) => watch,
            Err(error) => {
                tracing::error!(%error, "the documents cannot be watched");
                return;
            }
        };
        let mut watching = watch.watching();
        self.begin();
        loop {
            self.work();
            let deadline = tokio::time::Instant::from_std(self.deadline());
            let event = runtime.block_on(async {
                tokio::select! {
                    changed = feed.changed() => changed.map_or(Event::Stop, |()| Event::Feed),
                    hint = watch.hint() => hint.map_or(Event::Stop, Event::Disk),
                    Ok(()) = watching.changed() => Event::Watching,
                    () = tokio::time::sleep_until(deadline) => Event::Due,
                    _ = stopped.changed() => Event::Stop,
                }
            });
            match event {
                Event::Feed => self.hear(),
                Event::Disk(Hint::Look(places)) => {
                    self.look(&places.into_iter().collect::<Vec<_>>());
                }
                Event::Disk(Hint::Rescan) => self.look(&[self.sessions()]),
                Event::Watching => {
                    self.status.polls = match watching.borrow_and_update().clone() {
                        Watching::Polling(reason) => Some(reason),
                        Watching::Starting | Watching::Native => None,
                    };
                }
                Event::Due => {}
                Event::Stop => break,
            }
        }
    }

    fn sessions(&self) -> PathBuf {
        self.peer.paths.sessions()
    }

    /// Looks at everything once, and at what a death has left.
    fn begin(&mut self) {
        self.take_leftovers();
        self.rebuild_archived();
        self.resume_quarantine();
        self.heard = 0;
        match self.peer.readers.read(crate::query::documents::kept_sessions) {
            Ok(sessions) => self.dirty.extend(sessions),
            Err(refusal) => self.fail("", &refusal.message),
        }
        match self.peer.readers.read(crate::query::changes::latest) {
            Ok(seq) => self.heard = seq,
            Err(refusal) => self.fail("", &refusal.message),
        }
        self.look(&[self.sessions()]);
        self.miss();
        self.heed();
        self.write_at = Some(now());
    }

    /// Keeps a text that is about to go; false when it could not be kept.
    fn keep(&mut self, path: &str, bytes: &[u8], reason: &str) -> bool {
        let at = self.peer.clock.now();
        match self.edits.keep(path, bytes, reason, at) {
            Ok(_) => {
                self.did(path, Deed::Kept);
                self.has_kept = true;
                self.files.reached(Point::Kept);
                true
            }
            Err(error) => {
                self.fail(path, &format!("the edit backup cannot be written: {error}"));
                false
            }
        }
    }

    /// Removes edit backups that are old, if there are new ones.
    fn prune_edits(&mut self) {
        if std::mem::take(&mut self.has_kept) {
            // An old one that cannot be removed is tried again with the next.
            self.edits.prune(EDITS, self.peer.clock.now()).ok();
        }
    }

    /// Looks what changed on the disk.
    fn look(&mut self, places: &[PathBuf]) {
        let moment = now();
        for changed in self.scan.look(places, self.peer.clock.now()) {
            if !self.is_own(&changed) {
                self.settling.changed(changed.path, changed.identity, moment);
            }
        }
    }

    /// Tells whether a file says what this process wrote last: nothing that it would have to settle
    /// for, while the next writing waits.
    fn is_own(&self, changed: &Changed) -> bool {
        let Some((identity, hash)) = self.wrote.get(&changed.path) else { return false };
        changed.identity == Some(*identity)
            && self.files.read(&changed.path).is_ok_and(|reading| reading.hash == *hash)
    }

    /// Documents that could not be written are tried again.
    fn try_again(&mut self) {
        if !self.late.is_empty() {
            self.dirty.append(&mut self.late);
            self.write_at = Some(now());
        }
    }

    /// A path as the ledger writes it: relative to `.task_orchestrator`, with `/`.
    fn relative(&self, path: &Path) -> String {
        let home = self.peer.paths.task_orchestrator();
        let canonical = home.canonicalize().unwrap_or_else(|_| home.clone());
        let inner = path.strip_prefix(&home).or_else(|_| path.strip_prefix(&canonical));
        inner.unwrap_or(path).to_string_lossy().replace('\\', "/")
    }

    fn did(&mut self, path: &str, deed: Deed) {
        self.deeds.insert((path.to_owned(), deed));
    }
}

/// The moment, for deadlines.
fn now() -> Instant {
    Instant::now()
}
