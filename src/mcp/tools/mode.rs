//! Modes: how the team works, in files that people own; selecting, listing, checking, making them.
//!
//! What these tools do with files waits for the disk, so it runs beside the tasks that answer.

mod create;
mod list;
mod wire;

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::binding::{self, Selection};
use crate::domain::mode::{MODE_DEFAULT, PathOverlap};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Complexity;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::caller::Consent;
use crate::mcp::params::{Detail, Parameters, Word, given};
use crate::mcp::server::{CallboardServer, Caller};
use crate::modes::ModesFolder;
use crate::modes::folder::BackupReason;
use crate::modes::folder::backup::BackupLabel;
use crate::peer::Peer;
use crate::query::{resolve, sessions};

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["validate_first", "auto_copy_if_missing", "backup_current"]))]
struct Select {
    #[schemars(extend("aliases" = ["mode_file", "mode_name", "name"]))]
    mode: String,
    /// Why; everybody reads it.
    reason: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["scan_config_directory"]))]
struct ModeList {
    /// Broken ones too.
    include_invalid: Option<bool>,
    #[schemars(extend("hidden" = true))]
    show_details: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
    /// full: roles, gates and backups.
    detail: Option<Detail>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Validate {
    /// The one in force by default.
    #[schemars(extend("aliases" = ["mode_file", "mode_name", "name"]))]
    mode: Option<String>,
    #[schemars(extend("aliases" = ["repair_if_possible"]))]
    repair: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Create {
    #[schemars(extend("aliases" = ["mode_name", "mode"]))]
    name: String,
    /// The mode it extends.
    #[schemars(extend("aliases" = ["source", "base_template", "extends"]))]
    template_source: Option<String>,
    description: Option<String>,
    #[schemars(extend("hidden" = true))]
    title: Option<String>,
    #[schemars(extend("aliases" = ["roles", "specialist_customizations"]))]
    custom_roles: Option<Vec<CustomRole>>,
    #[schemars(extend("hidden" = true, "aliases" = ["settings", "mode_configuration"]))]
    mode_settings: Option<Settings>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
struct CustomRole {
    #[schemars(extend("aliases" = ["name", "role"]))]
    role_name: String,
    #[schemars(extend("aliases" = ["about"]))]
    description: Option<String>,
    /// Who the agent is.
    #[schemars(extend("aliases" = ["role_definition", "definition"]))]
    prompt: Option<String>,
    #[schemars(extend("hidden" = true))]
    expertise: Option<Vec<String>>,
    #[schemars(extend("hidden" = true))]
    approach: Option<Vec<String>>,
    #[schemars(extend("hidden" = true))]
    output_format: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline, extend("accepts" = ["task_distribution", "progress_aggregation"]))]
struct Settings {
    #[schemars(extend("hidden" = true))]
    default_complexity: Option<Word<Complexity>>,
    auto_task_routing: Option<bool>,
    #[schemars(extend("hidden" = true))]
    max_subtask_depth: Option<u32>,
    claim_minutes: Option<u32>,
    #[schemars(extend("hidden" = true))]
    path_overlap: Option<Word<PathOverlap>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["include_session_binding"]))]
struct Backup {
    /// The one in force by default.
    #[schemars(extend("aliases" = ["mode_file", "mode_name"]))]
    mode: Option<String>,
    /// Part of the file's name.
    #[schemars(extend("aliases" = ["name"]))]
    backup_name: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["restore_session_binding"]))]
struct Restore {
    /// As the list of modes with detail full names it.
    #[schemars(extend("aliases" = ["backup", "backup_name", "backup_id", "file"]))]
    backup_file: String,
    #[schemars(extend("aliases" = ["activate"]))]
    activate_after_restore: Option<bool>,
}

