//! Long work of a client that we did not write: followed, broken off, and left by clients that hang up.

use std::fs;
use std::process::Command;

use callboard_engine::paths::ProjectPaths;

use super::bulk;
use super::foreign::{Serving, python};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/long_work.py");
const TASKS: i64 = 10_000;
/// Lines of a log that make the database so large that work on it takes a while.
const LINES: i64 = 100_000;

fn scene() -> (tempfile::TempDir, ProjectPaths) {
    let home = tempfile::tempdir().unwrap();
    let paths = ProjectPaths::at(home.path().canonicalize().unwrap());
    paths.prepare().unwrap();
    bulk::fill(&paths.database(), TASKS).unwrap();
    let log = "WITH RECURSIVE lines (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM lines WHERE i < ?)
        INSERT INTO session_error_logs (at, actor, source, code, message)
        SELECT i, 'human', 'test', 'test', hex(randomblob(200)) FROM lines";
    let connection = rusqlite::Connection::open(paths.database()).unwrap();
    connection.execute(log, [LINES]).unwrap();
    // No backup is made but those that are asked for.
    fs::write(paths.task_orchestrator().join("config.yaml"), "backup: { every: 0 }\n").unwrap();
    (home, paths)
}

fn drive(python: &str, arguments: &[&str]) {
    let output = Command::new(python).arg(SCRIPT).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

fn over_stdio(era: &str) {
    let Some(python) = python() else { return };
    let (_home, paths) = scene();
    let program = env!("CARGO_BIN_EXE_callboard");
    drive(python, &["stdio", program, paths.root.to_str().unwrap(), era]);
}

#[test]
fn long_work_is_followed_and_broken_off_over_stdio() {
    over_stdio("auto");
}

#[test]
fn long_work_is_followed_and_broken_off_over_stdio_in_the_manner_of_old() {
    over_stdio("legacy");
}

#[cfg(target_os = "linux")]
fn over_http(era: &str) {
    let Some(python) = python() else { return };
    let (_home, paths) = scene();
    let serving = Serving::start(&paths.root);
    let (url, token) = Serving::address(&paths.root);
    let project = paths.root.to_str().unwrap();
    drive(python, &["http", &url, &token, project, era, &serving.id()]);
}

#[cfg(target_os = "linux")]
#[test]
fn long_work_is_broken_off_over_http_and_whoever_hangs_up_leaves_nothing() {
    over_http("auto");
}

#[cfg(target_os = "linux")]
#[test]
fn long_work_is_broken_off_over_http_in_the_manner_of_old_and_whoever_hangs_up_leaves_nothing() {
    over_http("legacy");
}
