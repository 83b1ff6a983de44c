//! The fields of a task as a call gives them, and the commands they become.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::command::{Command, Guard, OnClash, SetStatus, TaskPatch, UpdateTask};
use crate::domain::id::TaskId;
use crate::domain::refusal::Refusal;
use crate::domain::task::{Complexity, Priority, Status};
use crate::mcp::params::{Minutes, Word, given, read_some};

/// New values of fields. An empty text clears a field that may be empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(description = "", extend("accepts" = ["reason_for_update"]))]
pub(super) struct Fields {
    #[schemars(extend("aliases" = ["name"]))]
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) status: Option<Word<Status>>,
    /// Why this status.
    pub(super) reason: Option<String>,
    #[schemars(extend("aliases" = ["priority_level"]))]
    pub(super) priority: Option<Word<Priority>>,
    #[schemars(extend("hidden" = true, "aliases" = ["complexity_level"]))]
    pub(super) complexity: Option<Word<Complexity>>,
    #[schemars(extend("aliases" = ["specialist_type"]))]
    pub(super) role: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["assigned_to"]))]
    pub(super) assignee: Option<String>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) add_tags: Option<Vec<String>>,
    #[schemars(extend("hidden" = true))]
    pub(super) remove_tags: Option<Vec<String>>,
    #[schemars(extend("aliases" = ["estimate"]))]
    pub(super) estimate_minutes: Option<Minutes>,
    #[schemars(extend("hidden" = true, "aliases" = ["actual"]))]
    pub(super) actual_minutes: Option<Minutes>,
    /// 0 to 100.
    #[schemars(extend("aliases" = ["completion_percentage"]))]
    pub(super) progress: Option<u8>,
    /// As 2026-11-30.
    #[schemars(extend("aliases" = ["due_date"]))]
    pub(super) due: Option<String>,
    #[schemars(extend("aliases" = ["result_summary", "result"]))]
    pub(super) summary: Option<String>,
}

/// A task with updates of its own, its fields beside its id.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
pub(super) struct Item {
    #[schemars(extend("aliases" = ["id"]))]
    pub(super) task_id: String,
    pub(super) if_version: Option<i64>,
    pub(super) on_clash: Option<Word<OnClash>>,
    /// The fields of updates may also stand here directly.
    pub(super) updates: Option<Fields>,
    #[serde(flatten)]
    #[schemars(skip)]
    pub(super) beside: serde_json::Map<String, Value>,
}

/// Which tasks are meant.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Filter {
    pub(super) status: Option<Vec<String>>,
    #[schemars(extend("aliases" = ["group_id", "task_group"]))]
    pub(super) group: Option<String>,
    #[schemars(extend("aliases" = ["specialist_type"]))]
    pub(super) role: Option<String>,
    #[schemars(extend("aliases" = ["tags"]))]
    pub(super) tag: Option<String>,
    #[schemars(extend("aliases" = ["priority_level"]))]
    pub(super) priority: Option<Vec<Word<Priority>>>,
}

/// An optional text of a patch: given and empty clears.
fn clearable(text: Option<&String>) -> Option<Option<String>> {
    text.map(|text| given(Some(text)).map(str::to_owned))
}

impl Fields {
    /// The commands that give a task these values: none where nothing is given.
    pub(super) fn commands(&self, id: TaskId, guard: &Guard) -> Result<Vec<Command>, Refusal> {
        let status = read_some(self.status.as_ref())?;
        let patch = self.patch(status.is_none())?;
        let mut commands = Vec::new();
        if patch != TaskPatch::default() {
            commands.push(Command::UpdateTask(UpdateTask { id, patch, guard: guard.clone() }));
        }
        if let Some(to) = status {
            commands.push(Command::SetStatus(SetStatus {
                summary: given(self.summary.as_deref()).map(str::to_owned),
                reason: given(self.reason.as_deref()).map(str::to_owned),
                guard: guard.clone(),
                ..SetStatus::plain(id, to)
            }));
        }
        Ok(commands)
    }

    fn patch(&self, with_summary: bool) -> Result<TaskPatch, Refusal> {
        let minutes = |given: Option<Minutes>| given.map(|Minutes(minutes)| Some(minutes));
        let summary = self.summary.as_ref().filter(|_| with_summary);
        Ok(TaskPatch {
            title: self.title.clone(),
            description: self.description.clone(),
            priority: read_some(self.priority.as_ref())?,
            complexity: read_some(self.complexity.as_ref())?,
            role: clearable(self.role.as_ref()),
            estimate_minutes: minutes(self.estimate_minutes),
            actual_minutes: minutes(self.actual_minutes),
            tags: self.tags.clone(),
            add_tags: self.add_tags.clone().unwrap_or_default(),
            remove_tags: self.remove_tags.clone().unwrap_or_default(),
            due: clearable(self.due.as_ref()),
            progress: self.progress,
            assignee: clearable(self.assignee.as_ref()),
            result_summary: clearable(summary),
            finished_on: None,
        })
    }
}
