//! The status and the priority of a task, each from a menu that says why an item is closed.

use callboard_engine::domain::command::{
    Command, Dependents, Guard, SetStatus, TaskPatch, UpdateTask,
};
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::query::rows::TaskRow;

use super::menu;
use crate::action::Action;
use crate::app::{Effect, Model, review};
use crate::overlay::Choice;
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};

fn status_choice(task: &TaskRow, to: Status) -> Choice {
    Choice::submit(
        Command::SetStatus(SetStatus::plain(task.id, to)),
        format!("{} → {to}", task.title),
    )
}

pub(super) fn next_status(model: &mut Model, task: &TaskRow) -> Vec<Effect> {
    let to = match task.status {
        Status::Pending if 0 < task.unmet => return menu(model, status_menu(task)),
        Status::Pending | Status::Blocked => Status::Active,
        Status::Active | Status::Review => Status::Completed,
        Status::Completed | Status::Cancelled | Status::Failed => Status::Pending,
    };
    if task.status == Status::Review {
        return review::approve(model, task);
    }
    review::submit(model, SetStatus::plain(task.id, to), format!("{} → {to}", task.title))
}

pub(super) fn status_menu(task: &TaskRow) -> Menu {
    let mut menu = Menu::new("Status").about(format!("{} is {}.", task.title, task.status));
    let in_review = task.status == Status::Review;
    let items = [
        ('s', Status::Active, if in_review { "send back to work, with a remark" } else { "start" }),
        ('c', Status::Completed, if in_review { "approve" } else { "complete" }),
        ('r', Status::Review, "hand over for review"),
        ('b', Status::Blocked, "block, with a reason"),
        ('x', Status::Cancelled, "cancel"),
        ('f', Status::Failed, "fail, with a reason"),
        ('o', Status::Pending, "back to pending"),
    ];
    for (key, to, label) in items {
        let closed = (!task.status.may_become(to)).then(|| format!("not from {}", task.status));
        let waits =
            matches!(to, Status::Active | Status::Completed) && 0 < task.unmet && closed.is_none();
        let choice = if waits {
            force_choice(task, to)
        } else if to == Status::Cancelled {
            cancel_choice(task)
        } else if in_review && to == Status::Active {
            Choice::Act(Action::SendBack)
        } else if matches!(to, Status::Blocked | Status::Failed) {
            let purpose = Purpose::Status(Box::new(SetStatus::plain(task.id, to)));
            Choice::Prompt(Box::new(Prompt::new(label, "why; agents read it", "", purpose)))
        } else {
            status_choice(task, to)
        };
        let label = if waits {
            format!("{label} in spite of {} unmet dependencies", task.unmet)
        } else {
            label.to_owned()
        };
        menu = menu.item_if(key, label, closed, choice);
    }
    menu
}

fn force_choice(task: &TaskRow, to: Status) -> Choice {
    let purpose =
        Purpose::Status(Box::new(SetStatus { force: true, ..SetStatus::plain(task.id, to) }));
    Choice::Prompt(Box::new(Prompt::new(
        "Why in spite of dependencies?",
        "the reason is recorded",
        "",
        purpose,
    )))
}

fn cancel_choice(task: &TaskRow) -> Choice {
    let with = |dependents| {
        Choice::submit(
            Command::SetStatus(SetStatus {
                dependents,
                ..SetStatus::plain(task.id, Status::Cancelled)
            }),
            format!("Cancel {}", task.title),
        )
    };
    Choice::Menu(Box::new(
        Menu::new("Cancel")
            .about(format!(
                "{}. Open tasks below it are cancelled too. What of tasks that wait for it?",
                task.title
            ))
            .item('n', "cancel only if none waits", with(Dependents::Refuse))
            .item('r', "they no longer wait for it", with(Dependents::Release))
            .item('a', "they are cancelled too", with(Dependents::Cascade)),
    ))
}

pub(super) fn priority_menu(task: &TaskRow) -> Menu {
    let keys = ['c', 'h', 'n', 'l', 's'];
    let mut menu = Menu::new("Priority").about(task.title.clone());
    for (key, priority) in keys.into_iter().zip(Priority::ALL) {
        let closed = (task.priority == *priority).then(|| "as it is".to_owned());
        let patch = TaskPatch { priority: Some(*priority), ..TaskPatch::default() };
        let command =
            Command::UpdateTask(UpdateTask { id: task.id, patch, guard: Guard::default() });
        menu = menu.item_if(
            key,
            priority.as_str(),
            closed,
            Choice::submit(command, format!("Priority {priority}")),
        );
    }
    menu
}
