//! A prompt for one line.

use callboard_engine::domain::backup::Scope;
use callboard_engine::domain::command::{
    Command, CreateTasks, NewGroup, NewSession, NewTask, SetStatus, TaskPatch, TaskRef,
    UpdateSession, UpdateTask,
};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Next, Overlay};
use crate::app::backups;
use crate::app::modes::Wish;
use crate::app::unsent::Unsent;
use crate::app::{Effect, Model};
use crate::review::Returned;
use crate::widgets::fit;
use crate::widgets::input::Input;
use crate::widgets::toast::Tone;

/// What the line is for.
#[derive(Debug, Clone)]
pub enum Purpose {
    NewTask {
        parent: Option<TaskId>,
        group: Option<GroupId>,
        after: Option<TaskId>,
    },
    NewGroup {
        parent: Option<GroupId>,
    },
    NewSession {
        suspend_current: bool,
    },
    RenameSession(SessionId),
    Role(TaskId),
    Message {
        agent: String,
    },
    /// A status with a reason or remark.
    Status(Box<SetStatus>),
    /// Work that goes back, with what is to be done yet.
    SendBack(Box<Returned>),
    /// Why a mode is selected.
    SelectMode {
        mode: String,
    },
    /// What a backup of a scope is called.
    NameBackup(Scope),
}

/// A prompt.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub title: String,
    pub hint: String,
    pub input: Input,
    pub purpose: Purpose,
}

impl Prompt {
    /// A prompt that begins with a text.
    pub fn new(
        title: impl Into<String>,
        hint: impl Into<String>,
        text: &str,
        purpose: Purpose,
    ) -> Self {
        Self { title: title.into(), hint: hint.into(), input: Input::new(text), purpose }
    }

    pub(super) fn key(mut self, model: &mut Model, key: KeyEvent) -> Next {
        if key.code != KeyCode::Enter {
            self.input.key(key);
            return Next::Stay(Overlay::Prompt(self), Vec::new());
        }
        let text = self.input.text().trim().to_owned();
        if let Purpose::NameBackup(scope) = self.purpose {
            let name = (!text.is_empty()).then_some(text);
            return Next::Choose(Choice::Backups(Box::new(backups::Wish::Create(scope, name))));
        }
        let optional = matches!(self.purpose, Purpose::Role(_) | Purpose::Status(_));
        if text.is_empty() && !optional {
            model.tell(Tone::Info, "Nothing was written; Esc closes.");
            return Next::Stay(Overlay::Prompt(self), Vec::new());
        }
        let effects = effects(model, self.purpose.clone(), text);
        model.keep(Unsent::Prompt(Box::new(self)), &effects);
        Next::Close(effects)
    }
}

fn effects(model: &Model, purpose: Purpose, text: String) -> Vec<Effect> {
    match purpose {
        Purpose::NewTask { parent, group, after } => {
            let Some(session_id) = model.session_id() else { return Vec::new() };
            let (title, priority, tags) = quick(&text);
            let what = format!("Add {:?}", short(&title));
            let task = NewTask {
                title,
                priority,
                tags,
                group,
                parent: parent.map(TaskRef::Id),
                after,
                ..NewTask::default()
            };
            Model::submit(Command::CreateTasks(CreateTasks { session_id, tasks: vec![task] }), what)
        }
        Purpose::NewGroup { parent } => {
            let Some(session_id) = model.session_id() else { return Vec::new() };
            let what = format!("Add group {:?}", short(&text));
            let new = NewGroup {
                id: None,
                session_id,
                name: text,
                parent,
                description: String::new(),
                role: None,
            };
            Model::submit(Command::CreateGroup(new), what)
        }
        Purpose::NewSession { suspend_current } => {
            let what = format!("Create session {:?}", short(&text));
            let new = NewSession { name: text, suspend_current, ..NewSession::default() };
            Model::submit(Command::CreateSession(new), what)
        }
        Purpose::RenameSession(id) => {
            let rename = UpdateSession { id, name: Some(text), goal: None, if_version: None };
            Model::submit(Command::UpdateSession(rename), "Rename session")
        }
        Purpose::Role(id) => {
            let role = (!text.is_empty()).then_some(text);
            let patch = TaskPatch { role: Some(role), ..TaskPatch::default() };
            let guard = callboard_engine::domain::command::Guard::default();
            Model::submit(Command::UpdateTask(UpdateTask { id, patch, guard }), "Set role")
        }
        Purpose::Message { agent } => {
            let Some(session_id) = model.session_id() else { return Vec::new() };
            let what = format!("Message to {agent} waits for its next call");
            Model::submit(Command::SendMessage { session_id, to: agent, text }, what)
        }
        Purpose::SendBack(returned) => {
            let what = format!("Send back {:?}", short(&returned.title));
            Model::submit(returned.command(&text), what)
        }
        Purpose::SelectMode { mode } => {
            vec![Effect::Modes(Wish::Select { mode, reason: Some(text) })]
        }
        // It is chosen, not submitted.
        Purpose::NameBackup(_) => Vec::new(),
        Purpose::Status(set) => {
            let what = format!("Set {}", set.to);
            let reason = (!text.is_empty()).then_some(text);
            Model::submit(Command::SetStatus(SetStatus { reason, ..*set }), what)
        }
    }
}

/// A name as it fits into a message.
fn short(text: &str) -> String {
    fit::fit(text, 40, "…").into_owned()
}

/// Takes `!high` and `#tag` from the end of a quickly typed title.
fn quick(text: &str) -> (String, Option<callboard_engine::domain::task::Priority>, Vec<String>) {
    let (mut priority, mut tags) = (None, Vec::new());
    let mut words: Vec<&str> = text.split_whitespace().collect();
    while let Some(last) = words.last().filter(|_| 1 < words.len()) {
        if let Some(tag) = last.strip_prefix('#').filter(|tag| !tag.is_empty()) {
            tags.push(tag.to_owned());
        } else if let Some(Ok(found)) = last.strip_prefix('!').map(str::parse) {
            priority = Some(found);
        } else {
            break;
        }
        words.pop();
    }
    (words.join(" "), priority, tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_engine::domain::task::Priority;

    #[test]
    fn priority_and_tags_are_taken_from_the_end_of_a_title() {
        assert_eq!(
            quick("Fix the login !high #auth"),
            ("Fix the login".to_owned(), Some(Priority::High), vec!["auth".to_owned()])
        );
        assert_eq!(
            quick("#1 is special !nonsense"),
            ("#1 is special !nonsense".to_owned(), None, vec![])
        );
    }
}
