//! The program: parse, open, run, restore.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard::cli;
use callboard::cli::environment::Environment;

fn main() -> ExitCode {
    let ended = Environment::read()
        .context("cannot read the environment")
        .map(|environment| cli::run(std::env::args_os(), &environment));
    match ended {
        Ok(code) => code,
        Err(error) => {
            cli::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
