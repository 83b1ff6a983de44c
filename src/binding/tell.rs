//! Telling in `modes/` what is in force, and hearing what a person wrote there.

use crate::domain::mode::LoadedMode;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::modes::ModesFolder;
use crate::modes::folder::FolderError;
use crate::store::Readers;

pub(super) const ACTIVE: &str = "modes/active_mode.yaml";

pub(super) fn chosen(_folder: &ModesFolder) -> Option<String> {
    None
}

pub(super) fn choose(
    _folder: &ModesFolder,
    _loaded: &LoadedMode,
    _now: Timestamp,
) -> Result<(), FolderError> {
    Ok(())
}

pub(super) fn tell(_folder: &ModesFolder, _readers: &Readers) -> Result<(), Refusal> {
    Ok(())
}

pub(super) fn chosen_instead(
    _folder: &ModesFolder,
    _readers: &Readers,
    _session: &Session,
) -> Result<Option<String>, Refusal> {
    Ok(None)
}
