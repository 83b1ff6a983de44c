//! Working: sessions, tasks, what is done, and taking it back.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use super::program::{Program, Ran};

#[test]
fn a_session_goes_through_its_states() {
    let program = Program::project();
    let state = |arguments: &[&str]| {
        let row = program.json(arguments);
        row["session"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(&["session", "create", "One", "--goal", "g"]), "active");
    assert_eq!(state(&["session", "suspend", "--reason", "lunch"]), "suspended");
    assert_eq!(state(&["session", "resume"]), "active");
    assert_eq!(state(&["session", "edit", "--name", "First"]), "active");
    assert_eq!(state(&["session", "create", "Two", "--suspend-current"]), "active");
    assert_eq!(state(&["session", "resume", "first", "--suspend-current"]), "active");
    assert_eq!(state(&["session", "complete"]), "completed");
    assert_eq!(state(&["session", "archive", "First"]), "archived");
    let names = program.json(&["session", "list", "--state", "suspended,archived"]);
    assert_eq!(names["items"].as_array().unwrap().len(), 2);
    let history = program.json(&["session", "show", "First"]);
    assert_eq!(history["history"][0]["to"], "archived");
    assert_eq!(history["history"][0]["actor"], "human");
}

#[test]
fn a_session_takes_its_backups_and_its_export_along() {
    let program = Program::project();
    let made = program.json(&["session", "create", "One", "--backup"]);
    assert_eq!(made["backup"]["reason"], "created");
    let done = program.done(&["session", "complete"]);
    assert!(done.contains("backup       backup-"), "{done}");
    let export = ["session", "archive", "One", "--export", "markdown", "--export-path", "one.md"];
    let archived = program.json(&export);
    assert_eq!(archived["export"]["path"], "one.md");
    let report = std::fs::read_to_string(program.path().join("one.md")).unwrap();
    assert!(report.starts_with("# One\n"), "{report}");
    program.done(&["session", "create", "Two"]);
    program.done(&["session", "complete", "--no-backup"]);
    assert_eq!(program.json(&["backup", "list"])["total"], 2);
}

#[test]
fn a_move_that_fails_stands_in_the_log_of_errors() {
    let program = Program::project();
    program.done(&["session", "create", "One"]);
    let ran = program.run(&["session", "archive"]);
    assert_eq!(ran.code, 1);
    let log = program.json(&["log", "--errors"]);
    let entry = &log["items"][0];
    assert_eq!(
        (&entry["actor"], &entry["source"], &entry["code"]),
        (&json!("human"), &json!("session"), &json!("illegal_move"))
    );
}

#[test]
fn a_task_keeps_everything_that_add_was_told() {
    let program = Program::planned();
    let task = program.json(&[
        "add",
        "Fix",
        "the",
        "parser",
        "--description",
        "# Why\n\n- it breaks",
        "--group",
        "Backend",
        "--parent",
        "Build the login",
        "--after",
        "Design the login",
        "--priority",
        "critical",
        "--complexity",
        "complex",
        "--role",
        "implementer",
        "--tag",
        "b,a",
        "--tag",
        "c",
        "--estimate",
        "1h30m",
        "--due",
        "2031-05-17",
        "--assignee",
        "codex",
    ]);
    let view = program.json(&["show", task["id"].as_str().unwrap()]);
    let kept = &view["task"];
    assert_eq!(kept["title"], "Fix the parser");
    assert_eq!(kept["description"], "# Why\n\n- it breaks");
    assert_eq!(kept["tags"], json!(["a", "b", "c"]));
    assert_eq!(kept["estimate_minutes"], 90);
    assert_eq!(
        [&kept["priority"], &kept["complexity"], &kept["role"], &kept["due"], &kept["assignee"]],
        ["critical", "complex", "implementer", "2031-05-17", "codex"]
    );
    assert_eq!(view["parent"]["title"], "Build the login");
    assert_eq!(view["depends_on"][0]["title"], "Design the login");
    assert_eq!(view["group_path"], "Backend");
}

#[test]
fn a_description_comes_from_standard_input() {
    let program = Program::planned();
    let mut child = program
        .command(&["add", "Long story", "-d", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"line one\nline two\n").unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    let view = program.json(&["show", "Long story"]);
    assert_eq!(view["task"]["description"], "line one\nline two\n");
}

#[test]
fn done_completes_all_or_none() {
    let program = Program::planned();
    program.refused(1, &["done", "Write the announcement", "Build the login"]);
    assert_eq!(program.json(&["show", "Write the announcement"])["task"]["status"], "pending");
    let ids = [program.id("Design the login"), program.id("Build the login")];
    let done = program.json(&["done", &ids[0], &ids[1], "--summary", "merged"]);
    let status = |number: usize| done["items"][number]["status"].as_str().unwrap().to_owned();
    assert_eq!([status(0), status(1)], ["completed", "completed"]);
    assert_eq!(program.json(&["show", &ids[1]])["task"]["result_summary"], "merged");
}

#[test]
fn done_sets_any_status_that_is_open() {
    let program = Program::planned();
    let set = |status: &str| {
        let done = program.json(&["done", "Design the login", "--status", status, "-r", "why"]);
        done["items"][0]["status"].as_str().unwrap().to_owned()
    };
    for status in ["active", "blocked", "review", "completed", "pending", "active", "failed"] {
        assert_eq!(set(status), status);
    }
    let cancelled = ["done", "Design the login", "--status", "pending"];
    program.done(&cancelled);
    program.refused(1, &["done", "Design the login", "--status", "cancelled"]);
    program.done(&["done", "Design the login", "--status", "cancelled", "--dependents", "release"]);
    assert_eq!(program.json(&["show", "Build the login"])["depends_on"], json!([]));
}

#[test]
fn undo_takes_back_the_newest_command_or_a_given_one_and_redo_brings_it_back() {
    let program = Program::planned();
    program.done(&["done", "Write the announcement"]);
    let status = || program.json(&["show", "Write the announcement"])["task"]["status"].clone();
    assert!(program.done(&["undo"]).contains("task.completed"));
    assert_eq!(status(), "pending");
    let again = program.done(&["undo", "--redo"]);
    assert!(again.starts_with("Done again:\n") && again.contains("redone"), "{again}");
    assert!(again.contains("status pending → completed"), "{again}");
    assert_eq!(status(), "completed");
    assert!(program.done(&["log", "-n", "1"]).contains("redone"));
    let log = program.json(&["log", "Build the login"]);
    let seq = log["items"][0]["seq"].as_i64().unwrap().to_string();
    program.done(&["undo", &seq]);
    program.refused(1, &["show", "Build the login"]);
    assert!(program.refused(1, &["undo", "9999"]).contains("there is no change 9999"));
}

#[test]
fn a_session_is_exported_whatever_state_it_is_in() {
    let program = Program::planned();
    let said = program.done(&["session", "export"]);
    assert!(said.starts_with("Exported Release 1.4 to .task_orchestrator/exports/"), "{said}");
    let made = program.json(&["session", "export", "--format", "json", "--path", "out/all"]);
    assert_eq!(made["path"], "out/all.json");
    let text = std::fs::read_to_string(program.path().join("out/all.json")).unwrap();
    assert!(text.contains("Design the login"), "{text}");
    // What is there is never written over.
    let again = program.done(&["session", "export"]);
    assert!(again.contains("-2.md, "), "{again}");
    for outside in ["../x", "/tmp/x", ".git/x"] {
        program.refused(1, &["session", "export", "--path", outside]);
    }
    let said = program.refused(1, &["session", "export", "--format", "tar.zst"]);
    assert!(said.contains("json or markdown"), "{said}");
}
