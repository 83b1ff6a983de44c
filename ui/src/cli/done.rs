//! `callboard done`: completes tasks, or sets another status.

use callboard_engine::domain::command::{Command, Dependents, Guard, SetStatus};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::task::Status;
use callboard_engine::query::rows::TaskRow;
use callboard_engine::query::{resolve, sessions, tasks};
use clap::Args;
use serde_json::json;

use super::add::minutes;
use super::failure::Failure;
use super::lines;
use super::output::Output;
use super::project::{Scene, submit};
use super::readable::readable;

#[derive(Debug, Args)]
pub(super) struct DoneArguments {
    /// The tasks: ids, beginnings of ids, or titles
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    /// Another status: pending, active, blocked, review, cancelled or failed
    #[arg(long, default_value = "completed")]
    status: Status,
    /// What came of it
    #[arg(long, short = 'm')]
    summary: Option<String>,
    /// Why; kept in the history
    #[arg(long, short)]
    reason: Option<String>,
    /// How long it took: 90m, 2h, 3d
    #[arg(long, value_parser = minutes, value_name = "TIME")]
    actual: Option<u32>,
    /// In spite of what it waits for; needs a reason
    #[arg(long, requires = "reason")]
    force: bool,
    /// When cancelling, what becomes of tasks that wait for it: refuse, release or cascade
    #[arg(long, default_value = "refuse", value_name = "WHAT")]
    dependents: Dependents,
}

pub(super) fn run(
    arguments: &DoneArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let ids = peer.readers.read(|reader| {
        let session = sessions::current(reader)?.map(|session| session.id);
        let find = |text: &String| resolve::task(reader, session, text);
        arguments.tasks.iter().map(find).collect::<Result<Vec<TaskId>, Refusal>>()
    })?;
    let mut commands: Vec<Command> = ids.iter().map(|id| command(arguments, *id)).collect();
    // All or none.
    let command = match commands.pop() {
        Some(only) if commands.is_empty() => only,
        Some(last) => {
            commands.push(last);
            Command::Batch { commands, reason: None }
        }
        None => return Ok(0),
    };
    let outcome = submit(&peer, command)?;
    let rows: Vec<TaskRow> =
        peer.readers.read(|reader| ids.iter().map(|id| tasks::row(reader, *id)).collect())?;
    if output.is_json() {
        return output
            .json(&json!({ "items": readable(&rows), "notes": outcome.notes }))
            .map(|()| 0);
    }
    let now = peer.clock.now();
    for row in &rows {
        let status = lines::status(output, row.status);
        let line = lines::task(output, row, now);
        output.line(&format!("{status}{line}"))?;
    }
    lines::notes(output, &outcome.notes).map(|()| 0)
}

fn command(arguments: &DoneArguments, id: TaskId) -> Command {
    Command::SetStatus(SetStatus {
        id,
        to: arguments.status,
        summary: arguments.summary.clone(),
        reason: arguments.reason.clone(),
        actual_minutes: arguments.actual,
        force: arguments.force,
        dependents: arguments.dependents,
        guard: Guard::default(),
    })
}
