//! What the tools about sessions are called with.

use schemars::JsonSchema;
use serde::Deserialize;

use super::cleanup::Kind;
use crate::export::Format;
use crate::mcp::params::{Days, Detail, Word};
use crate::query::sessions::SessionOrder;

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Create {
    /// At most 100 characters.
    #[schemars(extend("aliases" = ["session_name", "title"]))]
    pub(super) name: String,
    /// Markdown.
    #[schemars(extend("aliases" = ["description"]))]
    pub(super) goal: Option<String>,
    /// Mode to bind.
    #[schemars(extend("hidden" = true, "aliases" = ["mode_file", "mode_name"]))]
    pub(super) mode: Option<String>,
    /// Suspend the live session first.
    #[schemars(extend("aliases" = ["force_deactivate_current", "force_new_session"]))]
    pub(super) suspend_current: Option<bool>,
    #[schemars(extend("hidden" = true, "aliases" = ["working_directory"]))]
    pub(super) project_root: Option<String>,
    /// A backup to begin with.
    #[schemars(extend("hidden" = true))]
    pub(super) initial_backup: Option<bool>,
    #[schemars(extend("hidden" = true))]
    pub(super) auto_activate: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["restore_from_checkpoint", "save_current_state"]))]
pub(super) struct Resume {
    /// Id or name; the one worked on last by default.
    #[schemars(extend("aliases" = ["session", "id", "name"]))]
    pub(super) session_id: Option<String>,
    /// Suspend the live session first.
    #[schemars(extend("aliases" = ["force_deactivate_current"]))]
    pub(super) suspend_current: Option<bool>,
    pub(super) reason: Option<String>,
    /// A backup of everything as it is before.
    #[schemars(extend("hidden" = true))]
    pub(super) backup_current_state: Option<bool>,
    #[serde(rename = "activate_after_resume")]
    #[schemars(extend("hidden" = true))]
    pub(super) activate: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["create_checkpoint"]))]
pub(super) struct Suspend {
    /// The live one by default.
    #[schemars(extend("aliases" = ["session", "id", "name"]))]
    pub(super) session_id: Option<String>,
    /// Why, for whoever resumes it.
    pub(super) reason: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Complete {
    /// The live one by default.
    #[schemars(extend("aliases" = ["session", "id", "name"]))]
    pub(super) session_id: Option<String>,
    /// What came of it.
    #[schemars(extend("aliases" = ["final_summary", "reason"]))]
    pub(super) summary: Option<String>,
    pub(super) allow_open: Option<bool>,
    #[schemars(extend("hidden" = true))]
    pub(super) validate_all_tasks: Option<bool>,
    /// true by default.
    #[schemars(extend("hidden" = true))]
    pub(super) create_final_backup: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["compression_level"]))]
pub(super) struct Archive {
    /// Id or name.
    #[schemars(extend("aliases" = ["session", "id", "name"]))]
    pub(super) session_id: String,
    pub(super) reason: Option<String>,
    /// A file beside the archive.
    #[schemars(extend("hidden" = true))]
    pub(super) export_format: Option<Word<Format>>,
    /// Relative to the project.
    #[schemars(extend("hidden" = true))]
    pub(super) export_path: Option<String>,
    /// In the export; the archive holds them in any case.
    #[schemars(extend("hidden" = true))]
    pub(super) include_artifacts: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["sort_order"]))]
pub(super) struct List {
    #[schemars(extend("aliases" = ["status_filter", "state", "status", "states_filter"]))]
    pub(super) states: Option<Vec<String>>,
    #[schemars(extend("hidden" = true))]
    pub(super) include_archived: Option<bool>,
    #[schemars(extend("aliases" = ["order", "order_by"]))]
    pub(super) sort_by: Option<Word<SessionOrder>>,
    pub(super) limit: Option<u32>,
    pub(super) cursor: Option<String>,
    pub(super) detail: Option<Detail>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Status {
    /// The current one by default.
    #[schemars(extend("aliases" = ["session", "id", "name"]))]
    pub(super) session_id: Option<String>,
    /// full: groups, context, history.
    pub(super) detail: Option<Detail>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Cleanup {
    /// old: suspended ones too; orphaned: interrupted moves.
    #[serde(rename = "cleanup_type")]
    pub(super) kind: Option<Kind>,
    /// 7 by default.
    pub(super) older_than_days: Option<Days>,
    /// true by default.
    pub(super) dry_run: Option<bool>,
}
