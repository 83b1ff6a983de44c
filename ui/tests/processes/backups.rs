//! Sudden deaths while a backup is made: there is a whole one or none, and the next tidies up.

use std::fs;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use callboard_engine::backup;
use callboard_engine::backup::archive::unwatched;
use callboard_engine::domain::backup::Integrity;
use serde_json::json;

use super::program::{Board, Server, run, wait_until};

/// Files beside the database, and their sizes: enough that a backup takes a while.
const FILES: usize = 24;
const FILE_BYTES: usize = 1 << 20;
/// Deaths, so many milliseconds after the start.
const AFTER_MS: [u64; 8] = [15, 40, 80, 130, 200, 300, 450, 700];

fn project() -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    let mut server = Server::start(project.path(), "codex");
    server.call("session_create", &json!({ "name": "Deaths" }));
    server.call("task_create", &json!({ "title": "kept" }));
    server.close();
    let folder = project.path().join(".task_orchestrator/sessions/deaths-s-00000000");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..FILES {
        // What looks random is not packed any smaller.
        let mut state = number as u64 + 1;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .take(FILE_BYTES / 8)
        .flatten()
        .collect();
        fs::write(folder.join(format!("{number}.bin")), bytes).unwrap();
    }
    project
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn whenever_it_is_killed_there_is_a_whole_backup_or_none_and_the_next_tidies_up() {
    let project = project();
    let home = project.path().join(".task_orchestrator");
    for after in AFTER_MS {
        let mut child = Command::new(env!("CARGO_BIN_EXE_callboard"))
            .args(["backup", "create", "--scope", "full"])
            .env_clear()
            .env("HOME", project.path())
            .current_dir(project.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(after));
        child.kill().unwrap();
        child.wait().unwrap();
        let board = Board::open(project.path());
        for found in backup::list(&board.peer).unwrap() {
            let (found, _) = backup::verify(&board.peer, &found, &unwatched).unwrap();
            assert_eq!(found.integrity, Integrity::Valid, "killed after {after} ms");
        }
        assert_eq!(board.titles(), ["kept"]);
        assert_eq!(board.findings(), Vec::<String>::new());
    }
    assert!(run(project.path(), &["backup", "create", "--scope", "database"]).status.success());
    let is_left = |name: &String| name.starts_with("scratch-") || name.starts_with(".callboard-");
    let left: Vec<String> = names(&home.join("run"))
        .into_iter()
        .chain(names(&home.join("backups/archives")))
        .filter(is_left)
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_session_that_an_agent_completes_gets_its_last_backup() {
    let project = tempfile::tempdir().unwrap();
    let mut server = Server::start(project.path(), "codex");
    server.call("session_create", &json!({ "name": "Done soon" }));
    server.call("session_complete", &json!({ "final_summary": "all done" }));
    // A list that comes between the archive's name and its note finds it unverified.
    wait_until("the session is backed up", || {
        let listed = server.call("backup_list", &json!({}));
        listed["backups"][0]["integrity_status"] == "valid"
    });
    let listed = server.call("backup_list", &json!({}));
    assert_eq!(listed["backups"][0]["reason"], "completed");
}

#[test]
fn a_damaged_database_that_others_hold_open_is_not_exchanged() {
    let project = tempfile::tempdir().unwrap();
    let mut server = Server::start(project.path(), "codex");
    server.call("session_create", &json!({ "name": "Held" }));
    assert!(run(project.path(), &["backup", "create", "--name", "good"]).status.success());
    let database = project.path().join(".task_orchestrator/callboard.db");
    let moved = rusqlite::Connection::open(&database).unwrap().query_row(
        "PRAGMA wal_checkpoint(TRUNCATE)",
        [],
        |row| row.get(0),
    );
    assert_eq!(moved, Ok(0_i64));
    let file = fs::OpenOptions::new().read(true).write(true).open(&database).unwrap();
    file.write_all_at(&[0xa5; 8192], 8192).unwrap();
    let output = run(project.path(), &["backup", "restore", "good", "--yes"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("held open by process"), "{said}");
    let mut found = [0; 8192];
    file.read_exact_at(&mut found, 8192).unwrap();
    assert!(found == [0xa5; 8192], "it is as it was");
    assert_eq!(fs::metadata(&database).unwrap().ino(), file.metadata().unwrap().ino());
    server.close();
    wait_until("the server is gone", || {
        run(project.path(), &["backup", "restore", "good", "--yes"]).status.success()
    });
    assert_eq!(Board::open(project.path()).findings(), Vec::<String>::new());
}
