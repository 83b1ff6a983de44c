//! Looking after the board: what lies about, what is wrong, the documents, and a handover for
//! whoever continues.

mod chores;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use super::status::first_open;
use super::words::{Chore, Scope, Thoroughness, status_word};
use super::{Maintenance, find};
use crate::domain::command::{Command, SetContext};
use crate::domain::count::counted;
use crate::domain::id::{SessionId, TaskId};
use crate::domain::lookups::ReadyFilter;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::SessionState;
use crate::domain::text::visible_line;
use crate::domain::time::Timestamp;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{given, missing, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::rows::{Counts, Need, NeedKind, SessionRow, TaskRow};
use crate::query::sessions::{self, SessionFilter, SessionOrder};
use crate::query::{needs, tasks};
use crate::store::Reader;

/// Where a handover is left.
const HANDOVER_KEY: &str = "handover";
/// Sessions and findings that are looked at.
const SESSIONS_MAX: usize = 20;
const FINDINGS_MAX: usize = 10;
/// Recommendations that are given.
const RECOMMENDATIONS_MAX: usize = 20;

/// What a look found.
#[derive(Default)]
struct Findings {
    counts: Counts,
    stale: Vec<Value>,
    orphaned: Vec<Value>,
    incomplete: Vec<Value>,
    recommendations: Vec<String>,
}

impl CallboardServer {
    pub(super) async fn maintain(
        &self,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
        input: &Maintenance,
    ) -> Reply {
        let chore = input.action.read()?;
        let level = read_some(input.validation_level.as_ref())?.unwrap_or(Thoroughness::Basic);
        let scope = read_some(input.scope.as_ref())?.unwrap_or(Scope::CurrentSession);
        let now = self.peer.clock.now();
        let rows = self.read(|reader| looked_at(reader, scope, input.target_task_id.as_deref()))?;
        let mut findings = Findings::default();
        for (row, task) in &rows {
            self.read(|reader| look(reader, row, *task, now, &mut findings))?;
        }
        let mut summary = said(&findings, rows.len());
        let session = match scope {
            Scope::CurrentSession | Scope::SpecificSubtask => {
                rows.first().map(|(row, _)| row.session.id)
            }
            Scope::FullProject => None,
        };
        let done = match chore {
            Chore::ScanCleanup => self.lying_about(context, session, level).await?,
            Chore::ValidateStructure => self.structure(context, session, level).await?,
            Chore::UpdateDocumentation => self.documentation(context).await?,
            Chore::PrepareHandover => {
                let (row, _) = rows.first().ok_or_else(nothing)?;
                self.leave_handover(caller, row.session.id, &findings).await?;
                chores::Done::handover(HANDOVER_KEY)
            }
        };
        findings.recommendations.extend(done.recommendations);
        findings.recommendations.truncate(RECOMMENDATIONS_MAX);
        if let Some(said) = done.summary {
            summary = format!("{said}; {summary}");
        }
        let counts = findings.counts;
        Ok(Answer::data(&json!({
            "operation_id": format!("{chore}-{}", now.0),
            "action": chore,
            "scope": scope,
            "validation_level": level,
            "scan_results": {
                "totals": { "sessions": rows.len(), "tasks": counts.all(), "open": counts.open() },
                "status_distribution": distribution(counts),
                "stale": findings.stale,
                "orphaned": findings.orphaned,
                "incomplete": findings.incomplete,
                "performance": { "progress_percentage": counts.percent },
                "structure": done.structure,
            },
            "cleanup_actions": done.actions,
            "recommendations": findings.recommendations,
            "summary": summary,
        }))
        .rest("orchestrator_task_query, with the status that you want to see"))
    }

    async fn leave_handover(
        &self,
        caller: &Caller,
        session_id: SessionId,
        findings: &Findings,
    ) -> Result<(), Refusal> {
        let value = self.read(|reader| {
            let open = first_open(reader, session_id, FINDINGS_MAX)?;
            let ready = tasks::next(reader, session_id, &ReadyFilter::default(), FINDINGS_MAX)?;
            Ok(json!({
                "at": self.peer.clock.now().to_string(),
                "by": caller.actor.name(),
                "open": findings.counts.open(),
                "completed": findings.counts.completed,
                "first_open": open.iter().map(line).collect::<Vec<_>>(),
                "next_ready": ready.iter().map(line).collect::<Vec<_>>(),
                "recommendations": findings.recommendations,
            }))
        })?;
        let key = HANDOVER_KEY.to_owned();
        let command = Command::SetContext(SetContext { session_id, key, value, if_version: None });
        self.submit(caller, command).await.map(drop)
    }
}

fn nothing() -> Refusal {
    Refusal::new(Code::NoSession, "this project has no session yet")
        .suggest("begin with orchestrator_initialize_session")
}

/// The sessions in the scope; of a single task, its session and the task.
fn looked_at(
    reader: &Reader,
    scope: Scope,
    target: Option<&str>,
) -> Result<Vec<(SessionRow, Option<TaskId>)>, Refusal> {
    match scope {
        Scope::CurrentSession => {
            let current = sessions::current(reader)?.ok_or_else(nothing)?;
            Ok(vec![(sessions::row(reader, current.id)?, None)])
        }
        Scope::SpecificSubtask => {
            let Some(text) = given(target) else {
                return Err(missing("target_task_id", "which subtask is to be looked at?"));
            };
            let id = find::task(reader, text)?;
            let session = tasks::row(reader, id)?.session_id;
            Ok(vec![(sessions::row(reader, session)?, Some(id))])
        }
        Scope::FullProject => {
            let filter = SessionFilter {
                states: Vec::new(),
                order: SessionOrder::Activity,
                limit: SESSIONS_MAX,
                cursor: None,
            };
            let page = sessions::list(reader, &filter)?;
            Ok(page.items.into_iter().map(|row| (row, None)).collect())
        }
    }
}

fn look(
    reader: &Reader,
    row: &SessionRow,
    only: Option<TaskId>,
    now: Timestamp,
    findings: &mut Findings,
) -> Result<(), Refusal> {
    let session = &row.session;
    findings.counts = findings.counts.plus(row.counts);
    if session.state.is_transient() {
        findings.recommendations.push(format!(
            "session {} is {}: orchestrator_session_cleanup {{\"cleanup_type\": \"orphaned\"}}",
            session.id, session.state
        ));
    }
    if session.state == SessionState::Active && row.counts.open() == 0 && 0 < row.counts.all() {
        findings.recommendations.push(format!(
            "nothing is open in session {}: orchestrator_session_complete",
            session.id
        ));
    }
    let wanted = |id: TaskId| only.is_none_or(|only| only == id);
    for need in needs::list(reader, session.id, now, FINDINGS_MAX)? {
        if let Some(task) = need.about.task().filter(|task| wanted(*task)) {
            note_need(&need, task, findings);
        }
    }
    for (task, gone) in tasks::waiting_in_vain(reader, session.id, FINDINGS_MAX)? {
        if wanted(task) {
            let title = visible_line(&tasks::row(reader, task)?.title);
            findings.orphaned.push(json!({ "task_id": task, "title": title, "waits_for": gone }));
            findings.recommendations.push(format!(
                "{task} waits for {gone}, which will not be completed: orchestrator_task_dependencies_map can take the dependency away"
            ));
        }
    }
    Ok(())
}

fn note_need(need: &Need, task: TaskId, findings: &mut Findings) {
    let row = json!({
        "task_id": task,
        "title": need.title,
        "who": need.who,
        "since": need.since.to_string(),
    });
    let (list, advice) = match need.kind {
        NeedKind::StaleClaim => (
            &mut findings.stale,
            format!("the claim on {task} ran out: orchestrator_execute_subtask takes it over"),
        ),
        NeedKind::Review => (&mut findings.incomplete, format!("{task} waits for a review")),
        NeedKind::Blocked => {
            (&mut findings.incomplete, format!("{task} is blocked: find out by what"))
        }
        NeedKind::Failed => {
            (&mut findings.incomplete, format!("{task} failed: reopen or cancel it"))
        }
        // These are about no single task, and have lists of their own.
        NeedKind::Conflict | NeedKind::HeldDocument => return,
    };
    list.push(row);
    findings.recommendations.push(advice);
}

fn said(findings: &Findings, sessions: usize) -> String {
    let counts = findings.counts;
    format!(
        "{} in {}, {} open; {} stale, {} waiting in vain, {} in need of somebody",
        counted(counts.all(), "task"),
        counted(sessions, "session"),
        counts.open(),
        findings.stale.len(),
        findings.orphaned.len(),
        findings.incomplete.len()
    )
}

fn line(row: &TaskRow) -> Value {
    json!({ "task_id": row.id, "title": row.title, "status": status_word(row.status), "specialist_type": row.role })
}

fn distribution(counts: Counts) -> Value {
    json!({
        "pending": counts.pending,
        "active": counts.active,
        "blocked": counts.blocked,
        "needs_revision": counts.review,
        "completed": counts.completed,
        "cancelled": counts.cancelled,
        "failed": counts.failed,
    })
}
