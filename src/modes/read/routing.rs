//! The block `task_routing_rules`.

use crate::domain::mode::RoutingRule;
use crate::domain::text::WORD_MAX;
use crate::modes::problem::{Problems, quote};
use crate::modes::tree::{Entry, Node, Value};

use super::sheet::Sheet;
use super::values::{self, Fields};

const KEYS: &[&str] = &[
    "required_specialist",
    "role",
    "words",
    "keywords",
    "tags",
    "general",
    "secondary_review",
    "complexity_boost",
    "parallel_execution",
];
/// Most rules of a mode.
const RULES_MAX: usize = 100;
/// Most words or tags of a rule.
const WORDS_MAX: usize = 100;

/// The words of rules that name none, by the beginnings of their names.
const BUILT_IN_WORDS: &[(&str, &[&str])] = &[
    (
        "security",
        &[
            "security",
            "secure",
            "vulnerability",
            "vulnerabilities",
            "auth",
            "authentication",
            "authorization",
            "login",
            "password",
            "passwords",
            "token",
            "tokens",
            "encryption",
            "encrypt",
            "permission",
            "permissions",
            "injection",
            "xss",
            "csrf",
            "cve",
            "secret",
            "secrets",
        ],
    ),
    (
        "performance",
        &[
            "performance",
            "slow",
            "speed",
            "faster",
            "latency",
            "throughput",
            "memory leak",
            "optimize",
            "optimise",
            "optimization",
            "profiling",
            "profile",
            "benchmark",
            "benchmarks",
            "cache",
            "caching",
        ],
    ),
    (
        "testing",
        &[
            "test",
            "tests",
            "testing",
            "unit test",
            "integration test",
            "coverage",
            "regression",
            "qa",
            "fixture",
            "fixtures",
            "e2e",
        ],
    ),
    (
        "documentation",
        &[
            "documentation",
            "document",
            "docs",
            "readme",
            "guide",
            "tutorial",
            "manual",
            "changelog",
            "docstring",
            "docstrings",
        ],
    ),
];

pub(super) fn routing(sheet: &mut Sheet, node: &Node, problems: &mut Problems) {
    let Some(entries) = values::entries(node, "task_routing_rules", problems) else { return };
    if RULES_MAX < entries.len() {
        problems.error(node.place, format!("a mode has at most {RULES_MAX} routing rules"));
    }
    for entry in entries.iter().take(RULES_MAX) {
        if let Some(rule) = rule(sheet, entry, problems) {
            sheet.mode.routing.push(rule);
        }
    }
}

fn rule(sheet: &mut Sheet, entry: &Entry, problems: &mut Problems) -> Option<RoutingRule> {
    let name = entry.key.as_str();
    let what = format!("the rule {}", quote(name));
    // A rule that says nothing but its role.
    if let Value::Text { text, .. } = &entry.value.value {
        let role = text.trim().to_owned();
        sheet.note_use(&role, entry.value.place, what);
        return Some(with_words(RoutingRule { name: name.to_owned(), role, ..Default::default() }));
    }
    let fields = Fields::of(&entry.value, &what, KEYS, problems);
    let role = fields.as_ref().and_then(|fields| fields.any(&["required_specialist", "role"]));
    let (Some(fields), Some(role)) = (fields, role) else {
        problems
            .error(entry.place, format!("{what} gives no role"))
            .suggest("add required_specialist: and the name of a role");
        return None;
    };
    let role_name = values::text(role, &format!("the role of {what}"), problems)?;
    sheet.note_use(&role_name, role.place, what.clone());
    let second_review = second_review(sheet, &fields, &what, problems);
    let mut words = |keys: &[&str]| words(&fields, keys, &what, problems);
    let rule = RoutingRule {
        name: name.to_owned(),
        role: role_name,
        words: words(&["words", "keywords"]).iter().map(|word| word.to_lowercase()).collect(),
        tags: words(&["tags"]),
        is_general: fields
            .get("general")
            .and_then(|node| values::flag(node, "general", problems))
            .unwrap_or(false),
        second_review,
        complexity_boost: fields.get("complexity_boost").is_some_and(|node| boost(node, problems)),
    };
    if let Some(node) = fields.get("parallel_execution") {
        values::flag(node, "parallel_execution", problems);
    }
    Some(with_words(rule))
}

fn words(fields: &Fields<'_>, keys: &[&str], what: &str, problems: &mut Problems) -> Vec<String> {
    let Some(node) = fields.any(keys) else { return Vec::new() };
    let key = keys.first().copied().unwrap_or_default();
    let mut words = values::placed_texts(node, &format!("{key} of {what}"), problems);
    words.retain(|(word, place)| {
        let is_short = word.chars().count() <= WORD_MAX;
        if !is_short {
            problems.error(*place, format!("a word has at most {WORD_MAX} characters"));
        }
        is_short
    });
    if WORDS_MAX < words.len() {
        problems.error(node.place, format!("{what} has over {WORDS_MAX} {key}"));
        words.truncate(WORDS_MAX);
    }
    words.into_iter().map(|(word, _)| word).collect()
}

fn second_review(
    sheet: &mut Sheet,
    fields: &Fields<'_>,
    what: &str,
    problems: &mut Problems,
) -> Vec<String> {
    let Some(node) = fields.get("secondary_review") else { return Vec::new() };
    let names = values::placed_texts(node, &format!("secondary_review of {what}"), problems);
    for (name, place) in &names {
        sheet.note_use(name, *place, what.to_owned());
    }
    names.into_iter().map(|(name, _)| name).collect()
}

/// True, or in the first generation a number of steps.
fn boost(node: &Node, problems: &mut Problems) -> bool {
    let steps = match &node.value {
        Value::Text { text, .. } => text.trim().parse::<f64>().ok(),
        Value::Nothing | Value::List(_) | Value::Map(_) => None,
    };
    match steps {
        Some(steps) => 0.0 < steps,
        None => values::flag(node, "complexity_boost", problems).unwrap_or(false),
    }
}

/// The rule with the words that its name means, where it says none.
fn with_words(mut rule: RoutingRule) -> RoutingRule {
    let class = rule.name.strip_suffix("_tasks").unwrap_or(&rule.name).to_lowercase();
    let class = class.trim_matches('_').to_owned();
    if matches!(class.as_str(), "general" | "default") {
        rule.is_general = true;
    }
    if rule.is_general || !rule.words.is_empty() || !rule.tags.is_empty() || class.is_empty() {
        return rule;
    }
    let known = BUILT_IN_WORDS.iter().find(|(name, _)| *name == class);
    rule.words = match known {
        Some((_, words)) => words.iter().map(|&word| word.to_owned()).collect(),
        None => vec![class.replace('_', " ")],
    };
    rule
}
