//! Beginning: the session that is there or a new one, and what an agent needs to go on.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::find::{Opening, beginning, is_not_restored, opening};
use super::status::first_open;
use super::words::status_word;
use crate::domain::command::Command;
use crate::domain::id::SessionId;
use crate::domain::mode::{Mode, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::visible_line;
use crate::mcp::answer::{Answer, Reply, clip, clip_value};
use crate::mcp::mode;
use crate::mcp::params::given;
use crate::mcp::server::{CallboardServer, Caller};
use crate::mcp::tools::session::left_open;
use crate::query::sessions;
use crate::store::Reader;

/// Open tasks that are named, those that are worked on first.
const TASKS_MAX: usize = 30;
/// Bytes of each piece of context.
const CONTEXT_BYTES: usize = 300;

/// Roles that are told, and lines of the orchestrator's own role.
const ROLES_MAX: usize = 60;
const LINES_MAX: usize = 12;

const ROLE: &str = "task_orchestrator";
const CAPABILITIES: [&str; 4] = [
    "break a large task into subtasks with dependencies",
    "give each subtask to a specialist role",
    "keep the results where everybody finds them",
    "put the results together",
];
const INSTRUCTIONS: &str = "1. Plan with orchestrator_plan_task. 2. Take a subtask with orchestrator_execute_subtask and work in the role it gives you. 3. Hand it in with orchestrator_complete_subtask; it names the next one. 4. When all are done, orchestrator_synthesize_results. People and other agents work on the same board at the same time: look at orchestrator_get_status before you plan anew.";

impl CallboardServer {
    pub(super) async fn begin_session(&self, caller: &Caller, directory: Option<&str>) -> Reply {
        self.is_there(directory)?;
        self.follow(directory)?.begin_here(caller).await
    }

    async fn begin_here(&self, caller: &Caller) -> Reply {
        let Opening { session, command } = self.open_session(caller).await?;
        let now = self.peer.clock.now();
        let mut answer = self.read(|reader| known(reader, session))?;
        if let Some(Command::MoveSession(_)) = &command {
            let (interrupted, needs) = self.read(|reader| left_open(reader, session, now))?;
            answer.insert("interrupted_tasks".to_owned(), json!(interrupted));
            answer.insert("needs_a_person".to_owned(), json!(needs));
        }
        let root = &self.peer.paths.root;
        answer.insert("session_initialized".to_owned(), json!(true));
        answer.insert("working_directory".to_owned(), json!(root));
        answer.insert("orchestrator_path".to_owned(), json!(self.peer.paths.task_orchestrator()));
        let mode = self.read(|reader| mode::of(reader, &sessions::get(reader, session)?))?;
        answer.insert("orchestrator_context".to_owned(), orchestrator(&mode));
        answer.insert("instructions".to_owned(), json!(INSTRUCTIONS));
        let note = command.map(|command| {
            let resumed = matches!(command, Command::MoveSession(_));
            if resumed { "a suspended session was resumed" } else { "a new session was opened" }
        });
        Ok(Answer::data(&answer)
            .noting(note.map(str::to_owned))
            .rest("orchestrator_task_query {\"status\": [\"pending\", \"active\"]}"))
    }

    /// Makes a session live, if none is; tells how.
    async fn open_session(&self, caller: &Caller) -> Result<Opening, Refusal> {
        let opening = self.read(|reader| opening(reader, caller))?;
        let Some(command) = &opening.command else { return Ok(opening) };
        match self.submit(caller, command.clone()).await {
            Ok(_) => Ok(opening),
            // Somebody else was quicker.
            Err(refusal) if refusal.code == Code::SessionLive => {
                self.read(|reader| super::find::opening(reader, caller))
            }
            // What cannot be taken up stands in nobody's way.
            Err(refusal) if is_not_restored(&refusal) => {
                let opening = beginning(caller);
                if let Some(command) = &opening.command {
                    self.submit(caller, command.clone()).await?;
                }
                Ok(opening)
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn is_there(&self, directory: Option<&str>) -> Result<(), Refusal> {
        match given(directory) {
            Some(text) if text != "." && !std::path::Path::new(text).is_dir() => {
                let shown: String = text.chars().take(200).collect();
                let message = format!("working_directory {shown:?} does not exist");
                Err(Refusal::new(Code::InvalidValue, message)
                    .with("project", &self.peer.paths.root)
                    .suggest("leave it out, or name the project's directory"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// What the agent is that plans and hands out, in the mode in force.
fn orchestrator(mode: &Mode) -> Value {
    let line = |text: &str| clip(&visible_line(text), mode::LINE_BYTES);
    let own = mode.orchestrator.clone().unwrap_or_default();
    let lines = |lines: &[String]| lines.iter().take(LINES_MAX).map(|text| line(text)).collect();
    let capabilities: Vec<String> = if own.expertise.is_empty() {
        CAPABILITIES.map(str::to_owned).to_vec()
    } else {
        lines(&own.expertise)
    };
    let mut instructions = INSTRUCTIONS.to_owned();
    let approach: Vec<String> = lines(&own.approach);
    if !approach.is_empty() {
        instructions.push_str("\n\nHow it is done here:\n- ");
        instructions.push_str(&approach.join("\n- "));
    }
    let gates = mode::gates_in_words(mode);
    let roles: BTreeMap<&str, String> =
        mode.roles.iter().take(ROLES_MAX).map(|role| (role.name.as_str(), about(role))).collect();
    json!({
        "role": ROLE,
        "mode": mode.name,
        "capabilities": capabilities,
        "instructions": instructions,
        "specialist_roles": roles,
        "gates": (!gates.is_empty()).then_some(gates),
    })
}

/// A role in one line: what the mode says of it, else how its definition begins.
fn about(role: &Role) -> String {
    let text = if role.about.trim().is_empty() { &role.role_definition } else { &role.about };
    clip(&visible_line(text.trim()), mode::LINE_BYTES)
}

/// What is known of a session that is taken up.
fn known(reader: &Reader, session: SessionId) -> Result<Map<String, Value>, Refusal> {
    let row = sessions::row(reader, session)?;
    let context: Map<String, Value> = sessions::context(reader, session)?
        .into_iter()
        .map(|entry| (entry.key, clip_value(&entry.value, CONTEXT_BYTES)))
        .collect();
    let mut answer = Map::new();
    answer.insert(
        "session".to_owned(),
        json!({ "session_id": session, "name": row.session.name, "state": row.session.state }),
    );
    if !context.is_empty() {
        answer.insert("context".to_owned(), Value::Object(context));
    }
    answer.insert("active_tasks".to_owned(), json!(open_plans(reader, session)?));
    Ok(answer)
}

/// The open subtasks, by the plan they belong to.
fn open_plans(reader: &Reader, session: SessionId) -> Result<Vec<Value>, Refusal> {
    let mut plans: Vec<(Option<_>, Vec<Value>)> = Vec::new();
    for task in first_open(reader, session, TASKS_MAX)? {
        let row = json!({
            "task_id": task.id,
            "title": task.title,
            "status": status_word(task.status),
        });
        match plans.iter_mut().find(|(parent, _)| *parent == task.parent_id) {
            Some((_, rows)) => rows.push(row),
            None => plans.push((task.parent_id, vec![row])),
        }
    }
    let rows = plans.into_iter();
    Ok(rows.map(|(parent, rows)| json!({ "parent_task_id": parent, "subtasks": rows })).collect())
}
