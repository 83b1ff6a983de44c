//! Sudden deaths: whatever is killed at whatever moment, nothing acknowledged is lost.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::program::{Board, Server};

/// Deaths in a row.
const ROUNDS: u64 = 10;
/// Creates that are on their way when the process dies.
const IN_FLIGHT: usize = 60;

/// A number that looks random and is the same in every run.
fn scattered(seed: u64) -> u64 {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
}

#[test]
fn every_acknowledged_create_outlives_ten_kills() {
    let project = tempfile::tempdir().unwrap();
    let mut survivor = Server::start(project.path(), "survivor");
    survivor.call("session_create", &json!({ "name": "Deaths" }));
    let mut kept = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut server = Server::start(project.path(), "mortal");
        let mut titles = Vec::new();
        let mut ids = Vec::new();
        for number in 0..IN_FLIGHT {
            let title = format!("round {round} task {number}");
            ids.push(server.begin("task_create", &json!({ "title": title })));
            titles.push(title);
        }
        // Dies after so many answers, while the others are on their way.
        let answers = usize::try_from(scattered(round)).unwrap() % IN_FLIGHT;
        let mut note = |answer: &Value| {
            assert_eq!(answer["result"]["isError"], false, "{answer}");
            let index = ids.iter().position(|id| answer["id"] == *id).unwrap();
            kept.insert(titles[index].clone());
        };
        for _ in 0..answers {
            note(&server.receive().expect("it is not dead yet"));
        }
        server.kill();
        while let Some(answer) = server.receive() {
            note(&answer);
        }
        survivor.call("task_create", &json!({ "title": format!("after round {round}") }));
        kept.insert(format!("after round {round}"));
    }
    let board = Board::open(project.path());
    let there: BTreeSet<String> = board.titles().into_iter().collect();
    let lost: Vec<&String> = kept.difference(&there).collect();
    assert_eq!(lost, Vec::<&String>::new());
    assert_eq!(board.findings(), Vec::<String>::new());
}

#[test]
fn a_plan_is_there_whole_or_not_at_all_when_its_process_dies() {
    let project = tempfile::tempdir().unwrap();
    let parts: Vec<Value> = (0..20)
        .map(|n| json!({ "title": format!("part {n}"), "description": "d", "specialist_type": "tester" }))
        .collect();
    for round in 0..3 {
        let mut server = Server::start(project.path(), "mortal");
        for plan in 0..5 {
            let call = json!({ "description": format!("{round}-{plan}"), "subtasks_json": parts });
            server.begin("plan_task", &call);
        }
        for _ in 0..round {
            server.receive().expect("it is not dead yet");
        }
        server.kill();
    }
    let board = Board::open(project.path());
    let tasks = board.titles().len();
    assert!(0 < tasks && tasks.is_multiple_of(21), "{tasks} tasks");
    assert_eq!(board.findings(), Vec::<String>::new());
}
