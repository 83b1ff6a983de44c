//! Documents in step with the database, on a real disk.

#![expect(clippy::indexing_slicing, clippy::string_slice, reason = "a test may panic")]

mod basics;
mod bytes;
mod deaths;
mod decisions;
mod desk;
mod editors;
mod elsewhere;
mod full_disk;
mod later;
mod moves;
mod oracle;
mod prose;
mod refused;
mod stamps;
mod stories;
mod taken_back;
mod templates;
mod vanished;
