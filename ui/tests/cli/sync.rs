//! Documents on the command line: brought in step, compared, decided about, and a database brought
//! back from them.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::program::Program;

const ACTIVE: &str = "tasks/active_tasks.md";

/// A planned project whose documents stand on the disk.
fn written() -> Program {
    let program = Program::planned();
    program.done(&["sync"]);
    program
}

fn sessions(program: &Program) -> PathBuf {
    program.path().join(".task_orchestrator/sessions")
}

fn file(program: &Program, name: &str) -> PathBuf {
    let directory = fs::read_dir(sessions(program)).unwrap().next().unwrap().unwrap().path();
    directory.join(name)
}

fn edit(program: &Program, name: &str, change: impl Fn(&str) -> String) {
    let file = file(program, name);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, change(&text)).unwrap();
}

/// The report of a run that may end with 1, and the exit code.
fn report(program: &Program, arguments: &[&str]) -> (Value, i32) {
    let ran = program.run(&[arguments, &["--json"]].concat());
    (serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}")), ran.code)
}

fn document<'a>(documents: &'a Value, name: &str) -> &'a Value {
    let mut all = documents.as_array().unwrap().iter();
    all.find(|one| one["path"].as_str().unwrap().ends_with(name)).unwrap()
}

#[test]
fn documents_are_written_and_then_in_step() {
    let program = Program::planned();
    let check = program.run(&["sync", "--check"]);
    assert_eq!(check.code, 1, "{check:?}");
    assert!(check.out.contains("it would be written"), "{check:?}");
    assert!(!sessions(&program).exists(), "a check writes nothing");
    let first = program.done(&["sync"]);
    assert!(first.contains("tasks/active_tasks.md  written"), "{first}");
    let second = program.done(&["sync"]);
    assert!(second.contains("tasks/active_tasks.md  in step"), "{second}");
    assert!(!second.contains("written"), "{second}");
    program.done(&["sync", "--check"]);
}

#[test]
fn an_edit_is_announced_by_a_check_and_read_by_a_pass() {
    let program = written();
    edit(&program, ACTIVE, |text| text.replace("Write the announcement", "Write two of them"));
    let (check, code) = report(&program, &["sync", "--check"]);
    assert_eq!((document(&check, ACTIVE)["standing"].as_str(), code), (Some("to_read"), 1));
    assert!(program.done(&["list"]).contains("Write the announcement"), "a check reads nothing");
    let (done, code) = report(&program, &["sync"]);
    assert_eq!((&done["in_step"], code), (&true.into(), 0), "{done}");
    assert_eq!(document(&done["documents"], ACTIVE)["done"][0], "read");
    assert!(program.done(&["list"]).contains("Write two of them"));
}

#[test]
fn problems_are_told_with_their_lines_and_what_is_gone_is_asked_about() {
    let program = written();
    edit(&program, ACTIVE, |text| {
        let kept = text.lines().filter(|line| !line.contains("Write the announcement"));
        let kept: Vec<&str> = kept.collect();
        kept.join("\n").replace("the login !high", "the login !urgnt") + "\n"
    });
    let ran = program.run(&["sync"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("line ") && ran.out.contains("urgnt"), "{ran:?}");
    assert!(ran.out.contains("1 conflict to decide"), "{ran:?}");
    let shown = program.done(&["list"]);
    assert!(shown.contains("Write the announcement"), "nothing is removed unasked: {shown}");
}

#[test]
fn a_held_document_is_taken_as_it_stands_or_written_again() {
    let program = written();
    edit(&program, ACTIVE, |_| String::new());
    let held = program.run(&["sync"]);
    assert_eq!(held.code, 1, "{held:?}");
    assert!(held.out.contains("held back") && held.out.contains("sync restore"), "{held:?}");
    let restored = program.done(&["sync", "restore", ACTIVE]);
    assert!(restored.contains("written"), "{restored}");
    assert!(fs::read_to_string(file(&program, ACTIVE)).unwrap().contains("Design the login"));
    let refused = program.refused(1, &["sync", "accept", ACTIVE]);
    assert!(refused.contains("it is not held back"), "{refused}");

    edit(&program, "session.md", |text| format!("<<<<<<< ours\n{text}\n=======\n>>>>>>> theirs\n"));
    assert_eq!(program.run(&["sync"]).code, 1);
    let path = file(&program, "session.md").display().to_string();
    let (done, _) = report(&program, &["sync", "accept", &path]);
    assert_eq!(done["documents"][0]["standing"], "in_step", "{done}");
    program.refused(2, &["sync", "restore", "nothing.md"]);
}

#[test]
fn a_text_that_was_set_aside_is_listed_shown_and_brought_back() {
    let program = written();
    assert!(program.done(&["sync", "edits"]).contains("No text was replaced"));
    edit(&program, ACTIVE, |text| {
        format!("<<<<<<< ours\n{}", text.replace("Write the announcement", "Announce it"))
    });
    program.run(&["sync"]);
    program.done(&["sync", "restore", ACTIVE]);
    let edits = program.json(&["sync", "edits", "list"]);
    let name = edits[0]["name"].as_str().unwrap();
    assert!(program.done(&["sync", "edits", "show", name]).contains("Announce it"));
    program.refused(2, &["sync", "edits", "show", "nothing"]);
    let back = program.run(&["sync", "edits", "restore", &name[..23]]);
    assert!(back.out.contains("held back"), "it is an edit again: {back:?}");
    assert!(fs::read_to_string(file(&program, ACTIVE)).unwrap().contains("Announce it"));
}

#[test]
fn a_lost_database_comes_back_from_the_documents() {
    let program = written();
    let id = program.id("Build the login");
    let refused = program.refused(1, &["sync", "--rebuild"]);
    assert!(refused.contains("it has every session"), "{refused}");
    for entry in fs::read_dir(program.path().join(".task_orchestrator")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("callboard.db") {
            fs::remove_file(path).unwrap();
        }
    }
    let lost = program.refused(1, &["sync"]);
    assert!(lost.contains("--rebuild"), "{lost}");
    let back = program.done(&["sync", "--rebuild"]);
    assert!(back.contains("Release 1.4 is back with 3 tasks."), "{back}");
    assert!(back.contains("Documents do not carry"), "{back}");
    assert_eq!(program.id("Build the login"), id);
    let task = program.json(&["show", "Build the login"]);
    assert_eq!(task["depends_on"].as_array().map(Vec::len), Some(1), "{task}");
    program.done(&["sync"]);
}

#[test]
fn another_process_that_keeps_the_documents_is_named_and_waited_for() {
    let program = written();
    let mut serving = program.command(&["serve"]).spawn().unwrap();
    let lock = program.path().join(".task_orchestrator/run/sync.lock");
    let id = serving.id().to_string();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while fs::read_to_string(&lock).unwrap_or_default() != id {
        assert!(std::time::Instant::now() < deadline, "nobody keeps the documents");
        std::thread::yield_now();
    }
    edit(&program, ACTIVE, |text| text.replace("Write the announcement", "Write two of them"));
    let said = program.done(&["sync"]);
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(said.contains(&format!("Process {id} keeps the documents")), "{said}");
    assert!(said.contains("in step"), "{said}");
    assert!(program.done(&["list"]).contains("Write two of them"));
}
