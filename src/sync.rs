//! Documents in step with the database, both ways.
//!
//! Nothing here holds state of the project. What a document says becomes a command; what the
//! database says becomes a document again.

pub mod edits;
pub mod files;
pub mod git;
pub mod grammar;
pub mod keeper;
pub mod layout;
pub mod lock;
pub mod render;
pub mod scan;
pub mod settling;
pub mod splice;
pub mod state;
pub mod watch;
