//! From a file to a template: never fails, and tells all problems at once.

mod check;
mod fields;
mod parameters;
mod tasks;

use crate::domain::count::counted;

use super::model::TaskTemplate;
use super::problem::{Place, Problem};
use super::yaml;
use fields::Fields;
pub(super) use tasks::span;

/// Most problems that are told of one file.
const PROBLEMS_MAX: usize = 100;

/// The keys of a template.
const KEYS: &[&str] = &["name", "title", "description", "parameters", "groups", "tasks"];

/// Reads a template; what is wrong with it comes beside it, in the order of the file. A template
/// with problems is as much as was understood, to be shown and not to be applied.
pub fn parse(name: &str, text: &str) -> (TaskTemplate, Vec<Problem>) {
    let mut template = TaskTemplate {
        name: name.to_owned(),
        title: name.to_owned(),
        description: String::new(),
        parameters: Vec::new(),
        groups: Vec::new(),
        tasks: Vec::new(),
    };
    let mut problems = Vec::new();
    match yaml::read(text) {
        Ok(root) => read(&mut template, &root, &mut problems),
        Err(problem) => problems.push(problem),
    }
    problems.sort_by_key(|problem: &Problem| problem.place);
    problems.dedup();
    let more = problems.len().saturating_sub(PROBLEMS_MAX);
    problems.truncate(PROBLEMS_MAX);
    if 0 < more {
        let place = problems.last().map_or(Place::START, |problem| problem.place);
        problems.push(Problem::new(place, format!("and {}", counted(more, "more problem"))));
    }
    (template, problems)
}

fn read(template: &mut TaskTemplate, root: &yaml::Node, problems: &mut Vec<Problem>) {
    let Some(fields) = Fields::of(root, "a template", KEYS, problems) else { return };
    if let Some(text) = fields.text("name", problems)
        && text.source != template.name
    {
        let message =
            format!("the name is {:?}, but the file is {}.yaml", text.source, template.name);
        problems.push(
            Problem::new(text.place, message)
                .suggest("leave `name` out, or give it and the file the same one"),
        );
    }
    if let Some(text) = fields.must_have("title", problems) {
        template.title = text.source;
    }
    if let Some(text) = fields.text("description", problems) {
        text.source.trim_end().clone_into(&mut template.description);
    }
    if let Some(node) = fields.node("parameters") {
        template.parameters = parameters::read(node, problems);
    }
    let mut plan = tasks::Plan::default();
    if let Some(node) = fields.node("groups") {
        plan.read_groups(node, problems);
    }
    match fields.node("tasks") {
        Some(node) => plan.read_tasks(node, problems),
        None => problems.push(
            Problem::new(root.place, "`tasks` is missing")
                .suggest("a template has at least one task"),
        ),
    }
    plan.finish(template, problems);
    check::check(template, problems);
}

#[cfg(test)]
mod tests;
