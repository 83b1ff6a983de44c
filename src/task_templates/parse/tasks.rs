//! The groups and the tree of tasks of a template.

use std::fmt::Display;
use std::str::FromStr;

use super::fields::{Fields, items, text, wrong};
use crate::domain::command::BATCH_MAX;
use crate::domain::group::GROUP_DEPTH_MAX;
use crate::domain::refusal::{Refusal, closest};
use crate::domain::task::{DEPTH_MAX, MINUTES_MAX, TAGS_MAX};
use crate::domain::time::parse_minutes;
use crate::task_templates::model::{GroupPart, Home, TaskPart, TaskTemplate, Text, WordOr};
use crate::task_templates::problem::{Place, Problem, shown};
use crate::task_templates::yaml::{Data, Node};

/// Most groups that a template declares.
const GROUPS_MAX: usize = 50;
/// Longest local id.
const ID_MAX: usize = 40;

const GROUP_KEYS: &[&str] = &["id", "name", "description", "role", "groups"];
const TASK_KEYS: &[&str] = &[
    "id",
    "title",
    "description",
    "role",
    "priority",
    "complexity",
    "estimate",
    "tags",
    "group",
    "depends_on",
    "when",
    "for_each",
    "children",
];

/// What is read so far.
#[derive(Default)]
pub(super) struct Plan {
    groups: Vec<GroupPart>,
    tasks: Vec<TaskPart>,
    /// What each task waits for, in the words of the file.
    waits: Vec<Vec<Text>>,
    is_over: bool,
}

impl Plan {
    pub(super) fn read_groups(&mut self, node: &Node, problems: &mut Vec<Problem>) {
        self.groups_below(node, (None, 1), problems);
    }

    fn groups_below(
        &mut self,
        node: &Node,
        (parent, depth): (Option<usize>, usize),
        problems: &mut Vec<Problem>,
    ) {
        if GROUP_DEPTH_MAX < depth {
            let message = format!("groups nest at most {GROUP_DEPTH_MAX} deep");
            problems.push(Problem::new(node.place, message));
            return;
        }
        for item in items(node, "groups", problems) {
            if self.groups.len() == GROUPS_MAX {
                let message = format!("a template has at most {GROUPS_MAX} groups");
                problems.push(Problem::new(item.place, message));
                return;
            }
            let Some(fields) = Fields::of(item, "a group", GROUP_KEYS, problems) else { continue };
            let Some(name) = fields.must_have("name", problems) else { continue };
            let id = fields.text("id", problems).unwrap_or_else(|| name.clone());
            if self.groups.iter().any(|known| known.id == id.source) {
                let message = format!("there are two groups {:?}", shown(&id.source));
                problems
                    .push(Problem::new(id.place, message).suggest("give each an `id` of its own"));
            }
            self.groups.push(GroupPart {
                id: id.source,
                name,
                description: fields.text("description", problems),
                role: fields.text("role", problems),
                parent,
            });
            let index = self.groups.len() - 1;
            if let Some(inner) = fields.node("groups") {
                self.groups_below(inner, (Some(index), depth + 1), problems);
            }
        }
    }

    pub(super) fn read_tasks(&mut self, node: &Node, problems: &mut Vec<Problem>) {
        self.tasks_below(node, ("tasks", None, 1), problems);
        if self.tasks.is_empty() && problems.is_empty() {
            problems.push(Problem::new(node.place, "a template has at least one task"));
        }
    }

    fn tasks_below(
        &mut self,
        node: &Node,
        (key, parent, depth): (&str, Option<usize>, usize),
        problems: &mut Vec<Problem>,
    ) {
        if DEPTH_MAX < depth {
            let message = format!("tasks nest at most {DEPTH_MAX} deep");
            problems.push(Problem::new(node.place, message).suggest("move them up"));
            return;
        }
        for item in items(node, key, problems) {
            if self.is_over {
                return;
            }
            if self.tasks.len() == BATCH_MAX {
                let message = format!("a template has at most {BATCH_MAX} tasks");
                problems.push(Problem::new(item.place, message).suggest("make two of it"));
                self.is_over = true;
                return;
            }
            let Some(fields) = Fields::of(item, "a task", TASK_KEYS, problems) else { continue };
            self.task(&fields, (item.place, parent), problems);
            let index = self.tasks.len() - 1;
            if let Some(inner) = fields.node("children") {
                self.tasks_below(inner, ("children", Some(index), depth + 1), problems);
            }
        }
    }

    fn task(
        &mut self,
        fields: &Fields<'_>,
        (place, parent): (Place, Option<usize>),
        problems: &mut Vec<Problem>,
    ) {
        let nothing = || Text { source: String::new(), place };
        let tags = fields.texts("tags", problems);
        if TAGS_MAX < tags.len() {
            let message = format!("a task has at most {TAGS_MAX} tags");
            problems.push(Problem::new(fields.place("tags"), message));
        }
        let task = TaskPart {
            id: self.id(fields, problems),
            place,
            title: fields.must_have("title", problems).unwrap_or_else(nothing),
            description: fields.text("description", problems),
            role: fields.text("role", problems),
            priority: word(fields, "priority", problems),
            complexity: word(fields, "complexity", problems),
            estimate: estimate(fields, problems),
            tags,
            home: self.home(fields, parent, problems),
            depends_on: Vec::new(),
            when: condition(fields, problems),
            for_each: fields.text("for_each", problems).map(|text| text.source),
        };
        self.tasks.push(task);
        self.waits.push(fields.texts("depends_on", problems));
    }

