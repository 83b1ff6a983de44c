//! `callboard sync edits`: texts that somebody wrote and that were replaced or set aside.

use callboard_engine::peer::Peer;
use callboard_engine::sync::edits::{EditBackup, Edits};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{in_step, report};
use crate::cli::failure::Failure;
use crate::cli::lines;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::cli::project::Scene;
use crate::cli::readable::readable;
use crate::edits::{PutBackError, edits_of, put_back};
use crate::sizes::bytes;
use crate::theme::Meaning;

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
    let edits = edits_of(&peer);
    match &arguments.verb {
        None | Some(EditsVerb::List) => list(&edits, &peer, output),
        Some(EditsVerb::Show { name }) => show(&edits, name, output),
        Some(EditsVerb::Restore { name }) => {
            let backup = named(&edits, name)?;
            put_back(&peer, &backup).map_err(not_put_back)?;
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
        let about =
            format!("  {}, {}", lines::ago(backup.at, peer.clock.now()), bytes(backup.size));
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

fn unreadable(source: std::io::Error) -> Failure {
    Failure::Io { what: "cannot read the edit backups".to_owned(), source }
}

fn not_put_back(error: PutBackError) -> Failure {
    match error {
        PutBackError::Unreadable(source) => unreadable(source),
        PutBackError::Io { path, source } => {
            Failure::Io { what: format!("cannot write {}", path.display()), source }
        }
        PutBackError::Refused(refusal) => Failure::Refused(refusal),
        PutBackError::Read(_) | PutBackError::Raced | PutBackError::Replace(_) => {
            Failure::Failed(error.to_string())
        }
    }
}
