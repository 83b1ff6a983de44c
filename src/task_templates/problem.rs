//! What is wrong: in a file, with its place; and in what a person or an agent fills in.

use std::fmt;

use serde::Serialize;

/// A place in a file, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// Something wrong in a template's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(flatten)]
    pub place: Place,
    /// Lower case, without a final period.
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Problem {
    pub(super) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), suggestion: None }
    }

    pub(super) fn suggest(self, suggestion: impl Into<String>) -> Self {
        Self { suggestion: Some(suggestion.into()), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.place.line, self.place.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(formatter, " ({suggestion})"),
            None => Ok(()),
        }
    }
}

/// Why a template cannot be applied with the values given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The parameter that is to blame, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The local id of the task whose fields come out wrong, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Fault {
    pub(super) fn of_parameter(name: &str, message: impl Into<String>) -> Self {
        Self { parameter: Some(shown(name)), task: None, message: message.into(), suggestion: None }
    }

    pub(super) fn of_task(local: &str, message: impl Into<String>) -> Self {
        Self {
            parameter: None,
            task: Some(shown(local)),
            message: message.into(),
            suggestion: None,
        }
    }

    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self { parameter: None, task: None, message: message.into(), suggestion: None }
    }

    pub(super) fn suggest(self, suggestion: impl Into<String>) -> Self {
        Self { suggestion: Some(suggestion.into()), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.parameter {
            write!(formatter, "{name}: ")?;
        }
        if let Some(local) = &self.task {
            write!(formatter, "task {local}: ")?;
        }
        formatter.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(formatter, " ({suggestion})"),
            None => Ok(()),
        }
    }
}

/// As much of a text as is shown again.
pub(super) fn shown(text: &str) -> String {
    crate::domain::text::visible_line(&text.chars().take(60).collect::<String>())
}
