//! The verbs, run as the real program in a directory of their own.

mod artifacts;
mod backups;
mod clients;
mod conflicts;
mod modes;
mod program;
mod reading;
mod refusals;
mod restore;
mod setup;
mod sync;
mod task_templates;
mod templates;
mod upkeep;
mod working;
