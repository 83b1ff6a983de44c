//! Task work and organization, as an agent does it.

use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

async fn started(scene: &Scene, name: &str) -> Client {
    let mut agent = Client::named(&scene.peer, name).await;
    agent.call("session_create", json!({ "name": "Checkout" })).await;
    agent
}

fn id(value: &Value) -> String {
    value["task_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_plan_is_made_claimed_and_finished() {
    let scene = Scene::new();
    let mut agent = started(&scene, "claude-code").await;
    agent.call("task_group_create", json!({ "group_name": "Backend" })).await;
    let made = agent
        .call(
            "task_create",
            json!({ "group": "Backend", "tasks": [
                { "title": "API", "local": "api", "depends_on": ["schema"], "priority": "HIGH", "children": [
                    { "title": "Routes" }, { "title": "Errors", "depends_on": ["Routes"], "local": "errors" } ] },
                { "title": "Routes first", "local": "Routes", "estimate": 10, "priority": "low" },
                { "title": "Schema", "local": "schema", "estimate": "2h" },
            ] }),
        )
        .await;
    assert_eq!(made["created"].as_array().unwrap().len(), 5, "{made}");
    assert_eq!(made["created"][0]["local"], "api");

    let claimed = agent.call("task_claim", json!({ "paths": ["src/db/**"] })).await;
    assert_eq!(claimed["task"]["title"], "Schema", "it holds up the most: {claimed}");
    assert_eq!(claimed["task"]["status"], "active");
    assert_eq!(claimed["claim"]["holder"], "claude-code");

    let done = agent
        .call(
            "task_complete",
            json!({ "task_id": "Schema", "summary": "Three tables.", "actual_minutes": "1h30m" }),
        )
        .await;
    assert_eq!(done["task"]["status"], "completed");
    assert_eq!(done["ready_now"][0]["title"], "API", "{done}");
    assert_eq!(done["next_ready"]["title"], "API");

    let api = agent.call("task_get", json!({ "task": "API" })).await;
    assert_eq!(api["depends_on"][0]["result"], "Three tables.");
    assert_eq!(api["children_total"], 2);
    assert_eq!(api["group"], "Backend");
}

#[tokio::test]
async fn one_task_needs_no_list_and_names_do_for_ids() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    let made = agent
        .call(
            "task_create",
            json!({ "title": "Write docs", "specialist_type": "documenter", "tags": "docs, v1" }),
        )
        .await;
    let task = agent
        .call(
            "task_get",
            json!({ "id": id(&made["created"][0]).chars().take(6).collect::<String>() }),
        )
        .await;
    assert_eq!((&task["role"], &task["tags"]), (&json!("documenter"), &json!(["docs", "v1"])));
    assert_eq!(made["next_ready"][0]["title"], "Write docs");
}

#[tokio::test]
async fn a_plan_with_a_circle_or_an_unknown_name_changes_nothing() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    let refusal = agent
        .refused("task_create", json!({ "tasks": [
            { "title": "A", "local": "a", "depends_on": ["b"] }, { "title": "B", "local": "b", "depends_on": ["a"] } ] }))
        .await;
    assert_eq!(refusal["error_code"], "dependency_cycle");
    let refusal = agent
        .refused("task_create", json!({ "tasks": [{ "title": "A", "local": "a" }, { "title": "B", "depends_on": ["c"] }] }))
        .await;
    assert_eq!(refusal["error_code"], "unknown_id");
    assert_eq!(refusal["details"]["local_names"], json!(["a"]), "{refusal}");
    let list = agent.call("task_query", json!({})).await;
    assert_eq!(list["tasks"], json!([]));
}

#[tokio::test]
async fn who_comes_second_is_told_the_holder_and_the_next_task() {
    let scene = Scene::new();
    let mut first = started(&scene, "claude-code").await;
    let mut second = Client::named(&scene.peer, "codex").await;
    first.call("task_create", json!({ "tasks": [{ "title": "One" }, { "title": "Two" }] })).await;
    first.call("task_claim", json!({ "task_id": "One" })).await;
    let refusal = second.refused("task_claim", json!({ "task_id": "One" })).await;
    assert_eq!(refusal["error_code"], "task_held");
    assert_eq!(refusal["details"]["next_ready"]["title"], "Two", "{refusal}");
    let taken = second.call("task_claim", json!({ "task_id": "One", "or_next": true })).await;
    assert_eq!(taken["task"]["title"], "Two");
    assert!(taken["notes"][0].as_str().unwrap().contains("claude-code"), "{taken}");
    let refusal = second.refused("task_claim", json!({})).await;
    assert_eq!(refusal["error_code"], "nothing_ready");
}

