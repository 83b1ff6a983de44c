//! Roles: their blocks, and the orchestrator with its list.

use crate::domain::mode::{MODE_NAME_MAX, Role};
use crate::modes::problem::{Place, Problems, quote};
use crate::modes::tree::{Entry, Node, Value};

use super::metadata::ROLES_MAX;
use super::sheet::{Listed, Sheet};
use super::values::{self, Fields};

pub(super) const KEYS: &[&str] =
    &["role_definition", "expertise", "approach", "output_format", "description"];
const ORCHESTRATOR_KEYS: &[&str] = &[
    "role_definition",
    "expertise",
    "approach",
    "output_format",
    "description",
    "specialist_roles",
];
/// The roles of the first generation, which are roles whatever stands in them.
const STANDARD: &[&str] =
    &["architect", "implementer", "debugger", "documenter", "reviewer", "tester", "researcher"];

/// Tells whether a role can have this name.
pub(in crate::modes) fn is_role_name(name: &str) -> bool {
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_word && !name.is_empty() && name.len() <= MODE_NAME_MAX
}

pub(super) fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name)
}

pub(super) fn role(sheet: &mut Sheet, entry: &Entry, problems: &mut Problems) {
    let name = entry.key.as_str();
    if !check_name(name, entry.place, problems) {
        return;
    }
    if ROLES_MAX <= sheet.mode.roles.len() {
        problems.error(entry.place, format!("a mode has at most {ROLES_MAX} roles"));
        return;
    }
    sheet.role_places.push((name.to_owned(), entry.place));
    if !can_be_read(&entry.value) {
        sheet.broken.push(name.to_owned());
    }
    let role = body(name, &entry.value, KEYS, problems).unwrap_or_else(|| Role::named(name));
    sheet.mode.roles.push(role);
}

/// Tells whether a role's value and its definition have the types they must have; if not, that is
/// told, and not that the definition is missing.
fn can_be_read(node: &Node) -> bool {
    let is_nested = |value: &Value| matches!(value, Value::List(_) | Value::Map(_));
    match &node.value {
        Value::Map(fields) => {
            let mut fields = fields.iter().filter(|field| field.key == "role_definition");
            !fields.any(|field| is_nested(&field.value.value))
        }
        Value::Nothing => true,
        Value::Text { .. } | Value::List(_) => false,
    }
}

impl Role {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

fn check_name(name: &str, place: Place, problems: &mut Problems) -> bool {
    if is_role_name(name) {
        return true;
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let better: String = name
        .trim()
        .chars()
        .map(|letter| if allowed(letter) { letter } else { '_' })
        .take(MODE_NAME_MAX)
        .collect();
    let message =
        format!("a role cannot be named {}; letters, digits and _ make its name", quote(name));
    let problem = problems.error(place, message);
    if better.chars().any(|letter| letter != '_') {
        problem.suggest(format!("name it {}", better.to_ascii_lowercase()));
    }
    false
}

fn body(name: &str, node: &Node, keys: &[&str], problems: &mut Problems) -> Option<Role> {
    let fields = Fields::of(node, &format!("the role {name}"), keys, problems)?;
    let mut text = |key: &str| {
        let node = fields.get(key)?;
        values::text(node, &format!("{key} of {name}"), problems)
    };
    let about = text("description").unwrap_or_default();
    let role_definition = text("role_definition").unwrap_or_default();
    let output_format = text("output_format").unwrap_or_default();
    let mut texts = |key: &str| match fields.get(key) {
        Some(node) => values::texts(node, &format!("{key} of {name}"), problems),
        None => Vec::new(),
    };
    let (expertise, approach) = (texts("expertise"), texts("approach"));
    let name = name.to_owned();
    Some(Role { name, about, role_definition, expertise, approach, output_format })
}

pub(super) fn orchestrator(sheet: &mut Sheet, entry: &Entry, problems: &mut Problems) {
    let node = &entry.value;
    let role = body("task_orchestrator", node, ORCHESTRATOR_KEYS, problems);
    sheet.mode.orchestrator = Some(role.unwrap_or_else(|| Role::named("task_orchestrator")));
    let Value::Map(fields) = &node.value else { return };
    match fields.iter().find(|field| field.key == "specialist_roles") {
        Some(field) => sheet.listed = Some(listed(&field.value, problems)),
        None => {
            problems
                .warn(entry.place, "task_orchestrator has no specialist_roles")
                .suggest("list each role with one line that says what it is for");
        }
    }
}

/// The list of the orchestrator: a map from role to one line, or a list of roles.
fn listed(node: &Node, problems: &mut Problems) -> Vec<Listed> {
    let mut found = Vec::new();
    if let Value::List(_) = &node.value {
        let names = values::placed_texts(node, "specialist_roles", problems);
        found.extend(names.into_iter().map(|(name, place)| Listed {
            name,
            about: String::new(),
            place,
        }));
    } else {
        let entries = values::entries(node, "specialist_roles", problems).unwrap_or_default();
        for entry in entries.iter().take(ROLES_MAX.saturating_add(1)) {
            let what = format!("specialist_roles.{}", entry.key);
            let about = values::text(&entry.value, &what, problems).unwrap_or_default();
            let about = about.lines().map(str::trim).collect::<Vec<_>>().join(" ");
            found.push(Listed { name: entry.key.clone(), about, place: entry.place });
        }
    }
    found.retain(|listed| check_name(&listed.name, listed.place, problems));
    if ROLES_MAX < found.len() {
        problems.error(node.place, format!("a mode has at most {ROLES_MAX} roles"));
        found.truncate(ROLES_MAX);
    }
    found
}
