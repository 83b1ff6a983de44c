//! The tools, resources and prompts that the public conformance suite asks a server for, mounted on
//! the program's own HTTP stack: its guard, its sessions, its bounds, its seal.
//!
//! `cargo run -p callboard-engine --example conformance -- 7421` serves them without a token; what
//! the suite then finds wrong with transport, eras or errors is wrong with the program too.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for tests: what fails shall be seen"
)]
#![expect(deprecated, reason = "the suite asks for what the era of sessions had")]

mod listen;
mod prompts;
mod resources;
mod rounds;
mod server;
mod tasks;
mod tools;

use callboard_engine::mcp::McpOptions;
use callboard_engine::mcp::http::{self, HttpOptions};
use callboard_engine::paths::ProjectPaths;

use server::{Fixtures, Shared};

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).map_or(0, |port| port.parse().expect("a port"));
    let directory = tempfile::tempdir().expect("a directory");
    let paths = ProjectPaths::at(directory.path());
    paths.prepare().expect("a project");
    let options =
        HttpOptions { port, token_required: false, ..HttpOptions::new(McpOptions::default()) };
    let shared = Shared::new();
    let make = move || Fixtures::new(shared.clone());
    let handle = http::host(&paths, options, make).await.expect("a server");
    let here = handle.serving().await.expect("an endpoint");
    println!("{}", here.url);
    std::future::pending::<()>().await;
}
