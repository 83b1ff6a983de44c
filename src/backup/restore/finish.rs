//! From the decision to the end: in one go, or by whoever comes first after a death.
//!
//! Nothing is refused any more. What cannot be brought back is told, and stays below `run/` as the
//! rest of the restore: whoever opens the project tries it again, never over what was done since.

use std::collections::HashSet;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::files::{Bringer, Brought, FilesRestored, Planned};
use super::journal::{Decided, Journal, Staging};
use super::lock::RestoreLock;
use super::{Moment, Moments, home_of, unseen, unwritten};
use crate::backup::{self, archive, unwatched};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::document::DocumentNote;
use crate::domain::refusal::Refusal;
use crate::door::Request;
use crate::packing::Packing;
use crate::paths::ProjectPaths;
use crate::peer::Peer;

/// Notes sent at once.
const NOTES_MAX: usize = 64;
/// How long whoever opens a project waits for those who are at its files.
const WAIT: Duration = Duration::from_millis(300);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(10);
/// How often the rest of a restore is tried.
const TRIES_MAX: u32 = 20;

/// Finishes restores that were decided when their process died, and drops those that were not.
/// Does nothing where none is left, or others are at the files: these do it then.
pub fn finish(peer: &Peer) {
    if Staging::left(&peer.paths).is_empty() {
        return;
    }
    let begun = Instant::now();
    loop {
        match RestoreLock::try_take(&peer.paths) {
            Ok(Some(lock)) => return finish_and_tend(peer, &lock),
            Ok(None) if begun.elapsed() < WAIT => thread::sleep(LOOK),
            Ok(None) | Err(_) => return,
        }
    }
}

/// Tells whether a death has left a restore that nobody has tried to finish yet.
pub(crate) fn is_left(paths: &ProjectPaths) -> bool {
    let is_new = |staging: &Staging| {
        staging.read().is_ok_and(|journal| journal.is_none_or(|journal| journal.tries == 0))
    };
    Staging::left(paths).iter().any(is_new)
}

/// Finishes what was left by a death, for one who keeps documents meanwhile; false while somebody
/// else is at the files.
pub(crate) fn finish_left(peer: &Peer) -> bool {
    let Ok(Some(lock)) = RestoreLock::try_take(&peer.paths) else { return false };
    finish_and_tend(peer, &lock);
    true
}

fn finish_and_tend(peer: &Peer, lock: &RestoreLock) {
    finish_all(peer);
    tend_archives(peer, lock);
}

/// Packs and unpacks the sessions that a restore moved, before anybody keeps their documents.
pub(super) fn tend_archives(peer: &Peer, lock: &RestoreLock) {
    let Peer { paths, readers, clock, .. } = peer;
    if is_left(paths) {
        // Its files come first.
        return;
    }
    if let Err(refusal) = (Packing { paths, readers, clock }).tend_holding(lock) {
        // The keeper of the documents tries it again.
        tracing::warn!(%refusal, "a session is not packed or unpacked");
    }
}

/// Finishes or drops what was left, for one who holds the lock.
pub(super) fn finish_all(peer: &Peer) {
    for staging in Staging::left(&peer.paths) {
        if let Err(refusal) = finish_one(peer, staging) {
            tracing::warn!(%refusal, "a restore that was broken off is not finished");
        }
    }
}

fn finish_one(peer: &Peer, staging: Staging) -> Result<(), Refusal> {
    let journal = staging.read().map_err(|error| unwritten(&error))?;
    let is_decided = journal.as_ref().map(|journal| journal.is_decided(peer)).transpose()?;
    let Some(journal) = journal.filter(|_| is_decided == Some(true)) else {
        return staging.remove().map_err(|error| unwritten(&error));
    };
    if !journal.files.iter().all(|file| file.is_sound(&staging.unpacked())) {
        unpack_again(peer, &staging, &journal.backup);
    }
    let (told, rest) = carry_on(peer, &staging, &journal, &unseen);
    tracing::info!(backup = %journal.backup, files = told.written, "a restore was finished");
    if let Some(first) = told.failed.first() {
        let (count, backup) = (told.failed.len(), &journal.backup);
        let message = format!("{count} steps of restoring {backup} failed, the first: {first}");
        peer.telemetry.failed(Actor::System, "restore", ("store_failed", &message));
    }
    end(staging, rest);
    Ok(())
}

