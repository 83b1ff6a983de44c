//! What is wrong with a mode file, and where.

use std::fmt;

use serde::Serialize;

use crate::domain::count::{by_count, counted};
use crate::domain::refusal::closest;

/// Most problems that are told of one file.
pub const PROBLEMS_MAX: usize = 100;
/// Longest piece of a file that a message quotes, in characters.
const QUOTE_MAX: usize = 60;

words! {
    /// How bad a problem is.
    Severity("severity") {
        /// The file cannot be bound.
        Error = "error",
        /// The file can be bound; its author should look at it.
        Warning = "warning",
    }
}

/// One problem of a mode file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModeProblem {
    pub severity: Severity,
    /// As it was given to the reader: relative to `.task_orchestrator/` where it is from there.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Lower case, without a final period.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    #[serde(skip)]
    pub(super) fix: Option<Fix>,
}

/// What repair does about a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fix {
    /// The key there is misspelled.
    Key { wrong: String, right: String },
    /// The item of a list there is a text with a colon in it.
    Quote,
    /// A listed role has no block.
    Body { role: String, about: String },
}

/// A place in a text: line and column from 1, the latter in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for ModeProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, .. } = self;
        write!(formatter, "{file}:{line}:{column}: {message}")?;
        match &self.suggestion {
            Some(suggestion) => write!(formatter, "; {suggestion}"),
            None => Ok(()),
        }
    }
}

impl ModeProblem {
    pub(super) fn suggest(&mut self, suggestion: impl Into<String>) -> &mut Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// Suggests the candidate that is spelled most like what was given, if one is near.
    pub(super) fn closest<'a>(
        &mut self,
        given: &str,
        candidates: impl Iterator<Item = &'a str>,
    ) -> &mut Self {
        match closest(given, candidates.filter(|candidate| *candidate != given)) {
            Some(right) => self.suggest(format!("did you mean {right}?")),
            None => self,
        }
    }

    pub(super) fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fix = Some(fix);
        self
    }
}

/// The problems of one file, as they are found.
#[derive(Debug)]
pub(super) struct Problems {
    file: String,
    found: Vec<ModeProblem>,
    /// How many were found beyond [`PROBLEMS_MAX`].
    more: usize,
    has_error: bool,
    /// What those get that are not kept.
    spare: ModeProblem,
}

impl Problems {
    pub(super) fn of(file: &str) -> Self {
        let spare = ModeProblem {
            severity: Severity::Warning,
            file: String::new(),
            line: 0,
            column: 0,
            message: String::new(),
            suggestion: None,
            fix: None,
        };
        Self { file: file.to_owned(), found: Vec::new(), more: 0, has_error: false, spare }
    }

    pub(super) fn error(&mut self, place: Place, message: impl Into<String>) -> &mut ModeProblem {
        self.has_error = true;
        self.add(Severity::Error, place, message)
    }

    pub(super) fn warn(&mut self, place: Place, message: impl Into<String>) -> &mut ModeProblem {
        self.add(Severity::Warning, place, message)
    }

    fn add(
        &mut self,
        severity: Severity,
        place: Place,
        message: impl Into<String>,
    ) -> &mut ModeProblem {
        if self.is_full() {
            self.more = self.more.saturating_add(1);
            return &mut self.spare;
        }
        let Place { line, column } = place;
        let (file, message) = (self.file.clone(), message.into());
        let problem =
            ModeProblem { severity, file, line, column, message, suggestion: None, fix: None };
        self.found.push(problem);
        self.found.last_mut().unwrap_or(&mut self.spare)
    }

    /// Takes over what was found aside, with this file's name.
    pub(super) fn extend(&mut self, aside: Self) {
        self.has_error |= aside.has_error;
        self.more = self.more.saturating_add(aside.more);
        for mut problem in aside.found {
            problem.file.clone_from(&self.file);
            if self.is_full() {
                self.more = self.more.saturating_add(1);
            } else {
                self.found.push(problem);
            }
        }
    }

    /// How many were found.
    pub(super) fn count(&self) -> usize {
        self.found.len().saturating_add(self.more)
    }

    pub(super) fn has_error(&self) -> bool {
        self.has_error
    }

    /// Tells whether more of them would only be counted.
    pub(super) fn is_full(&self) -> bool {
        PROBLEMS_MAX <= self.found.len()
    }

    /// The first that stands in the way.
    pub(super) fn first_error(&self) -> Option<&ModeProblem> {
        self.found.iter().find(|problem| problem.severity == Severity::Error)
    }

    /// All of them, in the order of their places.
    pub(super) fn into_list(mut self) -> Vec<ModeProblem> {
        self.found.sort_by_key(|problem| (problem.line, problem.column));
        if 0 < self.more {
            let severity = if self.has_error { Severity::Error } else { Severity::Warning };
            let (line, column) = self.found.last().map_or((1, 1), |last| (last.line, last.column));
            let message = format!(
                "there {} {}",
                by_count(self.more, "is", "are"),
                counted(self.more, "more problem")
            );
            let file = self.file;
            self.found.push(ModeProblem {
                severity,
                file,
                line,
                column,
                message,
                suggestion: Some("solve these first".to_owned()),
                fix: None,
            });
        }
        self.found
    }
}

/// A piece of a file as a message shows it.
pub(super) fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTE_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}
