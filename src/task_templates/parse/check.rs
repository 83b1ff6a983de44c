//! What holds between the parts of a template: circles, expressions and their variables.

use std::collections::HashSet;

use super::tasks::quoted;
use crate::domain::graph;
use crate::domain::refusal::{Refusal, closest};
use crate::task_templates::model::{
    Home, INDEX, ITEM, ParameterKind, TaskPart, TaskTemplate, Text, WordOr,
};
use crate::task_templates::problem::{Place, Problem};
use crate::task_templates::texts::Texts;

/// Tells what is wrong with a template as a whole.
pub(super) fn check(template: &TaskTemplate, problems: &mut Vec<Problem>) {
    check_waiting(template, problems);
    let mut checker = Checker { template, texts: Texts::new(), problems };
    for group in &template.groups {
        let texts = [Some(&group.name), group.description.as_ref(), group.role.as_ref()];
        for text in texts.into_iter().flatten() {
            checker.text(text, false);
        }
    }
    for index in 0..template.tasks.len() {
        checker.task(index);
    }
}

fn check_waiting(template: &TaskTemplate, problems: &mut Vec<Problem>) {
    let tasks = &template.tasks;
    for (index, task) in tasks.iter().enumerate() {
        for &on in &task.depends_on {
            let name = |at: usize| tasks.get(at).map_or("", |task| task.id.as_str()).to_owned();
            if index == on {
                let message = format!("{} waits for itself", quoted(name(index)));
                problems
                    .push(Problem::new(task.place, message).suggest("leave the dependency out"));
                continue;
            }
            if template.is_within(index, on) || template.is_within(on, index) {
                let message = format!(
                    "{} and {} contain one another, so neither can wait for the other",
                    quoted(name(index)),
                    quoted(name(on))
                );
                problems
                    .push(Problem::new(task.place, message).suggest("leave the dependency out"));
                continue;
            }
            let waits = |at: usize| -> Result<Vec<usize>, Refusal> {
                Ok(tasks.get(at).map(|task| task.depends_on.clone()).unwrap_or_default())
            };
            if let Ok(Some(path)) = graph::path(on, index, waits) {
                let names: Vec<String> = std::iter::once(index).chain(path).map(name).collect();
                let message = format!("these wait for each other: {}", names.join(" → "));
                problems.push(Problem::new(task.place, message).suggest("leave one of them out"));
                return;
            }
        }
    }
}

struct Checker<'a> {
    template: &'a TaskTemplate,
    texts: Texts,
    problems: &'a mut Vec<Problem>,
}

impl Checker<'_> {
    fn task(&mut self, index: usize) {
        let Some(task) = self.template.tasks.get(index) else { return };
        let repeats = self.repeats(task);
        let within = self.template.is_repeated(index);
        if let Some(when) = &task.when {
            // Whether an item is wanted may depend on it.
            let fits = self.texts.compile_condition(when);
            self.told(when, fits, within);
        }
        let (priority, complexity, estimate) = (
            expression(task.priority.as_ref()),
            expression(task.complexity.as_ref()),
            expression(task.estimate.as_ref()),
        );
        let path = if let Home::Path(path) = &task.home { Some(path) } else { None };
        let texts = [Some(&task.title), task.description.as_ref(), task.role.as_ref(), path];
        let all = texts.into_iter().chain([priority, complexity, estimate]).flatten();
        for text in all.chain(&task.tags) {
            self.text(text, within || repeats);
        }
    }

    /// Whether a task is repeated; what is wrong with that.
    fn repeats(&mut self, task: &TaskPart) -> bool {
        let Some(name) = &task.for_each else { return false };
        let found = self.template.parameters.iter().find(|known| known.name == *name);
        let problem = match found {
            Some(found) if found.kind == ParameterKind::List => return true,
            Some(found) => {
                let message = format!("`for_each` names {name}, which is of type {}", found.kind);
                Problem::new(task.place, message).suggest("make it `type: list`")
            }
            None => {
                let lists =
                    self.template.parameters.iter().filter(|one| one.kind == ParameterKind::List);
                let message =
                    format!("`for_each` names a parameter of type list, not {}", quoted(name));
                let problem = Problem::new(task.place, message);
                match closest(name, lists.map(|one| one.name.as_str())) {
                    Some(near) => problem.suggest(format!("did you mean {near}?")),
                    None => problem.suggest("add such a parameter"),
                }
            }
        };
        self.problems.push(problem);
        true
    }

    fn text(&mut self, text: &Text, is_repeated: bool) {
        if !text.is_plain() {
            let fits = self.texts.compile(text);
            self.told(text, fits, is_repeated);
        }
    }

    /// Tells of an expression that is none, or else of its unknown variables.
    fn told(&mut self, text: &Text, fits: Result<Vec<String>, (Place, String)>, is_repeated: bool) {
        let variables = match fits {
            Ok(variables) => variables,
            Err((place, message)) => {
                self.problems
                    .push(Problem::new(place, format!("the expression is wrong: {message}")));
                return;
            }
        };
        let mut known: HashSet<&str> =
            self.template.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        if is_repeated {
            known.extend([ITEM, INDEX]);
        }
        for name in variables.iter().filter(|name| !known.contains(name.as_str())) {
            let problem = Problem::new(
                place_of(text, name),
                format!("there is no parameter {}", quoted(name)),
            );
            let advice = match closest(name, known.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None if *name == ITEM || *name == INDEX => {
                    format!("`{name}` is known in tasks with `for_each`")
                }
                None => "add it to `parameters`".to_owned(),
            };
            self.problems.push(problem.suggest(advice));
        }
    }
}

fn expression<T>(field: Option<&WordOr<T>>) -> Option<&Text> {
    match field {
        Some(WordOr::Text(text)) => Some(text),
        Some(WordOr::Word(_)) | None => None,
    }
}

/// The line of a text that speaks of a variable.
fn place_of(text: &Text, name: &str) -> Place {
    let line = text.source.lines().position(|line| line.contains(name)).unwrap_or(0);
    Place { line: text.place.line + line, ..text.place }
}
