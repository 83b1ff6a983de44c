//! One whole pass in both directions, for who does not keep the documents all the time.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::watch;

use super::{Keeper, SLICE, SyncOptions, SyncStatus, TURN, now};
use crate::peer::Peer;
use crate::sync::files::{Files, Steps};
use crate::sync::lock::compete;

/// How long a pass waits before it looks once more at the files that it displaced.
const GRACE: Duration = Duration::from_millis(250);
/// What one side learns from the other in a pass is on both sides after so many rounds.
const ROUNDS_MAX: usize = 3;

/// What was done with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Its session was brought back.
    Rebuilt,
    /// What somebody wrote in it is in the database.
    Read,
    /// A text that stood in it is among the edit backups.
    Kept,
    /// It says what the database says.
    Written,
    /// It was to be there no more.
    Removed,
}

/// What a pass did.
#[derive(Debug, Clone)]
pub struct Pass {
    pub status: SyncStatus,
    /// By document, in the order of [`Deed`].
    pub deeds: Vec<(String, Deed)>,
}

/// One whole pass, now: reads every edit and writes every document, if no other process keeps them.
///
/// Who calls this has finished editing: what is gone is asked about at once.
///
/// # Errors
///
/// When there can be no lock file.
pub fn pass(peer: &Peer, options: SyncOptions) -> io::Result<Option<Pass>> {
    let Some(mut keeper) = taken_up(peer, options)? else { return Ok(None) };
    keeper.pass(Keeper::ask_about_everything);
    if !keeper.displaced.is_empty() {
        std::thread::sleep(GRACE);
    }
    // Each is looked at once: what somebody wrote to it may displace something anew.
    for _ in (0..keeper.displaced.len()).step_by(SLICE) {
        keeper.recheck_displaced(later());
    }
    keeper.tell();
    let deeds = std::mem::take(&mut keeper.deeds).into_iter().collect();
    Ok(Some(Pass { status: keeper.status.clone(), deeds }))
}

/// The same without a question about what is gone, unless there is no quarantine, and without a
/// second look at what was displaced: the next pass, or keeper, does that.
///
/// # Errors
///
/// When there can be no lock file.
pub fn once(peer: &Peer, options: SyncOptions) -> io::Result<Option<SyncStatus>> {
    let Some(mut keeper) = taken_up(peer, options)? else { return Ok(None) };
    keeper.pass(|keeper| keeper.ask_about_removed(now()));
    keeper.tell();
    Ok(Some(keeper.status.clone()))
}

/// The same, with somebody who is told of every step of it.
///
/// # Errors
///
/// As [`once`].
pub fn once_stepping(
    peer: &Peer,
    options: SyncOptions,
    steps: Arc<dyn Steps>,
) -> io::Result<Option<SyncStatus>> {
    let Some(mut keeper) = taken_up(peer, options)? else { return Ok(None) };
    keeper.files = Files::stepping(&peer.paths.task_orchestrator(), steps)?;
    keeper.pass(|keeper| keeper.ask_about_removed(now()));
    keeper.tell();
    Ok(Some(keeper.status.clone()))
}

fn taken_up(peer: &Peer, options: SyncOptions) -> io::Result<Option<Keeper>> {
    let turn = compete(&peer.paths)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let waiting = async { tokio::time::timeout(TURN, turn).await };
    let Ok(Ok(lock)) = runtime.block_on(waiting) else { return Ok(None) };
    let (says, _) = watch::channel(SyncStatus::default());
    Keeper::new(peer.clone(), options, says, lock).map(Some)
}

impl Keeper {
    fn pass(&mut self, ask: impl Fn(&mut Self)) {
        self.tend_archives();
        let _at_work = self.may_work();
        if self.status.paused.is_some() {
            return;
        }
        self.begin();
        for _ in 0..ROUNDS_MAX {
            self.read_everything();
            self.write_everything();
            ask(self);
            self.write_everything();
            if self.settling.is_empty() && self.dirty.is_empty() {
                self.write_at = None;
                break;
            }
        }
    }

    fn read_everything(&mut self) {
        let settled = self.settling.settled(later(), usize::MAX);
        self.read_all(&settled);
    }

    fn ask_about_everything(&mut self) {
        self.ask_about_removed(later());
    }
}

/// A moment at which everything is due.
fn later() -> Instant {
    now().checked_add(Duration::from_secs(60)).unwrap_or_else(now)
}
