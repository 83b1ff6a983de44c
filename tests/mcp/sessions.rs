//! Sessions, context and events, as an agent uses them.

use serde_json::json;

use super::client::Client;
use crate::scene::Scene;

#[tokio::test]
async fn an_agent_finds_its_way_from_nothing_to_a_finished_session() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "claude-code").await;
    let status = agent.call("session_status", json!({})).await;
    assert_eq!(status["agent"], "claude-code");
    assert!(status["next"].as_str().unwrap().contains("orchestrator_session_create"));

    let made = agent.call("session_create", json!({ "name": "Port", "description": "Go." })).await;
    assert_eq!(made["session"]["state"], "active");
    assert_eq!(made["session"]["goal"], "Go.");

    agent.call("context", json!({ "key": "decisions", "value": { "db": "sqlite" } })).await;
    let suspended = agent.call("session_suspend", json!({ "reason": "lunch" })).await;
    assert_eq!(suspended["session"]["state"], "suspended");

    let resumed = agent.call("session_resume", json!({})).await;
    assert_eq!(resumed["session"]["state"], "active");
    assert_eq!(resumed["context"]["decisions"], json!({ "db": "sqlite" }));

    let done = agent.call("session_complete", json!({ "final_summary": "done" })).await;
    assert_eq!(done["session"]["state"], "completed");
    let archived = agent.call("session_archive", json!({ "session_id": "Port" })).await;
    assert_eq!(archived["session"]["state"], "archived");
    let list = agent.call("session_list", json!({})).await;
    assert_eq!(list["sessions"], json!([]), "archived ones are out of the way");
    let list = agent.call("session_list", json!({ "states": "archived" })).await;
    assert_eq!(list["sessions"][0]["name"], "Port");
}

#[tokio::test]
async fn a_second_live_session_is_refused_unless_the_first_is_suspended() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "One" })).await;
    let refusal = agent.refused("session_create", json!({ "name": "Two" })).await;
    assert_eq!(refusal["error_code"], "session_live");
    assert!(refusal["suggested_action"].as_str().unwrap().contains("suspend_current"));
    let made =
        agent.call("session_create", json!({ "name": "Two", "suspend_current": "true" })).await;
    assert_eq!(made["session"]["name"], "Two");
    assert!(made["notes"][0].as_str().unwrap().contains("One"));
}

#[tokio::test]
async fn a_repeat_with_the_same_key_gets_the_first_answer() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    let call = json!({ "name": "One", "idempotency_key": "k1" });
    let first = agent.call("session_create", call.clone()).await;
    assert_eq!(agent.call("session_create", call).await, first);
}

#[tokio::test]
async fn another_directory_is_refused_by_name() {
    let scene = Scene::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut agent = Client::named(&scene.peer, "codex").await;
    let call = json!({ "name": "One", "project_root": elsewhere.path() });
    let refusal = agent.refused("session_create", call).await;
    assert_eq!(refusal["error_code"], "wrong_project");
    let call = json!({ "name": "One", "project_root": scene.directory.path() });
    agent.call("session_create", call).await;
}

#[tokio::test]
async fn cleanup_tells_before_it_does() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Old" })).await;
    agent.call("session_complete", json!({})).await;
    scene.clock.advance_ms(10 * 24 * 3_600_000);
    let told = agent.call("session_cleanup", json!({})).await;
    assert_eq!(told["found"][0]["action"], "archive");
    assert_eq!(told["dry_run"], true);
    let did = agent.call("session_cleanup", json!({ "dry_run": false })).await;
    assert_eq!(did["archived"], 1);
    let list = agent.call("session_list", json!({ "include_archived": true })).await;
    assert_eq!(list["sessions"][0]["state"], "archived");
}

#[tokio::test]
async fn context_of_a_wrong_key_names_those_there_are() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "One" })).await;
    agent.call("context", json!({ "key": "next_steps", "value": "[1, 2]" })).await;
    let refusal = agent.refused("context", json!({ "key": "next_step" })).await;
    assert_eq!(refusal["details"]["closest"], "next_steps");
    let entry = agent.call("context", json!({ "key": "next_steps" })).await;
    assert_eq!((&entry["value"], &entry["version"]), (&json!([1, 2]), &json!(1)));
    agent.call("context", json!({ "key": "next_steps", "remove": true })).await;
    let left = agent.call("context", json!({})).await;
    assert_eq!(left["total"], 1, "the checkpoint is there from the beginning");
}

