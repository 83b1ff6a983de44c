//! Moving a session from state to state, and what is handed over on the way.

use serde_json::{Value, json};

use super::status::need;
use super::wire;
use crate::domain::command::{Command, LastBackup, MoveSession};
use crate::domain::id::SessionId;
use crate::domain::lookups::ReadyFilter;
use crate::domain::outcome::Answer as Made;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{CHECKPOINT_KEY, SessionMove};
use crate::domain::time::Timestamp;
use crate::mcp::answer::{Answer, unexpected};
use crate::mcp::mode;
use crate::mcp::params::given;
use crate::mcp::server::{CallboardServer, Caller, session_of};
use crate::query::{needs, sessions, tasks};
use crate::store::Reader;

/// Ready tasks named when a session is resumed.
const READY_MAX: usize = 5;
/// Tasks that were interrupted, and things that wait for a person, that are named then.
const OPEN_MAX: usize = 5;

/// A move that is wanted.
pub(super) struct Wanted {
    /// Id or name; a default that fits the move when absent.
    pub(super) session: Option<String>,
    pub(super) to: SessionMove,
    pub(super) reason: Option<String>,
    pub(super) suspend_current: bool,
    pub(super) allow_open: bool,
    pub(super) last_backup: LastBackup,
}

impl Wanted {
    /// A move with no words to it.
    pub(super) fn plain(session: Option<String>, to: SessionMove) -> Self {
        Self {
            session,
            to,
            reason: None,
            suspend_current: false,
            allow_open: false,
            last_backup: LastBackup::Follows,
        }
    }
}

/// A move that was made, on its way into an answer.
pub(super) struct Moved {
    pub(super) session: SessionId,
    pub(super) answer: Value,
    pub(super) notes: Vec<String>,
}

/// What is said to a caller that wants a session in a state in which none rests.
const IS_LIVE: &str = "the session is live now; orchestrator_session_suspend lays it aside";

/// Says so where a call asks for a session that is not made live.
pub(super) fn is_live(wanted: Option<bool>) -> Option<String> {
    (wanted == Some(false)).then(|| IS_LIVE.to_owned())
}

impl Moved {
    pub(super) fn reply(self) -> Answer {
        Answer::data(&self.answer)
            .noting(self.notes)
            .rest("orchestrator_context {\"detail\": \"full\"}")
    }
}

impl CallboardServer {
    /// Makes a move.
    pub(super) async fn moved(&self, caller: &Caller, wanted: Wanted) -> Result<Moved, Refusal> {
        let id = self.read(|reader| moving(reader, &wanted))?;
        let command = Command::MoveSession(MoveSession {
            reason: given(wanted.reason.as_deref()).map(str::to_owned),
            suspend_current: wanted.suspend_current,
            allow_open: wanted.allow_open,
            last_backup: wanted.last_backup,
            ..MoveSession::plain(id, wanted.to)
        });
        let outcome = self.submit(caller, command).await?;
        let Made::Session(session) = outcome.answer else { return Err(unexpected()) };
        let resumed = wanted.to == SessionMove::Resume;
        let answer = self.read(|reader| {
            let row = sessions::row(reader, session.id)?;
            let left = resumed.then(|| handed_over(reader, session.id)).transpose()?;
            let filter = ReadyFilter::default();
            let ready = resumed.then(|| tasks::next(reader, session.id, &filter, READY_MAX));
            let ready = ready.transpose()?;
            let mode = resumed.then(|| mode::brief(reader, &row.session)).transpose()?;
            let now = self.peer.clock.now();
            let open = resumed.then(|| left_open(reader, session.id, now)).transpose()?;
            let (interrupted, needs) = open.unwrap_or_default();
            Ok(json!({
                "project": self.peer.paths.root,
                "session": wire::session_full(&row),
                "mode": mode,
                "context": left,
                "interrupted_tasks": interrupted,
                "needs_a_person": needs,
                "next_ready": ready.map(|rows| rows.iter().map(wire::task_line).collect::<Vec<_>>()),
            }))
        })?;
        Ok(Moved { session: session.id, answer, notes: outcome.notes })
    }
}

/// The session to be moved: the one named, else the one that the move can only mean.
pub(super) fn moving(reader: &Reader, wanted: &Wanted) -> Result<SessionId, Refusal> {
    let named = given(wanted.session.as_deref());
    if named.is_some() || wanted.to != SessionMove::Resume {
        return session_of(reader, named);
    }
    match sessions::current(reader)? {
        Some(session) => Ok(session.id),
        None => Err(Refusal::new(Code::NoSession, "this project has no session yet")
            .suggest("start one with orchestrator_session_create")),
    }
}

/// The tasks that were interrupted when a session was laid aside, and what waits for a person in it,
/// conflicts among it; nothing where there is none.
pub(in crate::mcp) fn left_open(
    reader: &Reader,
    id: SessionId,
    now: Timestamp,
) -> Result<(Option<Value>, Option<Value>), Refusal> {
    let checkpoint = sessions::context_entry(reader, id, CHECKPOINT_KEY)?;
    let interrupted = checkpoint.as_ref().and_then(|entry| entry.value.get("interrupted"));
    let tasks = interrupted.and_then(Value::as_array).filter(|tasks| !tasks.is_empty());
    let interrupted = tasks.map(|tasks| tasks.iter().take(OPEN_MAX).cloned().collect());
    let needs = needs::list(reader, id, now, OPEN_MAX)?;
    let needs = (!needs.is_empty()).then(|| needs.iter().map(need).collect());
    Ok((interrupted, needs))
}

/// Everything that was left for whoever continues, long values cut.
fn handed_over(reader: &Reader, id: SessionId) -> Result<Value, Refusal> {
    Ok(sessions::context(reader, id)?.iter().map(wire::context_brief).collect())
}
