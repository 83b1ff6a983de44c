//! The command line: one file a verb. The terminal application is what runs without a verb.

pub mod environment;

mod add;
mod app;
mod approve;
mod artifact;
mod backup;
mod cleanup;
mod completions;
mod configuration;
mod conflict;
pub mod connect;
mod demo;
mod doctor;
mod done;
mod failure;
mod files;
mod init;
mod lines;
mod list;
mod log;
mod logging;
mod mcp;
mod metrics;
mod mode;
mod next;
mod options;
mod output;
mod person;
mod pieces;
mod project;
mod readable;
mod search;
mod serve;
mod session;
mod show;
mod status;
mod sync;
mod template;
mod templates;
mod undo;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use environment::Environment;
use failure::Failure;
use options::Options;
use output::Output;
use project::Scene;

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration, 3 nothing there (no
project or session here, nothing ready), 4 the project cannot be opened; 101 after a panic, 128
and the signal's number after a signal.

Start with `callboard demo`, or in a project with `callboard` and `callboard connect claude-code`.";

/// A live board for a project where people and AI agents work together.
///
/// Without a verb it opens the terminal application on the project of the current directory.
#[derive(Debug, Parser)]
#[command(name = "callboard", version, after_help = AFTER_HELP)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    app: app::AppArguments,
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Prepare a project; never overwrites anything
    Init(init::InitArguments),
    /// Serve agents over stdio, for clients that start their servers themselves
    Mcp(mcp::McpArguments),
    /// Serve agents over HTTP, without a terminal
    Serve(serve::ServeArguments),
    Connect(connect::ConnectArguments),
    Demo(demo::DemoArguments),
    /// Show the current session, its progress and what waits for a person
    Status(status::StatusArguments),
    /// Show what can be worked on next
    Next(next::NextArguments),
    /// Add a task
    Add(add::AddArguments),
    /// Complete tasks, or set another status
    Done(done::DoneArguments),
    Approve(approve::ApproveArguments),
    SendBack(approve::SendBackArguments),
    /// List tasks
    List(list::ListArguments),
    Search(search::SearchArguments),
    /// Show a task, a group or a session
    Show(show::ShowArguments),
    /// Show who changed what
    Log(log::LogArguments),
    /// Take back your last command, or a given one
    Undo(undo::UndoArguments),
    /// Create, list and move sessions
    Session(session::SessionArguments),
    Mode(mode::ModeArguments),
    Template(template::TemplateArguments),
    Templates(templates::TemplatesArguments),
    /// List, show and decide what two sides changed differently
    Conflict(conflict::ConflictArguments),
    Artifact(artifact::ArtifactArguments),
    Backup(backup::BackupArguments),
    Sync(sync::SyncArguments),
    Metrics(metrics::MetricsArguments),
    Doctor(doctor::DoctorArguments),
    Cleanup(cleanup::CleanupArguments),
    /// Show the configuration, each value with its source
    Config(configuration::ConfigArguments),
    /// Print the completions of a shell
    Completions(completions::CompletionsArguments),
}

/// Runs the program with the arguments it was started with.
pub fn run(arguments: impl Iterator<Item = OsString>, environment: &Environment) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe leaves nobody to tell.
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut output = Output::standard(&arguments.options, environment);
    let scene = Scene { options: &arguments.options, environment };
    let ended = match arguments.verb {
        None => app::run(&arguments.app, &scene),
        Some(verb) => dispatch(verb, &scene, &mut output),
    };
    match ended.and_then(|code| output.finish().map(|()| code)) {
        Ok(code) => ExitCode::from(code),
        // Whoever read the output has seen enough, as `head` does.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            failure.report(&arguments.options, environment);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn dispatch(verb: Verb, scene: &Scene<'_>, output: &mut Output) -> Result<u8, Failure> {
    match verb {
        Verb::Init(arguments) => init::run(&arguments, scene, output),
        Verb::Mcp(arguments) => mcp::run(&arguments, scene),
        Verb::Serve(arguments) => serve::run(&arguments, scene, output),
        Verb::Connect(arguments) => connect::run(&arguments, scene, output),
        Verb::Demo(arguments) => demo::run(&arguments, scene, output),
        Verb::Status(arguments) => status::run(&arguments, scene, output),
        Verb::Next(arguments) => next::run(&arguments, scene, output),
        Verb::Add(arguments) => add::run(&arguments, scene, output),
        Verb::Done(arguments) => done::run(&arguments, scene, output),
        Verb::Approve(arguments) => approve::approve(&arguments, scene, output),
        Verb::SendBack(arguments) => approve::send_back(&arguments, scene, output),
        Verb::List(arguments) => list::run(&arguments, scene, output),
        Verb::Search(arguments) => search::run(&arguments, scene, output),
        Verb::Show(arguments) => show::run(&arguments, scene, output),
        Verb::Log(arguments) => log::run(&arguments, scene, output),
        Verb::Undo(arguments) => undo::run(&arguments, scene, output),
        Verb::Session(arguments) => session::run(&arguments, scene, output),
        Verb::Mode(arguments) => mode::run(&arguments, scene, output),
        Verb::Template(arguments) => template::run(&arguments, scene, output),
        Verb::Templates(arguments) => templates::run(&arguments, scene, output),
        Verb::Conflict(arguments) => conflict::run(&arguments, scene, output),
        Verb::Artifact(arguments) => artifact::run(&arguments, scene, output),
        Verb::Backup(arguments) => backup::run(&arguments, scene, output),
        Verb::Sync(arguments) => sync::run(&arguments, scene, output),
        Verb::Metrics(arguments) => metrics::run(&arguments, scene, output),
        Verb::Doctor(arguments) => doctor::run(&arguments, scene, output),
        Verb::Cleanup(arguments) => cleanup::run(&arguments, scene, output),
        Verb::Config(arguments) => configuration::run(&arguments, scene, output),
        Verb::Completions(arguments) => completions::run(&arguments, output),
    }
}

/// Prints a line to standard error.
pub fn complain(line: &str) {
    // Where standard error is closed, there is nobody to tell.
    writeln!(std::io::stderr(), "callboard: {line}").ok();
}

/// Runs async work to its end.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| Failure::Io { what: "cannot start the runtime".to_owned(), source })?;
    let ended = runtime.block_on(work);
    // Threads that wait for the terminal or a lock do not hold up the end.
    runtime.shutdown_background();
    ended
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// What of a command and those below it is without a word of explanation.
    fn unexplained(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        if command.get_about().is_none() {
            found.push(path.clone());
        }
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            if help.trim().is_empty() {
                found.push(format!("{path} {}", argument.get_id()));
            }
        }
        for inner in command.get_subcommands() {
            unexplained(inner, &path, found);
        }
    }

    #[test]
    fn every_verb_and_each_of_its_arguments_is_explained() {
        let mut command = Arguments::command();
        command.build();
        let mut found = Vec::new();
        unexplained(&command, "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
