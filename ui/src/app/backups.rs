//! The backups: which there are, one of them in full, and what is done with them.
//!
//! The files are read and written by the runtime, which is asked for it and tells how far it is; one
//! piece of work goes on at a time, and can be called off.

mod acts;
mod menus;

use callboard_engine::backup::manifest::Manifest;
use callboard_engine::backup::restore::{Report, RestoreScope};
use callboard_engine::backup::{Cleaned, Progress};
use callboard_engine::domain::backup::{Backup, Scope};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::restore::MergeStrategy;

use super::work::Look;
pub use super::work::Stop;
use super::{Effect, scroll};
use crate::overlay::menu::Menu;
pub use acts::{act, answered, begin, changed, enabled, find, go, show, step};

/// What is brought back of a backup, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub scope: RestoreScope,
    pub strategy: MergeStrategy,
}

/// What is to be done with the backups.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Which there are.
    List,
    /// What an archive says of itself.
    Read(Box<Backup>),
    /// One of a scope, with a name where it was given one.
    Create(Scope, Option<String>),
    Verify(Box<Backup>),
    Remove(Box<Backup>),
    /// Which are not to be kept.
    ProposeCleanup,
    CleanUp,
    /// What bringing a backup back would change.
    ProposeRestore(Box<Backup>, Wanted),
    Restore(Box<Backup>, Wanted),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    Listed(Result<Vec<Backup>, Refusal>),
    /// By the name of the file.
    Read {
        file: String,
        manifest: Result<Box<Manifest>, Refusal>,
    },
    /// How far the work is.
    Goes(Progress),
    /// From now on it goes on to its end.
    Decided,
    Made(Result<Box<Backup>, Refusal>),
    Verified(Result<Box<Backup>, Refusal>),
    Removed(Result<Box<Backup>, Refusal>),
    Proposed(Result<Cleaned, Refusal>),
    Cleaned(Result<Cleaned, Refusal>),
    WouldRestore {
        backup: Box<Backup>,
        wanted: Wanted,
        report: Result<Box<Report>, Refusal>,
    },
    Restored(Result<Box<Report>, Refusal>),
}

/// A piece of work that goes on with them.
pub type Work = super::work::Work<Progress>;

/// The backups as they are shown.
#[derive(Debug, Default)]
pub struct BackupsModel {
    pub rows: Vec<Backup>,
    /// Tells whether the folder was looked at.
    pub is_listed: bool,
    /// Why it cannot be looked at.
    pub problem: Option<String>,
    /// The file under the cursor, and the place for when it is gone.
    cursor: Option<String>,
    place: usize,
    /// The first backup on the screen.
    pub offset: usize,
    shown: Option<(String, Result<Box<Manifest>, Refusal>)>,
    pub work: Option<Work>,
    look: Look,
    /// The question whether the backup is to be restored, which could not be asked when it was
    /// ready, by the name of the file.
    ready: Option<(String, Menu)>,
}

impl BackupsModel {
    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |file: &String| self.rows.iter().position(|row| row.file == *file);
        let last = self.rows.len().saturating_sub(1);
        self.cursor.as_ref().and_then(at).unwrap_or_else(|| self.place.min(last))
    }

    /// The backup under the cursor.
    pub fn selected(&self) -> Option<&Backup> {
        self.rows.get(self.index())
    }

    /// What the archive under the cursor says of itself, once it was read.
    pub fn shown(&self) -> Option<Result<&Manifest, &Refusal>> {
        let row = self.selected()?;
        let shown = self.shown.as_ref().filter(|(file, _)| *file == row.file);
        shown.map(|(_, manifest)| manifest.as_ref().map(Box::as_ref))
    }

    /// The first backup to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.rows.len()))
    }

    /// Moves the cursor to a place.
    fn put(&mut self, index: usize) {
        self.place = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(self.place).map(|row| row.file.clone());
    }

    /// Asks which there are, unless that is being looked at: then once more after it.
    fn list(&mut self) -> Vec<Effect> {
        if self.look.begins() { vec![looking(Wish::List)] } else { Vec::new() }
    }

    /// Asks for what is under the cursor in full.
    fn wish(&self) -> Vec<Effect> {
        let row = self.selected().filter(|_| self.shown().is_none());
        row.map(|row| looking(Wish::Read(Box::new(row.clone())))).into_iter().collect()
    }
}

/// A wish that is fulfilled at once.
fn looking(wish: Wish) -> Effect {
    Effect::Backups(wish, Stop::default())
}
