//! Recording a file of the project, or a text.

use std::io::Read as _;
use std::path::Path;

use callboard_engine::artifacts::{Handed, NewArtifact, record};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::STORED_MAX;
use callboard_engine::peer::Peer;
use callboard_engine::query::rows::TaskRow;
use callboard_engine::query::{artifacts, resolve, sessions, tasks};
use clap::Args;
use serde_json::json;

use super::super::failure::Failure;
use super::super::lines;
use super::super::output::Output;
use super::super::project::{Scene, session_of};
use super::super::readable::readable;
use super::line;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(in crate::cli) struct AddArguments {
    /// A file of the project, which stays where it is; `-` stores a text from standard input
    file: String,
    /// What it is called; the path by default. The same title again is its next edition
    #[arg(long, short)]
    title: Option<String>,
    /// code, documentation, analysis, design, test, config, general, or another word
    #[arg(long, short)]
    kind: Option<String>,
    /// What it is about
    #[arg(long, short = 'm')]
    summary: Option<String>,
    /// The task it came of: id, beginning of one, or title
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    /// The session; else the task's, or the current one
    #[arg(long, short)]
    session: Option<String>,
}

pub(super) fn run(
    arguments: &AddArguments,
    (peer, scene): (&Peer, &Scene<'_>),
    output: &mut Output,
) -> Result<u8, Failure> {
    let new = new(arguments, peer, scene)?;
    let (artifact, replaces, notes) = record(peer, Actor::Human, &new)?;
    let item = peer.readers.read(|reader| artifacts::item(reader, artifact.id))?;
    if output.is_json() {
        return output
            .json(&readable(json!({ "artifact": item, "replaces": replaces })))
            .map(|()| 0);
    }
    let label = output.paint("Recorded ", Meaning::Good);
    let line = line(output, &item, peer);
    output.line(&format!("{label}{line}"))?;
    lines::notes(output, &notes).map(|()| 0)
}

fn new(arguments: &AddArguments, peer: &Peer, scene: &Scene<'_>) -> Result<NewArtifact, Failure> {
    let task = match &arguments.task {
        Some(text) => Some(task(peer, arguments.session.as_deref(), text)?),
        None => None,
    };
    let session = match (&task, &arguments.session) {
        (Some(task), None) => task.session_id,
        (Some(_) | None, named) => session_of(peer, named.as_deref())?,
    };
    let handed = match arguments.file.as_str() {
        "-" => Handed::Text(standard_input()?),
        file => Handed::File(within(peer, scene, file)),
    };
    let title = match (&arguments.title, &handed) {
        (Some(title), _) => title.clone(),
        (None, Handed::File(path)) => path.clone(),
        (None, Handed::Text(_)) => {
            return Err(Failure::Usage {
                message: "a text from standard input has no title".to_owned(),
                advice: "give it one with --title".to_owned(),
            });
        }
    };
    Ok(NewArtifact {
        session,
        task: task.map(|task| task.id),
        kind: arguments.kind.clone(),
        title,
        summary: arguments.summary.clone().unwrap_or_default(),
        handed,
    })
}

/// The task that is named: by id wherever it is, by title in the session.
fn task(peer: &Peer, session: Option<&str>, text: &str) -> Result<TaskRow, Failure> {
    Ok(peer.readers.read(|reader| {
        let session = match session {
            Some(named) => Some(resolve::session(reader, named)?),
            None => sessions::current(reader)?.map(|session| session.id),
        };
        tasks::row(reader, resolve::task(reader, session, text)?)
    })?)
}

/// The path as the project has it: people name files from where they are.
fn within(peer: &Peer, scene: &Scene<'_>, file: &str) -> String {
    let root = peer.paths.root.canonicalize().unwrap_or_else(|_| peer.paths.root.clone());
    let named = scene.environment.current_directory.join(file);
    let folder = named.parent().and_then(|folder| folder.canonicalize().ok());
    let inner = folder.zip(named.file_name()).map(|(folder, name)| folder.join(name));
    let inner = inner.as_deref().and_then(|whole| whole.strip_prefix(&root).ok());
    inner.and_then(Path::to_str).map_or_else(|| file.to_owned(), str::to_owned)
}

fn standard_input() -> Result<String, Failure> {
    let most = u64::try_from(STORED_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = Vec::new();
    std::io::stdin().take(most).read_to_end(&mut text).map_err(|source| Failure::Io {
        what: "cannot read the text from standard input".to_owned(),
        source,
    })?;
    let text = String::from_utf8(text).map_err(|_| Failure::Usage {
        message: "what came from standard input is not text in UTF-8".to_owned(),
        advice: "write it to a file of the project and add that".to_owned(),
    })?;
    if text.trim().is_empty() {
        return Err(Failure::Usage {
            message: "nothing came from standard input; no artifact was recorded".to_owned(),
            advice: "send the text into it: `… | callboard artifact add - --title \"<title>\"`"
                .to_owned(),
        });
    }
    Ok(text)
}
