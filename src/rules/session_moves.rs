//! The moves of a session through its seven states, each step from the one table.

mod report;

use serde_json::{Map, Value, json};

use super::{Judged, Judgement, Scene, Write, claim, closed, context, mode};
use crate::domain::change::Verb;
use crate::domain::command::{LastBackup, MoveSession};
use crate::domain::count::by_count;
use crate::domain::id::SessionId;
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{
    CHECKPOINT_KEY, LAST_BACKUP, REPORT_KEY, Session, SessionMove, SessionState, may_become,
};
use crate::domain::task::Status;
use crate::domain::text::{REMARK_MAX, many_lines};

/// Open tasks named in a refusal.
const NAMED_MAX: usize = 10;

/// Carries out a whole move in one transaction, its transient state included.
pub(super) fn whole(scene: &Scene<'_>, wanted: &MoveSession) -> Judged {
    let begun = start(scene, wanted)?;
    let Some(state) = last_state(wanted.to) else { return Ok(begun.judgement) };
    let mut judgement = begun.judgement;
    let mut session = begun.session;
    // What was read before the session was bound to another mode is of no use any more.
    let read = scene
        .loaded()?
        .filter(|read| read.session == Some(session.id) && read.loaded.mode.name == session.mode);
    if let Some(read) = read.filter(|_| wanted.to == SessionMove::Resume) {
        let loaded = mode::taken_up(scene, &session, &read.loaded)?;
        let bound = mode::bound(&session, &loaded);
        if bound != session {
            let (before, after) =
                (Record::Session(session.clone()), Record::Session(bound.clone()));
            let write = Write::update(scene, Verb::ModeBound, before, after);
            judgement = judgement.writing(write.because(Some("the session was taken up again")));
            judgement.modes.push(loaded);
            session = Session { version: session.version + 1, updated_at: scene.now, ..bound };
        }
    }
    let (session, step) = enter(scene, &session, state, wanted.reason.as_deref());
    judgement = judgement.writing(step);
    if state == SessionState::Completed {
        let left = (begun.interrupted.as_slice(), wanted.last_backup);
        judgement = judgement.writing(reported(scene, &session, left)?);
    }
    judgement.answer = Answer::Session(session);
    Ok(judgement)
}

/// Enters the transient state of a move, or carries out a move that has none.
pub(super) fn begin(scene: &Scene<'_>, wanted: &MoveSession) -> Judged {
    start(scene, wanted).map(|begun| begun.judgement)
}

/// Leaves a transient state.
pub(super) fn finish(scene: &Scene<'_>, id: SessionId, failed: Option<&str>) -> Judged {
    let session = scene.session(id)?;
    let to = match (session.state, failed) {
        (SessionState::Initializing | SessionState::Resuming, None)
        | (SessionState::Completing, Some(_)) => SessionState::Active,
        (SessionState::Completing, None) => SessionState::Completed,
        (SessionState::Initializing, Some(_)) => SessionState::Archived,
        (SessionState::Resuming, Some(_)) => SessionState::Suspended,
        (
            SessionState::Active
            | SessionState::Suspended
            | SessionState::Completed
            | SessionState::Archived,
            _,
        ) => {
            return Err(closed(&session, "there is no move to finish"));
        }
    };
    let reason = failed.or(session.reason.as_deref()).map(str::to_owned);
    let from = session.state;
    let (session, step) = enter(scene, &session, to, reason.as_deref());
    let judgement = Judgement::new(Answer::Session(session.clone())).writing(step);
    match (from, to) {
        (SessionState::Initializing, SessionState::Active) => {
            Ok(judgement.writing(first_checkpoint(scene, &session)?))
        }
        (_, SessionState::Completed) => {
            let interrupted = interrupted_by(scene, session.id)?;
            let left = (interrupted.as_slice(), LastBackup::Follows);
            Ok(judgement.writing(reported(scene, &session, left)?))
        }
        (_, _) => Ok(judgement),
    }
}

/// What the latest checkpoint says was interrupted.
fn interrupted_by(scene: &Scene<'_>, id: SessionId) -> Result<Vec<Value>, Refusal> {
    let saved = scene.lookups.context(id, CHECKPOINT_KEY)?;
    let interrupted = saved.as_ref().and_then(|entry| entry.value.get("interrupted"));
    Ok(interrupted.and_then(Value::as_array).cloned().unwrap_or_default())
}