#[tokio::test]
async fn an_agent_that_waits_hears_what_another_does() {
    let scene = Scene::new();
    let mut waiting = Client::named(&scene.peer, "reviewer").await;
    let mut acting = Client::named(&scene.peer, "worker").await;
    acting.call("session_create", json!({ "name": "One" })).await;
    let cursor = waiting.call("events", json!({})).await["cursor"].clone();
    let call = json!({ "cursor": cursor, "wait_seconds": 20, "others_only": true });
    let act = json!({ "key": "focus", "value": "now" });
    let (heard, _) = tokio::join!(waiting.call("events", call), acting.call("context", act));
    assert_eq!(heard["events"][0]["verb"], "context.set");
    assert_eq!(heard["events"][0]["actor"], "agent:worker");
    assert!(cursor.as_i64() < heard["cursor"].as_i64());
    let call = json!({ "cursor": heard["cursor"], "wait_seconds": 0 });
    let nothing = waiting.call("events", call).await;
    assert_eq!((&nothing["events"], &nothing["cursor"]), (&json!([]), &heard["cursor"]));
}

#[tokio::test]
async fn events_are_read_page_by_page_without_a_gap() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "One" })).await;
    for number in 0..7 {
        agent
            .call("context", json!({ "key": format!("k{number}"), "value": "x".repeat(3000) }))
            .await;
    }
    let mut cursor = json!(0);
    let mut seen = Vec::new();
    loop {
        let call = json!({ "cursor": cursor, "limit": 3, "detail": "full" });
        let page = agent.call("events", call).await;
        seen.extend(page["events"].as_array().unwrap().iter().map(|event| event["seq"].clone()));
        cursor = page["cursor"].clone();
        if page["more"].is_null() {
            break;
        }
    }
    let all: Vec<_> = (1..=seen.len()).map(|seq| json!(seq)).collect();
    assert_eq!(seen, all);
    assert_eq!(seen.len(), 10);
}

/// The backup that an answer names, as it lies on the disk.
fn is_there(scene: &Scene, answer: &serde_json::Value) -> bool {
    let path = answer["backup"]["backup_path"].as_str().unwrap();
    let file = scene.directory.path().join(path);
    callboard_engine::backup::archive::verify(&file, &callboard_engine::backup::unwatched).is_ok()
}

#[tokio::test]
async fn a_session_begins_and_ends_with_the_backups_that_are_asked_for() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    let made = agent.call("session_create", json!({ "name": "One", "initial_backup": true })).await;
    assert_eq!(made["backup"]["reason"], "created");
    assert!(is_there(&scene, &made));
    let done = agent.call("session_complete", json!({})).await;
    assert_eq!(
        (&done["session"]["state"], &done["backup"]["reason"]),
        (&json!("completed"), &json!("completed"))
    );
    assert!(is_there(&scene, &done));
    let made = agent.call("session_create", json!({ "name": "Two" })).await;
    assert_eq!(made["backup"], json!(null), "nobody asked for one");
    let done = agent.call("session_complete", json!({ "create_final_backup": false })).await;
    assert_eq!((&done["session"]["state"], &done["backup"]), (&json!("completed"), &json!(null)));
    assert_eq!(agent.call("backup_list", json!({})).await["total_backups"], 2);
    let call = json!({ "session_id": "One", "backup_current_state": true });
    let resumed = agent.call("session_resume", call).await;
    assert_eq!(resumed["session"]["state"], "active");
    assert!(is_there(&scene, &resumed));
}

#[tokio::test]
async fn a_backup_that_fails_is_a_warning_and_the_move_stands() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    let archives = scene.peer.paths.backups();
    std::fs::create_dir_all(archives.parent().unwrap()).unwrap();
    std::fs::write(&archives, "a file stands in the way").unwrap();
    let made = agent.call("session_create", json!({ "name": "One", "initial_backup": true })).await;
    assert_eq!(made["session"]["state"], "active");
    assert!(made["warnings"][0].as_str().unwrap().contains("the move is kept"), "{made}");
    let done = agent.call("session_complete", json!({})).await;
    assert_eq!(done["session"]["state"], "completed");
    assert!(done["warnings"][0].as_str().unwrap().contains("its last backup failed"), "{done}");
    std::fs::remove_file(&archives).unwrap();
    let session = done["session"]["session_id"].as_str().unwrap().parse().unwrap();
    let peer = scene.peer.clone();
    let made = tokio::task::spawn_blocking(move || {
        callboard_engine::backup::last::of(&peer, session, &callboard_engine::backup::unwatched)
    });
    assert!(made.await.unwrap().unwrap().is_some(), "it is made up for");
}

