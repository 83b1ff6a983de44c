//! The protocol itself: eras, who calls, wrong input, sizes.

use callboard_engine::domain::command::Command;
use callboard_engine::mcp::McpOptions;
use callboard_engine::query;
use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

/// The metadata that every request of 2026-07-28 carries.
pub(crate) fn modern(client: &str) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": client, "version": "1.0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

fn agents(scene: &Scene) -> Vec<(String, bool)> {
    let now = scene.clock.now();
    let agents = scene.peer.readers.read(|reader| query::agents::list(reader, now)).unwrap();
    let mut names: Vec<_> = agents.into_iter().map(|agent| (agent.name, agent.connected)).collect();
    names.sort();
    names
}

#[tokio::test]
async fn every_version_of_the_handshake_is_answered_in_kind() {
    let scene = Scene::new();
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut client = Client::connect(&scene.peer, McpOptions::default());
        let agreed = client.initialize("old", version).await;
        assert_eq!(agreed["protocolVersion"], version);
        assert_eq!(agreed["serverInfo"]["name"], "callboard");
        assert!(agreed["instructions"].as_str().unwrap().len() <= 2048);
        let result = client.result("session_status", json!({})).await;
        let as_text = version < "2025-06-18";
        assert_eq!(result["structuredContent"].is_null(), as_text, "{version}: {result}");
        assert_eq!(result["content"][0]["text"].is_string(), as_text, "{version}: {result}");
    }
}

#[tokio::test]
async fn the_stateless_era_is_answered_without_a_handshake() {
    let scene = Scene::new();
    let mut client = Client::connect(&scene.peer, McpOptions::default());
    let found = client.request("server/discover", json!({ "_meta": modern("claude-code") })).await;
    let versions = found["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")), "{found}");
    let params = json!({
        "name": "orchestrator_session_create",
        "arguments": { "name": "One" },
        "_meta": modern("claude-code"),
    });
    let made = client.request("tools/call", params).await;
    assert_eq!(made["result"]["structuredContent"]["session"]["state"], "active", "{made}");
    scene.peer.door.flush().await;
    assert_eq!(agents(&scene), [("claude-code".to_owned(), true)]);
}

#[tokio::test]
async fn two_agents_of_one_client_are_two_and_leave_one_by_one() {
    let scene = Scene::new();
    let mut first = Client::named(&scene.peer, "claude-code").await;
    let second = Client::named(&scene.other_peer(), "claude-code").await;
    first.call("session_status", json!({})).await;
    scene.peer.door.flush().await;
    drop(second);
    let gone = |agents: &[(String, bool)]| {
        agents == [("claude-code".to_owned(), true), ("claude-code-2".to_owned(), false)]
    };
    let mut feed = scene.peer.feed();
    while !gone(&agents(&scene)) {
        tokio::time::timeout(std::time::Duration::from_secs(10), feed.changed())
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test]
async fn a_thread_goes_on_under_the_name_of_its_connection() {
    let scene = Scene::new();
    let mut codex = Client::named(&scene.peer, "codex").await;
    let mut status = async |meta: Value| {
        let params = json!({
            "name": "orchestrator_session_status", "arguments": {}, "_meta": meta,
        });
        let answer = codex.request("tools/call", params).await;
        answer["result"]["structuredContent"]["agent"].clone()
    };
    assert_eq!(status(json!({ "threadId": "a" })).await, "codex");
    assert_eq!(status(json!({ "threadId": "b" })).await, "codex-2");
    assert_eq!(status(json!({ "threadId": "a" })).await, "codex");
}

#[tokio::test]
async fn an_agent_may_name_itself() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    let status = client.call("session_status", json!({ "agent": "  the reviewer " })).await;
    assert_eq!(status["agent"], "the-reviewer");
}

#[tokio::test]
async fn wrong_input_is_refused_in_band_and_changes_nothing() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    let long = "x".repeat(10 << 20);
    for (arguments, code) in [
        (json!({}), "invalid_value"),
        (json!({ "name": { "a": 1 } }), "invalid_value"),
        (json!({ "name": "a\u{1b}[31mb" }), "invalid_text"),
        (json!({ "name": "   " }), "invalid_text"),
        (json!({ "name": long }), "invalid_text"),
    ] {
        let refusal = client.refused("session_create", arguments).await;
        assert_eq!(refusal["error_code"], code, "{refusal}");
        assert!(refusal.to_string().len() < 8 * 1024);
    }
    assert_eq!(scene.peer.readers.read(query::changes::latest).unwrap(), 0);
    let known = json!({ "name": "One", "descripton": "typo" });
    let made = client.call("session_create", known).await;
    assert!(made["ignored"][0].as_str().unwrap().contains("descripton"), "{made}");
}