/// Leads sessions out of transient states whose owners are gone.
pub(super) fn recover(scene: &Scene<'_>, living: &[String]) -> Judged {
    let mut judgement = Judgement::new(Answer::Tidied(0));
    let mut recovered = 0;
    for session in scene.lookups.transient_sessions()? {
        if session.owner.as_ref().is_some_and(|owner| living.contains(owner)) {
            continue;
        }
        let (to, reason) = match session.state {
            SessionState::Initializing => {
                (SessionState::Archived, "abandoned: its creation was interrupted")
            }
            SessionState::Resuming => (SessionState::Suspended, "its resuming was interrupted"),
            SessionState::Completing => (SessionState::Active, "its completion was interrupted"),
            SessionState::Active
            | SessionState::Suspended
            | SessionState::Completed
            | SessionState::Archived => {
                continue;
            }
        };
        judgement = judgement.writing(enter(scene, &session, to, Some(reason)).1);
        recovered += 1;
    }
    judgement.answer = Answer::Tidied(recovered);
    Ok(judgement)
}

struct Begun {
    session: Session,
    judgement: Judgement,
    /// The open tasks that somebody held.
    interrupted: Vec<Value>,
}

fn start(scene: &Scene<'_>, wanted: &MoveSession) -> Result<Begun, Refusal> {
    let session = scene.session(wanted.id)?;
    if !wanted.to.is_open_from(session.state) {
        return Err(illegal(&session, wanted.to));
    }
    let reason =
        wanted.reason.as_deref().map(|text| many_lines("reason", text, REMARK_MAX)).transpose()?;
    let mut judgement = Judgement::new(Answer::Done);
    match wanted.to {
        SessionMove::Resume => {
            let room = make_room(scene, Some(session.id), wanted.suspend_current)?;
            judgement = judgement.writing_all(room.writes).noting_all(room.notes);
        }
        SessionMove::Complete if !wanted.allow_open => refuse_open_tasks(scene, &session)?,
        SessionMove::Suspend | SessionMove::Complete | SessionMove::Archive => {}
    }
    let mut interrupted = Vec::new();
    if session.state == SessionState::Active {
        let left = leave_active(scene, &session, reason.as_deref())?;
        judgement = judgement.writing_all(left.writes);
        interrupted = left.interrupted;
    }
    let (session, step) = enter(scene, &session, wanted.to.first_state(), reason.as_deref());
    judgement.answer = Answer::Session(session.clone());
    Ok(Begun { session, judgement: judgement.writing(step), interrupted })
}

/// Suspends the live session where that is wanted, refuses where it is in the way.
pub(super) fn make_room(
    scene: &Scene<'_>,
    coming: Option<SessionId>,
    suspend: bool,
) -> Result<Judgement, Refusal> {
    let judgement = Judgement::new(Answer::Done);
    let Some(live) = scene.lookups.live_session()?.filter(|live| Some(live.id) != coming) else {
        return Ok(judgement);
    };
    if !suspend {
        let message = format!(
            "session {} ({}) is live, and a project has one live session",
            live.id, live.name
        );
        return Err(Refusal::new(Code::SessionLive, message)
            .with("session", live.id)
            .with("name", &live.name)
            .with("state", live.state)
            .suggest("work in it, or repeat the call with suspend_current: true"));
    }
    if live.state != SessionState::Active {
        return Err(closed(&live, "it cannot be suspended now"));
    }
    let why = "another session took its place";
    let writes = leave_active(scene, &live, Some(why))?.writes;
    let (_, step) = enter(scene, &live, SessionState::Suspended, Some(why));
    let note = format!("session {} ({}) was suspended", live.id, live.name);
    Ok(judgement.writing_all(writes).writing(step).noting(note))
}

/// One step to another state, which the table must allow.
pub(super) fn enter(
    scene: &Scene<'_>,
    before: &Session,
    to: SessionState,
    reason: Option<&str>,
) -> (Session, Write) {
    debug_assert!(may_become(Some(before.state), to), "{} may not become {to}", before.state);
    let after = Session {
        state: to,
        reason: reason.map(str::to_owned),
        owner: to.is_transient().then(|| scene.owner.to_owned()),
        state_since: scene.now,
        updated_at: scene.now,
        version: before.version + 1,
        ..before.clone()
    };
    let write = Write::update(
        scene,
        Verb::SessionMoved,
        Record::Session(before.clone()),
        Record::Session(after.clone()),
    );
    (after, write.because(reason))
}

