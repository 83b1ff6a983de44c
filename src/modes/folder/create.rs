//! Making a mode from another.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::domain::mode::{LoadedMode, MODE_DEFAULT, ModeSource, PathOverlap};
use crate::domain::task::Complexity;
use crate::modes::read::{is_role_name, read};

use super::disk::mode_name;
use super::{FolderError, ModesFolder};

/// A mode that is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct NewMode {
    pub name: String,
    /// The mode whose roles, rules and gates it begins with; the default roles where none is named.
    pub source: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub roles: Vec<NewRole>,
    pub settings: NewSettings,
}

/// A role of its own; the parts of one that the source has are replaced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewRole {
    pub name: String,
    /// One line.
    pub description: String,
    /// Who the agent is and what it answers for.
    pub prompt: String,
    pub expertise: Vec<String>,
    pub approach: Vec<String>,
    pub output_format: String,
}

/// Settings that differ from the source's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct NewSettings {
    pub default_complexity: Option<Complexity>,
    pub auto_task_routing: Option<bool>,
    pub max_subtask_depth: Option<usize>,
    pub claim_minutes: Option<u32>,
    pub path_overlap: Option<PathOverlap>,
}

/// A mode file that could be made.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedMode {
    /// Relative to `.task_orchestrator/`.
    pub file: String,
    pub text: String,
    pub loaded: LoadedMode,
}

impl ModesFolder {
    /// Makes a mode in `roles/custom_modes/` that extends its source. Never over one that is there.
    ///
    /// # Errors
    ///
    /// When a name is none or taken, the source is missing or broken, or what is asked for is no
    /// valid mode.
    pub fn create(&self, new: &NewMode) -> Result<LoadedMode, FolderError> {
        let proposed = self.propose(new)?;
        self.write_new(&proposed.file, proposed.text.as_bytes())?;
        self.look(&proposed.loaded.mode.name)?.into_mode()
    }

    /// What [`Self::create`] would write.
    ///
    /// # Errors
    ///
    /// As [`Self::create`].
    pub fn propose(&self, new: &NewMode) -> Result<ProposedMode, FolderError> {
        let name = mode_name(&new.name)?;
        let source = mode_name(new.source.as_deref().unwrap_or(MODE_DEFAULT))?;
        if let Some(taken) = self.taken(name)? {
            return Err(FolderError::Taken { name: name.to_owned(), file: taken });
        }
        // What is built in stays where it is; a file that extends it finds it there.
        self.look(source)?.into_mode()?;
        let text = text(new, source)?;
        let file = format!("roles/custom_modes/{name}.yaml");
        let reading = read(&file, text.as_bytes(), self);
        let Some(mode) = reading.mode else {
            let (name, problems) = (name.to_owned(), reading.problems);
            return Err(FolderError::Invalid { name, file, problems });
        };
        let loaded = LoadedMode::new(mode, ModeSource::File, Some(file.clone()));
        Ok(ProposedMode { file, text, loaded })
    }

    /// The file of a mode of that name, whatever its case, as not every disk tells cases apart.
    fn taken(&self, name: &str) -> Result<Option<String>, FolderError> {
        if let Some(source) = self.source(name)? {
            return Ok(Some(source.file));
        }
        let is_it = |other: &str| other.eq_ignore_ascii_case(name);
        let of_others = self.mode_files().into_iter();
        let mut of_others = of_others.filter(|file| is_it(crate::modes::read::stem(file)));
        let built_in = crate::modes::built_in::FILES.iter().find(|file| is_it(file.name));
        Ok(of_others.next().or_else(|| built_in.map(|file| format!("built-in {}.yaml", file.name))))
    }
}

fn text(new: &NewMode, source: &str) -> Result<String, FolderError> {
    let mut text = String::new();
    let title = new.title.as_deref().unwrap_or_else(|| new.name.trim());
    line(&mut text, "mode_metadata:");
    line(&mut text, &format!("  name: {}", quoted(title)));
    if let Some(description) = new.description.as_deref().filter(|text| !text.trim().is_empty()) {
        line(&mut text, &format!("  description: {}", quoted(description)));
    }
    line(&mut text, "");
    line(&mut text, "# Everything that this file does not say stands there.");
    line(&mut text, &format!("extends: {source}"));
    settings(&mut text, new.settings);
    for new_role in &new.roles {
        role(&mut text, new_role)?;
    }
    Ok(text)
}

fn settings(text: &mut String, settings: NewSettings) {
    let NewSettings {
        default_complexity,
        auto_task_routing,
        max_subtask_depth,
        claim_minutes,
        path_overlap,
    } = settings;
    let said = [
        ("default_complexity", default_complexity.map(|value| value.to_string())),
        ("auto_task_routing", auto_task_routing.map(|value| value.to_string())),
        ("max_subtask_depth", max_subtask_depth.map(|value| value.to_string())),
        ("claim_minutes", claim_minutes.map(|value| value.to_string())),
        ("path_overlap", path_overlap.map(|value| value.to_string())),
    ];
    let lines: Vec<String> = said
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| format!("  {key}: {value}")))
        .collect();
    if !lines.is_empty() {
        line(text, "\nmode_configuration:");
        line(text, &lines.join("\n"));
    }
}

fn role(text: &mut String, role: &NewRole) -> Result<(), FolderError> {
    let name = role.name.trim();
    if !is_role_name(name) || crate::modes::read::BLOCKS.contains(&name) {
        return Err(FolderError::RoleName { given: name.chars().take(64).collect() });
    }
    line(text, &format!("\n{name}:"));
    for (key, value) in [
        ("description", &role.description),
        ("role_definition", &role.prompt),
        ("output_format", &role.output_format),
    ] {
        if !value.trim().is_empty() {
            line(text, &format!("  {key}: {}", quoted(value.trim())));
        }
    }
    for (key, items) in [("expertise", &role.expertise), ("approach", &role.approach)] {
        if !items.is_empty() {
            line(text, &format!("  {key}:"));
        }
        for item in items {
            line(text, &format!("    - {}", quoted(item.trim())));
        }
    }
    let is_empty = [&role.description, &role.prompt, &role.output_format]
        .into_iter()
        .all(|text| text.trim().is_empty());
    if is_empty && role.expertise.is_empty() && role.approach.is_empty() {
        line(text, "  role_definition:");
    }
    Ok(())
}

/// The block of a role, after an empty line.
pub(in crate::modes) fn role_block(new: &NewRole) -> Result<String, FolderError> {
    let mut text = String::new();
    role(&mut text, new)?;
    Ok(text)
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    writeln!(text, "{line}").ok();
}

/// A text in double quotes, as JSON writes it, which YAML reads.
pub(in crate::modes) fn quoted(text: &str) -> String {
    let mut written = String::new();
    for letter in serde_json::to_string(text).unwrap_or_default().chars() {
        // What JSON may hold as it is and YAML may not.
        let is_odd = ('\u{7F}'..='\u{9F}').contains(&letter)
            || matches!(letter, '\u{FEFF}' | '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}');
        if is_odd {
            // Writing to a string cannot fail.
            write!(written, "\\u{:04x}", u32::from(letter)).ok();
        } else {
            written.push(letter);
        }
    }
    written
}
