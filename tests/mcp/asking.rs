//! Asking a person where a call is refused for want of their word, and doing without them.

use callboard_engine::backup::Retention;
use callboard_engine::mcp::McpOptions;
use serde_json::{Value, json};

use super::client::Client;
use super::wire::modern;
use crate::scene::Scene;

/// A client of the era of sessions whose person can be asked.
async fn old(scene: &Scene) -> Client {
    let retention = Retention { newest: 1, ..Retention::default() };
    let options = McpOptions { retention, ..McpOptions::default() };
    let mut client = Client::connect(&scene.peer, options);
    let params = json!({
        "protocolVersion": "2025-06-18",
        "capabilities": { "elicitation": {} },
        "clientInfo": { "name": "old", "version": "1.0" },
    });
    client.request("initialize", params).await;
    client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    client.call("session_create", json!({ "name": "First" })).await;
    client
}

fn call(tool: &str, arguments: &Value) -> Value {
    json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments })
}

/// Makes a call, answers the question that comes, and returns the question and the result.
async fn asked(client: &mut Client, call: &Value, answer: &Value) -> (Value, Value) {
    let request =
        json!({ "jsonrpc": "2.0", "id": "asked", "method": "tools/call", "params": call });
    client.send(&request).await;
    let question = client.receive().await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer })).await;
    let result = client.receive().await;
    (question["params"].clone(), result["result"].clone())
}

#[tokio::test]
async fn a_person_who_agrees_lets_the_call_through() {
    let scene = Scene::new();
    let mut client = old(&scene).await;
    let second = call("session_create", &json!({ "name": "Second" }));
    let yes = json!({ "action": "accept", "content": { "go_ahead": true } });
    let (question, result) = asked(&mut client, &second, &yes).await;
    let message = question["message"].as_str().unwrap();
    assert!(message.contains("old") && message.contains("First"), "{message}");
    assert_eq!(result["isError"], false, "{result}");
    assert_eq!(result["structuredContent"]["session"]["name"], "Second");
    client.call("task_create", json!({ "title": "open" })).await;
    let end = call("session_complete", &json!({}));
    let yes = json!({ "action": "accept", "content": { "go_ahead": true } });
    let (_, result) = asked(&mut client, &end, &yes).await;
    assert_eq!(result["structuredContent"]["session"]["state"], "completed", "{result}");
}

