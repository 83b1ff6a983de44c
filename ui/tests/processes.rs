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
#[path = "../../tests/bulk.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod bulk;
mod claims;
mod clones;
mod deaths;
mod documents;
mod every_tool;
mod foreign;
mod long_work;
pub(crate) mod program;
mod races;
