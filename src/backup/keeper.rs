//! Backups that Callboard makes by itself: of sessions that were completed, and when their time has
//! come. One process of a project does it, the one that holds `run/backup.lock`.
//!
//! What is missing is found by looking, not by having heard: a completed session that no backup holds
//! as completed gets one, whoever completed it and whatever died meanwhile. Between changes nothing
//! wakes: the next moment is computed, and none is where nothing has changed since the last backup.

use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::archive::unwatched;
use super::retention::{Retention, Run, clean_up};
use super::{BackupError, Request, create, last};
use crate::domain::actor::Actor;
use crate::domain::backup::{Backup, Integrity, Reason, Scope};
use crate::domain::refusal::Refusal;
use crate::peer::Peer;
use crate::query::{backups, changes};
use crate::sync::lock::compete_for;

/// How long nothing must have changed before a backup whose time has come is made.
const QUIET: Duration = Duration::from_secs(2);
/// How long one waits for that at the most.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long after a change one looks what it was.
const GATHER: Duration = Duration::from_secs(1);
/// How long after a failure the next attempt comes.
const RETRY: Duration = Duration::from_secs(600);

/// When backups are made without being asked for, and how many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The time between two; none makes none by the clock.
    pub every: Option<Duration>,
    pub retention: Retention,
}

impl Default for Settings {
    fn default() -> Self {
        Self { every: Some(Duration::from_secs(24 * 60 * 60)), retention: Retention::default() }
    }
}

/// A keeper of backups at work in this process, or waiting for its turn; it ends when this is dropped.
#[derive(Debug)]
pub struct BackupHandle {
    _stop: watch::Sender<()>,
}

/// Starts to compete for the backups of a project, in a thread of its own.
///
/// # Errors
///
/// When there can be no lock file or no thread.
pub fn start(peer: &Peer, settings: Settings) -> io::Result<BackupHandle> {
    let turn = compete_for(&peer.paths.backup_lock())?;
    let (stop, mut stopped) = watch::channel(());
    let peer = peer.clone();
    thread::Builder::new().name("backups".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let Ok(runtime) = runtime else {
            tracing::error!("the backups have no timer");
            return;
        };
        let lock = runtime.block_on(async {
            tokio::select! {
                lock = turn => lock.ok(),
                _ = stopped.changed() => None,
            }
        });
        if let Some(_lock) = lock {
            Keeper { peer, settings, not_before: None, overdue: None, pruned: None }
                .run(&runtime, stopped);
        }
    })?;
    Ok(BackupHandle { _stop: stop })
}

/// Why one looks what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    Change,
    /// A moment that was waited for has come, and nothing has changed meanwhile.
    Clock,
}

/// What wakes the keeper.
enum Event {
    Feed,
    Due,
    Stop,
}

struct Keeper {
    peer: Peer,
    settings: Settings,
    /// After a failure: when the next attempt may come.
    not_before: Option<Instant>,
    /// Since when one waits for quiet to make a backup whose time has come.
    overdue: Option<Instant>,
    /// The newest backup when it was last seen to how many there are.
    pruned: Option<String>,
}

