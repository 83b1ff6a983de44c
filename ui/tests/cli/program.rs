//! The program with a directory and a home of its own, and nothing else around it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Program {
    directory: TempDir,
    home: TempDir,
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    /// A directory that is no project yet.
    pub(crate) fn bare() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), home: tempfile::tempdir().unwrap() }
    }

    /// A project without a session.
    pub(crate) fn project() -> Self {
        let program = Self::bare();
        program.done(&["init"]);
        program
    }

    /// A project with a session and a plan of three tasks: two in a group, the second waiting.
    pub(crate) fn planned() -> Self {
        let program = Self::project();
        program.done(&["session", "create", "Release 1.4", "--goal", "Ship it"]);
        program.done(&["add", "Design the login", "--new-group", "Backend", "-p", "high"]);
        program.done(&["add", "Build the login", "-g", "backend", "--after", "design the login"]);
        program.done(&["add", "Write the announcement", "--tag", "docs"]);
        program
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The program with arguments, about to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command.env_clear().env("HOME", self.home()).env("LANG", "C.UTF-8");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Runs what must succeed, and returns what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        assert_eq!(ran.err, "", "{arguments:?}");
        ran.out
    }

    /// Runs what must be refused with an exit code, and returns what it said.
    pub(crate) fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert_eq!(ran.out, "", "{arguments:?}");
        ran.err
    }

    /// Runs what must succeed, and reads the JSON it printed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        serde_json::from_str(&self.done(&arguments)).unwrap()
    }

    /// The id of a task by its title.
    pub(crate) fn id(&self, title: &str) -> String {
        let view = self.json(&["show", title]);
        view["task"]["id"].as_str().unwrap().to_owned()
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
