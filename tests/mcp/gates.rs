//! Gates over MCP: agents are told what completing demands, and no tool gets around it.

use callboard_engine::domain::command::{Command, SetStatus};
use callboard_engine::domain::task::Status;
use callboard_engine::mcp::McpOptions;
use serde_json::{Value, json};

use super::client::Client;
use super::modes::{select, strict, write};
use crate::scene::Scene;

const EVIDENCE: &str = "extends: default_roles\ngates:\n  completed:\n    artifacts: [test]\n    checklist: true\n    roles: [tester]\n";

async fn task(agent: &mut Client, fields: Value) -> String {
    let made = agent.call("task_create", fields).await;
    made["created"][0]["task_id"].as_str().unwrap().to_owned()
}

async fn status(agent: &mut Client, id: &str) -> String {
    let task = agent.call("task_get", json!({ "task_id": id })).await;
    task["status"].as_str().unwrap().to_owned()
}

fn handed_in(id: &str, next_action: &str) -> Value {
    json!({ "task_id": id, "summary": "done", "detailed_work": "all", "next_action": next_action })
}

#[tokio::test]
async fn an_agent_is_told_what_completing_demands_and_that_a_person_decides() {
    let scene = Scene::new();
    let mut agent = strict(&scene).await;
    let id = task(&mut agent, json!({ "title": "a", "role": "tester" })).await;
    let taken = agent.call("task_claim", json!({ "task_id": id })).await;
    let demands = &taken["to_complete"]["demands"];
    assert_eq!(demands[0], json!({ "needs": "a summary", "there": false }), "{taken}");
    assert_eq!(demands[1], json!({ "needs": "a person's approval" }));
    let next = taken["to_complete"]["next"].as_str().unwrap();
    assert!(next.contains("moves it to review"), "{next}");
    let role = &taken["as_role"];
    let text = role.as_str().or_else(|| role["text"].as_str()).unwrap();
    assert!(text.starts_with("# Role: tester"), "{taken}");

    let refusal = agent.refused("task_complete", json!({ "task_id": id })).await;
    assert_eq!(refusal["error_code"], "gate_closed");
    let call = json!({ "task_id": id, "summary": "Tried it." });
    let done = agent.call("task_complete", call).await;
    assert_eq!(done["task"]["status"], "review");
    assert!(done["notes"][0].as_str().unwrap().contains("a person's approval"), "{done}");
    assert!(done["to_complete"]["next"].as_str().unwrap().contains("in review"), "{done}");
    let shown = agent.call("task_get", json!({ "task_id": id, "detail": "full" })).await;
    assert_eq!(shown["to_complete"]["demands"][0]["there"], true);
    assert!(shown["as_role"].as_str().unwrap().contains("## Approach"), "the whole of it");

    let approve = SetStatus::plain(id.parse().unwrap(), Status::Completed);
    scene.does_async(Command::SetStatus(approve)).await;
    let shown = agent.call("task_get", json!({ "task_id": id })).await;
    assert_eq!(shown["status"], "completed");
    assert!(shown["to_complete"].is_null());
}

#[tokio::test]
async fn no_tool_completes_what_a_person_has_to_approve() {
    let scene = Scene::new();
    let mut agent = strict(&scene).await;
    let updates = json!({ "status": "completed", "result_summary": "done" });
    for (tool, call) in [
        ("task_complete", json!({ "summary": "done" })),
        ("task_complete", json!({ "summary": "done", "force": true, "reason": "now" })),
        ("task_batch_update", json!({ "updates": updates })),
        ("task_batch_update", json!({ "updates": updates, "force": true, "reason": "now" })),
        ("complete_subtask", handed_in("", "complete")),
        ("complete_subtask", handed_in("", "continue")),
    ] {
        let id = task(&mut agent, json!({ "title": format!("{tool} {call}") })).await;
        agent.call("task_claim", json!({ "task_id": id })).await;
        let mut call = call;
        let name = if tool == "task_batch_update" { "task_ids" } else { "task_id" };
        call[name] = json!(id);
        let result = agent.result(tool, call.clone()).await;
        let after = status(&mut agent, &id).await;
        assert_ne!(after, "completed", "{tool} {call}: {result}");
        // In review, the same call again does not do it either.
        agent.result(tool, call.clone()).await;
        assert_ne!(status(&mut agent, &id).await, "completed", "again: {tool} {call}");
    }
    let items = json!([{ "task_id": "by items", "updates": updates }]);
    let id = task(&mut agent, json!({ "title": "by items" })).await;
    agent.result("task_batch_update", json!({ "items": items })).await;
    let filter = json!({ "filters": { "text": "items" }, "updates": updates });
    agent.result("task_batch_update", filter).await;
    assert_ne!(status(&mut agent, &id).await, "completed");
    let born = json!({ "title": "born done", "status": "completed" });
    agent.result("task_create", born).await;
    let done = agent.call("task_query", json!({ "status": "completed" })).await;
    assert_eq!(done["total"], 0, "{done}");
}

