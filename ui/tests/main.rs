//! Tests of the program: its screens, its keys, and the binary itself.

mod cli;
mod keys;
mod processes;
mod screens;
mod stage;
