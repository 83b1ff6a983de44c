//! `callboard mcp`: the board for an agent whose client starts its servers itself.

use std::path::PathBuf;

use callboard_engine::binding;
use callboard_engine::mcp::{McpOptions, stdio};
use callboard_engine::sync::keeper::{self, SyncOptions};
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::project::{Scene, open_or_make};
use super::{block_on, logging};

#[derive(Debug, Args)]
pub(super) struct McpArguments {
    /// The tools that are offered: all, core, or names of families, separated by commas
    #[arg(long, value_name = "SET")]
    tools: Option<String>,
}

pub(super) fn run(arguments: &McpArguments, scene: &Scene<'_>) -> Result<u8, Failure> {
    // The client's own word for the project it works on.
    let word = scene.environment.variable("CLAUDE_PROJECT_DIR").map(PathBuf::from);
    let named = scene.options.project.is_some()
        || scene.environment.variable("CALLBOARD_PROJECT").is_some();
    let paths = scene.paths(word.as_deref().filter(|_| !named))?;
    let flags = arguments.tools.iter().map(|tools| ("tools", json!(tools))).collect();
    let config = scene.config(&paths, flags)?.config;
    let peer = open_or_make(&paths)?;
    let _guard = logging::start(&paths, "mcp", scene.environment);
    let options = McpOptions {
        agents_may_resolve: config.agents_may_resolve,
        tools: config.tools,
        follows_client: !named && word.is_none(),
        client_session: scene.environment.variable("CLAUDE_CODE_SESSION_ID").map(str::to_owned),
    };
    let door = peer.door.clone();
    let _documents =
        keeper::start(&peer, SyncOptions { policies: config.conflicts, ..SyncOptions::default() })
            .inspect_err(|error| tracing::error!(%error, "the documents are not kept in step"));
    block_on(async move {
        // The first answer does not wait for the watching to begin.
        let followed = peer.clone();
        let following = tokio::task::spawn_blocking(move || {
            binding::follow(&followed)
                .inspect_err(|error| tracing::error!(%error, "the mode files are not followed"))
        });
        stdio::serve(peer, options).await?;
        drop(following);
        door.flush().await;
        Ok(0)
    })
}
