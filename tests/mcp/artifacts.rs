//! The tool that records artifacts, and how they are read again.

use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

/// A live session with a task, and an agent.
async fn scene() -> (Scene, Client, String) {
    let (scene, session) = tokio::task::spawn_blocking(Scene::live).await.unwrap();
    let mut agent = Client::named(&scene.peer, "a").await;
    let call = json!({ "title": "Write it", "session_id": session.to_string() });
    let made = agent.call("task_create", call).await;
    let id = made["created"][0]["task_id"].as_str().or_else(|| made["task_id"].as_str());
    let id = id.unwrap_or_else(|| panic!("{made}")).to_owned();
    (scene, agent, id)
}

fn arguments_of(call: &Value) -> Value {
    let call = call.as_str().unwrap();
    serde_json::from_str(call.strip_prefix("orchestrator_context ").unwrap()).unwrap()
}

#[tokio::test]
async fn a_text_is_recorded_and_read_again_and_the_same_title_is_its_next_edition() {
    let (scene, mut agent, task) = scene().await;
    let call = json!({ "title": "Notes", "type": "design", "text": "# One\n", "task": task });
    let first = agent.call("artifact_record", call).await;
    assert_eq!((&first["edition"], &first["kind"]), (&json!(1), &json!("design")));
    let path = scene.directory.path().join(first["path"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(path).unwrap(), "# One\n");
    let call = json!({ "title": "Notes", "kind": "design", "content": "# Two\n", "task_id": task });
    let second = agent.call("artifact_record", call.clone()).await;
    assert_eq!((&second["edition"], &second["replaces"]), (&json!(2), &first["artifact_id"]));
    let again = agent.call("artifact_record", call).await;
    assert_eq!(again["artifact_id"], second["artifact_id"], "{again}");
    for (made, says) in [(&first, "# One\n"), (&second, "# Two\n")] {
        let read = agent.call("context", arguments_of(&made["read_with"])).await;
        assert_eq!(read["text"], says);
    }
    let shown = agent.call("task_get", json!({ "task_id": task })).await;
    assert_eq!(shown["artifacts"].as_array().unwrap().len(), 2, "{shown}");
}

#[tokio::test]
async fn a_repeated_call_is_answered_as_before_and_leaves_no_second_file() {
    let (scene, mut agent, _) = scene().await;
    let call = json!({ "title": "Notes", "content": "x", "idempotency_key": "k" });
    let first = agent.call("artifact_record", call.clone()).await;
    assert_eq!(agent.call("artifact_record", call).await, first);
    let path = scene.directory.path().join(first["path"].as_str().unwrap());
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_may_not_be_recorded_is_refused_and_says_what_to_send() {
    let (scene, mut agent, _) = scene().await;
    let before = scene.peer.readers.read(callboard_engine::query::changes::latest).unwrap();
    for (call, code) in [
        (json!({ "title": "x" }), "invalid_value"),
        (json!({ "content": "x" }), "invalid_value"),
        (json!({ "title": "x", "content": "x", "path": "x" }), "invalid_value"),
        (json!({ "path": "/etc/passwd" }), "invalid_value"),
        (json!({ "path": "../x" }), "invalid_value"),
        (json!({ "path": "-rf" }), "invalid_value"),
        (json!({ "path": "a\u{0}b" }), "invalid_text"),
        (json!({ "path": ".task_orchestrator/run/token" }), "invalid_value"),
        (json!({ "path": "nothing.md" }), "unknown_id"),
        (json!({ "title": "x", "content": "x", "task_id": "t-00000000" }), "unknown_id"),
    ] {
        let refusal = agent.refused("artifact_record", call.clone()).await;
        let found = refusal["error_code"].as_str().unwrap();
        assert!(found == code || found == "nothing_to_do", "{call}: {refusal}");
        assert!(refusal["suggested_action"].is_string(), "{refusal}");
    }
    let after = scene.peer.readers.read(callboard_engine::query::changes::latest).unwrap();
    assert_eq!(before, after);
}

#[tokio::test]
async fn an_artifact_is_read_by_the_beginning_of_its_id_and_by_its_title() {
    let (_scene, mut agent, _) = scene().await;
    let call = json!({ "title": "Notes", "content": "plain" });
    let made = agent.call("artifact_record", call).await;
    let id = made["artifact_id"].as_str().unwrap();
    let beginning: String = id.chars().take(6).collect();
    for key in [format!("artifact/{beginning}"), beginning, "artifact/Notes".to_owned()] {
        let read = agent.call("context", json!({ "key": key })).await;
        assert_eq!(read["text"], "plain", "{key}");
    }
    let refusal = agent.refused("context", json!({ "key": "artifact/nosuch" })).await;
    assert_eq!(refusal["error_code"], "unknown_id", "{refusal}");
    let kind = json!({ "title": "x", "content": "x", "kind": "../../tmp/zz" });
    let refusal = agent.refused("artifact_record", kind).await;
    assert_eq!(refusal["error_code"], "invalid_value", "{refusal}");
    assert!(refusal["suggested_action"].as_str().unwrap().contains("documentation"));
}
