//! The list of tools: what a model pays for.

use std::fmt::Write as _;

use callboard_engine::mcp::McpOptions;
use serde_json::Value;

use super::client::Client;
use crate::scene::Scene;

/// Most bytes of names, descriptions and input schemas.
const ALL_MAX: usize = 24 * 1024;
const CORE_MAX: usize = 8 * 1024;

async fn tools(toolset: &str) -> Vec<Value> {
    let scene = Scene::new();
    let options = McpOptions { tools: toolset.parse().unwrap(), ..McpOptions::default() };
    let mut client = Client::connect(&scene.peer, options);
    client.initialize("list", "2025-06-18").await;
    let answer = client.request("tools/list", Value::Null).await;
    answer["result"]["tools"].as_array().unwrap().clone()
}

/// What a model pays for a tool.
fn bytes(tool: &Value) -> usize {
    ["name", "description", "inputSchema"].iter().map(|part| tool[part].to_string().len()).sum()
}

#[tokio::test]
async fn the_list_is_known_and_small_enough() {
    for (toolset, most) in [("all", ALL_MAX), ("core", CORE_MAX)] {
        let tools = tools(toolset).await;
        let mut table = String::new();
        for tool in &tools {
            let name = tool["name"].as_str().unwrap();
            writeln!(table, "{name} {}", bytes(tool)).unwrap();
        }
        let total: usize = tools.iter().map(bytes).sum();
        writeln!(table, "total {total}").unwrap();
        insta::assert_snapshot!(format!("tools_{toolset}"), table);
        assert!(total <= most, "{toolset}: {total} bytes");
    }
}

#[tokio::test]
async fn every_tool_is_described_as_the_rules_demand() {
    for tool in tools("all").await {
        let name = tool["name"].as_str().unwrap();
        assert!(name.starts_with("orchestrator_") && name.len() <= 46, "{name}");
        let description = tool["description"].as_str().unwrap();
        assert!(description.chars().count() <= 300, "{name}: {}", description.chars().count());
        assert!(tool["title"].is_string(), "{name} has a title");
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(tool["annotations"][hint].is_boolean(), "{name} states {hint}");
        }
        assert!(tool["outputSchema"].is_null(), "{name} publishes no output schema");
        let schema = tool["inputSchema"].to_string();
        for noise in ["$schema", "\"null\"", "uint", "aliases", "hidden", "accepts"] {
            assert!(!schema.contains(noise), "{name} holds {noise}: {schema}");
        }
    }
}

#[tokio::test]
async fn at_most_three_tools_are_put_up_front() {
    let tools = tools("all").await;
    let up_front = tools.iter().filter(|tool| tool["_meta"]["anthropic/alwaysLoad"] == true);
    assert!(up_front.count() <= 3);
}

#[tokio::test]
async fn a_family_can_be_chosen_and_an_unknown_one_is_taught() {
    let names: Vec<Value> =
        tools("context, events").await.iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["orchestrator_context", "orchestrator_events"]);
    let refusal = "sesion".parse::<callboard_engine::mcp::Toolset>().unwrap_err();
    assert_eq!(refusal.suggested_action.unwrap(), "use \"session\"");
}
