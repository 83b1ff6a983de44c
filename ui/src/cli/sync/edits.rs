//! `callboard sync edits`: texts that somebody wrote and that were replaced or set aside.

use std::thread;
use std::time::Duration;

use callboard_engine::peer::Peer;
use callboard_engine::query::documents;
use callboard_engine::sync::edits::{EditBackup, Edits};
use callboard_engine::sync::files::{Displaced, Files, ReadError, Reading, ReplaceError};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{in_step, report};
use crate::cli::failure::Failure;
use crate::cli::lines;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::cli::project::Scene;
use crate::cli::readable::readable;
use crate::theme::Meaning;

/// How long a program that has the replaced file open may still write to it.
const GRACE: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub(super) struct EditsArguments {
    #[command(subcommand)]
    verb: Option<EditsVerb>,
}

#[derive(Debug, Subcommand)]
enum EditsVerb {
    /// List the kept texts, the newest first
    List,
    /// Print a kept text
    Show {
        /// Its name, or the beginning of it
        name: String,
    },
    /// Write a kept text into its document again, so that it is read as an edit
    Restore {
        /// Its name, or the beginning of it
        name: String,
    },
}

pub(super) fn run(
    arguments: &EditsArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let edits = Edits::in_directory(peer.paths.edit_backups());
    match &arguments.verb {
        None | Some(EditsVerb::List) => list(&edits, &peer, output),
        Some(EditsVerb::Show { name }) => show(&edits, name, output),
        Some(EditsVerb::Restore { name }) => {
            let backup = named(&edits, name)?;
            put_back(&edits, &backup, &peer)?;
            let mut report = in_step(&peer, scene, output)?;
            report.findings.retain(|finding| finding.path == backup.document);
            report.deeds.retain(|path, _| *path == backup.document);
            report::happened(&report, output)
        }
    }
}

fn list(edits: &Edits, peer: &Peer, output: &mut Output) -> Result<u8, Failure> {
    let all = edits.list().map_err(unreadable)?;
    if output.is_json() {
        let one = |backup: &EditBackup| {
            let mut value = readable(backup);
            if let Some(map) = value.as_object_mut() {
                map.insert("name".to_owned(), json!(backup.name));
            }
            value
        };
        return output.json(&all.iter().map(one).collect::<Vec<_>>()).map(|()| 0);
    }
    for backup in &all {
        let about = format!("  {}, {} bytes", lines::ago(backup.at, peer.clock.now()), backup.size);
        let line = Pieces::default()
            .with(output, &backup.name, Meaning::Accent)
            .with(output, &about, Meaning::Dim)
            .paint(output);
        output.line(&line)?;
        let line = Pieces::default()
            .with(output, &format!("    {}", backup.document), Meaning::Strong)
            .with(output, &format!("  {}", backup.reason), Meaning::Dim)
            .paint(output);
        output.line(&line)?;
    }
    if all.is_empty() {
        let nothing = output.paint("No text was replaced or set aside.", Meaning::Dim);
        output.line(&nothing)?;
    }
    Ok(0)
}

fn show(edits: &Edits, name: &str, output: &mut Output) -> Result<u8, Failure> {
    let backup = named(edits, name)?;
    let bytes = edits.text(&backup.name).map_err(unreadable)?;
    let text = String::from_utf8_lossy(&bytes);
    if output.is_json() {
        let mut value = readable(&backup);
        if let Some(map) = value.as_object_mut() {
            map.insert("name".to_owned(), json!(backup.name));
            map.insert("text".to_owned(), json!(text));
        }
        return output.json(&value).map(|()| 0);
    }
    output.text(&text).map(|()| 0)
}

/// The one kept text whose name begins so.
fn named(edits: &Edits, name: &str) -> Result<EditBackup, Failure> {
    let all = edits.list().map_err(unreadable)?;
    let mut found: Vec<EditBackup> =
        all.into_iter().filter(|backup| backup.name.starts_with(name)).collect();
    if 1 < found.len() {
        return Err(Failure::Usage {
            message: format!("{} kept texts begin with {name:?}", found.len()),
            advice: "give more of the name".to_owned(),
        });
    }
    found.pop().ok_or_else(|| Failure::Usage {
        message: format!("no kept text is called {name:?}"),
        advice: "`callboard sync edits list` lists them".to_owned(),
    })
}

/// Writes a kept text into its document. What stands there is kept first, unless the database has
/// it.
fn put_back(edits: &Edits, backup: &EditBackup, peer: &Peer) -> Result<(), Failure> {
    let home = peer.paths.task_orchestrator();
    let file = home.join(&backup.document);
    let io = |source| Failure::Io { what: format!("cannot write {}", file.display()), source };
    let bytes = edits.text(&backup.name).map_err(unreadable)?;
    let files = Files::below(&home).map_err(io)?;
    let standing: Option<Reading> = match files.read(&file) {
        Ok(reading) => Some(reading),
        Err(ReadError::Missing { .. }) => None,
        Err(error) => return Err(Failure::Failed(error.to_string())),
    };
    let keep = |bytes: &[u8], reason: &str| {
        edits.keep(&backup.document, bytes, reason, peer.clock.now()).map(|_| ()).map_err(io)
    };
    if let Some(reading) = &standing {
        let known = peer.readers.read(|reader| documents::entry(reader, &backup.document))?;
        if known.is_none_or(|known| known.agreed_hash != reading.hash.as_str()) {
            keep(&reading.bytes, "an edit backup was put back in its place")?;
        }
    }
    let look_again = |displaced: Option<Displaced>| -> Result<(), Failure> {
        let Some(displaced) = displaced else { return Ok(()) };
        thread::sleep(GRACE);
        if let Ok(Some(late)) = displaced.recheck() {
            keep(&late, "saved into a file that was just replaced")?;
        }
        displaced.discard().map_err(io)
    };
    match files.replace(&file, standing.as_ref().map(|reading| &reading.hash), &bytes) {
        Ok(replaced) => look_again(replaced.displaced),
        Err(ReplaceError::Raced { raced, .. }) => {
            for text in &raced.texts {
                keep(text, "saved while it was being replaced")?;
            }
            look_again(raced.displaced)?;
            Err(Failure::Failed("somebody saved the document meanwhile; try again".to_owned()))
        }
        Err(error) => Err(Failure::Failed(error.to_string())),
    }
}

fn unreadable(source: std::io::Error) -> Failure {
    Failure::Io { what: "cannot read the edit backups".to_owned(), source }
}
