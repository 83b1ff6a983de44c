//! Several processes that write at once: nothing is lost, nothing refused, nothing doubled.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use super::program::{Board, Server};

#[test]
fn two_processes_of_forty_creates_each_keep_eighty() {
    let project = tempfile::tempdir().unwrap();
    let mut one = Server::start(project.path(), "one");
    let mut two = Server::start(project.path(), "two");
    one.call("session_create", &json!({ "name": "Race" }));
    let together = Barrier::new(2);
    let create_forty = |server: &mut Server, name: &str| {
        together.wait();
        for number in 0..40 {
            server.call("task_create", &json!({ "title": format!("{name} {number}") }));
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| create_forty(&mut one, "one"));
        scope.spawn(|| create_forty(&mut two, "two"));
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

#[test]
fn writers_of_different_fields_of_one_task_keep_all_they_write() {
    const ROUNDS: usize = 12;
    let project = tempfile::tempdir().unwrap();
    let mut one = Server::start(project.path(), "one");
    let mut two = Server::start(project.path(), "two");
    one.call("session_create", &json!({ "name": "Race" }));
    let made = one.call("task_create", &json!({ "title": "Shared" }));
    let task = made["created"][0]["task_id"].clone();
    let together = Barrier::new(2);
    // Both have seen the same version when they write, round by round.
    let write = |server: &mut Server, update: &dyn Fn(usize) -> Value| {
        for round in 0..ROUNDS {
            let seen = server.call("task_get", &json!({ "task_id": task }))["version"].clone();
            assert!(seen.is_i64());
            together.wait();
            let call = json!({ "task_ids": [task], "updates": update(round), "if_version": seen });
            server.call("task_batch_update", &call);
            together.wait();
        }
    };
    thread::scope(|scope| {
        let write = &write;
        scope.spawn(|| write(&mut one, &|n| json!({ "description": format!("text {n}") })));
        scope.spawn(|| write(&mut two, &|n| json!({ "progress": n + 1 })));
    });
    let shared = two.call("task_get", &json!({ "task_id": task, "detail": "full" }));
    assert_eq!((&shared["description"], &shared["progress"]), (&json!("text 11"), &json!(12)));
    let events = two.call("events", &json!({ "task_id": task, "cursor": 0, "limit": 200 }));
    let updates = events["events"].as_array().unwrap().iter();
    let kept = updates.filter(|event| event["verb"] == "task.updated").count();
    assert_eq!(kept, 2 * ROUNDS, "{events}");
    let call = json!({ "task_ids": [task], "updates": { "progress": 50 }, "if_version": 1 });
    let refused = &one.result("task_batch_update", &call)["structuredContent"];
    assert_eq!(
        refused["error_code"], "version_clash",
        "the same field is not overwritten: {refused}"
    );
}
