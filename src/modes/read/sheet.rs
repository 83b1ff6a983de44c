//! What one file says by itself, before it is joined with those that it extends.

use crate::domain::mode::{Mode, Role};
use crate::domain::refusal::closest;
use crate::modes::problem::{Fix, Place, Problems, quote};
use crate::modes::tree::{Entry, Node, Value};

use super::settings::SettingsPart;
use super::{gates, metadata, roles, routing, settings, values};

/// The keys at the left margin that are no roles.
pub(in crate::modes) const BLOCKS: &[&str] = &[
    "extends",
    "mode_metadata",
    "mode_configuration",
    "task_orchestrator",
    "task_routing_rules",
    "gates",
    "validation_rules",
];

/// Most names of roles outside of roles that are looked at.
const USES_MAX: usize = 1_000;
/// Most blocks of a file, roles included.
const ENTRIES_MAX: usize = 200;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Without settings until the end; roles may lack what they inherit.
    pub mode: Mode,
    pub settings: SettingsPart,
    /// The roles that the orchestrator is told of; none where no list is there.
    pub listed: Option<Vec<Listed>>,
    pub extends: Vec<(String, Place)>,
    /// Where the roles that stand in this file begin.
    pub role_places: Vec<(String, Place)>,
    /// Names of roles that are used outside of roles.
    pub uses: Vec<Use>,
    pub rules: metadata::ValidationRules,
    /// Statuses whose gates this file says, though it may say that there are none.
    pub gated: Vec<crate::domain::task::Status>,
    /// The keys of blocks that could not be read.
    pub broken: Vec<String>,
}

/// A role of the orchestrator's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub name: String,
    pub about: String,
    pub place: Place,
}

/// A role's name somewhere in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub name: String,
    pub place: Place,
    /// Who names it.
    pub by: String,
}

impl Sheet {
    /// What the tree of a file says.
    pub(super) fn of(name: &str, root: &Node, problems: &mut Problems) -> Option<Self> {
        let entries = values::entries(root, "a mode file", problems)?;
        let mut sheet = Self::default();
        name.clone_into(&mut sheet.mode.name);
        if let Some(entry) = entries.get(ENTRIES_MAX) {
            problems.error(entry.place, format!("the file has over {ENTRIES_MAX} blocks"));
        }
        for entry in entries.iter().take(ENTRIES_MAX) {
            sheet.take(entry, problems);
        }
        Some(sheet)
    }

    fn take(&mut self, entry: &Entry, problems: &mut Problems) {
        let node = &entry.value;
        match entry.key.as_str() {
            "extends" => self.extends = values::placed_texts(node, "extends", problems),
            "mode_metadata" => metadata::metadata(self, node, problems),
            "mode_configuration" => self.settings = settings::settings(node, problems),
            "task_orchestrator" => roles::orchestrator(self, entry, problems),
            "task_routing_rules" => routing::routing(self, node, problems),
            "gates" => gates::gates(self, node, problems),
            "validation_rules" => metadata::validation_rules(self, node, problems),
            _ if is_role(entry) => roles::role(self, entry, problems),
            _ => unknown(entry, problems),
        }
    }

    pub(super) fn role_mut(&mut self, name: &str) -> Option<&mut Role> {
        self.mode.roles.iter_mut().find(|role| role.name == name)
    }

    /// The names of the roles, without the orchestrator.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.mode.roles.iter().map(|role| role.name.as_str())
    }

    /// Notes that a role is named; whether it is there is asked when all are known.
    pub(super) fn note_use(&mut self, name: &str, place: Place, by: String) {
        if USES_MAX <= self.uses.len() {
            return;
        }
        self.uses.push(Use { name: name.to_owned(), place, by });
    }

    pub(super) fn into_mode(self) -> Mode {
        Mode { settings: self.settings.settled(), ..self.mode }
    }
}

/// Tells whether an entry at the left margin means a role: it has a role's keys, or no other name
/// that is known is near.
fn is_role(entry: &Entry) -> bool {
    let is_alone = || closest(&entry.key, BLOCKS.iter().copied()).is_none();
    match &entry.value.value {
        Value::Map(fields) => {
            let is_role_key = |field: &Entry| roles::KEYS.contains(&field.key.as_str());
            fields.iter().any(is_role_key) || is_alone()
        }
        Value::Nothing => roles::is_role_name(&entry.key) && is_alone(),
        Value::Text { .. } | Value::List(_) => roles::is_standard(&entry.key),
    }
}

fn unknown(entry: &Entry, problems: &mut Problems) {
    let key = entry.key.as_str();
    let is_full = problems.is_full();
    let message = format!("{} is neither a role nor a block, and is not read", quote(key));
    let problem = problems.warn(entry.place, message);
    if is_full {
        return;
    }
    if metadata::KEYS.contains(&key) {
        problem.suggest(format!("put {key} below mode_metadata, indented"));
    } else if settings::KEYS.contains(&key) {
        problem.suggest(format!("put {key} below mode_configuration, indented"));
    } else if let Some(right) = closest(key, BLOCKS.iter().copied()) {
        let fix = Fix::Key { wrong: key.to_owned(), right: right.to_owned() };
        problem.suggest(format!("did you mean {right}?")).fix(fix);
    } else {
        problem.suggest("a role is a map with role_definition, expertise, approach, output_format");
    }
}
