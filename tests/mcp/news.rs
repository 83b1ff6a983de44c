//! Agents hear of another mode with their next answer, once, and lose nothing by it.

use std::collections::BTreeSet;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::Command;
use callboard_engine::door::Request;
use callboard_engine::query;
use serde_json::{Value, json};

use super::client::Client;
use super::http::{Web, start};
use super::modes::{LAX, select, write};
use crate::scene::Scene;

const AGENTS: usize = 8;
const TASKS: usize = 80;
const SWITCHES: usize = 12;

fn news(answer: &Value) -> Vec<String> {
    let items = answer["inbox"].as_array().cloned().unwrap_or_default();
    let modes = items.iter().filter(|item| item["kind"] == "mode_changed");
    modes.map(|item| item["mode"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_agents_next_answer_tells_of_the_new_mode_once() {
    let scene = Scene::new();
    let mut one = Client::named(&scene.peer, "one").await;
    let other_peer = scene.other_peer();
    let mut two = Client::named(&other_peer, "two").await;
    one.call("session_create", json!({ "name": "Work" })).await;
    two.call("session_status", json!({})).await;
    write(&scene, "lax", LAX);
    select(&scene, "lax").await;
    for agent in [&mut one, &mut two] {
        let told = agent.call("task_query", json!({})).await;
        assert_eq!(news(&told), ["lax"], "{told}");
        let item = &told["inbox"][0];
        assert_eq!(item["roles"], json!(["gardener"]));
        assert_eq!(item["by"], "human");
        assert_eq!(news(&agent.call("task_query", json!({})).await), Vec::<String>::new());
    }
    let mut new = Client::named(&scene.peer, "new").await;
    let first = new.call("session_status", json!({})).await;
    assert_eq!(news(&first), Vec::<String>::new(), "who comes new knows no other mode");
    assert_eq!(first["mode"]["name"], "lax");
    // A refusal tells it as well.
    select(&scene, "research").await;
    let refused = new.result("task_get", json!({ "task_id": "t-zzzzzzzz" })).await;
    assert_eq!(news(&refused["structuredContent"]), ["research"], "{refused}");
}

#[tokio::test]
async fn agents_over_http_are_told_too() {
    let scene = Scene::new();
    let server = start(&scene.peer, false).await;
    let here = server.serving().await.unwrap();
    let mut web = Web::new(&here, "web");
    web.call("session_create", json!({ "name": "Work" })).await;
    let mut other = Web::new(&here, "other");
    other.call("session_status", json!({})).await;
    write(&scene, "lax", LAX);
    select(&scene, "lax").await;
    for agent in [&mut web, &mut other] {
        let told = agent.call("task_query", json!({})).await;
        assert_eq!(news(&told), ["lax"], "{told}");
        let again = agent.call("task_query", json!({})).await;
        assert_eq!(news(&again), Vec::<String>::new());
    }
}

/// Works until nothing is ready; returns what it completed and of which modes it was told.
async fn work(mut agent: Client) -> (Vec<String>, Vec<String>, Client) {
    let (mut done, mut told) = (Vec::new(), Vec::new());
    loop {
        let taken = agent.result("task_claim", json!({})).await;
        let data = &taken["structuredContent"];
        told.extend(news(data));
        if data["error_code"] == "nothing_ready" {
            return (done, told, agent);
        }
        assert_eq!(taken["isError"], false, "{taken}");
        let id = data["task"]["task_id"].as_str().unwrap().to_owned();
        let call = json!({ "task_id": id, "summary": "done" });
        let answer = agent.call("task_complete", call).await;
        told.extend(news(&answer));
        done.push(id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_agents_lose_nothing_while_modes_are_switched() {
    let scene = Scene::new();
    let mut first = Client::named(&scene.peer, "planner").await;
    first.call("session_create", json!({ "name": "Work" })).await;
    write(&scene, "lax", LAX);
    write(&scene, "other", "baker:\n  role_definition: Bakes what grew.\n");
    let tasks: Vec<Value> = (0..TASKS).map(|n| json!({ "title": format!("task {n}") })).collect();
    first.call("task_create", json!({ "tasks": tasks })).await;
    let mut agents = Vec::new();
    for number in 0..AGENTS {
        let mut agent = Client::named(&scene.peer, &format!("agent-{number}")).await;
        agent.call("session_status", json!({})).await;
        agents.push(agent);
    }
    let at_work: Vec<_> = agents.into_iter().map(|agent| tokio::spawn(work(agent))).collect();
    for switch in 0..SWITCHES {
        let mode = if switch % 2 == 0 { "lax" } else { "other" };
        first.call("mode_select", json!({ "mode": mode })).await;
    }
    let mut done = BTreeSet::new();
    for worker in at_work {
        let (own, mut told, mut agent) = worker.await.unwrap();
        for id in own {
            assert!(done.insert(id), "no task is done twice");
        }
        // Whatever it was told while it worked, its next answers end with the mode in force.
        told.extend(news(&agent.call("session_status", json!({})).await));
        assert_eq!(told.last().map(String::as_str), Some("other"), "{told:?}");
        assert!(told.len() <= SWITCHES, "each change is told at most once: {told:?}");
    }
    assert_eq!(done.len(), TASKS);
    let (session, bindings) = scene
        .peer
        .readers
        .read(|reader| {
            let session = query::sessions::live(reader)?.unwrap();
            Ok((session.clone(), query::modes::history(reader, session.id, 100)?))
        })
        .unwrap();
    assert_eq!(session.mode, "other");
    let planner = Actor::agent("planner");
    let switched = bindings.iter().filter(|bound| bound.actor == planner && bound.from.is_some());
    assert_eq!(switched.count(), SWITCHES);
}

#[tokio::test]
async fn an_agent_that_knows_of_a_change_hears_when_it_is_taken_back() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "one").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    write(&scene, "lax", LAX);
    for mode in ["lax", "project_roles", "lax"] {
        select(&scene, mode).await;
        let told = agent.call("task_query", json!({})).await;
        assert_eq!(news(&told), [mode], "{told}");
    }
}

#[tokio::test]
async fn news_of_a_mode_of_any_size_finds_room() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "one").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    let role = |n: usize| format!("{}_{n}:\n  role_definition: x\n", "r".repeat(50));
    write(&scene, "large", &(0..60).map(role).collect::<String>());
    for number in 0..40 {
        let value = "x".repeat(15_000);
        agent.call("context", json!({ "key": format!("k{number}"), "value": value })).await;
    }
    select(&scene, "large").await;
    let full = agent.call("context", json!({ "detail": "full" })).await;
    assert_eq!(news(&full), ["large"], "with the largest answer, too");
    assert!(full.to_string().len() <= 40 * 1024);
}

#[tokio::test]
async fn a_message_is_handed_over_once() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "one").await;
    let made = agent.call("session_create", json!({ "name": "Work" })).await;
    let cursor = agent.call("events", json!({})).await["cursor"].clone();
    let session = made["session"]["session_id"].as_str().unwrap().parse().unwrap();
    let message = |text: &str| Command::SendMessage {
        session_id: session,
        to: "one".to_owned(),
        text: text.to_owned(),
    };
    let send = |text| {
        let request = Request::new(Actor::Human, message(text));
        let door = scene.peer.door.clone();
        tokio::task::spawn_blocking(move || door.submit_blocking(request).unwrap())
    };
    let texts = |answer: &Value| {
        let items = answer["inbox"].as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|item| item["text"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    send("look here").await.unwrap();
    let told = agent.call("task_query", json!({})).await;
    assert_eq!(texts(&told), ["look here"], "{told}");
    let events = agent.call("events", json!({ "cursor": cursor })).await;
    assert!(!events.to_string().contains("look here"), "{events}");
    assert_eq!(events["events"], json!([]), "{events}");
    // One that waits wakes who waits for events, and is said once.
    send("and there").await.unwrap();
    let wait = json!({ "cursor": events["cursor"], "wait_seconds": 20 });
    let events = agent.call("events", wait).await;
    assert_eq!(events["events"][0]["verb"], "message.sent", "{events}");
    assert_eq!(events.to_string().matches("and there").count(), 1, "{events}");
    assert_eq!(texts(&events), ["and there"], "{events}");
}