impl Keeper {
    fn run(mut self, runtime: &Runtime, mut stopped: watch::Receiver<()>) {
        let mut feed = self.peer.feed();
        let mut occasion = Occasion::Change;
        loop {
            feed.borrow_and_update();
            let deadline = self.work(occasion).unwrap_or_else(|error| {
                tracing::error!(%error, "no backup could be made");
                let refusal = Refusal::from(error);
                let told = (refusal.code.as_str(), refusal.message.as_str());
                self.peer.telemetry.failed(Actor::System, "backup", told);
                self.not_before = Some(now() + RETRY);
                self.not_before
            });
            let goes_on = match runtime.block_on(next(&mut feed, &mut stopped, deadline)) {
                Event::Feed => {
                    occasion = Occasion::Change;
                    // What follows at once is looked at together.
                    runtime.block_on(is_going_on(&mut stopped, GATHER))
                }
                Event::Due => {
                    occasion = Occasion::Clock;
                    stopped.has_changed().is_ok()
                }
                Event::Stop => false,
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Makes what is missing, and tells when to look again although nothing changes.
    fn work(&mut self, occasion: Occasion) -> Result<Option<Instant>, BackupError> {
        if let Some(at) = self.not_before.filter(|at| now() < *at) {
            return Ok(Some(at));
        }
        self.not_before = None;
        let mut all = self.peer.readers.read(backups::known)?;
        if !last::missing(&self.peer, &all)?.is_empty() {
            all = last::make_up(&self.peer)?;
            if !last::missing(&self.peer, &all)?.is_empty() {
                tracing::error!("the last backup of a session is of a damaged database");
                self.not_before = now().checked_add(RETRY);
            }
        }
        let mut due = self.due(&all)?;
        if due != Some(Duration::ZERO) {
            self.overdue = None;
        } else if self.may_make(occasion, now()) {
            let request = Request::automatic(Scope::All, Reason::Scheduled);
            all.insert(0, self.make(&request)?);
            self.overdue = None;
            due = self.due(&all)?;
        }
        self.prune(&all)?;
        Ok(self.not_before.or_else(|| due.and_then(|due| now().checked_add(due.max(QUIET)))))
    }

    /// Tells whether a backup whose time has come is made now: when nothing has changed for a while,
    /// so that whoever works is not slowed down without need, or when one has waited long for that.
    fn may_make(&mut self, occasion: Occasion, now: Instant) -> bool {
        let Some(since) = self.overdue else {
            self.overdue = Some(now);
            return false;
        };
        occasion == Occasion::Clock || PATIENCE <= now.saturating_duration_since(since)
    }

    /// Makes a backup. Of a damaged database it is not the one that was missing, and the next attempt
    /// comes as after a failure.
    fn make(&mut self, request: &Request) -> Result<Backup, BackupError> {
        let made = create(&self.peer, request, &unwatched)?;
        if let Some(problem) = &made.problem {
            tracing::error!(file = made.file, problem, "a backup of a damaged database was made");
            self.not_before = now().checked_add(RETRY);
        }
        Ok(made)
    }

    /// How long until the next backup by the clock; none where nothing is to be backed up.
    fn due(&self, all: &[Backup]) -> Result<Option<Duration>, Refusal> {
        let Some(every) = self.settings.every else { return Ok(None) };
        let is_whole = |backup: &&Backup| {
            matches!(backup.scope, Scope::All | Scope::Full)
                && backup.integrity != Integrity::Corrupted
        };
        let latest = self.peer.readers.read(changes::latest)?;
        let Some(newest) = all.iter().find(is_whole) else {
            return Ok((0 < latest).then_some(Duration::ZERO));
        };
        if latest == newest.seq {
            return Ok(None);
        }
        let age = self.peer.clock.now().since_ms(newest.created_at);
        // Made in what is the future now: a clock that ran ahead does not put the next one off.
        let age = u64::try_from(age).map_or(every, Duration::from_millis);
        Ok(Some(every.saturating_sub(age)))
    }

    /// Removes what is not to be kept, once for each new backup.
    fn prune(&mut self, all: &[Backup]) -> Result<(), BackupError> {
        let newest = all.first().map(|backup| backup.file.clone());
        if newest.is_some() && newest != self.pruned {
            let cleaned = clean_up(&self.peer, &self.settings.retention, Run::Carry)?;
            for (file, error) in &cleaned.failed {
                tracing::warn!(file, error, "an old backup could not be removed");
            }
            self.pruned = newest;
        }
        Ok(())
    }
}

/// Waits for what comes first; without a deadline nothing is ever due.
async fn next(
    feed: &mut watch::Receiver<i64>,
    stopped: &mut watch::Receiver<()>,
    deadline: Option<Instant>,
) -> Event {
    let due = async {
        match deadline {
            Some(at) => tokio::time::sleep_until(at.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        changed = feed.changed() => changed.map_or(Event::Stop, |()| Event::Feed),
        () = due => Event::Due,
        _ = stopped.changed() => Event::Stop,
    }
}

/// Waits for a while; false when it is over before.
async fn is_going_on(stopped: &mut watch::Receiver<()>, span: Duration) -> bool {
    tokio::time::timeout(span, stopped.changed()).await.is_err()
}

/// The moment, for deadlines.
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::paths::ProjectPaths;

    #[test]
    fn a_backup_whose_time_has_come_waits_for_quiet_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let peer = Peer::open(&ProjectPaths::at(folder.path()), Clock::system()).unwrap();
        let settings = Settings::default();
        let keeper = Keeper { peer, settings, not_before: None, overdue: None, pruned: None };
        let begun = now();
        let check = |occasion, waited: Option<Duration>, expected: bool| {
            let overdue = waited.map(|_| begun);
            let mut keeper = Keeper { overdue, peer: keeper.peer.clone(), pruned: None, ..keeper };
            let at = begun + waited.unwrap_or_default();
            assert_eq!(keeper.may_make(occasion, at), expected, "{occasion:?} {waited:?}");
            assert!(keeper.overdue.is_some());
        };
        // Its time has come just now, perhaps in the middle of work.
        check(Occasion::Clock, None, false);
        check(Occasion::Change, None, false);
        check(Occasion::Change, Some(QUIET), false);
        check(Occasion::Clock, Some(QUIET), true);
        check(Occasion::Change, Some(PATIENCE), true);
    }
}
