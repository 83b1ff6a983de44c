//! The rules: each command is in one place a function of (lookups, command) to writes or a refusal.
//!
//! Rules do no I/O of their own, read no clock and write nothing; the store applies what they return.

mod artifact;
mod backup;
mod claim;
pub(crate) mod conflict;
mod context;
mod dependency;
mod document;
mod field;
mod forget;
mod gate;
mod group;
mod guard;
mod message;
mod mode;
mod position;
pub(crate) mod read_document;
mod restore;
mod session;
mod session_moves;
mod task_create;
mod task_delete;
mod task_place;
mod task_status;
mod task_update;
mod undo;
mod uproot;
mod verify;

pub(crate) use verify::verify;

use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::command::Command;
use crate::domain::group::TaskGroup;
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::judgement::{Judgement, Message, Write};
use crate::domain::lookups::Lookups;
use crate::domain::mode::ModeFor;
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{Session, SessionMove};
use crate::domain::task::Task;
use crate::domain::time::Timestamp;

/// What a rule judges with: the state, who asks, and what would otherwise be read from outside.
pub(crate) struct Scene<'a> {
    pub lookups: &'a dyn Lookups,
    pub actor: &'a Actor,
    pub now: Timestamp,
    /// Draws a random number; ids are made of it.
    pub random: &'a dyn Fn() -> u64,
    /// The mode that was read for a session which is made, or for the one that is taken up again,
    /// or why there is none.
    pub loaded: Option<&'a Result<ModeFor, Refusal>>,
    /// The process that carries the command out; owns transient states.
    pub owner: &'a str,
}

/// The result of judging.
pub(crate) type Judged = Result<Judgement, Refusal>;

/// Judges one command. A [`Command::Batch`] is judged one by one by the writer, not here.
///
/// # Errors
///
/// The refusal, when a rule forbids the command.
pub(crate) fn judge(scene: &Scene<'_>, command: &Command) -> Judged {
    match command {
        Command::CreateSession(new) => session::create(scene, new),
        Command::UpdateSession(update) => session::update(scene, update),
        Command::BindMode(bind) => mode::bind(scene, bind),
        Command::MoveSession(wanted) => session_moves::whole(scene, wanted),
        Command::BeginMove(wanted) => session_moves::begin(scene, wanted),
        Command::FinishMove { id, failed } => session_moves::finish(scene, *id, failed.as_deref()),
        Command::RecoverSessions { living } => session_moves::recover(scene, living),
        Command::SetContext(set) => context::set(scene, set),
        Command::RemoveContext { session_id, key } => context::remove(scene, *session_id, key),
        Command::CreateGroup(new) => group::create(scene, new),
        Command::UpdateGroup(update) => group::update(scene, update),
        Command::PlaceGroup { id, parent, before } => group::place(scene, *id, *parent, *before),
        Command::DeleteGroup { id, into } => group::delete(scene, *id, *into),
        Command::CreateTasks(create) => task_create::create(scene, create),
        Command::UpdateTask(update) => task_update::update(scene, update),
        Command::SetStatus(set) => task_status::set(scene, set),
        Command::PlaceTask(place) => task_place::place(scene, place),
        Command::DeleteTask { id, dependents } => task_delete::delete(scene, *id, *dependents),
        Command::ClaimTask(wanted) => claim::claim(scene, wanted),
        Command::RenewClaim { id, claim } => claim::renew(scene, *id, *claim),
        Command::ReleaseClaim { id, claim, reason } => {
            claim::release(scene, *id, *claim, reason.as_deref())
        }
        Command::ChangeDependencies { add, remove } => dependency::change(scene, add, remove),
        Command::Expect { record, if_version, fields } => {
            guard::expect(scene, record, *if_version, fields)
        }
        Command::Undo { seq } => undo::undo(scene, *seq),
        Command::Redo => undo::redo(scene),
        Command::FreeClaims => claim::free(scene),
        Command::ForgetChanges { commands } => forget::forget(scene, commands),
        Command::SendMessage { session_id, to, text } => {
            message::send(scene, *session_id, to, text)
        }
        Command::RecordArtifact(wanted) => artifact::record(scene, wanted),
        Command::NoteArtifacts { checks } => artifact::note(scene, checks),
        Command::NoteDocuments { notes } => document::note(scene, notes),
        Command::NoteBackups { notes } => Ok(backup::note(notes)),
        Command::ProposeResolution(wanted) => conflict::propose(scene, wanted),
        Command::RebuildSession(rebuild) => document::rebuild(scene, rebuild),
        Command::RestoreBackup(wanted) => restore::restore(scene, wanted),
        Command::ReadDocument(_) | Command::ResolveConflict(_) => {
            Err(Refusal::new(Code::InvalidValue, "this command is made of others and stands alone"))
        }
        Command::Batch { .. } => {
            Err(Refusal::new(Code::InvalidValue, "a batch cannot hold another batch"))
        }
    }
}

