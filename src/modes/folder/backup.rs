//! Backups of mode files: `backups/modes/mode_backup_20261125_190000_NAME.yaml`.
//!
//! A backup holds a file's text to the byte, readable in an editor; a broken file is backed up like
//! any other.

use std::collections::BTreeSet;
use std::fs;

use serde::Serialize;

use crate::domain::refusal::closest;
use crate::domain::time::{DAY_MS, Timestamp};
use crate::modes::read::stem;

use super::disk::mode_name;
use super::{FolderError, ModesFolder};

mod content;

pub use content::Content;

pub(super) const FOLDER: &str = "backups/modes";
const PREFIX: &str = "mode_backup_";
/// How long backups are kept.
const KEPT_MS: i64 = 30 * DAY_MS;
/// How many of them are kept however old they are.
const KEPT_MIN: usize = 10;
/// Most backups of the same second.
const SECOND_MAX: usize = 1_000;

words! {
    /// Why a backup was made.
    BackupReason("backup_reason") {
        /// Somebody asked for it.
        Asked = "asked",
        /// Another mode was selected.
        Select = "select",
        /// The file was about to be repaired.
        Repair = "repair",
        /// A backup was about to be restored over it.
        Restore = "restore",
        /// A newer built-in file was about to replace it.
        Update = "update",
    }
}

/// A backup as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// The name of its file.
    pub name: String,
    /// Relative to `.task_orchestrator/`.
    pub file: String,
    /// Of which mode it is.
    pub mode: String,
    pub created_at: Timestamp,
    /// In bytes, of the backup's file.
    pub size: u64,
    /// Whether it was made just now; false where an equal one was there.
    pub is_new: bool,
}

/// Who asked for a backup, and under which name.
#[derive(Debug, Clone, Copy, Default)]
pub struct BackupLabel<'a> {
    pub session_id: Option<&'a str>,
    /// Stands in the file's name behind the mode's; a name, never a path.
    pub name: Option<&'a str>,
}