#[tokio::test]
async fn a_person_who_declines_or_is_not_there_leaves_the_refusal_as_it_is() {
    let scene = Scene::new();
    let mut client = old(&scene).await;
    let mut mute = Client::named(&scene.peer, "mute").await;
    let refusal = mute.refused("session_create", json!({ "name": "Second" })).await;
    assert_eq!(refusal["error_code"], "session_live");
    for answer in [
        json!({ "action": "decline" }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept", "content": { "go_ahead": false } }),
        json!({ "action": "accept" }),
    ] {
        let second = call("session_create", &json!({ "name": "Second" }));
        let (_, result) = asked(&mut client, &second, &answer).await;
        assert_eq!(result["structuredContent"], refusal);
    }
    // What the call says itself is not asked for.
    let plain = json!({ "name": "Second", "suspend_current": true });
    client.call("session_create", plain).await;
}

/// What is there, for seeing that nothing was changed.
async fn backups(client: &mut Client) -> Value {
    client.call("backup_list", json!({})).await["total_backups"].clone()
}

/// A board that a restore and a cleanup would change: a task came since the backup, and a count is
/// wrong.
async fn worn(scene: &Scene, client: &mut Client) -> String {
    client.call("task_create", json!({ "title": "kept" })).await;
    let made = client.call("backup_create", json!({ "name": "first" })).await;
    client.call("task_create", json!({ "title": "came later" })).await;
    let connection = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    connection.execute_batch("UPDATE tasks SET unmet = 3").unwrap();
    made["backup_id"].as_str().unwrap().to_owned()
}

/// The calls that destroy, with something to do, and what their questions say.
fn destroying(backup: &str) -> [(Value, &'static str); 3] {
    let policy = json!({ "max_backups": 1, "max_age_days": -1 });
    [
        (call("cleanup", &json!({ "dry_run": false })), "wrong_counts"),
        (call("backup_restore", &json!({ "backup_id": backup })), "records would come back"),
        (
            call("backup_cleanup", &json!({ "dry_run": false, "retention_policy": policy })),
            "removed for good",
        ),
    ]
}

#[tokio::test]
async fn a_person_is_asked_before_something_is_destroyed_and_obeyed() {
    let scene = Scene::new();
    let mut client = old(&scene).await;
    let backup = worn(&scene, &mut client).await;
    scene.clock.advance_ms(1_000);
    client.call("backup_create", json!({ "name": "second" })).await;
    let before = (scene.latest(), backups(&mut client).await);
    for (call, expected) in destroying(&backup) {
        for answer in [json!({ "action": "decline" }), json!({ "action": "cancel" })] {
            let (question, result) = asked(&mut client, &call, &answer).await;
            let message = question["message"].as_str().unwrap();
            assert!(message.contains("old asks") && message.contains(expected), "{message}");
            assert_eq!(result["isError"], true, "{result}");
            let refusal = &result["structuredContent"];
            assert_eq!(refusal["error_code"], "unconfirmed", "{refusal}");
            let told = refusal["message"].as_str().unwrap();
            assert!(told.contains("declined") && told.ends_with("nothing was changed"), "{told}");
            assert!(refusal["suggested_action"].as_str().unwrap().contains("callboard "));
        }
    }
    assert_eq!((scene.latest(), backups(&mut client).await), before);
    let yes = json!({ "action": "accept", "content": { "go_ahead": true } });
    for (call, _) in destroying(&backup) {
        let (_, result) = asked(&mut client, &call, &yes).await;
        assert_eq!(result["isError"], false, "{result}");
    }
    let left = client.call("task_query", json!({})).await;
    assert_eq!(left["total"], 1, "the restore was carried out: {left}");
}

#[tokio::test]
async fn nobody_is_asked_where_nothing_would_change_or_nobody_can_be_asked() {
    let scene = Scene::new();
    let mut client = old(&scene).await;
    // A question would be taken for the answer, and fail these calls.
    client.call("cleanup", json!({ "dry_run": false, "cleanup_types": "wrong_counts" })).await;
    client.call("backup_cleanup", json!({ "dry_run": false })).await;
    let backup = worn(&scene, &mut client).await;
    client.call("cleanup", json!({})).await;
    client.call("backup_restore", json!({ "backup_id": backup, "dry_run": true })).await;
    let refusal = client.refused("backup_restore", json!({ "backup_id": "b-nosuch00" })).await;
    assert_eq!(refusal["error_code"], "unknown_id");
    let mut mute = Client::named(&scene.peer, "mute").await;
    mute.call("cleanup", json!({ "dry_run": false })).await;
    mute.call("backup_restore", json!({ "backup_id": backup })).await;
    assert_eq!(mute.call("task_query", json!({})).await["total"], 1);
}

#[tokio::test]
async fn a_person_is_asked_before_a_mode_becomes_what_it_was() {
    let scene = Scene::new();
    let mut client = old(&scene).await;
    client.call("mode_create", json!({ "name": "own", "template_source": "default_roles" })).await;
    let made = client.call("mode_backup", json!({ "mode": "own" })).await;
    let backup = made["backup_path"].as_str().unwrap();
    let restore = call("mode_restore", &json!({ "backup_file": backup }));
    let no = json!({ "action": "decline" });
    let (question, result) = asked(&mut client, &restore, &no).await;
    assert!(question["message"].as_str().unwrap().contains("mode own"), "{question}");
    assert_eq!(result["structuredContent"]["error_code"], "unconfirmed", "{result}");
    let yes = json!({ "action": "accept", "content": { "go_ahead": true } });
    let (_, result) = asked(&mut client, &restore, &yes).await;
    assert_eq!(result["isError"], false, "{result}");
    let refusal = client.refused("mode_restore", json!({ "backup_file": "nosuch.yaml" })).await;
    assert_ne!(refusal["error_code"], "unconfirmed", "{refusal}");
}

/// Calls in the manner of 2026-07-28 and returns the result or the error.
async fn stateless(client: &mut Client, mut params: Value) -> Value {
    params["_meta"] = modern("new");
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({ "elicitation": {} });
    let answer = client.request("tools/call", params).await;
    if answer["error"].is_null() { answer["result"].clone() } else { answer["error"].clone() }
}

#[tokio::test]
async fn without_sessions_the_call_ends_with_the_question_and_is_made_again_with_the_answer() {
    let scene = Scene::new();
    let mut client = Client::connect(&scene.peer, McpOptions::default());
    stateless(&mut client, call("session_create", &json!({ "name": "First" }))).await;
    let second = call("session_create", &json!({ "name": "Second" }));
    let asked = stateless(&mut client, second.clone()).await;
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let question = &asked["inputRequests"]["go_ahead"];
    assert_eq!(question["method"], "elicitation/create");
    let again = |state: &Value, answer: Value, name: &str| {
        let mut again = call("session_create", &json!({ "name": name }));
        again["requestState"] = state.clone();
        again["inputResponses"] = answer;
        again
    };
    let state = &asked["requestState"];
    let yes = json!({ "go_ahead": { "action": "accept", "content": { "go_ahead": true } } });
    // What is missing or makes no sense is asked for again.
    for answer in [json!({}), json!({ "other": 1 }), json!({ "go_ahead": "yes" })] {
        let asked = stateless(&mut client, again(state, answer, "Second")).await;
        assert_eq!(asked["resultType"], "input_required", "{asked}");
    }
    let no = json!({ "go_ahead": { "action": "decline" } });
    let refused = stateless(&mut client, again(state, no, "Second")).await;
    assert_eq!(refused["structuredContent"]["error_code"], "session_live", "{refused}");
    // The state is good for that call alone, and only as it was given.
    let mut other = state.as_str().unwrap().to_owned();
    other.push('0');
    for (state, name) in [(state, "Third"), (&json!(other), "Second"), (&json!(""), "Second")] {
        let error = stateless(&mut client, again(state, yes.clone(), name)).await;
        assert_eq!(error["code"], -32602, "{error}");
    }
    // What nobody asked for is passed over.
    let mut more = yes;
    more["other"] = json!({ "action": "accept", "content": { "suspend_current": false } });
    let made = stateless(&mut client, again(state, more, "Second")).await;
    assert_eq!(made["structuredContent"]["session"]["name"], "Second", "{made}");
}

#[tokio::test]
async fn without_sessions_too_nothing_is_destroyed_before_the_person_agrees() {
    let scene = Scene::new();
    let mut plain = Client::named(&scene.peer, "plain").await;
    plain.call("session_create", json!({ "name": "First" })).await;
    let backup = worn(&scene, &mut plain).await;
    let mut client = Client::connect(&scene.peer, McpOptions::default());
    let restore = call("backup_restore", &json!({ "backup_id": backup }));
    let before = scene.latest();
    let asked = stateless(&mut client, restore.clone()).await;
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let message = asked["inputRequests"]["go_ahead"]["params"]["message"].as_str().unwrap();
    assert!(message.starts_with("new asks: Restore a backup."), "{message}");
    let again = |answer: Value| {
        let mut again = restore.clone();
        again["requestState"] = asked["requestState"].clone();
        again["inputResponses"] = json!({ "go_ahead": answer });
        again
    };
    let no = stateless(&mut client, again(json!({ "action": "cancel" }))).await;
    assert_eq!(no["structuredContent"]["error_code"], "unconfirmed", "{no}");
    assert_eq!(scene.latest(), before);
    // The answer is good for that tool alone.
    let yes = json!({ "action": "accept", "content": { "go_ahead": true } });
    let mut other = again(yes.clone());
    other["name"] = json!("orchestrator_cleanup");
    assert_eq!(stateless(&mut client, other).await["code"], -32602);
    let done = stateless(&mut client, again(yes)).await;
    assert_eq!(done["structuredContent"]["restore_successful"], true, "{done}");
    assert!(before < scene.latest());
}
