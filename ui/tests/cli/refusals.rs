//! Wrong input: a clear sentence, the right exit code, and nothing changed.

use std::fs;

use serde_json::Value;

use super::program::Program;

#[test]
fn without_a_project_every_verb_says_how_to_begin() {
    let program = Program::bare();
    for verb in [
        vec!["status"],
        vec!["next"],
        vec!["add", "x"],
        vec!["done", "x"],
        vec!["list"],
        vec!["show", "x"],
        vec!["log"],
        vec!["undo"],
        vec!["session", "list"],
    ] {
        let said = program.refused(3, &verb);
        assert!(said.contains("there is no project") && said.contains("callboard init"), "{said}");
    }
    assert_eq!(fs::read_dir(program.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn without_a_session_work_is_refused_and_the_status_is_shown() {
    let program = Program::project();
    for verb in [vec!["next"], vec!["add", "x"], vec!["list"], vec!["session", "suspend"]] {
        assert!(program.refused(3, &verb).contains("session create"), "{verb:?}");
    }
    assert!(program.done(&["status"]).contains("No session yet"));
    assert_eq!(program.json(&["status"])["session"], Value::Null);
}

#[test]
fn nothing_ready_has_an_exit_code_of_its_own() {
    let program = Program::planned();
    program.done(&["done", "Design the login", "Build the login", "Write the announcement"]);
    assert!(program.refused(3, &["next"]).contains("nothing is ready"));
    let ran = program.run(&["next", "--json"]);
    assert_eq!((ran.code, ran.out.contains("\"items\": []")), (3, true));
}

#[test]
fn refusals_name_what_stands_in_the_way_and_the_flag_that_helps() {
    let program = Program::planned();
    let check = |arguments: &[&str], parts: &[&str]| {
        let said = program.refused(1, arguments);
        for part in parts {
            assert!(said.contains(part), "{arguments:?}: {said}");
        }
    };
    check(&["done", "Build the login"], &["waits for 1 task", "Design the login", "--force"]);
    check(&["session", "create", "Two"], &["is live", "--suspend-current"]);
    check(&["session", "complete"], &["3 tasks are still open", "--allow-open"]);
    check(&["session", "archive"], &["is active", "suspend, complete"]);
    check(&["add", "x", "-g", "bakend"], &["\"bakend\" does not exist", "Backend", "--new-group"]);
    check(&["add", "x", "--due", "soon"], &["it is a day such as"]);
    check(&["add", "  "], &["title is empty"]);
    check(&["add", "a\u{1b}[31mb"], &["control character"]);
    check(&["add", &"x".repeat(300)], &["300 characters long", "255"]);
    check(&["show", "t-"], &["fits 3 of them"]);
    check(&["show", "no such thing"], &["is called \"no such thing\""]);
    check(&["done", "t-zzzzzzzz"], &["does not exist", "closest"]);
    check(&["list", "--cursor", "nonsense"], &["cursor"]);
    let titles = program.json(&["list", "--all"]);
    assert_eq!(titles["items"].as_array().unwrap().len(), 3, "nothing was added");
}

#[test]
fn a_group_made_for_a_refused_task_goes_with_it() {
    let program = Program::planned();
    program.refused(1, &["add", "x", "--new-group", "Fresh", "--due", "soon"]);
    let groups = program.json(&["show"])["groups"].as_array().unwrap().len();
    assert_eq!(groups, 1);
}

#[test]
fn wrong_usage_is_exit_code_two() {
    let program = Program::planned();
    let text = |arguments: &[&str]| program.refused(2, arguments);
    assert!(text(&["statsu"]).contains("statsu"));
    assert!(text(&["add"]).contains("<TITLE>"));
    assert!(text(&["add", "x", "-p", "hihg"]).contains("critical, high, normal"));
    assert!(text(&["add", "x", "--estimate", "soon"]).contains("90m, 2h or 3d"));
    assert!(text(&["list", "--status", "done-ish"]).contains("pending, active"));
    assert!(text(&["done", "x", "--force"]).contains("--reason"));
    assert!(text(&["undo", "abc"]).contains("invalid digit"));
    assert!(text(&["session", "edit"]).contains("--name or --goal"));
    assert!(text(&["list", "--project", "/no/such/place"]).contains("is not a directory"));
    assert!(text(&["--no-such-flag"]).contains("--no-such-flag"));
}

#[test]
fn refusals_are_json_where_json_was_asked_for() {
    let program = Program::planned();
    let ran = program.run(&["done", "Build the login", "--json"]);
    let said: Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert_eq!(said["error_code"], "unmet_dependencies");
    assert_eq!(said["details"]["waits_for"][0]["title"], "Design the login");
}

#[test]
fn a_database_that_is_none_is_left_untouched() {
    let program = Program::planned();
    let database = program.path().join(".task_orchestrator/callboard.db");
    for file in ["callboard.db-wal", "callboard.db-shm"] {
        fs::remove_file(database.with_file_name(file)).ok();
    }
    fs::write(&database, "this is no database, but a letter to my aunt").unwrap();
    let said = program.refused(4, &["status"]);
    assert!(said.contains("cannot open the project"), "{said}");
    assert!(fs::read_to_string(&database).unwrap().ends_with("my aunt"));
}

#[test]
fn the_terminal_application_needs_a_terminal() {
    let program = Program::planned();
    assert!(program.refused(2, &[]).contains("callboard status"));
    assert!(program.refused(2, &["demo"]).contains("needs a terminal"));
}

#[test]
fn a_name_that_is_near_is_named_once_and_one_that_is_far_not_at_all() {
    let program = Program::planned();
    let near = program.refused(1, &["show", "Desing the login"]);
    assert_eq!(near.matches("Design the login").count(), 1, "{near}");
    let part = program.refused(1, &["show", "announce"]);
    assert!(part.contains("did you mean") && part.contains("Write the announcement"), "{part}");
    for far in [["show", "zzz qqq"], ["status", "--session=zzz"]] {
        let far = program.run(&far);
        assert!(!far.err.contains("closest") && !far.err.contains("did you mean"), "{far:?}");
    }
    let far = program.refused(1, &["session", "show", "nosuch"]);
    assert!(far.contains("list the sessions") && !far.contains("Release"), "{far}");
}

#[test]
fn where_there_is_nothing_it_is_said_how_to_begin() {
    let program = Program::project();
    let list = program.done(&["session", "list"]);
    assert!(list.contains("callboard session create"), "{list}");
    let list = program.done(&["session", "list", "--state", "archived"]);
    assert_eq!(list, "No session fits.\n");
    for nothing in ["", "*"] {
        let found = program.done(&["search", nothing]);
        assert!(found.contains("no word and no filter"), "{nothing:?}: {found}");
    }
}
