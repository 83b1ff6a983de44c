//! The files of artifacts: stored with a session or referenced where they are, measured, looked at
//! again, read.
//!
//! A file comes before its record: a text is on the disk when the command is sent, and removed when
//! that is refused. A process that dies in between leaves a file that no record names, which the
//! cleanup finds. Undo takes back the record and leaves the file, so that redo finds it.

mod check;
pub mod containment;
mod content;
mod keep;
mod measure;
mod prepare;

pub use check::{Checked, Finding, Looked, check, look, orphans};
pub use content::{Content, open_bytes, read};
pub use measure::{Watch, unwatched};
pub use prepare::{Handed, NewArtifact, Prepared, prepare, record};

/// The folder of stored texts, in the directory of a session.
pub const WORK_PRODUCTS: &str = "artifacts/work_products";
