//! Approvals: work that was handed in, taken or sent back by a person.

use callboard_engine::domain::change::Change;
use callboard_engine::domain::command::{Command, SetStatus};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::task::{Status, Task};
use callboard_engine::domain::time::Timestamp;

/// Work that goes back to whoever did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub task: TaskId,
    pub title: String,
    session: SessionId,
    /// `active` where somebody still holds it, else `pending`, so that it is offered again.
    pub to: Status,
    /// Who handed it in, and is told.
    pub agent: Option<String>,
}

impl Returned {
    /// A task in review and its history, the newest first.
    pub fn of(task: &Task, history: &[Change], now: Timestamp) -> Self {
        let holder = task.claim.as_ref().filter(|claim| !claim.is_stale(now));
        let to = if holder.is_some() { Status::Active } else { Status::Pending };
        let handed_in = handed_in_by(history).map(str::to_owned);
        let agent = handed_in.or_else(|| task.assignee.clone());
        Self { task: task.id, title: task.title.clone(), session: task.session_id, to, agent }
    }

    /// The command that sends it back, and tells the agent.
    pub fn command(&self, remark: &str) -> Command {
        let back = Command::SetStatus(SetStatus {
            reason: Some(remark.to_owned()),
            ..SetStatus::plain(self.task, self.to)
        });
        let Some(agent) = &self.agent else { return back };
        let text = format!("{} ({}) was looked at and sent back: {remark}", self.task, self.title);
        let session_id = self.session;
        let told = Command::SendMessage { session_id, to: agent.clone(), text };
        Command::Batch { commands: vec![back, told], reason: Some(remark.to_owned()) }
    }
}

/// The agent that put a task into review last.
fn handed_in_by(history: &[Change]) -> Option<&str> {
    let is_handing_in = |change: &&Change| {
        let after = change.after.as_ref();
        let status = after.and_then(|fields| fields.get("status")?.as_str());
        status == Some(Status::Review.as_str())
    };
    let change = history.iter().find(is_handing_in)?;
    change.actor.is_agent().then(|| change.actor.name())
}
