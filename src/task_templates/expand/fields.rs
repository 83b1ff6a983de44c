//! The fields of a task, filled in and held to what the board takes.

use std::str::FromStr;

use tera::Context;

use super::PlannedTask;
use crate::domain::refusal::Refusal;
use crate::domain::text::{DESCRIPTION_MAX, TITLE_MAX, WORD_MAX, many_lines, one_line};
use crate::task_templates::model::{TaskPart, Text, WordOr};
use crate::task_templates::parse::span;
use crate::task_templates::problem::{Fault, shown};
use crate::task_templates::texts::Texts;

/// Fills in texts for one task.
pub(super) struct Filler<'a> {
    pub(super) texts: &'a mut Texts,
    pub(super) context: &'a Context,
    /// The local name of the task.
    pub(super) task: &'a str,
    pub(super) faults: &'a mut Vec<Fault>,
}

impl Filler<'_> {
    /// The task with all fields but its place.
    pub(super) fn task(&mut self, part: &TaskPart) -> PlannedTask {
        PlannedTask {
            local: String::new(),
            title: self.line("title", &part.title, TITLE_MAX).unwrap_or_default(),
            description: self.description(part.description.as_ref()),
            role: self.word("role", part.role.as_ref()),
            priority: self.one_of("priority", part.priority.as_ref()),
            complexity: self.one_of("complexity", part.complexity.as_ref()),
            estimate_minutes: self.estimate(part.estimate.as_ref()),
            tags: self.tags(&part.tags),
            group: None,
            parent: None,
            depth: 0,
            depends_on: Vec::new(),
        }
    }

    /// A text as it comes out; empty where it cannot.
    pub(super) fn fill(&mut self, field: &str, text: &Text) -> String {
        self.texts.fill(text, self.context).unwrap_or_else(|message| {
            self.fault(format!("{field}: {message}"));
            String::new()
        })
    }

    pub(super) fn fault(&mut self, message: impl Into<String>) {
        self.faults.push(Fault::of_task(self.task, message));
    }

    fn refused(&mut self, refusal: Refusal) {
        let fault = Fault::of_task(self.task, refusal.message);
        self.faults.push(match refusal.suggested_action {
            Some(advice) => fault.suggest(advice),
            None => fault,
        });
    }

    /// One line that says something.
    pub(super) fn line(&mut self, field: &str, text: &Text, most: usize) -> Option<String> {
        let line = self.fill(field, text);
        self.fits(field, &line, most)
    }

    /// A line that is filled in already.
    pub(super) fn fits(&mut self, field: &str, line: &str, most: usize) -> Option<String> {
        match one_line(field, line, most) {
            Ok(line) => Some(line),
            Err(refusal) => {
                self.refused(refusal);
                None
            }
        }
    }

    /// One word, or none where the text comes out empty.
    pub(super) fn word(&mut self, field: &str, text: Option<&Text>) -> Option<String> {
        let word = self.fill(field, text?);
        if word.trim().is_empty() {
            return None;
        }
        match one_line(field, &word, WORD_MAX) {
            Ok(word) => Some(word),
            Err(refusal) => {
                self.refused(refusal);
                None
            }
        }
    }

    /// Several lines, or none.
    pub(super) fn description(&mut self, text: Option<&Text>) -> String {
        let Some(text) = text else { return String::new() };
        let lines = self.fill("description", text);
        match many_lines("description", lines.trim_end(), DESCRIPTION_MAX) {
            Ok(lines) => lines,
            Err(refusal) => {
                self.refused(refusal);
                String::new()
            }
        }
    }

    fn one_of<T: FromStr<Err = Refusal> + Copy>(
        &mut self,
        field: &str,
        given: Option<&WordOr<T>>,
    ) -> Option<T> {
        match given? {
            WordOr::Word(word) => Some(*word),
            WordOr::Text(text) => {
                let word = self.fill(field, text);
                if word.trim().is_empty() {
                    return None;
                }
                match word.parse() {
                    Ok(word) => Some(word),
                    Err(refusal) => {
                        self.refused(refusal);
                        None
                    }
                }
            }
        }
    }

    fn estimate(&mut self, given: Option<&WordOr<u32>>) -> Option<u32> {
        match given? {
            WordOr::Word(minutes) => Some(*minutes),
            WordOr::Text(text) => {
                let said = self.fill("estimate", text);
                if said.trim().is_empty() {
                    return None;
                }
                let minutes = span(&said);
                if minutes.is_none() {
                    let message = format!("the estimate is a span of work, not {:?}", shown(&said));
                    let fault = Fault::of_task(self.task, message);
                    self.faults.push(fault.suggest("write it as 90m, 2h or 3d"));
                }
                minutes
            }
        }
    }

    fn tags(&mut self, texts: &[Text]) -> Vec<String> {
        let mut tags = Vec::new();
        for text in texts {
            let tag = self.word("tag", Some(text));
            let tag = tag.map(|tag| tag.trim_start_matches('#').trim().to_owned());
            tags.extend(tag.filter(|tag| !tag.is_empty() && !tags.contains(tag)));
        }
        tags
    }
}