    fn id(&self, fields: &Fields<'_>, problems: &mut Vec<Problem>) -> String {
        let Some(id) = fields.text("id", problems) else {
            return format!("task_{}", self.tasks.len() + 1);
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if id.source.is_empty() || ID_MAX < id.source.len() || !id.source.chars().all(fits) {
            let message = format!("a task cannot have the id {:?}", shown(&id.source));
            let advice = format!("use letters, digits, `_` and `-`, {ID_MAX} at most");
            problems.push(Problem::new(id.place, message).suggest(advice));
        } else if self.tasks.iter().any(|known| known.id == id.source) {
            let message = format!("there are two tasks with the id {:?}", id.source);
            problems.push(Problem::new(id.place, message).suggest("rename one of them"));
        }
        id.source
    }

    fn home(
        &self,
        fields: &Fields<'_>,
        parent: Option<usize>,
        problems: &mut Vec<Problem>,
    ) -> Home {
        let group = fields.text("group", problems);
        match (parent, group) {
            (Some(parent), group) => {
                if let Some(group) = group {
                    let message = "a task below another is in that one's group";
                    problems.push(
                        Problem::new(group.place, message)
                            .suggest("give the outermost task the group"),
                    );
                }
                Home::Task(parent)
            }
            (None, None) => Home::Root,
            (None, Some(group)) => {
                let declared = self.groups.iter().position(|known| known.id == group.source);
                declared.map_or(Home::Path(group), Home::Declared)
            }
        }
    }

    /// Puts everything into the template, the names of tasks turned into their places.
    pub(super) fn finish(self, template: &mut TaskTemplate, problems: &mut Vec<Problem>) {
        let Self { groups, mut tasks, waits, .. } = self;
        let ids: Vec<String> = tasks.iter().map(|task| task.id.clone()).collect();
        for (task, waits) in tasks.iter_mut().zip(waits) {
            let (known, strange): (Vec<_>, Vec<_>) = waits
                .into_iter()
                .map(|name| (ids.iter().position(|id| *id == name.source), name))
                .partition(|(on, _)| on.is_some());
            task.depends_on = known.into_iter().filter_map(|(on, _)| on).collect();
            task.depends_on.sort_unstable();
            task.depends_on.dedup();
            let others = || ids.iter().filter(|id| **id != task.id).map(String::as_str);
            problems.extend(strange.iter().map(|(_, name)| unknown(name, others())));
        }
        template.groups = groups;
        template.tasks = tasks;
    }
}

fn unknown<'a>(name: &Text, ids: impl Iterator<Item = &'a str>) -> Problem {
    let problem = Problem::new(name.place, format!("no task has the id {:?}", shown(&name.source)));
    match closest(&name.source, ids) {
        Some(near) => problem.suggest(format!("did you mean {near:?}?")),
        None => problem.suggest("it waits for tasks of this template, by their `id`"),
    }
}

/// A word of a set, or an expression.
fn word<T: FromStr<Err = Refusal>>(
    fields: &Fields<'_>,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<WordOr<T>> {
    let text = fields.text(name, problems)?;
    if !text.is_plain() {
        return Some(WordOr::Text(text));
    }
    match text.source.parse() {
        Ok(word) => Some(WordOr::Word(word)),
        Err(refusal) => {
            let problem = Problem::new(text.place, refusal.message);
            problems.push(match refusal.suggested_action {
                Some(advice) => problem.suggest(advice),
                None => problem,
            });
            None
        }
    }
}

fn estimate(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<WordOr<u32>> {
    let node = fields.node("estimate")?;
    let text = match &node.data {
        Data::Number(number) => Text { source: number.to_string(), place: node.place },
        Data::Nothing | Data::Boolean(_) | Data::Text(_) | Data::List(_) | Data::Map(_) => {
            text(node, "estimate", problems)?
        }
    };
    if !text.is_plain() {
        return Some(WordOr::Text(text));
    }
    let minutes = span(&text.source);
    if minutes.is_none() {
        wrong(node, "estimate", "a span of work such as 90m, 2h or 3d", problems);
    }
    minutes.map(WordOr::Word)
}

/// A span of work in minutes.
pub(in crate::task_templates) fn span(text: &str) -> Option<u32> {
    parse_minutes(text).filter(|minutes| *minutes <= MINUTES_MAX)
}

/// An expression that is true or false, its braces taken off.
fn condition(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<Text> {
    let node = fields.node("when")?;
    if let Data::Boolean(value) = node.data {
        return Some(Text { source: value.to_string(), place: node.place });
    }
    let mut text = text(node, "when", problems)?;
    let inner = text.source.trim();
    let bare = inner.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    text.source = bare.unwrap_or(inner).trim().to_owned();
    if text.source.is_empty() || !text.is_plain() || text.source.contains("%}") {
        let message = "`when` is one expression";
        problems.push(
            Problem::new(text.place, message).suggest("such as `with_tests and kind == \"bug\"`"),
        );
        return None;
    }
    Some(text)
}

/// Says a value of any kind in a message.
pub(super) fn quoted(value: impl Display) -> String {
    format!("{:?}", shown(&value.to_string()))
}
