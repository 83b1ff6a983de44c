//! `callboard connect`: tells an agent's client of Callboard, or shows how to.

mod client;
mod diff;
mod jsonc;
mod standing;
mod toml;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use callboard_engine::mcp::http::Endpoint;
use callboard_engine::paths::ProjectPaths;
use clap::Args;
use serde_json::json;

use super::environment::Environment;
use super::failure::Failure;
use super::files;
use super::output::Output;
use super::project::Scene;
use crate::config::{Auth, Config};
use crate::theme::Meaning;
use client::{Client, How, Server};
use diff::{Line, diff};
pub(super) use standing::{Configured, configured};

/// The server's name in clients.
const NAME: &str = "callboard";

/// Configure an agent's client for Callboard, or show how
///
/// Without --install nothing is written: the command and the lines to add are printed.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct ConnectArguments {
    /// The client
    #[arg(value_enum)]
    client: Client,
    /// Write it into the client's configuration file
    #[arg(long, conflicts_with = "remove")]
    install: bool,
    /// Take it out of the client's configuration file
    #[arg(long)]
    remove: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Put it in the place of another server of that name
    #[arg(long)]
    replace: bool,
    /// Over HTTP, from the `callboard` or `callboard serve` that runs, instead of stdio
    #[arg(long)]
    http: bool,
    /// The server's name in the client
    #[arg(long, default_value = NAME, value_parser = name)]
    name: String,
}

fn name(text: &str) -> Result<String, String> {
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if !text.is_empty() && text.len() <= 64 && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("use at most 64 letters, digits, - and _".to_owned())
    }
}

/// The one line that connects an agent, for the screen of an empty project.
pub fn line(environment: &Environment, paths: &ProjectPaths) -> String {
    Client::ClaudeCode.line(&stdio(NAME, environment, paths)).unwrap_or_default()
}

fn stdio(name: &str, environment: &Environment, paths: &ProjectPaths) -> Server {
    let root = paths.root.display().to_string();
    let arguments = vec!["mcp".to_owned(), "--project".to_owned(), root];
    Server { name: name.to_owned(), how: How::Stdio { command: environment.command(), arguments } }
}

pub(super) fn run(
    arguments: &ConnectArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let paths = scene.paths(None)?;
    let config = scene.config(&paths, Vec::new())?.config;
    let server = if arguments.http {
        http(&arguments.name, &paths, &config)?
    } else {
        stdio(&arguments.name, scene.environment, &paths)
    };
    let file = arguments.client.file(&paths.root, scene.environment).ok_or_else(|| {
        Failure::Failed("there is no home directory to keep the client's configuration".to_owned())
    })?;
    let before = read(&file)?;
    let told = Told { client: arguments.client, server, file, before };
    if arguments.remove {
        let after = told.client.remove(&told.before, &told.server.name);
        return write(arguments, output, (&told, &told.left_alone(after)?));
    }
    if !arguments.install && !arguments.dry_run {
        return show(output, &told);
    }
    if told.left_alone(told.client.has_other(&told.before, &told.server))? && !arguments.replace {
        return Err(Failure::LeftAlone {
            path: told.file,
            problem: format!("it has another server {:?}", told.server.name),
            advice: "add --replace to put this one in its place, or --name for another name",
        });
    }
    let after = told.left_alone(told.client.put(&told.before, &told.server))?;
    write(arguments, output, (&told, &after))
}

/// Who is told what, and the file as it is.
struct Told {
    client: Client,
    server: Server,
    file: PathBuf,
    before: String,
}

impl Told {
    fn left_alone<T>(&self, edited: Result<T, String>) -> Result<T, Failure> {
        edited.map_err(|problem| Failure::LeftAlone {
            path: self.file.clone(),
            problem,
            advice: "mend the file, or add the entry by hand: it is printed without --install",
        })
    }
}

fn http(name: &str, paths: &ProjectPaths, config: &Config) -> Result<Server, Failure> {
    let endpoint = Endpoint::read(&paths.endpoint_json()).map_err(|_| Failure::Usage {
        message: "this project has not been served over HTTP yet".to_owned(),
        advice: "start `callboard` or `callboard serve` first; it keeps its port".to_owned(),
    })?;
    let token = match config.auth {
        Auth::Off => None,
        Auth::Required => {
            let text = std::fs::read_to_string(paths.token()).map_err(|source| Failure::Io {
                what: format!("cannot read {}", paths.token().display()),
                source,
            })?;
            Some(text.trim().to_owned())
        }
    };
    Ok(Server { name: name.to_owned(), how: How::Http { url: endpoint.url, token } })
}

fn read(file: &Path) -> Result<String, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(Failure::Io { what: format!("cannot read {}", file.display()), source }),
    }
}

/// Prints the client's own command, and what its file would hold.
fn show(output: &mut Output, told: &Told) -> Result<u8, Failure> {
    let line = told.client.line(&told.server);
    let snippet = told.left_alone(told.client.put("", &told.server))?;
    if output.is_json() {
        let value = json!({ "command": line, "file": told.file, "snippet": snippet });
        return output.json(&value).map(|()| 0);
    }
    if let Some(line) = &line {
        output.line("Run in the project:\n")?;
        let line = output.paint(line, Meaning::Key);
        output.line(&format!("  {line}\n"))?;
    }
    let or = if line.is_some() { "Or put" } else { "Put" };
    let file = output.paint(&told.file.display().to_string(), Meaning::Strong);
    output.line(&format!("{or} this into {file}; with --install it is done for you:\n"))?;
    for line in snippet.lines() {
        let line = output.paint(line, Meaning::Code);
        output.line(&format!("  {line}"))?;
    }
    Ok(0)
}

fn write(
    arguments: &ConnectArguments,
    output: &mut Output,
    (told, after): (&Told, &str),
) -> Result<u8, Failure> {
    let changes = told.before != after;
    if changes && !arguments.dry_run {
        files::replace(&told.file, after).map_err(|source| Failure::Io {
            what: format!("cannot write {}", told.file.display()),
            source,
        })?;
    }
    if output.is_json() {
        let written = changes && !arguments.dry_run;
        let value = json!({ "file": told.file, "changes": changes, "written": written });
        return output.json(&value).map(|()| 0);
    }
    let file = output.paint(&told.file.display().to_string(), Meaning::Strong);
    if !changes {
        return output.line(&format!("{file} needs no change.")).map(|()| 0);
    }
    let would = if arguments.dry_run { "Would change" } else { "Changed" };
    output.line(&format!("{would} {file}:"))?;
    for line in diff(&told.before, after) {
        let line = match line {
            Line::Same(text) => output.paint(&format!("  {text}"), Meaning::Dim),
            Line::Added(text) => output.paint(&format!("+ {text}"), Meaning::Added),
            Line::Removed(text) => output.paint(&format!("- {text}"), Meaning::Removed),
        };
        output.line(&line)?;
    }
    if !arguments.dry_run && !arguments.remove {
        advise(output, told)?;
    }
    Ok(0)
}

fn advise(output: &mut Output, told: &Told) -> Result<(), Failure> {
    output.line(&format!("Restart {} to connect it.", told.client.title()))?;
    match told.server.how {
        How::Http { token: Some(_), .. } => {
            let warning = "The file holds the project's token: keep it out of version control.";
            let warning = output.paint(warning, Meaning::Warn);
            output.line(&warning)
        }
        How::Http { token: None, .. } | How::Stdio { .. } => Ok(()),
    }
}
