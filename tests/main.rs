//! The engine's promises, kept on a real database in a real directory.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod board;
mod scene;
