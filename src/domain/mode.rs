//! Modes: named sets of roles and rules, as they are in force in a session.
//!
//! What stands in a mode file becomes a [`Mode`] (see `modes`); a session is bound to one by its
//! [`Binding`], and the rules look at nothing else: a file that breaks changes nothing by itself.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::gate::Gate;
use super::id::SessionId;
use super::task::Complexity;
use super::time::Timestamp;

/// The mode of a session that names none, and the last resort.
pub const MODE_DEFAULT: &str = "default_roles";
/// The project's own mode file.
pub const MODE_PROJECT: &str = "project_roles";
/// Longest name of a mode or a role, in characters.
pub const MODE_NAME_MAX: usize = 64;

/// A named set of roles and rules.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Mode {
    /// The name of its file without `.yaml`; letters, digits, `_` and `-`.
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub description: String,
    /// The version of the file, in its author's words.
    #[serde(default)]
    pub version: String,
    /// What an agent gets that plans and hands out work; none in files that define roles only.
    #[serde(default)]
    pub orchestrator: Option<Role>,
    /// In the order of the file, without the orchestrator.
    pub roles: Vec<Role>,
    #[serde(default)]
    pub settings: ModeSettings,
    /// The first that fits a task without a role gives it one.
    #[serde(default)]
    pub routing: Vec<RoutingRule>,
    /// What moves demand.
    #[serde(default)]
    pub gates: Vec<Gate>,
}

/// A specialist: what an agent is told that takes a task of this role.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Role {
    /// Letters, digits and `_`.
    pub name: String,
    /// One line.
    #[serde(default)]
    pub about: String,
    #[serde(default)]
    pub role_definition: String,
    #[serde(default)]
    pub expertise: Vec<String>,
    #[serde(default)]
    pub approach: Vec<String>,
    #[serde(default)]
    pub output_format: String,
}

/// How work is done in a mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModeSettings {
    /// Of tasks that say none.
    pub default_complexity: Complexity,
    /// Whether [`Mode::routing`] gives roles to tasks without one.
    pub auto_task_routing: bool,
    /// How deep tasks nest, 1 to [`super::task::DEPTH_MAX`].
    pub max_subtask_depth: usize,
    /// How long a claim lasts that says nothing, in minutes.
    pub claim_minutes: u32,
    /// What becomes of a claim whose paths somebody else holds.
    pub path_overlap: PathOverlap,
}

impl Default for ModeSettings {
    fn default() -> Self {
        Self {
            default_complexity: Complexity::Moderate,
            auto_task_routing: true,
            max_subtask_depth: super::task::DEPTH_MAX,
            claim_minutes: super::claim::CLAIM_MINUTES,
            path_overlap: PathOverlap::Warn,
        }
    }
}

words! {
    /// What becomes of a claim that names paths of somebody else's claim.
    #[derive(Default)]
    PathOverlap("path_overlap") {
        /// It is given, and both are told of each other.
        #[default]
        Warn = "warn",
        /// It is refused.
        Refuse = "refuse",
    }
}

/// A rule that gives a role to tasks without one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoutingRule {
    /// Its key in the file, such as `security_tasks`.
    pub name: String,
    pub role: String,
    /// Whole words of the title or description, in lower case.
    #[serde(default)]
    pub words: Vec<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it takes what no other rule does.
    #[serde(default)]
    pub is_general: bool,
    /// Roles that should look at the result as well.
    #[serde(default)]
    pub second_review: Vec<String>,
    /// Whether tasks it takes are one step more complex than was said.
    #[serde(default)]
    pub complexity_boost: bool,
}

impl Mode {
    /// The role of a name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// The rule that takes a task with these words: the first that fits, else the general one.
    pub fn route(&self, title: &str, description: &str, tags: &[String]) -> Option<&RoutingRule> {
        if !self.settings.auto_task_routing {
            return None;
        }
        let said = words_of(title, description);
        let fits = |rule: &&RoutingRule| {
            rule.words.iter().any(|word| has(&said, word))
                || rule.tags.iter().any(|tag| tags.contains(tag))
        };
        let general = || self.routing.iter().find(|rule| rule.is_general);
        self.routing.iter().find(fits).or_else(general)
    }
}

