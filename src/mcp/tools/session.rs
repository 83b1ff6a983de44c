//! Sessions: create, resume, suspend, complete, archive, list, status, cleanup.

mod backed_up;
mod cleanup;
mod exports;
mod input;
mod moves;
mod status;
mod wire;

use input::{Archive, Cleanup, Complete, Create, List, Resume, Status, Suspend};
pub(in crate::mcp) use moves::left_open;
pub(in crate::mcp) use status::status_of;
pub(in crate::mcp) use wire::{counts, session_brief};

use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use serde_json::{Value, json};

use crate::binding::may_begin;
use crate::domain::command::{Command, LastBackup, NewSession};
use crate::domain::outcome::Answer as Made;
use crate::domain::refusal::Refusal;
use crate::domain::session::{SessionMove, SessionState};
use crate::mcp::answer::{Answer, Reply, list, unexpected};
use crate::mcp::mode;
use crate::mcp::params::{Days, Detail, Parameters, given, limit, read_some};
use crate::mcp::server::{CallboardServer, Caller, session_of};
use crate::query::sessions::{self, SessionFilter, SessionOrder};

#[tool_router(router = session_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_session_create",
        title = "Create a session",
        description = "Start a session (a stretch of work with a goal) and make it the live one. A project has one live session: refused while another is, unless suspend_current. Plan it with orchestrator_task_create.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn session_create(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Create>,
    ) -> Reply {
        self.same_project(input.project_root.as_deref())?;
        let mode = given(input.mode.as_deref()).map(mode_name);
        if let Some(name) = mode.clone() {
            let actor = caller.actor.clone();
            self.on_disk(move |peer| may_begin(peer, &actor, &name)).await?;
        }
        let command = Command::CreateSession(NewSession {
            id: None,
            name: input.name,
            goal: input.goal.unwrap_or_default(),
            mode,
            suspend_current: input.suspend_current.unwrap_or(false),
        });
        let outcome = self.submit(&caller, command).await?;
        let Made::Session(session) = outcome.answer else { return Err(unexpected()) };
        let (row, mode) = self.read(|reader| {
            let row = sessions::row(reader, session.id)?;
            let mode = mode::brief(reader, &row.session)?;
            Ok((row, mode))
        })?;
        let mut answer = json!({
            "project": self.peer.paths.root,
            "session": session_brief(&row),
            "mode": mode,
        });
        if input.initial_backup == Some(true) {
            self.first_backup(&caller, &context, session.id).await.tell(&mut answer);
        }
        let notes = outcome.notes.into_iter().chain(moves::is_live(input.auto_activate));
        Ok(Answer::data(&answer).noting(notes))
    }

    #[tool(
        name = "orchestrator_session_resume",
        title = "Resume a session",
        description = "Take up a suspended, completed or archived session and make it the live one. Returns what was left for you: context, interrupted tasks, the next ready ones. Refused while another is live, unless suspend_current.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn session_resume(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Resume>,
    ) -> Reply {
        let before = match input.backup_current_state {
            Some(true) => Some(self.backup_before(&caller, &context).await?),
            Some(false) | None => None,
        };
        let wanted = moves::Wanted {
            reason: input.reason,
            suspend_current: input.suspend_current.unwrap_or(false),
            ..moves::Wanted::plain(input.session_id, SessionMove::Resume)
        };
        let mut moved = self.moved(&caller, wanted).await?;
        moved.notes.extend(moves::is_live(input.activate));
        if let Some(before) = before {
            before.tell(&mut moved.answer);
        }
        Ok(moved.reply())
    }

    #[tool(
        name = "orchestrator_session_suspend",
        title = "Suspend the session",
        description = "Lay the live session aside: saves a checkpoint, releases all claims. Leave decisions and next steps with orchestrator_context first.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn session_suspend(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Suspend>,
    ) -> Reply {
        let wanted = moves::Wanted {
            reason: input.reason,
            ..moves::Wanted::plain(input.session_id, SessionMove::Suspend)
        };
        Ok(self.moved(&caller, wanted).await?.reply())
    }

    #[tool(
        name = "orchestrator_session_complete",
        title = "Complete the session",
        description = "Finish the live session and back it up. Refused, with their names, while tasks are open, unless allow_open. It can be resumed.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn session_complete(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Complete>,
    ) -> Reply {
        let lenient = input.validate_all_tasks == Some(false);
        let last_backup = match input.create_final_backup {
            Some(false) => LastBackup::LeftOut,
            Some(true) | None => LastBackup::Follows,
        };
        let wanted = moves::Wanted {
            reason: input.summary,
            allow_open: input.allow_open.unwrap_or(lenient),
            last_backup,
            ..moves::Wanted::plain(input.session_id, SessionMove::Complete)
        };
        let mut moved = self.moved(&caller, wanted).await?;
        if last_backup == LastBackup::Follows {
            self.last_backup(&context, moved.session).await.tell(&mut moved.answer);
        }
        Ok(moved.reply())
    }

    #[tool(
        name = "orchestrator_session_archive",
        title = "Archive a session",
        description = "Pack a completed or suspended session away. orchestrator_session_resume unpacks it.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn session_archive(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Archive>,
    ) -> Reply {
        let wanted = moves::Wanted {
            reason: input.reason,
            ..moves::Wanted::plain(Some(input.session_id), SessionMove::Archive)
        };
        let export = exports::Asked {
            format: read_some(input.export_format.as_ref())?,
            path: input.export_path,
            include_artifacts: input.include_artifacts.unwrap_or(true),
        };
        let export = self.export_wanted(&wanted, &export)?;
        let mut moved = self.moved(&caller, wanted).await?;
        if let Some(export) = export {
            self.exported(moved.session, export).await.tell(&mut moved.answer);
        }
        Ok(moved.reply())
    }

    #[tool(
        name = "orchestrator_session_list",
        title = "List sessions",
        description = "The sessions of this project, the one worked on last first, with state and progress. Archived ones only if states asks for them.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn session_list(&self, Parameters(input): Parameters<List>) -> Reply {
        let detail = input.detail.unwrap_or_default();
        let order = read_some(input.sort_by.as_ref())?.unwrap_or(SessionOrder::Activity);
        let states = states(input.states.as_deref(), input.include_archived.unwrap_or(false))?;
        let fetch = |limit| {
            let filter = SessionFilter {
                states: states.clone(),
                order,
                limit,
                cursor: input.cursor.clone(),
            };
            self.read(|reader| sessions::list(reader, &filter))
        };
        let row = |row: &_| match detail {
            Detail::Brief => session_brief(row),
            Detail::Full => wire::session_full(row),
        };
        let mut answer = list("sessions", (limit(input.limit), detail), fetch, row)?;
        let live = self.read(sessions::live)?;
        answer.insert("project".to_owned(), json!(self.peer.paths.root));
        answer.insert("live_session".to_owned(), json!(live.map(|session| session.id)));
        Ok(Answer::data(&answer).detail(detail))
    }

    #[tool(
        name = "orchestrator_session_status",
        title = "Where the session stands",
        description = "Call this first. The current session: state, progress, task counts, what you hold, who works on what, what waits for a person, the next ready tasks, the project.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn session_status(
        &self,
        Caller { actor, .. }: Caller,
        Parameters(input): Parameters<Status>,
    ) -> Reply {
        let detail = input.detail.unwrap_or_default();
        let session = match given(input.session_id.as_deref()) {
            Some("current" | "active") | None => self.read(sessions::current)?.map(|one| one.id),
            Some(text) => Some(self.read(|reader| session_of(reader, Some(text)))?),
        };
        let Some(session) = session else {
            return Ok(Answer::data(&json!({
                "project": self.peer.paths.root,
                "agent": actor.name(),
                "next": "no session yet: orchestrator_session_create starts one",
            })));
        };
        let mut answer = self
            .read(|reader| status_of(reader, session, (&actor, self.peer.clock.now()), detail))?;
        answer.insert("project".to_owned(), json!(self.peer.paths.root));
        Ok(Answer::data(&Value::Object(answer))
            .detail(detail)
            .rest("orchestrator_session_status {\"detail\": \"full\"}, or orchestrator_context"))
    }

    #[tool(
        name = "orchestrator_session_cleanup",
        title = "Tidy sessions",
        description = "Archive sessions that were completed long ago, and lead interrupted moves out of their in-between states.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn session_cleanup(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Cleanup>,
    ) -> Reply {
        let kind = input.kind.unwrap_or_default();
        let days = input.older_than_days.map_or(cleanup::DAYS, |Days(days)| days);
        self.clean_up(&caller, (kind, days), input.dry_run.unwrap_or(true)).await
    }
}

/// A mode by its file's name or its own.
fn mode_name(text: &str) -> String {
    let name = text.rsplit('/').next().unwrap_or(text);
    name.trim_end_matches(".yaml").trim_end_matches(".yml").to_owned()
}

/// The states wanted; `paused` is what earlier plans called `suspended`.
fn states(given: Option<&[String]>, archived: bool) -> Result<Vec<SessionState>, Refusal> {
    let wanted = given.unwrap_or_default();
    if wanted.is_empty() {
        let all = SessionState::ALL.iter().copied();
        return Ok(all.filter(|state| archived || *state != SessionState::Archived).collect());
    }
    let read = |text: &String| match text.trim().to_ascii_lowercase().as_str() {
        "paused" => Ok(SessionState::Suspended),
        other => other.parse(),
    };
    wanted.iter().map(read).collect()
}
