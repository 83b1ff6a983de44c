//! Taking tasks, and ending the claims of others.

use callboard_engine::domain::command::{ClaimTask, Command};
use callboard_engine::query::rows::TaskRow;

use super::menu;
use crate::app::{Effect, Model};
use crate::overlay::Choice;
use crate::overlay::menu::Menu;

pub(super) fn claim(model: &mut Model, task: &TaskRow) -> Vec<Effect> {
    let release = Command::ReleaseClaim {
        id: task.id,
        claim: None,
        reason: Some("released by a person".to_owned()),
    };
    match &task.holder {
        Some(holder) if holder.is_agent() => menu(
            model,
            Menu::new("Release")
                .about(format!(
                    "{} works on {}. Its claim ends at once, and it is told.",
                    holder.name(),
                    task.title
                ))
                .keep("leave it as it is")
                .item(
                    'y',
                    format!("release it from {}", holder.name()),
                    Choice::submit(release, "Released".to_owned()),
                ),
        ),
        Some(_) => Model::submit(release, "Released"),
        None => {
            let claim = ClaimTask {
                session_id: task.session_id,
                task: Some(task.id),
                or_next: false,
                role: None,
                group: None,
                minutes: Some(8 * 60),
                paths: Vec::new(),
                hold_only: false,
            };
            Model::submit(Command::ClaimTask(claim), format!("Take {}", task.title))
        }
    }
}

pub(super) fn release_all(model: &mut Model) -> Vec<Effect> {
    let Some(agent) = model.agents.selected().filter(|agent| !agent.holds.is_empty()) else {
        return Vec::new();
    };
    let commands: Vec<Command> = agent
        .holds
        .iter()
        .map(|held| Command::ReleaseClaim {
            id: held.id,
            claim: None,
            reason: Some("released by a person".to_owned()),
        })
        .collect();
    let about =
        format!("{} holds {} tasks. They can then be taken by others.", agent.name, commands.len());
    let choice = Choice::submit(
        Command::Batch { commands, reason: None },
        format!("Released what {} held", agent.name),
    );
    let asked = Menu::new("Release").about(about).keep("leave it as it is").item(
        'y',
        "release them",
        choice,
    );
    menu(model, asked)
}