/// The words in lower case, with a space before and after each.
fn words_of(title: &str, description: &str) -> String {
    let mut said = String::from(" ");
    for part in [title, description] {
        let words = part.split(|character: char| !character.is_alphanumeric());
        for word in words.filter(|word| !word.is_empty()) {
            said.push_str(&word.to_lowercase());
            said.push(' ');
        }
    }
    said
}

fn has(said: &str, word: &str) -> bool {
    said.contains(words_of(word, "").as_str()) && !word.trim().is_empty()
}

/// What a session's mode was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The key of the mode's content in the store: BLAKE3 of its JSON, in hexadecimal.
    pub hash: String,
    /// The hash of the bytes of the file and of those that it extends, by which one tells that it
    /// was edited, whatever a version of the program makes of it; none where there is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub source: ModeSource,
    /// The file that is bound, relative to `.task_orchestrator/`; none for what is compiled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What was wrong with the file, where it is not what is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What was tried instead, in order, each with what came of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<String>,
}

words! {
    /// Where the content of a mode in force comes from. All but the first are recoveries.
    ModeSource("source") {
        /// The bound file itself.
        File = "file",
        /// The newest backup of it that holds.
        Backup = "backup",
        /// The built-in file of the same name.
        BuiltIn = "built_in",
        /// The project's `default_roles.yaml`.
        DefaultRoles = "default_roles",
        /// What is compiled into the program.
        CompiledIn = "compiled_in",
    }
}

impl ModeSource {
    /// Tells whether something else than the bound file is in force.
    pub fn is_recovered(self) -> bool {
        self != Self::File
    }
}

/// One entry of the history of what a session was bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Counts the bindings of all sessions; given by the store.
    pub number: i64,
    pub session_id: SessionId,
    /// The mode before; none for a session that was new.
    pub from: Option<String>,
    pub to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub actor: Actor,
    pub at: Timestamp,
}

/// A mode that was read, ready to be bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadedMode {
    pub mode: Mode,
    pub binding: Binding,
}

impl LoadedMode {
    /// Pairs a mode with where it was read from.
    pub fn new(mode: Mode, source: ModeSource, file: Option<String>) -> Self {
        let hash = content_hash(&mode);
        let binding =
            Binding { hash, text: None, source, file, problem: None, attempts: Vec::new() };
        Self { mode, binding }
    }
}

/// A mode that was read for a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeFor {
    /// The session that is taken up again; none for one that is made.
    pub session: Option<SessionId>,
    pub loaded: LoadedMode,
}

/// The key of a mode's content.
pub fn content_hash(mode: &Mode) -> String {
    let json = serde_json::to_vec(mode).unwrap_or_default();
    blake3::hash(&json).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode() -> Mode {
        let rule = |name: &str, words: &[&str], tags: &[&str], is_general| RoutingRule {
            name: name.to_owned(),
            role: name.to_owned(),
            words: words.iter().map(|&word| word.to_owned()).collect(),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            is_general,
            ..RoutingRule::default()
        };
        Mode {
            routing: vec![
                rule("general", &[], &[], true),
                rule("security", &["auth", "cross site"], &["security"], false),
                rule("tests", &["test"], &[], false),
            ],
            ..Mode::default()
        }
    }

    #[test]
    fn the_first_rule_that_fits_takes_a_task_and_the_general_one_what_is_left() {
        let table = [
            ("Check the auth flow", "", "", "security"),
            ("Author page", "", "", "general"),
            ("Forms", "no cross-site requests", "", "security"),
            ("Anything", "", "security", "security"),
            ("TEST it", "", "", "tests"),
            ("Latest news", "", "", "general"),
        ];
        for (title, description, tag, rule) in table {
            let found = mode().route(title, description, &[tag.to_owned()]).unwrap().name.clone();
            assert_eq!(found, rule, "{title}");
        }
    }

    #[test]
    fn nothing_is_routed_where_the_mode_does_not_want_it() {
        let mut mode = mode();
        mode.settings.auto_task_routing = false;
        assert_eq!(mode.route("auth", "", &[]), None);
    }
}
