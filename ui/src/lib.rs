//! The parts of the program: command line, configuration, terminal, theme and widgets.

pub mod cli;
pub mod config;
pub mod terminal;
pub mod theme;
pub mod widgets;