#[tokio::test]
async fn a_plan_of_the_first_generation_waits_for_a_person_too() {
    let scene = Scene::new();
    let mut agent = strict(&scene).await;
    let subtasks = json!([{ "title": "Test", "description": "x", "specialist_type": "tester" }]);
    let call = json!({ "description": "Build", "subtasks_json": subtasks });
    let plan = agent.call("plan_task", call).await;
    let id = plan["subtasks"][0]["task_id"].as_str().unwrap().to_owned();
    let prompt = agent.result("execute_subtask", json!({ "task_id": id })).await;
    let prompt = prompt["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(
        prompt.contains("To be completed it needs a summary and a person's approval"),
        "{prompt}"
    );
    let handed = agent.call("complete_subtask", handed_in(&id, "complete")).await;
    assert_eq!(handed["status"], "review");
    assert!(handed["to_complete"]["next"].as_str().unwrap().contains("a person"), "{handed}");
    let listed = agent.call("get_status", json!({})).await;
    assert_eq!(listed["tasks"][0]["status"], "review", "nobody is to do it again: {listed}");
    let parent = json!({ "parent_task_id": plan["parent_task_id"] });
    let refusal = agent.refused("synthesize_results", parent.clone()).await;
    assert_eq!(refusal["error_code"], "open_tasks", "what is in review is not done");
    let approve = Command::SetStatus(SetStatus::plain(id.parse().unwrap(), Status::Completed));
    scene.does_async(approve).await;
    let report = agent.result("synthesize_results", parent).await;
    let report = report["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(
        report.contains("1 of 1 subtasks completed") && report.contains("is in review"),
        "{report}"
    );
    assert_eq!(status(&mut agent, plan["parent_task_id"].as_str().unwrap()).await, "review");
}

#[tokio::test]
async fn work_handed_in_is_evidence_for_the_gate_that_it_passes() {
    let scene = Scene::new();
    let mut agent = strict(&scene).await;
    write(&scene, "evidence", EVIDENCE);
    select(&scene, "evidence").await;
    let call = json!({ "title": "a", "role": "tester", "description": "- [ ] tried" });
    let id = task(&mut agent, call).await;
    let other = task(&mut agent, json!({ "title": "b", "role": "architect" })).await;
    let free = agent.call("task_claim", json!({ "task_id": other })).await;
    assert!(free["to_complete"].is_null(), "the gate stands before testers only");
    agent.call("task_claim", json!({ "task_id": id })).await;
    let refusal = agent.refused("task_complete", json!({ "task_id": id, "summary": "x" })).await;
    assert_eq!(refusal["error_code"], "gate_closed");
    assert_eq!(refusal["details"]["missing"].as_array().unwrap().len(), 2, "{refusal}");
    let escape = json!({ "task_ids": [id], "updates": { "role": "architect" } });
    assert_eq!(agent.refused("task_batch_update", escape).await["error_code"], "human_only");
    let tick = json!({ "task_ids": [id], "updates": { "description": "- [x] tried" } });
    agent.call("task_batch_update", tick).await;
    let mut call = handed_in(&id, "complete");
    call["artifact_type"] = json!("code");
    let refusal = agent.result("complete_subtask", call.clone()).await;
    let refusal = &refusal["structuredContent"];
    assert_eq!(refusal["error_code"], "gate_closed");
    assert!(refusal["message"].as_str().unwrap().contains("kind test"), "{refusal}");
    assert_eq!(refusal["details"]["work_kept"], true);
    call["artifact_type"] = json!("test");
    let handed = agent.call("complete_subtask", call).await;
    assert_eq!(handed["status"], "completed");
    assert!(handed.get("to_complete").is_none(), "{handed}");
}

#[tokio::test]
async fn an_agent_that_may_decide_conflicts_completes_nothing_by_one() {
    let scene = Scene::new();
    let mut bob = strict(&scene).await;
    let options = McpOptions { agents_may_resolve: true, ..McpOptions::default() };
    let mut alice = Client::connect(&scene.peer, options);
    alice.initialize("alice", "2025-06-18").await;
    let id = task(&mut alice, json!({ "title": "a" })).await;
    let blocked = json!({ "status": "blocked", "reason": "waits" });
    bob.call("task_batch_update", json!({ "task_ids": [id], "updates": blocked })).await;
    let clash = json!({
        "task_ids": [id],
        "updates": { "status": "completed", "result_summary": "done" },
        "if_version": 1,
        "on_clash": "conflict",
    });
    let tried = alice.result("task_batch_update", clash).await;
    let open = alice.call("conflict_list", json!({})).await;
    let conflicts = open["conflicts"].as_array().cloned().unwrap_or_default();
    for conflict in &conflicts {
        for call in [json!({ "choice": "theirs" }), json!({ "value": "completed" })] {
            let mut call = call;
            call["conflict_id"] = conflict["conflict_id"].clone();
            alice.result("conflict_resolve", call).await;
        }
    }
    assert_ne!(status(&mut alice, &id).await, "completed", "{tried} {conflicts:?}");
    assert!(!conflicts.is_empty(), "there was one to decide: {tried}");
}
