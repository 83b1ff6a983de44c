//! Clearing what a look has found.

use std::path::Path;
use std::{fs, io};

use serde::Serialize;

use super::{Act, Item, Sort};
use crate::backup::archive;
use crate::domain::actor::Actor;
use crate::domain::command::{BATCH_MAX, Command};
use crate::domain::refusal::Refusal;
use crate::door::Request;
use crate::paths::FOLDER;
use crate::peer::Peer;
use crate::store::tend::Chore;
use crate::sync::edits::Edits;
use crate::upkeep::finding::Fix;
use crate::upkeep::work::Work;

/// Pieces of one chore.
const PIECES_MAX: usize = 10_000;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Cleared {
    /// What was cleared.
    pub fixed: Vec<Item>,
    /// What is a person's to decide, or was refused.
    pub left: Vec<Item>,
    /// The changes by which it can be undone: the last of each command.
    pub seqs: Vec<i64>,
}

/// Clears what a look has found, as far as that is done without a decision. Records go by
/// commands, one for each sort, and what a rule refuses is left.
///
/// # Errors
///
/// When it is cancelled, or the store fails; what was done before stays done.
pub fn carry_out(
    peer: &Peer,
    actor: &Actor,
    items: Vec<Item>,
    work: Work<'_>,
) -> Result<Cleared, Refusal> {
    let mut clearing = Clearing { peer, actor, cleared: Cleared::default() };
    let of = items.len();
    let mut sorts: Vec<(Sort, Vec<Item>)> = Vec::new();
    for item in items {
        match sorts.iter_mut().find(|(sort, _)| *sort == item.sort) {
            Some((_, known)) => known.push(item),
            None => sorts.push((item.sort, vec![item])),
        }
    }
    let mut done = 0;
    for (sort, items) in sorts {
        work.step(done, of, sort.as_str())?;
        done += items.len();
        clearing.sort(sort, items, &work)?;
    }
    Ok(clearing.cleared)
}

struct Clearing<'a> {
    peer: &'a Peer,
    actor: &'a Actor,
    cleared: Cleared,
}

