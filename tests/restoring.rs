//! Bringing back what a backup holds.

mod board;
mod rules;
mod whole;
