//! Bringing back what a backup holds.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

pub(crate) mod board;
mod packing;
mod packs;
mod rules;
mod whole;
