//! The questions about backups: what one is to hold, what may go, what restoring would change.

use callboard_engine::backup::Cleaned;
use callboard_engine::backup::restore::{Report, RestoreScope};
use callboard_engine::domain::backup::{Backup, Scope};
use callboard_engine::domain::count::counted;
use callboard_engine::domain::restore::MergeStrategy;

use super::{Wanted, Wish};
use crate::backups::restored;
use crate::overlay::Choice;
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};
use crate::sizes::bytes;

/// Backups that are named before they go.
const NAMED: usize = 6;

/// What a backup is to hold.
pub(super) fn scopes() -> Menu {
    let create = |scope| {
        let hint = "Enter alone names it after the time";
        let purpose = Purpose::NameBackup(scope);
        Choice::Prompt(Box::new(Prompt::new("Name of the backup", hint, "", purpose)))
    };
    Menu::new("Make a backup")
        .about("Work goes on meanwhile. The archive is read back before it counts.")
        .item('a', "all: the database and every session's documents", create(Scope::All))
        .item('f', "full: roles, modes, templates and settings, too", create(Scope::Full))
        .item('s', "session: the database and this session's documents", create(Scope::Session))
        .item('d', "database alone", create(Scope::Database))
        .item('m', "documents alone", create(Scope::Documents))
        .ready()
}

/// Asks whether what is not to be kept shall go.
pub(super) fn clean_up(found: &Cleaned) -> Menu {
    let named = found.removed.iter().take(NAMED);
    let mut lines: Vec<String> = named
        .map(|doomed| {
            let (name, size) = (&doomed.backup.name, bytes(doomed.backup.size));
            format!("{name} ({size}): {}", doomed.why)
        })
        .collect();
    let more = found.removed.len().saturating_sub(NAMED);
    if 0 < more {
        lines.push(format!("and {more} more"));
    }
    let (count, freed) = (found.removed.len(), bytes(found.freed));
    let backups = counted(count, "backup");
    Menu::new("Clean up")
        .about(lines.join("\n"))
        .item('n', "keep them", Choice::Nothing)
        .item(
            'y',
            format!("remove {backups} for good: {freed}"),
            Choice::Backups(Box::new(Wish::CleanUp)),
        )
        .ready()
}

/// Asks whether one backup shall go.
pub(super) fn remove(backup: &Backup, is_last_sound: bool) -> Menu {
    let size = bytes(backup.size);
    let about = if is_last_sound {
        "It is the last sound backup: without it nothing can be restored."
    } else {
        "Nothing brings it back."
    };
    Menu::new(format!("Remove {}?", backup.name))
        .about(about)
        .item('n', "keep it", Choice::Nothing)
        .item(
            'y',
            format!("remove it for good: {size}"),
            Choice::Backups(Box::new(Wish::Remove(Box::new(backup.clone())))),
        )
        .ready()
}

/// Asks how a backup is to be brought back. Choosing only looks what would change.
pub(super) fn restore(backup: &Backup) -> Menu {
    let look = |scope, strategy| {
        let wanted = Wanted { scope, strategy };
        Choice::Backups(Box::new(Wish::ProposeRestore(Box::new(backup.clone()), wanted)))
    };
    let no_database =
        (!backup.scope.has_database()).then(|| "the database is not in it".to_owned());
    let full = RestoreScope::Full;
    let text = format!("{}. First you are shown what would change.", backup.name);
    Menu::new("Restore")
        .about(text)
        .item_if(
            'r',
            "replace: everything as it was then",
            no_database.clone(),
            look(full, MergeStrategy::Replace),
        )
        .item_if(
            'm',
            "merge: only what nobody changed since",
            no_database.clone(),
            look(full, MergeStrategy::Merge),
        )
        .item_if(
            's',
            "skip existing: only what is gone",
            no_database,
            look(full, MergeStrategy::SkipExisting),
        )
        .item('d', "documents alone", look(RestoreScope::Documents, MergeStrategy::Replace))
        .ready()
}

/// Shows what would change, and asks.
pub(super) fn confirm_restore(backup: &Backup, wanted: Wanted, report: &Report) -> Menu {
    let mut lines = restored(report);
    lines.extend(report.notes.iter().take(NAMED).cloned());
    lines.push("What is there now is backed up first.".to_owned());
    let now = Choice::Backups(Box::new(Wish::Restore(Box::new(backup.clone()), wanted)));
    Menu::new(format!("Restore {}?", backup.name))
        .about(lines.join("\n"))
        .item('n', "leave everything as it is", Choice::Nothing)
        .item('y', "restore it", now)
        .ready()
}