impl ModesFolder {
    /// Backs up the file of a mode, unless its newest backup says the same. Old ones are removed.
    ///
    /// # Errors
    ///
    /// When the mode has no file, or the backup cannot be written.
    pub fn back_up(
        &self,
        given: &str,
        reason: BackupReason,
        session_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Backup, FolderError> {
        self.back_up_as(given, reason, BackupLabel { session_id, name: None }, now)
    }

    /// Backs up the file of a mode that is put in force, and those that it extends: what they say is
    /// what a recovery needs. What has no file is left out.
    ///
    /// # Errors
    ///
    /// When a backup cannot be written.
    pub fn back_up_bound(
        &self,
        given: &str,
        session_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), FolderError> {
        let looked = self.look(given)?;
        for name in looked.extended.iter().chain([&looked.name]) {
            if self.source(name)?.is_some() {
                self.back_up(name, BackupReason::Select, session_id, now)?;
            }
        }
        Ok(())
    }

    /// The same with a name of its own.
    ///
    /// # Errors
    ///
    /// As [`Self::back_up`], and when the name is none.
    pub fn back_up_as(
        &self,
        given: &str,
        reason: BackupReason,
        label: BackupLabel<'_>,
        now: Timestamp,
    ) -> Result<Backup, FolderError> {
        let mode = mode_name(given)?;
        let Some(source) = self.source(mode)? else {
            let names = self.mode_names();
            let closest = closest(mode, names.iter().map(String::as_str)).map(str::to_owned);
            return Err(FolderError::Missing { name: mode.to_owned(), closest });
        };
        let word = match label.name.map(mode_name).transpose()? {
            Some(name) => format!("{mode}.{name}"),
            None => mode.to_owned(),
        };
        if label.name.is_none()
            && let Some(newest) = self.backups_of(mode).into_iter().next()
            && self.backed_up(&newest.name).is_ok_and(|content| content.bytes == source.bytes)
        {
            return Ok(newest);
        }
        let content = Content {
            source_mode: mode.to_owned(),
            created_at: now.to_string(),
            session_id: label.session_id.map(str::to_owned),
            reason: reason.as_str().to_owned(),
            bytes: source.bytes,
        };
        let text = content.to_yaml();
        let name = self.free_name(&word, now)?;
        let file = format!("{FOLDER}/{name}");
        self.write_new(&file, text.as_bytes())?;
        self.remove_old(now);
        let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let created_at = Timestamp(now.0.div_euclid(1000).saturating_mul(1000));
        Ok(Backup { name, file, mode: mode.to_owned(), created_at, size, is_new: true })
    }

    /// Every backup, the newest first.
    pub fn backups(&self) -> Vec<Backup> {
        let names = self.entries(FOLDER).unwrap_or_default();
        let mut found: Vec<Backup> =
            names.into_iter().filter_map(|name| self.backup(name)).collect();
        found.sort_by(|left, right| {
            let key = |backup: &Backup| (backup.created_at, number_of(&backup.name));
            key(right).cmp(&key(left)).then_with(|| left.name.cmp(&right.name))
        });
        found
    }

    /// The backups of a mode, the newest first.
    pub fn backups_of(&self, mode: &str) -> Vec<Backup> {
        self.backups().into_iter().filter(|backup| backup.mode == mode).collect()
    }

    /// Tells whether a mode has a backup, by the names of the files alone.
    pub(super) fn has_backup(&self, mode: &str) -> bool {
        let names = self.entries(FOLDER).unwrap_or_default();
        names.iter().filter_map(|name| parse_name(name)).any(|(_, of)| of.as_deref() == Some(mode))
    }

    fn backup(&self, name: String) -> Option<Backup> {
        let (created_at, word) = parse_name(&name)?;
        let file = format!("{FOLDER}/{name}");
        let size = self.path(&file).symlink_metadata().ok().filter(fs::Metadata::is_file)?.len();
        let mode = match word {
            Some(mode) => mode,
            // In the first generation the name does not tell the mode.
            None => self.backed_up(&name).ok()?.source_mode,
        };
        Some(Backup { name, file, mode, created_at, size, is_new: false })
    }

    /// What a backup holds.
    ///
    /// # Errors
    ///
    /// When there is no such backup, or it cannot be read.
    pub fn backed_up(&self, given: &str) -> Result<Content, FolderError> {
        let name = self.backup_name(given)?;
        let Some(bytes) = self.content(&format!("{FOLDER}/{name}"))? else {
            return Err(FolderError::NoBackup { name, closest: None });
        };
        let fallback = parse_name(&name).and_then(|(_, mode)| mode).unwrap_or_default();
        Content::of(&bytes, &fallback)
            .map_err(|problem| FolderError::BrokenBackup { name, problem })
    }

    /// Puts the content of a backup in the place of its mode's file, which is backed up first.
    /// Returns the mode's file, relative to `.task_orchestrator/`.
    ///
    /// # Errors
    ///
    /// When there is no such backup, it cannot be read, or a file cannot be written.
    pub fn restore(&self, given: &str, now: Timestamp) -> Result<Restored, FolderError> {
        let content = self.backed_up(given)?;
        let mode = mode_name(&content.source_mode)?.to_owned();
        let standing = self.source(&mode)?;
        let (file, before, replaced) = match standing {
            Some(source) => {
                let replaced = if source.bytes == content.bytes {
                    None
                } else {
                    Some(self.back_up(&mode, BackupReason::Restore, None, now)?)
                };
                (source.file, Some(source.bytes), replaced)
            }
            None => (format!("roles/{mode}.yaml"), None, None),
        };
        self.write(&file, before.as_deref(), &content.bytes)?;
        Ok(Restored { mode, file, replaced })
    }

    /// The name of a backup's file, which may be given with its folder or without its ending.
    fn backup_name(&self, given: &str) -> Result<String, FolderError> {
        let given = given.trim();
        let name = given.strip_prefix(".task_orchestrator/").unwrap_or(given);
        let name = name.strip_prefix("backups/modes/").unwrap_or(name);
        let is_word =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let is_name = !name.is_empty() && name.chars().all(is_word) && !name.starts_with('.');
        if !is_name {
            return Err(FolderError::Name { given: given.chars().take(100).collect() });
        }
        let name = format!("{}.yaml", stem(name));
        if self.path(&format!("{FOLDER}/{name}")).symlink_metadata().is_ok() {
            return Ok(name);
        }
        let names = self.entries(FOLDER).unwrap_or_default();
        let closest = closest(&name, names.iter().map(String::as_str)).map(str::to_owned);
        Err(FolderError::NoBackup { name, closest })
    }

    fn free_name(&self, word: &str, now: Timestamp) -> Result<String, FolderError> {
        let taken: BTreeSet<String> = self.entries(FOLDER)?.into_iter().collect();
        let base = format!("{PREFIX}{}_{word}", stamp(now));
        let numbered = (2..SECOND_MAX).map(|number| format!("{base}.{number}.yaml"));
        std::iter::once(format!("{base}.yaml"))
            .chain(numbered)
            .find(|name| !taken.contains(name))
            .ok_or_else(|| FolderError::Taken { name: base, file: FOLDER.to_owned() })
    }

    /// Removes backups that are too old, but always keeps the newest ones.
    fn remove_old(&self, now: Timestamp) {
        for backup in self.backups().into_iter().skip(KEPT_MIN) {
            if KEPT_MS < now.since_ms(backup.created_at) {
                // One that cannot be removed is tried again with the next backup.
                fs::remove_file(self.path(&backup.file)).ok();
            }
        }
    }
}

/// What restoring a backup did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The mode that it was of.
    pub mode: String,
    /// Its file, relative to `.task_orchestrator/`.
    pub file: String,
    /// The backup of what stood there before; none where nothing did, or it said the same.
    pub replaced: Option<Backup>,
}

/// A moment as it stands in a backup's name: `20261125_190000`, in UTC.
fn stamp(now: Timestamp) -> String {
    let digits: String = now.to_string().chars().filter(char::is_ascii_digit).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((digits.as_str(), ""));
    format!("{day}_{time}")
}

/// The moment in a backup's name, and its mode where that stands behind it.
fn parse_name(name: &str) -> Option<(Timestamp, Option<String>)> {
    let rest = name.strip_prefix(PREFIX)?.strip_suffix(".yaml")?;
    let (day, rest) = rest.split_once('_')?;
    let (time, word) = rest.split_once('_').unwrap_or((rest, ""));
    let are_digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    if day.len() != 8 || time.len() != 6 || !are_digits(day) || !are_digits(time) {
        return None;
    }
    let (year, month_day) = day.split_at_checked(4)?;
    let (month, day) = month_day.split_at_checked(2)?;
    let (hour, minute_second) = time.split_at_checked(2)?;
    let (minute, second) = minute_second.split_at_checked(2)?;
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let moment: jiff::Timestamp = text.parse().ok()?;
    let mode = word.split('.').next().filter(|mode| !mode.is_empty()).map(str::to_owned);
    Some((Timestamp(moment.as_millisecond()), mode))
}

/// Which of several backups of one second it is.
fn number_of(name: &str) -> usize {
    let inner = name.strip_suffix(".yaml").unwrap_or(name);
    inner.rsplit_once('.').and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
}
