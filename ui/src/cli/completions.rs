//! `callboard completions`: what a shell needs to complete verbs and options.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Arguments;
use super::failure::Failure;
use super::output::Output;

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments, output: &mut Output) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "callboard", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end()).map(|()| 0)
}
