//! Whether a backup is what was written.

use super::archive::{self, Watch};
use super::list::standing;
use super::manifest::Manifest;
use super::{BackupError, note};
use crate::domain::backup::{Backup, BackupNote, Integrity};
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
    let folder = peer.paths.backups();
    // Looked at first: what is written meanwhile makes it unverified again.
    let (size, modified_ns) =
        standing(&folder, &backup.file).unwrap_or((backup.size, backup.modified_ns));
    let found = archive::verify(&folder.join(&backup.file), watch);
    let now = peer.clock.now();
    let mut backup =
        Backup { size, modified_ns, verified_at: Some(now), used_at: now, ..backup.clone() };
    let manifest = match found {
        Ok(manifest) => {
            backup.problem = manifest.head.problem();
            let is_sound = backup.problem.is_none();
            backup.integrity = if is_sound { Integrity::Valid } else { Integrity::Corrupted };
            Some(manifest).filter(|_| is_sound)
        }
        Err(error) if error.is_damage() => {
            (backup.integrity, backup.problem) = (Integrity::Corrupted, Some(error.to_string()));
            None
        }
        Err(error) if error.is_beyond() => {
            (backup.integrity, backup.problem) = (Integrity::Unknown, Some(error.to_string()));
            None
        }
        Err(error) => return Err(error.into()),
    };
    note(peer, vec![BackupNote::Known(Box::new(backup.clone()))]);
    Ok((backup, manifest))
}
