//! Task organization: groups, places, dependencies, priorities, many tasks at once.

mod batch;
mod clash;
mod fields;
mod graph;
mod place;
mod template;

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::task::wrote;
use crate::domain::command::{Command, NewGroup, OnClash};
use crate::domain::outcome::Answer as Made;
use crate::domain::task::Priority;
use crate::mcp::answer::{Reply, unexpected};
use crate::mcp::params::{Detail, Parameters, Word, given};
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::query::{groups, resolve};

use fields::{Fields, Filter, Item};

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["priority_level", "auto_task_routing"]))]
struct CreateGroup {
    /// At most 100 characters.
    #[schemars(extend("aliases" = ["group_name", "title"]))]
    name: String,
    /// The group it is inside of.
    #[schemars(extend("aliases" = ["parent_group", "parent_id"]))]
    parent: Option<String>,
    description: Option<String>,
    /// For its tasks that name none.
    #[schemars(extend("aliases" = ["specialist_focus", "specialist_type"]))]
    role: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["preserve_dependencies", "update_hierarchy_paths"]))]
struct Organize {
    /// To move, in this order.
    #[schemars(extend("aliases" = ["task_id", "tasks"]))]
    task_ids: Option<Vec<String>>,
    /// Where they go; or none.
    #[schemars(extend("aliases" = ["target_group_id", "to_group"]))]
    target_group: Option<String>,
    /// Task they go below; or none.
    #[schemars(extend("aliases" = ["parent_id", "parent_task_id"]))]
    parent: Option<String>,
    /// Sibling they, or the group, stand before.
    before: Option<String>,
    after: Option<String>,
    /// To rename, describe, move or delete.
    #[schemars(extend("aliases" = ["group_id"]))]
    group: Option<String>,
    #[schemars(extend("aliases" = ["new_name", "group_name"]))]
    name: Option<String>,
    description: Option<String>,
    role: Option<String>,
    /// Where the group goes; or none.
    parent_group: Option<String>,
    /// Its contents go to the target.
    delete: Option<bool>,
    dry_run: Option<bool>,
    /// The version you saw, of the one task or group named.
    #[schemars(extend("hidden" = true))]
    if_version: Option<i64>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["dependency_type", "metadata", "check_recursive", "analysis_type", "scope"]))]
struct Map {
    /// Absent: the whole session.
    #[schemars(extend("aliases" = ["id", "task", "from", "root_task_id"]))]
    task_id: Option<String>,
    /// What it shall wait for.
    #[schemars(extend("aliases" = ["dependencies", "to", "add", "dependency_task_id"]))]
    depends_on: Option<Vec<String>>,
    /// What no longer.
    remove: Option<Vec<String>>,
    /// replace drops the others.
    #[schemars(extend("aliases" = ["mode"]))]
    operation: Option<graph::Operation>,
    #[schemars(extend("aliases" = ["graph_format"]))]
    format: Option<graph::Format>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    detail: Option<Detail>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Adjust {
    #[schemars(extend("aliases" = ["task_id", "tasks"]))]
    task_ids: Vec<String>,
    /// Or use shift.
    #[schemars(extend("aliases" = ["new_priority", "priority_level"]))]
    priority: Option<Word<Priority>>,
    /// 1: one level more urgent.
    shift: Option<i64>,
    /// What they wait for too.
    include_dependencies: Option<bool>,
    /// The version you saw, of the one task named.
    #[schemars(extend("hidden" = true))]
    if_version: Option<i64>,
    #[schemars(extend("hidden" = true))]
    on_clash: Option<Word<OnClash>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["validation_mode", "update_reason"]))]
struct Batch {
    #[schemars(extend("aliases" = ["task_id", "ids"]))]
    task_ids: Option<Vec<String>>,
    /// Or all tasks with these values.
    #[schemars(extend("hidden" = true, "aliases" = ["filter"]))]
    filters: Option<Filter>,
    #[schemars(extend("aliases" = ["update", "fields", "changes"]))]
    updates: Option<Fields>,
    /// Or each task with updates of its own.
    #[schemars(extend("hidden" = true, "aliases" = ["tasks"]))]
    items: Option<Vec<Item>>,
    /// The version you saw.
    if_version: Option<i64>,
    on_clash: Option<Word<OnClash>>,
    /// Only tell what would be changed.
    #[schemars(extend("hidden" = true))]
    dry_run: Option<bool>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
}

#[tool_router(router = organize_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_task_group_create",
        title = "Create a task group",
        description = "Make a group for tasks that belong together; groups nest. Returns its id.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn task_group_create(
        &self,
        caller: Caller,
        Parameters(input): Parameters<CreateGroup>,
    ) -> Reply {
        let command = self.read(|reader| {
            let session_id = current_or(reader, input.session_id.as_deref())?;
            let parent = given(input.parent.as_deref());
            Ok(Command::CreateGroup(NewGroup {
                id: None,
                session_id,
                name: input.name,
                parent: parent.map(|text| resolve::group(reader, session_id, text)).transpose()?,
                description: input.description.unwrap_or_default(),
                role: given(input.role.as_deref()).map(str::to_owned),
            }))
        })?;
        let outcome = self.submit(&caller, command).await?;
        let Made::Group(group) = &outcome.answer else { return Err(unexpected()) };
        let tree = self.read(|reader| groups::tree(reader, group.session_id))?;
        let path = tree.iter().find(|row| row.group.id == group.id).map(|row| row.path.clone());
        let answer = json!({ "group_id": group.id, "name": group.name, "path": path, "version": group.version });
        Ok(wrote(&answer, outcome))
    }

    #[tool(
        name = "orchestrator_task_group_organize",
        title = "Organize groups and places",
        description = "Move tasks to a group, below another task, or among their siblings; or rename, move or delete a group (never its tasks). All or none.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn task_group_organize(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Organize>,
    ) -> Reply {
        self.organize(&caller, input).await
    }

    #[tool(
        name = "orchestrator_task_dependencies_map",
        title = "Dependencies",
        description = "See or change what waits for what. Without changes: the graph of a task or the session, its critical path and bottlenecks.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn task_dependencies_map(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Map>,
    ) -> Reply {
        self.dependencies(&caller, input).await
    }

    #[tool(
        name = "orchestrator_task_priority_adjust",
        title = "Adjust priorities",
        description = "Set or shift the priority of tasks.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn task_priority_adjust(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Adjust>,
    ) -> Reply {
        self.adjust(&caller, input).await
    }

    #[tool(
        name = "orchestrator_task_batch_update",
        title = "Update tasks",
        description = "Change fields of one or many tasks, all or none. Only fields you give are touched; an empty text clears. With if_version, a field that somebody changed since clashes. Returns the new versions.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn task_batch_update(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Batch>,
    ) -> Reply {
        self.batch_update(&caller, input).await
    }

    #[tool(
        name = "orchestrator_task_template_apply",
        title = "Apply a task template",
        description = "Make a whole plan (feature, bug, release, …) from a template, all or none. Without template_id: the templates and their parameters.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn task_template_apply(
        &self,
        caller: Caller,
        Parameters(input): Parameters<template::Apply>,
    ) -> Reply {
        self.apply_template(&caller, input).await
    }
}
