//! Documents in step with the database, on a real disk.

mod basics;
mod bytes;
mod decisions;
mod desk;
mod moves;
mod oracle;
mod prose;
mod stamps;
mod taken_back;
mod templates;
mod vanished;
