//! Looking after a project from the shell: what is wrong, what lies about, how the work goes.

use std::fs;

use super::program::Program;

fn tamper(program: &Program, sql: &str) {
    let database = program.path().join(".task_orchestrator/callboard.db");
    rusqlite::Connection::open(database).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_healthy_project_ends_with_0_and_notes_do_not_change_that() {
    let program = Program::planned();
    let said = program.done(&["doctor"]);
    assert!(said.contains("All is well"), "{said}");
    let found = program.json(&["doctor"]);
    assert_eq!((&found["healthy"], &found["errors"]), (&true.into(), &0.into()));
}

#[test]
fn findings_end_with_1_and_each_says_what_mends_it() {
    let program = Program::planned();
    tamper(&program, "UPDATE tasks SET children = 3");
    let ran = program.run(&["doctor"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("error: wrong counts"), "{ran:?}");
    assert!(ran.out.contains("callboard cleanup --only wrong_counts --yes"), "{ran:?}");
    let fixed = program.run(&["doctor", "--fix"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    assert!(fixed.out.contains("the database is kept in backup b-"), "{fixed:?}");
    program.done(&["doctor", "--level", "full_audit"]);
}

#[test]
fn the_command_that_a_finding_names_mends_it() {
    let program = Program::planned();
    tamper(&program, "UPDATE tasks SET unmet = 9");
    let ran = program.run(&["doctor", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let fix = found["findings"][0]["fix"]["shell"].as_str().unwrap();
    let words: Vec<&str> = fix.strip_prefix("callboard ").unwrap().split(' ').collect();
    program.done(&words);
    program.done(&["doctor"]);
}

#[test]
fn no_project_is_nothing_to_look_after() {
    let program = Program::bare();
    assert!(program.refused(3, &["doctor"]).contains("no project"));
    assert!(program.refused(2, &["doctor", "--level", "deep"]).contains("full_audit"));
}

#[test]
fn a_process_that_was_killed_serves_nothing_and_other_projects_entries_are_their_own() {
    let program = Program::planned();
    let run = program.path().join(".task_orchestrator/run");
    let left = r#"{ "url": "http://127.0.0.1:7420/mcp", "pid": 4000000, "version": "0.0.1" }"#;
    fs::write(run.join("endpoint.json"), left).unwrap();
    assert!(!program.done(&["doctor"]).contains("0.0.1"));
    // A user's own file serves every project of theirs.
    program.done(&["connect", "codex", "--install"]);
    let file = program.home().join(".codex/config.toml");
    let own = fs::read_to_string(&file).unwrap();
    let root = program.path().canonicalize().unwrap();
    fs::write(&file, own.replace(root.to_str().unwrap(), "/another")).unwrap();
    let said = program.done(&["doctor"]);
    assert!(said.contains("no client of an agent is told") && !said.contains("codex"), "{said}");
    program.done(&["connect", "codex", "--install", "--name", "callboard-here"]);
    let said = program.done(&["doctor"]);
    assert!(!said.contains("no client") && !said.contains("codex"), "{said}");
}

#[test]
fn git_is_told_to_leave_alone_what_only_one_database_knows() {
    let program = Program::planned();
    let git = |arguments: &[&str]| {
        let status = std::process::Command::new("git")
            .arg("-C")
            .arg(program.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
            .args(arguments)
            .output();
        status.is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "--quiet"]) {
        return;
    }
    program.done(&["sync"]);
    assert!(git(&["add", "--force", ".task_orchestrator/sessions"]));
    let ran = program.run(&["doctor"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("git rm --cached"), "{ran:?}");
    let fixed = program.run(&["doctor", "--fix"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
}

#[test]
fn a_cleanup_tells_first_and_clears_when_it_is_asked_to() {
    let program = Program::planned();
    let part = program.path().join(".task_orchestrator/.callboard-part-0000000000000001.tmp");
    fs::write(&part, "half").unwrap();
    let old =
        fs::metadata(&part).unwrap().modified().unwrap() - std::time::Duration::from_secs(7_200);
    fs::File::options().write(true).open(&part).unwrap().set_modified(old).unwrap();
    let told = program.done(&["cleanup"]);
    assert!(told.contains("temporary files (1)") && told.contains("Nothing was changed"), "{told}");
    assert!(part.exists());
    let done = program.json(&["cleanup", "--only", "temporary_files", "--yes"]);
    assert_eq!(done["fixed"][0]["type"], "temporary_files");
    assert!(done["backup"].as_str().unwrap().starts_with("b-"), "{done}");
    assert!(!part.exists());
    assert!(program.done(&["cleanup"]).contains("Nothing lies about"));
    assert!(program.refused(2, &["cleanup", "--only", "dust"]).contains("temporary_files"));
}

#[test]
fn metrics_and_logs_are_told_plainly_and_in_json() {
    let program = Program::planned();
    program.done(&["done", "Design the login", "-m", "drawn"]);
    let said = program.done(&["metrics"]);
    assert!(said.contains("1 task\n"), "{said}");
    let all = program.json(&["metrics", "--range", "all"]);
    assert_eq!((&all["finished"], &all["range"]), (&1.into(), &"all".into()));
    assert!(program.done(&["log", "--errors"]).contains("Nothing went wrong"));
    tamper(
        &program,
        "INSERT INTO session_error_logs (at, actor, source, code, message)
         VALUES (1, 'codex', 'sync', 'busy', 'no turn'), (2, 'claude', 'mode', 'invalid_value', 'x')",
    );
    let errors = program.json(&["log", "--errors", "--by", "codex"]);
    assert_eq!(errors["items"].as_array().unwrap().len(), 1);
    assert_eq!(errors["items"][0]["message"], "no turn");
    assert!(program.done(&["log", "--messages"]).contains("Nobody has written"));
    tamper(
        &program,
        "INSERT INTO session_error_logs (at, actor, source, code, message)
         VALUES (3000, 'codex', 'orchestrator_task_claim', 'claimed', 'taken')",
    );
    for name in ["task_claim", "orchestrator_task_claim"] {
        let errors = program.json(&["log", "--errors", "--tool", name]);
        assert_eq!(errors["items"][0]["at"], "1970-01-01T00:00:03Z", "{errors}");
        assert_eq!(errors["items"].as_array().unwrap().len(), 1);
    }
    let said = program.refused(2, &["log", "--errors", "Design the login"]);
    assert!(said.contains("--tool <NAME>"), "{said}");
    let text = program.done(&["log", "--errors"]);
    let json = program.json(&["log", "--errors"]);
    let items = json["items"].as_array().unwrap();
    let messages: Vec<&str> = items.iter().map(|it| it["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["no turn", "x", "taken"]);
    assert!(text.lines().zip(messages).all(|(line, message)| line.ends_with(message)), "{text}");
}

#[test]
fn work_that_was_taken_back_is_not_finished() {
    let program = Program::planned();
    program.done(&["done", "Design the login", "-m", "drawn"]);
    program.done(&["undo"]);
    assert_eq!(program.json(&["metrics"])["finished"], 0);
    program.done(&["undo", "--redo"]);
    assert_eq!(program.json(&["metrics"])["finished"], 1);
}
