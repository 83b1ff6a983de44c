//! The tools of the first generation, for prompts that were written for them: their parameters and
//! their answers, on the state of today.
//!
//! What was wrong with them stays away: a plan is made whole or not at all, dependencies hold,
//! `needs_revision` and `blocked` do not complete, references can be opened, refusals say
//! `isError`, and no answer grows with the project.

mod complete;
mod execute;
mod find;
mod maintenance;
mod plan;
mod progress;
mod report;
mod session;
mod status;
#[expect(dead_code, unreachable_pub, reason = "sets of words are made alike wherever they are")]
mod words;

use std::borrow::Cow;

use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::mcp::answer::Reply;
use crate::mcp::params::{Parameters, Word};
use crate::mcp::server::{CallboardServer, Caller};
use words::{ArtifactType, Chore, Level, NextAction, Scope, Thoroughness};

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["session_name", "force_new_session"]))]
struct Initialize {
    /// This project's by default.
    #[schemars(extend("aliases" = ["project_root"]))]
    working_directory: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Plan {
    description: String,
    /// JSON array of `{title*, description*, specialist_type*, dependencies[], estimated_effort, task_id}`; dependencies name a `task_id` of the plan.
    #[schemars(extend("aliases" = ["subtasks"]))]
    subtasks_json: JsonText,
    complexity_level: Option<Word<Level>>,
    context: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Execute {
    #[schemars(extend("aliases" = ["id", "task"]))]
    task_id: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Complete {
    #[schemars(extend("aliases" = ["id", "task"]))]
    task_id: String,
    /// In short.
    summary: String,
    /// In full; kept as an artifact.
    detailed_work: String,
    /// `needs_revision` and blocked leave the task open.
    next_action: Word<NextAction>,
    /// Files worked on, within the project.
    file_paths: Option<Vec<String>>,
    artifact_type: Option<Word<ArtifactType>>,
    #[schemars(extend("hidden" = true))]
    legacy_artifacts: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Synthesize {
    #[schemars(extend("aliases" = ["task_id", "id"]))]
    parent_task_id: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct GetStatus {
    include_completed: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Maintenance {
    action: Word<Chore>,
    scope: Option<Word<Scope>>,
    validation_level: Option<Word<Thoroughness>>,
    /// For `specific_subtask`.
    #[schemars(extend("aliases" = ["task_id"]))]
    target_task_id: Option<String>,
}

/// JSON in a text; lists and objects as they are will do.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct JsonText(String);

impl JsonSchema for JsonText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "JsonText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "json" })
    }
}

#[tool_router(router = first_generation_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_initialize_session",
        title = "Begin (first generation)",
        description = "Take up or open the project's session. Returns your role, the specialists and the open tasks. orchestrator_session_status tells more.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn initialize_session(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Initialize>,
    ) -> Reply {
        self.begin_session(&caller, input.working_directory.as_deref()).await
    }

    #[tool(
        name = "orchestrator_plan_task",
        title = "Plan a task (first generation)",
        description = "Make a task with its subtasks, all or none. Returns their ids. orchestrator_task_create can do more.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn plan_task(&self, caller: Caller, Parameters(input): Parameters<Plan>) -> Reply {
        self.plan(&caller, input).await
    }

    #[tool(
        name = "orchestrator_execute_subtask",
        title = "Take a subtask (first generation)",
        description = "Claim a subtask and start it. Returns a prompt: your role, the task, what came of its dependencies, and what to do when done.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn execute_subtask(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Execute>,
    ) -> Reply {
        self.execute(&caller, &input.task_id).await
    }

    #[tool(
        name = "orchestrator_complete_subtask",
        title = "Hand a subtask in (first generation)",
        description = "Hand in the work on a subtask: completes it, or marks it blocked or to be revised. Returns the plan's progress and the next subtask.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn complete_subtask(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Complete>,
    ) -> Reply {
        self.hand_in(&caller, &context, input).await
    }

    #[tool(
        name = "orchestrator_synthesize_results",
        title = "Put results together (first generation)",
        description = "When all subtasks are finished: completes the plan and returns a report of the results by specialist.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn synthesize_results(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Synthesize>,
    ) -> Reply {
        self.synthesize(&caller, &input.parent_task_id).await
    }

    #[tool(
        name = "orchestrator_get_status",
        title = "Tasks (first generation)",
        description = "Task counts, and the first open tasks.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn get_status(&self, Parameters(input): Parameters<GetStatus>) -> Reply {
        self.status(input.include_completed.unwrap_or(false))
    }

    #[tool(
        name = "orchestrator_maintenance_coordinator",
        title = "Look after the board (first generation)",
        description = "Look for what lies about, check everything, write the documents, or leave a handover. Repairs nothing by itself; recommends the calls that do.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn maintenance_coordinator(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Maintenance>,
    ) -> Reply {
        self.maintain(&caller, &context, &input).await
    }
}
