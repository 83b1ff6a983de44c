//! Putting modes in force: what stands in the files of the project becomes what a session is bound
//! to, and the files `modes/active_mode.yaml` and `modes/mode_history.yaml` tell it.
//!
//! Files are read here, outside of the writer; the rules see modes that were read. Everything is
//! level-triggered: what is bound is compared with what the files say, whoever changed which of
//! them, so that a death between any two steps is healed by the next look.

mod allowed;
mod follow;
mod for_command;
mod look;
mod select;
mod tell;

pub use allowed::may_begin;
pub(crate) use allowed::may_bring;
pub use follow::{FollowHandle, FollowStatus, follow};
pub(crate) use for_command::ModeOfCommand;
pub use select::{Restored, Selected, Selection, create, create_as, repair, restore, select};

use crate::domain::refusal::{Code, Refusal};
use crate::modes::ModeProblem;
use crate::modes::folder::FolderError;

/// A failure with mode files as a refusal that teaches.
pub fn refused(error: &FolderError) -> Refusal {
    let message = error.to_string();
    match error {
        FolderError::Name { .. } | FolderError::RoleName { .. } => {
            Refusal::new(Code::InvalidValue, message)
                .suggest("give the name of a mode, such as default_roles, without a path")
        }
        FolderError::Missing { closest, .. } | FolderError::NoBackup { closest, .. } => {
            let refusal = Refusal::new(Code::UnknownId, message);
            match closest {
                Some(near) => refusal.with("closest", near).suggest(format!("use {near:?}")),
                None => refusal.suggest("list what there is with orchestrator_mode_list"),
            }
        }
        FolderError::Invalid { problems, .. } => Refusal::new(Code::InvalidValue, message)
            .with("problems", in_words(problems))
            .suggest("mend the file; orchestrator_mode_validate tells everything that is wrong"),
        FolderError::Taken { .. } => Refusal::new(Code::NameTaken, message),
        FolderError::BrokenBackup { .. } => Refusal::new(Code::InvalidValue, message)
            .suggest("choose another backup: orchestrator_mode_list with show_details names them"),
        FolderError::NoText { .. } => Refusal::new(Code::InvalidValue, message),
        FolderError::BrokenHistory { .. }
        | FolderError::NoFolder { .. }
        | FolderError::Read(_)
        | FolderError::Write(_)
        | FolderError::Io { .. } => Refusal::new(Code::StoreFailed, message)
            .suggest("check who owns .task_orchestrator/roles and whether the disk is full"),
    }
}

/// Problems that are named in a refusal.
const PROBLEMS_NAMED: usize = 20;

fn in_words(problems: &[ModeProblem]) -> Vec<String> {
    problems.iter().take(PROBLEMS_NAMED).map(ToString::to_string).collect()
}
