//! `callboard init`: prepares a project, and never overwrites anything.

use std::path::PathBuf;

use callboard_engine::binding;
use callboard_engine::modes::ModesFolder;
use callboard_engine::paths::ProjectPaths;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use super::project::{Scene, open_or_make};
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The directory; else the current one
    directory: Option<PathBuf>,
}

pub(super) fn run(
    arguments: &InitArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let paths = match &arguments.directory {
        Some(directory) => ProjectPaths::at(exact(scene, directory)?),
        None => scene.paths(None)?,
    };
    let existed = paths.database().exists();
    let peer = open_or_make(&paths)?;
    let made = ModesFolder::of(&peer.paths).prepare();
    let made = made.map_err(|error| binding::refused(&error))?;
    if output.is_json() {
        let value = json!({ "project": paths.root, "created": !existed, "mode_files": made });
        return output.json(&value).map(|()| 0);
    }
    let shown = output.paint(&paths.root.display().to_string(), Meaning::Strong);
    if existed && !made.is_empty() {
        output.line(&format!("{shown} is a project already; its mode files were made."))?;
    } else if existed {
        output.line(&format!("{shown} is a project already; nothing was changed."))?;
    } else {
        let icon = output.paint(output.icons().good, Meaning::Good);
        output.line(&format!("{icon} {shown} is a project now."))?;
    }
    output.line("")?;
    for (command, what) in [
        ("callboard", "open the board"),
        ("callboard connect claude-code", "connect an agent (codex, cursor, vscode, gemini, zed)"),
        ("callboard session create \"<name>\"", "begin a session yourself"),
    ] {
        let command = output.paint(&format!("{command:<36}"), Meaning::Key);
        output.line(&format!("  {command} {what}"))?;
    }
    Ok(0)
}

fn exact(scene: &Scene<'_>, directory: &std::path::Path) -> Result<PathBuf, Failure> {
    let path = scene.environment.current_directory.join(directory);
    path.canonicalize().map_err(|_| Failure::NoDirectory { path })
}
