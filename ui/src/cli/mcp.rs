//! `callboard mcp`: the board for an agent whose client starts its servers itself.

use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use callboard_engine::backup;
use callboard_engine::backup::keeper::{BackupHandle, Settings};
use callboard_engine::binding::{self, FollowHandle};
use callboard_engine::mcp::{self, McpOptions, stdio};
use callboard_engine::peer::Peer;
use callboard_engine::sync::keeper::{self, SyncHandle, SyncOptions};
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::project::{Scene, open_or_make};
use super::{block_on, logging};

/// How long a client that has just started is answered before files are looked at: it waits for the
/// list of tools, and nobody for these.
const FIRST_ANSWERS: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub(super) struct McpArguments {
    /// The tools that are offered: all, core, or names of families, separated by commas
    #[arg(long, value_name = "SET")]
    tools: Option<String>,
}

pub(super) fn run(arguments: &McpArguments, scene: &Scene<'_>) -> Result<u8, Failure> {
    // The client waits for the list of tools.
    mcp::prepare();
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
        retention: config.backups.retention,
        follows_client: !named && word.is_none(),
        client_session: scene.environment.variable("CLAUDE_CODE_SESSION_ID").map(str::to_owned),
    };
    let door = peer.door.clone();
    let sync = SyncOptions { policies: config.conflicts, ..SyncOptions::default() };
    block_on(async move {
        let kept = peer.clone();
        let (stop, stopped) = sync_channel::<()>(1);
        let watching = tokio::task::spawn_blocking(move || {
            let is_over = stopped.recv_timeout(FIRST_ANSWERS) != Err(RecvTimeoutError::Timeout);
            (!is_over).then(|| watch(&kept, sync, config.backups))
        });
        stdio::serve(peer, options).await?;
        drop((stop, watching));
        door.flush().await;
        Ok(0)
    })
}

/// What goes on until it is dropped.
type Kept = (Option<SyncHandle>, Option<FollowHandle>, Option<BackupHandle>);

/// Keeps the documents, follows the mode files and makes backups.
fn watch(peer: &Peer, options: SyncOptions, backups: Settings) -> Kept {
    let documents = keeper::start(peer, options)
        .inspect_err(|error| tracing::error!(%error, "the documents are not kept in step"));
    let modes = binding::follow(peer)
        .inspect_err(|error| tracing::error!(%error, "the mode files are not followed"));
    let backups = backup::keeper::start(peer, backups)
        .inspect_err(|error| tracing::error!(%error, "no backups are made"));
    (documents.ok(), modes.ok(), backups.ok())
}
