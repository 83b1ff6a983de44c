//! Search, related tasks and the tree, as agents call them.

use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

async fn board() -> (Scene, Client) {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent
        .call("session_create", json!({ "name": "Shop", "project_root": scene.directory.path() }))
        .await;
    agent.call("task_group_create", json!({ "group_name": "Backend" })).await;
    let tasks = json!({ "tasks": [
        { "title": "Design the cart", "local": "design", "tags": ["cart"], "group": "Backend" },
        { "title": "Build the cart", "depends_on": ["design"], "description": "With an index on the owner.",
          "children": [{ "title": "Cart table" }, { "title": "Cart page" }] },
        { "title": "Announce the shop", "tags": ["cart"] },
    ] });
    agent.call("task_create", tasks).await;
    (scene, agent)
}

fn titles(answer: &Value, rows: &str) -> Vec<String> {
    let rows = answer[rows].as_array().unwrap();
    rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn anything_is_found_with_the_place_marked() {
    let (_scene, mut agent) = board().await;
    let found = agent.call("search", json!({ "query": "owner index" })).await;
    assert_eq!(titles(&found, "results"), ["Build the cart"]);
    assert_eq!(found["results"][0]["excerpt"], "With an **index** on the **owner**.");
    assert_eq!((&found["total_results"], &found["at_least"]), (&json!(1), &Value::Null));
    let plain = json!({
        "query": "cart", "search_scope": "all_sessions", "content_types": "tasks, task_groups",
        "search_mode": "semantic", "highlight_matches": false, "filters": { "status": ["open"] },
    });
    let found = agent.call("search", plain).await;
    assert_eq!(titles(&found, "results").len(), 5);
    assert!(!found["results"].to_string().contains("**"));
    assert!(found["notes"].to_string().contains("no index of meanings"), "{found}");
    let misspelled = agent.call("search", json!({ "query": "anounce" })).await;
    assert_eq!(misspelled["searched_instead"], "announce");
    let odd = agent.call("search", json!({ "query": "cart status:blue" })).await;
    assert!(odd["not_understood"][0].as_str().unwrap().starts_with("status: \""));
}

#[tokio::test]
async fn bad_parameters_of_a_search_are_taught() {
    let (_scene, mut agent) = board().await;
    for (arguments, code) in [
        (json!({}), "invalid_value"),
        (json!({ "query": "x".repeat(501) }), "invalid_value"),
        (json!({ "query": "x", "content_types": ["films"] }), "invalid_value"),
        (json!({ "query": "x", "search_scope": "nowhere" }), "unknown_id"),
        (json!({ "query": "x", "cursor": "zz" }), "invalid_value"),
        (
            json!({ "query": "x", "filters": { "date_range": { "start_date": "soon" } } }),
            "invalid_value",
        ),
    ] {
        let refusal = agent.refused("search", arguments.clone()).await;
        assert_eq!(refusal["error_code"], code, "{arguments}: {refusal}");
        assert!(refusal["suggested_action"].is_string(), "{refusal}");
    }
    agent.refused("find_related", json!({ "task_id": "t-nosuch00" })).await;
    agent.refused("browse_hierarchy", json!({ "root": "nothing like it" })).await;
}

#[tokio::test]
async fn related_tasks_come_with_their_reasons() {
    let (_scene, mut agent) = board().await;
    let found = agent.call("find_related", json!({ "task_id": "Design the cart" })).await;
    let rows = found["related"].as_array().unwrap();
    assert_eq!(rows[0]["title"], "Build the cart");
    assert_eq!(rows[0]["reasons"][0], "it waits for the task");
    let by_tag = json!({ "task_id": "Design the cart", "relations": ["tags"] });
    let found = agent.call("find_related", by_tag).await;
    assert_eq!(titles(&found, "related"), ["Announce the shop"]);
    assert_eq!(found["related"][0]["reasons"], json!(["same tag: cart"]));
    let family = json!({ "id": "Cart table", "relationship_types": ["parent", "siblings"] });
    let found = agent.call("find_related", family).await;
    assert_eq!(titles(&found, "related"), ["Build the cart", "Cart page"]);
}

#[tokio::test]
async fn words_that_say_nothing_relate_no_tasks() {
    let (_scene, mut agent) = board().await;
    let mut tasks: Vec<Value> = (0..20)
        .map(|index| json!({ "title": format!("Polish {index}"), "description": "for the shop" }))
        .collect();
    tasks.push(json!({ "title": "Polish the invoice for the shop" }));
    tasks.push(json!({ "title": "Mail", "description": "An invoice goes with the letter." }));
    agent.call("task_create", json!({ "tasks": tasks })).await;
    let by_words =
        json!({ "task_id": "Polish the invoice for the shop", "relations": ["similar_text"] });
    let found = agent.call("find_related", by_words).await;
    assert_eq!(titles(&found, "related"), ["Mail"], "{found}");
    assert_eq!(found["related"][0]["reasons"], json!(["similar words: invoice"]));
    let small = json!({ "task_id": "Build the cart", "relations": ["similar_text"] });
    let found = agent.call("find_related", small).await;
    assert_eq!(titles(&found, "related").len(), 3, "{found}");
    assert!(!found.to_string().contains("the,"), "{found}");
}

#[tokio::test]
async fn the_tree_of_any_session_is_browsed_by_its_name_and_its_groups_by_their_ids() {
    let (scene, mut agent) = board().await;
    let group = agent.call("browse_hierarchy", json!({ "root": "Backend" })).await;
    let group = group["rows"][0]["id"].as_str().unwrap().to_owned();
    agent.call("session_suspend", json!({})).await;
    let next = json!({ "name": "Next", "project_root": scene.directory.path() });
    agent.call("session_create", next).await;
    agent.call("task_group_create", json!({ "group_name": "Frontend" })).await;
    let rows = |tree: Value| titles(&tree, "rows");
    for (arguments, expected) in [
        (json!({}), vec!["Next", "Frontend"]),
        (
            json!({ "root": "shop", "depth": 1 }),
            vec!["Shop", "Backend", "Build the cart", "Announce the shop"],
        ),
        (json!({ "root": group }), vec!["Backend", "Design the cart"]),
        (
            json!({ "root": group.get(..8), "session_id": "Next" }),
            vec!["Backend", "Design the cart"],
        ),
        (json!({ "root": "Backend", "session_id": "Shop" }), vec!["Backend", "Design the cart"]),
    ] {
        assert_eq!(
            rows(agent.call("browse_hierarchy", arguments.clone()).await),
            expected,
            "{arguments}"
        );
    }
    let refusal = agent.refused("browse_hierarchy", json!({ "root": "Backend" })).await;
    assert_eq!(refusal["error_code"], "unknown_id");
    let refusal = agent.refused("browse_hierarchy", json!({ "root": "g-zzzzzz" })).await;
    assert_eq!(refusal["error_code"], "unknown_id");
}

#[tokio::test]
async fn a_tree_comes_to_a_depth_with_counts() {
    let (_scene, mut agent) = board().await;
    let tree = agent.call("browse_hierarchy", json!({})).await;
    let rows: Vec<String> = tree["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", row["depth"], row["type"], row["title"]).replace('"', ""))
        .collect();
    assert_eq!(
        rows,
        [
            "0 session Shop",
            "1 group Backend",
            "2 task Design the cart",
            "1 task Build the cart",
            "2 task Cart table",
            "2 task Cart page",
            "1 task Announce the shop",
        ]
    );
    assert_eq!(tree["rows"][0]["tasks"], 5);
    let one = agent.call("browse_hierarchy", json!({ "root": "Backend", "depth": 1 })).await;
    assert_eq!(titles(&one, "rows"), ["Backend", "Design the cart"]);
    let page = agent.call("browse_hierarchy", json!({ "limit": 1, "depth": 1 })).await;
    assert_eq!(page["rows"][0]["more"], 1);
    let rest = json!({ "limit": 5, "depth": 1, "cursor": page["cursor"] });
    assert_eq!(
        titles(&agent.call("browse_hierarchy", rest).await, "rows"),
        ["Shop", "Announce the shop"]
    );
}

#[tokio::test]
async fn long_answers_are_pages_within_their_size() {
    let (_scene, mut agent) = board().await;
    let long = "cart ".repeat(40);
    for _ in 0..4 {
        let tasks: Vec<Value> = (0..50)
            .map(|index| json!({ "title": format!("Cart {index} {long}"), "description": long.repeat(20) }))
            .collect();
        agent.call("task_create", json!({ "tasks": tasks })).await;
    }
    let mut seen = 0;
    let mut cursor = Value::Null;
    loop {
        let page =
            agent.call("search", json!({ "query": "cart", "limit": 200, "cursor": cursor })).await;
        assert!(page.to_string().len() <= 8 * 1024, "{}", page.to_string().len());
        seen += page["results"].as_array().unwrap().len();
        cursor = page["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, 205);
    let tree = agent.call("browse_hierarchy", json!({ "limit": 200, "depth": 5 })).await;
    assert!(tree.to_string().len() <= 8 * 1024);
    assert!(tree["cursor"].is_string());
}
