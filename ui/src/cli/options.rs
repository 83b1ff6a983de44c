//! Options that every verb takes.

use std::path::PathBuf;

use callboard_engine::query::LIMIT_MAX;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every verb")]
pub(super) struct Options {
    /// The project's directory; else `CALLBOARD_PROJECT`, else the nearest project upwards
    #[arg(long, short = 'C', global = true, value_name = "DIRECTORY")]
    pub(super) project: Option<PathBuf>,
    /// Print JSON, where the verb reads
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Whether output has colors
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(super) color: When,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub(super) ascii: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

/// Takes how many of something are wanted at once: the same for every list.
pub(super) fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=LIMIT_MAX).contains(&count) => Ok(count),
        Ok(_) | Err(_) => {
            Err(format!("it is a number from 1 to {LIMIT_MAX}; the cursor of a list continues it"))
        }
    }
}

impl Options {
    /// The settings that these flags override.
    pub(super) fn settings(&self) -> Vec<(&'static str, Value)> {
        if self.ascii { vec![("ascii", json!(true))] } else { Vec::new() }
    }
}
