//! Which backups are kept, and which go.

use std::fs;
use std::io;

use serde::Serialize;

use super::{BackupError, list, note};
use crate::domain::backup::{Backup, BackupNote, Integrity, Reason};
use crate::domain::count::counted;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::peer::Peer;

/// How long a backup that was made before a restore is kept whatever else holds.
const BEFORE_RESTORE_MS: i64 = DAY_MS;
/// Bytes in a megabyte.
const MEGABYTE: u64 = 1_000_000;

words! {
    /// Which of several backups that may go goes first.
    #[derive(Default)]
    Strategy("cleanup_strategy") {
        #[default]
        OldestFirst = "oldest_first",
        LargestFirst = "largest_first",
        /// The one that was longest neither restored nor verified.
        LeastAccessed = "least_accessed",
    }
}

/// How many backups are kept. What is absent has no limit; 0 leaves what stays whatever else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    pub count: Option<u32>,
    pub days: Option<u32>,
    pub total_mb: Option<u64>,
    /// So many of the newest sound ones stay, whatever else holds.
    pub newest: u32,
    pub strategy: Strategy,
}

/// A limit as it was said: -1 is none, and nothing leaves what is configured.
///
/// # Errors
///
/// When it is less than that, or too much.
pub fn limit<T: TryFrom<i64>>(
    name: &str,
    said: Option<i64>,
    configured: Option<T>,
) -> Result<Option<T>, Refusal> {
    match said {
        None => Ok(configured),
        Some(-1) => Ok(None),
        Some(number) => T::try_from(number).map(Some).map_err(|_| {
            Refusal::new(Code::InvalidValue, format!("{name} cannot be {number}"))
                .with("field", name)
                .suggest("say a whole number, or -1 for no limit")
        }),
    }
}

/// What holds where nothing else is said.
impl Default for Retention {
    fn default() -> Self {
        Self {
            count: Some(10),
            days: Some(30),
            total_mb: None,
            newest: 3,
            strategy: Strategy::OldestFirst,
        }
    }
}

/// A backup that goes, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Doomed {
    pub backup: Backup,
    pub why: String,
}

/// What a cleanup found to remove, or has removed.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Cleaned {
    pub removed: Vec<Doomed>,
    /// Bytes of those.
    pub freed: u64,
    /// Backups that stay.
    pub kept: usize,
    /// What could not be removed, and why.
    pub failed: Vec<(String, String)>,
}

/// Whether a cleanup only tells what it would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    Dry,
    Carry,
}

/// Chooses which of the backups go.
pub fn choose(backups: &[Backup], retention: &Retention, now: Timestamp) -> Vec<Doomed> {
    let mut sound: Vec<&Backup> =
        backups.iter().filter(|backup| backup.integrity != Integrity::Corrupted).collect();
    sound.sort_by_key(|backup| std::cmp::Reverse(backup.created_at));
    // One sound backup always stays.
    let newest = usize::try_from(retention.newest.max(1)).unwrap_or(usize::MAX);
    // By it the keeper knows that the completed sessions have had their backup.
    let last = sound.iter().find(|backup| backup.is_of_completed());
    let is_fresh_way_back = |backup: &Backup| {
        backup.reason == Reason::BeforeRestore
            && now.since_ms(backup.created_at) < BEFORE_RESTORE_MS
    };
    let is_kept = |backup: &Backup| {
        // What a newer version of the program wrote may be sound.
        let is_beyond = backup.integrity == Integrity::Unknown && backup.problem.is_some();
        is_fresh_way_back(backup)
            || is_beyond
            || last.is_some_and(|last| last.file == backup.file)
            || sound.iter().take(newest).any(|kept| kept.file == backup.file)
    };
    let mut candidates: Vec<&Backup> = backups.iter().filter(|one| !is_kept(one)).collect();
    candidates.sort_by(|left, right| order(left, right, retention.strategy));
    let mut doomed: Vec<Doomed> = Vec::new();
    // What stays for its day only takes no other's place.
    let mut count = backups.iter().filter(|backup| !is_fresh_way_back(backup)).count();
    let mut total = sum(backups);
    let mut go = |backup: &Backup, why: String, count: &mut usize, total: &mut u64| {
        *count = count.saturating_sub(1);
        *total = total.saturating_sub(backup.size);
        doomed.push(Doomed { backup: backup.clone(), why });
    };
    if let Some(days) = retention.days {
        candidates.retain(|backup| {
            let is_old = i64::from(days) * DAY_MS <= now.since_ms(backup.created_at);
            if is_old {
                go(backup, format!("older than {}", counted(days, "day")), &mut count, &mut total);
            }
            !is_old
        });
    }
    for backup in candidates {
        let too_many =
            retention.count.filter(|most| u32::try_from(count).is_ok_and(|count| *most < count));
        let too_large = retention.total_mb.filter(|most| most.saturating_mul(MEGABYTE) < total);
        if let Some(most) = too_many {
            go(backup, format!("more than {}", counted(most, "backup")), &mut count, &mut total);
        } else if let Some(most) = too_large {
            go(backup, format!("more than {most} MB together"), &mut count, &mut total);
        }
    }
    doomed
}

