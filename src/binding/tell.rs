//! Telling in `modes/` what is in force, and hearing what a person wrote there.
//!
//! The database decides. What `active_mode.yaml` says is an edit where it names another mode for the
//! binding that it tells of, and what a death has left where it tells of an older one.

use crate::domain::id::SessionId;
use crate::domain::mode::{Bound, LoadedMode};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::modes::ModesFolder;
use crate::modes::folder::{ActiveMode, FolderError, HistoryEntry};
use crate::query;
use crate::store::Readers;

/// What stands for the session that is still to be made.
const NEXT: &str = "next";
/// Bindings that may have to be added to the history at once.
const MISSED_MAX: usize = 50;

/// What a person wrote into `active_mode.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    /// Nothing of their own.
    Nothing,
    /// The name of another mode.
    Mode(String),
    /// Something that cannot be read; it is left as it is.
    Unreadable,
}

/// The mode that is named for sessions to come.
pub(super) fn chosen(folder: &ModesFolder) -> Option<String> {
    folder.active().map(|active| active.mode_name().to_owned())
}

/// Names a mode for sessions to come.
pub(super) fn choose(
    folder: &ModesFolder,
    loaded: &LoadedMode,
    now: Timestamp,
) -> Result<(), FolderError> {
    let before = folder.active_content()?.map(|(_, bytes)| bytes);
    folder.write_active(ActiveMode::of(loaded, NEXT, now), before.as_deref())
}

/// What a person wants instead of the mode that is in force.
pub(super) fn chosen_instead(
    folder: &ModesFolder,
    readers: &Readers,
    session: &Session,
) -> Result<Chosen, Refusal> {
    let active = match folder.active_content() {
        Ok(Some((Some(active), _))) => active,
        Ok(None) => return Ok(Chosen::Nothing),
        Ok(Some((None, _))) | Err(_) => return Ok(Chosen::Unreadable),
    };
    let last = bindings(readers, session.id, 1)?.into_iter().next();
    Ok(match edit(&active, session, last.as_ref()) {
        Some(name) => Chosen::Mode(name),
        None => Chosen::Nothing,
    })
}

/// The mode that a person named in the file: another one for the binding that it tells of, or one
/// without a word of ours.
fn edit(active: &ActiveMode, session: &Session, last: Option<&Bound>) -> Option<String> {
    let told = &active.active_mode;
    let by_hand = told.session_id.is_empty();
    let tells_of_it = told.session_id == session.id.to_string()
        && last.is_some_and(|last| last.number == told.binding);
    let is_edit = active.mode_name() != session.mode && (by_hand || tells_of_it);
    is_edit.then(|| active.mode_name().to_owned())
}

/// Brings both files up to date with what the live session is bound to. Where the file names another
/// mode for this very binding, that is an edit: it stays until it was heard.
pub(super) fn tell(folder: &ModesFolder, readers: &Readers) -> Result<(), TellError> {
    let found = readers.read(|reader| {
        let Some(session) = query::sessions::live(reader)? else { return Ok(None) };
        let mode = query::modes::in_force(reader, &session)?;
        Ok(mode.map(|mode| (session, mode)))
    })?;
    let Some((session, mode)) = found else { return Ok(()) };
    let Some(binding) = session.binding.clone() else { return Ok(()) };
    let bindings = bindings(readers, session.id, MISSED_MAX)?;
    let at = bindings.first().map_or(session.updated_at, |last| last.at);
    let mut wanted = ActiveMode::of(&LoadedMode { mode, binding }, &session.id.to_string(), at);
    wanted.active_mode.binding = bindings.first().map_or(0, |last| last.number);
    let (told, before) = match folder.active_content()? {
        // What a person wrote and nobody can read is left to them.
        Some((None, _)) => return history(folder, bindings),
        Some((told, bytes)) => (told, Some(bytes)),
        None => (None, None),
    };
    let edited = |told: &ActiveMode| edit(told, &session, bindings.first()).is_some();
    if !told.is_some_and(|told| edited(&told) || says_the_same(&told, &wanted)) {
        folder.write_active(wanted, before.as_deref())?;
    }
    history(folder, bindings)
}

fn says_the_same(told: &ActiveMode, wanted: &ActiveMode) -> bool {
    let (left, right) = (&told.active_mode, &wanted.active_mode);
    left.mode_file == right.mode_file
        && left.session_id == right.session_id
        && left.binding == right.binding
}

/// Adds the bindings that the history does not have.
fn history(folder: &ModesFolder, bindings: Vec<Bound>) -> Result<(), TellError> {
    let told = match folder.history() {
        // It is put aside when something is added.
        Err(FolderError::BrokenHistory { .. }) => Vec::new(),
        told => told?,
    };
    for bound in bindings.into_iter().rev() {
        let at = bound.at;
        let entry = entry(bound);
        if !told.contains(&entry) {
            folder.add_history(entry, at)?;
        }
    }
    Ok(())
}

fn entry(bound: Bound) -> HistoryEntry {
    let recovered = bound.binding.is_some_and(|binding| binding.problem.is_some());
    HistoryEntry {
        timestamp: bound.at.to_string(),
        from_mode: bound.from,
        to_mode: bound.to,
        session_id: Some(bound.session_id.to_string()),
        reason: bound.reason.unwrap_or_else(|| format!("by {}", bound.actor)),
        success: !recovered,
    }
}

fn bindings(readers: &Readers, session: SessionId, limit: usize) -> Result<Vec<Bound>, Refusal> {
    readers.read(|reader| query::modes::history(reader, session, limit))
}

/// Why it could not be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellError {
    #[error(transparent)]
    Read(#[from] Refusal),
    #[error(transparent)]
    Write(#[from] FolderError),
}
