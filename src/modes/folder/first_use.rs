//! The folders and files that a project gets when modes are first used, and newer built-in files.

use std::collections::BTreeMap;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::domain::mode::{MODE_DEFAULT, MODE_PROJECT};
use crate::domain::time::Timestamp;
use crate::modes::built_in::{self, BuiltInFile};
use crate::sync::files::ContentHash;

use super::backup::BackupReason;
use super::{FolderError, ModesFolder};

const FOLDERS: &[&str] = &["roles/custom_modes", "modes", "backups/modes"];
/// What was copied from the program, by the hash of what it was then.
const COPIES: &str = "modes/built_in.yaml";
/// The project's own mode, as it is before anybody wrote in it.
const PROJECT_ROLES: &str = include_str!("../../../templates/roles/project_roles.yaml");

/// A built-in file that is newer than the project's copy of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    pub name: String,
    /// The project's copy, relative to `.task_orchestrator/`.
    pub file: String,
    /// Whether somebody changed the copy, which taking the newer one would undo.
    pub is_changed: bool,
}

/// Backups that are looked at for what a file once said.
const BACKUPS_MAX: usize = 10;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Copies {
    /// Hash of the built-in text that each copy was made from, or that was declined for it.
    #[serde(default)]
    built_in: BTreeMap<String, String>,
}

impl ModesFolder {
    /// Makes what a project's modes need and is not there; never over a file that is. Returns the
    /// files that were made.
    ///
    /// # Errors
    ///
    /// When there is no `.task_orchestrator/` — a project that is only looked at — or it cannot be
    /// written to.
    pub fn prepare(&self) -> Result<Vec<String>, FolderError> {
        let folder = self.paths.task_orchestrator();
        if !folder.is_dir() {
            return Err(FolderError::NoFolder { folder });
        }
        for name in FOLDERS {
            let path = self.path(name);
            fs::create_dir_all(&path).map_err(|source| FolderError::Io { path, source })?;
        }
        let mut made = Vec::new();
        if self.source(MODE_DEFAULT)?.is_none() && !self.had(MODE_DEFAULT) {
            made.push(self.copy_built_in(MODE_DEFAULT)?);
        }
        if self.source(MODE_PROJECT)?.is_none() && !self.had(MODE_PROJECT) {
            let file = format!("roles/{MODE_PROJECT}.yaml");
            self.write_new(&file, PROJECT_ROLES.as_bytes())?;
            made.push(file);
        }
        Ok(made)
    }

    /// Tells whether the project once had a file of that name that said something else than what is
    /// built in. Such a file is restored, and not made anew without what people wrote in it.
    pub fn had(&self, name: &str) -> bool {
        let own = match built_in::file(name) {
            Some(built_in) => built_in.text,
            None if name == MODE_PROJECT => PROJECT_ROLES,
            None => "",
        };
        let differs = |backup: &super::Backup| {
            self.backed_up(&backup.name).is_ok_and(|content| content.bytes != own.as_bytes())
        };
        self.backups_of(name).iter().take(BACKUPS_MAX).any(differs)
    }

    /// Copies what is built in into `roles/`, never over a file that is there.
    pub(super) fn copy_built_in(&self, name: &str) -> Result<String, FolderError> {
        let Some(built_in) = built_in::file(name) else {
            return Err(FolderError::Missing { name: name.to_owned(), closest: None });
        };
        let file = format!("roles/{name}.yaml");
        if self.content(&file)?.is_none() {
            self.write_new(&file, built_in.text.as_bytes())?;
            self.note_copy(built_in)?;
        }
        Ok(file)
    }

    /// The built-in files that are newer than the project's copies, unless they were declined.
    pub fn offers(&self) -> Vec<Offer> {
        let copies = self.copies();
        let mut found = Vec::new();
        for built_in in built_in::FILES {
            let newest = hash(built_in.text.as_bytes());
            let Ok(Some(source)) = self.source(built_in.name) else { continue };
            let Some(copied) = copies.built_in.get(built_in.name) else { continue };
            let standing = hash(&source.bytes);
            if *copied == newest || standing == newest {
                continue;
            }
            let is_changed = standing != *copied;
            found.push(Offer { name: built_in.name.to_owned(), file: source.file, is_changed });
        }
        found
    }

    /// Replaces the project's copy of a built-in file by the newer one; the copy is backed up.
    ///
    /// # Errors
    ///
    /// When no such mode is built in, or a file cannot be written.
    pub fn take_offer(&self, given: &str, now: Timestamp) -> Result<String, FolderError> {
        let (built_in, source) = self.offered(given)?;
        self.back_up(built_in.name, BackupReason::Update, None, now)?;
        self.write(&source.file, Some(&source.bytes), built_in.text.as_bytes())?;
        self.note_copy(built_in)?;
        Ok(source.file)
    }

    /// Keeps the project's copy; the newer file is not offered again until it changes once more.
    ///
    /// # Errors
    ///
    /// When no such mode is built in, or a file cannot be written.
    pub fn decline_offer(&self, given: &str) -> Result<(), FolderError> {
        let (built_in, _) = self.offered(given)?;
        self.note_copy(built_in)
    }

    fn offered(&self, given: &str) -> Result<(BuiltInFile, crate::modes::Source), FolderError> {
        let name = super::disk::mode_name(given)?;
        match (built_in::file(name), self.source(name)?) {
            (Some(built_in), Some(source)) => Ok((built_in, source)),
            (Some(_) | None, _) => {
                Err(FolderError::Missing { name: name.to_owned(), closest: None })
            }
        }
    }

    fn copies(&self) -> Copies {
        let Ok(Some(bytes)) = self.content(COPIES) else { return Copies::default() };
        // A list that cannot be read offers nothing, which is what an empty one does.
        serde_yaml::from_slice(&bytes).unwrap_or_default()
    }

    fn note_copy(&self, built_in: BuiltInFile) -> Result<(), FolderError> {
        let before = self.content(COPIES)?;
        let mut copies = self.copies();
        copies.built_in.insert(built_in.name.to_owned(), hash(built_in.text.as_bytes()));
        let text = serde_yaml::to_string(&copies).unwrap_or_default();
        self.write(COPIES, before.as_deref(), text.as_bytes())
    }
}

fn hash(bytes: &[u8]) -> String {
    ContentHash::of(bytes).into()
}