#[tokio::test]
async fn a_claim_is_renewed_and_released_by_its_holder() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    agent.call("task_create", json!({ "title": "One" })).await;
    let first = agent.call("task_claim", json!({ "minutes": 10 })).await;
    scene.clock.advance_ms(5 * 60_000);
    let renewed = agent.call("task_claim", json!({ "action": "renew" })).await;
    assert_ne!(renewed["task"]["claim"]["until"], first["claim"]["until"]);
    let released =
        agent.call("task_claim", json!({ "action": "release", "reason": "lunch" })).await;
    assert_eq!(released["task"]["status"], "pending");
    assert!(released["task"]["claim"].is_null());
    let refusal = agent.refused("task_claim", json!({ "action": "release" })).await;
    assert!(refusal["message"].as_str().unwrap().contains("you hold no task"), "{refusal}");
}

#[tokio::test]
async fn many_tasks_are_changed_at_once_or_none() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    agent
        .call(
            "task_create",
            json!({ "tasks": [{ "title": "A" }, { "title": "B" }, { "title": "C" }] }),
        )
        .await;
    let changed = agent
        .call(
            "task_batch_update",
            json!({ "task_ids": ["A", "B"], "updates": { "priority": "high", "role": "tester" } }),
        )
        .await;
    assert_eq!(changed["updated"], 2);
    assert_eq!(changed["tasks"][1]["priority"], "high");
    let items = json!({ "items": [
        { "task_id": "A", "status": "in_progress" }, { "task_id": "C", "updates": { "title": "See", "addTags": "x" } } ] });
    let changed = agent.call("task_batch_update", items).await;
    assert_eq!(
        (&changed["tasks"][0]["status"], &changed["tasks"][1]["title"]),
        (&json!("active"), &json!("See"))
    );
    let refusal = agent
        .refused("task_batch_update", json!({ "items": [
            { "task_id": "B", "title": "Bee" }, { "task_id": "A", "status": "failed", "progress": 900 } ] }))
        .await;
    assert!(refusal["message"].is_string());
    agent.call("task_get", json!({ "task_id": "B" })).await;
    let told = agent
        .call("task_batch_update", json!({ "filters": { "role": "tester" }, "updates": { "status": "cancelled" }, "dry_run": true }))
        .await;
    assert_eq!(told["would_change"], 2);
    let list = agent.call("task_query", json!({ "status": "cancelled" })).await;
    assert_eq!(list["total"], 0, "{list}");
}

#[tokio::test]
async fn another_field_of_an_older_version_is_written_and_the_same_field_is_not() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    let mut other = Client::named(&scene.peer, "claude-code").await;
    agent.call("task_create", json!({ "title": "A" })).await;
    let seen = agent.call("task_get", json!({ "task_id": "A" })).await["version"].clone();
    other
        .call("task_batch_update", json!({ "task_ids": "A", "updates": { "role": "tester" } }))
        .await;
    let update = |fields: Value| json!({ "task_ids": "A", "updates": fields, "if_version": seen });
    agent.call("task_batch_update", update(json!({ "priority": "low" }))).await;
    let refusal = agent.refused("task_batch_update", update(json!({ "role": "architect" }))).await;
    assert_eq!(refusal["error_code"], "version_clash");
    assert!(refusal.to_string().contains("claude-code"), "{refusal}");
}

