//! Approving work, and sending it back.

use callboard_engine::domain::command::{Command, SetStatus};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::task::Status;
use callboard_engine::query::rows::TaskRow;

use super::unsent::Unsent;
use super::{Effect, Model};
use crate::action::Action;
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};
use crate::overlay::{Choice, Overlay};
use crate::review::Returned;

/// Moves a task; where a gate is closed, what is missing is shown, and forcing offered.
pub fn submit(model: &mut Model, set: SetStatus, what: String) -> Vec<Effect> {
    let effects = Model::submit(Command::SetStatus(set.clone()), what);
    model.keep(Unsent::Move(Box::new(set)), &effects);
    effects
}

/// Approves the task: a person's word completes it.
pub fn approve(model: &mut Model, task: &TaskRow) -> Vec<Effect> {
    let what = format!("Approve {}", task.title);
    submit(model, SetStatus::plain(task.id, Status::Completed), what)
}

/// Asks for the remark with which the task goes back.
pub fn send_back(model: &mut Model, task: &TaskRow) -> Vec<Effect> {
    let Some(returned) = returned(model, task) else { return Vec::new() };
    let hint = match &returned.agent {
        Some(agent) => format!("what is to be done yet; {agent} gets it with its next answer"),
        None => "what is to be done yet; whoever takes the task reads it".to_owned(),
    };
    let title = format!("Send back {}", task.title);
    let purpose = Purpose::SendBack(Box::new(returned));
    model.overlay = Some(Overlay::Prompt(Prompt::new(title, hint, "", purpose)));
    Vec::new()
}

fn returned(model: &Model, task: &TaskRow) -> Option<Returned> {
    let detail = model.board.detail.as_ref().filter(|detail| detail.view.task.id == task.id)?;
    Some(Returned::of(&detail.view.task, &detail.history, model.now))
}

/// What a closed gate leaves to do.
pub fn at_the_gate(set: SetStatus, refusal: &Refusal) -> Menu {
    let why = Prompt::new(
        "Why without what is missing?",
        "the reason is recorded",
        "",
        Purpose::Status(Box::new(SetStatus { force: true, ..set })),
    );
    Menu::new("Not yet")
        .about(format!("{}.", refusal.message))
        .item('f', "all the same, with a reason", Choice::Prompt(Box::new(why)))
        .item('b', "send it back, with a remark", Choice::Act(Action::SendBack))
}

/// Tells whether the task under the cursor waits for a person.
pub fn in_review(model: &Model) -> Result<(), &'static str> {
    match model.board.selected_task() {
        None => Err("no task is under the cursor"),
        Some(task) if task.status == Status::Review => Ok(()),
        Some(_) => Err("the task is not in review"),
    }
}
