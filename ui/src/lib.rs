//! The parts of the program: command line, configuration, application, panes and the terminal.

pub mod action;
pub mod app;
pub mod artifacts;
pub mod backups;
pub mod cli;
pub mod config;
pub mod conflict;
pub mod context;
pub mod edits;
pub mod highlight;
pub mod keymap;
pub mod modes;
pub mod overlay;
pub mod panes;
pub mod review;
pub mod runtime;
pub mod search;
pub mod seldom;
pub mod sizes;
pub mod terminal;
pub mod theme;
pub mod upkeep;
pub mod widgets;