#[tokio::test]
async fn whoever_resumes_is_told_what_waits_for_a_person() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "One" })).await;
    let made = agent.call("task_create", json!({ "title": "a" })).await;
    let task = made["created"][0]["task_id"].clone();
    agent
        .call(
            "task_batch_update",
            json!({ "task_ids": [task], "updates": { "status": "blocked", "reason": "waits" } }),
        )
        .await;
    agent.call("task_create", json!({ "title": "b" })).await;
    agent.call("task_claim", json!({})).await;
    agent.call("session_suspend", json!({})).await;
    let resumed = agent.call("session_resume", json!({})).await;
    assert_eq!(resumed["needs_a_person"][0]["title"], "a");
    assert_eq!(resumed["interrupted_tasks"][0]["title"], "b");
    agent.call("session_suspend", json!({})).await;
    let begun = agent.call("initialize_session", json!({})).await;
    assert_eq!(begun["needs_a_person"][0]["title"], "a");
}

#[tokio::test]
async fn an_archived_session_is_exported_where_it_is_asked_for() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "One", "goal": "Go." })).await;
    agent.call("task_create", json!({ "title": "Write *it*", "description": "All." })).await;
    agent.call("context", json!({ "key": "decisions", "value": "SQLite" })).await;
    agent.call("session_complete", json!({ "allow_open": true, "summary": "done" })).await;
    let read = |answer: &serde_json::Value| {
        let path = answer["export"]["path"].as_str().unwrap();
        let text = std::fs::read_to_string(scene.directory.path().join(path)).unwrap();
        assert_eq!(answer["export"]["bytes"], text.len());
        text
    };
    let call =
        json!({ "session_id": "One", "export_format": "markdown", "export_path": "out/one" });
    let archived = agent.call("session_archive", call).await;
    assert_eq!(archived["export"]["path"], "out/one.md");
    let text = read(&archived);
    for part in [
        "# One\n\nGo.\n",
        "\ndone\n",
        "- [ ] Write \\*it\\* (t-",
        "  All.\n",
        "## Decisions\n\nSQLite\n",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    agent.call("session_resume", json!({ "session_id": "One" })).await;
    agent.call("session_suspend", json!({})).await;
    let archived = agent
        .call("session_archive", json!({ "session_id": "One", "export_format": "json" }))
        .await;
    assert!(
        archived["export"]["path"]
            .as_str()
            .unwrap()
            .starts_with(".task_orchestrator/exports/one-s-")
    );
    let records: serde_json::Value = serde_json::from_str(&read(&archived)).unwrap();
    assert_eq!(records["session"]["name"], "One");
    assert_eq!(records["tasks"][0]["title"], "Write *it*");
    assert_eq!(records["transitions"][0]["to"], "initializing");
    assert_eq!(records["artifacts"], json!([]));
}

#[tokio::test]
async fn an_export_goes_nowhere_it_may_not_and_then_nothing_is_archived() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "One" })).await;
    agent.call("session_suspend", json!({})).await;
    let root = scene.directory.path();
    std::fs::write(root.join("there.json"), "{}").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(elsewhere.path(), root.join("link")).unwrap();
    let hostile = [
        "../out.json",
        "/etc/out.json",
        "there.json",
        "link/out.json",
        ".task_orchestrator/sessions/out.json",
        ".task_orchestrator/run/out.json",
        ".git/out.json",
        "-o.json",
    ];
    for path in hostile {
        let call = json!({ "session_id": "One", "export_path": path });
        let refusal = agent.refused("session_archive", call).await;
        assert!(refusal["message"].as_str().unwrap().contains("export_path"), "{path}: {refusal}");
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    let status = agent.call("session_status", json!({})).await;
    assert_eq!(status["session"]["state"], "suspended");
}
