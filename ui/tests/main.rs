//! Tests of the program: its screens, its keys, and the binary itself.

mod keys;
mod screens;
mod stage;
