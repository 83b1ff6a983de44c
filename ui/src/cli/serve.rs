//! `callboard serve`: the board for agents over HTTP, without a terminal.

use std::net::IpAddr;

use callboard_engine::backup;
use callboard_engine::binding;
use callboard_engine::mcp::McpOptions;
use callboard_engine::mcp::http::{self, Endpoint, HttpOptions};
use callboard_engine::paths::ProjectPaths;
use callboard_engine::sync::keeper::{self, SyncOptions};
use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::Output;
use super::project::{Scene, open_or_make};
use super::{block_on, logging};
use crate::config::{Auth, Config};
use crate::terminal::Signals;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// The port; 0 lets the system choose
    #[arg(long)]
    port: Option<u16>,
    /// Where to listen; anything but loopback needs the token
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    address: IpAddr,
    /// Whether callers must send the token
    #[arg(long, value_parser = ["required", "off"])]
    auth: Option<String>,
    /// The tools that are offered: all, core, or names of families, separated by commas
    #[arg(long, value_name = "SET")]
    tools: Option<String>,
}

impl ServeArguments {
    fn settings(&self) -> Vec<(&'static str, Value)> {
        let port = self.port.map(|port| ("port", json!(port)));
        let auth = self.auth.as_ref().map(|auth| ("auth", json!(auth)));
        let tools = self.tools.as_ref().map(|tools| ("tools", json!(tools)));
        [port, auth, tools].into_iter().flatten().collect()
    }
}

/// The HTTP server's options as they are configured.
pub(super) fn http_options(config: &Config) -> HttpOptions {
    let mcp = McpOptions {
        tools: config.tools.clone(),
        agents_may_resolve: config.agents_may_resolve,
        retention: config.backups.retention,
        ..McpOptions::default()
    };
    HttpOptions {
        port: config.port,
        token_required: config.auth == Auth::Required,
        ..HttpOptions::new(mcp)
    }
}

pub(super) fn run(
    arguments: &ServeArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let paths = scene.paths(None)?;
    let config = scene.config(&paths, arguments.settings())?.config;
    let peer = open_or_make(&paths)?;
    let _guard = logging::start(&paths, "serve", scene.environment);
    let options = HttpOptions { address: arguments.address, ..http_options(&config) };
    let token_required = options.token_required;
    let door = peer.door.clone();
    block_on(async move {
        let mut signals = Signals::listen().map_err(|source| Failure::Io {
            what: "cannot listen to signals".to_owned(),
            source,
        })?;
        let _documents = keeper::start(
            &peer,
            SyncOptions { policies: config.conflicts, ..SyncOptions::default() },
        )
        .inspect_err(|error| tracing::error!(%error, "the documents are not kept in step"));
        let _modes = binding::follow(&peer)
            .inspect_err(|error| tracing::error!(%error, "the mode files are not followed"));
        let _backups = backup::keeper::start(&peer, config.backups)
            .inspect_err(|error| tracing::error!(%error, "no backups are made"));
        let handle = http::start(peer, options).await?;
        let mut endpoint = handle.endpoint();
        if endpoint.borrow().is_none()
            && let Ok(other) = Endpoint::read(&paths.endpoint_json())
        {
            let url = output.paint(&other.url, Meaning::Link);
            output.line(&format!("Another process may serve this project at {url}; waiting."))?;
            output.finish()?;
        }
        let code = loop {
            tokio::select! {
                signal = signals.next() => break signal.exit_code(),
                changed = endpoint.changed() => {
                    if changed.is_err() {
                        return Err(Failure::Failed("the HTTP server ended; see the log".to_owned()));
                    }
                    let now = endpoint.borrow_and_update().clone();
                    if let Some(now) = now {
                        announce(output, &now, (&paths, token_required))?;
                    }
                }
            }
        };
        handle.stop().await;
        door.flush().await;
        // Being asked to end is no failure of a server.
        Ok(if code == 101 { 101 } else { 0 })
    })
}

fn announce(
    output: &mut Output,
    endpoint: &Endpoint,
    scene: (&ProjectPaths, bool),
) -> Result<(), Failure> {
    let (paths, token_required) = scene;
    if output.is_json() {
        output.json(&json!({ "url": endpoint.url, "project": paths.root }))?;
        return output.finish();
    }
    let url = output.paint(&endpoint.url, Meaning::Link);
    let project = output.paint(&paths.root.display().to_string(), Meaning::Strong);
    output.line(&format!("Serving {project} at {url}"))?;
    if token_required {
        output.line(&format!("The token is in {}", paths.token().display()))?;
    }
    output.line("Ctrl-C ends it.")?;
    output.finish()
}
