//! Bad ground: a database from the future, directories that cannot be written, a full disk. Each
//! has a clear error, and nothing changes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use super::program::{Board, Server, run};

/// The exit code of a project that cannot be opened.
const CANNOT_OPEN: i32 = 4;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn refuses_to_open(project: &Path, because: &str) {
    for arguments in [["mcp"], ["serve"]] {
        let output = run(project, &arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(CANNOT_OPEN), "{arguments:?}: {said}");
        assert!(said.contains(because), "{arguments:?}: {said}");
        assert_eq!(output.stdout, b"", "standard output belongs to the protocol");
    }
}

/// A project with a session, and its database with nothing left beside it.
fn old_project() -> (TempDir, PathBuf) {
    let project = tempfile::tempdir().unwrap();
    let mut server = Server::start(project.path(), "agent");
    server.call("session_create", &json!({ "name": "Old" }));
    server.close();
    let database = project.path().join(".task_orchestrator/callboard.db");
    Connection::open(&database)
        .unwrap()
        .pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))
        .unwrap();
    (project, database)
}

#[test]
fn a_database_from_the_future_is_left_as_it_is() {
    let (project, database) = old_project();
    Connection::open(&database).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let bytes = fs::read(&database).unwrap();
    refuses_to_open(project.path(), "newer version (999)");
    assert!(fs::read(&database).unwrap() == bytes, "not a byte was changed");
}

#[test]
fn a_damaged_database_is_left_as_it_is() {
    let (project, database) = old_project();
    let bytes = b"this was a database once".repeat(200);
    fs::write(&database, &bytes).unwrap();
    refuses_to_open(project.path(), "callboard.db");
    assert!(fs::read(&database).unwrap() == bytes, "not a byte was changed");
}

/// A directory with a file system of its own, given back when dropped.
struct Mounted {
    place: TempDir,
}

impl Mounted {
    /// `None` where mounting is not permitted.
    fn new(options: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = Self { place };
        let done = mounted.mount(&["-t", "tmpfs", "-o", options, "tmpfs"]);
        done.then_some(mounted)
    }

    fn mount(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("mount");
        command.args(arguments).arg(self.place.path());
        command.output().is_ok_and(|output| output.status.success())
    }

    fn path(&self) -> PathBuf {
        self.place.path().canonicalize().unwrap()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Nothing is mounted there where mounting was not permitted.
        Command::new("umount").arg("-l").arg(self.place.path()).output().ok();
    }
}

#[test]
fn a_directory_without_permission_is_refused() {
    let project = tempfile::tempdir().unwrap();
    fs::set_permissions(project.path(), Permissions::from_mode(0o555)).unwrap();
    if fs::write(project.path().join("probe"), "").is_ok() {
        println!("skipped: permissions do not bind this user");
        return;
    }
    refuses_to_open(project.path(), ".task_orchestrator");
    assert_eq!(fs::read_dir(project.path()).unwrap().count(), 0);
}

#[test]
fn a_read_only_file_system_is_refused_and_what_is_on_it_stays() {
    let Some(mounted) = Mounted::new("size=8m") else {
        println!("skipped: mounting is not permitted here");
        return;
    };
    let project = mounted.path();
    assert!(mounted.mount(&["-o", "remount,ro"]));
    refuses_to_open(&project, ".task_orchestrator");
    assert!(mounted.mount(&["-o", "remount,rw"]));
    let mut server = Server::start(&project, "agent");
    server.call("session_create", &json!({ "name": "Kept" }));
    server.call("task_create", &json!({ "title": "kept" }));
    server.close();
    assert!(mounted.mount(&["-o", "remount,ro"]));
    refuses_to_open(&project, "Read-only file system");
    assert!(mounted.mount(&["-o", "remount,rw"]));
    assert_eq!(Board::open(&project).titles(), ["kept"]);
}

#[test]
fn a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing() {
    let Some(mounted) = Mounted::new("size=4m") else {
        println!("skipped: mounting is not permitted here");
        return;
    };
    let project = mounted.path();
    let mut server = Server::start(&project, "agent");
    server.call("session_create", &json!({ "name": "Tight" }));
    server.call("task_create", &json!({ "title": "first" }));
    let filler = project.join("filler");
    fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
    let mut kept = vec!["first".to_owned()];
    let description = "x".repeat(60_000);
    let refusal = loop {
        let title = format!("task {}", kept.len());
        let call = json!({ "title": title, "description": description });
        let result = server.result("task_create", &call);
        if result["isError"] == true {
            break result["structuredContent"].clone();
        }
        kept.push(title);
        assert!(kept.len() < 100, "the disk is not full");
    };
    assert_eq!(refusal["error_code"], "store_failed");
    assert!(refusal["message"].as_str().unwrap().contains("full"), "{refusal}");
    assert!(refusal["message"].as_str().unwrap().contains("nothing was changed"), "{refusal}");
    let status = server.call("session_status", &json!({}));
    assert_eq!(status["session"]["tasks"]["total"], kept.len(), "reading goes on");

    fs::remove_file(&filler).unwrap();
    server.call("task_create", &json!({ "title": "with room again", "description": description }));
    kept.push("with room again".to_owned());
    server.close();
    let board = Board::open(&project);
    let mut titles = board.titles();
    titles.reverse();
    assert_eq!(titles, kept);
    assert_eq!(board.findings(), Vec::<String>::new());
}

#[test]
fn a_directory_that_vanishes_is_told_and_found_again_when_it_is_back() {
    let project = tempfile::tempdir().unwrap();
    let mut server = Server::start(project.path(), "agent");
    server.call("session_create", &json!({ "name": "Here and gone" }));
    server.call("task_create", &json!({ "title": "before" }));
    let (home, aside) = (project.path().join(".task_orchestrator"), project.path().join("aside"));
    fs::rename(&home, &aside).unwrap();
    for (tool, arguments) in
        [("task_create", json!({ "title": "lost" })), ("task_query", json!({}))]
    {
        let refusal = server.refused(tool, &arguments);
        assert!(refusal["message"].as_str().unwrap().contains("is gone"), "{refusal}");
    }
    assert!(!home.exists(), "nothing is made in its place");
    fs::rename(&aside, &home).unwrap();
    server.call("task_create", &json!({ "title": "after" }));
    server.close();
    assert_eq!(Board::open(project.path()).titles(), ["after", "before"]);
}