#[tokio::test]
async fn tasks_and_groups_are_moved_and_a_deleted_group_loses_no_task() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    agent.call("task_group_create", json!({ "name": "Old" })).await;
    agent.call("task_group_create", json!({ "name": "New" })).await;
    agent.call("task_create", json!({ "group": "Old", "tasks": [{ "title": "A" }, { "title": "B" }, { "title": "C" }] })).await;
    agent.call("task_group_organize", json!({ "task_ids": ["C"], "before": "A" })).await;
    let order = agent.call("task_query", json!({ "group": "Old", "order": "position" })).await;
    let titles: Vec<&str> = order["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["C", "A", "B"]);
    agent.call("task_group_organize", json!({ "task_ids": "A", "target_group": "New" })).await;
    let refusal =
        agent.refused("task_group_organize", json!({ "group": "Old", "delete": true })).await;
    assert_eq!(refusal["error_code"], "not_empty");
    agent
        .call(
            "task_group_organize",
            json!({ "group": "Old", "delete": true, "target_group": "New" }),
        )
        .await;
    agent.call("task_group_organize", json!({ "group": "New", "name": "Everything" })).await;
    let list = agent.call("task_query", json!({ "group": "Everything" })).await;
    assert_eq!(list["tasks"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_map_shows_what_holds_up_the_rest_and_refuses_circles() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    agent
        .call(
            "task_create",
            json!({ "tasks": [{ "title": "A" }, { "title": "B" }, { "title": "C" }] }),
        )
        .await;
    agent.call("task_dependencies_map", json!({ "task_id": "B", "depends_on": "A" })).await;
    let map =
        agent.call("task_dependencies_map", json!({ "task_id": "C", "dependencies": ["B"] })).await;
    assert_eq!(map["critical_path"].as_array().unwrap().len(), 3, "{map}");
    assert_eq!(map["bottlenecks"][0]["holds_up"], 2);
    let refusal =
        agent.refused("task_dependencies_map", json!({ "task_id": "A", "depends_on": "C" })).await;
    assert_eq!(refusal["error_code"], "dependency_cycle");
    let drawn = agent.result("task_dependencies_map", json!({ "format": "mermaid" })).await;
    assert!(drawn["content"][0]["text"].as_str().unwrap().starts_with("graph LR"));
    let map = agent
        .call(
            "task_dependencies_map",
            json!({ "task_id": "C", "depends_on": ["A"], "operation": "replace" }),
        )
        .await;
    assert_eq!(map["total"], 1);
}

#[tokio::test]
async fn priorities_are_shifted_with_what_the_task_waits_for() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    agent
        .call("task_create", json!({ "tasks": [{ "title": "A", "local": "a" }, { "title": "B", "depends_on": ["a"] }] }))
        .await;
    let adjusted = agent
        .call(
            "task_priority_adjust",
            json!({ "task_ids": ["B"], "shift": 2, "include_dependencies": true }),
        )
        .await;
    assert_eq!(adjusted["updated"], 2, "{adjusted}");
    let list = agent.call("task_query", json!({ "priority": "critical" })).await;
    assert_eq!(list["tasks"].as_array().unwrap().len(), 2, "{list}");
}

#[tokio::test]
async fn nonsense_is_refused_with_what_is_meant() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    agent.call("task_create", json!({ "title": "Only one" })).await;
    let long = "x".repeat(10 * 1024 * 1024);
    for (tool, call, code) in [
        ("task_get", json!({ "task_id": "t-zzzzzzzz" }), "unknown_id"),
        ("task_get", json!({}), "invalid_value"),
        ("task_create", json!({}), "invalid_value"),
        ("task_create", json!({ "title": "" }), "invalid_text"),
        ("task_create", json!({ "title": "red \u{1b}[31malert" }), "invalid_text"),
        ("task_create", json!({ "title": long }), "invalid_text"),
        ("task_create", json!({ "title": "x", "priority": "asap" }), "invalid_value"),
        ("task_create", json!({ "title": "x", "group": "nowhere" }), "unknown_id"),
        ("task_create", json!({ "title": "x", "estimate_minutes": -5 }), "invalid_value"),
        ("task_complete", json!({ "task_id": "Only one", "status": "failed" }), "illegal_move"),
        ("task_query", json!({ "cursor": "?" }), "invalid_value"),
        ("task_batch_update", json!({ "task_ids": ["Only one"] }), "invalid_value"),
    ] {
        let refusal = agent.refused(tool, call.clone()).await;
        assert_eq!(refusal["error_code"], code, "{tool}: {refusal}");
        assert!(refusal.to_string().len() < 4_096, "{tool}");
    }
    let made = agent.call("task_create", json!({ "title": "red \u{202e}alert\u{200b}" })).await;
    assert!(
        !made.to_string().contains('\u{202e}') && !made.to_string().contains("\\u001b"),
        "{made}"
    );
}

#[tokio::test]
async fn pages_of_many_tasks_stay_small_and_lead_to_every_task() {
    let scene = Scene::new();
    let mut agent = started(&scene, "codex").await;
    for batch in 0..4 {
        let tasks: Vec<Value> = (0..500)
            .map(|number| json!({ "title": format!("Task {batch}-{number} with a usual title") }))
            .collect();
        agent.call("task_create", json!({ "tasks": tasks })).await;
    }
    let first = agent.result("task_query", json!({})).await;
    assert!(first.to_string().len() < 4_096, "{}", first.to_string().len());
    let (mut seen, mut cursor) = (std::collections::HashSet::new(), Value::Null);
    loop {
        let page = agent.call("task_query", json!({ "limit": 200, "cursor": cursor })).await;
        assert!(page.to_string().len() <= 8 * 1024);
        seen.extend(page["tasks"].as_array().unwrap().iter().map(id));
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen.len(), 2_000);
}

