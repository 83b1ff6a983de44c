//! Repairing a file of the project: never without a backup.

use crate::domain::time::Timestamp;
use crate::modes::repair::{Repaired, repair};

use super::disk::mode_name;
use super::{Backup, BackupReason, FolderError, ModesFolder};

/// A file that was repaired.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended {
    /// Relative to `.task_orchestrator/`.
    pub file: String,
    pub repaired: Repaired,
    /// None where nothing was to be repaired, and so nothing was written.
    pub backup: Option<Backup>,
}

impl ModesFolder {
    /// What repairing a mode's file would make of it. Nothing is written.
    ///
    /// # Errors
    ///
    /// When the mode has no file in the project, or it holds no text that could be repaired.
    pub fn propose_repair(&self, given: &str) -> Result<Mended, FolderError> {
        Ok(self.proposed(given)?.0)
    }

    /// Repairs a mode's file, which is backed up first.
    ///
    /// # Errors
    ///
    /// As [`Self::propose_repair`], and when a file cannot be written.
    pub fn repair(&self, given: &str, now: Timestamp) -> Result<Mended, FolderError> {
        let (mut mended, before) = self.proposed(given)?;
        if !mended.repaired.repairs.is_empty() {
            let backup = self.back_up(mode_name(given)?, BackupReason::Repair, None, now)?;
            self.write(&mended.file, Some(&before), mended.repaired.text.as_bytes())?;
            mended.backup = Some(backup);
        }
        Ok(mended)
    }

    fn proposed(&self, given: &str) -> Result<(Mended, Vec<u8>), FolderError> {
        let name = mode_name(given)?;
        let Some(source) = self.source(name)? else {
            return Err(FolderError::Missing { name: name.to_owned(), closest: None });
        };
        let Some(repaired) = repair(&source.file, &source.bytes, self) else {
            return Err(FolderError::NoText { file: source.file });
        };
        Ok((Mended { file: source.file, repaired, backup: None }, source.bytes))
    }
}
