//! The steps of writing, for those who want to stand between them.

use std::{fmt, io};

/// What writing has just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The file says what is expected.
    Checked,
    /// The temporary file is there, empty.
    Made,
    /// It holds the new text.
    Written,
    /// The new text is on the disk, under a name that tells what is to be displaced.
    Synced,
    /// Where exchange does not exist: the old file has a second name.
    Linked,
    /// The new text stands in the file's place.
    Swapped,
    /// What was displaced is what was expected.
    Compared,
    /// The directory is on the disk.
    DirectorySynced,
}

/// Is told of every step; tests stand here to look, to race and to fail.
pub trait Steps: fmt::Debug + Send + Sync {
    /// Called after each step. An error counts as a failing disk at this point.
    ///
    /// # Errors
    ///
    /// Whatever is to fail.
    fn at(&self, step: Step) -> io::Result<()>;

    /// Tells whether the file system's exchange may be used where it exists.
    fn may_exchange(&self) -> bool {
        true
    }
}

/// Nobody looks.
#[derive(Debug)]
pub(super) struct Plain;

impl Steps for Plain {
    fn at(&self, _: Step) -> io::Result<()> {
        Ok(())
    }
}
