//! The board over MCP, as clients see it on the wire.

mod client;
mod http;
mod list;
mod sessions;
mod wire;
