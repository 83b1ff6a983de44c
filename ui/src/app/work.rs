//! Work that goes on beside the screen: what it is, how far it is, and how it is called off.

use std::sync::Arc;

use callboard_engine::upkeep::Cancel;

use super::Model;

/// Calls a piece of work off; all clones are about the same one.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Cancel>);

impl Stop {
    /// Asks the work to end.
    pub fn call_off(&self) {
        self.0.cancel();
    }

    /// Tells whether the work is called off.
    pub fn is_called_off(&self) -> bool {
        self.0.is_cancelled()
    }

    /// The same, for what the engine does.
    pub fn cancel(&self) -> &Cancel {
        &self.0
    }
}

impl PartialEq for Stop {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Whether something is being looked at; one look at a time, however fast things change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    #[default]
    Done,
    UnderWay,
    /// Something changed since it began.
    Outdated,
}

impl Look {
    /// Tells whether a look is to begin now; else the one under way is followed by another.
    pub fn begins(&mut self) -> bool {
        let begins = *self == Self::Done;
        *self = if begins { Self::UnderWay } else { Self::Outdated };
        begins
    }

    /// The look has ended; tells whether another one begins at once.
    pub fn begins_again(&mut self) -> bool {
        let again = *self == Self::Outdated;
        *self = if again { Self::UnderWay } else { Self::Done };
        again
    }
}

/// Whether a piece of work listens to being called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// It ends soon after, and nothing is left of it.
    WhenCalledOff,
    /// It goes on to its end.
    ByItself,
}

/// A piece of work that goes on, and how far it is told to be.
#[derive(Debug)]
pub struct Work<Progress> {
    /// What it is, as in `Making a backup`.
    pub what: &'static str,
    pub progress: Option<Progress>,
    pub ends: Ends,
    pub(super) stop: Stop,
}

impl<Progress> Work<Progress> {
    /// Work that begins; what it ends by.
    pub(super) fn new(what: &'static str, ends: Ends) -> Self {
        Self { what, progress: None, ends, stop: Stop::default() }
    }

    /// Tells whether it was called off and only has to notice.
    pub fn is_ending(&self) -> bool {
        self.stop.is_called_off() && self.ends == Ends::WhenCalledOff
    }
}

impl Model {
    /// What goes on beside the screen: what it is, and what ending the program means for it.
    pub fn going_on(&self) -> Vec<(&'static str, Ends)> {
        let backups = self.backups.work.iter().map(|work| (work.what, work.ends));
        backups.chain(self.upkeep.work.iter().map(|work| (work.what, work.ends))).collect()
    }

    /// Calls off whatever goes on and can be called off.
    pub fn call_off(&self) {
        let backups = self.backups.work.iter().map(|work| &work.stop);
        backups.chain(self.upkeep.work.iter().map(|work| &work.stop)).for_each(Stop::call_off);
    }

    /// Tells whether keys go into something that the person is in the middle of: nothing opens over
    /// that by itself.
    pub fn is_occupied(&self) -> bool {
        self.overlay.is_some()
            || self.board.renaming.is_some()
            || self.board.filtering
            || self.conflicts.editing.is_some()
            || self.types_search()
    }
}
