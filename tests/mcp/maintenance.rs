//! Looking after the project over MCP.

use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

fn tamper(scene: &Scene, sql: &str) {
    let connection = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// A board with a task, and an agent that looks after it.
async fn board() -> (Scene, Client) {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "mender").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    agent.call("task_create", json!({ "title": "One" })).await;
    (scene, agent)
}

#[tokio::test]
async fn an_agent_finds_what_is_wrong_and_the_call_that_mends_it() {
    let (scene, mut agent) = board().await;
    assert_eq!(agent.call("validate_integrity", json!({})).await["errors"], 0);
    tamper(&scene, "UPDATE tasks SET children = 3");
    let found = agent.call("validate_integrity", json!({ "level": "comprehensive" })).await;
    assert_eq!(found["is_valid"], false);
    let fix = found["findings"][0]["fix"].as_str().unwrap();
    let (tool, arguments) = fix.split_once(' ').unwrap();
    let arguments: Value = serde_json::from_str(arguments).unwrap();
    let tool = tool.strip_prefix("orchestrator_").unwrap();
    let done = agent.call(tool, arguments).await;
    assert_eq!(done["dry_run"], false);
    assert!(done["issues_fixed"]["wrong_counts"].as_i64().unwrap() > 0, "{done}");
    assert_eq!(agent.call("validate_integrity", json!({})).await["errors"], 0);
}

#[tokio::test]
async fn a_cleanup_only_tells_unless_it_is_asked_to_do_it() {
    let (scene, mut agent) = board().await;
    agent.call("task_claim", json!({})).await;
    tamper(&scene, "UPDATE tasks SET unmet = 3");
    let latest = || scene.latest();
    let before = latest();
    let told =
        agent.call("cleanup", json!({ "cleanup_scope": "database_only", "auto_fix": true })).await;
    assert_eq!(told["dry_run"], true);
    assert_eq!(told["issues_found"]["wrong_counts"], 1);
    assert_eq!(latest(), before);
    let refusal = agent.refused("cleanup", json!({ "cleanup_types": ["everthing"] })).await;
    assert_eq!(refusal["error_code"], "invalid_value");
}

#[tokio::test]
async fn a_list_of_findings_goes_on_with_its_cursor() {
    let (scene, mut agent) = board().await;
    for n in 0..30 {
        std::fs::write(scene.peer.paths.task_orchestrator().join(format!("stray-{n:02}")), "")
            .unwrap();
    }
    let (mut names, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let call = json!({ "level": "basic", "limit": 7, "cursor": cursor });
        let page = agent.call("validate_integrity", call).await;
        let rows = page["findings"].as_array().unwrap().clone();
        names.extend(rows.iter().map(|row| row["record"].as_str().unwrap().to_owned()));
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            assert_eq!(page["total"], json!(names.len()));
            break;
        }
    }
    assert_eq!(names.iter().filter(|name| name.starts_with("stray-")).count(), 30);
}

#[tokio::test]
async fn optimizing_tells_what_it_gained() {
    let (_scene, mut agent) = board().await;
    let gained = agent.call("optimize_performance", json!({ "vacuum": true })).await;
    assert_eq!(gained["steps"][3]["what"], "vacuum");
    assert!(gained["bytes_saved"].is_i64() && gained["duration_ms"].is_u64(), "{gained}");
}

#[tokio::test]
async fn the_coordinator_of_the_first_generation_really_validates() {
    let (scene, mut agent) = board().await;
    tamper(&scene, "UPDATE tasks SET chain = 3");
    let call = json!({
        "action": "validate_structure", "scope": "full_project", "validation_level": "comprehensive",
    });
    let answer = agent.call("maintenance_coordinator", call).await;
    let structure = &answer["scan_results"]["structure"];
    assert_eq!((&structure["is_valid"], &structure["errors"]), (&json!(false), &json!(1)));
    let call = json!({ "action": "scan_cleanup", "scope": "full_project" });
    let answer = agent.call("maintenance_coordinator", call).await;
    assert_eq!(answer["cleanup_actions"][0]["action"], "wrong_counts");
    let call = json!({ "action": "update_documentation" });
    let answer = agent.call("maintenance_coordinator", call).await;
    assert_eq!(answer["cleanup_actions"][0]["action"], "document", "{answer}");
    let sessions = scene.peer.paths.sessions();
    assert!(std::fs::read_dir(sessions).unwrap().next().is_some(), "documents were written");
}
