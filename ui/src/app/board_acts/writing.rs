//! What is written by hand: new tasks, titles, descriptions.

use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateGroup, UpdateTask};
use callboard_engine::domain::id::TaskId;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::prompt;
use crate::app::board::{Rename, RowKey};
use crate::app::unsent::Unsent;
use crate::app::{Effect, Model};
use crate::overlay::prompt::Purpose;
use crate::widgets::input::Input;

pub(super) fn add_task(model: &mut Model, parent: Option<TaskId>) -> Vec<Effect> {
    let group = model.board.selected_group();
    let task = model.board.selected_task();
    let (title, purpose) = match (parent, task) {
        (Some(parent), Some(task)) => (
            format!("New task below {}", task.title),
            Purpose::NewTask { parent: Some(parent), group, after: None },
        ),
        (_, Some(task)) => (
            "New task".to_owned(),
            Purpose::NewTask { parent: task.parent_id, group, after: Some(task.id) },
        ),
        (_, None) => ("New task".to_owned(), Purpose::NewTask { parent: None, group, after: None }),
    };
    prompt(model, &title, "a title; !high and #tag at its end are understood", "", purpose)
}

pub(super) fn rename(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.board.cursor else { return Vec::new() };
    let found = match row {
        RowKey::Task(id) => {
            model.board.tasks.get(&id).map(|task| (task.title.as_str(), task.version))
        }
        RowKey::Group(Some(id)) => {
            model.board.group(id).map(|row| (row.group.name.as_str(), row.group.version))
        }
        RowKey::Group(None) | RowKey::More(_) => None,
    };
    if let Some((text, version)) = found {
        let input = Input::new(text);
        model.board.renaming = Some(Rename { row, input, version: Some(version) });
    }
    Vec::new()
}

/// Takes a key while a title is edited in its row.
pub fn renaming_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(mut rename) = model.board.renaming.take() else { return Vec::new() };
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    if key.code == KeyCode::Esc || control_c {
        return Vec::new();
    }
    if key.code != KeyCode::Enter {
        rename.input.key(key);
        model.board.renaming = Some(rename);
        return Vec::new();
    }
    let effects = renamed(&rename);
    model.keep(Unsent::Rename(rename), &effects);
    effects
}

fn renamed(rename: &Rename) -> Vec<Effect> {
    let text = rename.input.text().trim().to_owned();
    let guard = Guard { if_version: rename.version, ..Guard::default() };
    match rename.row {
        RowKey::Task(id) => {
            let patch = TaskPatch { title: Some(text), ..TaskPatch::default() };
            Model::submit(Command::UpdateTask(UpdateTask { id, patch, guard }), "Rename")
        }
        RowKey::Group(Some(id)) => {
            let update = UpdateGroup {
                id,
                name: Some(text),
                description: None,
                role: None,
                if_version: rename.version,
            };
            Model::submit(Command::UpdateGroup(update), "Rename group")
        }
        RowKey::Group(None) | RowKey::More(_) => Vec::new(),
    }
}

pub(super) fn rename_session(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.sessions.selected() else { return Vec::new() };
    let (id, name) = (row.session.id, row.session.name.clone());
    prompt(model, "Rename session", "", &name, Purpose::RenameSession(id))
}

/// A description came back from the editor.
pub fn described(model: &mut Model, task: TaskId, (text, version): (String, i64)) -> Vec<Effect> {
    let patch = TaskPatch { description: Some(text.clone()), ..TaskPatch::default() };
    let guard = Guard { if_version: Some(version), ..Guard::default() };
    let update = Command::UpdateTask(UpdateTask { id: task, patch, guard });
    let effects = Model::submit(update, "Save description");
    model.keep(Unsent::Description { task, text }, &effects);
    effects
}
