//! Artifacts on the command line.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use super::program::Program;

#[test]
fn a_file_is_added_listed_shown_and_checked() {
    let program = Program::planned();
    assert_eq!(program.done(&["artifact", "list"]), "There is no such artifact.\n");
    fs::create_dir(program.path().join("docs")).unwrap();
    let file = program.path().join("docs/plan.md");
    fs::write(&file, "# Plan\n").unwrap();
    let add = ["artifact", "add", "docs/plan.md", "--kind", "design", "--task", "Design the login"];
    let added = program.json(&add);
    assert_eq!(added["artifact"]["path"], "docs/plan.md");
    assert_eq!(added["artifact"]["task_title"], "Design the login");
    let list = program.done(&["artifact", "list"]);
    assert!(list.contains("design") && list.contains("docs/plan.md v1"), "{list}");
    let id = added["artifact"]["id"].as_str().unwrap();
    assert_eq!(program.done(&["artifact", "show", id, "--content"]), "# Plan\n");
    let shown = program.done(&["artifact", "show", "docs/plan.md"]);
    assert!(shown.contains("artifact.recorded") && shown.contains("present"), "{shown}");
    assert!(program.done(&["artifact", "check"]).contains("1 of 1 files"));
    fs::remove_file(file).unwrap();
    let checked = program.command(&["artifact", "check", "--json"]).output().unwrap();
    assert_eq!(checked.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(found["findings"][0]["problem"], "the file is gone");
    assert!(program.done(&["log", id]).contains("artifact.checked"));
}

#[test]
fn a_text_comes_by_standard_input_and_files_from_where_one_is() {
    let program = Program::planned();
    let mut command = program.command(&["artifact", "add", "-", "--title", "Notes", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"by hand").unwrap();
    let made = child.wait_with_output().unwrap();
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let path = program.path().join(made["artifact"]["path"].as_str().unwrap());
    assert_eq!(fs::read_to_string(path).unwrap(), "by hand");
    let below = program.path().join("src");
    fs::create_dir_all(&below).unwrap();
    fs::write(below.join("a.rs"), "").unwrap();
    let mut command = program.command(&["artifact", "add", "a.rs"]);
    assert!(command.current_dir(&below).status().unwrap().success());
    assert!(program.done(&["artifact", "list"]).contains("src/a.rs"));
    for outside in ["/etc/passwd", "../x", ".git/config"] {
        program.refused(1, &["artifact", "add", outside]);
    }
}
