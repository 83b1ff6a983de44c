//! The program, driven by a client that we did not write: the package `mcp` for Python.
//!
//! It is looked for in the virtual environment that `.ci/run` makes, then in the `python3` of the
//! system. Where it is missing, these tests say so and pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::program::wait_until;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign.py");
const VENV: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/venv/bin/python3");

/// A Python that has the package.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(super) fn python() -> Option<&'static str> {
    let found = [VENV, "python3"].into_iter().find(|python| {
        let mut probe = Command::new(python);
        probe.args([SCRIPT, "probe"]).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    });
    if found.is_none() {
        eprintln!("skipped: no python3 with the package mcp (pip install 'mcp>=2.3')");
    }
    found
}

fn drive(python: &str, arguments: &[&str]) {
    let output = Command::new(python).arg(SCRIPT).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

/// A new project, by the path that the program says it has.
fn project() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().canonicalize().unwrap();
    (directory, path)
}

/// A `callboard serve` process. It is killed when dropped.
pub(super) struct Serving(Child);

impl Serving {
    pub(super) fn start(project: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.env_clear().env("HOME", project).current_dir(project);
        command.args(["serve", "--port", "0"]).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// The number of the process.
    pub(super) fn id(&self) -> String {
        self.0.id().to_string()
    }

    /// Where it serves, and what it asks for, as soon as it does.
    pub(super) fn address(project: &Path) -> (String, String) {
        let run = project.join(".task_orchestrator/run");
        let mut url = None;
        wait_until("the program serves", || {
            let text = fs::read_to_string(run.join("endpoint.json")).unwrap_or_default();
            let endpoint: Value = serde_json::from_str(&text).unwrap_or_default();
            url = endpoint["url"].as_str().map(str::to_owned);
            url.is_some()
        });
        let token = fs::read_to_string(run.join("token")).unwrap();
        (url.unwrap(), token.trim().to_owned())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_foreign_client_lives_a_whole_session_over_stdio() {
    let Some(python) = python() else { return };
    for era in ["auto", "legacy"] {
        let (_directory, path) = project();
        let program = env!("CARGO_BIN_EXE_callboard");
        drive(python, &["stdio", program, path.to_str().unwrap(), era]);
    }
}

#[test]
fn a_foreign_client_lives_a_whole_session_over_http() {
    let Some(python) = python() else { return };
    for era in ["auto", "legacy"] {
        let (_directory, path) = project();
        let _serving = Serving::start(&path);
        let (url, token) = Serving::address(&path);
        drive(python, &["http", &url, &token, path.to_str().unwrap(), era]);
    }
}
