//! Backups of a project whose database is damaged, so that it cannot be opened.

use callboard_engine::backup::restore::{Damaged, Wanted, restore_damaged, unseen};
use callboard_engine::backup::{self, Watch};
use callboard_engine::clock::Clock;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::peer::OpenError;

use super::restore::{RestoreArguments, carry_out};
use super::{BackupVerb, look};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::person;
use crate::cli::project::Scene;
use crate::theme::Meaning;

/// What is left to do where there is no backup either.
const NO_BACKUP: &str = "There are no backups of it. Move .task_orchestrator/callboard.db* aside, run `callboard init`, then `callboard sync --rebuild` makes the records of the documents anew.";

/// Does what can be done without the database.
pub(super) fn run(
    verb: &BackupVerb,
    (scene, error): (&Scene<'_>, OpenError),
    output: &mut Output,
) -> Result<u8, Failure> {
    match verb {
        BackupVerb::List { sort } => {
            let all = backup::lying(&scene.paths(None)?).map_err(Refusal::from)?;
            if !output.is_json() {
                let line = output.paint("The project's database is damaged.", Meaning::Bad);
                output.line(&line)?;
                if all.is_empty() {
                    return output.line(NO_BACKUP).map(|()| 0);
                }
            }
            look::say_all(all, (*sort, Clock::system().now()), output).map(|()| 0)
        }
        BackupVerb::Create(_)
        | BackupVerb::Verify { .. }
        | BackupVerb::Restore(_)
        | BackupVerb::Cleanup(_)
        | BackupVerb::Remove(_) => Err(error.into()),
    }
}

/// Brings a backup back into a new database, which takes the place of the damaged one.
pub(super) fn restore(
    arguments: &RestoreArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let paths = scene.paths(None)?;
    let all = backup::lying(&paths).map_err(Refusal::from)?;
    let has_some = !all.is_empty();
    let named = (arguments.backup(), scene.environment.current_directory.as_path());
    let backup = backup::resolve_file_among(all, &paths, named).map_err(|error| {
        let refusal = Refusal::from(error);
        if has_some { refusal } else { refusal.suggest(NO_BACKUP) }
    })?;
    let damaged = Damaged {
        paths: &paths,
        clock: &Clock::system(),
        may: &|peer| person::may_restore(scene.environment, peer),
    };
    let way = |wanted: &Wanted, watch: Watch<'_>| {
        restore_damaged(&damaged, &backup, wanted, (watch, &unseen))
    };
    carry_out(arguments, (&way, scene.environment), output)
}
