//! Looking after a project: what is wrong with it, what lies about, what could be faster.
//!
//! [`validate`] looks alone, with readers of its own, and names for each finding what mends it.
//! [`cleanup`] finds what lies about and clears it: what is state goes by commands and can be
//! undone, files only of our own kinds and inside our own folders, and what needs a person is told
//! instead of done. [`optimize`] has chores done that change nothing that anybody can see.

pub mod cleanup;
pub mod finding;
pub mod optimize;
pub mod room;
pub mod validate;
mod work;

pub use finding::{Finding, Fix, Kind, Severity};
pub use work::{Cancel, Progress, Work};
