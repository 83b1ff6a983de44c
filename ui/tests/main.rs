//! Tests of the program: its screens, its keys, and the binary itself.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod artifacts;
mod backups;
mod clash;
mod cli;
mod conflicts;
mod dependencies;
mod documents;
mod editor;
mod jumps;
mod keys;
mod metrics;
mod modes;
mod parity;
mod processes;
mod questions;
mod review;
mod screens;
mod search;
mod served;
mod stage;
mod templates;
mod terminal;
mod upkeep;
