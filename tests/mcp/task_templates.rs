//! Task templates, as an agent uses them.

use std::fs;

use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

async fn started(scene: &Scene) -> Client {
    let mut agent = Client::named(&scene.peer, "planner").await;
    agent.call("session_create", json!({ "name": "Checkout" })).await;
    agent
}

#[tokio::test]
async fn templates_are_listed_tried_and_applied() {
    let scene = Scene::new();
    let mut agent = started(&scene).await;
    let list = agent.call("task_template_apply", json!({})).await;
    assert_eq!(list["total"], 6);
    let research = &list["templates"].as_array().unwrap()[5];
    assert_eq!(research["template_id"], "research");
    assert_eq!(research["parameters"]["questions"], "list, required: The questions, one a line");
    assert!(list["cut"].is_null(), "all of it fits into an answer: {list}");

    let arguments = json!({ "template": "feature", "dryRun": true,
        "params": { "feature": "Reset", "parts": ["API", "form"], "area": "Backend" } });
    let before = scene.latest();
    let tried = agent.call("task_template_apply", arguments).await;
    assert_eq!((&tried["dry_run"], &tried["would_create"]), (&json!(true), &json!(8)), "{tried}");
    assert_eq!(tried["tasks"][3]["depends_on"], json!(["design"]));
    assert_eq!(tried["groups"], json!([{ "path": "Backend", "new": true }]));
    assert_eq!(scene.latest(), before, "nothing was changed");

    let arguments = json!({ "template_id": "feature",
        "parameters": "{\"feature\": \"Reset\", \"priority\": \"HIGH\"}" });
    let made = agent.call("task_template_apply", arguments).await;
    let created = made["tasks_created"].as_array().unwrap();
    assert_eq!(made["root_task_id"], created[0]["task_id"]);
    assert_eq!(created[1]["local"], "criteria");
    assert_eq!(made["parameters_applied"]["priority"], "high");
    assert_eq!(made["next_ready"][0]["task_id"], created[1]["task_id"], "{made}");
    let task = agent.call("task_get", json!({ "task_id": created[1]["task_id"] })).await;
    assert_eq!(task["parent"]["task_id"], made["root_task_id"]);
    let below = agent
        .call(
            "task_template_apply",
            json!({ "template_id": "code_review",
            "parameters": { "subject": "PR 42" }, "parent_task_id": made["root_task_id"] }),
        )
        .await;
    let root = agent.call("task_get", json!({ "task_id": below["root_task_id"] })).await;
    assert_eq!(root["parent"]["task_id"], made["root_task_id"]);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_makes_nothing_new() {
    let scene = Scene::new();
    let mut agent = started(&scene).await;
    let arguments = json!({ "template_id": "bug_investigation", "parameters": { "bug": "Crash" },
        "idempotency_key": "once" });
    let first = agent.call("task_template_apply", arguments.clone()).await;
    let latest = scene.latest();
    let again = agent.call("task_template_apply", arguments).await;
    assert_eq!(first["tasks_created"], again["tasks_created"]);
    assert_eq!(scene.latest(), latest);
    let other = json!({ "template_id": "bug_investigation", "parameters": { "bug": "Crash" } });
    let second = agent.call("task_template_apply", other).await;
    assert_ne!(first["root_task_id"], second["root_task_id"], "without it, a second set is made");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_would_be_right() {
    let scene = Scene::new();
    let mut agent = started(&scene).await;
    let before = scene.latest();
    let refused = agent.refused("task_template_apply", json!({ "template_id": "featur" })).await;
    assert_eq!(refused["error_code"], "unknown_id");
    assert_eq!(refused["details"]["closest"], "feature");
    let refused = agent
        .refused(
            "task_template_apply",
            json!({ "template_id": "release",
            "parameters": { "version": "soon {{ 7 * 7 }}", "kinds": "major" } }),
        )
        .await;
    assert_eq!(refused["error_code"], "invalid_value");
    let problems = refused["details"]["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{refused}");
    assert_eq!(problems[0]["suggestion"], "did you mean kind?");
    assert!(refused["details"]["parameters"]["version"].as_str().unwrap().contains("required"));
    let folder = scene.peer.paths.task_templates();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("release.yaml"), "title: A\ntasks:\n  - title: \"{{ x }}\"\n").unwrap();
    let refused = agent.refused("task_template_apply", json!({ "template_id": "release" })).await;
    let told = refused["details"]["problems"][0].as_str().unwrap();
    assert!(
        told.ends_with("release.yaml:3:12: there is no parameter \"x\" (add it to `parameters`)"),
        "{told}"
    );
    for (name, value) in [("group", "Nowhere"), ("parent_task_id", "t-00000000")] {
        let mut arguments = json!({ "template_id": "feature", "parameters": { "feature": "F" } });
        arguments[name] = Value::from(value);
        let refused = agent.refused("task_template_apply", arguments).await;
        assert_eq!(refused["error_code"], "unknown_id");
    }
    assert_eq!(scene.latest(), before, "nothing was changed");
}
