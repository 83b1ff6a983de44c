//! Several processes that claim: no two get the same task.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use super::program::{Server, run, wait_until};

const AGENTS: usize = 8;

/// Eight tasks, and eight agents that ask for the first at the same moment.
fn all_claim_the_first(project: &Path, or_next: bool) -> (Value, Vec<Value>) {
    let mut planner = Server::start(project, "planner");
    planner.call("session_create", &json!({ "name": "Race" }));
    let tasks: Vec<Value> = (0..AGENTS).map(|n| json!({ "title": format!("task {n}") })).collect();
    let made = planner.call("task_create", &json!({ "tasks": tasks }));
    let first = made["created"][0]["task_id"].clone();
    let mut servers: Vec<Server> =
        (0..AGENTS).map(|n| Server::start(project, &format!("agent-{n}"))).collect();
    let together = Barrier::new(AGENTS);
    let results = thread::scope(|scope| {
        let agents: Vec<_> = servers
            .iter_mut()
            .map(|server| {
                let call = json!({ "task_id": first, "or_next": or_next });
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    server.result("task_claim", &call)
                })
            })
            .collect();
        agents.into_iter().map(|agent| agent.join().unwrap()).collect()
    });
    (first, results)
}

#[test]
fn of_eight_processes_one_wins_a_task_and_the_others_get_another() {
    let project = tempfile::tempdir().unwrap();
    let (first, results) = all_claim_the_first(project.path(), true);
    let mut got = BTreeSet::new();
    for result in &results {
        assert_eq!(result["isError"], false, "{result}");
        got.insert(result["structuredContent"]["task"]["task_id"].as_str().unwrap());
    }
    assert_eq!(got.len(), AGENTS, "each has a task of its own");
    assert!(got.contains(first.as_str().unwrap()));
}

#[test]
fn whoever_comes_second_is_told_the_holder_and_the_next_task() {
    let project = tempfile::tempdir().unwrap();
    let (_, results) = all_claim_the_first(project.path(), false);
    let (refused, won): (Vec<&Value>, Vec<&Value>) =
        results.iter().partition(|result| result["isError"] == true);
    assert_eq!(won.len(), 1);
    for result in refused {
        let refusal = &result["structuredContent"];
        assert_eq!(refusal["error_code"], "task_held", "{refusal}");
        assert!(refusal["details"]["holder"].as_str().unwrap().starts_with("agent:agent-"));
        assert!(refusal["details"]["until"].is_string());
        assert!(refusal["details"]["next_ready"]["id"].is_string(), "{refusal}");
    }
}

#[test]
fn what_a_dead_agent_held_is_free_again_soon() {
    let project = tempfile::tempdir().unwrap();
    let mut survivor = Server::start(project.path(), "survivor");
    survivor.call("session_create", &json!({ "name": "Deaths" }));
    survivor.call("task_create", &json!({ "title": "the only one" }));
    let mut mortal = Server::start(project.path(), "mortal");
    let claimed = mortal.call("task_claim", &json!({}));
    let task = claimed["task"]["task_id"].clone();
    let refusal = survivor.refused("task_claim", &json!({ "task_id": task }));
    assert_eq!(refusal["error_code"], "task_held");
    mortal.kill();
    wait_until("the task is free", || {
        survivor.result("task_claim", &json!({}))["isError"] == false
    });
    let call = json!({ "task_id": task, "limit": 5 });
    let events = survivor.call("events", &call);
    let expired =
        events["events"].as_array().unwrap().iter().find(|event| event["verb"] == "claim.expired");
    assert_eq!(expired.unwrap()["reason"], "the process of its holder died");
}

#[test]
fn an_agent_that_takes_leave_or_comes_back_keeps_what_it_holds() {
    let project = tempfile::tempdir().unwrap();
    let mut survivor = Server::start(project.path(), "survivor");
    survivor.call("session_create", &json!({ "name": "Deaths" }));
    survivor.call(
        "task_create",
        &json!({ "tasks": [{ "title": "a" }, { "title": "b" }, { "title": "c" }] }),
    );
    let mut leaving = Server::start(project.path(), "leaving");
    let left = leaving.call("task_claim", &json!({}))["task"]["task_id"].clone();
    leaving.close();
    let mut first = Server::start(project.path(), "returning");
    let held = first.call("task_claim", &json!({ "agent": "returning-thread" }))["task"]["task_id"]
        .clone();
    first.kill();
    let mut again = Server::start(project.path(), "returning");
    again.call("session_status", &json!({ "agent": "returning-thread" }));
    let mut mortal = Server::start(project.path(), "mortal");
    let freed = mortal.call("task_claim", &json!({}))["task"]["task_id"].clone();
    mortal.kill();
    wait_until("the dead one's task is free", || {
        survivor.result("task_claim", &json!({ "task_id": freed }))["isError"] == false
    });
    for (task, holder) in [(left, "agent:leaving"), (held, "agent:returning-thread")] {
        let refusal = survivor.refused("task_claim", &json!({ "task_id": task }));
        assert_eq!(refusal["details"]["holder"], holder, "{refusal}");
    }
}

#[test]
fn a_death_that_a_short_process_noticed_is_not_forgotten() {
    let project = tempfile::tempdir().unwrap();
    let mut survivor = Server::start(project.path(), "survivor");
    survivor.call("session_create", &json!({ "name": "Deaths" }));
    survivor.call("task_create", &json!({ "title": "the only one" }));
    let mut mortal = Server::start(project.path(), "mortal");
    mortal.call("task_claim", &json!({}));
    mortal.kill();
    // It finds the file that the dead left behind, and has ended before it could tell of it.
    assert!(run(project.path(), &["status"]).status.success());
    wait_until("the task is free", || {
        survivor.result("task_claim", &json!({}))["isError"] == false
    });
}
