//! Conflicts over MCP: how a clash becomes one, what agents read of it, and what they may say.

use callboard_engine::mcp::McpOptions;
use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

/// Two agents, and a task whose title and priority one of them changed behind the other's back.
async fn changed_meanwhile(scene: &Scene, options: McpOptions) -> (Client, Client) {
    let mut alice = Client::connect(&scene.peer, options);
    alice.initialize("alice", "2025-06-18").await;
    let mut bob = Client::named(&scene.peer, "bob").await;
    alice.call("session_create", json!({ "name": "Work" })).await;
    alice.call("task_create", json!({ "title": "Login" })).await;
    let updates = json!({ "title": "Login page", "priority": "high" });
    bob.call("task_batch_update", json!({ "task_ids": ["Login"], "updates": updates })).await;
    (alice, bob)
}

/// What the first agent writes, not knowing of that.
fn clashing() -> Value {
    json!({
        "task_ids": ["Login page"],
        "updates": { "title": "Login form", "role": "designer" },
        "if_version": 1,
        "on_clash": "conflict",
    })
}

#[tokio::test]
async fn a_clash_is_left_to_a_person_and_the_rest_is_written() {
    let scene = Scene::new();
    let (mut alice, _) = changed_meanwhile(&scene, McpOptions::default()).await;
    let answer = alice.call("task_batch_update", clashing()).await;
    let clash = &answer["conflicts"][0];
    assert_eq!(clash["left"], "title", "{answer}");
    assert_eq!((&clash["current"], &clash["yours"]), (&json!("Login page"), &json!("Login form")));
    assert_eq!(clash["changed_by"], "agent:bob");
    assert_eq!(clash["written"], json!(["role"]));
    let note = answer["notes"][0].as_str().unwrap();
    assert!(note.contains(clash["conflict_id"].as_str().unwrap()), "{note}");

    let task = alice.call("task_get", json!({ "task_id": "Login page" })).await;
    assert_eq!(task["role"], "designer");

    let listed = alice.call("conflict_list", json!({})).await;
    assert_eq!(listed["total"], 1);
    let row = &listed["conflicts"][0];
    assert_eq!(row["conflict_id"], clash["conflict_id"]);
    assert_eq!((&row["field"], &row["theirs"]), (&json!("title"), &json!("Login form")));

    let again = alice.call("task_batch_update", clashing()).await;
    assert_eq!(again["conflicts"][0]["conflict_id"], clash["conflict_id"], "it is the same one");
}

