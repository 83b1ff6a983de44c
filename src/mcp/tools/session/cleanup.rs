//! Tidying sessions: archiving what lies about, leading interrupted moves out.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::command::{BATCH_MAX, Command, MoveSession};
use crate::domain::refusal::Refusal;
use crate::domain::session::{Session, SessionMove, SessionState};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::sessions::{self, SessionFilter, SessionOrder};

/// Days after which a session counts as lying about.
pub(super) const DAYS: u32 = 7;
/// Sessions looked at.
const SESSIONS_MAX: usize = BATCH_MAX;

/// What is tidied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Kind {
    Completed,
    Orphaned,
    Old,
    #[default]
    All,
}

impl CallboardServer {
    pub(super) async fn clean_up(
        &self,
        caller: &Caller,
        (kind, days): (Kind, u32),
        dry_run: bool,
    ) -> Reply {
        let before = self.peer.clock.now().plus_ms(-i64::from(days) * DAY_MS);
        let found: Vec<(Session, &str)> = self
            .all_sessions()?
            .into_iter()
            .filter_map(|session| what_to_do(&session, kind, before).map(|act| (session, act)))
            .collect();
        let rows: Vec<Value> = found.iter().map(|(session, act)| row(session, act)).collect();
        let mut done = 0;
        if !dry_run && !found.is_empty() {
            let archive = found.iter().filter(|(_, act)| *act == ARCHIVE);
            let commands: Vec<Command> =
                archive.map(|(session, _)| archive_it(session, days)).collect();
            done = commands.len();
            if !commands.is_empty() {
                self.submit(caller, Command::Batch { commands, reason: None }).await?;
            }
        }
        Ok(Answer::data(&json!({
            "found": rows,
            "archived": (!dry_run).then_some(done),
            "dry_run": dry_run,
            "next": (dry_run && !rows.is_empty()).then_some("repeat with dry_run: false to do it"),
        })))
    }

    fn all_sessions(&self) -> Result<Vec<Session>, Refusal> {
        let filter = SessionFilter {
            states: Vec::new(),
            order: SessionOrder::Activity,
            limit: SESSIONS_MAX,
            cursor: None,
        };
        let page = self.read(|reader| sessions::list(reader, &filter))?;
        Ok(page.items.into_iter().map(|row| row.session).collect())
    }
}

const ARCHIVE: &str = "archive";
const WAIT: &str = "wait: its move is led out by the process that finds its owner gone";

fn what_to_do(session: &Session, kind: Kind, before: Timestamp) -> Option<&'static str> {
    let old = session.state_since <= before;
    match (session.state, kind) {
        (SessionState::Completed, Kind::Completed | Kind::Old | Kind::All)
        | (SessionState::Suspended, Kind::Old | Kind::All)
            if old =>
        {
            Some(ARCHIVE)
        }
        (state, Kind::Orphaned | Kind::All) if state.is_transient() => Some(WAIT),
        (_, Kind::Completed | Kind::Orphaned | Kind::Old | Kind::All) => None,
    }
}

fn archive_it(session: &Session, days: u32) -> Command {
    Command::MoveSession(MoveSession {
        reason: Some(format!("{} for more than {days} days", session.state)),
        ..MoveSession::plain(session.id, SessionMove::Archive)
    })
}

fn row(session: &Session, act: &str) -> Value {
    json!({
        "session_id": session.id,
        "name": session.name,
        "state": session.state,
        "since": session.state_since.to_string(),
        "action": act,
    })
}