#[tokio::test]
async fn an_unknown_tool_is_a_protocol_error_that_names_the_closest() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    let params = json!({ "name": "orchestrator_session_statu", "arguments": {} });
    let error = client.request("tools/call", params).await["error"].clone();
    assert_eq!(error["code"], -32602);
    assert!(error["message"].as_str().unwrap().contains("orchestrator_session_status"));
}

#[tokio::test]
async fn a_message_of_a_person_ends_the_next_answer_once() {
    let (scene, session_id) = tokio::task::spawn_blocking(Scene::live).await.unwrap();
    let mut client = Client::named(&scene.peer, "codex").await;
    let text = "look\u{200b} here".to_owned();
    let to = "codex".to_owned();
    let message = Command::SendMessage { session_id, to, text };
    let request = callboard_engine::door::Request::new(
        callboard_engine::domain::actor::Actor::Human,
        message,
    );
    scene.peer.door.submit(request).await.unwrap();
    let first = client.call("session_status", json!({})).await;
    assert_eq!(first["inbox"][0]["kind"], "message");
    assert_eq!(first["inbox"][0]["text"], "look\u{fffd} here");
    scene.peer.door.flush().await;
    let second = client.call("session_status", json!({})).await;
    assert!(second["inbox"].is_null());
}

#[tokio::test]
async fn an_answer_stays_small_whatever_is_on_the_board() {
    let (scene, _) = tokio::task::spawn_blocking(Scene::live).await.unwrap();
    let mut client = Client::named(&scene.peer, "codex").await;
    for number in 0..40 {
        let value = format!("{number} {}", "é".repeat(15_000));
        client.call("context", json!({ "key": format!("k{number}"), "value": value })).await;
    }
    for (detail, most) in [("brief", 8 << 10), ("full", 40 << 10)] {
        for tool in ["context", "session_status", "events"] {
            let answer = client.call(tool, json!({ "detail": detail })).await;
            assert!(answer.to_string().len() <= most, "{tool} {detail}");
        }
    }
    let cut = client.call("context", json!({ "detail": "full" })).await;
    assert!(cut["cut"]["rest"].as_str().unwrap().contains("orchestrator_context"));
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_all_the_same() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    for (params, code, why) in [
        (json!({ "name": 5 }), -32602, "name is a text"),
        (json!({ "name": "orchestrator_events", "arguments": [1] }), -32602, "an object"),
    ] {
        let error = client.request("tools/call", params).await["error"].clone();
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
    }
    let error = client.request("no/such", json!({})).await["error"].clone();
    assert_eq!(error["code"], -32601, "{error}");
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    let params =
        json!({ "name": "orchestrator_context", "arguments": { "key": "k", "value": deep } });
    let error = client.request("tools/call", params).await["error"].clone();
    assert_eq!(error["code"], -32700, "{error}");
    let long = json!({ "title": "x".repeat(9 << 20), "description": "x".repeat(9 << 20) });
    let params = json!({ "name": "orchestrator_task_create", "arguments": long });
    let error = client.request("tools/call", params).await["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("send less at once"), "{error}");
}

#[tokio::test]
async fn a_word_that_is_none_of_those_allowed_is_refused_with_its_parameter_and_them() {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    client.call("session_create", json!({ "name": "One" })).await;
    for (tool, arguments, parameter) in [
        ("task_query", json!({ "detail": "ful" }), "detail"),
        ("task_claim", json!({ "action": "grab" }), "action"),
        ("task_dependencies_map", json!({ "format": "svg" }), "format"),
        ("session_cleanup", json!({ "cleanup_type": "none" }), "cleanup_type"),
        ("task_create", json!({ "title": "x", "priority": "sometime" }), "priority"),
    ] {
        let refusal = client.refused(tool, arguments).await;
        assert_eq!(refusal["error_code"], "invalid_value", "{refusal}");
        assert_eq!(refusal["details"]["field"], parameter, "{refusal}");
        assert!(refusal["details"]["allowed"].is_array(), "{refusal}");
        assert!(refusal["suggested_action"].is_string(), "every refusal says what to do");
    }
    let named: serde_json::Map<_, _> = (0..20_000).map(|i| (format!("p{i}"), json!(1))).collect();
    let result = client.result("session_status", Value::Object(named)).await;
    assert!(result.to_string().len() < 8 * 1024, "{}", result.to_string().len());
}
