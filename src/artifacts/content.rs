//! What an artifact's file says, bounded.

use std::io::{self, Read as _};

use super::containment::{self, ContainmentError, Opened};
use crate::backup::{ENDING, HOME, archive};
use crate::domain::artifact::{Artifact, Storage};
use crate::domain::refusal::{Code, Refusal};
use crate::paths::{FOLDER, ProjectPaths};
use crate::sync::layout;

/// Bytes of a pack that are read for one file in it, while somebody waits.
const PACKED_MAX: u64 = 256 << 20;

/// What an artifact's file says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// None where it is no text.
    pub text: Option<String>,
    /// Of the whole file, in bytes.
    pub size: u64,
    /// There is more than was read.
    pub is_cut: bool,
}

/// Reads at most `limit` bytes of an artifact's file; of an archived session, out of its pack.
///
/// # Errors
///
/// That it is gone, packed away too deeply, or leads out of the project by now.
pub fn read(paths: &ProjectPaths, artifact: &Artifact, limit: usize) -> Result<Content, Refusal> {
    match open(paths, artifact) {
        Ok(Opened { file, path, size }) => bounded(file, size, limit)
            .map_err(|source| Refusal::from(ContainmentError::Io { path, source })),
        Err(error) if error.is_absent() && artifact.storage == Storage::Stored => {
            let bytes = packed(paths, artifact)?;
            bounded(bytes.as_slice(), bytes.len() as u64, limit)
                .map_err(|source| gone(artifact).with("cause", source.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The bytes of an artifact's file as they are, however many; of an archived session, out of its
/// pack.
///
/// # Errors
///
/// As [`read`].
pub fn open_bytes(paths: &ProjectPaths, artifact: &Artifact) -> Result<Box<dyn io::Read>, Refusal> {
    match open(paths, artifact) {
        Ok(opened) => Ok(Box::new(opened.file)),
        Err(error) if error.is_absent() && artifact.storage == Storage::Stored => {
            Ok(Box::new(io::Cursor::new(packed(paths, artifact)?)))
        }
        Err(error) => Err(error.into()),
    }
}

fn bounded(from: impl io::Read, size: u64, limit: usize) -> io::Result<Content> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(&mut bytes)?;
    let is_cut = limit < bytes.len();
    bytes.truncate(limit);
    Ok(Content { text: text(bytes, is_cut), size, is_cut })
}

/// What the pack of an archived session holds of an artifact.
fn packed(paths: &ProjectPaths, artifact: &Artifact) -> Result<Vec<u8>, Refusal> {
    let inner = inner(artifact).ok_or_else(|| gone(artifact))?;
    let folder = inner.split('/').nth(1).unwrap_or_default();
    let pack = paths.session_archives().join(format!("{folder}{ENDING}"));
    if !pack.is_file() {
        return Err(gone(artifact));
    }
    match archive::read_one(&pack, &format!("{HOME}/{inner}"), PACKED_MAX) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(gone(artifact)),
        Err(error) => Err(archived(artifact).with("cause", error.to_string())),
    }
}

fn archived(artifact: &Artifact) -> Refusal {
    let session = artifact.session_id;
    let message =
        format!("{} is packed away with session {session}, which is archived", artifact.path);
    Refusal::new(Code::SessionState, message)
        .with("session", session)
        .suggest(format!("resume session {session} first"))
}

fn gone(artifact: &Artifact) -> Refusal {
    let message = format!("the file of artifact {}, {}, is gone", artifact.id, artifact.path);
    Refusal::new(Code::UnknownId, message)
        .suggest("bring it back from git or a backup, or hand its text over again")
}

/// The text, if the bytes are one; a letter that the limit cut through is left out.
fn text(bytes: Vec<u8>, is_cut: bool) -> Option<String> {
    if bytes.contains(&0) {
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let is_cut_letter = is_cut && bytes.len() < end + 4;
            let whole = bytes.get(..end).filter(|_| is_cut_letter)?;
            String::from_utf8(whole.to_vec()).ok()
        }
    }
}

/// Opens an artifact's file. What is stored stays among the sessions of `.task_orchestrator`,
/// wherever that is.
pub(super) fn open(paths: &ProjectPaths, artifact: &Artifact) -> Result<Opened, ContainmentError> {
    match (artifact.storage, inner(artifact)) {
        (Storage::Stored, Some(inner)) => {
            containment::open_stored(&paths.task_orchestrator(), inner)
        }
        (Storage::Stored, None) => Err(ContainmentError::Private { path: artifact.path.clone() }),
        (Storage::Referenced, _) => containment::open(&paths.root, &artifact.path),
    }
}

/// Where a stored artifact's file is, relative to `.task_orchestrator`.
fn inner(artifact: &Artifact) -> Option<&str> {
    let inner = artifact.path.strip_prefix(FOLDER)?.strip_prefix('/')?;
    inner.strip_prefix(layout::SESSIONS)?.starts_with('/').then_some(inner)
}