impl Judgement {
    fn new(answer: Answer) -> Self {
        Self {
            writes: Vec::new(),
            answer,
            notes: Vec::new(),
            message: None,
            documents: Vec::new(),
            backups: Vec::new(),
            modes: Vec::new(),
            texts: Vec::new(),
            forgets: Vec::new(),
            checked: Vec::new(),
            undoes: None,
            copies: None,
        }
    }

    fn writing(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    fn writing_all(mut self, writes: impl IntoIterator<Item = Write>) -> Self {
        self.writes.extend(writes);
        self
    }

    fn noting_all(mut self, notes: Vec<String>) -> Self {
        self.notes.extend(notes);
        self
    }

    fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

impl Write {
    /// A new record, at version 1.
    fn create(scene: &Scene<'_>, verb: Verb, record: Record) -> Self {
        let after = Some(record.stamped(1, scene.now));
        Self { verb, before: None, after, reason: None }
    }

    /// A changed record, one version on.
    fn update(scene: &Scene<'_>, verb: Verb, before: Record, after: Record) -> Self {
        let after = Some(after.stamped(before.version() + 1, scene.now));
        Self { verb, before: Some(before), after, reason: None }
    }

    /// A record that goes.
    fn delete(verb: Verb, before: Record) -> Self {
        Self { verb, before: Some(before), after: None, reason: None }
    }

    fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }
}

/// A changed task, one version on, and the write that makes it so.
fn write_task(scene: &Scene<'_>, verb: Verb, before: &Task, after: Task) -> (Task, Write) {
    let (before, after) = (boxed(before.clone()), boxed(after));
    let write = Write::update(scene, verb, before, after);
    let task = match &write.after {
        Some(Record::Task(task)) => (**task).clone(),
        Some(_) | None => unreachable!("a task was put in"),
    };
    (task, write)
}

fn boxed(task: Task) -> Record {
    Record::Task(Box::new(task))
}

impl Scene<'_> {
    /// The mode that was read for this command, if it needs one.
    fn loaded(&self) -> Result<Option<&ModeFor>, Refusal> {
        self.loaded.map(|read| read.as_ref().map_err(Clone::clone)).transpose()
    }

    /// The session, whatever its state.
    fn session(&self, id: SessionId) -> Result<Session, Refusal> {
        self.lookups.session(id)?.ok_or_else(|| unknown("session", id))
    }

    fn task(&self, id: TaskId) -> Result<Task, Refusal> {
        self.lookups.task(id)?.ok_or_else(|| unknown("task", id))
    }

    fn group(&self, id: GroupId) -> Result<TaskGroup, Refusal> {
        self.lookups.group(id)?.ok_or_else(|| unknown("task group", id))
    }

    /// The session, whose plan must be open to change.
    fn planning(&self, id: SessionId) -> Result<Session, Refusal> {
        let session = self.session(id)?;
        plan_is_open(&session)?;
        Ok(session)
    }

    /// The session, which must be at work.
    fn working(&self, id: SessionId) -> Result<Session, Refusal> {
        let session = self.session(id)?;
        if session.state.allows_work() {
            return Ok(session);
        }
        Err(closed(&session, "nothing is claimed, started or finished in it"))
    }

    fn task_id(&self) -> TaskId {
        TaskId::from_random((self.random)())
    }
}

fn id_taken(kind: &str, id: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::NameTaken, format!("{kind} {id} exists already")).with("id", id.to_string())
}

fn unknown(kind: &str, id: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::UnknownId, format!("{kind} {id} does not exist"))
        .with("id", id.to_string())
        .suggest("it may have been deleted; list what there is")
}

/// Refuses where the plan of a session cannot change, for who must ask before the writer does.
pub(crate) fn plan_is_open(session: &Session) -> Result<(), Refusal> {
    if session.state.allows_planning() {
        return Ok(());
    }
    Err(closed(session, "its plan cannot change"))
}

/// Refuses for a session's state and says which move would open it.
fn closed(session: &Session, consequence: &str) -> Refusal {
    let open = SessionMove::open_from(session.state);
    let message =
        format!("session {} ({}) is {}, so {consequence}", session.id, session.name, session.state);
    let refusal = Refusal::new(Code::SessionState, message)
        .with("session", session.id)
        .with("state", session.state)
        .with("open_moves", &open);
    if open.contains(&SessionMove::Resume) {
        refusal.suggest(format!("resume session {} first", session.id))
    } else {
        refusal.suggest("wait until the move that is under way has ended, and try again")
    }
}
