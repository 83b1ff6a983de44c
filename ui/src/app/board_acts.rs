//! What is done on the board: each action to a command, or to the question before it.

mod claims;
mod folding;
mod links;
mod places;
mod status;
mod writing;

use callboard_engine::domain::id::GroupId;
use callboard_engine::query::rows::TaskRow;

use super::board::RowKey;
use super::{
    Effect, Model, Pane, View, act, backups, conflict_acts, edits, group_acts, metrics, modes,
    needs, review, search,
};
use crate::action::Action;
use crate::overlay::Overlay;
use crate::overlay::form::Form;
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};
use claims::{claim, release_all};
use folding::{fold, open};
use links::depends;
use places::{delete, destinations, swap};
use status::{next_status, priority_menu, status_menu};
use writing::{add_task, rename, rename_session};
pub use writing::{described, renaming_key};

/// Does an action of the board, or the part of a list's action that another view has.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Open && model.focus == Pane::Needs {
        return needs::enter(model);
    }
    match (model.view, action) {
        (View::Sessions, _) if model.edits().is_some() => edits::act(model, action),
        (View::Sessions, Action::Rename) => rename_session(model),
        (View::Sessions, Action::CopyId) => model
            .sessions
            .selected()
            .map(|row| copy(row.session.id.to_string()))
            .into_iter()
            .collect(),
        (View::Agents, Action::Claim) => release_all(model),
        (View::Agents, Action::Open) => {
            model.feed.only = model
                .agents
                .selected()
                .map(|row| row.name.clone())
                .filter(|name| model.feed.only.as_ref() != Some(name));
            model.feed.follow();
            Vec::new()
        }
        (View::Sessions, Action::Open) if model.focus == Pane::Documents => {
            act::act(model, Action::OpenDocument)
        }
        (View::Modes, _) => modes::act(model, action),
        (View::Conflicts, _) => conflict_acts::act(model, action),
        (View::Artifacts | View::Backups | View::Sessions, Action::Open) => {
            model.focus = Pane::Details;
            Vec::new()
        }
        (View::Backups, _) => backups::act(model, action),
        (View::Search, Action::Open) => search::open(model),
        (View::Metrics, Action::Open) => metrics::act(model, action),
        (View::Artifacts | View::Metrics | View::Search | View::Sessions | View::Agents, _) => {
            Vec::new()
        }
        (View::Board, _) => on_board(model, action),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others are about the task under the cursor"
)]
fn on_board(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::AddTask => add_task(model, None),
        Action::AddChild if group_acts::under_cursor(model).is_some() => {
            group_acts::add(model, true)
        }
        Action::AddChild => {
            let parent = model.board.selected_task().map(|task| task.id);
            add_task(model, parent)
        }
        Action::AddGroup => group_acts::add(model, false),
        Action::Rename => rename(model),
        Action::Open => open(model),
        Action::Expand => fold(model, false),
        Action::Collapse => fold(model, true),
        Action::Delete => delete(model),
        Action::NextMatch => act::step(model, 1),
        Action::PreviousMatch => act::step(model, -1),
        Action::HideDone => {
            model.board.hide_done = !model.board.hide_done;
            vec![model.reload()]
        }
        Action::CopyId => match model.board.cursor {
            Some(RowKey::Task(id)) => vec![copy(id.to_string())],
            Some(RowKey::Group(Some(id))) => vec![copy(id.to_string())],
            Some(RowKey::Group(None) | RowKey::More(_)) | None => Vec::new(),
        },
        Action::CopyText => model
            .board
            .detail
            .as_ref()
            .map(|detail| {
                let task = &detail.view.task;
                Effect::Copy {
                    text: format!("# {}\n\n{}\n", task.title, task.description),
                    what: "the task".to_owned(),
                }
            })
            .into_iter()
            .collect(),
        Action::EditFields => {
            if let Some(detail) = &model.board.detail {
                model.overlay = Some(Overlay::Form(Box::new(Form::of(&detail.view.task))));
            }
            Vec::new()
        }
        Action::EditText => model
            .board
            .detail
            .as_ref()
            .map(|detail| Effect::EditText {
                task: detail.view.task.id,
                text: detail.view.task.description.clone(),
                version: detail.view.task.version,
            })
            .into_iter()
            .collect(),
        _ => {
            if let Some(id) = group_acts::under_cursor(model) {
                return on_group(model, action, id);
            }
            let task = model.board.selected_task().cloned();
            task.map(|task| on_task(model, action, &task)).unwrap_or_default()
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are about tasks")]
fn on_group(model: &mut Model, action: Action, id: GroupId) -> Vec<Effect> {
    match action {
        Action::MoveTo => group_acts::move_to(model, id),
        Action::MoveDown => group_acts::swap(model, id, 1),
        Action::MoveUp => group_acts::swap(model, id, -1),
        _ => Vec::new(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are handled before")]
fn on_task(model: &mut Model, action: Action, task: &TaskRow) -> Vec<Effect> {
    match action {
        Action::Status => next_status(model, task),
        Action::Approve => review::approve(model, task),
        Action::SendBack => review::send_back(model, task),
        Action::StatusMenu => menu(model, status_menu(task)),
        Action::Priority => menu(model, priority_menu(task)),
        Action::Role => {
            let role = task.role.clone().unwrap_or_default();
            prompt(
                model,
                "Role",
                "architect, implementer, tester, … (empty clears)",
                &role,
                Purpose::Role(task.id),
            )
        }
        Action::Claim => claim(model, task),
        Action::Depends => {
            model.overlay = Some(Overlay::Finder(depends(model, task)));
            Vec::new()
        }
        Action::MoveTo => {
            model.overlay = Some(Overlay::Finder(destinations(model, task)));
            Vec::new()
        }
        Action::MoveDown => swap(model, task.id, 1),
        Action::MoveUp => swap(model, task.id, -1),
        _ => Vec::new(),
    }
}

fn menu(model: &mut Model, menu: Menu) -> Vec<Effect> {
    model.overlay = Some(Overlay::Menu(menu.ready()));
    Vec::new()
}

fn prompt(model: &mut Model, title: &str, hint: &str, text: &str, purpose: Purpose) -> Vec<Effect> {
    model.overlay = Some(Overlay::Prompt(Prompt::new(title, hint, text, purpose)));
    Vec::new()
}

fn copy(text: String) -> Effect {
    Effect::Copy { what: text.clone(), text }
}