/// What a power loss took of the unpacked files is taken out of the archive again.
fn unpack_again(peer: &Peer, staging: &Staging, backup: &str) {
    let again = || -> Result<(), Refusal> {
        let path = if Path::new(backup).is_absolute() {
            Path::new(backup).to_owned()
        } else {
            peer.paths.backups().join(backup::resolve(peer, backup)?.file)
        };
        staging.empty().map_err(|error| unwritten(&error))?;
        archive::unpack(&path, &staging.unpacked(), &unwatched)
            .map_err(backup::BackupError::from)?;
        Ok(())
    };
    if let Err(refusal) = again() {
        tracing::warn!(%refusal, "what a restore unpacked is lost");
    }
}

/// Brings the files back and notes how they stand; with what was done comes the rest of it that is
/// to be tried again.
pub(super) fn carry_on(
    peer: &Peer,
    staging: &Staging,
    journal: &Journal,
    moments: Moments<'_>,
) -> (FilesRestored, Option<Journal>) {
    let home = home_of(peer);
    let mut told = FilesRestored::default();
    let mut left: Vec<Planned> = Vec::new();
    let mut apart: HashSet<String> = HashSet::new();
    match Bringer::of(&peer.paths, &home, (peer.clock.now(), journal.replaces)) {
        Ok(bringer) => {
            for file in &journal.files {
                match bringer.bring(file, &staging.unpacked(), &mut told) {
                    Brought::InPlace => {}
                    Brought::Skipped => {
                        apart.insert(file.to.clone());
                    }
                    Brought::Failed(file) => left.push(file),
                }
                moments(Moment::FileBrought);
            }
        }
        Err(error) => {
            told.failed.push(format!("no file can be written: {error}"));
            left.clone_from(&journal.files);
        }
    }
    apart.extend(left.iter().map(|file| file.to.clone()));
    // What stands there otherwise is no document that both sides agreed on.
    let true_of = |note: &&DocumentNote| !apart.contains(note.path());
    let notes: Vec<DocumentNote> = journal.notes.iter().filter(true_of).cloned().collect();
    let unsent = send(peer, &notes, &mut told);
    moments(Moment::Noted);
    left.extend(journal.files.iter().filter(|file| unsent.contains(&file.to)).cloned());
    let rest = (!left.is_empty()).then(|| journal.rest(left));
    (told, rest)
}

/// Notes how documents stand, and tells of which that failed.
fn send(peer: &Peer, notes: &[DocumentNote], told: &mut FilesRestored) -> HashSet<String> {
    let mut unsent = HashSet::new();
    for notes in notes.chunks(NOTES_MAX) {
        let command = Command::NoteDocuments { notes: notes.to_vec() };
        let sent = peer.door.submit_blocking(Request::new(Actor::System, command));
        if let Err(refusal) = sent {
            told.failed.push(format!("how documents stand is not noted: {}", refusal.message));
            unsent.extend(notes.iter().map(|note| note.path().to_owned()));
        }
    }
    unsent
}

/// Ends a restore, or keeps the rest of it.
pub(super) fn end(staging: Staging, rest: Option<Journal>) {
    let ended = match rest {
        Some(rest) if rest.tries < TRIES_MAX => {
            // Where not even that can be written, what was told of it has to do.
            staging.write(&rest).or_else(|_| staging.remove())
        }
        Some(_) | None => staging.remove(),
    };
    if let Err(error) = ended {
        tracing::warn!(%error, "what a restore unpacked is not removed");
    }
}

impl Journal {
    /// What is left to do of it: files that could not be brought back, only where nothing was done
    /// since, and what is noted of them.
    fn rest(&self, files: Vec<Planned>) -> Self {
        let is_of_them = |note: &&DocumentNote| files.iter().any(|file| file.to == note.path());
        Self {
            backup: self.backup.clone(),
            decided: Decided::Already,
            replaces: false,
            notes: self.notes.iter().filter(is_of_them).cloned().collect(),
            files,
            tries: self.tries.saturating_add(1),
        }
    }
}
