//! Long work of a client that we did not write: followed, broken off, and left by clients that hang up.

use std::process::Command;

use callboard_engine::paths::ProjectPaths;

use super::bulk;
use super::foreign::{Serving, python};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/long_work.py");
/// So many that a backup takes a while.
const TASKS: i64 = 20_000;

fn scene() -> (tempfile::TempDir, ProjectPaths) {
    let home = tempfile::tempdir().unwrap();
    let paths = ProjectPaths::at(&home.path().canonicalize().unwrap());
    paths.prepare().unwrap();
    bulk::fill(&paths.database(), TASKS).unwrap();
    (home, paths)
}

fn drive(python: &str, arguments: &[&str]) {
    let output = Command::new(python).arg(SCRIPT).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

#[test]
fn long_work_is_followed_and_broken_off_over_stdio() {
    let Some(python) = python() else { return };
    for era in ["auto", "legacy"] {
        let (_home, paths) = scene();
        let program = env!("CARGO_BIN_EXE_callboard");
        drive(python, &["stdio", program, paths.root.to_str().unwrap(), era]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn long_work_is_followed_and_broken_off_over_http_and_whoever_hangs_up_leaves_nothing() {
    let Some(python) = python() else { return };
    for era in ["auto", "legacy"] {
        let (_home, paths) = scene();
        let serving = Serving::start(&paths.root);
        let (url, token) = serving.address(&paths.root);
        let project = paths.root.to_str().unwrap();
        drive(python, &["http", &url, &token, project, era, &serving.id()]);
    }
}
