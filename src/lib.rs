//! The engine of Callboard: one state, its rules, its store and its front doors.
//!
//! All state is rows in one store. It changes only by commands, each with an actor; commands come
//! only through the [`door`]. See `ARCHITECTURE.md`.

#[macro_use]
pub mod domain;

pub mod artifacts;
pub mod backup;
pub mod binding;
pub mod clock;
pub mod door;
pub mod export;
pub mod mcp;
pub mod modes;
mod packing;
pub mod paths;
pub mod peer;
pub mod query;
mod rules;
pub mod store;
pub mod sync;
pub mod task_templates;
pub mod upkeep;
