//! Backups that go with a move of a session. The move is kept by then: a backup that fails is told as
//! a warning and takes nothing back.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use crate::backup::{self, BackupError, Request, Watch};
use crate::domain::actor::Actor;
use crate::domain::backup::{Backup, Reason, Scope};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::mcp::server::{CallboardServer, Caller};
use crate::peer::Peer;

/// What became of a backup.
pub(super) enum BackedUp {
    Made(Box<Backup>),
    /// There is none, as a sentence.
    Failed(String),
}

impl BackedUp {
    /// Tells it in an answer.
    pub(super) fn tell(self, answer: &mut Value) {
        let Value::Object(fields) = answer else { return };
        let (name, value) = match self {
            Self::Made(backup) => {
                let path = format!(".task_orchestrator/backups/archives/{}", backup.file);
                let made = json!({
                    "backup_id": backup.id,
                    "backup_path": path,
                    "backup_size": backup.size,
                    "reason": backup.reason,
                });
                ("backup", made)
            }
            Self::Failed(warning) => ("warnings", json!([warning])),
        };
        fields.insert(name.to_owned(), value);
    }
}

impl CallboardServer {
    /// A session's backup to begin with.
    pub(super) async fn first_backup(
        &self,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
        session: SessionId,
    ) -> BackedUp {
        let request = Request {
            scope: Scope::Session,
            sessions: vec![session],
            name: None,
            reason: Reason::Created,
            actor: caller.actor.clone(),
        };
        let advice = "orchestrator_backup_create makes one";
        let make =
            move |peer: &Peer, watch: Watch<'_>| backup::create(peer, &request, watch).map(Some);
        self.backed_up(context, ("its backup to begin with", advice), make).await
    }

    /// The last backup of a session that is completed.
    pub(super) async fn last_backup(
        &self,
        context: &RequestContext<RoleServer>,
        session: SessionId,
    ) -> BackedUp {
        let advice = "it is tried again by itself, and orchestrator_backup_create makes one now";
        let make = move |peer: &Peer, watch: Watch<'_>| backup::last::of(peer, session, watch);
        self.backed_up(context, ("its last backup", advice), make).await
    }

    /// A backup of everything before another session takes its place.
    ///
    /// # Errors
    ///
    /// When there is none: nothing is moved yet.
    pub(super) async fn backup_before(
        &self,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
    ) -> Result<BackedUp, Refusal> {
        let (scope, reason, actor) = (Scope::All, Reason::Manual, caller.actor.clone());
        let request = Request { scope, sessions: Vec::new(), name: None, reason, actor };
        let made =
            self.working(context, move |peer, watch| backup::create(peer, &request, watch)).await?;
        Ok(BackedUp::Made(Box::new(made)))
    }

    async fn backed_up(
        &self,
        context: &RequestContext<RoleServer>,
        (what, advice): (&str, &str),
        make: impl FnOnce(&Peer, Watch<'_>) -> Result<Option<Backup>, BackupError> + Send + 'static,
    ) -> BackedUp {
        match self.working(context, make).await {
            Ok(Some(made)) => BackedUp::Made(Box::new(made)),
            Ok(None) => BackedUp::Failed(format!("{what} was not made: it was moved on meanwhile")),
            Err(refusal) => {
                let told = (refusal.code.as_str(), refusal.message.as_str());
                self.peer.telemetry.failed(Actor::System, "backup", told);
                let message = &refusal.message;
                BackedUp::Failed(format!(
                    "the move is kept, but {what} failed: {message}; {advice}"
                ))
            }
        }
    }
}
