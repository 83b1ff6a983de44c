//! Resources: listed, read within a size, completed, watched in both eras.

use std::time::Duration;

use callboard_engine::mcp::McpOptions;
use callboard_engine::sync::keeper::{self, SyncOptions};
use serde_json::{Value, json};

use super::client::Client;
use super::wire::modern;
use crate::scene::Scene;

const UPDATED: &str = "notifications/resources/updated";

/// A client of the era of sessions on a board with a session, a group and two tasks.
async fn board() -> (Scene, Client, Value) {
    let scene = Scene::new();
    let mut client = Client::named(&scene.peer, "codex").await;
    let session = client.call("session_create", json!({ "name": "Work" })).await;
    client.call("task_group_create", json!({ "name": "Back end" })).await;
    let tasks = json!([
        { "title": "Write the manual", "local": "a", "group": "Back end" },
        { "title": "Print it", "depends_on": ["a"] },
    ]);
    let made = client.call("task_create", json!({ "tasks": tasks })).await;
    let ids = json!({
        "session": session["session"]["session_id"],
        "task": made["created"][0]["task_id"],
    });
    (scene, client, ids)
}

async fn read(client: &mut Client, uri: &str) -> Value {
    client.request("resources/read", json!({ "uri": uri })).await
}

async fn text(client: &mut Client, uri: &str) -> String {
    let answer = read(client, uri).await;
    let content = &answer["result"]["contents"][0];
    assert_eq!(content["uri"], *uri, "{answer}");
    content["text"].as_str().unwrap().to_owned()
}

async fn uris(client: &mut Client) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = client.request("resources/list", json!({ "cursor": cursor })).await;
        let listed = page["result"]["resources"].as_array().unwrap();
        found.extend(listed.iter().map(|one| one["uri"].as_str().unwrap().to_owned()));
        cursor = page["result"]["nextCursor"].clone();
        if cursor.is_null() {
            return found;
        }
    }
}

/// The URI of the next update, whatever comes in between.
async fn updated(client: &mut Client) -> String {
    loop {
        let message = client.receive().await;
        if message["method"] == UPDATED {
            return message["params"]["uri"].as_str().unwrap().to_owned();
        }
    }
}

/// Writes the documents.
async fn keep(scene: &Scene) {
    let peer = scene.peer.clone();
    let options = SyncOptions { quarantine: Duration::ZERO, ..SyncOptions::default() };
    tokio::task::spawn_blocking(move || keeper::once(&peer, options).unwrap()).await.unwrap();
}

#[tokio::test]
async fn what_is_listed_can_be_read() {
    let (scene, mut client, ids) = board().await;
    client.call("task_claim", json!({ "task_id": ids["task"] })).await;
    let handed = json!({ "title": "Plan", "kind": "design", "content": "# The plan" });
    let made = client.call("artifact_record", handed).await;
    let artifact = format!("callboard://artifact/{}", made["artifact_id"].as_str().unwrap());
    keep(&scene).await;
    let listed = uris(&mut client).await;
    let task = format!("callboard://task/{}", ids["task"].as_str().unwrap());
    let session = ids["session"].as_str().unwrap();
    let document = format!("callboard://document/{session}/tasks/active_tasks.md");
    for uri in ["callboard://session/current", "callboard://conflicts", &task, &document, &artifact]
    {
        assert!(listed.iter().any(|one| one == uri), "{uri} in {listed:?}");
    }
    for uri in &listed {
        let text = text(&mut client, uri).await;
        assert!(!text.is_empty() && text.len() <= 40 * 1024, "{uri}");
    }
    assert!(text(&mut client, &task).await.contains("Write the manual"));
    assert_eq!(text(&mut client, &artifact).await, "# The plan");
    assert!(text(&mut client, &document).await.contains("Write the manual"));
    let group = text(&mut client, "callboard://group/Back%20end").await;
    assert!(group.contains("Write the manual"), "{group}");
    let mode = text(&mut client, "callboard://mode/default_roles").await;
    assert!(mode.contains("# Role: architect"), "{mode}");
}

#[tokio::test]
async fn what_is_not_there_is_told_as_each_era_wants() {
    let (_scene, mut client, ids) = board().await;
    let session = ids["session"].as_str().unwrap();
    for uri in [
        "callboard://task/t-zzzzzzzz".to_owned(),
        "callboard://session/nothing".to_owned(),
        "callboard://mode/..%2F..%2Fetc%2Fpasswd".to_owned(),
        format!("callboard://document/{session}/../../callboard.db"),
        format!("callboard://document/{session}/..%2F..%2Frun%2Ftoken"),
        format!("callboard://document/{session}//etc/passwd"),
        format!("callboard://document/{session}/tasks%00"),
        "file:///etc/passwd".to_owned(),
        "test://nonexistent".to_owned(),
    ] {
        let error = read(&mut client, &uri).await["error"].clone();
        assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(-32002), &json!(uri)));
        let params = json!({ "uri": uri, "_meta": modern("new") });
        let error = client.request("resources/read", params).await["error"].clone();
        assert_eq!(error["code"], -32602, "{error}");
    }
    let page = client.request("resources/list", json!({ "cursor": "x" })).await;
    assert_eq!(page["error"]["code"], -32602, "{page}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_document_that_leads_out_of_the_project_is_not_read() {
    let (scene, mut client, ids) = board().await;
    keep(&scene).await;
    let session = ids["session"].as_str().unwrap();
    let uri = format!("callboard://document/{session}/tasks/active_tasks.md");
    text(&mut client, &uri).await;
    let folder = std::fs::read_dir(scene.peer.paths.sessions()).unwrap().next().unwrap().unwrap();
    let document = folder.path().join("tasks/active_tasks.md");
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), "secret").unwrap();
    std::fs::remove_file(&document).unwrap();
    std::os::unix::fs::symlink(outside.path(), &document).unwrap();
    let error = read(&mut client, &uri).await["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("leads out"), "{error}");
}

