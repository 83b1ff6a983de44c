//! Which backups there are: the files in their folder, with what is known of each.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::archive::{self, ArchiveError};
use super::manifest::{Kind, Manifest};
use super::{BackupError, DATABASE, ENDING, name, note};
use crate::domain::actor::Actor;
use crate::domain::backup::{Backup, BackupNote, Integrity, Reason, Scope};
use crate::domain::id::BackupId;
use crate::domain::refusal::{Code, Refusal, closest};
use crate::domain::time::Timestamp;
use crate::paths::ProjectPaths;
use crate::peer::Peer;
use crate::query::backups::{self, BACKUPS_MAX};
use crate::sync::files::Identity;

words! {
    /// What backups are listed by; what is equal then, the newest first.
    #[derive(Default)]
    Order("sort_by") {
        #[default]
        CreatedAt = "created_at",
        Size = "size",
        Name = "name",
        Scope = "scope",
    }
}

/// Every backup, the newest first. A file that is not known yet is looked at and noted, one that was
/// changed since it was verified counts as unverified, and what is known of one that is gone is
/// dropped.
///
/// # Errors
///
/// When the folder or the database cannot be read.
pub fn list(peer: &Peer) -> Result<Vec<Backup>, BackupError> {
    let (found, notes) = look(peer)?;
    note(peer, notes);
    Ok(found)
}

/// The same, and nothing is noted.
///
/// # Errors
///
/// As [`list`].
pub fn listed(peer: &Peer) -> Result<Vec<Backup>, BackupError> {
    Ok(look(peer)?.0)
}

/// Every backup, and what is to be noted of them.
fn look(peer: &Peer) -> Result<(Vec<Backup>, Vec<BackupNote>), BackupError> {
    let known = peer.readers.read(backups::known)?;
    let mut known: BTreeMap<String, Backup> =
        known.into_iter().map(|backup| (backup.file.clone(), backup)).collect();
    let folder = peer.paths.backups();
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    for file in files(&folder)? {
        let Some((size, modified_ns)) = standing(&folder, &file) else { continue };
        match known.remove(&file) {
            Some(backup) if backup.size == size && backup.modified_ns == modified_ns => {
                found.push(backup);
            }
            Some(_) | None => {
                let Some(backup) = looked_at(&folder, &file) else { continue };
                notes.push(BackupNote::Known(Box::new(backup.clone())));
                found.push(backup);
            }
        }
    }
    notes.extend(known.into_keys().map(|file| BackupNote::Gone { file }));
    sort(&mut found, Order::CreatedAt);
    Ok((found, notes))
}

/// The backups as they lie in their folder, the newest first, unverified: for a project whose
/// database cannot be asked.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn lying(paths: &ProjectPaths) -> Result<Vec<Backup>, BackupError> {
    let folder = paths.backups();
    let mut found: Vec<Backup> =
        files(&folder)?.iter().filter_map(|file| looked_at(&folder, file)).collect();
    sort(&mut found, Order::CreatedAt);
    Ok(found)
}

/// Brings backups into an order.
pub fn sort(backups: &mut [Backup], order: Order) {
    backups.sort_by(|left, right| {
        let first = match order {
            Order::CreatedAt => Ordering::Equal,
            Order::Size => right.size.cmp(&left.size),
            Order::Name => left.name.cmp(&right.name),
            Order::Scope => left.scope.cmp(&right.scope),
        };
        let newest_first = || right.created_at.cmp(&left.created_at);
        first.then_with(newest_first).then_with(|| left.file.cmp(&right.file))
    });
}

/// The backup that a text means: an id or the beginning of one, a name, or the name of a file.
///
/// # Errors
///
/// When there is none, or several.
pub fn resolve(peer: &Peer, text: &str) -> Result<Backup, BackupError> {
    resolve_among(list(peer)?, text)
}

/// The same, or else the archive at a path, which may lie anywhere: for a person, who names files.
///
/// # Errors
///
/// When there is none, or several, or the file is no backup.
pub fn resolve_file(peer: &Peer, (text, directory): (&str, &Path)) -> Result<Backup, BackupError> {
    let known = list(peer)?;
    resolve_file_among(known, &peer.paths, (text, directory))
}

/// The same among backups that were listed.
///
/// # Errors
///
/// As [`resolve_file`].
pub fn resolve_file_among(
    all: Vec<Backup>,
    paths: &ProjectPaths,
    (text, directory): (&str, &Path),
) -> Result<Backup, BackupError> {
    let path = directory.join(text).canonicalize().ok().filter(|path| path.is_file());
    let Some(path) = path else { return resolve_among(all, text) };
    let (Some(folder), Some(name)) =
        (path.parent(), path.file_name().and_then(|name| name.to_str()))
    else {
        return resolve_among(all, text);
    };
    if paths.backups().canonicalize().is_ok_and(|backups| backups == folder) {
        return resolve_among(all, name);
    }
    match resolve_among(all, text) {
        // Not one of the project's.
        Err(BackupError::Refused(refusal)) if refusal.code == Code::UnknownId => {}
        known => return known,
    }
    let archive = Some(name).filter(|name| name.ends_with(ENDING));
    let found = archive.and_then(|name| looked_at(folder, name)).ok_or_else(|| {
        Refusal::new(Code::InvalidValue, format!("{} is no backup", path.display()))
            .suggest("name an archive that `callboard backup create` made")
    })?;
    Ok(Backup { file: path.display().to_string(), ..found })
}

