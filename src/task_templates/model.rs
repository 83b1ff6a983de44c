//! A template as it was read: its parameters, its groups and its tasks.

use serde::Serialize;
use serde_json::Value;

use super::pattern::Pattern;
use super::problem::Place;
use crate::domain::task::{Complexity, Priority};

/// A plan for work that comes again.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskTemplate {
    /// The name of its file without `.yaml`.
    pub name: String,
    /// What people call it.
    pub title: String,
    pub description: String,
    /// In the order of the file.
    pub parameters: Vec<Parameter>,
    /// Each after the group that it is inside of.
    pub(super) groups: Vec<GroupPart>,
    /// Each after the task that it is below of, in the order of the file.
    pub(super) tasks: Vec<TaskPart>,
}

words! {
    /// What a parameter takes.
    ParameterKind("type") {
        /// One line.
        String = "string",
        /// Several lines, in markdown.
        Text = "text",
        Integer = "integer" | "int" | "number",
        Boolean = "boolean" | "bool",
        /// One of its choices.
        Choice = "choice" | "enum",
        /// Lines, each a value.
        List = "list" | "array",
    }
}

/// Something that is filled in when a template is applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub required: bool,
    /// Taken where nothing is given; of the parameter's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What a string, and every line of a list, must be as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Characters of a string or text, lines of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
}

impl Parameter {
    /// What it takes, in few words: `string, required`, `major | minor | patch = minor`.
    pub fn takes(&self) -> String {
        let kind = match self.kind {
            ParameterKind::Choice => self.choices.join(" | "),
            ParameterKind::String
            | ParameterKind::Text
            | ParameterKind::Integer
            | ParameterKind::Boolean
            | ParameterKind::List => self.kind.to_string(),
        };
        match &self.default {
            _ if self.required => format!("{kind}, required"),
            None => kind,
            Some(Value::String(text)) => format!("{kind} = {text}"),
            Some(Value::Array(items)) => {
                let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                format!("{kind} = {}", items.join(", "))
            }
            Some(value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_))) => {
                format!("{kind} = {value}")
            }
        }
    }
}

/// A text with Tera expressions in it, perhaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) source: String,
    pub(super) place: Place,
}

impl Text {
    /// Whether it says the same whatever the values.
    pub(super) fn is_plain(&self) -> bool {
        !["{{", "{%", "{#"].iter().any(|mark| self.source.contains(mark))
    }
}

/// A group of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroupPart {
    pub(super) id: String,
    pub(super) name: Text,
    pub(super) description: Option<Text>,
    pub(super) role: Option<Text>,
    pub(super) parent: Option<usize>,
}

/// Where a task of a template goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Home {
    /// Where the template is applied.
    Root,
    /// The group of the template at that index.
    Declared(usize),
    /// A group by its path.
    Path(Text),
    /// Below the task at that index.
    Task(usize),
}

/// A word of a set, or the expression that gives it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum WordOr<T> {
    Word(T),
    Text(Text),
}

/// A task of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TaskPart {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) title: Text,
    pub(super) description: Option<Text>,
    pub(super) role: Option<Text>,
    pub(super) priority: Option<WordOr<Priority>>,
    pub(super) complexity: Option<WordOr<Complexity>>,
    pub(super) estimate: Option<WordOr<u32>>,
    pub(super) tags: Vec<Text>,
    pub(super) home: Home,
    /// Tasks that it waits for, by index.
    pub(super) depends_on: Vec<usize>,
    /// The task is left out, with all below it, where this is false.
    pub(super) when: Option<Text>,
    /// The list whose every item gives one such task, with all below it.
    pub(super) for_each: Option<String>,
}

/// The names by which a repeated task knows its item.
pub(super) const ITEM: &str = "item";
pub(super) const INDEX: &str = "index";

impl TaskTemplate {
    /// How many tasks the template describes, each repeated one counted once.
    pub fn tasks_len(&self) -> usize {
        self.tasks.len()
    }

    /// The task that a task is below of.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        match self.tasks.get(index)?.home {
            Home::Task(parent) => Some(parent),
            Home::Root | Home::Declared(_) | Home::Path(_) => None,
        }
    }

    /// Whether a task is another, or below it.
    pub(super) fn is_within(&self, index: usize, above: usize) -> bool {
        let mut here = Some(index);
        while let Some(at) = here {
            if at == above {
                return true;
            }
            here = self.parent(at);
        }
        false
    }

    /// Whether a task, or one above it, is made for every item of a list.
    pub(super) fn is_repeated(&self, index: usize) -> bool {
        let mut here = Some(index);
        while let Some(at) = here {
            if self.tasks.get(at).is_some_and(|task| task.for_each.is_some()) {
                return true;
            }
            here = self.parent(at);
        }
        false
    }
}
