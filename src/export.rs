//! A session as one file, for people and programs elsewhere.
//!
//! An export is written beside the work and never read again: where it goes is looked at before the
//! move that it belongs to, so that a path that leads out of the project refuses the call; what fails
//! afterwards takes nothing back.

mod json;
mod markdown;
mod place;

use std::io::{self, BufWriter, Write as _};

pub use place::Place;

use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::Session;
use crate::packing::Packing;
use crate::paths::ProjectPaths;
use crate::peer::Peer;

words! {
    /// What a session is exported as.
    Format("export_format") {
        /// Every record.
        Json = "json",
        /// One report to read.
        Markdown = "markdown" | "md",
        /// The archive that it is packed into, documents and artifacts and all.
        Archive = "tar.zst" | "archive" | "zip" | "tar.gz",
    }
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "md",
            Self::Archive => "tar.zst",
        }
    }
}

/// Whether an export tells of artifacts. An archive always holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Artifacts {
    Told,
    LeftOut,
}

/// An export that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub format: Format,
    /// Relative to the project; among the exports when absent.
    pub path: Option<String>,
    pub artifacts: Artifacts,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Relative to the project.
    pub path: String,
    pub format: Format,
    /// Of the file.
    pub bytes: u64,
}

/// Where an export will stand.
///
/// # Errors
///
/// When the path leads out of the project or to what Callboard keeps there, or something is there.
pub fn place(paths: &ProjectPaths, session: &Session, wanted: &Wanted) -> Result<Place, Refusal> {
    place::of(paths, session, wanted)
}

/// Writes an export.
///
/// # Errors
///
/// When it cannot be written; nothing is left of it.
pub fn write(
    peer: &Peer,
    session: SessionId,
    (wanted, place): (&Wanted, &Place),
) -> Result<Exported, Refusal> {
    let told = |path: String, bytes| Exported { path, format: wanted.format, bytes };
    if wanted.format == Format::Archive && wanted.path.is_none() {
        // It lies there already.
        let (path, bytes) = packed(peer, session)?;
        let path = path.strip_prefix(&peer.paths.root).unwrap_or(&path);
        return Ok(told(path.to_string_lossy().replace('\\', "/"), bytes));
    }
    let bytes = place.write(&peer.paths, |file| fill(peer, session, wanted, file))?;
    Ok(told(place.path(), bytes))
}

fn fill(
    peer: &Peer,
    session: SessionId,
    wanted: &Wanted,
    file: &mut std::fs::File,
) -> Result<(), Refusal> {
    let mut out = BufWriter::new(file);
    match wanted.format {
        Format::Json => json::write(peer, session, wanted.artifacts, &mut out)?,
        Format::Markdown => {
            let text = markdown::of(peer, session, wanted.artifacts)?;
            out.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
        }
        Format::Archive => {
            let (path, _) = packed(peer, session)?;
            let mut archive = std::fs::File::open(path).map_err(|error| failed(&error))?;
            io::copy(&mut archive, &mut out).map_err(|error| failed(&error))?;
        }
    }
    out.flush().map_err(|error| failed(&error))
}

/// The archive of a session, and its size.
fn packed(peer: &Peer, session: SessionId) -> Result<(std::path::PathBuf, u64), Refusal> {
    let Peer { paths, readers, clock, .. } = peer;
    let packing = Packing { paths, readers, clock };
    let found = packing.archive_path(session).and_then(|path| {
        let bytes = path.metadata().ok()?.len();
        Some((path, bytes))
    });
    found.ok_or_else(|| {
        let message =
            format!("session {session} is not packed: it has no documents yet, or no place");
        Refusal::new(Code::StoreFailed, message).suggest("export it as json or markdown")
    })
}

fn failed(error: &io::Error) -> Refusal {
    Refusal::new(Code::StoreFailed, format!("the export cannot be written: {error}"))
        .suggest("look whether there is room, and whether the place can be written to")
}
