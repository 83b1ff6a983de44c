//! Tests of the program: its screens, its keys, and the binary itself.

mod keys;
mod processes;
mod screens;
mod stage;
