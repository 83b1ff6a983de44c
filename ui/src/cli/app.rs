//! `callboard` without a verb: the terminal application.

use std::path::PathBuf;

use callboard_engine::backup;
use callboard_engine::binding::{self, FollowHandle};
use callboard_engine::mcp::http;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::sync::keeper::{self, SyncHandle, SyncOptions};
use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::project::{Scene, open_or_make};
use super::{block_on, connect, logging, serve};
use crate::app::Place;
use crate::config::Config;
use crate::keymap::Keymap;
use crate::{runtime, terminal};

#[derive(Debug, Args)]
pub(super) struct AppArguments {
    /// A directory of the project
    path: Option<PathBuf>,
    /// A theme: dark, light, high-contrast, colour-blind-safe, or one of yours
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// No boxes and no animation; everything marked by text
    #[arg(long)]
    accessible: bool,
    /// Leave the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,
}

impl AppArguments {
    fn settings(&self) -> Vec<(&'static str, Value)> {
        let theme = self.theme.as_ref().map(|theme| ("theme", json!(theme)));
        let accessible = self.accessible.then_some(("accessible", json!(true)));
        let mouse = self.no_mouse.then_some(("mouse", json!(false)));
        [theme, accessible, mouse].into_iter().flatten().collect()
    }
}

pub(super) fn run(arguments: &AppArguments, scene: &Scene<'_>) -> Result<u8, Failure> {
    let paths = scene.paths(arguments.path.as_deref())?;
    let config = scene.config(&paths, arguments.settings())?.config;
    require_terminal(scene)?;
    let peer = open_or_make(&paths)?;
    let _guard = logging::start(&paths, "callboard", scene.environment);
    open(peer, &config, scene)
}

/// Refuses where there is no terminal to draw on.
pub(super) fn require_terminal(scene: &Scene<'_>) -> Result<(), Failure> {
    if scene.environment.stdout_is_terminal && scene.environment.stdin_is_terminal {
        return Ok(());
    }
    Err(Failure::Usage {
        message: "the terminal application needs a terminal".to_owned(),
        advice: "`callboard status` prints, `callboard serve` runs without one".to_owned(),
    })
}

/// Shows a project, and serves agents over HTTP meanwhile.
pub(super) fn open(peer: Peer, config: &Config, scene: &Scene<'_>) -> Result<u8, Failure> {
    let environment = scene.environment;
    let own: Vec<(String, Vec<String>)> = config.keys.clone().into_iter().collect();
    let (keymap, problems) = Keymap::new(&own);
    let theme = scene.theme(config)?;
    let http_options = serve::http_options(config);
    let sync_options = SyncOptions { policies: config.conflicts, ..SyncOptions::default() };
    let backups = config.backups;
    let place = place(&peer.paths, config, scene);
    let ascii = config.ascii.unwrap_or_else(|| !environment.is_unicode());
    let terminal = terminal::Options { mouse: config.mouse, ..terminal::Options::default() };
    block_on(async move {
        let mut notices = problems;
        let http = match http::start(peer.clone(), http_options).await {
            Ok(handle) => Some(handle),
            // The board is useful without; agents still come over stdio.
            Err(error) => {
                notices.push(format!("agents cannot connect over HTTP: {error}"));
                None
            }
        };
        // The board is useful without documents too.
        let documents = keeper::start(&peer, sync_options).map_err(|error| {
            notices.push(format!("the documents are not kept in step: {error}"));
        });
        // The mode in force stands in the database; only edits of its file are not noticed.
        let modes = binding::follow(&peer).map_err(|error| {
            notices.push(format!("the mode files are not followed: {error}"));
        });
        let _backups = backup::keeper::start(&peer, backups).map_err(|error| {
            notices.push(format!("no backups are made: {error}"));
        });
        let options = runtime::Options {
            place,
            theme,
            depth: environment.depth(),
            ascii,
            themes: environment.config_folder().map(|folder| folder.join("themes")),
            keymap,
            terminal,
            editor: environment.editor(),
            notices,
            http,
            documents: documents.as_ref().ok().map(SyncHandle::status),
            modes: modes.as_ref().ok().map(FollowHandle::status),
            retention: backups.retention,
        };
        let ended = runtime::run(peer, options).await;
        ended.map_err(|source| Failure::Io { what: "cannot use the terminal".to_owned(), source })
    })
}

fn place(paths: &ProjectPaths, config: &Config, scene: &Scene<'_>) -> Place {
    let name = paths.root.file_name().map(|name| name.to_string_lossy().into_owned());
    Place {
        project: name.unwrap_or_else(|| paths.root.display().to_string()),
        endpoint: None,
        connect: connect::line(scene.environment, paths),
        accessible: config.accessible,
    }
}
