//! Task work: create, get, query, claim, complete.

mod claim;
mod complete;
mod create;
mod get;
mod query;
pub(in crate::mcp) mod wire;

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::actor::Actor;
use crate::domain::command::Dependents;
use crate::domain::id::{SessionId, TaskId};
use crate::domain::outcome::Outcome;
use crate::domain::refusal::Refusal;
use crate::domain::task::{Priority, Status};
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{Detail, Minutes, Parameters, Word};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::tasks::TaskOrder;
use crate::query::{resolve, sessions};
use crate::store::Reader;

use create::Create;
pub(super) use query::statuses;

#[derive(Debug, Deserialize, JsonSchema)]
struct Get {
    /// Id, its beginning, or title.
    #[schemars(extend("aliases" = ["id", "task"]))]
    task_id: String,
    /// full: whole texts, history.
    detail: Option<Detail>,
    /// Just this text of it, in pieces if it is long.
    #[schemars(extend("hidden" = true))]
    text: Option<LongText>,
    /// The byte that the piece begins at.
    #[schemars(extend("hidden" = true))]
    offset: Option<u32>,
}

/// A text of a task that may be too long for one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum LongText {
    Description,
    ResultSummary,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["sort_order", "include_completed"]))]
pub(super) struct Query {
    /// Statuses, or open.
    #[schemars(extend("aliases" = ["status_filter", "statuses"]))]
    pub(super) status: Option<Vec<String>>,
    pub(super) priority: Option<Vec<Word<Priority>>>,
    #[schemars(extend("aliases" = ["specialist_type"]))]
    pub(super) role: Option<String>,
    /// Without nested groups.
    #[schemars(extend("aliases" = ["group_id", "task_group"]))]
    pub(super) group: Option<String>,
    /// Only tasks directly below this one.
    #[schemars(extend("hidden" = true, "aliases" = ["parent_id", "parent_task_id"]))]
    pub(super) parent: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["assigned_to"]))]
    pub(super) assignee: Option<String>,
    /// me for yourself.
    #[schemars(extend("aliases" = ["claimed_by"]))]
    pub(super) holder: Option<String>,
    #[schemars(extend("aliases" = ["tags"]))]
    pub(super) tag: Option<String>,
    /// Words in any text.
    #[schemars(extend("aliases" = ["query", "search"]))]
    pub(super) text: Option<String>,
    /// Only what can be claimed now.
    pub(super) ready: Option<bool>,
    #[schemars(extend("hidden" = true, "aliases" = ["sort_by", "order_by"]))]
    pub(super) order: Option<Word<TaskOrder>>,
    /// 20 by default, at most 200.
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    pub(super) session_id: Option<String>,
    pub(super) detail: Option<Detail>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Hold {
    #[default]
    Take,
    Renew,
    Release,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Claim {
    /// Absent: the next ready task.
    #[schemars(extend("aliases" = ["id", "task"]))]
    pub(super) task_id: Option<String>,
    #[schemars(extend("aliases" = ["operation"]))]
    pub(super) action: Option<Hold>,
    /// If it is held, take the next ready one.
    pub(super) or_next: Option<bool>,
    /// Only of this role, or of none.
    #[schemars(extend("aliases" = ["specialist_type"]))]
    pub(super) role: Option<String>,
    /// Only of this group.
    #[schemars(extend("aliases" = ["group_id", "task_group"]))]
    pub(super) group: Option<String>,
    #[schemars(extend("aliases" = ["duration_minutes", "ttl_minutes"]))]
    pub(super) minutes: Option<Minutes>,
    /// Files or globs you will change; tells who else does.
    #[schemars(extend("aliases" = ["files", "file_paths"]))]
    pub(super) paths: Option<Vec<String>>,
    /// Hold it without starting it.
    #[schemars(extend("hidden" = true))]
    pub(super) hold_only: Option<bool>,
    /// Your claim's number, to renew or release just that claim.
    #[schemars(extend("hidden" = true, "aliases" = ["claim_number"]))]
    #[serde(rename = "claim")]
    pub(super) number: Option<i64>,
    /// Why you release it.
    #[schemars(extend("hidden" = true))]
    pub(super) reason: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    pub(super) session_id: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["file_paths", "artifact_type"]))]
