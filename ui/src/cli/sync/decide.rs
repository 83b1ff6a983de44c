//! `callboard sync restore | accept`: decides about one document.

use std::path::Path;

use callboard_engine::domain::command::Command;
use callboard_engine::domain::document::{DocumentNote, DocumentState};
use callboard_engine::peer::Peer;
use callboard_engine::query::documents;
use callboard_engine::query::ledger::{self, DocumentRow};

use super::{in_step, report};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::project::{Scene, submit};

/// Writes a document again as the database has it.
pub(super) fn restore(path: &str, scene: &Scene<'_>, output: &mut Output) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let row = document(&peer, path, scene)?;
    note(&peer, DocumentNote::Restored { path: row.path.clone() })?;
    finish(&peer, &row.path, scene, output)
}

/// Reads a document that is held back as it stands.
pub(super) fn accept(path: &str, scene: &Scene<'_>, output: &mut Output) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let row = document(&peer, path, scene)?;
    let file = peer.paths.task_orchestrator().join(&row.path);
    if row.state != DocumentState::Held {
        return Err(Failure::LeftAlone {
            path: file,
            problem: "it is not held back".to_owned(),
            advice: "`callboard sync` reads what somebody wrote in it",
        });
    }
    if !file.exists() {
        return Err(Failure::LeftAlone {
            path: file,
            problem: "there is no file to be read".to_owned(),
            advice: "bring the file back, or write it again with `callboard sync restore`",
        });
    }
    note(&peer, DocumentNote::Accepted { path: row.path.clone() })?;
    finish(&peer, &row.path, scene, output)
}

fn note(peer: &Peer, note: DocumentNote) -> Result<(), Failure> {
    submit(peer, Command::NoteDocuments { notes: vec![note] }).map(|_| ())
}

/// Carries a decision out and tells of the document alone.
fn finish(peer: &Peer, path: &str, scene: &Scene<'_>, output: &mut Output) -> Result<u8, Failure> {
    let mut report = in_step(peer, scene, output)?;
    report.findings.retain(|finding| finding.path == path);
    report.deeds.retain(|known, _| known == path);
    report.status.failures.retain(|(known, _)| known == path || known.is_empty());
    report::happened(&report, output)
}

/// The document that a path means: from the project's folder of documents, from here, or by its
/// end.
fn document(peer: &Peer, text: &str, scene: &Scene<'_>) -> Result<DocumentRow, Failure> {
    let rows = peer.readers.read(|reader| {
        let sessions = documents::kept_sessions(reader)?;
        let rows = sessions.into_iter().map(|session| ledger::of_session(reader, session));
        rows.collect::<Result<Vec<_>, _>>()
    })?;
    let home = peer.paths.task_orchestrator();
    let here = scene.environment.current_directory.join(Path::new(text));
    let inner = here.strip_prefix(&home).ok().map(|path| path.to_string_lossy().replace('\\', "/"));
    let ending = format!("/{}", text.trim_start_matches("./"));
    let mut found: Vec<DocumentRow> = rows
        .into_iter()
        .flatten()
        .filter(|row| {
            row.path == text || inner.as_ref() == Some(&row.path) || row.path.ends_with(&ending)
        })
        .collect();
    if 1 < found.len() {
        let paths: Vec<&str> = found.iter().map(|row| row.path.as_str()).collect();
        return Err(Failure::Usage {
            message: format!("several documents end in {text:?}"),
            advice: format!("name one of {}", paths.join(", ")),
        });
    }
    found.pop().ok_or_else(|| Failure::Usage {
        message: format!("there is no document {text:?}"),
        advice: "`callboard sync --check` lists the documents there are".to_owned(),
    })
}