#[tool_router(router = mode_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_mode_select",
        title = "Select a mode",
        description = "Put another mode (roles, routing, gates) in force for the live session, for everybody, at once. Returns what it brings, and open tasks whose role it lacks. An agent cannot drop a gate by it.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn mode_select(&self, caller: Caller, Parameters(input): Parameters<Select>) -> Reply {
        let session = given(input.session_id.as_deref())
            .map(|text| self.read(|reader| resolve::session(reader, text)))
            .transpose()?;
        let reason = given(input.reason.as_deref()).map(str::to_owned);
        let selection = Selection { mode: input.mode, session, reason };
        let actor = caller.actor.clone();
        let selected = self.on_disk(move |peer| binding::select(peer, &actor, &selection)).await?;
        caller.kept(None);
        Ok(Answer::data(&wire::selected(&selected)).noting(selected.notes))
    }

    #[tool(
        name = "orchestrator_mode_list",
        title = "List modes",
        description = "Which modes there are, in files and built in, and which one is in force.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn mode_list(&self, Parameters(input): Parameters<ModeList>) -> Reply {
        self.list_modes(input).await
    }

    #[tool(
        name = "orchestrator_mode_validate",
        title = "Check a mode file",
        description = "What is wrong with a mode's file, where, and what to do about it. repair mends misspelled keys, indentation and the like, after a backup.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn mode_validate(
        &self,
        caller: Caller,
        Parameters(input): Parameters<Validate>,
    ) -> Reply {
        let name = self.mode_or_in_force(input.mode.as_deref())?;
        if input.repair != Some(true) {
            let found = self.on_disk(move |peer| wire::checked(&folder(peer), &name)).await?;
            return Ok(Answer::data(&found).rest("the file itself"));
        }
        let actor = caller.actor.clone();
        let mended = self
            .on_disk(move |peer| {
                has_file(&folder(peer), &name)?;
                binding::repair(peer, &actor, &name)
            })
            .await?;
        if mended.backup.is_some() {
            caller.kept(None);
        }
        Ok(Answer::data(&wire::mended(&mended)).rest("the file itself"))
    }

    #[tool(
        name = "orchestrator_mode_create",
        title = "Make a mode",
        description = "Make a new mode file that extends another mode, with roles of its own. Select it to put it in force.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn mode_create(&self, caller: Caller, Parameters(input): Parameters<Create>) -> Reply {
        self.create_mode(&caller, input).await
    }

    #[tool(
        name = "orchestrator_mode_backup",
        title = "Back a mode up",
        description = "Keep a mode's file as it is now.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn mode_backup(&self, caller: Caller, Parameters(input): Parameters<Backup>) -> Reply {
        let name = self.mode_or_in_force(input.mode.as_deref())?;
        let session = self.read(sessions::live)?.map(|session| session.id.to_string());
        let label = given(input.backup_name.as_deref()).map(str::to_owned);
        let id = session.clone();
        let made = self
            .on_disk(move |peer| {
                has_file(&folder(peer), &name)?;
                let label = BackupLabel { session_id: id.as_deref(), name: label.as_deref() };
                let now = peer.clock.now();
                let made = folder(peer).back_up_as(&name, BackupReason::Asked, label, now);
                made.map_err(|error| binding::refused(&error))
            })
            .await?;
        caller.kept(None);
        let note = (!made.is_new).then(|| "the newest backup says the same already".to_owned());
        let answer = json!({
            "backup_created": made.is_new,
            "backup_path": made.file,
            "backed_up_mode": made.mode,
            "session_id": session,
            "backup_size": made.size,
            "created_at": made.created_at.to_string(),
        });
        Ok(Answer::data(&answer).noting(note))
    }

    #[tool(
        name = "orchestrator_mode_restore",
        title = "Restore a mode",
        description = "Put a backup in the place of its mode's file, which is backed up first. A mode in force is so at once.",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn mode_restore(&self, caller: Caller, Parameters(input): Parameters<Restore>) -> Reply {
        let (actor, backup) = (caller.actor.clone(), input.backup_file);
        let activate = input.activate_after_restore.unwrap_or(false);
        let asking = caller.clone();
        let restored = self
            .on_disk(move |peer| {
                ask_first(peer, &backup, &asking)?;
                binding::restore(peer, &actor, &backup, activate)
            })
            .await?;
        caller.kept(None);
        let notes = restored.selected.as_ref().map(|selected| selected.notes.clone());
        Ok(Answer::data(&wire::restored(&restored)).noting(notes.unwrap_or_default()))
    }

    /// The mode that is named, else the one that is in force.
    fn mode_or_in_force(&self, named: Option<&str>) -> Result<String, Refusal> {
        if let Some(name) = given(named) {
            return Ok(name.to_owned());
        }
        let current = self.read(sessions::current)?;
        Ok(current.map_or_else(|| MODE_DEFAULT.to_owned(), |session| session.mode))
    }

    /// Does work that waits for the disk and the writer, off the tasks that answer.
    pub(in crate::mcp) async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Peer) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let peer = self.peer.clone();
        let done = tokio::task::spawn_blocking(move || work(&peer)).await;
        done.unwrap_or_else(|error| {
            Err(Refusal::new(Code::StoreFailed, "the work on the disk was broken off")
                .with("cause", error.to_string()))
        })
    }
}

/// Asks the person who can be asked, once it is known that there is such a backup.
fn ask_first(peer: &Peer, backup: &str, caller: &Caller) -> Result<(), Refusal> {
    if caller.consent != Consent::Open {
        return Ok(());
    }
    let kept = folder(peer).backed_up(backup).map_err(|error| binding::refused(&error))?;
    caller.agreed(|| {
        format!(
            "The file of mode {} would be replaced by what it said in backup {backup}. What it says \
             now is backed up first",
            kept.source_mode
        )
    })
}

fn folder(peer: &Peer) -> ModesFolder {
    ModesFolder::of(&peer.paths)
}

/// Refuses what needs a file where a mode is built in only.
fn has_file(folder: &ModesFolder, name: &str) -> Result<(), Refusal> {
    let loaded = folder.look(name).map_err(|error| binding::refused(&error))?;
    if loaded.file.is_some() {
        return Ok(());
    }
    let message = format!("mode {} is built in; the project has no file of it", loaded.name);
    Err(Refusal::new(Code::NothingToDo, message)
        .suggest("select it, or make a mode that extends it, and it has one"))
}
