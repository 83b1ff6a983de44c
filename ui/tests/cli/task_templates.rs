//! Task templates from the command line.

use std::fs;

use serde_json::json;

use super::program::Program;

#[test]
fn templates_are_listed_and_shown_even_without_a_project() {
    let program = Program::bare();
    let list = program.done(&["template", "list"]);
    assert!(list.contains("bug_investigation  A bug"), "{list}");
    let shown = program.done(&["template", "show", "release"]);
    for part in [
        "Parameters",
        "  version  string, required",
        "  Release ‹version› / Prepare",
        "after notes",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let json = program.json(&["template", "show", "research"]);
    assert_eq!(json["parameters"][2]["type"], "list");
    assert_eq!(json["source"], "built_in");
    assert_eq!(program.json(&["template", "list"]).as_array().unwrap().len(), 6);
    let yaml = program.done(&["template", "show", "feature", "--yaml"]);
    fs::write(program.path().join("mine.yaml"), yaml).unwrap();
    assert!(program.done(&["template", "check", "mine.yaml"]).contains("mine.yaml"));
    assert!(program.refused(1, &["template", "show", "relase"]).contains("did you mean release?"));
    program.refused(3, &["template", "apply", "feature", "-p", "feature=F"]);
}

#[test]
fn a_template_is_tried_applied_and_taken_back() {
    let program = Program::planned();
    let apply = [
        "template",
        "apply",
        "feature",
        "-p",
        "feature=Reset",
        "-p",
        "parts=API",
        "-p",
        "parts=form",
    ];
    let tried = program.done(&[&apply[..], &["--dry-run"]].concat());
    assert!(tried.contains("feature would make 8 tasks:"), "{tried}");
    assert!(
        tried.contains("Build form  build.2  @implementer  !normal  ~3h  after design"),
        "{tried}"
    );
    assert_eq!(program.json(&["list"])["items"].as_array().unwrap().len(), 3);
    let done = program.done(&[&apply[..], &["--group", "Backend"]].concat());
    assert!(done.contains("Added 8 tasks from feature"), "{done}");
    assert_eq!(program.json(&["show", "Build API"])["group_path"], "Backend");
    let below = ["template", "apply", "code_review", "-p", "subject=PR 1", "--parent", "Reset"];
    let made = program.json(&below);
    assert_eq!(made["tasks_created"][0]["local"], "review");
    assert_eq!(
        made["parameters_applied"]["focus"],
        json!(["correctness", "security", "tests", "readability"])
    );
    program.done(&["undo"]);
    program.done(&["undo"]);
    assert_eq!(program.json(&["list"])["items"].as_array().unwrap().len(), 3);
}

#[test]
fn wrong_values_and_files_are_told() {
    let program = Program::planned();
    let said =
        program.refused(1, &["template", "apply", "release", "-p", "version=x", "-p", "knd=major"]);
    assert!(said.contains("did you mean kind?"), "{said}");
    assert!(said.contains("version"), "{said}");
    assert!(said.contains("`callboard template show release` tells what it takes"), "{said}");
    program.refused(2, &["template", "apply", "release", "-p", "version"]);
    assert!(program.done(&["template", "check"]).contains("no task templates of its own"));
    let folder = program.path().join(".task_orchestrator/task_templates");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("release.yaml"), "title: Ours\ntasks:\n  - title: Ship\n").unwrap();
    assert!(program.done(&["template", "check"]).contains("stands in for the built-in one"));
    fs::write(folder.join("bad.yaml"), "title: A\ntasks:\n  - titel: x\n    role: [a]\n").unwrap();
    let ran = program.run(&["template", "check"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in [
        "bad.yaml:3:5: a task has no `titel` (did you mean `title`?)",
        "bad.yaml:4:11: `role` is a text, not a list",
    ] {
        assert!(ran.out.contains(part), "{ran:?}");
    }
    let checked = program.run(&["template", "check", "--json"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("\"line\": 3"), "{checked:?}");
    assert!(program.done(&["template", "list"]).contains("has 3 problems"));
}
