//! Every tool, called by a client that we did not write with whatever its schema invites, on a board
//! of 10,000 tasks; and the table of tools that comes of it, `ui/tests/tools.md`.
//!
//! The columns that do not depend on the machine are compared with the table; `UPDATE=1` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use callboard_engine::paths::ProjectPaths;

use super::bulk;
use super::foreign::python;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/every_tool.py");
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools.md");
const TASKS: i64 = 10_000;
/// Columns that are the same everywhere: name, parameters, bytes in the list.
const KNOWN: usize = 3;

/// What is told above the table.
const HEAD: &str = "\
# The tools

Made by `ui/tests/processes/every_tool.rs`, which calls each of them by a client that we did not write,
on a board of 10,000 tasks: `UPDATE=1 cargo nextest run -p callboard every_tool` writes it anew. A
parameter with `*` must be given. *Listed* is what a model pays for the tool, *answer* the size of
the answer to a usual call, both in bytes; *p50* and *p99* are milliseconds of usual calls over stdio
in a BUILD build; *hostile* counts calls with wrong, huge and malicious values, of which those refused
changed nothing.

| tool | parameters | listed | answer | p50 | p99 | hostile |
|---|---|---|---|---|---|---|
";

/// A project with a big board, a link that leads out of it, and a secret outside.
fn scene(home: &Path) {
    let project = home.join("project");
    let outside = home.join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret.txt"), "the-secret-that-nobody-may-read").unwrap();
    let paths = ProjectPaths::at(&project);
    fs::create_dir_all(&project).unwrap();
    paths.prepare().unwrap();
    bulk::fill(&paths.database(), TASKS).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, project.join("link-out")).unwrap();
}

/// The columns of a row that are the same everywhere.
fn known(row: &str) -> Vec<&str> {
    row.split('|').map(str::trim).skip(1).take(KNOWN).collect()
}

#[test]
fn every_tool_answers_whatever_it_is_sent_within_its_size_and_refusals_change_nothing() {
    let Some(python) = python() else { return };
    let home = tempfile::tempdir().unwrap();
    let place = home.path().canonicalize().unwrap();
    scene(&place);
    let mut command = Command::new(python);
    command.arg(SCRIPT).arg(env!("CARGO_BIN_EXE_callboard"));
    let output = command.arg(place.join("project")).arg(place.join("outside")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let outside: Vec<_> = fs::read_dir(place.join("outside")).unwrap().collect();
    assert_eq!(outside.len(), 1, "something was written outside of the project: {outside:?}");
    let rows = String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let build = if cfg!(debug_assertions) { "debug" } else { "release" };
        let mut table = HEAD.replace("BUILD", build);
        write!(table, "{rows}").unwrap();
        fs::write(TABLE, table).unwrap();
        return;
    }
    let table = fs::read_to_string(TABLE).unwrap_or_default();
    let written: Vec<Vec<&str>> =
        table.lines().filter(|line| line.starts_with("| ")).skip(1).map(known).collect();
    let found: Vec<Vec<&str>> = rows.lines().map(known).collect();
    assert_eq!(found, written, "the table is stale: run this test with UPDATE=1");
}