#[tokio::test]
async fn parts_of_a_uri_are_completed() {
    let (scene, mut client, ids) = board().await;
    keep(&scene).await;
    let session = &ids["session"];
    let document = "callboard://document/{session}/{+path}";
    for (template, argument, typed, value) in [
        ("callboard://task/{id}", "id", "manual", &ids["task"]),
        ("callboard://task/{id}", "id", ids["task"].as_str().unwrap(), &ids["task"]),
        ("callboard://session/{id}", "id", "wor", session),
        (document, "session", "", session),
        (document, "path", "active", &json!("tasks/active_tasks.md")),
        ("callboard://mode/{name}", "name", "default_r", &json!("default_roles")),
    ] {
        let params = json!({
            "ref": { "type": "ref/resource", "uri": template },
            "argument": { "name": argument, "value": typed },
            "context": { "arguments": { "session": session } },
        });
        let found = client.request("completion/complete", params).await;
        assert_eq!(found["result"]["completion"]["values"], json!([value]), "{argument}: {found}");
    }
    let templates = client.request("resources/templates/list", json!({})).await;
    assert_eq!(templates["result"]["resourceTemplates"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn who_watches_a_resource_is_told_when_it_says_something_else() {
    let (scene, mut old, ids) = board().await;
    let task = format!("callboard://task/{}", ids["task"].as_str().unwrap());
    for uri in [task.as_str(), "callboard://conflicts", "test://unknown"] {
        let answer = old.request("resources/subscribe", json!({ "uri": uri })).await;
        assert_eq!(answer["result"], json!({}), "{answer}");
    }
    let mut new = Client::connect(&scene.peer, McpOptions::default());
    new.request("server/discover", json!({ "_meta": modern("new") })).await;
    let wanted = json!([task, "test://unknown"]);
    let params =
        json!({ "notifications": { "resourceSubscriptions": wanted }, "_meta": modern("new") });
    let listen =
        json!({ "jsonrpc": "2.0", "id": "l", "method": "subscriptions/listen", "params": params });
    new.send(&listen).await;
    let agreed = new.receive().await;
    assert_eq!(agreed["params"]["notifications"]["resourceSubscriptions"], json!([task]));
    let update = json!({ "task_ids": [ids["task"]], "updates": { "priority": "high" } });
    old.call("task_batch_update", update).await;
    assert_eq!(updated(&mut old).await, task);
    assert_eq!(updated(&mut new).await, task);
    // What says the same is not told, and what is not watched any more neither.
    old.request("resources/unsubscribe", json!({ "uri": task })).await;
    let current = "callboard://session/current";
    old.request("resources/subscribe", json!({ "uri": current })).await;
    let update = json!({ "task_ids": [ids["task"]], "updates": { "priority": "low" } });
    old.call("task_batch_update", update).await;
    assert_eq!(updated(&mut old).await, current);
    assert_eq!(updated(&mut new).await, task);
    let silent = tokio::time::timeout(Duration::from_millis(600), updated(&mut old)).await;
    assert!(silent.is_err(), "{silent:?}");
}

#[tokio::test]
async fn what_is_not_there_is_not_watched() {
    let (_scene, mut old, _) = board().await;
    for uri in ["callboard://task/nope", "callboard://nonsense/x", "file:///etc/passwd", "", "x"] {
        let answer = old.request("resources/subscribe", json!({ "uri": uri })).await;
        let read = old.request("resources/read", json!({ "uri": uri })).await;
        assert_eq!(answer["error"]["code"], read["error"]["code"], "{uri}: {answer}");
        assert_eq!(answer["error"]["code"], -32002, "{uri}: {answer}");
    }
    // What others may have is not this server's to judge.
    let answer = old.request("resources/subscribe", json!({ "uri": "test://of-others" })).await;
    assert_eq!(answer["result"], json!({}), "{answer}");
}

#[tokio::test]
async fn a_document_that_is_watched_is_told_though_the_board_does_not_change() {
    let (scene, mut client, ids) = board().await;
    keep(&scene).await;
    let session = ids["session"].as_str().unwrap();
    let uri = format!("callboard://document/{session}/session.md");
    client.request("resources/subscribe", json!({ "uri": uri })).await;
    let folder = std::fs::read_dir(scene.peer.paths.sessions()).unwrap().next().unwrap().unwrap();
    let document = folder.path().join("session.md");
    let before = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&document, format!("{before}\nA word.\n")).unwrap();
    assert_eq!(updated(&mut client).await, uri);
    assert!(text(&mut client, &uri).await.contains("A word."));
}
