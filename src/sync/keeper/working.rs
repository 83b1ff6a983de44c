//! What is due, and when the next thing is: each step of it is bounded, so that others are heard.

use std::time::Instant;

use super::{GATHER, GIT_POLL, Keeper, SHARE, SLICE, now};
use crate::backup::restore;
use crate::backup::restore::lock::AtWork;
use crate::domain::id::SessionId;
use crate::packing::{Packing, Patience};
use crate::peer::Peer;

/// What pauses the work besides git.
const RESTORE: &str = "the restore of a backup";
/// What archives are called among what went wrong.
const ARCHIVES: &str = "archives";

impl Keeper {
    /// Does everything that is due.
    pub(super) fn work(&mut self) {
        let moment = now();
        self.deeds.clear();
        let is_due = self.look_at <= moment;
        if is_due {
            self.tend_archives();
        }
        if self.retry.is_due(moment) || is_due {
            self.hear();
            self.try_again();
            self.look(&[self.sessions()]);
        }
        if is_due {
            self.look_at = moment.checked_add(self.look).unwrap_or(moment);
        }
        let _at_work = self.may_work();
        if self.status.paused.is_none() {
            let settled = self.settling.settled(moment, SLICE);
            if !settled.is_empty() {
                self.try_again();
            }
            self.read_all(&settled);
            self.recheck_displaced(moment);
            self.ask_about_removed(moment);
            if self.writes_at().is_some_and(|at| at <= moment) {
                self.write_some();
            }
        }
        if !self.late.is_empty() {
            self.retry.want();
        }
        self.retry.plan(now());
        self.tell();
    }

    /// Packs and unpacks what whoever moved a session has left to do.
    pub(super) fn tend_archives(&mut self) {
        if restore::is_left(&self.peer.paths) {
            // Its files come first.
            return;
        }
        let Peer { paths, readers, clock, .. } = self.peer.clone();
        let packing = Packing { paths: &paths, readers: &readers, clock: &clock };
        if self.stuck.is_of(&packing.work(), now()) {
            return;
        }
        match packing.tend(Patience::Leave) {
            Ok(()) => {
                self.stuck.ended();
                self.status.succeeded(ARCHIVES);
            }
            Err(refusal) => {
                self.stuck.failed(packing.work(), now());
                self.fail(ARCHIVES, &refusal.message);
            }
        }
    }

    /// Tells whether a session's folder is in its archive.
    pub(super) fn is_packed(&self, session: SessionId) -> bool {
        let Peer { paths, readers, clock, .. } = &self.peer;
        Packing { paths, readers, clock }.is_packed(session)
    }

    /// Says what stands in the way of work, or holds those off who bring files back until the work
    /// is done. After them everything is looked at anew.
    pub(super) fn may_work(&mut self) -> Option<AtWork> {
        let was_restored = self.status.paused.as_deref() == Some(RESTORE);
        let git = crate::sync::git::in_progress(&self.peer.paths.root);
        self.status.paused = git.map(|operation| operation.to_string());
        if self.status.paused.is_some() {
            return None;
        }
        if was_restored {
            // Before anything is written into a folder whose session is still packed.
            self.tend_archives();
        }
        let mut at_work = self.place.begin();
        let mut is_finished = false;
        if at_work.is_some() && restore::is_left(&self.peer.paths) {
            // Its process died: what it decided is carried out before anything is built upon it.
            drop(at_work.take());
            is_finished = restore::finish_left(&self.peer);
            at_work = is_finished.then(|| self.place.begin()).flatten();
        }
        if at_work.is_none() {
            self.status.paused = Some(RESTORE.to_owned());
        } else if was_restored || is_finished {
            self.hear();
            self.look(&[self.sessions()]);
        }
        at_work
    }

    /// When documents are written next; not while so many files wait to be read that what they say
    /// would be written one by one.
    fn writes_at(&self) -> Option<Instant> {
        self.write_at.filter(|_| self.settling.len() < SLICE)
    }

    /// Writes the documents of one session. Under constant change, writing leaves most of the time to
    /// others.
    fn write_some(&mut self) {
        let begun = now();
        if self.to_write.is_empty() {
            self.to_write = std::mem::take(&mut self.dirty);
        }
        if let Some(session) = self.to_write.pop_first() {
            self.dirty.remove(&session);
            self.write_one(session);
        }
        let pause = GATHER.max(begun.elapsed().saturating_mul(SHARE));
        self.write_at = match (self.to_write.is_empty(), self.dirty.is_empty()) {
            (false, _) => Some(now()),
            (true, false) => now().checked_add(pause),
            (true, true) => None,
        };
    }

    pub(super) fn deadline(&self) -> Instant {
        if self.status.paused.is_some() {
            return now().checked_add(GIT_POLL).unwrap_or_else(now);
        }
        let displaced = self.displaced.iter().map(|(at, _, _)| *at).min();
        [Some(self.look_at), self.settling.deadline(), self.quarantine.deadline(), displaced]
            .into_iter()
            .chain([self.writes_at(), self.retry.deadline()])
            .flatten()
            .min()
            .unwrap_or(self.look_at)
    }
}
