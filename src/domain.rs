//! The words and rules of Callboard, pure: no I/O, no clock, no threads.
//!
//! Everything here can be judged from its arguments alone, and fails only by [`refusal::Refusal`].

#[macro_use]
mod word;

pub mod actor;
pub mod artifact;
pub mod backup;
pub mod both;
pub mod bounds;
pub mod change;
pub mod claim;
pub mod command;
pub mod conflict;
pub mod count;
pub mod document;
pub mod draft;
pub mod gate;
pub mod graph;
pub mod group;
pub mod id;
pub mod judgement;
pub mod lookups;
pub mod mark;
pub mod merge;
pub mod mode;
pub mod outcome;
pub mod progress;
pub mod record;
pub mod refusal;
pub mod restore;
pub mod session;
pub mod task;
pub mod text;
pub mod time;
