//! `callboard backup restore`, as people and scripts use it: it asks, or says why it cannot.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::program::Program;

/// A plan, a backup of it, and what was done since.
struct Board {
    program: Program,
    archive: PathBuf,
}

/// All that lists and exports tell of a project.
fn told(program: &Program) -> Value {
    let mut told = program.json(&["list", "--all"]);
    for task in told["items"].as_array_mut().unwrap() {
        for field in ["version", "updated_at"] {
            task.as_object_mut().unwrap().remove(field);
        }
    }
    told
}

impl Board {
    fn new() -> Self {
        let program = Program::planned();
        let made = program.json(&["backup", "create", "--scope", "full", "--name", "good"]);
        let archive = PathBuf::from(made["path"].as_str().unwrap());
        program.done(&["done", "Design the login"]);
        program.done(&["add", "A late thought"]);
        Self { program, archive }
    }

    fn status(&self, title: &str) -> String {
        let shown = self.program.json(&["show", title]);
        shown["task"]["status"].as_str().unwrap().to_owned()
    }
}

#[test]
fn without_somebody_to_ask_it_wants_to_be_told_so_and_changes_nothing() {
    let board = Board::new();
    let was = told(&board.program);
    let said = board.program.refused(2, &["backup", "restore", "good"]);
    assert!(said.contains("--dry-run") && said.contains("--yes"), "{said}");
    assert_eq!(told(&board.program), was);
    assert_eq!(board.program.json(&["backup", "list"])["total"], 1);
}

