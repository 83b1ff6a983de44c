//! The board for agents: tools, resources and prompts over MCP, by stdio and by HTTP.
//!
//! A call goes one way: [`caller`] finds out who calls, [`accept`] brings the arguments into the
//! form of the tool's schema, the tool (one family a file in `tools/`) turns them into a command for
//! the door or a look at the board, and [`answer`] keeps the result small. Every tool is listed in
//! [`catalogue`], from which the published list and the toolsets are made.

mod accept;
mod answer;
mod asking;
mod caller;
mod catalogue;
mod completion;
mod follow;
mod handler;
pub mod http;
mod identity;
mod inbox;
mod instructions;
mod listening;
mod long;
mod mode;
mod params;
mod pieces;
mod prompts;
mod resources;
mod schema;
pub mod sealed;
mod server;
mod shrink;
pub mod stdio;
mod tools;
mod unreadable;
mod work;

pub use catalogue::{Toolset, prepare};
pub use server::{CallboardServer, McpOptions};
