//! `callboard approve` and `callboard send-back`: work that was handed in, taken or given back.

use callboard_engine::domain::command::{Command, SetStatus};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::task::{Status, Task};
use callboard_engine::peer::Peer;
use callboard_engine::query::changes::{self, ChangeQuery};
use callboard_engine::query::{resolve, sessions, tasks};
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use super::project::{Scene, submit};
use super::readable::readable;
use super::{lines, person};
use crate::review::Returned;

/// Changes in which it is looked for who handed a task in.
const HISTORY_MAX: usize = 50;

/// Approve work that waits for a person
///
/// Only at a terminal: the shell of an agent has none.
#[derive(Debug, Args)]
pub(super) struct ApproveArguments {
    /// The task: id, beginning of one, or title
    task: String,
    /// In spite of what is missing; needs a reason
    #[arg(long, requires = "reason")]
    force: bool,
    /// Why; kept in the history
    #[arg(long, short)]
    reason: Option<String>,
}

/// Send work back to whoever handed it in
#[derive(Debug, Args)]
pub(super) struct SendBackArguments {
    /// The task: id, beginning of one, or title
    task: String,
    /// What is to be done yet; the agent gets it with its next answer
    #[arg(required = true)]
    remark: Vec<String>,
}

pub(super) fn approve(
    arguments: &ApproveArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let task = in_review(&peer, &arguments.task)?;
    person::required(scene, "approving")?;
    let reason = arguments.reason.clone();
    let force = arguments.force;
    let set = SetStatus { reason, force, ..SetStatus::plain(task.id, Status::Completed) };
    let outcome = submit(&peer, Command::SetStatus(set))?;
    tell(output, (&peer, task.id), &outcome.notes)
}

pub(super) fn send_back(
    arguments: &SendBackArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let task = in_review(&peer, &arguments.task)?;
    let record = Some(task.id.to_string());
    let query = ChangeQuery { record, limit: HISTORY_MAX, ..ChangeQuery::default() };
    let history = peer.readers.read(|reader| changes::list(reader, &query))?;
    let returned = Returned::of(&task, &history, peer.clock.now());
    let outcome = submit(&peer, returned.command(&arguments.remark.join(" ")))?;
    let mut notes = outcome.notes;
    if let Some(agent) = &returned.agent {
        notes.push(format!("{agent} gets the remark with its next answer"));
    }
    tell(output, (&peer, task.id), &notes)
}

/// The task that is meant, if it waits for a person.
fn in_review(peer: &Peer, text: &str) -> Result<Task, Failure> {
    let task = peer.readers.read(|reader| {
        let session = sessions::current(reader)?.map(|session| session.id);
        Ok(tasks::view(reader, resolve::task(reader, session, text)?)?.task)
    })?;
    if task.status == Status::Review {
        return Ok(task);
    }
    let message = format!("task {} ({}) is {}, not in review", task.id, task.title, task.status);
    let refusal = Refusal::new(Code::IllegalMove, message);
    Err(refusal.suggest("`callboard status` names what waits for a person").into())
}

fn tell(output: &mut Output, (peer, id): (&Peer, TaskId), notes: &[String]) -> Result<u8, Failure> {
    let row = peer.readers.read(|reader| tasks::row(reader, id))?;
    if output.is_json() {
        return output.json(&json!({ "task": readable(&row), "notes": notes })).map(|()| 0);
    }
    let status = lines::status(output, row.status);
    let line = lines::task(output, &row, peer.clock.now());
    output.line(&format!("{status}{line}"))?;
    lines::notes(output, notes).map(|()| 0)
}
