//! Which session and which task a call of the first generation is about.

use crate::domain::actor::Actor;
use crate::domain::command::{Command, MoveSession, NewSession};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{SessionMove, SessionState};
use crate::domain::task::Status;
use crate::mcp::server::Caller;
use crate::peer::random;
use crate::query::resolve;
use crate::query::sessions::{self, SessionFilter, SessionOrder};
use crate::query::tasks::{self, TaskQuery};
use crate::store::Reader;

/// The session that calls of the first generation open, which know no sessions.
const SESSION_NAME: &str = "Legacy Task Session";
/// How the name that a plan gives a subtask is kept: as a tag.
const NAME_TAG: &str = "id:";
/// Longest name of a subtask that can be kept.
const NAME_MAX: usize = 60;

/// The session to work in, and the command that makes it live, if it is not.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) session: SessionId,
    pub(super) command: Option<Command>,
}

/// The live session; else the suspended one worked on last; else a new one.
pub(super) fn opening(reader: &Reader, caller: &Caller) -> Result<Opening, Refusal> {
    let key = caller.call.as_ref().map(|call| call.key.as_str());
    let fresh = fresh(caller);
    match sessions::live(reader)? {
        // A repeated call that opened the session is sent as it was, so that it is known again.
        Some(live) if key.is_some() && live.id == fresh => Ok(create(fresh)),
        Some(live) => Ok(Opening { session: live.id, command: None }),
        None => match suspended(reader)? {
            Some(session) => Ok(resume(session)),
            None => Ok(create(fresh)),
        },
    }
}

/// A new session, whatever else there is.
pub(super) fn beginning(caller: &Caller) -> Opening {
    create(fresh(caller))
}

/// Tells whether a session was to be taken up and cannot be restored.
pub(super) fn is_not_restored(refusal: &Refusal) -> bool {
    refusal.details.get("restored") == Some(&false.into())
}

/// The id of a session that a call opens: the same for a repeat of the call.
fn fresh(caller: &Caller) -> SessionId {
    let key = caller.call.as_ref().map(|call| call.key.as_str());
    SessionId::from_random(key.map_or_else(random, |key| mark(&caller.actor, key)))
}

fn create(session: SessionId) -> Opening {
    let new =
        NewSession { id: Some(session), name: SESSION_NAME.to_owned(), ..NewSession::default() };
    Opening { session, command: Some(Command::CreateSession(new)) }
}

fn resume(session: SessionId) -> Opening {
    let command = Command::MoveSession(MoveSession::plain(session, SessionMove::Resume));
    Opening { session, command: Some(command) }
}

fn suspended(reader: &Reader) -> Result<Option<SessionId>, Refusal> {
    let filter = SessionFilter {
        states: vec![SessionState::Suspended],
        order: SessionOrder::Activity,
        limit: 1,
        cursor: None,
    };
    let page = sessions::list(reader, &filter)?;
    Ok(page.items.first().map(|row| row.session.id))
}

/// A number that is the same for the same caller and key: a 64-bit FNV-1a hash.
fn mark(actor: &Actor, key: &str) -> u64 {
    format!("{actor}\n{key}").bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The tag that keeps the name which a plan gave a subtask, where a tag can.
pub(super) fn name_tag(name: &str) -> Option<String> {
    let plain = name.chars().all(|one| !one.is_whitespace() && !one.is_control() && one != ',');
    (plain && !name.is_empty() && name.chars().count() <= NAME_MAX)
        .then(|| format!("{NAME_TAG}{name}"))
}

/// A task by id, prefix or title, or by the name that the newest plan gave it.
pub(super) fn task(reader: &Reader, text: &str) -> Result<TaskId, Refusal> {
    let session = sessions::current(reader)?.map(|session| session.id);
    let refusal = match resolve::task(reader, session, text) {
        Ok(id) => return Ok(id),
        Err(refusal) => refusal,
    };
    if let (Code::UnknownId, Some(session), Some(tag)) =
        (refusal.code, session, name_tag(text.trim()))
    {
        let mut query = TaskQuery { tag: Some(tag), limit: 1, ..TaskQuery::new(session) };
        let any = tasks::list(reader, &query)?;
        query.status = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
        let open = tasks::list(reader, &query)?;
        if let Some(found) = open.items.first().or_else(|| any.items.first()) {
            return Ok(found.id);
        }
    }
    let taught = refusal.code != Code::UnknownId || refusal.details.contains_key("closest");
    if taught {
        return Err(refusal);
    }
    Err(refusal.suggest("orchestrator_get_status lists the tasks there are, with their ids"))
}