impl Clearing<'_> {
    fn sort(&mut self, sort: Sort, items: Vec<Item>, work: &Work<'_>) -> Result<(), Refusal> {
        let (commands, others): (Vec<Item>, Vec<Item>) =
            items.into_iter().partition(|item| matches!(item.act, Act::Command(_)));
        for piece in commands.chunks(BATCH_MAX) {
            work.step(0, 1, sort.as_str())?;
            if stands_alone(sort) {
                piece.iter().try_for_each(|item| self.alone(item))?;
            } else {
                self.batch(sort, piece.to_vec())?;
            }
        }
        let mut chores: Vec<Chore> = Vec::new();
        for item in others {
            match &item.act {
                Act::Chore(chore) if chores.contains(chore) => self.cleared.fixed.push(item),
                Act::Chore(chore) => {
                    chores.push(*chore);
                    self.chore(*chore, work)?;
                    self.cleared.fixed.push(item);
                }
                Act::Person(_) | Act::Command(_) => self.cleared.left.push(item),
                Act::Remove(path) => self.file(&item, remove(path)),
                Act::Private(path) => self.file(&item, make_private(path)),
                // What people wrote is not an agent's to throw away.
                Act::Prune(_) | Act::SetAside(_) if self.actor.is_agent() => {
                    self.cleared.left.push(for_people(item));
                }
                Act::SetAside(path) => self.file(&item, self.set_aside(&item.record, path)),
                Act::Sweep(folder) => {
                    archive::sweep(folder);
                    self.cleared.fixed.push(item);
                }
                Act::Prune(retention) => {
                    let edits = Edits::in_directory(self.peer.paths.edit_backups());
                    let pruned = edits.prune(*retention, self.peer.clock.now());
                    self.file(&item, pruned.map(drop));
                }
            }
        }
        Ok(())
    }

    /// One command for all of a sort; what a rule refuses is left out.
    fn batch(&mut self, sort: Sort, mut items: Vec<Item>) -> Result<(), Refusal> {
        while !items.is_empty() {
            let commands = items.iter().filter_map(command_of).collect();
            let reason = Some(format!("cleanup of {sort}"));
            match self.submit(Command::Batch { commands, reason }) {
                Ok(seq) => {
                    self.cleared.seqs.extend((0 < seq).then_some(seq));
                    self.cleared.fixed.append(&mut items);
                }
                Err(refusal) => {
                    let index = refused_at(&refusal).filter(|index| *index < items.len());
                    let refused = index.map(|index| items.remove(index));
                    let refused = refused.ok_or_else(|| refusal.clone())?;
                    self.cleared.left.push(left(refused, &refusal));
                }
            }
        }
        Ok(())
    }

    fn alone(&mut self, item: &Item) -> Result<(), Refusal> {
        let Some(command) = command_of(item) else { return Ok(()) };
        match self.submit(command) {
            Ok(seq) => {
                self.cleared.seqs.extend((0 < seq).then_some(seq));
                self.cleared.fixed.push(item.clone());
            }
            Err(refusal) if refusal.code == crate::domain::refusal::Code::StoreFailed => {
                return Err(refusal);
            }
            Err(refusal) => self.cleared.left.push(left(item.clone(), &refusal)),
        }
        Ok(())
    }

    fn submit(&self, command: Command) -> Result<i64, Refusal> {
        let request = Request::new(self.actor.clone(), command);
        self.peer.door.submit_blocking(request).map(|outcome| outcome.seq)
    }

    fn chore(&self, chore: Chore, work: &Work<'_>) -> Result<(), Refusal> {
        for _ in 0..PIECES_MAX {
            work.step(0, 1, "the database")?;
            if !self.peer.door.tend_blocking(chore)?.more {
                break;
            }
        }
        Ok(())
    }

    /// Keeps what a file says among the edit backups, and removes it if it says that still.
    fn set_aside(&self, record: &str, path: &Path) -> io::Result<()> {
        let bytes = fs::read(path)?;
        let document =
            record.strip_prefix(FOLDER).map_or(record, |rest| rest.trim_start_matches('/'));
        let edits = Edits::in_directory(self.peer.paths.edit_backups());
        edits.keep(document, &bytes, "no record named it", self.peer.clock.now())?;
        if fs::read(path)? != bytes {
            return Err(io::Error::other("somebody writes in it"));
        }
        fs::remove_file(path)
    }

    fn file(&mut self, item: &Item, done: io::Result<()>) {
        match done {
            Ok(()) => self.cleared.fixed.push(item.clone()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.cleared.fixed.push(item.clone());
            }
            Err(error) => {
                let message = format!("{}; that failed: {error}", item.message);
                let act = Act::Person(Fix::shell("callboard doctor"));
                self.cleared.left.push(Item { message, act, ..item.clone() });
            }
        }
    }
}

/// Sorts whose commands each are a transaction of their own.
fn stands_alone(sort: Sort) -> bool {
    matches!(sort, Sort::OldChanges | Sort::AbandonedSessions | Sort::StaleTasks)
}

fn command_of(item: &Item) -> Option<Command> {
    match &item.act {
        Act::Command(command) => Some((**command).clone()),
        Act::Remove(_)
        | Act::SetAside(_)
        | Act::Sweep(_)
        | Act::Private(_)
        | Act::Chore(_)
        | Act::Prune(_)
        | Act::Person(_) => None,
    }
}

/// Which command of a batch was refused.
fn refused_at(refusal: &Refusal) -> Option<usize> {
    let index = refusal.details.get("index").and_then(serde_json::Value::as_u64)?;
    usize::try_from(index).ok()
}

/// What an agent may not do, a person does by the same cleaning.
fn for_people(item: Item) -> Item {
    let fix = Fix { tool: None, ..Fix::cleaning(item.sort) };
    Item { act: Act::Person(fix), ..item }
}

/// What a rule refused is a person's to decide.
fn left(item: Item, refusal: &Refusal) -> Item {
    let message = format!("{}; it was refused: {}", item.message, refusal.message);
    let fix = Fix { shell: refusal.suggested_action.clone(), ..Fix::default() };
    Item { message, act: Act::Person(fix), ..item }
}

/// Removes a file, or a directory in which nothing but empty directories is.
fn remove(path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return fs::remove_file(path);
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            return Err(io::Error::other("there is something in it now"));
        }
        remove(&entry.path())?;
    }
    fs::remove_dir(path)
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::symlink_metadata(path)?;
    let mode = if metadata.is_dir() { 0o700 } else { 0o600 };
    if metadata.is_symlink() {
        return Err(io::Error::other("it is a link"));
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}
