//! The backup tools: making, listing, removing; and hostile input.

use callboard_engine::backup::Retention;
use callboard_engine::mcp::McpOptions;
use callboard_engine::query::backups;
use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

async fn scene() -> (Scene, Client) {
    let scene = Scene::new();
    let retention = Retention { newest: 1, ..Retention::default() };
    let mut agent = Client::connect(&scene.peer, McpOptions { retention, ..McpOptions::default() });
    agent.initialize("codex", "2025-06-18").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    agent.call("task_create", json!({ "title": "a" })).await;
    (scene, agent)
}

#[tokio::test]
async fn a_backup_is_made_listed_and_removed() {
    let (scene, mut agent) = scene().await;
    let call = json!({ "backup_scope": "full_system", "backup_name": "before the port", "compression": "gzip", "include_logs": true });
    let made = agent.call("backup_create", call).await;
    assert_eq!(made["scope"], "full");
    assert_eq!(made["integrity_status"], "valid");
    assert_eq!(made["items_backed_up"]["tasks"], 1);
    assert_eq!(made["notes"].as_array().unwrap().len(), 2);
    assert!(scene.directory.path().join(made["backup_path"].as_str().unwrap()).is_file());
    scene.clock.advance_ms(1_000);
    let second = agent.call("backup_create", json!({ "session": "Work" })).await;
    assert_eq!(second["scope"], "session");

    let list = agent.call("backup_list", json!({ "limit": 1 })).await;
    assert_eq!(
        (&list["total_backups"], &list["backups"][0]["backup_id"]),
        (&json!(2), &second["backup_id"])
    );
    let rest =
        agent.call("backup_list", json!({ "cursor": list["cursor"], "detail": "full" })).await;
    assert_eq!(rest["backups"][0]["backup_name"], "before the port");
    assert_eq!(rest["backups"][0]["encrypted"], false);
    assert!(rest["cursor"].is_null());
    let full = agent
        .call("backup_list", json!({ "backup_scope_filter": ["full_system"], "sort_by": "size" }))
        .await;
    assert_eq!(full["total_backups"], 1);

    let policy = json!({ "retention_policy": { "max_backups": 1, "max_age_days": -1 } });
    let dry = agent.call("backup_cleanup", policy.clone()).await;
    assert_eq!((&dry["dry_run"], &dry["deleted_backups"]), (&json!(true), &json!(1)));
    assert_eq!(agent.call("backup_list", json!({})).await["total_backups"], 2);
    let mut carried = policy;
    carried["dry_run"] = json!(false);
    assert_eq!(agent.call("backup_cleanup", carried).await["deleted_backups"], 1);
    let left = agent.call("backup_list", json!({})).await;
    assert_eq!(left["backups"][0]["backup_id"], second["backup_id"]);
}

#[tokio::test]
async fn a_list_only_reads() {
    let (scene, mut agent) = scene().await;
    let made = agent.call("backup_create", json!({})).await;
    let path = scene.directory.path().join(made["backup_path"].as_str().unwrap());
    std::fs::copy(&path, path.with_file_name("found.tar.zst")).unwrap();
    let known = || scene.peer.readers.read(backups::known).unwrap();
    let before = known();
    assert_eq!(agent.call("backup_list", json!({})).await["total_backups"], 2);
    assert_eq!(known(), before);
}

#[tokio::test]
async fn a_limit_of_nothing_leaves_the_newest_and_none_leaves_all() {
    let (scene, mut agent) = scene().await;
    for _ in 0..3 {
        agent.call("backup_create", json!({})).await;
        scene.clock.advance_ms(1_000);
    }
    for (name, limit, doomed) in [
        ("max_backups", 0, 2),
        ("max_backups", 2, 1),
        ("max_backups", -1, 0),
        ("max_age_days", 0, 2),
        ("max_age_days", -1, 0),
        ("max_total_mb", 0, 2),
        ("max_total_mb", -1, 0),
    ] {
        let mut policy = json!({ "max_backups": -1, "max_age_days": -1, "max_total_mb": -1 });
        policy[name] = json!(limit);
        let told = agent.call("backup_cleanup", json!({ "retention_policy": policy })).await;
        assert_eq!(told["deleted_backups"], doomed, "{name} {limit}: {told}");
    }
}

#[tokio::test]
async fn hostile_and_impossible_input_is_refused_and_makes_nothing() {
    let (_scene, mut agent) = scene().await;
    for name in ["../x", "/etc/x", "-x", "a\0b", "a/b", &"x".repeat(5_000)] {
        let refusal = agent.refused("backup_create", json!({ "name": name })).await;
        assert_eq!(refusal["error_code"], "invalid_text", "{name:?}");
    }
    for (call, code) in [
        (json!({ "encryption": true }), "invalid_value"),
        (json!({ "scope": "everything" }), "invalid_value"),
        (json!({ "scope": "session", "session_id": "../x" }), "unknown_id"),
    ] {
        assert_eq!(agent.refused("backup_create", call).await["error_code"], code);
    }
    let wrong = json!({ "retention_policy": { "max_backups": -7 }, "dry_run": false });
    assert_eq!(agent.refused("backup_cleanup", wrong).await["error_code"], "invalid_value");
    let wrong = json!({ "cursor": "../../etc/passwd" });
    assert_eq!(agent.refused("backup_list", wrong).await["error_code"], "invalid_value");
    assert_eq!(agent.call("backup_list", json!({})).await["total_backups"], 0);
}

#[tokio::test]
async fn a_client_that_asks_is_told_how_far_it_is() {
    let (_scene, mut agent) = scene().await;
    let params = json!({ "name": "orchestrator_backup_create", "arguments": {}, "_meta": { "progressToken": "p1" } });
    agent
        .send(&json!({ "jsonrpc": "2.0", "id": 900, "method": "tools/call", "params": params }))
        .await;
    let mut told: Vec<f64> = Vec::new();
    loop {
        let message: Value = agent.receive().await;
        if message["id"] == 900 {
            assert_eq!(message["result"]["isError"], false, "{message}");
            break;
        }
        if message["method"] == "notifications/progress" {
            assert_eq!(message["params"]["progressToken"], "p1");
            told.push(message["params"]["progress"].as_f64().unwrap());
        }
    }
    assert!(!told.is_empty());
    assert!(told.is_sorted_by(|before, after| before < after), "{told:?}");
}

#[tokio::test]
async fn a_repeated_call_makes_one_backup() {
    let (_scene, mut agent) = scene().await;
    let call = json!({ "idempotency_key": "nightly" });
    let first = agent.call("backup_create", call.clone()).await;
    let again = agent.call("backup_create", call).await;
    assert_eq!(first["backup_id"], again["backup_id"]);
    assert_eq!(agent.call("backup_list", json!({})).await["total_backups"], 1);
}
