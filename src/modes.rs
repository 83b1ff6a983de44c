//! Mode files: what people own, and what becomes of it.
//!
//! A mode file is read into a [`Mode`](crate::domain::mode::Mode) and a list of everything that is
//! wrong with it; reading never fails. Nothing here binds a mode: that is a command, and what is in
//! force lives in the database, so that a file that breaks stops nobody.

pub mod built_in;
pub mod folder;
pub mod problem;
pub mod read;
pub mod repair;
mod tree;

pub use folder::ModesFolder;
pub use problem::{ModeProblem, Severity};
pub use read::{Others, Reading, Source, read};
pub use repair::{Repair, Repaired, repair};

/// Largest mode file, in bytes.
pub const MODE_FILE_MAX: usize = 256 * 1024;
