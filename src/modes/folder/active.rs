//! `modes/active_mode.yaml` and `modes/mode_history.yaml`: what is bound and what was, for people
//! and for the first generation's programs. The database decides; these files follow it.

use serde::{Deserialize, Serialize};

use crate::domain::mode::LoadedMode;
use crate::domain::time::Timestamp;
use crate::modes::built_in;
use crate::modes::read::stem;

use super::{FolderError, ModesFolder};

/// Relative to `.task_orchestrator/`.
pub const ACTIVE_FILE: &str = "modes/active_mode.yaml";
/// Relative to `.task_orchestrator/`.
pub const HISTORY_FILE: &str = "modes/mode_history.yaml";
/// Most entries of the history; the oldest go.
pub const HISTORY_MAX: usize = 200;

/// What is bound, as `active_mode.yaml` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveMode {
    pub active_mode: Activation,
    #[serde(default)]
    pub mode_metadata: ActiveMetadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// `software_development.yaml`; a person may change it, which selects that mode.
    pub mode_file: String,
    #[serde(default)]
    pub activated_at: String,
    #[serde(default)]
    pub session_id: String,
    /// The number of the binding that it tells of: another mode for it is an edit.
    #[serde(default)]
    pub binding: i64,
    /// `valid`, `invalid` or `recovered`.
    #[serde(default)]
    pub validation_status: String,
    #[serde(default)]
    pub backup_available: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ActiveMetadata {
    pub last_validation: String,
    pub validation_result: String,
    pub specialist_count: usize,
    pub custom_roles_count: usize,
}

/// A step from one mode to another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryEntry {
    pub timestamp: String,
    pub from_mode: Option<String>,
    pub to_mode: String,
    pub session_id: Option<String>,
    pub reason: String,
    pub success: bool,
}

/// The history as it may be written: bare, or below a key.
#[derive(Deserialize)]
struct Keyed {
    mode_history: Vec<HistoryEntry>,
}

impl ActiveMode {
    /// What is to be said of a mode that was bound.
    pub fn of(loaded: &LoadedMode, session_id: &str, now: Timestamp) -> Self {
        let LoadedMode { mode, binding } = loaded;
        let defaults = built_in::compiled_in();
        let is_recovered = binding.problem.is_some();
        let status = if is_recovered { "recovered" } else { "valid" };
        Self {
            active_mode: Activation {
                mode_file: format!("{}.yaml", mode.name),
                activated_at: now.to_string(),
                session_id: session_id.to_owned(),
                binding: 0,
                validation_status: status.to_owned(),
                backup_available: false,
            },
            mode_metadata: ActiveMetadata {
                last_validation: now.to_string(),
                validation_result: binding.problem.clone().unwrap_or_else(|| status.to_owned()),
                specialist_count: mode.roles.len(),
                custom_roles_count: mode
                    .roles
                    .iter()
                    .filter(|role| defaults.role(&role.name).is_none())
                    .count(),
            },
        }
    }

    /// The name of the mode.
    pub fn mode_name(&self) -> &str {
        stem(&self.active_mode.mode_file)
    }
}

impl ModesFolder {
    /// What `active_mode.yaml` says; none where it is missing or cannot be read, as nothing
    /// depends on it.
    pub fn active(&self) -> Option<ActiveMode> {
        self.active_content().ok()??.0
    }

    /// What `active_mode.yaml` says, none where it cannot be read, and its bytes; none where there
    /// is no such file.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be opened.
    #[expect(clippy::type_complexity, reason = "what a file says and what it holds")]
    pub fn active_content(&self) -> Result<Option<(Option<ActiveMode>, Vec<u8>)>, FolderError> {
        let bytes = self.content(ACTIVE_FILE)?;
        Ok(bytes.map(|bytes| (serde_yaml::from_slice(&bytes).ok(), bytes)))
    }

    /// Writes `active_mode.yaml`, if it still holds what was read: a person may be editing it.
    /// Whether there is a backup is looked up here.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write_active(
        &self,
        mut active: ActiveMode,
        before: Option<&[u8]>,
    ) -> Result<(), FolderError> {
        active.active_mode.backup_available = self.has_backup(active.mode_name());
        self.write(ACTIVE_FILE, before, yaml(&active).as_bytes())
    }

    /// What was bound before, the oldest first; empty where the file is missing.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be read.
    pub fn history(&self) -> Result<Vec<HistoryEntry>, FolderError> {
        let Some(bytes) = self.content(HISTORY_FILE)? else { return Ok(Vec::new()) };
        let bare: Result<Option<Vec<HistoryEntry>>, _> = serde_yaml::from_slice(&bytes);
        if let Ok(bare) = bare {
            return Ok(bare.unwrap_or_default());
        }
        let keyed: Result<Keyed, _> = serde_yaml::from_slice(&bytes);
        keyed.map(|keyed| keyed.mode_history).map_err(|error| FolderError::BrokenHistory {
            file: HISTORY_FILE,
            problem: error.to_string().lines().next().unwrap_or_default().to_owned(),
        })
    }

    /// Adds to the history, of which only the newest [`HISTORY_MAX`] entries stay. A history that
    /// cannot be read is put aside and begun anew.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn add_history(&self, entry: HistoryEntry, now: Timestamp) -> Result<(), FolderError> {
        let before = self.content(HISTORY_FILE)?;
        let mut entries = match self.history() {
            Ok(entries) => entries,
            Err(FolderError::BrokenHistory { .. }) => {
                let aside = format!("modes/mode_history.broken-{}.yaml", now.0);
                self.write_new(&aside, before.as_deref().unwrap_or_default())?;
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        entries.push(entry);
        let entries = entries.split_off(entries.len().saturating_sub(HISTORY_MAX));
        self.write(HISTORY_FILE, before.as_deref(), yaml(&entries).as_bytes())
    }
}

fn yaml(value: &impl Serialize) -> String {
    // These types have nothing that YAML cannot hold.
    serde_yaml::to_string(value).unwrap_or_default()
}
