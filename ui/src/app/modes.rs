//! The modes: which files there are, one of them in full, and what is done with them.
//!
//! The files are read and written by the runtime, which is asked for it and answers; which mode is
//! in force, and which were before, comes from the store with everything else.

mod acts;
mod menus;

use callboard_engine::domain::mode::{Bound, Mode};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::modes::Reading;
use callboard_engine::modes::folder::{Backup, ListedMode, Mended, NewMode, Offer};
use callboard_engine::query::modes::StrayRole;

use super::{Effect, Model, scroll};
use crate::overlay::mode_form::ModeForm;
pub use acts::{act, answered, enabled, find, followed, go, news, show, step};
pub use menus::open_menu;

/// What is to be done with the mode files.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// What there is.
    List,
    /// One mode in full.
    Read(String),
    /// The same, to be told of.
    Validate(String),
    Select {
        mode: String,
        reason: Option<String>,
    },
    /// What repairing a mode would change.
    ProposeRepair(String),
    Repair(String),
    Create(Box<NewMode>),
    BackUp(String),
    /// By the name of the backup.
    Restore(String),
    /// The newer file that is built in.
    TakeNewer(String),
    /// The project's own, in spite of the newer one.
    KeepOwn(String),
    /// The file of a mode, to be edited.
    Edit(String),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    Listed(Box<Files>),
    Read(Box<Shown>),
    Validated(Box<Shown>),
    Proposed {
        name: String,
        proposed: Box<Result<Mended, Refusal>>,
    },
    Done(Result<Done, Refusal>),
    /// The mode and its file, relative to `.task_orchestrator/`.
    ToEdit(Result<(String, String), Refusal>),
}

/// Something that was done, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Done {
    pub told: String,
    /// The mode that it is about, where the cursor should go there.
    pub mode: Option<String>,
}

impl Done {
    /// Something that leaves the cursor where it is.
    pub fn of(told: String) -> Self {
        Self { told, mode: None }
    }
}

/// What there is of mode files.
#[derive(Debug, Default)]
pub struct Files {
    pub listed: Vec<ListedMode>,
    pub offers: Vec<Offer>,
    /// The newest first.
    pub backups: Vec<Backup>,
}

/// One mode in full.
#[derive(Debug)]
pub struct Shown {
    pub name: String,
    /// Its mode and problems, or why the file cannot be read at all.
    pub reading: Result<Reading, String>,
    /// Roles that open tasks have and it has not.
    pub strays: Vec<StrayRole>,
    /// Whether something in it can be repaired by itself.
    pub mends: bool,
}

/// The modes as they are shown.
#[derive(Debug, Default)]
pub struct ModesModel {
    pub files: Files,
    /// Tells whether the files were looked at.
    pub is_listed: bool,
    shown: Option<Shown>,
    /// Name and file under the cursor, and the place for when they are gone.
    cursor: Option<(String, Option<String>)>,
    place: usize,
    /// The first mode on the screen.
    pub offset: usize,
    /// What the session was bound to, the newest first.
    pub history: Vec<Bound>,
    /// The mode in force, as the store has it.
    pub in_force: Option<Mode>,
    /// What cannot be put in force at present, and since when.
    pub trouble: Option<(Timestamp, String)>,
    /// The form whose mode is being made, for the case that it is refused.
    pub unsent: Option<Box<ModeForm>>,
}

impl ModesModel {
    /// The modes that are listed.
    pub fn rows(&self) -> &[ListedMode] {
        &self.files.listed
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |(name, file): &(String, Option<String>)| {
            self.rows().iter().position(|row| row.name == *name && row.file == *file)
        };
        let last = self.rows().len().saturating_sub(1);
        self.cursor.as_ref().and_then(at).unwrap_or_else(|| self.place.min(last))
    }

    /// The mode under the cursor, as it is listed.
    pub fn selected(&self) -> Option<&ListedMode> {
        self.rows().get(self.index())
    }

    /// The mode under the cursor in full, once it was read.
    pub fn shown(&self) -> Option<&Shown> {
        let row = self.selected()?;
        self.shown.as_ref().filter(|shown| shown.name == row.name)
    }

    /// The first mode to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.rows().len()))
    }

    /// The backups of a mode, the newest first.
    pub fn backups_of<'a>(&'a self, mode: &'a str) -> impl Iterator<Item = &'a Backup> {
        self.files.backups.iter().filter(move |backup| backup.mode == mode)
    }

    /// The newer built-in file that a mode could have.
    pub fn offer(&self, mode: &str) -> Option<&Offer> {
        self.files.offers.iter().find(|offer| offer.name == mode)
    }

    /// Moves the cursor to a place.
    fn put(&mut self, index: usize) {
        self.place = index.min(self.rows().len().saturating_sub(1));
        self.cursor = self.rows().get(self.place).map(|row| (row.name.clone(), row.file.clone()));
    }

    /// Moves the cursor to a mode, if it is listed.
    fn put_on(&mut self, name: &str) {
        if let Some(index) = self.rows().iter().position(|row| row.name == name) {
            self.put(index);
        }
    }

    /// Asks for the mode under the cursor in full.
    fn wish(&self) -> Vec<Effect> {
        let name = self.selected().map(|row| row.name.clone());
        name.map(|name| Effect::Modes(Wish::Read(name))).into_iter().collect()
    }
}

impl Model {
    /// The name of the mode in force.
    pub fn mode(&self) -> Option<&str> {
        self.session.as_ref().map(|row| row.session.mode.as_str())
    }

    /// Tells whether something else than the bound file is in force, because that is broken or gone.
    pub fn mode_is_recovered(&self) -> bool {
        let binding = self.session.as_ref().and_then(|row| row.session.binding.as_ref());
        binding.is_some_and(|binding| binding.source.is_recovered() && binding.problem.is_some())
    }
}
