//! Read models for front ends. Each takes a read-only connection and never waits for the writer.

pub mod changes;
pub mod rows;
