//! Bringing back what a backup holds.

pub(crate) mod board;
mod packing;
mod rules;
mod whole;
