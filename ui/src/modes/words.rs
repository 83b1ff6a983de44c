//! Gates, rules and settings in words.

use callboard_engine::domain::gate::Gate;
use callboard_engine::domain::mode::{ModeSettings, ModeSource, PathOverlap, RoutingRule};

/// What a gate demands of which tasks.
pub fn gate(gate: &Gate) -> String {
    let needs: Vec<String> =
        gate.needs.iter().map(callboard_engine::domain::gate::Need::in_words).collect();
    let mut whose = Vec::new();
    if !gate.roles.is_empty() {
        whose.push(format!("of {}", gate.roles.join(", ")));
    }
    if !gate.tags.is_empty() {
        let tags: Vec<String> = gate.tags.iter().map(|tag| format!("#{tag}")).collect();
        whose.push(format!("with {}", tags.join(" or ")));
    }
    let tasks = if whose.is_empty() {
        "any task".to_owned()
    } else {
        format!("a task {}", whose.join(" "))
    };
    format!("{tasks} needs {} to be {}", listed(&needs), gate.to)
}

/// Items as a sentence has them.
fn listed(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Which tasks a rule takes, and what becomes of them.
pub fn rule(rule: &RoutingRule) -> String {
    let mut what = Vec::new();
    if !rule.words.is_empty() {
        what.push(format!("words {}", rule.words.join(", ")));
    }
    if !rule.tags.is_empty() {
        let tags: Vec<String> = rule.tags.iter().map(|tag| format!("#{tag}")).collect();
        what.push(format!("tags {}", tags.join(" ")));
    }
    if rule.is_general {
        what.push("whatever no other rule takes".to_owned());
    }
    if !rule.second_review.is_empty() {
        what.push(format!("looked at by {} as well", rule.second_review.join(", ")));
    }
    if rule.complexity_boost {
        what.push("one step more complex".to_owned());
    }
    what.join("; ")
}

/// How work is done.
pub fn settings(settings: &ModeSettings) -> String {
    let overlap = match settings.path_overlap {
        PathOverlap::Warn => "overlapping paths are warned about",
        PathOverlap::Refuse => "overlapping paths are refused",
    };
    let routing = if settings.auto_task_routing { "" } else { "tasks are not routed; " };
    format!(
        "{routing}a claim lasts {} minutes; {overlap}; tasks nest {} deep; complexity is {} where none is said",
        settings.claim_minutes, settings.max_subtask_depth, settings.default_complexity
    )
}

/// What is in force for a file that is broken or gone.
pub fn source(source: ModeSource) -> &'static str {
    match source {
        ModeSource::File => "the file itself",
        ModeSource::Backup => "its newest backup that holds",
        ModeSource::BuiltIn => "the built-in file of its name",
        ModeSource::DefaultRoles => "the project's default_roles",
        ModeSource::CompiledIn => "the roles compiled into the program",
    }
}
