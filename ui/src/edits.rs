//! The edit backups on the disk, for the command line and the screen alike.
//!
//! A text is put back as a person's editor would write it, so that whoever keeps the documents
//! reads it as an edit. What stands there is kept first, unless the database has it.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use callboard_engine::domain::refusal::Refusal;
use callboard_engine::peer::Peer;
use callboard_engine::query::documents;
use callboard_engine::sync::edits::{EditBackup, Edits};
use callboard_engine::sync::files::{Displaced, Files, ReadError, Reading, ReplaceError};

use crate::app::edits::{Answer, Wish};

/// How long a program that has the replaced file open may still write to it.
const GRACE: Duration = Duration::from_millis(250);

/// Why a kept text is not in its document.
#[derive(Debug, thiserror::Error)]
pub enum PutBackError {
    #[error("cannot read the edit backups")]
    Unreadable(#[source] io::Error),
    #[error("cannot write {path}")]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("somebody saved the document meanwhile; try again")]
    Raced,
    #[error(transparent)]
    Replace(ReplaceError),
}

/// The kept texts of a project.
pub fn edits_of(peer: &Peer) -> Edits {
    Edits::in_directory(peer.paths.edit_backups())
}

/// Does what the screen wishes to be done with the files; this may take a moment.
pub fn fulfil(peer: &Peer, wish: Wish) -> Answer {
    let edits = edits_of(peer);
    match wish {
        Wish::List => Answer::Listed(edits.list().map_err(|error| error.to_string())),
        Wish::Read(name) => {
            let text = edits.text(&name);
            let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            Answer::Text { name, text: text.map_err(|error| error.to_string()) }
        }
        Wish::PutBack(backup) => {
            let problem = put_back(peer, &backup).err().map(|error| in_full(&error));
            Answer::PutBack { backup, problem }
        }
    }
}

/// What went wrong, with what it came from.
fn in_full(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text = format!("{text}: {next}");
        source = next.source();
    }
    text
}

/// Writes a kept text into its document.
///
/// # Errors
///
/// When it cannot be read or written; the document is then as it was.
pub fn put_back(peer: &Peer, backup: &EditBackup) -> Result<(), PutBackError> {
    let edits = edits_of(peer);
    let home = peer.paths.task_orchestrator();
    let file = home.join(&backup.document);
    let io = |source| PutBackError::Io { path: file.clone(), source };
    let bytes = edits.text(&backup.name).map_err(PutBackError::Unreadable)?;
    let files = Files::below(&home).map_err(io)?;
    let standing: Option<Reading> = match files.read(&file) {
        Ok(reading) => Some(reading),
        Err(ReadError::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
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
    let look_again = |displaced: Option<Displaced>| -> Result<(), PutBackError> {
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
            Err(PutBackError::Raced)
        }
        Err(error) => Err(PutBackError::Replace(error)),
    }
}
