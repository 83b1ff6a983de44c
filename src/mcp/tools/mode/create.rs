//! Making a mode from another.

use serde_json::json;

use super::{Create, CustomRole, Settings, wire};
use crate::binding;
use crate::domain::refusal::Refusal;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{given, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::modes::folder::{NewMode, NewRole, NewSettings};

impl CallboardServer {
    pub(super) async fn create_mode(&self, caller: &Caller, input: Create) -> Reply {
        let new = new_mode(input)?;
        let actor = caller.actor.clone();
        let own: Vec<String> = new.roles.iter().map(|role| role.name.clone()).collect();
        let loaded = self.on_disk(move |peer| binding::create_as(peer, &actor, &new)).await?;
        caller.kept(None);
        let name = &loaded.mode.name;
        let answer = json!({
            "mode_created": name,
            "file_path": loaded.binding.file,
            "mode_details": wire::details(&loaded.mode),
            "own_roles": own,
            "validation_status": "valid",
            "available_for_activation": true,
            "next": format!("orchestrator_mode_select {{\"mode\": \"{name}\"}} puts it in force"),
        });
        Ok(Answer::data(&answer))
    }
}

fn new_mode(input: Create) -> Result<NewMode, Refusal> {
    let text = |text: Option<String>| given(text.as_deref()).map(str::to_owned);
    let settings = input.mode_settings.unwrap_or_default();
    Ok(NewMode {
        name: input.name,
        source: text(input.template_source),
        title: text(input.title),
        description: text(input.description),
        roles: input.custom_roles.unwrap_or_default().into_iter().map(new_role).collect(),
        settings: new_settings(&settings)?,
    })
}

fn new_role(role: CustomRole) -> NewRole {
    NewRole {
        name: role.role_name,
        description: role.description.unwrap_or_default(),
        prompt: role.prompt.unwrap_or_default(),
        expertise: role.expertise.unwrap_or_default(),
        approach: role.approach.unwrap_or_default(),
        output_format: role.output_format.unwrap_or_default(),
    }
}

fn new_settings(settings: &Settings) -> Result<NewSettings, Refusal> {
    let depth = settings.max_subtask_depth;
    Ok(NewSettings {
        default_complexity: read_some(settings.default_complexity.as_ref())?,
        auto_task_routing: settings.auto_task_routing,
        max_subtask_depth: depth.map(|depth| usize::try_from(depth).unwrap_or(usize::MAX)),
        claim_minutes: settings.claim_minutes,
        path_overlap: read_some(settings.path_overlap.as_ref())?,
    })
}
