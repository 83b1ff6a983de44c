//! What is in force when the bound file cannot be: something always is.

use crate::domain::mode::{LoadedMode, MODE_DEFAULT, Mode, ModeSource};
use crate::modes::built_in;
use crate::modes::read::{Others as _, read};

use super::ModesFolder;
use super::disk::mode_name;

/// Most backups that are tried.
const BACKUPS_TRIED_MAX: usize = 10;

impl ModesFolder {
    /// Finds what takes the place of a mode whose file is missing or broken: its newest backup that
    /// holds, the built-in file of its name, the project's `default_roles`, what is compiled in.
    ///
    /// Every attempt is told in the binding. Nothing is written.
    pub fn recover(&self, given: &str, problem: &str) -> LoadedMode {
        let mut attempts = Vec::new();
        let name = mode_name(given).unwrap_or(MODE_DEFAULT);
        let found = self
            .recover_from_backups(name, &mut attempts)
            .or_else(|| from_built_in(name, &mut attempts))
            .or_else(|| self.recover_from_default_roles(name, &mut attempts));
        let (mode, source) = found.unwrap_or_else(|| {
            attempts.push("the roles compiled into the program are used".to_owned());
            (built_in::compiled_in().as_ref().clone(), ModeSource::CompiledIn)
        });
        let file = match self.source(name) {
            Ok(Some(source)) => Some(source.file),
            // Where it was, or where it would be made.
            Ok(None) | Err(_) => Some(format!("roles/{name}.yaml")),
        };
        // The session goes on to be bound to the name, whatever is in force for it.
        let mode = Mode { name: name.to_owned(), ..mode };
        let mut loaded = LoadedMode::new(mode, source, file);
        loaded.binding.problem = Some(problem.to_owned());
        loaded.binding.attempts = attempts;
        loaded
    }

    fn recover_from_backups(
        &self,
        name: &str,
        attempts: &mut Vec<String>,
    ) -> Option<(Mode, ModeSource)> {
        let backups = self.backups_of(name);
        if backups.is_empty() {
            attempts.push(format!("there is no backup of {name}"));
        }
        for backup in backups.iter().take(BACKUPS_TRIED_MAX) {
            let bytes = match self.backed_up(&backup.name) {
                Ok(content) => content.bytes,
                Err(error) => {
                    attempts.push(format!("the backup {}: {error}", backup.name));
                    continue;
                }
            };
            let reading = read(&format!("{name}.yaml"), &bytes, self);
            let Some(mode) = reading.mode else {
                let error = reading.error_in_words().unwrap_or_default();
                attempts.push(format!("the backup {} does not hold: {error}", backup.name));
                continue;
            };
            attempts.push(format!("the backup {} is used", backup.name));
            return Some((mode, ModeSource::Backup));
        }
        None
    }

    fn recover_from_default_roles(
        &self,
        name: &str,
        attempts: &mut Vec<String>,
    ) -> Option<(Mode, ModeSource)> {
        if name == MODE_DEFAULT {
            return None;
        }
        let source = match self.source(MODE_DEFAULT) {
            Ok(Some(source)) => source,
            Ok(None) => {
                attempts.push(format!("the project has no {MODE_DEFAULT}.yaml"));
                return None;
            }
            Err(error) => {
                attempts.push(format!("the project's {MODE_DEFAULT}.yaml: {error}"));
                return None;
            }
        };
        let reading = read(&source.file, &source.bytes, self);
        attempts.push(match reading.error_in_words() {
            None => format!("the project's {} is used", source.file),
            Some(error) => format!("the project's {MODE_DEFAULT} is broken as well: {error}"),
        });
        Some((reading.mode?, ModeSource::DefaultRoles))
    }
}

/// What is built in, whatever the project's files of the same names say.
fn from_built_in(name: &str, attempts: &mut Vec<String>) -> Option<(Mode, ModeSource)> {
    let Some(source) = built_in::BuiltIn.find(name) else {
        attempts.push(format!("no mode {name} is built in"));
        return None;
    };
    let reading = read(&format!("{name}.yaml"), &source.bytes, &built_in::BuiltIn);
    attempts.push(match reading.error_in_words() {
        None => format!("the built-in file of {name} is used"),
        Some(error) => format!("the built-in file of {name} does not hold: {error}"),
    });
    Some((reading.mode?, ModeSource::BuiltIn))
}
