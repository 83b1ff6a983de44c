//! Modes and approvals on the command line.

use std::fs;

use super::program::Program;

const STRICT: &str = "\
extends: default_roles
gates:
  completed: {summary: true, approval: true}
";

const BROKEN: &str = "\
extends: default_roles
task_routing_rules:
  security_tasks: {required_specialst: reviewer}
";

fn put(program: &Program, name: &str, text: &str) {
    let folder = program.path().join(".task_orchestrator/roles/custom_modes");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.yaml")), text).unwrap();
}

fn read(program: &Program, name: &str) -> String {
    let folder = program.path().join(".task_orchestrator/roles/custom_modes");
    fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap()
}

/// What is in force.
fn mode(program: &Program) -> String {
    program.json(&["mode", "list"])["in_force"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn init_makes_the_mode_files_and_never_over_one() {
    let program = Program::bare();
    let own = program.path().join(".task_orchestrator/roles/project_roles.yaml");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    fs::write(&own, "implementer: {role_definition: Ours}\n").unwrap();
    program.done(&["init"]);
    assert_eq!(fs::read_to_string(&own).unwrap(), "implementer: {role_definition: Ours}\n");
    assert!(own.with_file_name("default_roles.yaml").exists());
    let again = program.json(&["init"]);
    assert_eq!(again["mode_files"], serde_json::json!([]));
}

#[test]
fn modes_are_listed_shown_selected_and_told() {
    let program = Program::planned();
    put(&program, "strict", STRICT);
    put(&program, "broken", BROKEN);
    let list = program.done(&["mode", "list"]);
    assert!(list.contains("in force    project_roles"), "{list}");
    assert!(list.contains("invalid     broken"), "{list}");
    let shown = program.done(&["mode", "show", "strict"]);
    assert!(
        shown.contains("any task needs a summary and a person's approval to be completed"),
        "{shown}"
    );
    let selected = program.json(&["mode", "select", "strict", "--reason", "audit"]);
    assert_eq!(
        (&selected["mode"], &selected["previous"]),
        (&"strict".into(), &"project_roles".into())
    );
    assert_eq!(mode(&program), "strict");
    let history = program.json(&["mode", "history"]);
    assert_eq!(history["items"][0]["to"], "strict");
    assert_eq!(history["items"][0]["reason"], "audit");
    let refused = program.refused(1, &["mode", "select", "strct"]);
    assert!(refused.contains("strict"), "{refused}");
    program.done(&["undo"]);
    assert_eq!(mode(&program), "project_roles");
}

#[test]
fn validation_names_places_and_repair_mends_them() {
    let program = Program::planned();
    put(&program, "broken", BROKEN);
    let ran = program.run(&["mode", "validate", "broken"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("broken.yaml:3:"), "{ran:?}");
    program.refused(1, &["mode", "select", "broken"]);
    let dry = program.json(&["mode", "repair", "broken", "--dry-run"]);
    assert_eq!((&dry["written"], &dry["valid"]), (&false.into(), &true.into()));
    assert_eq!(read(&program, "broken"), BROKEN);
    let repaired = program.json(&["mode", "repair", "broken"]);
    assert_eq!(repaired["written"], true);
    assert_eq!(program.run(&["mode", "validate", "broken"]).code, 0);
    let backup = repaired["backup"]["name"].as_str().unwrap();
    program.done(&["mode", "restore", backup]);
    assert_eq!(read(&program, "broken"), BROKEN);
}

#[test]
fn a_mode_is_made_of_another_and_backed_up() {
    let program = Program::planned();
    program.done(&["mode", "create", "night", "--from", "research", "--title", "Night shift"]);
    let shown = program.json(&["mode", "show", "night"]);
    assert_eq!(shown["mode"]["title"], "Night shift");
    program.refused(1, &["mode", "create", "night", "--from", "research"]);
    let kept = program.json(&["mode", "backup", "night"]);
    assert_eq!((&kept["mode"], &kept["is_new"]), (&"night".into(), &true.into()));
    assert_eq!(program.json(&["mode", "backup", "night"])["is_new"], false);
}

#[test]
fn without_a_terminal_nobody_approves_forces_or_drops_a_gate() {
    let program = Program::planned();
    put(&program, "strict", STRICT);
    program.done(&["mode", "select", "strict"]);
    let task = "Write the announcement";
    program.done(&["done", task, "--status", "active"]);
    for arguments in [
        &["done", task, "-m", "sent"][..],
        &["done", task, "--force", "--reason", "it is fine"],
        &["mode", "select", "default_roles"],
    ] {
        let refused = program.refused(1, arguments);
        assert!(refused.contains("person"), "{refused}");
    }
    program.done(&["done", task, "--status", "review", "-m", "sent"]);
    let refused = program.refused(1, &["approve", task]);
    assert!(refused.contains("takes a person at a terminal"), "{refused}");
    assert_eq!(mode(&program), "strict");
}

#[test]
fn work_in_review_is_sent_back_with_its_remark() {
    let program = Program::planned();
    let task = "Write the announcement";
    let refused = program.refused(1, &["send-back", task, "not", "yet"]);
    assert!(refused.contains("not in review"), "{refused}");
    program.done(&["done", task, "--status", "active"]);
    program.done(&["done", task, "--status", "review"]);
    let sent = program.json(&["send-back", task, "name", "the", "date"]);
    assert_eq!(sent["task"]["status"], "pending");
    assert_eq!(program.json(&["show", task])["task"]["reason"], "name the date");
}
