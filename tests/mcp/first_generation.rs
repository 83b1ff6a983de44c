//! The tools of the first generation: prompts that were written for them still work.

mod faults;

use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

const PLAN: &str = r#"[
    {"task_id": "design", "title": "Design the API", "description": "Endpoints.", "specialist_type": "architect", "estimated_effort": "2h"},
    {"task_id": "build", "title": "Build the API", "description": "In Rust.", "specialist_type": "implementer", "dependencies": ["design"], "estimated_effort": "a few days"},
    {"title": "Test the API", "description": "All of it.", "specialist_type": "tester", "dependencies": ["build"]}
]"#;

/// An agent with a plan, and the ids of the plan and its subtasks.
async fn planned(scene: &Scene) -> (Client, String, Vec<String>) {
    let mut agent = Client::named(&scene.peer, "v1").await;
    let call = json!({ "description": "Build an API", "subtasks_json": PLAN });
    let plan = agent.call("plan_task", call).await;
    let ids = plan["subtasks"].as_array().unwrap().iter().map(|task| text(&task["task_id"]));
    (agent, text(&plan["parent_task_id"]), ids.collect())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The call that hands a subtask in.
fn done(task: &str, work: &str) -> Value {
    json!({ "task_id": task, "summary": format!("did {task}"), "detailed_work": work, "next_action": "complete" })
}

/// Takes a subtask and returns the prompt for it.
async fn execute(agent: &mut Client, task: &str) -> String {
    prose(&agent.result("execute_subtask", json!({ "task_id": task })).await)
}

fn prose(result: &Value) -> String {
    assert_eq!(result["isError"], false, "{result}");
    text(&result["content"][0]["text"])
}

#[tokio::test]
async fn beginning_tells_the_role_the_specialists_and_what_is_open() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let call = json!({ "working_directory": scene.directory.path() });
    let begun = agent.call("initialize_session", call).await;
    assert_eq!(begun["session_initialized"], true);
    assert_eq!(begun["session"]["name"], "Legacy Task Session");
    assert_eq!(begun["active_tasks"], json!([]));
    assert!(begun["orchestrator_context"]["specialist_roles"]["tester"].is_string());
    for field in ["working_directory", "orchestrator_path", "instructions"] {
        assert!(begun[field].is_string(), "{field}");
    }
}

#[tokio::test]
async fn the_prompt_for_a_subtask_tells_all_that_it_takes() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let call = json!({
        "description": "Build an API\nfor everybody",
        "subtasks_json": PLAN,
        "complexity_level": "very_complex",
        "context": "There is a deadline.",
    });
    let plan = agent.call("plan_task", call).await;
    assert_eq!(plan["complexity"], "very_complex");
    assert_eq!(plan["task_created"], true);
    let subtasks = &plan["subtasks"];
    assert_eq!(subtasks[2]["dependencies"], json!([subtasks[1]["task_id"]]));
    assert!(text(&plan["next_steps"]).contains(&text(&subtasks[0]["task_id"])));
    let prompt = execute(&mut agent, "design").await;
    for part in [
        "# Role: architect",
        "## Expertise",
        "## Approach",
        "Endpoints.",
        "120 minutes",
        "for everybody",
        "There is a deadline.",
        "## Dependencies\n\nNone.",
        "orchestrator_complete_subtask",
    ] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    agent.call("complete_subtask", done("design", "GET /things")).await;
    let prompt = execute(&mut agent, "build").await;
    for part in ["did design", "artifact/", "Estimated effort: a few days"] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
}

#[tokio::test]
async fn the_whole_way_from_the_plan_to_the_report() {
    let scene = Scene::new();
    let (mut agent, parent, ids) = planned(&scene).await;
    execute(&mut agent, &ids[0]).await;
    let status = agent.call("get_status", json!({})).await;
    assert_eq!([&status["active"], &status["pending"], &status["completed"]], [1, 3, 0]);
    assert_eq!(status["tasks"][0]["task_id"], json!(ids[0]));
    assert_eq!(status["tasks"][0]["specialist_type"], "architect");

    let handed = agent.call("complete_subtask", done(&ids[0], "GET /things")).await;
    assert_eq!(handed["status"], "completed");
    assert_eq!(handed["results_recorded"], true);
    assert_eq!(handed["next_recommended_task"]["task_id"], json!(ids[1]));
    let progress = json!({
        "progress": "in_progress",
        "parent_task_id": parent,
        "completed_subtasks": 1,
        "total_subtasks": 3,
        "progress_percentage": 33,
    });
    assert_eq!(handed["parent_task_progress"], progress);
    let mut last = handed;
    for id in &ids[1..] {
        execute(&mut agent, id).await;
        last = agent.call("complete_subtask", done(id, "work")).await;
    }
    assert_eq!(last["parent_task_progress"]["progress"], "completed");
    assert_eq!(last["next_recommended_task"], Value::Null);

    let call = json!({ "parent_task_id": parent });
    let report = prose(&agent.result("synthesize_results", call.clone()).await);
    for part in ["3 of 3 subtasks completed", "## architect", "## implementer", "## tester"] {
        assert!(report.contains(part), "{part} in {report}");
    }
    let again = prose(&agent.result("synthesize_results", call).await);
    assert_eq!(again, report, "it can be asked for again");
    let status = agent.call("get_status", json!({ "include_completed": true })).await;
    assert_eq!([&status["active"], &status["pending"], &status["completed"]], [0, 0, 4]);
}

