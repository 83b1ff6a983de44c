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
use crate::modes::folder::{ACTIVE_FILE, ActiveMode, FolderError, HistoryEntry};
use crate::query;
use crate::store::Readers;

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
    folder.write_active(ActiveMode::of(loaded, "", now))
}

/// What a person wants instead of the mode that is in force.
pub(super) fn chosen_instead(
    folder: &ModesFolder,
    readers: &Readers,
    session: &Session,
) -> Result<Chosen, Refusal> {
    let Some(active) = folder.active() else {
        let is_there = folder.is_there(ACTIVE_FILE);
        return Ok(if is_there { Chosen::Unreadable } else { Chosen::Nothing });
    };
    if active.mode_name() == session.mode || active.active_mode.session_id != session.id.to_string()
    {
        return Ok(Chosen::Nothing);
    }
    let last = bindings(readers, session.id, 1)?.into_iter().next();
    let tells_of_it =
        last.is_some_and(|last| last.at.to_string() == active.active_mode.activated_at);
    let name = active.mode_name().to_owned();
    Ok(if tells_of_it { Chosen::Mode(name) } else { Chosen::Nothing })
}

/// Brings both files up to date with what the live session is bound to.
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
    let wanted = ActiveMode::of(&LoadedMode { mode, binding }, &session.id.to_string(), at);
    let unreadable = || folder.is_there(ACTIVE_FILE);
    let is_told = folder.active().map_or_else(unreadable, |active| {
        active.mode_metadata == wanted.mode_metadata
            && active.active_mode.mode_file == wanted.active_mode.mode_file
            && active.active_mode.session_id == wanted.active_mode.session_id
            && active.active_mode.activated_at == wanted.active_mode.activated_at
    });
    if !is_told {
        folder.write_active(wanted)?;
    }
    history(folder, bindings)
}

/// Adds the bindings that the history does not have.
fn history(folder: &ModesFolder, bindings: Vec<Bound>) -> Result<(), TellError> {
    let told = folder.history()?;
    let mut missing = Vec::new();
    for bound in bindings {
        let at = bound.at;
        let entry = entry(bound);
        if told.last() == Some(&entry) {
            break;
        }
        missing.push((entry, at));
    }
    for (entry, at) in missing.into_iter().rev() {
        folder.add_history(entry, at)?;
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
