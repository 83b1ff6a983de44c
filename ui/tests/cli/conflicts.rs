//! Conflicts on the command line.

use callboard_engine::domain::command::TaskPatch;

use super::program::{Program, Ran};
use crate::clash::{clash_in, described, titled};

/// A project in which two agents retitled a task and wrote different descriptions of it.
fn clashed() -> Program {
    let program = Program::planned();
    let ours = TaskPatch { estimate_minutes: Some(Some(60)), ..described("from claude") };
    let theirs = TaskPatch { estimate_minutes: Some(Some(90)), ..described("from codex") };
    clash_in(program.path(), "Build the login", (ours, theirs));
    let titles = (titled("Announce it"), titled("Write the announcement twice"));
    clash_in(program.path(), "Write the announcement", titles);
    program
}

fn ids(program: &Program) -> Vec<(String, String)> {
    let list = program.json(&["conflict", "list"]);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let rows = list["items"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["field"]), text(&row["id"]))).collect()
}

fn id(program: &Program, field: &str) -> String {
    ids(program).into_iter().find(|(name, _)| name == field).unwrap().1
}

#[test]
fn conflicts_are_listed_and_shown_with_both_sides() {
    let program = Program::planned();
    assert_eq!(program.done(&["conflict", "list"]), "No conflict waits for a decision.\n");
    let program = clashed();
    let list = program.done(&["conflict", "list"]);
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(
        list.contains("description  Build the login  claude-code and codex, just now"),
        "{list}"
    );
    let shown = program.done(&["conflict", "show", &id(&program, "description")[..6]]);
    assert!(shown.contains("from claude") && shown.contains("from codex"), "{shown}");
    let shown = program.json(&["conflict", "show", &id(&program, "title")]);
    assert_eq!(
        (&shown["ours"], &shown["theirs"]),
        (&"Announce it".into(), &"Write the announcement twice".into())
    );
    assert!(program.done(&["status"]).contains("conflict"));
}

#[test]
fn a_conflict_is_decided_by_either_side_by_both_or_by_a_value() {
    let program = clashed();
    let decide = |field: &str, how: &[&str]| {
        let id = id(&program, field);
        let ended = program.json(&[&["conflict", "resolve", &id], how].concat());
        assert_eq!(ended["state"], "resolved");
        ended["resolution"]["value"].clone()
    };
    assert_eq!(
        decide("title", &["--theirs", "--remark", "clearer"]),
        "Write the announcement twice"
    );
    assert_eq!(decide("description", &["--both"]), "from claude\nfrom codex");
    assert_eq!(decide("estimate_minutes", &["--value", "2h"]), 120);
    let task = program.json(&["show", "Build the login"]);
    assert_eq!(task["task"]["estimate_minutes"], 120);
    program.done(&["undo"]);
    assert_eq!(ids(&program).len(), 1, "a decision can be taken back");
}

#[test]
fn what_cannot_be_a_value_is_refused_and_nothing_is_decided() {
    let program = clashed();
    let estimate = id(&program, "estimate_minutes");
    let said = program.refused(2, &["conflict", "resolve", &estimate, "--value", "soon"]);
    assert!(said.contains("\"soon\" is no time"), "{said}");
    program.refused(2, &["conflict", "resolve", &estimate, "--both"]);
    program.refused(2, &["conflict", "resolve", &estimate]);
    program.refused(1, &["conflict", "resolve", "c-", "--ours"]);
    program.refused(1, &["conflict", "show", "c-zzzzzzzz"]);
    assert_eq!(ids(&program).len(), 3);
}

#[cfg(unix)]
#[test]
fn a_merge_is_written_in_the_editor() {
    let program = clashed();
    let id = id(&program, "description");
    let edit = |editor: &str| {
        let mut command = program.command(&["conflict", "resolve", &id, "--edit"]);
        Ran::of(command.env("EDITOR", editor).env("PATH", "/usr/bin:/bin").output().unwrap())
    };
    let left = edit("true");
    assert!(left.out.contains("nothing was decided"), "{left:?}");
    let done = edit("sed -i s/claude/both/");
    assert_eq!(done.code, 0, "{done:?}");
    let task = program.json(&["show", "Build the login"]);
    assert_eq!(task["task"]["description"], "from both\nfrom codex");
}
