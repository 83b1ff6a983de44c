//! Calls that are repeated, and writes that are conditional.

use callboard_engine::domain::command::Command;
use serde_json::json;

use super::client::Client;
use crate::scene::Scene;

#[tokio::test]
async fn a_repeated_call_gets_its_first_answer_however_the_board_moved_on() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    agent.call("task_create", json!({ "title": "a" })).await;
    agent.call("task_group_create", json!({ "name": "G" })).await;
    for (tool, call) in [
        ("task_priority_adjust", json!({ "task_ids": ["a"], "shift": 1 })),
        ("task_group_organize", json!({ "group": "G", "delete": true })),
        ("task_claim", json!({})),
        ("task_batch_update", json!({ "task_ids": ["a"], "updates": { "title": "b" } })),
        ("session_suspend", json!({})),
        ("session_resume", json!({})),
        ("session_complete", json!({ "allow_open": true })),
    ] {
        let mut call = call;
        call["idempotency_key"] = json!(format!("key of {tool}"));
        let first = agent.call(tool, call.clone()).await;
        let feed = scene.latest();
        assert_eq!(agent.call(tool, call).await, first, "{tool}");
        assert_eq!(scene.latest(), feed, "{tool} was carried out twice");
    }
}

#[tokio::test]
async fn a_key_that_was_used_for_another_call_is_refused() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    agent.call("task_create", json!({ "title": "a", "idempotency_key": "k" })).await;
    let other = json!({ "title": "b", "idempotency_key": "k" });
    assert_eq!(agent.refused("task_create", other).await["error_code"], "key_reused");
}

#[tokio::test]
async fn a_version_guards_every_field_that_a_call_writes() {
    let scene = Scene::new();
    let mut alice = Client::named(&scene.peer, "alice").await;
    let mut bob = Client::named(&scene.peer, "bob").await;
    alice.call("session_create", json!({ "name": "Work" })).await;
    for title in ["a", "b"] {
        alice.call("task_create", json!({ "title": title })).await;
        let review =
            json!({ "task_ids": [title], "updates": { "status": "review", "reason": "look" } });
        bob.call("task_batch_update", review).await;
    }
    let updates = json!({ "title": "new", "status": "completed", "summary": "done" });
    for (tool, call) in [
        ("task_batch_update", json!({ "task_ids": ["a"], "updates": updates, "if_version": 1 })),
        (
            "task_batch_update",
            json!({ "items": [{ "task_id": "a", "updates": updates }], "if_version": 1 }),
        ),
        ("task_complete", json!({ "task_id": "b", "summary": "done", "if_version": 1 })),
    ] {
        let refusal = alice.refused(tool, call).await;
        assert_eq!(refusal["error_code"], "version_clash", "{tool}");
        assert_eq!(refusal["details"]["field"], "status");
        assert_eq!(refusal["details"]["yours"], "completed");
        assert_eq!(refusal["details"]["current"], "review");
    }
    alice.call("task_group_create", json!({ "name": "G" })).await;
    let rename = json!({ "group": "G", "name": "H" });
    bob.call("task_group_organize", rename).await;
    for call in [
        json!({ "group": "H", "name": "I", "if_version": 1 }),
        json!({ "group": "H", "delete": true, "if_version": 1 }),
    ] {
        let refusal = alice.refused("task_group_organize", call).await;
        assert_eq!(refusal["error_code"], "version_clash");
    }
    bob.call("context", json!({ "key": "focus", "value": 1 })).await;
    bob.call("context", json!({ "key": "focus", "value": 2 })).await;
    let remove = json!({ "key": "focus", "remove": true, "if_version": 1 });
    assert_eq!(alice.refused("context", remove).await["error_code"], "version_clash");
}

#[tokio::test]
async fn a_condition_that_a_tool_does_not_know_is_refused_and_not_dropped() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    agent.call("task_create", json!({ "title": "a" })).await;
    let claim = json!({ "task_id": "a", "if_version": 1 });
    assert_eq!(agent.refused("task_claim", claim).await["error_code"], "invalid_value");
}

#[tokio::test]
async fn many_long_messages_are_handed_over_one_answer_after_the_other() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    let session = scene.live_session();
    for number in 0..12 {
        let text = format!("{number} {}", "x".repeat(10_000));
        let to = "codex".to_owned();
        scene.does_async(Command::SendMessage { session_id: session, to, text }).await;
    }
    let mut seen = Vec::new();
    for _ in 0..12 {
        let answer = agent.call("session_list", json!({})).await;
        assert!(answer.to_string().len() < 40 * 1024);
        for item in answer["inbox"].as_array().unwrap() {
            seen.push(item["text"].as_str().unwrap().split(' ').next().unwrap().to_owned());
        }
        scene.peer.door.flush().await;
    }
    assert_eq!(seen, (0..12).map(|number| number.to_string()).collect::<Vec<_>>());
    let answer = agent.call("session_list", json!({})).await;
    assert!(answer.get("inbox").is_none(), "each is handed over once");
}
