//! What becomes of moves of sessions that fail: each stands in the log of errors, and a session that
//! cannot be restored ends as suspended, with the reason.

use tokio::time::timeout;

use super::{Door, Request, TURN_WAIT};
use crate::binding::NotRestored;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, MoveSession};
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{SessionMove, SessionState};
use crate::store::measure::{Failure, Measure};

/// Characters of why a session was not restored, as its history keeps it.
const WHY_MAX: usize = 400;
/// What a refusal names the state by that it has led a session to.
pub(super) const LED: &str = "moved_to";

/// Tells whether a command moves a session, or makes one.
pub(super) fn concerns(command: &Command) -> bool {
    if let Command::Batch { commands, .. } = command {
        return commands.iter().any(concerns);
    }
    matches!(
        command,
        Command::CreateSession(_)
            | Command::MoveSession(_)
            | Command::BeginMove(_)
            | Command::FinishMove { .. }
            | Command::RecoverSessions { .. }
    )
}

impl Door {
    /// Notes a move that failed; returns when that is kept, so that a process that ends now leaves it
    /// behind. Of an agent's call its server does so.
    pub(super) async fn log_failed_move(&self, actor: Actor, refusal: &Refusal) {
        if actor.is_agent() {
            return;
        }
        self.measure(Measure::Failed(Failure {
            actor,
            source: "session".to_owned(),
            code: refusal.code.as_str().to_owned(),
            message: refusal.message.clone(),
            at: self.modes.clock.now(),
        }));
        if refusal.code != Code::Busy {
            // Who waits for an answer does not wait long for a log that cannot be written.
            timeout(TURN_WAIT, self.flush()).await.ok();
        }
    }

    /// Leads a session that cannot be unpacked through `resuming` to `suspended`, and says so; its
    /// archive stays, and is unpacked as soon as it can be. Where that move is closed too, as another
    /// session is live, everything stays as it is: a failure takes nobody's place.
    pub(super) async fn not_restored(
        &self,
        request: &Request,
        NotRestored { session, refusal }: NotRestored,
    ) -> Refusal {
        if refusal.code == Code::Busy {
            return refusal;
        }
        if session.state != SessionState::Archived {
            // It was led there by an attempt before this one.
            return told(refusal, session.id);
        }
        let session = session.id;
        let root = format!("{}/", self.modes.root().display());
        let why: String = refusal.message.replace(&root, "").chars().take(WHY_MAX).collect();
        let begin = MoveSession {
            reason: reason_of(&request.command).map(str::to_owned),
            ..MoveSession::plain(session, SessionMove::Resume)
        };
        let failed = Some(format!("it cannot be restored: {why}"));
        let commands = vec![Command::BeginMove(begin), Command::FinishMove { id: session, failed }];
        let led = Request::new(request.actor.clone(), Command::Batch { commands, reason: None });
        let ended = match self.hand_in(led).await {
            Ok(handed_in) => handed_in.answered().await,
            Err(refusal) => Err(refusal),
        };
        match ended {
            Ok(_) => told(refusal, session).with(LED, "suspended"),
            Err(_) => refusal,
        }
    }
}

/// What failed, and where that leaves the session.
fn told(refusal: Refusal, session: SessionId) -> Refusal {
    let message = format!(
        "session {session} cannot be restored and is suspended, its archive untouched: {}",
        refusal.message
    );
    Refusal { message, ..refusal }
        .with("session", session)
        .with("restored", false)
        .with("state", "suspended")
}

fn reason_of(command: &Command) -> Option<&str> {
    if let Command::MoveSession(wanted) | Command::BeginMove(wanted) = command {
        return wanted.reason.as_deref();
    }
    if let Command::Batch { commands, reason } = command {
        return commands.iter().find_map(reason_of).or(reason.as_deref());
    }
    None
}
