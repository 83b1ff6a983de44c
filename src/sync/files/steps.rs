//! The steps of writing and reading, for those who want to stand between them.

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

/// A point between two things that belong together: what dies here leaves one of them undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// An edit was read, and nothing of it is in the database yet.
    Read,
    /// An edit is merged, and nothing followed from that yet.
    Merged,
    /// A text is among the edit backups, and still stands where it stood.
    Kept,
    /// What is to be written is noted, and nothing of it is written.
    Intended,
    /// A document is replaced or removed, and its row says nothing of it.
    Written,
    /// The rows say what was written.
    Noted,
    /// A session was brought back, and its documents are to be read.
    Rebuilt,
    /// What was displaced says what was expected, and is about to be removed.
    Rechecked,
}

/// Is told of every step; tests stand here to look, to race and to fail.
pub trait Steps: fmt::Debug + Send + Sync {
    /// Called after each step. An error counts as a failing disk at this point.
    ///
    /// # Errors
    ///
    /// Whatever is to fail.
    fn at(&self, step: Step) -> io::Result<()>;

    /// Called at each point of keeping documents that is none of writing one file.
    fn reached(&self, _: Point) {}

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