/// Follows the calls that an answer names for its next piece, and puts the pieces together.
async fn pieced(agent: &mut Client, tool: &str, arguments: Value) -> String {
    let (mut whole, mut arguments) = (String::new(), arguments);
    loop {
        let result = agent.result(tool, arguments).await;
        assert!(result.to_string().len() <= 40 * 1024, "{}", result.to_string().len());
        let piece = &result["structuredContent"];
        whole.push_str(piece["text"].as_str().unwrap());
        let Some(next) = piece["next"].as_str() else { return whole };
        let call = next.strip_prefix(&format!("orchestrator_{tool} ")).unwrap();
        arguments = serde_json::from_str(call).unwrap();
    }
}

#[tokio::test]
async fn the_longest_texts_are_read_whole_by_the_calls_that_answers_name() {
    let scene = Scene::new();
    let mut agent = started(&scene, "claude-code").await;
    let long: String = "\"line\"\té\n".repeat(64 * 1024 / 10);
    let task = json!({ "title": "Long", "description": long });
    let made = agent.call("task_create", task).await;
    let id = id(&made["created"][0]);
    for (detail, call) in [("brief", r#""detail": "full"}"#), ("full", r#""text": "description"}"#)]
    {
        let got = agent.call("task_get", json!({ "task_id": id, "detail": detail })).await;
        let what = got["cut"]["what"][0].as_str().unwrap();
        assert!(what.ends_with(&format!("of {} bytes", long.len())), "{what}");
        assert!(got["cut"]["rest"].as_str().unwrap().contains(call), "{}", got["cut"]);
    }
    let whole = pieced(&mut agent, "task_get", json!({ "task_id": id, "text": "description" }));
    assert_eq!(whole.await, long);

    let text = "\"é\n".repeat(10_000);
    agent.call("context", json!({ "key": "text", "value": text })).await;
    let whole = pieced(&mut agent, "context", json!({ "key": "text" })).await;
    assert_eq!(whole, text);
    let list: Vec<usize> = (0..10_000).collect();
    agent.call("context", json!({ "key": "list", "value": list })).await;
    let whole = pieced(&mut agent, "context", json!({ "key": "list" })).await;
    assert_eq!(serde_json::from_str::<Vec<usize>>(&whole).unwrap(), list);
    let beyond = json!({ "key": "list", "offset": 1 << 20 });
    assert_eq!(agent.refused("context", beyond).await["error_code"], "invalid_value");
}

#[tokio::test]
async fn tasks_of_one_call_name_each_other_by_title_where_it_is_unique() {
    let scene = Scene::new();
    let mut agent = started(&scene, "claude-code").await;
    let made = agent
        .call(
            "task_create",
            json!({ "tasks": [
                { "title": "Routes", "depends_on": ["schema", "Groundwork"] },
                { "title": "Whole", "children": [{ "title": "Schema" }] },
                { "title": "Groundwork", "local": "g" },
            ] }),
        )
        .await;
    assert!(made["created"][0]["local"].is_null(), "a name given here stays here: {made}");
    let routes = agent.call("task_get", json!({ "task_id": "Routes" })).await;
    assert_eq!(routes["depends_on"].as_array().unwrap().len(), 2, "{routes}");
    let twice = json!({ "tasks": [
        { "title": "Twin" }, { "title": "twin" }, { "title": "After", "depends_on": ["Twin"] } ] });
    assert_eq!(agent.refused("task_create", twice).await["error_code"], "ambiguous_id");
}

#[tokio::test]
async fn a_title_with_a_slip_is_refused_with_the_one_that_is_meant() {
    let scene = Scene::new();
    let mut agent = started(&scene, "claude-code").await;
    agent
        .call("task_create", json!({ "tasks": [{ "title": "Schema" }, { "title": "T-shirts" }] }))
        .await;
    let refusal = agent.refused("task_get", json!({ "task_id": "Shcema" })).await;
    assert!(refusal["suggested_action"].as_str().unwrap().contains("(Schema)"), "{refusal}");
    let refusal = agent.refused("task_get", json!({ "task_id": "Quite another" })).await;
    assert!(refusal["suggested_action"].as_str().unwrap().starts_with("list"), "{refusal}");
    let got = agent.call("task_get", json!({ "task_id": "T-shirts" })).await;
    assert_eq!(got["title"], "T-shirts", "it only looks like an id");
}
