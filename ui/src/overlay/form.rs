//! The form with every field of a task.

use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateTask};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::task::Task;
use callboard_engine::domain::time::{minutes_text, parse_minutes};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::TextArea;

use super::{Next, Overlay};
use crate::app::Model;
use crate::widgets::input::Input;
use crate::widgets::toast::Tone;

/// The one-line fields, in order; the description stands after the first.
pub const LINES: [&str; 6] = ["Title", "Role", "Tags", "Estimate", "Due", "Assignee"];
/// The place of the description in the order of focus.
pub const DESCRIPTION: usize = LINES.len();

/// A form on one task.
pub struct Form {
    pub task: TaskId,
    version: i64,
    before: [String; 6],
    described: String,
    pub lines: [Input; 6],
    pub description: TextArea<'static>,
    pub focus: usize,
    /// Tells whether the person was told that closing discards.
    pub warned: bool,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Form").field("task", &self.task).finish_non_exhaustive()
    }
}

impl Form {
    /// A form filled with a task.
    pub fn of(task: &Task) -> Self {
        let before = [
            task.title.clone(),
            task.role.clone().unwrap_or_default(),
            task.tags.join(" "),
            task.estimate_minutes.map(minutes_text).unwrap_or_default(),
            task.due.clone().unwrap_or_default(),
            task.assignee.clone().unwrap_or_default(),
        ];
        let lines = before.each_ref().map(|text| Input::new(text));
        let mut description = TextArea::new(task.description.lines().map(str::to_owned).collect());
        description.set_cursor_line_style(ratatui::style::Style::default());
        Self { task: task.id, version: task.version, before, described: task.description.clone(), lines, description, focus: 0, warned: false }
    }

    /// Tells whether something differs from what it was.
    pub fn is_changed(&self) -> bool {
        self.lines.iter().zip(&self.before).any(|(input, before)| input.text() != *before) || self.text() != self.described.trim_end()
    }

    fn text(&self) -> String {
        self.description.lines().join("\n").trim_end().to_owned()
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        match self.lines.get_mut(self.focus) {
            Some(line) => line.paste(text),
            None => {
                self.description.insert_str(text.replace("\r\n", "\n").replace('\r', "\n"));
            }
        }
    }

    pub(super) fn key(mut self: Box<Self>, model: &mut Model, key: KeyEvent) -> Next {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let fields = LINES.len() + 1;
        match key.code {
            KeyCode::Char('s') if control => return self.save(model),
            KeyCode::Tab => self.focus = (self.focus + 1) % fields,
            KeyCode::BackTab => self.focus = (self.focus + fields - 1) % fields,
            KeyCode::Enter if self.focus != DESCRIPTION => self.focus = (self.focus + 1) % fields,
            _ => match self.lines.get_mut(self.focus) {
                Some(line) => {
                    line.key(key);
                }
                None => {
                    self.description.input(key);
                }
            },
        }
        Next::Stay(Overlay::Form(self), Vec::new())
    }

    fn save(self: Box<Self>, model: &mut Model) -> Next {
        if !self.is_changed() {
            return Next::Close(Vec::new());
        }
        match self.patch() {
            Ok(patch) => {
                let guard = Guard { if_version: Some(self.version), claim: None };
                Next::Close(Model::submit(Command::UpdateTask(UpdateTask { id: self.task, patch, guard }), "Save"))
            }
            Err(problem) => {
                model.tell(Tone::Bad, problem);
                Next::Stay(Overlay::Form(self), Vec::new())
            }
        }
    }

    /// Only what was changed, so that what agents changed meanwhile stands.
    fn patch(&self) -> Result<TaskPatch, String> {
        let changed = |index: usize| {
            let (input, before) = (self.lines.get(index)?, self.before.get(index)?);
            let text = input.text().trim().to_owned();
            (text != *before).then_some(text)
        };
        let optional = |text: String| (!text.is_empty()).then_some(text);
        let estimate = match changed(3) {
            None => None,
            Some(text) if text.is_empty() => Some(None),
            Some(text) => Some(Some(parse_minutes(&text).ok_or_else(|| format!("estimate {text:?} is not a span such as 90m, 2h or 3d"))?)),
        };
        let described = self.text();
        Ok(TaskPatch {
            title: changed(0),
            role: changed(1).map(optional),
            tags: changed(2).map(|text| text.split_whitespace().map(str::to_owned).collect()),
            estimate_minutes: estimate,
            due: changed(4).map(optional),
            assignee: changed(5).map(optional),
            description: (described != self.described.trim_end()).then_some(described),
            ..TaskPatch::default()
        })
    }
}
