//! The board over MCP, as clients see it on the wire.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a test may panic")]

mod artifacts;
mod asking;
mod backups;
mod client;
mod conflicts;
mod first_generation;
mod gates;
mod http;
mod list;
mod maintenance;
mod modes;
mod news;
mod prompts;
mod repeats;
mod resources;
mod restore;
mod search;
mod sessions;
mod task_templates;
mod tasks;
mod wire;
mod work;
