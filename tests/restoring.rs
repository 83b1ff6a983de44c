//! Bringing back what a backup holds.

mod board;
mod packing;
mod rules;
mod whole;
