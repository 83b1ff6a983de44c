//! Writes the sample project as if people and agents had worked on it for two days.

use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{
    ClaimTask, Command, CreateTasks, Guard, MoveSession, NewGroup, NewSession, NewTask, SetContext,
    SetStatus, TaskRef,
};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::{Answer, Outcome};
use callboard_engine::domain::session::SessionMove;
use callboard_engine::domain::task::Status;
use callboard_engine::domain::time::{DAY_MS, MINUTE_MS};
use callboard_engine::door::Request;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;

use super::luck::Luck;
use super::sample::{Item, Sample, Stretch};
use crate::cli::failure::Failure;

/// How long ago the session that is shown began; long enough for what is done in it.
const SINCE_MINUTES: i64 = 120;

/// Makes the project: a session that is completed, and one that has just begun.
pub(super) fn seed(
    paths: &ProjectPaths,
    sample: &Sample,
    (agents, luck): (&[&str], &mut Luck),
) -> Result<(), Failure> {
    let clock = Clock::fixed(Clock::system().now().plus_ms(-2 * DAY_MS));
    let peer = Peer::open(paths, clock.clone())?;
    let mut seeder = Seeder { peer: &peer, clock: &clock, agents, luck };
    let previous = seeder.write(&sample.previous)?;
    let complete = MoveSession {
        reason: Some("everything that was asked is answered".to_owned()),
        ..MoveSession::plain(previous, SessionMove::Complete)
    };
    seeder.by_human(Command::MoveSession(complete))?;
    let behind = Clock::system().now().since_ms(clock.now());
    clock.advance_ms(behind - SINCE_MINUTES * MINUTE_MS);
    seeder.write(&sample.current)?;
    Ok(())
}

struct Seeder<'a> {
    peer: &'a Peer,
    clock: &'a Clock,
    agents: &'a [&'a str],
    luck: &'a mut Luck,
}

impl Seeder<'_> {
    fn by_human(&self, command: Command) -> Result<Outcome, Failure> {
        self.by(Actor::Human, command)
    }

    fn by(&self, actor: Actor, command: Command) -> Result<Outcome, Failure> {
        Ok(self.peer.door.submit_blocking(Request::new(actor, command))?)
    }

    fn write(&mut self, stretch: &Stretch) -> Result<SessionId, Failure> {
        let session = NewSession {
            name: stretch.name.clone(),
            goal: stretch.goal.clone(),
            ..NewSession::default()
        };
        let Answer::Session(session) = self.by_human(Command::CreateSession(session))?.answer
        else {
            return Err(unknown());
        };
        let mut tasks = Vec::new();
        let mut results: Vec<Option<&str>> = Vec::new();
        for group in &stretch.groups {
            let id = self.group(session.id, &group.name)?;
            for item in &group.tasks {
                plan(item, (id, None), &mut tasks);
                results.push(item.done.as_deref());
                results.extend(item.parts.iter().map(|part| part.done.as_deref()));
            }
        }
        let create = CreateTasks { session_id: session.id, tasks };
        let Answer::Created(created) = self.by_human(Command::CreateTasks(create))?.answer else {
            return Err(unknown());
        };
        for (key, value) in &stretch.context {
            let (key, value) = (key.clone(), value.as_str().into());
            let set = SetContext { session_id: session.id, key, value, if_version: None };
            self.by_human(Command::SetContext(set))?;
        }
        for (task, result) in created.iter().zip(results) {
            if let Some(result) = result {
                self.finish(session.id, (task.id, result))?;
            }
        }
        Ok(session.id)
    }

    fn group(&self, session_id: SessionId, name: &str) -> Result<GroupId, Failure> {
        let group = NewGroup {
            id: None,
            session_id,
            name: name.to_owned(),
            parent: None,
            description: String::new(),
            role: None,
        };
        let Answer::Group(group) = self.by_human(Command::CreateGroup(group))?.answer else {
            return Err(unknown());
        };
        Ok(group.id)
    }

    /// Has one of the agents do a task.
    fn finish(&mut self, session: SessionId, (id, result): (TaskId, &str)) -> Result<(), Failure> {
        let agents: Vec<String> = self.agents.iter().map(|&name| name.to_owned()).collect();
        let agent = Actor::agent(self.luck.pick(&agents));
        let claim = ClaimTask {
            session_id: session,
            task: Some(id),
            or_next: false,
            role: None,
            group: None,
            minutes: None,
            paths: Vec::new(),
            hold_only: false,
        };
        self.by(agent.clone(), Command::ClaimTask(claim))?;
        let minutes = 4 + i64::try_from(self.luck.below(12)).unwrap_or(0);
        self.clock.advance_ms(minutes * MINUTE_MS);
        let done = SetStatus {
            id,
            to: Status::Completed,
            summary: Some(result.to_owned()),
            reason: None,
            actual_minutes: u32::try_from(minutes).ok(),
            force: false,
            dependents: callboard_engine::domain::command::Dependents::Refuse,
            guard: Guard::default(),
        };
        self.by(agent, Command::SetStatus(done)).map(|_| ())
    }
}

fn plan(item: &Item, (group, parent): (GroupId, Option<TaskRef>), tasks: &mut Vec<NewTask>) {
    let local = item.local.clone().unwrap_or_else(|| format!("task {}", tasks.len()));
    tasks.push(NewTask {
        title: item.title.clone(),
        local: Some(local.clone()),
        description: item.description.clone(),
        priority: item.priority,
        role: item.role.clone(),
        group: Some(group),
        parent,
        depends_on: item.after.iter().cloned().map(TaskRef::Local).collect(),
        estimate_minutes: item.estimate,
        tags: item.tags.clone(),
        ..NewTask::default()
    });
    for part in &item.parts {
        plan(part, (group, Some(TaskRef::Local(local.clone()))), tasks);
    }
}

fn unknown() -> Failure {
    Failure::Failed("the sample project answers in an unknown way".to_owned())
}
