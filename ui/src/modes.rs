//! The mode files, for the screen: what is to be read of them and done with them.

pub mod words;

use callboard_engine::binding::{self, Selection};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::mode::Mode;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::modes::ModesFolder;
use callboard_engine::modes::folder::{BackupReason, FolderError};
use callboard_engine::peer::Peer;
use callboard_engine::query::modes::StrayRole;
use callboard_engine::query::{modes, sessions};

use crate::app::modes::{Answer, Done, Files, Shown, Wish};

/// Does what the screen wishes to be done with the mode files; this may take a moment.
pub fn fulfil(peer: &Peer, wish: Wish) -> Answer {
    let folder = ModesFolder::of(&peer.paths);
    match wish {
        Wish::List => Answer::Listed(Box::new(files(&folder))),
        Wish::Read(name) => Answer::Read(Box::new(shown(peer, &folder, &name))),
        Wish::Validate(name) => Answer::Validated(Box::new(shown(peer, &folder, &name))),
        Wish::Select { mode, reason } => Answer::Done(select(peer, mode, reason)),
        Wish::ProposeRepair(name) => {
            let proposed = folder.propose_repair(&name).map_err(|error| binding::refused(&error));
            Answer::Proposed { name, proposed: Box::new(proposed) }
        }
        Wish::Repair(name) => Answer::Done(repair(peer, &name)),
        Wish::Create(new) => {
            let made = binding::create(peer, &new).map(|loaded| loaded.mode.name);
            Answer::Done(made.map(|name| {
                let told = format!("The mode {name} is made; Enter selects it.");
                Done { told, mode: Some(name) }
            }))
        }
        Wish::BackUp(name) => {
            Answer::Done(back_up(peer, &folder, &name).map_err(|error| binding::refused(&error)))
        }
        Wish::Restore(backup) => Answer::Done(restore(peer, &backup)),
        Wish::TakeNewer(name) => Answer::Done(
            folder
                .take_offer(&name, peer.clock.now())
                .map(|file| Done::of(format!("{file} is the newer one now.")))
                .map_err(|error| binding::refused(&error)),
        ),
        Wish::KeepOwn(name) => Answer::Done(
            folder
                .decline_offer(&name)
                .map(|()| {
                    Done::of(format!("Your {name} stays; this newer one is not offered again."))
                })
                .map_err(|error| binding::refused(&error)),
        ),
        Wish::Edit(name) => Answer::ToEdit(to_edit(&folder, name)),
    }
}

/// What the files are, in lists.
fn files(folder: &ModesFolder) -> Files {
    Files { listed: folder.list(), offers: folder.offers(), backups: folder.backups() }
}

/// One mode in full.
fn shown(peer: &Peer, folder: &ModesFolder, name: &str) -> Shown {
    let name = name.to_owned();
    match folder.look(&name) {
        Ok(loaded) => {
            let mends = loaded.file.is_some()
                && !loaded.reading.problems.is_empty()
                && folder
                    .propose_repair(&name)
                    .is_ok_and(|mended| !mended.repaired.repairs.is_empty());
            let strays = loaded.reading.mode.as_ref().map(|mode| strays(peer, mode));
            let strays = strays.unwrap_or_default();
            Shown { name, reading: Ok(loaded.reading), strays, mends }
        }
        Err(error) => {
            Shown { name, reading: Err(error.to_string()), strays: Vec::new(), mends: false }
        }
    }
}

/// The roles of open tasks that a mode has not.
fn strays(peer: &Peer, mode: &Mode) -> Vec<StrayRole> {
    let read = peer.readers.read(|reader| match sessions::current(reader)? {
        Some(session) => modes::stray_roles(reader, session.id, mode),
        None => Ok(Vec::new()),
    });
    // The view says more of a store that cannot be read.
    read.unwrap_or_default()
}

fn select(peer: &Peer, mode: String, reason: Option<String>) -> Result<Done, Refusal> {
    let selection = Selection { mode, session: None, reason };
    let selected = binding::select(peer, &Actor::Human, &selection)?;
    let name = selected.loaded.mode.name.clone();
    let told = match &selected.session {
        Some(_) => format!("{name} is in force."),
        None => format!("{name} is chosen."),
    };
    let strays = selected.strays.iter().map(|stray| {
        let (tasks, have) = (counted(stray.tasks, "task"), by_count(stray.tasks, "has", "have"));
        format!("{tasks} {have} the role {}, which it lacks.", stray.role)
    });
    let notes = selected.notes.iter().map(|note| format!("{note}."));
    let told = std::iter::once(told).chain(strays).chain(notes).collect::<Vec<_>>().join(" ");
    Ok(Done { told, mode: Some(name) })
}

fn repair(peer: &Peer, name: &str) -> Result<Done, Refusal> {
    let mended = binding::repair(peer, &Actor::Human, name)?;
    let count = mended.repaired.repairs.len();
    let left = mended.repaired.reading.problems.len();
    let kept = mended.backup.map(|backup| format!("; it was kept as {}", backup.name));
    let told = match (count, left) {
        (0, _) => format!("Nothing in {} can be repaired by itself.", mended.file),
        (_, 0) => format!("{} is repaired{}.", mended.file, kept.unwrap_or_default()),
        (_, left) => format!(
            "{} {} repaired in {}, {} {} left{}.",
            counted(count, "thing"),
            by_count(count, "is", "are"),
            mended.file,
            counted(left, "problem"),
            by_count(left, "is", "are"),
            kept.unwrap_or_default()
        ),
    };
    Ok(Done::of(told))
}

fn back_up(peer: &Peer, folder: &ModesFolder, name: &str) -> Result<Done, FolderError> {
    let backup = folder.back_up(name, BackupReason::Asked, None, peer.clock.now())?;
    let told = if backup.is_new {
        format!("Backed up as {}.", backup.name)
    } else {
        format!("{} says the same already.", backup.name)
    };
    Ok(Done::of(told))
}

fn restore(peer: &Peer, backup: &str) -> Result<Done, Refusal> {
    let restored = binding::restore(peer, &Actor::Human, backup, false)?;
    let replaced = restored.restored.replaced.map(|kept| format!("; before it: {}", kept.name));
    let told = format!(
        "{} is as it was{}{}.",
        restored.restored.file,
        if restored.selected.is_some() { ", and in force" } else { "" },
        replaced.unwrap_or_default()
    );
    Ok(Done { told, mode: Some(restored.restored.mode) })
}

/// The file of a mode, to be edited; what is built in is copied into the project first.
fn to_edit(folder: &ModesFolder, name: String) -> Result<(String, String), Refusal> {
    let refused = |error: FolderError| binding::refused(&error);
    let looked = folder.look(&name).map_err(refused)?;
    let file = match looked.file {
        Some(file) => Some(file),
        None => folder.load(&name).map_err(refused)?.binding.file,
    };
    Ok((name, file.unwrap_or_default()))
}
