//! The real program, as real processes on one project: races, sudden deaths, bad ground.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod backups;
#[cfg(unix)]
mod bad_ground;
mod claims;
mod clones;
mod deaths;
mod documents;
mod foreign;
pub(crate) mod program;
mod races;