#[tokio::test]
async fn a_status_that_clashes_is_left_to_a_person_too() {
    let scene = Scene::new();
    let (mut alice, mut bob) = changed_meanwhile(&scene, McpOptions::default()).await;
    let done = json!({ "task_ids": ["Login page"], "updates": { "status": "cancelled" } });
    bob.call("task_batch_update", done).await;
    let answer = alice
        .call(
            "task_batch_update",
            json!({
                "task_ids": ["Login page"],
                "updates": { "status": "active", "role": "designer" },
                "if_version": 1,
                "on_clash": "conflict",
            }),
        )
        .await;
    let clash = &answer["conflicts"][0];
    assert_eq!(answer["conflicts"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!((&clash["left"], &clash["yours"]), (&json!("status"), &json!("active")));
    assert_eq!(
        (&clash["current"], &clash["changed_by"]),
        (&json!("cancelled"), &json!("agent:bob"))
    );
    assert_eq!(clash["written"], json!(["role"]));
    let claim = alice.refused("task_claim", json!({ "task_id": "Login page" })).await;
    assert_eq!(
        claim["error_code"], "illegal_move",
        "a claim is refused, never a conflict: {claim}"
    );
}

#[tokio::test]
async fn a_clash_is_refused_by_default_and_needs_a_version_to_be_found() {
    let scene = Scene::new();
    let (mut alice, _) = changed_meanwhile(&scene, McpOptions::default()).await;
    let mut refuse = clashing();
    refuse["on_clash"] = json!("refuse");
    let refusal = alice.refused("task_batch_update", refuse).await;
    assert_eq!(refusal["error_code"], "version_clash");

    let mut blind = clashing();
    blind.as_object_mut().unwrap().remove("if_version");
    let refusal = alice.refused("task_batch_update", blind).await;
    assert_eq!(refusal["error_code"], "invalid_value");
    assert_eq!(refusal["details"]["missing"], json!(["if_version"]), "{refusal}");

    let adjust = json!({ "task_ids": ["Login page"], "priority": "low", "if_version": 1, "on_clash": "conflict" });
    let answer = alice.call("task_priority_adjust", adjust).await;
    assert_eq!(answer["conflicts"][0]["left"], "priority", "{answer}");
    assert_eq!(alice.call("conflict_list", json!({})).await["total"], 1);
}

#[tokio::test]
async fn an_agent_proposes_and_a_person_decides() {
    let scene = Scene::new();
    let (mut alice, mut bob) = changed_meanwhile(&scene, McpOptions::default()).await;
    let answer = alice.call("task_batch_update", clashing()).await;
    let id = answer["conflicts"][0]["conflict_id"].as_str().unwrap().to_owned();

    let refusal = bob.refused("conflict_resolve", json!({ "conflict_id": id })).await;
    assert_eq!(refusal["details"]["missing"], json!(["choice"]), "{refusal}");
    assert_eq!(refusal["details"]["theirs"], "Login form");
    let merged = json!({ "conflict_id": id, "choice": "merged" });
    assert_eq!(bob.refused("conflict_resolve", merged).await["error_code"], "invalid_value");
    let both = json!({ "conflict_id": id, "choice": "ours", "value": "Sign in" });
    assert_eq!(bob.refused("conflict_resolve", both).await["error_code"], "invalid_value");
    let odd = json!({ "conflict_id": id, "choice": "whatever" });
    let refusal = bob.refused("conflict_resolve", odd).await;
    assert!(refusal["details"]["allowed"].to_string().contains("merged"), "{refusal}");
    let unknown = json!({ "conflict_id": "c-99999999", "choice": "ours" });
    assert_eq!(bob.refused("conflict_resolve", unknown).await["error_code"], "unknown_id");

    let proposal =
        json!({ "conflict_id": id, "value": "Sign in", "why": "Both say it.", "if_version": 1 });
    let proposed = bob.call("conflict_resolve", proposal).await;
    assert_eq!(proposed["state"], "open");
    assert_eq!(proposed["decides"], "a person");
    assert_eq!(proposed["proposed"]["choice"], "merged");
    let task = bob.call("task_get", json!({ "task_id": "Login page" })).await;
    assert_eq!(task["title"], "Login page", "the board's value stays");

    let whole = alice.call("conflict_list", json!({ "conflict_id": id })).await;
    assert_eq!(whole["proposals"][0]["remark"], "Both say it.");
    assert_eq!(whole["base"], "Login");
    let events = alice.call("events", json!({ "others_only": true })).await;
    let verbs: Vec<&Value> =
        events["events"].as_array().unwrap().iter().map(|event| &event["verb"]).collect();
    assert!(verbs.contains(&&json!("conflict.proposed")), "{verbs:?}");
}

#[tokio::test]
async fn an_agent_that_may_resolves_it_itself() {
    let scene = Scene::new();
    let options = McpOptions { agents_may_resolve: true, ..McpOptions::default() };
    let (mut alice, _) = changed_meanwhile(&scene, options).await;
    let answer = alice.call("task_batch_update", clashing()).await;
    let id = answer["conflicts"][0]["conflict_id"].as_str().unwrap().to_owned();
    let decided = alice.call("conflict_resolve", json!({ "id": id, "choice": "theirs" })).await;
    assert_eq!(decided["state"], "resolved", "{decided}");
    assert_eq!(decided["resolution"]["value"], "Login form");
    let task = alice.call("task_get", json!({ "task_id": "Login form" })).await;
    assert_eq!(task["role"], "designer");
    assert_eq!(alice.call("conflict_list", json!({})).await["total"], 0);

    let refusal = alice.refused("conflict_resolve", json!({ "id": id, "choice": "ours" })).await;
    assert_eq!(refusal["error_code"], "illegal_move", "{refusal}");
}

#[tokio::test]
async fn conflicts_are_found_by_record_session_and_document() {
    let scene = Scene::new();
    let (mut alice, _) = changed_meanwhile(&scene, McpOptions::default()).await;
    alice.call("task_create", json!({ "title": "Other" })).await;
    alice.call("task_batch_update", clashing()).await;
    for (filter, count) in [
        (json!({ "record": "Login page" }), 1),
        (json!({ "task_id": "Other" }), 0),
        (json!({ "session": "Work" }), 1),
        (json!({ "document": ".task_orchestrator/sessions/work/session.md" }), 0),
        (json!({ "all": true, "detail": "full" }), 1),
    ] {
        let found = alice.call("conflict_list", filter.clone()).await;
        assert_eq!(found["conflicts"].as_array().unwrap().len(), count, "{filter}: {found}");
    }
    let refusal = alice.refused("conflict_list", json!({ "record": "Nothing" })).await;
    assert_eq!(refusal["error_code"], "unknown_id");
}

#[tokio::test]
async fn a_long_list_goes_on_where_it_ended() {
    let scene = Scene::new();
    let (mut alice, mut bob) = changed_meanwhile(&scene, McpOptions::default()).await;
    for field in ["title", "priority", "role"] {
        let title = json!({ "title": "Third", "priority": "low", "role": "tester" });
        let updates = json!({ field: title[field] });
        let update = json!({ "task_ids": ["Login page"], "updates": { "role": "writer" } });
        bob.call("task_batch_update", update).await;
        let mut wanted = clashing();
        wanted["updates"] = updates;
        alice.call("task_batch_update", wanted).await;
    }
    let first = alice.call("conflict_list", json!({ "limit": 2 })).await;
    assert_eq!((&first["total"], first["conflicts"].as_array().unwrap().len()), (&json!(3), 2));
    let cursor = first["cursor"].clone();
    let second = alice.call("conflict_list", json!({ "limit": 2, "cursor": cursor })).await;
    assert_eq!(second["conflicts"].as_array().unwrap().len(), 1);
    assert!(second["cursor"].is_null());
}