#[tokio::test]
async fn a_plan_without_a_session_opens_one() {
    let scene = Scene::new();
    let (mut agent, ..) = planned(&scene).await;
    let status = agent.call("session_status", json!({})).await;
    assert_eq!(status["session"]["name"], "Legacy Task Session");
    assert_eq!(status["session"]["state"], "active");
}

#[tokio::test]
async fn a_suspended_session_is_taken_up_with_what_was_left_in_it() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "v1").await;
    agent.call("session_create", json!({ "name": "Port" })).await;
    agent.call("context", json!({ "key": "next_steps", "value": "the tests" })).await;
    let call = json!({ "description": "Build", "subtasks_json": PLAN });
    let plan = agent.call("plan_task", call).await;
    agent.call("session_suspend", json!({})).await;
    let begun = agent.call("initialize_session", json!({})).await;
    assert_eq!(begun["session"]["name"], "Port");
    assert_eq!(begun["session"]["state"], "active");
    assert_eq!(begun["context"]["next_steps"], "the tests");
    assert_eq!(begun["active_tasks"][0]["parent_task_id"], plan["parent_task_id"]);
    assert_eq!(begun["active_tasks"][0]["subtasks"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn subtasks_answer_to_the_names_that_the_plan_gave_them() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    let prompt = execute(&mut agent, "design").await;
    assert!(prompt.contains(&ids[0]));
    let handed = agent.call("complete_subtask", done("Design the API", "x")).await;
    assert_eq!(handed["task_id"], json!(ids[0]));
}

#[tokio::test]
async fn a_plan_may_come_as_a_list_in_a_fence_or_wrapped() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let list: Value = serde_json::from_str(PLAN).unwrap();
    for form in [list.clone(), json!({ "subtasks": list }), json!(format!("```json\n{PLAN}\n```"))]
    {
        let call = json!({ "description": "Build", "subtasks_json": form });
        let plan = agent.call("plan_task", call).await;
        assert_eq!(plan["subtasks"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_repeated_plan_with_the_same_key_is_made_once() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let call = json!({ "description": "Build", "subtasks_json": PLAN, "idempotency_key": "p1" });
    let first = agent.call("plan_task", call.clone()).await;
    assert_eq!(agent.call("plan_task", call).await, first);
    assert_eq!(agent.call("get_status", json!({})).await["pending"], 4);
}

#[tokio::test]
async fn work_of_any_length_can_be_read_again_with_the_call_named() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    let work = "line \"one\"\n".repeat(20_000);
    let handed = agent.call("complete_subtask", done(&ids[0], &work)).await;
    assert_eq!(handed["context_saving"]["detailed_work_length"], work.chars().count());
    let mut call = Some(text(&handed["artifact_info"]["read_with"]));
    let mut read = String::new();
    while let Some(this) = call {
        let arguments = serde_json::from_str(this.strip_prefix("orchestrator_context ").unwrap());
        let piece = agent.call("context", arguments.unwrap()).await;
        read.push_str(&text(&piece["text"]));
        call = piece["next"].as_str().map(str::to_owned);
    }
    assert_eq!(read, work);
    let listed = agent.call("context", json!({})).await;
    // The session's checkpoint.
    assert_eq!(listed["total"], 1, "work handed in does not crowd the context");

    let again = agent.call("complete_subtask", done(&ids[0], "short")).await;
    assert_ne!(again["artifact_info"]["artifact_id"], handed["artifact_info"]["artifact_id"]);
    let task = agent.call("task_get", json!({ "task_id": ids[0] })).await;
    let editions: Vec<&Value> =
        task["artifacts"].as_array().unwrap().iter().map(|one| &one["edition"]).collect();
    assert_eq!(editions, [&json!(2), &Value::Null], "{task}");
}

#[tokio::test]
async fn the_maintenance_coordinator_finds_what_lies_about_and_leaves_a_handover() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    execute(&mut agent, &ids[0]).await;
    scene.clock.advance_ms(31 * 60_000);
    let call = json!({ "action": "scan_cleanup", "scope": "current_session", "validation_level": "basic" });
    let found = agent.call("maintenance_coordinator", call).await;
    assert_eq!(found["scan_results"]["stale"][0]["task_id"], json!(ids[0]));
    assert_eq!(found["scan_results"]["totals"]["tasks"], 4);
    assert_eq!(found["scan_results"]["status_distribution"]["pending"], 3);
    for action in ["validate_structure", "update_documentation", "prepare_handover"] {
        let call = json!({ "action": action, "scope": "full_project" });
        let answer = agent.call("maintenance_coordinator", call).await;
        assert!(text(&answer["operation_id"]).starts_with(action), "{answer}");
    }
    let left = agent.call("context", json!({ "key": "handover" })).await;
    assert_eq!(left["value"]["open"], 4);
    let call = json!({ "action": "scan_cleanup", "scope": "specific_subtask" });
    let refusal = agent.refused("maintenance_coordinator", call).await;
    assert_eq!(refusal["details"]["missing"], json!(["target_task_id"]));
}