#[test]
fn a_trial_shows_what_would_change_and_changes_nothing() {
    let board = Board::new();
    let was = told(&board.program);
    let said = board.program.done(&["backup", "restore", "good", "--dry-run"]);
    for part in ["would change:", "Design the login (", "status", "goes", "A late thought"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let tried = board.program.json(&["backup", "restore", "good", "--dry-run"]);
    assert_eq!(
        (&tried["dry_run"], &tried["rows"]["updated"], &tried["rows"]["deleted"]),
        (&json!(true), &json!(1), &json!(1))
    );
    assert_eq!(told(&board.program), was);
    assert_eq!(board.program.json(&["backup", "list"])["total"], 1);
}

#[test]
fn each_strategy_does_what_it_says_and_undo_takes_it_back() {
    for (strategy, status, is_late_there) in [
        ("replace", "pending", false),
        ("merge", "completed", true),
        ("skip_existing", "completed", true),
    ] {
        let board = Board::new();
        let later = told(&board.program);
        let call = ["backup", "restore", "good", "--strategy", strategy, "--yes"];
        let done = board.program.json(&call);
        assert_eq!(board.status("Design the login"), status, "{strategy}");
        let now = told(&board.program).to_string();
        assert_eq!(now.contains("A late thought"), is_late_there, "{strategy}");
        assert!(done["before"].is_string(), "{done}");
        let seq = done["seq"].as_i64().unwrap();
        assert_eq!(0 < seq, strategy == "replace", "{strategy} changes what it says: {done}");
        if 0 < seq {
            board.program.done(&["undo", &seq.to_string()]);
        }
        assert_eq!(told(&board.program), later, "{strategy}");
        board.program.done(&["doctor", "--level", "full_audit"]);
    }
}

#[test]
fn what_it_did_is_told_with_the_way_back() {
    let board = Board::new();
    let said = board.program.done(&["backup", "restore", "good", "--yes"]);
    for part in
        ["Restored b-", "records", "files", "what was there is backup b-", "callboard undo "]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = board.program.done(&["backup", "restore", "good", "--yes", "--no-backup"]);
    assert!(!said.contains("what was there"), "{said}");
}

#[test]
fn a_session_that_is_named_comes_back_alone() {
    let board = Board::new();
    let program = &board.program;
    program.done(&["session", "create", "Second", "--suspend-current"]);
    program.done(&["add", "Of the second"]);
    program.done(&["backup", "create", "--name", "both"]);
    program.done(&["done", "Of the second"]);
    program.done(&["session", "resume", "Release 1.4", "--suspend-current"]);
    program.done(&["done", "A late thought"]);
    let call = ["backup", "restore", "both", "--session", "Release 1.4", "--yes"];
    let done = program.json(&call);
    assert_eq!(done["rows"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(board.status("A late thought"), "pending");
    let second = program.json(&["list", "--all", "--session", "Second"]);
    assert_eq!(second["items"][0]["status"], "completed", "{second}");
    let said = program.refused(1, &["backup", "restore", "both", "--session", "Third", "--yes"]);
    assert!(said.contains("Second"), "{said}");
}

#[test]
fn a_damaged_archive_is_refused_and_changes_nothing() {
    let board = Board::new();
    let was = told(&board.program);
    let whole = fs::read(&board.archive).unwrap();
    for at in [0, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&board.archive, bytes).unwrap();
        for how in ["--dry-run", "--yes"] {
            let said = board.program.refused(1, &["backup", "restore", "good", how]);
            assert!(said.contains("restore another"), "{said}");
        }
        assert_eq!(told(&board.program), was);
    }
    let run = board.program.path().join(".task_orchestrator/run");
    let left = fs::read_dir(run).unwrap().flatten();
    let is_left = |name: &str| name.starts_with("restore-");
    assert!(!left.into_iter().any(|one| is_left(&one.file_name().to_string_lossy())));
    fs::write(&board.archive, whole).unwrap();
    board.program.done(&["backup", "restore", "good", "--yes"]);
    assert_eq!(board.status("Design the login"), "pending");
}

#[test]
fn another_project_gets_everything() {
    let board = Board::new();
    let fresh = Program::project();
    let backups = fresh.path().join(".task_orchestrator/backups/archives");
    fs::create_dir_all(&backups).unwrap();
    fs::copy(&board.archive, backups.join(board.archive.file_name().unwrap())).unwrap();
    let done = fresh.json(&["backup", "restore", "good", "--yes"]);
    assert_eq!(done["before"], Value::Null, "there was nothing to back up");
    assert!(fresh.done(&["list"]).contains("Design the login"));
    assert!(fresh.done(&["log"]).contains("Release 1.4"));
    fresh.done(&["add", "On with it", "--after", "Write the announcement"]);
    fresh.done(&["doctor", "--level", "full_audit"]);
}

/// Overwrites a part of the database as a failing disk would.
fn damage(program: &Program, at: usize, bytes: &[u8]) {
    let path = program.path().join(".task_orchestrator/callboard.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    // Else what is overwritten stands in the log, too.
    let moved = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    assert_eq!(moved, Ok(0_i64));
    drop(connection);
    let mut whole = fs::read(&path).unwrap();
    whole[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(path, whole).unwrap();
}

#[test]
fn a_damaged_database_is_no_dead_end() {
    let board = Board::new();
    let program = &board.program;
    damage(program, 0, b"gone");
    for verb in ["status", "doctor", "list"] {
        let said = program.refused(4, &[verb]);
        for part in ["callboard backup list", "callboard backup restore"] {
            assert!(said.contains(part), "{verb}: {said}");
        }
    }
    let list = program.done(&["backup", "list"]);
    assert!(list.contains("is damaged") && list.contains("good"), "{list}");
    let said = program.done(&["backup", "restore", "good", "--dry-run"]);
    assert!(said.contains("would change") && said.contains("is damaged"), "{said}");
    program.refused(4, &["status"]);
    let said = program.done(&["backup", "restore", "good", "--yes"]);
    assert!(said.contains(".task_orchestrator/backups/damaged-"), "{said}");
    assert!(!said.contains("callboard undo"), "{said}");
    assert_eq!(board.status("Design the login"), "pending");
    program.done(&["doctor", "--level", "full_audit"]);
    assert!(program.done(&["backup", "list"]).contains("good"));
    // A full backup does not carry the damaged database along.
    let made = program.json(&["backup", "create", "--scope", "full"]);
    assert!(made["backup"]["unpacked"].as_u64().unwrap() < 2_000_000, "{made}");
}

#[test]
fn a_database_that_opens_but_is_damaged_inside_is_exchanged_too() {
    let board = Board::new();
    let program = &board.program;
    damage(program, 2 * 4096, &vec![0xa5; 38 * 4096]);
    let done = program.json(&["backup", "restore", "good", "--yes"]);
    assert!(done["aside"].as_str().unwrap().starts_with("backups/damaged-"), "{done}");
    assert_eq!(board.status("Design the login"), "pending");
    program.done(&["doctor", "--level", "full_audit"]);
}

#[test]
fn a_database_that_is_cut_off_is_exchanged_too() {
    let board = Board::new();
    let program = &board.program;
    damage(program, 0, b"");
    let path = program.path().join(".task_orchestrator/callboard.db");
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(5 * 4096 + 100).unwrap();
    let ran = program.run(&["list"]);
    assert!(ran.code == 0 || ran.err.contains("callboard backup restore"), "{ran:?}");
    let done = program.json(&["backup", "restore", "good", "--yes"]);
    assert!(done["aside"].is_string(), "{done}");
    assert_eq!(board.status("Design the login"), "pending");
    program.done(&["doctor", "--level", "full_audit"]);
}

#[test]
fn a_restore_into_an_empty_project_has_nothing_to_go_back_to() {
    let board = Board::new();
    let fresh = Program::project();
    let backups = fresh.path().join(".task_orchestrator/backups/archives");
    fs::create_dir_all(&backups).unwrap();
    fs::copy(&board.archive, backups.join(board.archive.file_name().unwrap())).unwrap();
    let said = fresh.done(&["backup", "restore", "good", "--yes"]);
    assert!(said.contains("nothing was here before"), "{said}");
    assert!(!said.contains("undo"), "{said}");
}

#[test]
fn an_archive_is_named_by_its_path_wherever_it_lies() {
    let board = Board::new();
    let program = &board.program;
    let elsewhere = program.home().join("kept.tar.zst");
    fs::copy(&board.archive, &elsewhere).unwrap();
    fs::copy(&board.archive, program.path().join("here.tar.zst")).unwrap();
    fs::remove_file(&board.archive).unwrap();
    assert_eq!(program.json(&["backup", "list"])["total"], 0);
    let elsewhere = elsewhere.to_str().unwrap();
    program.done(&["backup", "verify", elsewhere]);
    for path in [elsewhere, "./here.tar.zst", "here.tar.zst"] {
        program.done(&["add", "Later still"]);
        program.done(&["backup", "restore", path, "--yes", "--no-backup"]);
        assert!(!told(program).to_string().contains("Later still"), "{path}");
    }
    assert_eq!(program.json(&["backup", "list"])["total"], 0, "nothing is noted of them");
    // The path that was told when it was made is that of one of the project's own.
    let made = program.json(&["backup", "create", "--name", "own"]);
    program.done(&["backup", "restore", made["path"].as_str().unwrap(), "--yes"]);
    assert_eq!(program.json(&["backup", "list"])["total"], 2);
    let config = program.path().join("notes.txt");
    fs::write(&config, "no archive").unwrap();
    let said = program.refused(1, &["backup", "restore", "notes.txt", "--yes"]);
    assert!(said.contains("notes.txt"), "{said}");
    program.refused(1, &["backup", "restore", "nowhere.tar.zst", "--yes"]);
}

#[test]
fn a_session_that_is_not_in_it_is_refused_with_those_that_are() {
    let board = Board::new();
    for call in [["--session", "Third"], ["--scope", "session"]] {
        let call = [["backup", "restore", "good", "--yes"].as_slice(), &call].concat();
        let said = board.program.refused(1, &call);
        assert!(said.contains("Release 1.4"), "{said}");
    }
}
