//! Reading documents whole, and writing them by compare and swap.
//!
//! A document is replaced by *exchanging* it with a complete temporary file in one step. What was
//! displaced is looked at afterwards: where it is not what was expected, somebody saved at that
//! very moment, the exchange is taken back and their text handed to the caller. Checking first and
//! renaming then would lose such a save. An editor may also still hold the displaced file open and
//! write to it; hence the caller looks at it once more after a grace time ([`Displaced`]).
//!
//! A temporary file may thus hold a person's text. Its name tells what it is expected to hold, so
//! that after a crash what a person wrote is told from what Callboard wrote ([`Files::leftovers`]).

mod identity;
mod outcome;
mod place;
mod reading;
mod remove;
mod rename_over;
mod replace;
mod steps;
mod swap;
mod take_back;
mod temp;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use serde::{Deserialize, Serialize};

pub use identity::Identity;
pub use outcome::{Displaced, Raced, Removed, ReplaceError, Replaced};
pub use place::PlaceError;
pub(crate) use reading::open as open_carefully;
pub use reading::{ReadError, Reading};
pub use steps::{Point, Step, Steps};
pub use temp::Leftover;
pub(super) use temp::is_temporary;
pub(crate) use temp::{Part, sync_directory};

/// The BLAKE3 hash of some bytes, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }

    /// A hash that was kept as text. One that is no hash equals no content.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.0
    }
}

/// The files below one directory, beyond which nothing is read or written.
///
/// Paths are absolute, or relative to that directory.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
    steps: Arc<dyn Steps>,
}

impl Files {
    /// The files below a directory.
    ///
    /// # Errors
    ///
    /// When there is no such directory.
    pub fn below(root: &Path) -> io::Result<Self> {
        Self::stepping(root, Arc::new(steps::Plain))
    }

    /// The same, with somebody who is told of every step of writing.
    ///
    /// # Errors
    ///
    /// When there is no such directory.
    pub fn stepping(root: &Path, steps: Arc<dyn Steps>) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, steps })
    }

    /// Tells who stands between the steps that a point is reached.
    pub(super) fn reached(&self, point: Point) {
        self.steps.reached(point);
    }
}
