//! What an artifact's file says, bounded.

use std::io::Read as _;

use super::containment::{self, ContainmentError, Opened};
use crate::domain::artifact::{Artifact, Storage};
use crate::domain::refusal::Refusal;
use crate::paths::{FOLDER, ProjectPaths};
use crate::sync::layout;

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

/// Reads at most `limit` bytes of an artifact's file.
///
/// # Errors
///
/// That it is gone, or leads out of the project by now.
pub fn read(paths: &ProjectPaths, artifact: &Artifact, limit: usize) -> Result<Content, Refusal> {
    let opened = open(paths, artifact)?;
    let (path, size) = (opened.path, opened.size);
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    opened
        .file
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|source| Refusal::from(ContainmentError::Io { path, source }))?;
    let is_cut = limit < bytes.len();
    bytes.truncate(limit);
    Ok(Content { text: text(bytes, is_cut), size, is_cut })
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

/// Opens an artifact's file. What is stored stays within `.task_orchestrator`, wherever that is.
pub(super) fn open(paths: &ProjectPaths, artifact: &Artifact) -> Result<Opened, ContainmentError> {
    let inner = artifact.path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
    let inner = inner.filter(|inner| inner.starts_with(layout::SESSIONS));
    match (artifact.storage, inner) {
        (Storage::Stored, Some(inner)) => containment::open(&paths.task_orchestrator(), inner),
        (Storage::Stored, None) | (Storage::Referenced, _) => {
            containment::open(&paths.root, &artifact.path)
        }
    }
}
