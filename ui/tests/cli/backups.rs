//! `callboard backup`, as people and scripts use it.

use std::fs;

use serde_json::{Value, json};

use super::program::Program;

#[test]
fn a_backup_is_made_listed_verified_and_removed() {
    let program = Program::planned();
    let made = program.done(&["backup", "create", "--scope", "full", "--name", "first one"]);
    assert!(made.starts_with("Made first one (b-"), "{made}");
    program.done(&["backup", "create"]);
    let list = program.done(&["backup", "list"]);
    assert!(list.contains("verified") && list.contains("2 backups"), "{list}");
    let list = program.json(&["backup", "list", "--sort", "name"]);
    assert_eq!((&list["total"], &list["items"][1]["scope"]), (&json!(2), &json!("full")));
    assert_eq!(list["items"][1]["sessions"][0]["name"], "Release 1.4");
    assert!(list["items"][0]["created_at"].as_str().unwrap().ends_with('Z'), "{list}");

    program.done(&["backup", "verify", "first one"]);
    let all = program.json(&["backup", "verify"]);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);

    fs::write(program.path().join(".task_orchestrator/config.yaml"), "backup: { newest: 1 }\n")
        .unwrap();
    let dry = program.done(&["backup", "cleanup", "--keep", "1"]);
    assert!(dry.contains("would be removed; add --apply"), "{dry}");
    assert_eq!(program.json(&["backup", "list"])["total"], 2);
    program.done(&["backup", "cleanup", "--keep", "1", "--apply"]);
    assert_eq!(program.json(&["backup", "list"])["total"], 1);
}

#[test]
fn a_damaged_archive_is_told_and_the_exit_code_says_so() {
    let program = Program::planned();
    let made: Value = program.json(&["backup", "create", "--scope", "database"]);
    let path = made["path"].as_str().unwrap();
    let mut bytes = fs::read(path).unwrap();
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    fs::write(path, bytes).unwrap();
    let ran = program.run(&["backup", "verify"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(ran.out.contains("damaged"), "{}", ran.out);
}

#[test]
fn old_backups_go_by_themselves_as_configured() {
    let program = Program::planned();
    let settings = "backup: { keep: 2, newest: 1, every: 12 }\n";
    fs::write(program.path().join(".task_orchestrator/config.yaml"), settings).unwrap();
    for _ in 0..4 {
        program.done(&["backup", "create", "--scope", "database"]);
    }
    assert_eq!(program.json(&["backup", "list"])["total"], 2);
}

#[test]
fn a_limit_means_the_same_on_the_command_line_and_in_the_settings() {
    let program = Program::planned();
    fs::write(program.path().join(".task_orchestrator/config.yaml"), "backup: { newest: 1 }\n")
        .unwrap();
    for _ in 0..3 {
        program.done(&["backup", "create", "--scope", "database"]);
    }
    for (limit, doomed) in [("0", 2), ("2", 1), ("-1", 0)] {
        let told = program.json(&["backup", "cleanup", "--keep", limit]);
        assert_eq!(told["cleanup"]["removed"].as_array().unwrap().len(), doomed, "{limit}");
        let settings = format!("backup: {{ newest: 1, keep: {limit} }}\n");
        fs::write(program.path().join(".task_orchestrator/config.yaml"), settings).unwrap();
        let told = program.json(&["backup", "cleanup"]);
        assert_eq!(told["cleanup"]["removed"].as_array().unwrap().len(), doomed, "{limit}");
    }
    let shown = program.done(&["config"]);
    assert!(
        shown.lines().any(|line| line.contains("backup.keep") && line.contains("-1")),
        "{shown}"
    );
    program.refused(1, &["backup", "cleanup", "--keep", "-2"]);
}

#[test]
fn one_backup_is_removed_and_the_last_sound_one_only_by_name() {
    let program = Program::planned();
    for name in ["one", "two"] {
        program.done(&["backup", "create", "--scope", "database", "--name", name]);
    }
    let said = program.refused(2, &["backup", "remove", "one"]);
    assert!(said.contains("--yes"), "{said}");
    let said = program.done(&["backup", "remove", "one", "--yes"]);
    assert!(said.starts_with("Removed one (b-"), "{said}");
    program.refused(1, &["backup", "remove", "one", "--yes"]);
    let said = program.refused(2, &["backup", "remove", "two", "--yes"]);
    assert!(said.contains("last sound backup") && said.contains("--last"), "{said}");
    assert_eq!(program.json(&["backup", "list"])["total"], 1);
    let gone = program.json(&["backup", "remove", "two", "--yes", "--last"]);
    assert_eq!(gone["removed"]["name"], "two");
    assert_eq!(program.json(&["backup", "list"])["total"], 0);
}

#[test]
fn hostile_names_and_unknown_backups_are_refused() {
    let program = Program::planned();
    for name in ["../x", "/tmp/x", "a/b", "."] {
        program.refused(1, &["backup", "create", "--name", name]);
    }
    program.refused(2, &["backup", "create", "--name", "-x"]);
    program.refused(2, &["backup", "create", "--scope", "everything"]);
    program.refused(1, &["backup", "verify", "../../etc/passwd"]);
    program.refused(1, &["backup", "create", "--session", "nobody"]);
    assert_eq!(program.json(&["backup", "list"])["total"], 0);
}