pub(super) struct Complete {
    #[schemars(extend("aliases" = ["id", "task"]))]
    pub(super) task_id: String,
    /// What came of it (markdown).
    #[schemars(extend("aliases" = ["result_summary", "result", "notes"]))]
    pub(super) summary: Option<String>,
    /// completed by default.
    #[schemars(extend("aliases" = ["outcome", "next_action"]))]
    pub(super) status: Option<Word<Status>>,
    /// Why, if not completed.
    pub(super) reason: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["actual"]))]
    pub(super) actual_minutes: Option<Minutes>,
    /// Number of your claim.
    #[schemars(extend("aliases" = ["claim_number"]))]
    pub(super) claim: Option<i64>,
    /// The version you saw; what somebody changed since is not overwritten.
    #[schemars(extend("hidden" = true))]
    pub(super) if_version: Option<i64>,
    /// In spite of unmet dependencies; needs a reason.
    #[schemars(extend("hidden" = true))]
    pub(super) force: Option<bool>,
    /// When cancelling: what of tasks that wait for it.
    #[schemars(extend("hidden" = true))]
    pub(super) dependents: Option<Word<Dependents>>,
}

#[tool_router(router = task_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_task_create",
        title = "Create tasks",
        description = "Plan work: one task or a whole tree in one call, all or none. Children nest; depends_on names other tasks by id, by title or by their local name in this call. Returns the new ids.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn task_create(&self, caller: Caller, Parameters(input): Parameters<Create>) -> Reply {
        self.create_tasks(&caller, input).await
    }

    #[tool(
        name = "orchestrator_task_get",
        title = "Get a task",
        description = "Everything about a task: description, status, claim, dependencies with their results, children. Renews your claim.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn task_get(&self, Caller { actor, .. }: Caller, Parameters(input): Parameters<Get>) -> Reply {
        self.get_task(&actor, &input)
    }

    #[tool(
        name = "orchestrator_task_query",
        title = "Find tasks",
        description = "List tasks by status, group, role, holder, tag or words; ready: true lists what can be claimed now, the most important first. Short rows; orchestrator_task_get has the rest.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn task_query(
        &self,
        Caller { actor, .. }: Caller,
        Parameters(input): Parameters<Query>,
    ) -> Reply {
        self.query_tasks(&actor, &input)
    }

    #[tool(
        name = "orchestrator_task_claim",
        title = "Claim a task",
        description = "Take the next ready task, or a given one, so that nobody else works on it; it becomes active. Returns the task, what it builds on and the claim's end. renew prolongs the claim, release gives the task back.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn task_claim(&self, caller: Caller, Parameters(input): Parameters<Claim>) -> Reply {
        match input.action.unwrap_or_default() {
            Hold::Take => self.take_task(&caller, input).await,
            Hold::Renew | Hold::Release => self.keep_or_release(&caller, input).await,
        }
    }

    #[tool(
        name = "orchestrator_task_complete",
        title = "Complete a task",
        description = "Finish a task with a summary for those who go on; or with status blocked, review, failed or cancelled and a reason. Returns progress, the tasks that are ready now because of it, and the next one.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn task_complete(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Complete>,
    ) -> Reply {
        self.complete_task(&caller, input).await
    }
}

/// The task that a text means: in the current session first.
pub(in crate::mcp) fn task_of(reader: &Reader, text: &str) -> Result<TaskId, Refusal> {
    let session = sessions::current(reader)?.map(|session| session.id);
    resolve::task(reader, session, text)
}

/// Whoever is meant by a holder's name.
pub(super) fn holder(caller: &Actor, text: &str) -> Actor {
    match text {
        "me" | "self" | "myself" => caller.clone(),
        other => match other.parse() {
            Ok(actor) => actor,
        },
    }
}

/// The answer to a write, with the notes of its outcome.
pub(in crate::mcp) fn wrote(answer: &impl serde::Serialize, outcome: Outcome) -> Answer {
    Answer::data(answer).noting(outcome.notes)
}

/// The session that a write is about.
pub(super) fn writing_session(reader: &Reader, text: Option<&str>) -> Result<SessionId, Refusal> {
    crate::mcp::server::current_or(reader, text)
}
