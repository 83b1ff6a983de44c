//! Whether a backup is what was written.

use std::path::Path;

use super::archive::{self, ArchiveError, Watch};
use super::list::{is_elsewhere, standing};
use super::manifest::Manifest;
use super::{BackupError, note};
use crate::domain::backup::{Backup, BackupNote, Integrity};
use crate::domain::time::Timestamp;
use crate::paths::ProjectPaths;
use crate::peer::Peer;

/// Reads an archive from end to end, notes what was found, and tells how it stands; with what it
/// holds, where it is sound.
///
/// # Errors
///
/// When it cannot be read at all, or `watch` calls it off. A damaged one is no error, nor one that
/// this version of the program does not read, which stays unverified with the problem told.
pub fn verify(
    peer: &Peer,
    backup: &Backup,
    watch: Watch<'_>,
) -> Result<(Backup, Option<Manifest>), BackupError> {
    let (backup, found) = read(peer, backup, |path| archive::verify(path, watch));
    match found {
        Ok(manifest) => {
            let is_sound = backup.integrity == Integrity::Valid;
            Ok((backup, Some(manifest).filter(|_| is_sound)))
        }
        Err(error) if error.is_damage() || error.is_beyond() => Ok((backup, None)),
        Err(error) => Err(error.into()),
    }
}

/// Reads an archive from end to end by one of the ways to do so, and notes what was found.
pub(super) fn read(
    peer: &Peer,
    backup: &Backup,
    by: impl FnOnce(&Path) -> Result<Manifest, ArchiveError>,
) -> (Backup, Result<Manifest, ArchiveError>) {
    let (backup, found) = look(&peer.paths, (backup, peer.clock.now()), by);
    let is_told = found.as_ref().err().is_none_or(|error| error.is_damage() || error.is_beyond());
    if is_told && !is_elsewhere(&backup) {
        note(peer, vec![BackupNote::Known(Box::new(backup.clone()))]);
    }
    (backup, found)
}

/// The same, noting nothing.
pub(super) fn look(
    paths: &ProjectPaths,
    (backup, now): (&Backup, Timestamp),
    by: impl FnOnce(&Path) -> Result<Manifest, ArchiveError>,
) -> (Backup, Result<Manifest, ArchiveError>) {
    let folder = paths.backups();
    // Looked at first: what is written meanwhile makes it unverified again.
    let (size, modified_ns) =
        standing(&folder, &backup.file).unwrap_or((backup.size, backup.modified_ns));
    let found = by(&folder.join(&backup.file));
    let mut backup =
        Backup { size, modified_ns, verified_at: Some(now), used_at: now, ..backup.clone() };
    (backup.integrity, backup.problem) = match &found {
        Ok(manifest) => match manifest.head.problem() {
            None => (Integrity::Valid, None),
            problem => (Integrity::Corrupted, problem),
        },
        Err(error) if error.is_damage() => (Integrity::Corrupted, Some(error.to_string())),
        Err(error) if error.is_beyond() => (Integrity::Unknown, Some(error.to_string())),
        Err(_) => return (backup, found),
    };
    (backup, found)
}
