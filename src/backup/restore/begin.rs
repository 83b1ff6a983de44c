//! The way in: which archive is meant, and what is done before anything of it is used.

use super::journal::Staging;
use super::lock::RestoreLock;
use super::{Inside, Moments, Report, Restore, RestoreScope, Wanted, finish, unseen, unwritten};
use crate::backup::archive::{self, ArchiveError, Watch};
use crate::backup::manifest::Manifest;
use crate::backup::{self, DATABASE, Request};
use crate::domain::backup::{Backup, Reason, Scope};
use crate::domain::refusal::Refusal;
use crate::peer::Peer;

/// Brings back what a backup holds, by id or name, whole or not at all.
///
/// # Errors
///
/// The refusal; nothing was changed then. What fails after the decision stands in the report.
pub fn restore(
    peer: &Peer,
    name: &str,
    wanted: &Wanted,
    watch: Watch<'_>,
) -> Result<Report, Refusal> {
    restore_seen(peer, name, wanted, (watch, &unseen))
}

/// The same, with somebody who is told of every moment of it.
///
/// # Errors
///
/// As [`restore`].
pub fn restore_seen(
    peer: &Peer,
    name: &str,
    wanted: &Wanted,
    (watch, moments): (Watch<'_>, Moments<'_>),
) -> Result<Report, Refusal> {
    restore_of(peer, &backup::resolve(peer, name)?, wanted, (watch, moments))
}

/// The same of a backup that was found already, perhaps elsewhere.
///
/// # Errors
///
/// As [`restore`].
pub fn restore_of(
    peer: &Peer,
    backup: &Backup,
    wanted: &Wanted,
    (watch, moments): (Watch<'_>, Moments<'_>),
) -> Result<Report, Refusal> {
    let lock = RestoreLock::take(&peer.paths)?;
    finish::finish_all(peer);
    let staging = Staging::new(&peer.paths).map_err(|error| unwritten(&error))?;
    let (backup, found) =
        backup::read(peer, backup, |path| archive::unpack(path, &staging.unpacked(), watch));
    let manifest = match found {
        Ok(manifest) => manifest,
        Err(error) => {
            staging.remove().ok();
            return Err(unusable(error));
        }
    };
    let inside = Inside::of(&backup, &manifest);
    let before = || {
        let scope = match wanted.scope {
            RestoreScope::Database => Scope::Database,
            RestoreScope::Full | RestoreScope::Documents | RestoreScope::Session => Scope::Full,
        };
        let request = Request {
            actor: wanted.actor.clone(),
            ..Request::automatic(scope, Reason::BeforeRestore)
        };
        backup::create(peer, &request, watch)
            .map(|made| made.id.to_string())
            .map_err(|error| not_backed_up(error.into()))
    };
    let report = Restore { peer, wanted, moments }.run(staging, &inside, &before);
    finish::tend_archives(peer, &lock);
    report
}

impl<'a> Inside<'a> {
    /// What the manifest of a backup tells.
    pub(super) fn of(backup: &'a Backup, manifest: &Manifest) -> Self {
        let files = manifest.files.iter().filter(|file| file.path.as_str() != DATABASE);
        Self {
            backup,
            files: files.map(|file| (file.path.to_string(), file.hash.clone())).collect(),
            has_database: manifest.file(DATABASE).is_some(),
            meant: match manifest.head.scope {
                Some(Scope::Session) => {
                    manifest.head.sessions.iter().map(|session| session.id.to_string()).collect()
                }
                Some(Scope::All | Scope::Database | Scope::Documents | Scope::Full) | None => {
                    Vec::new()
                }
            },
        }
    }
}

/// That an archive cannot be used.
pub(super) fn unusable(error: ArchiveError) -> Refusal {
    Refusal::from(backup::BackupError::from(error))
        .suggest("verify the backups, and restore another one")
}

fn not_backed_up(refusal: Refusal) -> Refusal {
    let message = format!(
        "what is there could not be backed up, so nothing was changed: {}",
        refusal.message
    );
    Refusal { message, ..refusal }
}
