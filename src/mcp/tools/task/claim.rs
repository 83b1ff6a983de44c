//! Taking hold of a task, keeping it, letting go.

use serde_json::{Map, Value, json};

use super::get::rest;
use super::{Claim, Hold, task_of, wire, wrote};
use crate::domain::command::{ClaimTask, Command};
use crate::domain::outcome::Answer as Made;
use crate::domain::refusal::Refusal;
use crate::mcp::answer::{Reply, unexpected};
use crate::mcp::mode::{self, RoleText};
use crate::mcp::params::{Detail, Minutes, given, missing};
use crate::mcp::server::{CallboardServer, Caller, session_of};
use crate::query::{agents, resolve, tasks};
use crate::store::Reader;

impl CallboardServer {
    pub(super) async fn take_task(&self, caller: &Caller, input: Claim) -> Reply {
        let command = self.read(|reader| taking(reader, input))?;
        let outcome = self.submit(caller, command).await?;
        let Made::Claimed(claimed) = &outcome.answer else { return Err(unexpected()) };
        let now = self.peer.clock.now();
        let (view, answer) = self.read(|reader| {
            let view = tasks::view(reader, claimed.id)?;
            let mut answer = Map::new();
            let task = wire::full(reader, &view, (Detail::Brief, now))?;
            wire::add(&mut answer, "task", Some(Value::Object(task)));
            let role = mode::role_of(reader, &view.task, RoleText::Brief)?;
            wire::add(&mut answer, "as_role", role);
            wire::add(&mut answer, "to_complete", mode::to_complete(reader, &view.task)?);
            wire::add(&mut answer, "claim", wire::claim(claimed, now));
            Ok((view, answer))
        })?;
        let cut = wire::cut(&view, Detail::Brief);
        Ok(wrote(&answer, outcome).cutting(cut).rest(rest(&view.task, Detail::Brief)))
    }

    pub(super) async fn keep_or_release(&self, caller: &Caller, input: Claim) -> Reply {
        let now = self.peer.clock.now();
        let held = self.read(|reader| agents::held_by(reader, &caller.actor, now))?;
        let id = match (given(input.task_id.as_deref()), held.as_slice()) {
            (Some(text), _) => self.read(|reader| task_of(reader, text))?,
            (None, [only]) => only.id,
            (None, []) => return Err(missing("task_id", "you hold no task")),
            (None, _) => {
                let ids: Vec<String> = held.iter().map(|held| held.id.to_string()).collect();
                return Err(missing("task_id", "you hold several tasks").with("you_hold", ids));
            }
        };
        let claim = input.number;
        let command = match input.action.unwrap_or_default() {
            Hold::Renew => Command::RenewClaim { id, claim },
            Hold::Release | Hold::Take => {
                let reason = given(input.reason.as_deref()).map(str::to_owned);
                Command::ReleaseClaim { id, claim, reason }
            }
        };
        let outcome = self.submit(caller, command).await?;
        let task = self.read(|reader| tasks::view(reader, id))?.task;
        let answer: Value = wire::written(&task, now);
        Ok(wrote(&json!({ "task": answer }), outcome))
    }
}

fn taking(reader: &Reader, input: Claim) -> Result<Command, Refusal> {
    let session = session_of(reader, input.session_id.as_deref())?;
    let task = given(input.task_id.as_deref());
    let group = given(input.group.as_deref());
    Ok(Command::ClaimTask(ClaimTask {
        session_id: session,
        task: task.map(|text| resolve::task(reader, Some(session), text)).transpose()?,
        or_next: input.or_next.unwrap_or(false),
        role: given(input.role.as_deref()).map(str::to_owned),
        group: group.map(|text| resolve::group(reader, session, text)).transpose()?,
        minutes: input.minutes.map(|Minutes(minutes)| minutes),
        paths: input.paths.unwrap_or_default(),
        hold_only: input.hold_only.unwrap_or(false),
    }))
}