/// Which goes first: a damaged one before all others, then those that nobody asked for.
fn order(left: &Backup, right: &Backup, strategy: Strategy) -> std::cmp::Ordering {
    let is_sound = |backup: &Backup| backup.integrity != Integrity::Corrupted;
    let by_strategy = match strategy {
        Strategy::OldestFirst => left.created_at.cmp(&right.created_at),
        Strategy::LargestFirst => right.size.cmp(&left.size),
        Strategy::LeastAccessed => left.used_at.cmp(&right.used_at),
    };
    let was_asked_for = |backup: &Backup| backup.reason == Reason::Manual;
    is_sound(left)
        .cmp(&is_sound(right))
        .then_with(|| was_asked_for(left).cmp(&was_asked_for(right)))
        .then(by_strategy)
        .then_with(|| left.created_at.cmp(&right.created_at))
        .then_with(|| left.file.cmp(&right.file))
}

fn sum(backups: &[Backup]) -> u64 {
    backups.iter().fold(0, |sum, backup| sum.saturating_add(backup.size))
}

/// Removes the backups that are not to be kept, or tells which those are.
///
/// # Errors
///
/// When the backups cannot be listed. What cannot be removed is told in the answer.
pub fn clean_up(peer: &Peer, retention: &Retention, run: Run) -> Result<Cleaned, BackupError> {
    let all = list(peer)?;
    let chosen = choose(&all, retention, peer.clock.now());
    let mut cleaned = Cleaned { kept: all.len(), ..Cleaned::default() };
    let mut notes = Vec::new();
    for doomed in chosen {
        let file = doomed.backup.file.clone();
        let removed = match run {
            Run::Dry => Ok(()),
            Run::Carry => remove_file(peer, &file),
        };
        match removed {
            Ok(()) => {
                cleaned.freed = cleaned.freed.saturating_add(doomed.backup.size);
                cleaned.kept -= 1;
                cleaned.removed.push(doomed);
                notes.push(BackupNote::Gone { file });
            }
            Err(error) => cleaned.failed.push((file, error.to_string())),
        }
    }
    if run == Run::Carry {
        note(peer, notes);
    }
    Ok(cleaned)
}

/// Tells whether a backup is the only sound one of all.
pub fn is_last_sound(all: &[Backup], backup: &Backup) -> bool {
    let is_sound = |one: &Backup| one.integrity != Integrity::Corrupted;
    is_sound(backup) && !all.iter().any(|one| one.file != backup.file && is_sound(one))
}

/// Removes one backup for good.
///
/// # Errors
///
/// When its archive cannot be removed.
pub fn remove(peer: &Peer, backup: &Backup) -> Result<(), BackupError> {
    let file = backup.file.clone();
    remove_file(peer, &file).map_err(|source| {
        let path = peer.paths.backups().join(&file);
        BackupError::Folder { deed: "remove", path, source }
    })?;
    note(peer, vec![BackupNote::Gone { file }]);
    Ok(())
}

/// Removes an archive; one that is gone already is removed.
fn remove_file(peer: &Peer, file: &str) -> io::Result<()> {
    match fs::remove_file(peer.paths.backups().join(file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
