//! Following edits of mode files, live.
//!
//! Every process with a terminal or a server follows; who comes second finds nothing left to do.
//! A file that holds is put in force as soon as it rests; one that is broken may be in the middle
//! of being written, and is given longer.

use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::sleep_until;

use super::look::{Broken, Found, look};
use crate::peer::Peer;
use crate::sync::watch::Watch;

/// How long files rest before they are looked at.
const SETTLE: Duration = Duration::from_millis(40);
/// How long a broken file is left for whoever writes it.
const PATIENCE: Duration = Duration::from_millis(400);
/// How long files are waited for that never rest.
const RESTLESS: Duration = Duration::from_secs(1);
/// How long after a failure it is looked again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often it is looked without having heard anything.
const LOOK: Duration = Duration::from_secs(30);

/// How following goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowStatus {
    /// What cannot be put in force at present, and why.
    pub problem: Option<String>,
    /// Looks that were taken; a front end that waits for one sees it grow.
    pub looks: u64,
}

/// Follows until dropped.
#[derive(Debug)]
pub struct FollowHandle {
    status: watch::Receiver<FollowStatus>,
    _stop: watch::Sender<()>,
}

impl FollowHandle {
    /// How it goes, now and later.
    pub fn status(&self) -> watch::Receiver<FollowStatus> {
        self.status.clone()
    }
}

/// Starts to follow the mode files of a project, in a thread of its own.
///
/// # Errors
///
/// When the system has no thread for it.
pub fn follow(peer: &Peer) -> io::Result<FollowHandle> {
    let (says, status) = watch::channel(FollowStatus::default());
    let (stop, stopped) = watch::channel(());
    let home = peer.paths.task_orchestrator();
    let roles = Watch::start_for(&home.join("roles"), is_mode_file)?;
    let modes = Watch::start_for(&home.join("modes"), is_mode_file)?;
    let follower = Follower {
        peer: peer.clone(),
        says,
        due: Some(Instant::now()),
        broken_at: None,
        heard_at: None,
    };
    thread::Builder::new().name("modes".to_owned()).spawn(move || {
        match tokio::runtime::Builder::new_current_thread().enable_time().build() {
            Ok(runtime) => follower.run(&runtime, (roles, modes), stopped),
            Err(error) => tracing::error!(%error, "the mode files have no timer"),
        }
    })?;
    Ok(FollowHandle { status, _stop: stop })
}

fn is_mode_file(name: &OsStr) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// What wakes the follower.
enum Event {
    Disk,
    Feed,
    Due,
    Stop,
}

struct Follower {
    peer: Peer,
    says: watch::Sender<FollowStatus>,
    /// When is looked next.
    due: Option<Instant>,
    /// Since when a file is broken.
    broken_at: Option<Instant>,
    /// Since when there is something to look at.
    heard_at: Option<Instant>,
}

impl Follower {
    fn run(
        mut self,
        runtime: &Runtime,
        (mut roles, mut modes): (Watch, Watch),
        mut stopped: watch::Receiver<()>,
    ) {
        let mut feed = self.peer.feed();
        let mut heard = self.newest();
        loop {
            let now = Instant::now();
            let due = self.due.unwrap_or_else(|| now.checked_add(LOOK).unwrap_or(now));
            let event = runtime.block_on(async {
                tokio::select! {
                    hint = roles.hint() => hint.map_or(Event::Stop, |_| Event::Disk),
                    hint = modes.hint() => hint.map_or(Event::Stop, |_| Event::Disk),
                    changed = feed.changed() => changed.map_or(Event::Stop, |()| Event::Feed),
                    () = sleep_until(due.into()) => Event::Due,
                    _ = stopped.changed() => Event::Stop,
                }
            });
            match event {
                Event::Disk => self.hear(),
                // A session may have been made, taken up or bound elsewhere.
                Event::Feed if self.newest() == heard => {}
                Event::Feed => {
                    heard = self.newest();
                    self.due.get_or_insert(now);
                }
                Event::Due => {
                    self.look();
                    heard = self.newest();
                }
                Event::Stop => return,
            }
        }
    }

    /// Looks when files rest, and not much later where they never do.
    fn hear(&mut self) {
        let now = Instant::now();
        let first = *self.heard_at.get_or_insert(now);
        let latest = first.checked_add(RESTLESS);
        self.due = now.checked_add(SETTLE).min(latest);
    }

    fn look(&mut self) {
        let now = Instant::now();
        self.heard_at = None;
        let patient = |since: Instant| now.duration_since(since) < PATIENCE;
        let broken = match self.broken_at {
            Some(since) if !patient(since) => Broken::Recover,
            Some(_) | None => Broken::Wait,
        };
        let (problem, due) = match look(&self.peer, broken) {
            Ok(Found::InForce | Found::Bound) => {
                self.broken_at = None;
                (None, None)
            }
            Ok(Found::Misnamed(problem)) => {
                self.broken_at = None;
                (Some(problem), None)
            }
            Ok(Found::Broken(problem)) => {
                let since = *self.broken_at.get_or_insert(now);
                (Some(problem), since.checked_add(PATIENCE).filter(|at| now < *at))
            }
            Err(refusal) => {
                tracing::warn!(%refusal, "the mode files cannot be followed");
                (Some(refusal.message), now.checked_add(AGAIN))
            }
        };
        self.due = due;
        self.says.send_modify(|status| {
            status.problem = problem;
            status.looks += 1;
        });
    }

    /// The newest binding of the live session, by which it is known that there was another one.
    fn newest(&self) -> Option<(String, i64)> {
        self.peer.readers.read(crate::query::modes::latest).ok().flatten()
    }
}
