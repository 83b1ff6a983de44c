//! Which modes there are.

use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::modes::built_in;
use crate::modes::problem::{ModeProblem, Severity};
use crate::modes::read::{Others as _, Reading, read, stem};

use super::disk::mode_name;
use super::{ModesFolder, ROLE_FOLDERS};

words! {
    /// How a mode's file stands.
    ModeFileState("state") {
        Valid = "valid",
        /// It has errors, and cannot be bound.
        Invalid = "invalid",
        /// It cannot be read, or another file of the same name goes before it.
        Unreadable = "unreadable",
        /// Built in, and not copied into the project.
        BuiltIn = "built_in",
    }
}

/// A mode as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedMode {
    pub name: String,
    /// Relative to `.task_orchestrator/`; none for what is built in and was not copied.
    pub file: Option<String>,
    pub state: ModeFileState,
    pub title: String,
    pub description: String,
    pub version: String,
    /// Names of its roles, without the orchestrator.
    pub roles: Vec<String>,
    /// Those of them that are not among the default roles.
    pub custom_roles: Vec<String>,
    pub routing_rules: usize,
    pub gates: usize,
    pub errors: usize,
    pub warnings: usize,
    /// The first error, or why the file could not be read.
    pub problem: Option<String>,
    pub modified: Option<Timestamp>,
}

impl ModesFolder {
    /// Every mode: the project's files in the order of their folders and names, then what is built
    /// in and was not copied.
    pub fn list(&self) -> Vec<ListedMode> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for file in self.mode_files() {
            let name = stem(&file).to_owned();
            let mut listed = self.listed(&name, &file);
            if !seen.insert(name.clone()) {
                listed.state = ModeFileState::Unreadable;
                listed.problem = Some(format!("another file of the mode {name} goes before it"));
            }
            found.push(listed);
        }
        for built_in in built_in::FILES.iter().filter(|file| !seen.contains(file.name)) {
            let file = format!("{}.yaml", built_in.name);
            let reading = read(&file, built_in.text.as_bytes(), self);
            let state = ModeFileState::BuiltIn;
            found.push(ListedMode { state, file: None, ..describe(built_in.name, None, &reading) });
        }
        found
    }

    /// The names of all modes, what is built in included.
    pub(super) fn mode_names(&self) -> Vec<String> {
        let own = self.mode_files();
        let own = own.iter().map(|file| stem(file).to_owned());
        let all: BTreeSet<String> = own.chain(built_in::BuiltIn.names()).collect();
        all.into_iter().collect()
    }

    /// The mode files of the project, relative to `.task_orchestrator/`.
    pub fn mode_files(&self) -> Vec<String> {
        let mut found = Vec::new();
        for folder in ROLE_FOLDERS {
            // A folder that cannot be read has no modes; what is built in is there nevertheless.
            for entry in self.entries(folder).unwrap_or_default() {
                let is_mode = stem(&entry) != entry && mode_name(&entry).is_ok();
                found.extend(is_mode.then(|| format!("{folder}/{entry}")));
            }
        }
        found
    }

    fn listed(&self, name: &str, file: &str) -> ListedMode {
        let modified = self.modified(file);
        let unreadable = |problem: String| {
            let reading = Reading { mode: None, problems: Vec::new() };
            let state = ModeFileState::Unreadable;
            let listed = describe(name, Some(file.to_owned()), &reading);
            ListedMode { state, problem: Some(problem), modified, ..listed }
        };
        match self.content(file) {
            Ok(Some(bytes)) => {
                let reading = read(file, &bytes, self);
                ListedMode { modified, ..describe(name, Some(file.to_owned()), &reading) }
            }
            Ok(None) => unreadable(format!("{file} leads to no file")),
            Err(error) => unreadable(error.to_string()),
        }
    }

    fn modified(&self, file: &str) -> Option<Timestamp> {
        let modified = self.path(file).metadata().ok()?.modified().ok()?;
        let since = modified.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp(i64::try_from(since.as_millis()).ok()?))
    }
}

fn describe(name: &str, file: Option<String>, reading: &Reading) -> ListedMode {
    let count = |severity: Severity| {
        let is_so = |problem: &&ModeProblem| problem.severity == severity;
        reading.problems.iter().filter(is_so).count()
    };
    let state = if reading.is_valid() { ModeFileState::Valid } else { ModeFileState::Invalid };
    let mode = reading.mode.clone().unwrap_or_default();
    let roles: Vec<String> = mode.roles.iter().map(|role| role.name.clone()).collect();
    let defaults = built_in::compiled_in();
    let is_custom = |role: &&String| defaults.role(role).is_none();
    ListedMode {
        name: name.to_owned(),
        file,
        state,
        title: mode.title,
        description: mode.description,
        version: mode.version,
        custom_roles: roles.iter().filter(is_custom).cloned().collect(),
        roles,
        routing_rules: mode.routing.len(),
        gates: mode.gates.len(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        problem: reading.error_in_words(),
        modified: None,
    }
}
