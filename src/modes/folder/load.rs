//! Finding a mode's file by its name, and reading it.

use std::cell::RefCell;

use crate::domain::mode::{LoadedMode, ModeSource};
use crate::domain::refusal::closest;
use crate::modes::built_in;
use crate::modes::read::{Others, Reading, Source, read};

use super::disk::mode_name;
use super::{FolderError, ModesFolder, ROLE_FOLDERS};

/// A mode file that was found and read, valid or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The mode's name.
    pub name: String,
    /// Relative to `.task_orchestrator/`; none for what is built in and was not copied.
    pub file: Option<String>,
    pub bytes: Vec<u8>,
    /// The hash of these bytes and of those of the project's files that it extends; none for what
    /// is built in and was not copied.
    pub text: Option<String>,
    /// The names of the modes that it extends, one through the other.
    pub extended: Vec<String>,
    pub reading: Reading,
}

impl Loaded {
    /// The mode, ready to be bound.
    ///
    /// # Errors
    ///
    /// [`FolderError::Invalid`] with everything that is wrong with the file.
    pub fn into_mode(self) -> Result<LoadedMode, FolderError> {
        let Self { name, file, text, reading, .. } = self;
        let source = if file.is_some() { ModeSource::File } else { ModeSource::BuiltIn };
        match reading.mode {
            Some(mode) => {
                let mut loaded = LoadedMode::new(mode, source, file);
                loaded.binding.text = text;
                Ok(loaded)
            }
            None => Err(FolderError::Invalid {
                file: file.unwrap_or_else(|| format!("built-in {name}.yaml")),
                name,
                problems: reading.problems,
            }),
        }
    }
}

impl ModesFolder {
    /// Reads the file of a mode: from `roles/`, `roles/custom_modes/`, else what is built in.
    ///
    /// # Errors
    ///
    /// When the name is none, no such mode is there, or its file cannot be read. A file with errors
    /// in it is no error: see [`Loaded::reading`].
    pub fn look(&self, given: &str) -> Result<Loaded, FolderError> {
        let name = mode_name(given)?;
        if let Some(Source { file, bytes }) = self.source(name)? {
            let with = Hashing::of(self);
            with.take(&bytes);
            let reading = read(&file, &bytes, &with);
            let text = Some(with.hash());
            let extended = with.names.into_inner();
            let (name, file) = (name.to_owned(), Some(file));
            return Ok(Loaded { name, file, bytes, text, extended, reading });
        }
        let Some(source) = built_in::BuiltIn.find(name) else {
            let names = self.mode_names();
            let closest = closest(name, names.iter().map(String::as_str)).map(str::to_owned);
            return Err(FolderError::Missing { name: name.to_owned(), closest });
        };
        let reading = read(&format!("{name}.yaml"), &source.bytes, self);
        let name = name.to_owned();
        let (text, extended) = (None, Vec::new());
        Ok(Loaded { name, file: None, bytes: source.bytes, text, extended, reading })
    }

    /// Reads a mode that is to be bound. What is built in is copied into the project first.
    ///
    /// # Errors
    ///
    /// As [`Self::look`], and when the file has errors or cannot be copied.
    pub fn load(&self, given: &str) -> Result<LoadedMode, FolderError> {
        let mut loaded = self.look(given)?;
        if loaded.file.is_none() && loaded.reading.is_valid() {
            self.copy_built_in(&loaded.name)?;
            loaded = self.look(given)?;
        }
        loaded.into_mode()
    }

    /// Reads a mode without making a file, even of what is built in.
    ///
    /// # Errors
    ///
    /// As [`Self::look`], and when the file has errors.
    pub fn load_only(&self, given: &str) -> Result<LoadedMode, FolderError> {
        self.look(given)?.into_mode()
    }

    /// Reads a text as if it were the file of a mode, as when a person edits it.
    ///
    /// # Errors
    ///
    /// When the name is none.
    pub fn check(&self, given: &str, bytes: &[u8]) -> Result<Reading, FolderError> {
        let name = mode_name(given)?;
        let file = match self.source(name)? {
            Some(source) => source.file,
            None => format!("{name}.yaml"),
        };
        Ok(read(&file, bytes, self))
    }

    /// The project's file of a mode.
    pub(super) fn source(&self, given: &str) -> Result<Option<Source>, FolderError> {
        let name = mode_name(given)?;
        let files = ROLE_FOLDERS
            .iter()
            .flat_map(|folder| ["yaml", "yml"].map(|ending| format!("{folder}/{name}.{ending}")));
        for file in files {
            if let Some(bytes) = self.content(&file)? {
                return Ok(Some(Source { file, bytes }));
            }
        }
        Ok(None)
    }
}

/// The project's files as they are extended, with a hash of all that were read.
struct Hashing<'a> {
    folder: &'a ModesFolder,
    hasher: RefCell<blake3::Hasher>,
    names: RefCell<Vec<String>>,
}

impl<'a> Hashing<'a> {
    fn of(folder: &'a ModesFolder) -> Self {
        Self { folder, hasher: RefCell::default(), names: RefCell::default() }
    }

    fn take(&self, bytes: &[u8]) {
        let mut hasher = self.hasher.borrow_mut();
        // With its length, so that no two rows of files look alike.
        hasher.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(bytes);
    }

    fn hash(&self) -> String {
        self.hasher.borrow().finalize().to_hex().to_string()
    }
}

impl Others for Hashing<'_> {
    fn find(&self, name: &str) -> Option<Source> {
        let found = self.folder.find(name);
        self.names.borrow_mut().push(name.to_owned());
        match &found {
            // What is built in differs from version to version, and is no edit.
            Some(source) if source.file.contains('/') => self.take(&source.bytes),
            Some(_) | None => self.take(&[]),
        }
        found
    }

    fn names(&self) -> Vec<String> {
        self.folder.names()
    }
}
