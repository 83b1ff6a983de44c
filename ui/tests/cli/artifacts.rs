//! Artifacts on the command line.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use super::program::{Program, Ran};

#[test]
fn a_file_is_added_listed_shown_and_checked() {
    let program = Program::planned();
    let nothing = program.done(&["artifact", "list"]);
    assert!(nothing.contains("no artifacts yet") && nothing.contains("artifact add"), "{nothing}");
    let nothing = program.done(&["artifact", "list", "--kind", "code"]);
    assert!(nothing.contains("No artifact fits"), "{nothing}");
    fs::create_dir(program.path().join("docs")).unwrap();
    let file = program.path().join("docs/plan.md");
    fs::write(&file, "# Plan\n").unwrap();
    let add = ["artifact", "add", "docs/plan.md", "--kind", "design", "--task", "Design the login"];
    let added = program.json(&add);
    assert_eq!(added["artifact"]["path"], "docs/plan.md");
    assert_eq!(added["artifact"]["task_title"], "Design the login");
    let list = program.done(&["artifact", "list"]);
    assert!(list.contains("design") && list.contains("docs/plan.md  v1"), "{list}");
    let id = added["artifact"]["id"].as_str().unwrap();
    assert_eq!(program.done(&["artifact", "show", id, "--content"]), "# Plan\n");
    let shown = program.done(&["artifact", "show", "docs/plan.md"]);
    assert!(shown.contains("artifact.recorded") && shown.contains("present"), "{shown}");
    assert!(program.done(&["artifact", "check"]).contains("1 of 1 file is as it was"));
    fs::remove_file(file).unwrap();
    let checked = program.command(&["artifact", "check", "--json"]).output().unwrap();
    assert_eq!(checked.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(found["findings"][0]["problem"], "the file is gone");
    assert!(program.done(&["log", id]).contains("artifact.checked"));
}

/// Hands a text over by standard input.
fn add(program: &Program, arguments: &[&str], text: &[u8]) -> Ran {
    let arguments = [&["artifact", "add", "-"], arguments].concat();
    let mut command = program.command(&arguments);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    Ran::of(child.wait_with_output().unwrap())
}

#[test]
fn a_list_stands_in_columns_with_sizes_in_their_units() {
    let program = Program::planned();
    add(&program, &["-t", "Notes", "-k", "design"], &[b'x'; 1_234]);
    add(&program, &["-t", "A longer title", "-k", "documentation"], b"12345");
    let list = program.done(&["artifact", "list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    for column in ["v1", ".task_orchestrator"] {
        assert_eq!(lines[0].find(column), lines[1].find(column), "{list}");
    }
    assert!(lines[0].contains("     5 B  ") && lines[1].contains("  1.2 kB  "), "{list}");
}

#[test]
fn what_a_file_holds_goes_into_a_pipe_byte_by_byte_and_into_json_as_text() {
    let program = Program::planned();
    let bytes = "\u{1b}[31mred\u{7}\u{202e}\r\nno end".as_bytes();
    let made = add(&program, &["-t", "Raw"], bytes);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(program.done(&["artifact", "show", "-c", "Raw"]).as_bytes(), bytes);
    let json = program.json(&["artifact", "show", "-c", "Raw"]);
    assert_eq!(json["content"].as_str().unwrap().as_bytes(), bytes);
    assert_eq!(json["artifact"]["title"], "Raw");
    fs::write(program.path().join("a.bin"), [0, 255, 1]).unwrap();
    program.done(&["artifact", "add", "a.bin"]);
    let output = program.command(&["artifact", "show", "-c", "a.bin"]).output().unwrap();
    assert_eq!((output.stdout, output.stderr), (vec![0, 255, 1], Vec::new()));
}

#[test]
fn what_is_no_kind_or_no_text_is_refused_and_nothing_is_recorded() {
    let program = Program::planned();
    let refused = add(&program, &["-t", "x", "-k", "../../../tmp/zz"], b"x");
    assert_eq!(refused.code, 1, "{refused:?}");
    for word in ["kind cannot be", "code, documentation, analysis, design, test, config, general"] {
        assert!(refused.err.contains(word), "{refused:?}");
    }
    for nothing in ["", " \n"] {
        let refused = add(&program, &["-t", "x"], nothing.as_bytes());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.err.contains("nothing came from standard input"), "{refused:?}");
    }
    assert_eq!(program.json(&["artifact", "list"])["total"], 0);
}

#[test]
fn an_artifact_belongs_to_the_session_of_its_task() {
    let program = Program::planned();
    let task = program.id("Design the login");
    program.done(&["session", "create", "Other", "--suspend-current"]);
    fs::write(program.path().join("a.txt"), "x").unwrap();
    let made = program.json(&["artifact", "add", "a.txt", "--task", &task]);
    assert_eq!(made["artifact"]["task_id"].as_str(), Some(task.as_str()), "{made}");
    assert_eq!(program.json(&["artifact", "list"])["total"], 0);
    assert_eq!(program.json(&["artifact", "list", "-s", "Release 1.4"])["total"], 1);
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
