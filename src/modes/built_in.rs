//! The mode files that are compiled into the program.

use std::sync::{Arc, OnceLock};

use crate::domain::mode::{LoadedMode, MODE_DEFAULT, Mode, ModeSource};

use super::read::{Others, Source, read};

/// A built-in mode file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltInFile {
    /// The mode's name.
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(BuiltInFile {
            name: $name,
            text: include_str!(concat!("../../templates/roles/", $name, ".yaml")),
        }),*]
    };
}

/// All of them, the default first.
pub const FILES: &[BuiltInFile] = files![
    "default_roles",
    "software_development",
    "research",
    "writing",
    "data_analysis",
    "operations",
];

/// The built-in file of a mode.
pub fn file(name: &str) -> Option<BuiltInFile> {
    FILES.iter().copied().find(|file| file.name == name)
}

/// A project that has no mode files of its own.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn;

impl Others for BuiltIn {
    fn find(&self, name: &str) -> Option<Source> {
        let file = file(name)?;
        let bytes = file.text.as_bytes().to_owned();
        Some(Source { file: format!("built-in {name}.yaml"), bytes })
    }

    fn names(&self) -> Vec<String> {
        FILES.iter().map(|file| file.name.to_owned()).collect()
    }
}

/// A built-in mode; none where no such is built in.
pub fn mode(name: &str) -> Option<Mode> {
    let source = BuiltIn.find(name)?;
    read(&format!("{name}.yaml"), &source.bytes, &BuiltIn).mode
}

/// The mode that is in force when nothing else can be: always there, read once.
pub fn compiled_in() -> Arc<Mode> {
    static DEFAULT: OnceLock<Arc<Mode>> = OnceLock::new();
    DEFAULT.get_or_init(|| Arc::new(mode(MODE_DEFAULT).unwrap_or_else(bare))).clone()
}

/// The same, ready to be bound.
pub fn compiled_in_loaded() -> LoadedMode {
    LoadedMode::new(compiled_in().as_ref().clone(), ModeSource::CompiledIn, None)
}

/// A mode without roles, which takes any; a test sees to it that it is never needed.
fn bare() -> Mode {
    Mode { name: MODE_DEFAULT.to_owned(), ..Mode::default() }
}
