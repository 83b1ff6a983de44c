//! Work that takes long: it is followed, and it stops when nobody waits for it.

use std::time::Duration;

use callboard_engine::peer::Peer;
use callboard_engine::query;
use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

/// Nothing takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many calls of agents have ended.
fn ended(peer: &Peer) -> i64 {
    let hours = peer
        .readers
        .read(|reader| query::metrics::hours(reader, callboard_engine::domain::time::Timestamp(0)));
    hours.unwrap().iter().map(|hour| hour.calls).sum()
}

#[tokio::test]
async fn a_wait_that_is_cancelled_ends_at_once() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    client.call("session_create", json!({ "name": "Work" })).await;
    let cursor = client.call("events", json!({})).await["cursor"].clone();
    scene.peer.door.flush().await;
    let before = ended(&scene.peer);
    let params = json!({
        "name": "orchestrator_events",
        "arguments": { "cursor": cursor, "wait_seconds": 55 },
    });
    client
        .send(&json!({ "jsonrpc": "2.0", "id": "wait", "method": "tools/call", "params": params }))
        .await;
    let cancel = json!({ "requestId": "wait", "reason": "enough" });
    client
        .send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel }))
        .await;
    let is_over = async {
        while ended(&scene.peer) == before {
            scene.peer.door.flush().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, is_over).await.expect("the wait goes on");
    // The connection goes on.
    client.call("session_status", json!({})).await;
}

#[tokio::test]
async fn work_tells_a_caller_that_wants_to_know_how_far_it_is() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    client.call("session_create", json!({ "name": "Work" })).await;
    let tasks: Vec<Value> = (0..200).map(|number| json!({ "title": number.to_string() })).collect();
    client.call("task_create", json!({ "tasks": tasks })).await;
    follow(&mut client, ("orchestrator_validate_integrity", json!({}))).await;
}

#[tokio::test]
async fn reading_a_large_artifact_is_told_of() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    client.call("session_create", json!({ "name": "Work" })).await;
    std::fs::write(scene.directory.path().join("large.bin"), vec![7; 20_000_000]).unwrap();
    let result =
        follow(&mut client, ("orchestrator_artifact_record", json!({ "path": "large.bin" }))).await;
    assert_eq!(result["structuredContent"]["size"], 20_000_000, "{result}");
}

/// Makes a call whose caller wants to know how far it is, and sees that the numbers grow.
async fn follow(client: &mut Client, (tool, arguments): (&str, Value)) -> Value {
    let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": "p" } });
    client
        .send(&json!({ "jsonrpc": "2.0", "id": "long", "method": "tools/call", "params": params }))
        .await;
    let mut told: Vec<Value> = Vec::new();
    let result = loop {
        let message = client.receive().await;
        if message["id"] == "long" {
            break message["result"].clone();
        }
        assert_eq!(message["method"], "notifications/progress", "{message}");
        assert_eq!(message["params"]["progressToken"], "p");
        told.push(message["params"]["progress"].clone());
    };
    assert!(!told.is_empty(), "nothing was told");
    let numbers: Vec<f64> = told.iter().map(|number| number.as_f64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    result
}
