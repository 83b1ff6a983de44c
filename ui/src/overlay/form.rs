//! The form with every field of a task.

use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateTask};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::task::{Complexity, Priority, Task};
use callboard_engine::domain::time::{minutes_text, parse_minutes};
use crossterm::event::KeyEvent;

use super::{Next, Overlay};
use crate::app::Model;
use crate::app::unsent::Unsent;
use crate::widgets::form::{Field, Form as Fields, FormEvent};
use crate::widgets::toast::Tone;

const TITLE: &str = "Title";
const PRIORITY: &str = "Priority";
const COMPLEXITY: &str = "Complexity";
const ROLE: &str = "Role";
const ASSIGNEE: &str = "Assignee";
const TAGS: &str = "Tags";
const ESTIMATE: &str = "Estimate";
const DUE: &str = "Due";
const DESCRIPTION: &str = "Description";

/// A form on one task.
#[derive(Debug, Clone)]
pub struct Form {
    task: TaskId,
    version: i64,
    /// The fields as they were, for telling what was changed.
    before: Fields,
    pub fields: Fields,
    /// Tells whether the person was told that closing discards.
    pub warned: bool,
}

impl Form {
    /// A form filled with a task.
    pub fn of(task: &Task) -> Self {
        let priorities: Vec<&str> = Priority::ALL.iter().map(|word| word.as_str()).collect();
        let levels: Vec<&str> = Complexity::ALL.iter().map(|word| word.as_str()).collect();
        let estimate = task.estimate_minutes.map(minutes_text).unwrap_or_default();
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let fields = Fields::new(vec![
            Field::line(TITLE, "what is to be done", &task.title),
            Field::choice(PRIORITY, &priorities, task.priority.as_str()),
            Field::choice(COMPLEXITY, &levels, task.complexity.as_str()),
            Field::line(ROLE, "architect, implementer, tester, …", &optional(&task.role)),
            Field::line(ASSIGNEE, "who should do it", &optional(&task.assignee)),
            Field::line(TAGS, "words, with blanks between them", &task.tags.join(" ")),
            Field::line(ESTIMATE, "90m, 2h, 3d", &estimate),
            Field::line(DUE, "2026-11-30", &optional(&task.due)),
            Field::text(DESCRIPTION, "markdown", &task.description),
        ]);
        let before = fields.clone();
        Self { task: task.id, version: task.version, before, fields, warned: false }
    }

    /// Tells whether something differs from what it was.
    pub fn is_changed(&self) -> bool {
        self.fields.fields.iter().any(|field| self.changed(&field.label).is_some())
    }

    /// The new text of a field, if it was changed.
    fn changed(&self, label: &str) -> Option<String> {
        let now = self.fields.contents(label).trim().to_owned();
        (now != self.before.contents(label).trim()).then_some(now)
    }

    /// Takes a newer version as seen, so that saving goes over what it changed.
    pub fn see(&mut self, version: Option<i64>) {
        self.version = version.unwrap_or(self.version);
    }

    /// Puts a description in, as one that was written elsewhere.
    pub fn describe(&mut self, text: &str) {
        self.fields.set(DESCRIPTION, text);
        self.fields.focus_on(DESCRIPTION);
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        self.fields.paste(text);
    }

    pub(super) fn key(mut self: Box<Self>, model: &mut Model, key: KeyEvent) -> Next {
        match self.fields.key(key) {
            FormEvent::Submit => self.save(model),
            FormEvent::Cancel | FormEvent::Changed | FormEvent::Ignored => {
                Next::Stay(Overlay::Form(self), Vec::new())
            }
        }
    }

    fn save(self: Box<Self>, model: &mut Model) -> Next {
        if !self.is_changed() {
            return Next::Close(Vec::new());
        }
        match self.patch() {
            Ok(patch) => {
                let guard = Guard { if_version: Some(self.version), ..Guard::default() };
                let update = UpdateTask { id: self.task, patch, guard };
                let effects = Model::submit(Command::UpdateTask(update), "Save");
                model.keep(Unsent::Form(self), &effects);
                Next::Close(effects)
            }
            Err(problem) => {
                model.tell(Tone::Bad, problem);
                Next::Stay(Overlay::Form(self), Vec::new())
            }
        }
    }

    /// Only what was changed, so that what agents changed meanwhile stands.
    fn patch(&self) -> Result<TaskPatch, String> {
        let optional = |text: String| (!text.is_empty()).then_some(text);
        let estimate = match self.changed(ESTIMATE) {
            None => None,
            Some(text) if text.is_empty() => Some(None),
            Some(text) => Some(Some(parse_minutes(&text).ok_or_else(|| {
                format!("estimate {text:?} is not a span such as 90m, 2h or 3d")
            })?)),
        };
        let tags = |text: String| text.split_whitespace().map(str::to_owned).collect();
        Ok(TaskPatch {
            title: self.changed(TITLE),
            priority: self.changed(PRIORITY).and_then(|word| word.parse().ok()),
            complexity: self.changed(COMPLEXITY).and_then(|word| word.parse().ok()),
            role: self.changed(ROLE).map(optional),
            assignee: self.changed(ASSIGNEE).map(optional),
            tags: self.changed(TAGS).map(tags),
            estimate_minutes: estimate,
            due: self.changed(DUE).map(optional),
            description: self.changed(DESCRIPTION),
            ..TaskPatch::default()
        })
    }
}
