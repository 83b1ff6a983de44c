//! The engine's promises, kept on a real database in a real directory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod artifacts;
mod backups;
mod binding;
mod board;
mod bulk;
mod claims;
mod conflict_queries;
mod conflicts;
mod documents;
mod faults;
mod files;
mod gates;
mod guards;
mod invariants;
mod keeping;
mod mcp;
mod modes;
mod notes;
mod peers;
mod plans;
pub(crate) mod restoring;
mod scene;
mod search;
mod sessions;
mod task_templates;
mod tasks;
mod tidy;
mod undo;
mod upkeep;
mod watching;