/// Tells whether a backup lies elsewhere than those of the project, of which alone anything is noted.
pub(super) fn is_elsewhere(backup: &Backup) -> bool {
    Path::new(&backup.file).is_absolute()
}

/// The same among backups that were listed.
///
/// # Errors
///
/// When there is none, or several.
fn resolve_among(mut all: Vec<Backup>, text: &str) -> Result<Backup, BackupError> {
    let text = text.trim();
    let prefix = crate::domain::id::canonical_prefix(BackupId::LETTER, text);
    let fits = |backup: &Backup| {
        backup.file == text
            || backup.name == text
            || prefix
                .as_ref()
                .is_some_and(|prefix| prefix.len() > 2 && backup.id.to_string().starts_with(prefix))
    };
    let found: Vec<usize> =
        all.iter().enumerate().filter(|(_, backup)| fits(backup)).map(|(at, _)| at).collect();
    match found.as_slice() {
        [at] => Ok(all.swap_remove(*at)),
        [] => Err(unknown(text, &all).into()),
        several => {
            let files: Vec<&str> = several
                .iter()
                .filter_map(|at| all.get(*at))
                .map(|backup| backup.file.as_str())
                .collect();
            let message = format!("{} backups fit {text:?}", files.len());
            Err(Refusal::new(Code::AmbiguousId, message).with("candidates", files).into())
        }
    }
}

fn unknown(text: &str, all: &[Backup]) -> Refusal {
    let shown: String = text.chars().take(80).collect();
    let refusal = Refusal::new(Code::UnknownId, format!("there is no backup {shown:?}"));
    let names = all.iter().map(|backup| backup.name.as_str());
    let refusal = match closest(text, names) {
        Some(name) => refusal.with("closest", name),
        None => refusal,
    };
    refusal.suggest("list the backups, and use an id from there")
}

/// The names of the archives in a folder.
fn files(folder: &Path) -> Result<Vec<String>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(BackupError::Folder { deed: "read", path: folder.to_owned(), source });
        }
    };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names
        .filter(|name| name.ends_with(ENDING) && !name.starts_with('.'))
        .take(BACKUPS_MAX)
        .collect())
}

/// Size and time of the last change of a file; none where it is no regular one.
pub(super) fn standing(folder: &Path, file: &str) -> Option<(u64, i64)> {
    let found = fs::symlink_metadata(folder.join(file)).ok().filter(fs::Metadata::is_file)?;
    let identity = Identity::of(&found);
    Some((identity.size, i64::try_from(identity.modified_ns).unwrap_or(0)))
}

/// A backup as its archive describes itself; none where it is no backup.
fn looked_at(folder: &Path, file: &str) -> Option<Backup> {
    match archive::manifest(&folder.join(file)) {
        Ok(manifest) if manifest.head.kind == Kind::Backup => {
            described(folder, file, &manifest).ok()
        }
        Err(error) if error.is_damage() => untold(folder, file, &error, Integrity::Corrupted),
        Err(error) if error.is_beyond() => untold(folder, file, &error, Integrity::Unknown),
        Ok(_) | Err(_) => None,
    }
}

/// A backup as its manifest describes it, unverified.
pub(super) fn described(
    folder: &Path,
    file: &str,
    manifest: &Manifest,
) -> Result<Backup, BackupError> {
    let head = &manifest.head;
    let gone = || {
        let source = std::io::ErrorKind::NotFound.into();
        BackupError::Folder { deed: "read", path: folder.join(file), source }
    };
    let (size, modified_ns) = standing(folder, file).ok_or_else(gone)?;
    let databases = u64::from(manifest.file(DATABASE).is_some());
    Ok(Backup {
        id: head.id.parse().unwrap_or_else(|_| id_of(file)),
        name: head.name.clone(),
        file: file.to_owned(),
        scope: head.scope.unwrap_or(Scope::Full),
        reason: head.reason.unwrap_or(Reason::Manual),
        actor: head.actor.clone(),
        created_at: head.created_at,
        size,
        unpacked: manifest.unpacked(),
        files: (manifest.files.len() as u64).saturating_sub(databases),
        seq: head.seq,
        sessions: head.sessions.clone(),
        integrity: if head.fault.is_some() { Integrity::Corrupted } else { Integrity::Unknown },
        verified_at: None,
        problem: head.problem(),
        modified_ns,
        used_at: head.created_at,
    })
}

/// What is left to say of an archive whose beginning cannot be read.
fn untold(folder: &Path, file: &str, error: &ArchiveError, integrity: Integrity) -> Option<Backup> {
    let (size, modified_ns) = standing(folder, file)?;
    let (name, id) = name::read(file).unwrap_or_else(|| (file.to_owned(), id_of(file)));
    let changed = Timestamp(modified_ns / 1_000_000);
    Some(Backup {
        id,
        name,
        file: file.to_owned(),
        scope: Scope::Full,
        reason: Reason::Manual,
        actor: Actor::System,
        created_at: changed,
        size,
        unpacked: 0,
        files: 0,
        seq: 0,
        sessions: Vec::new(),
        integrity,
        verified_at: None,
        problem: Some(error.to_string()),
        modified_ns,
        used_at: changed,
    })
}

/// An id for an archive that tells none: always the same for the same name.
fn id_of(file: &str) -> BackupId {
    let hash = blake3::hash(file.as_bytes());
    BackupId::from_random(
        hash.as_bytes().iter().take(5).fold(0, |id, byte| id << 8 | u64::from(*byte)),
    )
}
