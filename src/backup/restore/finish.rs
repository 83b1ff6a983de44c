//! From the decision to the end: in one go, or by whoever opens the project after a death.

use super::files::{Bringer, FilesRestored};
use super::journal::{Journal, Staging};
use super::lock::RestoreLock;
use super::{Moment, Moments, home_of, unseen, unwritten};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::refusal::Refusal;
use crate::door::Request;
use crate::packing::Packing;
use crate::peer::Peer;

/// Notes sent at once.
const NOTES_MAX: usize = 64;

/// Finishes restores that were decided when their process died, and drops those that were not.
/// Does nothing where none is left, or another process is at it.
pub fn finish(peer: &Peer) {
    if Staging::left(&peer.paths).is_empty() {
        return;
    }
    let Ok(Some(lock)) = RestoreLock::try_take(&peer.paths) else { return };
    finish_all(peer);
    tend_archives(peer, &lock);
}

/// Packs and unpacks the sessions that a restore moved, before anybody keeps their documents.
pub(super) fn tend_archives(peer: &Peer, lock: &RestoreLock) {
    let Peer { paths, readers, clock, .. } = peer;
    if let Err(refusal) = (Packing { paths, readers, clock }).tend_holding(lock) {
        // The keeper of the documents tries it again.
        tracing::warn!(%refusal, "a session is not packed or unpacked");
    }
}

/// The same for one who holds the lock.
pub(super) fn finish_all(peer: &Peer) {
    for staging in Staging::left(&peer.paths) {
        if let Err(refusal) = finish_one(peer, staging) {
            tracing::warn!(%refusal, "a restore that was broken off is not finished");
        }
    }
}

fn finish_one(peer: &Peer, staging: Staging) -> Result<(), Refusal> {
    if let Some(journal) = staging.read().map_err(|error| unwritten(&error))?
        && journal.is_decided(peer)?
    {
        let told = carry_on(peer, &staging, &journal, &unseen)?;
        tracing::info!(backup = %journal.backup, files = told.written, "a restore was finished");
    }
    staging.remove().map_err(|error| unwritten(&error))
}

/// Brings the files back and notes how they stand.
pub(super) fn carry_on(
    peer: &Peer,
    staging: &Staging,
    journal: &Journal,
    moments: Moments<'_>,
) -> Result<FilesRestored, Refusal> {
    let home = home_of(peer);
    let bringer = Bringer::of(&peer.paths, &home, (peer.clock.now(), journal.replaces))
        .map_err(|error| unwritten(&error))?;
    let mut told = FilesRestored::default();
    for file in &journal.files {
        bringer.bring(file, &staging.unpacked(), &mut told);
        moments(Moment::FileBrought);
    }
    for notes in journal.notes.chunks(NOTES_MAX) {
        let command = Command::NoteDocuments { notes: notes.to_vec() };
        peer.door.submit_blocking(Request::new(Actor::System, command))?;
    }
    moments(Moment::Noted);
    Ok(told)
}