fn last_state(wanted: SessionMove) -> Option<SessionState> {
    match wanted {
        SessionMove::Resume => Some(SessionState::Active),
        SessionMove::Complete => Some(SessionState::Completed),
        SessionMove::Suspend | SessionMove::Archive => None,
    }
}

/// The hook on entering `active` for the first time: a checkpoint, as there is one ever after.
pub(super) fn first_checkpoint(scene: &Scene<'_>, session: &Session) -> Result<Write, Refusal> {
    let value = report::checkpoint(scene, session, (&counts(scene, session.id)?, &[]), None)?;
    context::write(scene, session.id, CHECKPOINT_KEY, value)
}

/// What leaving `active` comes to.
struct Left {
    writes: Vec<Write>,
    interrupted: Vec<Value>,
}

/// The hook on leaving `active`: a checkpoint is saved, claims are let go.
fn leave_active(
    scene: &Scene<'_>,
    session: &Session,
    reason: Option<&str>,
) -> Result<Left, Refusal> {
    let held = scene.lookups.held_tasks(session.id)?;
    let interrupted: Vec<Value> = held
        .iter()
        .filter(|task| task.status.is_open())
        .map(|task| json!({ "task": task.id, "title": task.title, "status": task.status, "holder": task.claim.as_ref().map(|claim| &claim.holder) }))
        .collect();
    let standing = (&counts(scene, session.id)?, interrupted.as_slice());
    let value = report::checkpoint(scene, session, standing, reason)?;
    let mut writes: Vec<Write> =
        held.iter().map(|task| claim::let_go(scene, task, Status::Active, None)).collect();
    writes.push(context::write(scene, session.id, CHECKPOINT_KEY, value)?);
    Ok(Left { writes, interrupted })
}

/// The hook on entering `completed`: what came of the session.
fn reported(
    scene: &Scene<'_>,
    session: &Session,
    (interrupted, last_backup): (&[Value], LastBackup),
) -> Result<Write, Refusal> {
    let standing = (&counts(scene, session.id)?, interrupted);
    let mut value = report::of(scene, session, standing)?;
    if last_backup == LastBackup::LeftOut {
        // Whoever looks which backups are missing reads it here.
        value.insert(LAST_BACKUP.to_owned(), json!(last_backup));
    }
    context::write(scene, session.id, REPORT_KEY, Value::Object(value))
}

fn counts(scene: &Scene<'_>, id: SessionId) -> Result<Map<String, Value>, Refusal> {
    let counts = scene.lookups.counts(id)?.into_iter();
    Ok(counts.map(|(status, count)| (status.to_string(), json!(count))).collect())
}

fn refuse_open_tasks(scene: &Scene<'_>, session: &Session) -> Result<(), Refusal> {
    let (count, first) = scene.lookups.open_tasks(session.id, NAMED_MAX)?;
    if count == 0 {
        return Ok(());
    }
    let named: Vec<_> = first
        .iter()
        .map(|task| json!({ "id": task.id, "title": task.title, "status": task.status }))
        .collect();
    let noun = by_count(count, "task is", "tasks are");
    Err(Refusal::new(
        Code::OpenTasks,
        format!("{count} {noun} still open in session {}", session.id),
    )
    .with("open", count)
    .with("tasks", named)
    .suggest("complete or cancel them, or repeat the call and allow open tasks"))
}

fn illegal(session: &Session, wanted: SessionMove) -> Refusal {
    let open = SessionMove::open_from(session.state);
    let words: Vec<&str> = open.iter().map(|one| one.as_str()).collect();
    let advice = match words.as_slice() {
        [] => "wait until the move that is under way has ended".to_owned(),
        words => format!("open from here: {}", words.join(", ")),
    };
    let message = format!("session {} is {} and cannot {wanted}", session.id, session.state);
    Refusal::new(Code::IllegalMove, message)
        .with("state", session.state)
        .with("open_moves", &open)
        .suggest(advice)
}
