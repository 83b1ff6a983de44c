//! A scene: a project in a temporary directory, opened by one or more peers, with a clock that
//! stands still until it is moved.

use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{
    ClaimTask, Command, CreateTasks, Edge, Guard, NewSession, NewTask, SetStatus,
};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::{Answer, Outcome};
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::session::Session;
use callboard_engine::domain::task::{Status, Task};
use callboard_engine::domain::time::Timestamp;
use callboard_engine::door::Request;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query;
use tempfile::TempDir;

/// 2026-11-23T14:00:00Z.
pub(crate) const NOON: Timestamp = Timestamp(1_795_442_400_000);

pub(crate) struct Scene {
    pub directory: TempDir,
    pub peer: Peer,
    pub clock: Clock,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOON);
        let peer = Peer::open(&ProjectPaths::at(directory.path()), clock.clone()).unwrap();
        Self { directory, peer, clock }
    }

    /// A scene with a live session.
    pub(crate) fn live() -> (Self, SessionId) {
        let scene = Self::new();
        let session = scene.session("Work").id;
        (scene, session)
    }

    /// Another process's hold on the same project.
    pub(crate) fn other_peer(&self) -> Peer {
        Peer::open(&ProjectPaths::at(self.directory.path()), self.clock.clone()).unwrap()
    }

    pub(crate) fn submit(&self, actor: &str, command: Command) -> Result<Outcome, Refusal> {
        let Ok(actor) = actor.parse::<Actor>();
        self.peer.door.submit_blocking(Request::new(actor, command))
    }

    /// As [`Self::does`], inside of an async test.
    pub(crate) async fn does_async(&self, command: Command) -> Answer {
        let request = Request::new(Actor::Human, command);
        self.peer.door.submit(request).await.unwrap().answer
    }

    /// The number of the newest change.
    pub(crate) fn latest(&self) -> i64 {
        self.peer.readers.read(query::changes::latest).unwrap()
    }

    pub(crate) fn live_session(&self) -> SessionId {
        self.peer.readers.read(query::sessions::live).unwrap().unwrap().id
    }

    pub(crate) fn does(&self, actor: &str, command: Command) -> Answer {
        self.submit(actor, command).unwrap().answer
    }

    pub(crate) fn refused(&self, actor: &str, command: Command) -> Refusal {
        let before = self.peer.readers.read(query::changes::latest).unwrap();
        let refusal = self.submit(actor, command).unwrap_err();
        assert_eq!(
            self.peer.readers.read(query::changes::latest).unwrap(),
            before,
            "a refused command leaves no trace"
        );
        refusal
    }

    pub(crate) fn refused_code(&self, actor: &str, command: Command) -> Code {
        self.refused(actor, command).code
    }

    pub(crate) fn session(&self, name: &str) -> Session {
        let new = NewSession { name: name.to_owned(), ..NewSession::default() };
        let Answer::Session(session) = self.does("human", Command::CreateSession(new)) else {
            panic!()
        };
        session
    }

    /// A second live session; the one before is suspended.
    pub(crate) fn session_beside(&self, name: &str) -> SessionId {
        let suspend_current = true;
        let new = NewSession { name: name.to_owned(), suspend_current, ..NewSession::default() };
        let Answer::Session(session) = self.does("human", Command::CreateSession(new)) else {
            panic!()
        };
        session.id
    }

    /// Makes tasks from lines such as `api < schema, login` (api waits for schema and login).
    pub(crate) fn tasks(&self, session: SessionId, lines: &[&str]) -> Vec<TaskId> {
        use callboard_engine::domain::command::TaskRef;
        let tasks = lines
            .iter()
            .map(|line| {
                let (name, waits) = line.split_once('<').unwrap_or((line, ""));
                NewTask {
                    title: name.trim().to_owned(),
                    local: Some(name.trim().to_owned()),
                    depends_on: waits
                        .split(',')
                        .map(str::trim)
                        .filter(|word| !word.is_empty())
                        .map(|word| TaskRef::Local(word.to_owned()))
                        .collect(),
                    ..NewTask::default()
                }
            })
            .collect();
        let Answer::Created(created) =
            self.does("human", Command::CreateTasks(CreateTasks { session_id: session, tasks }))
        else {
            panic!()
        };
        created.into_iter().map(|one| one.id).collect()
    }

    pub(crate) fn task(&self, id: TaskId) -> Task {
        self.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task
    }
}

pub(crate) fn claim(session: SessionId, task: Option<TaskId>) -> Command {
    Command::ClaimTask(ClaimTask {
        session_id: session,
        task,
        or_next: false,
        role: None,
        group: None,
        minutes: None,
        paths: Vec::new(),
        hold_only: false,
    })
}

pub(crate) fn status(id: TaskId, to: Status) -> Command {
    Command::SetStatus(set_status(id, to))
}

pub(crate) fn set_status(id: TaskId, to: Status) -> SetStatus {
    SetStatus {
        id,
        to,
        summary: None,
        reason: None,
        actual_minutes: None,
        force: false,
        dependents: callboard_engine::domain::command::Dependents::Refuse,
        guard: Guard::default(),
    }
}

pub(crate) fn waits(task: TaskId, depends_on: TaskId) -> Command {
    Command::ChangeDependencies { add: vec![Edge { task, depends_on }], remove: Vec::new() }
}
