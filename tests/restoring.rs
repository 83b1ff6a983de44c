//! Bringing back what a backup holds.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

mod agents;
pub(crate) mod board;
mod bounds;
mod busy;
mod crafted;
mod damaged;
mod deaths;
mod mended;
mod packing;
mod packs;
mod rest;
mod rules;
mod together;
mod whole;
