//! Reading: what verbs print for people, and what for programs.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::program::Program;

/// What was printed, with ids and ages that differ from run to run made alike.
fn steady(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split(' ') {
        let id = word.char_indices().find(|(at, _)| {
            let rest = &word[*at..];
            let looks = ["t-", "g-", "s-"].iter().any(|letter| rest.starts_with(letter));
            looks && 10 <= rest.len() && rest[2..10].chars().all(|one| one.is_ascii_alphanumeric())
        });
        words.push(match id {
            Some((at, _)) => format!("{}x-xxxxxxxx{}", &word[..at], &word[at + 10..]),
            None => word.to_owned(),
        });
    }
    words.join(" ")
}

#[test]
fn lists_are_by_group_and_plain_where_nobody_looks() {
    let program = Program::planned();
    insta::assert_snapshot!(steady(&program.done(&["list"])), @r"
    Backend 0%
      ○ x-xxxxxxxx ↑ Design the login
      ○ x-xxxxxxxx   Build the login  ⇠1
    No group
      ○ x-xxxxxxxx   Write the announcement  #docs
    ");
    insta::assert_snapshot!(steady(&program.done(&["next"])), @r"
      ○ x-xxxxxxxx ↑ Design the login
      ○ x-xxxxxxxx   Write the announcement  #docs
    ");
    insta::assert_snapshot!(steady(&program.done(&["list", "--ascii", "login"])), @r"
    Backend 0%
      o x-xxxxxxxx ^ Design the login
      o x-xxxxxxxx   Build the login  <1
    ");
}

#[test]
fn colors_are_for_terminals_or_for_whoever_asks() {
    let program = Program::planned();
    for verb in [vec!["list"], vec!["status"], vec!["log"], vec!["show"], vec!["session", "list"]] {
        assert!(!program.done(&verb).contains('\u{1b}'), "{verb:?}");
        let colored = program.done(&[verb.as_slice(), &["--color", "always"]].concat());
        assert!(colored.contains("\u{1b}["), "{verb:?}");
    }
}

#[test]
fn filters_narrow_a_list_and_pages_continue_it() {
    let program = Program::planned();
    let titles = |arguments: &[&str]| {
        let page = program.json(&[&["list"], arguments].concat());
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(&["--ready"]), ["Design the login", "Write the announcement"]);
    assert_eq!(titles(&["--priority", "high"]), ["Design the login"]);
    assert_eq!(titles(&["--tag", "docs"]), ["Write the announcement"]);
    assert_eq!(titles(&["--group", "none"]), ["Write the announcement"]);
    assert_eq!(titles(&["buil"]), ["Build the login"]);
    assert_eq!(titles(&["--status", "completed"]), Vec::<String>::new());
    program.done(&["done", "Design the login"]);
    assert_eq!(titles(&[]).len(), 2);
    assert_eq!(titles(&["--all"]).len(), 3);
    let first = program.json(&["list", "--all", "-n", "2", "--order", "newest"]);
    let cursor = first["cursor"].as_str().unwrap();
    assert_eq!(
        titles(&["--all", "-n", "2", "--order", "newest", "--cursor", cursor]),
        ["Design the login"]
    );
}

#[test]
fn a_task_a_group_and_a_session_are_shown_by_id_prefix_and_name() {
    let program = Program::planned();
    let id = program.id("Design the login");
    for text in [id.as_str(), &id.to_uppercase(), "design the LOGIN"] {
        assert_eq!(program.json(&["show", text])["task"]["title"], "Design the login", "{text}");
    }
    assert_eq!(program.json(&["show", "backend"])["group"]["path"], "Backend");
    assert_eq!(program.json(&["show", "release 1.4"])["session"]["session"]["state"], "active");
    assert_eq!(program.json(&["show"])["session"]["session"]["name"], "Release 1.4");
    insta::assert_snapshot!(steady(&program.done(&["show", "build the login"])), @r"
    Build the login  x-xxxxxxxx
    status       ○ pending
    priority     normal
    group        Backend
    changed      just now
    waits for    ○ x-xxxxxxxx Design the login
    ");
}

#[test]
fn moments_in_json_are_written_out() {
    let program = Program::planned();
    let log = program.json(&["log", "-n", "1"]);
    let at = log["items"][0]["at"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.contains('T'), "{at}");
    assert_eq!(log["items"][0]["title"], "Write the announcement");
    let metrics = program.json(&["metrics"]);
    assert!(metrics["parts"][0]["from"].as_str().unwrap().ends_with('Z'), "{metrics}");
}

#[test]
fn lists_have_one_shape_in_json_and_one_rule_for_how_many() {
    let program = Program::planned();
    let found = program.json(&["search", "login", "-n", "1"]);
    let item = &found["items"][0];
    assert_eq!((&found["total"], &item["title"]), (&2.into(), &"Build the login".into()));
    assert_eq!(item["title_marks"][0][0], 10, "{item}");
    let lists: [&[&str]; 7] = [
        &["list"],
        &["log"],
        &["search", "login"],
        &["session", "list"],
        &["artifact", "list"],
        &["conflict", "list"],
        &["log", "--errors"],
    ];
    for list in lists {
        let page = program.json(list);
        assert!(page["items"].is_array() && page.get("cursor").is_some(), "{list:?}: {page}");
        for count in ["0", "1001", "-1", "x"] {
            let flag = format!("-n={count}");
            let said = program.refused(2, &[list, &[flag.as_str()]].concat());
            assert!(said.contains("from 1 to 1000"), "{list:?}: {said}");
        }
    }
    let newest = program.json(&["log", "-n", "2"]);
    let cursor = newest["cursor"].as_str().unwrap();
    let older = program.json(&["log", "-n", "1", "--cursor", cursor]);
    let seq = |page: &Value, at: usize| page["items"][at]["seq"].as_i64().unwrap();
    assert_eq!(seq(&newest, 0) + 1, seq(&newest, 1));
    assert_eq!(seq(&older, 0) + 1, seq(&newest, 0));
}

#[test]
fn status_says_where_the_work_stands() {
    let program = Program::planned();
    program.done(&["done", "Design the login", "--status", "review", "-r", "look"]);
    let status = program.done(&["status"]);
    for part in
        ["Release 1.4", "● active", "Ship it", "2 pending, 1 review", "Waits for you", "Next"]
    {
        assert!(status.contains(part), "{part}: {status}");
    }
    let json = program.json(&["status"]);
    assert_eq!(json["needs"][0]["kind"], "review");
    assert_eq!(json["next"][0]["title"], "Write the announcement");
}

#[test]
fn escape_sequences_of_others_never_reach_the_terminal() {
    let program = Program::planned();
    program.done(&["add", "Trap", "-d", "\u{1b}[2Jgone\u{202e}\u{7}"]);
    program.done(&["session", "edit", "--goal", "\u{1b}]0;owned\u{7}"]);
    for verb in [vec!["show", "Trap"], vec!["status"], vec!["log"], vec!["session", "show"]] {
        let printed = program.done(&verb);
        assert!(!printed.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{verb:?}: {printed:?}");
    }
}

#[test]
fn a_log_is_followed_while_others_work() {
    let program = Program::planned();
    let mut command = program.command(&["log", "--follow", "--json", "--after", "0"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |title: &str| {
        let line = lines.by_ref().map(Result::unwrap).find(|line| line.contains(title));
        serde_json::from_str::<Value>(&line.unwrap()).unwrap()
    };
    assert_eq!(until("Write the announcement")["verb"], "task.created");
    program.done(&["add", "Made meanwhile"]);
    assert_eq!(until("Made meanwhile")["actor"], "human");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let program = Program::planned();
    let mut command = program.command(&["completions", "zsh"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_search_shows_the_best_first_with_what_was_found() {
    let program = Program::planned();
    insta::assert_snapshot!(steady(&program.done(&["search", "login"])), @r#"
    ○ task     x-xxxxxxxx Build the login  Backend
    ○ task     x-xxxxxxxx Design the login  Backend
    "#);
    let found: Value =
        serde_json::from_str(&program.done(&["search", "--json", "type:task", "login"])).unwrap();
    assert_eq!((found["total"].as_i64(), found["at_least"].as_bool()), (Some(2), Some(false)));
    let colored = program.done(&["search", "--color", "always", "login"]);
    assert!(colored.contains("\u{1b}["));
    let nothing = program.done(&["search", "lgoin"]);
    assert!(nothing.starts_with("○ task"), "{nothing}");
    assert!(nothing.contains("this is what \"login\" finds"), "{nothing}");
}
