//! Several processes that write at once: nothing is lost, nothing refused, nothing doubled.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use serde_json::json;

use super::program::{Board, Server};

#[test]
fn two_processes_of_forty_creates_each_keep_eighty() {
    let project = tempfile::tempdir().unwrap();
    let mut one = Server::start(project.path(), "one");
    let mut two = Server::start(project.path(), "two");
    one.call("session_create", &json!({ "name": "Race" }));
    let together = Barrier::new(2);
    thread::scope(|scope| {
        for (name, server) in [("one", &mut one), ("two", &mut two)] {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                for number in 0..40 {
                    server.call("task_create", &json!({ "title": format!("{name} {number}") }));
                }
            });
        }
    });
    let titles = Board::open(project.path()).titles();
    assert_eq!(titles.len(), 80);
    assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), 80);
}

#[test]
fn a_session_that_eight_processes_create_at_once_is_created_once() {
    let project = tempfile::tempdir().unwrap();
    let together = Barrier::new(8);
    let results: Vec<_> = thread::scope(|scope| {
        let agents: Vec<_> = (0..8)
            .map(|number| {
                let (together, project) = (&together, project.path());
                scope.spawn(move || {
                    let mut server = Server::start(project, &format!("agent-{number}"));
                    together.wait();
                    server.result("session_create", &json!({ "name": format!("S{number}") }))
                })
            })
            .collect();
        agents.into_iter().map(|agent| agent.join().unwrap()).collect()
    });
    let refused = results.iter().filter(|result| result["isError"] == true);
    assert_eq!(refused.clone().count(), 7);
    for result in refused {
        assert_eq!(result["structuredContent"]["error_code"], "session_live", "{result}");
    }
}

#[test]
fn eight_plans_without_a_session_meet_in_one() {
    let project = tempfile::tempdir().unwrap();
    let together = Barrier::new(8);
    thread::scope(|scope| {
        for number in 0..8 {
            let (together, project) = (&together, project.path());
            scope.spawn(move || {
                let mut server = Server::start(project, &format!("agent-{number}"));
                let subtasks = json!([{ "title": format!("part of {number}"), "description": "d", "specialist_type": "tester" }]);
                together.wait();
                let call = json!({ "description": format!("plan {number}"), "subtasks_json": subtasks });
                server.call("plan_task", &call);
            });
        }
    });
    let board = Board::open(project.path());
    assert_eq!(board.titles().len(), 16);
    assert_eq!(board.findings(), Vec::<String>::new());
}
