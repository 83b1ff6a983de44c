//! The known faults of the first generation: none of them comes back.

use std::time::{Duration, Instant};

use callboard_engine::mcp::McpOptions;
use callboard_engine::query;
use serde_json::{Value, json};

use super::{PLAN, done, execute, planned, text};
use crate::mcp::client::Client;
use crate::scene::Scene;

fn latest(scene: &Scene) -> i64 {
    scene.peer.readers.read(query::changes::latest).unwrap()
}

#[tokio::test]
async fn the_working_directory_holds_after_initialization() {
    let scene = Scene::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let (mut agent, ..) = planned(&scene).await;
    let call = json!({ "working_directory": scene.directory.path() });
    let begun = agent.call("initialize_session", call).await;
    assert_eq!(begun["working_directory"], json!(scene.directory.path()));
    assert_eq!(begun["active_tasks"][0]["subtasks"].as_array().unwrap().len(), 3);
    let call = json!({ "working_directory": elsewhere.path() });
    assert_eq!(agent.refused("initialize_session", call).await["error_code"], "wrong_project");
    let gone = elsewhere.path().join("gone");
    let refusal = agent.refused("initialize_session", json!({ "working_directory": gone })).await;
    assert!(text(&refusal["message"]).contains("does not exist"), "{refusal}");
}

#[tokio::test]
async fn an_artifact_can_be_opened_where_the_answer_says() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    let mut call = done(&ids[0], "all of it");
    call["artifact_type"] = json!("design");
    call["file_paths"] = json!(["src/api.rs"]);
    call["legacy_artifacts"] = json!(["old"]);
    let handed = agent.call("complete_subtask", call).await;
    assert_eq!(handed["artifact_created"], true);
    assert_eq!(handed["artifact_info"]["artifact_type"], "design");
    assert!(text(&handed["notes"][0]).contains("src/api.rs"), "the file is not there: {handed}");
    let info = &handed["artifact_info"];
    let path = scene.directory.path().join(text(&info["accessible_via"]));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "all of it");
    let read = agent.call("context", arguments_of(&text(&info["read_with"]))).await;
    assert_eq!(read["text"], "all of it");
    let task = agent.call("task_get", json!({ "task_id": ids[0] })).await;
    assert_eq!(task["artifacts"].as_array().unwrap().len(), 1, "{task}");
}

#[tokio::test]
async fn files_that_are_there_are_referenced_and_what_is_the_same_is_recorded_once() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    std::fs::write(scene.directory.path().join("api.rs"), "fn api() {}").unwrap();
    for next_action in ["needs_revision", "complete"] {
        let mut call = done(&ids[0], "all of it");
        call["next_action"] = json!(next_action);
        call["file_paths"] = json!(["api.rs", "./api.rs"]);
        agent.call("complete_subtask", call).await;
        let task = agent.call("task_get", json!({ "task_id": ids[0] })).await;
        let paths = task["artifacts"].as_array().unwrap().iter().map(|one| text(&one["path"]));
        assert_eq!(paths.filter(|path| path == "api.rs").count(), 1, "{task}");
        assert_eq!(task["artifacts"].as_array().unwrap().len(), 2, "{task}");
    }
}

/// What stands behind the name of the tool.
fn arguments_of(call: &str) -> Value {
    serde_json::from_str(call.strip_prefix("orchestrator_context ").unwrap()).unwrap()
}

#[tokio::test]
async fn file_paths_outside_the_project_are_refused() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    let before = latest(&scene);
    for path in
        ["../evil.rs", "src/../../evil.rs", "/etc/passwd", "..\\evil.rs", "-rf", ".git/config"]
    {
        let mut call = done(&ids[0], "x");
        call["file_paths"] = json!([path]);
        let refusal = agent.refused("complete_subtask", call).await;
        assert!(text(&refusal["message"]).contains("within the project"), "{refusal}");
    }
    assert_eq!(latest(&scene), before, "nothing changed");
}

#[tokio::test]
async fn dependencies_are_enforced() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    let refusal = agent.refused("execute_subtask", json!({ "task_id": ids[1] })).await;
    assert_eq!(refusal["error_code"], "unmet_dependencies");
    assert_eq!(refusal["details"]["waits_for"][0]["id"], json!(ids[0]));
    let refusal = agent.refused("complete_subtask", done(&ids[1], "x")).await;
    assert_eq!(refusal["error_code"], "unmet_dependencies");
}

#[tokio::test]
async fn needs_revision_and_blocked_do_not_complete() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    for next_action in ["needs_revision", "blocked"] {
        execute(&mut agent, &ids[0]).await;
        let mut call = done(&ids[0], "so far");
        call["next_action"] = json!(next_action);
        let handed = agent.call("complete_subtask", call).await;
        assert_eq!(handed["status"], next_action);
        assert_eq!(handed["parent_task_progress"]["completed_subtasks"], 0);
        assert_ne!(handed["next_recommended_task"]["task_id"], json!(ids[1]));
        let status = agent.call("get_status", json!({})).await;
        assert_eq!(status["tasks"][0]["status"], next_action);
        assert_eq!((&status["active"], &status["completed"]), (&json!(1), &json!(0)));
    }
    execute(&mut agent, &ids[0]).await;
    let mut call = done(&ids[0], "now");
    call["next_action"] = json!("continue");
    assert_eq!(agent.call("complete_subtask", call).await["status"], "completed");
}

#[tokio::test]
async fn an_unknown_or_unfinished_plan_has_no_report() {
    let scene = Scene::new();
    let (mut agent, parent, ids) = planned(&scene).await;
    let call = json!({ "parent_task_id": "task_123" });
    assert_eq!(agent.refused("synthesize_results", call).await["error_code"], "unknown_id");
    agent.call("complete_subtask", done(&ids[0], "x")).await;
    let refusal = agent.refused("synthesize_results", json!({ "parent_task_id": parent })).await;
    assert_eq!(refusal["error_code"], "open_tasks");
    let open: Vec<&Value> = refusal["details"]["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| &task["task_id"])
        .collect();
    assert_eq!(open, [&json!(ids[1]), &json!(ids[2])]);
    let refusal = agent.refused("synthesize_results", json!({ "parent_task_id": ids[0] })).await;
    assert!(text(&refusal["suggested_action"]).contains(&parent));
}

#[tokio::test]
async fn completing_an_unknown_task_leaves_nothing_behind() {
    let scene = Scene::new();
    let (mut agent, ..) = planned(&scene).await;
    let before = latest(&scene);
    for task in ["t-zzzzzzzz", "task_99", "Design the AP"] {
        let refusal = agent.refused("complete_subtask", done(task, "work")).await;
        assert_eq!(refusal["error_code"], "unknown_id", "{refusal}");
        assert!(refusal["suggested_action"].is_string());
    }
    assert_eq!(latest(&scene), before);
}

#[tokio::test]
async fn any_role_is_taken_and_its_prompt_made() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let subtasks = json!([{ "title": "Load", "description": "d", "specialist_type": "Data Ingestion-specialist" }]);
    let call = json!({ "description": "Build", "subtasks_json": subtasks.to_string() });
    let plan = agent.call("plan_task", call).await;
    assert_eq!(plan["subtasks"][0]["specialist_type"], "data_ingestion_specialist");
    let prompt = execute(&mut agent, plan["subtasks"][0]["task_id"].as_str().unwrap()).await;
    assert!(prompt.contains("# Role: data_ingestion_specialist"), "{prompt}");
    assert!(prompt.contains("## Expertise") && prompt.contains("## Approach"));
}

#[tokio::test]
async fn a_wrong_plan_changes_nothing() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let one =
        json!({ "title": "A", "description": "d", "specialist_type": "tester", "task_id": "a" });
    let with = |field: &str, value: Value| {
        let mut other = one.clone();
        other[field] = value;
        other
    };
    let b_after_a = json!({ "title": "B", "description": "d", "specialist_type": "tester", "task_id": "b", "dependencies": ["a"] });
    for (subtasks, code) in [
        (json!("not json"), "invalid_value"),
        (json!("[{]"), "invalid_value"),
        (json!("3"), "invalid_value"),
        (json!("[]"), "nothing_to_do"),
        (json!([{ "title": "A" }]), "invalid_value"),
        (json!([with("dependencies", json!(["zzz"]))]), "unknown_id"),
        (json!([with("title", json!("")), b_after_a]), "invalid_text"),
        (json!([with("dependencies", json!(["b"])), b_after_a]), "dependency_cycle"),
        (json!([one, one]), "name_taken"),
        (json!([with("title", json!("x".repeat(300)))]), "invalid_text"),
    ] {
        let call = json!({ "description": "Build", "subtasks_json": subtasks });
        let refusal = agent.refused("plan_task", call).await;
        assert_eq!(refusal["error_code"], code, "{subtasks}: {refusal}");
        assert_eq!(latest(&scene), 0, "not even a session was opened");
    }
}

#[tokio::test]
async fn errors_are_errors_in_the_one_form_and_the_first_line_is_the_reply() {
    let scene = Scene::new();
    let mut agent = Client::connect(&scene.peer, McpOptions::default());
    agent.initialize("v1", "2024-11-05").await;
    for (tool, arguments) in [
        ("execute_subtask", json!({})),
        ("execute_subtask", json!({ "task_id": "t-00000000" })),
        ("complete_subtask", json!({ "task_id": "t-00000000" })),
        (
            "plan_task",
            json!({ "description": "x", "subtasks_json": "[", "complexity_level": "hard" }),
        ),
        ("maintenance_coordinator", json!({ "action": "explode" })),
    ] {
        let result = agent.result(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result}");
        let refusal: Value = serde_json::from_str(&text(&result["content"][0]["text"])).unwrap();
        assert!(refusal["error_code"].is_string() && refusal["message"].is_string(), "{refusal}");
    }
}

#[tokio::test]
async fn answers_and_times_do_not_grow_with_the_project() {
    let scene = Scene::new();
    let (mut agent, _, small) = planned(&scene).await;
    let begun = Instant::now();
    agent.call("complete_subtask", done(&small[0], "x")).await;
    let alone = begun.elapsed();
    let many: Vec<Value> = (0..400)
        .map(|number| json!({ "title": format!("Task {number}"), "description": "d", "specialist_type": "tester" }))
        .collect();
    let mut last = Value::Null;
    for _ in 0..5 {
        let call = json!({ "description": "Many", "subtasks_json": many });
        last = agent.call("plan_task", call).await;
    }
    for tool in ["get_status", "initialize_session"] {
        let begun = Instant::now();
        let answer = agent.call(tool, json!({})).await;
        assert!(answer.to_string().len() < 8 * 1024, "{tool}: {} bytes", answer.to_string().len());
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
    let status = agent.call("get_status", json!({ "include_completed": true })).await;
    assert_eq!((&status["pending"], &status["completed"]), (&json!(2008), &json!(1)));
    let begun = Instant::now();
    for index in 0..5 {
        let id = text(&last["subtasks"][index]["task_id"]);
        agent.call("complete_subtask", done(&id, "x")).await;
    }
    let each = begun.elapsed() / 5;
    assert!(each < alone * 20 + Duration::from_millis(100), "{each:?} against {alone:?}");
}

#[tokio::test]
async fn a_subtask_somebody_else_holds_is_refused_with_the_holder() {
    let scene = Scene::new();
    let (mut agent, _, ids) = planned(&scene).await;
    execute(&mut agent, &ids[0]).await;
    let mut other = Client::named(&scene.peer, "other").await;
    let refusal = other.refused("execute_subtask", json!({ "task_id": ids[0] })).await;
    assert_eq!(refusal["error_code"], "task_held");
    assert_eq!(refusal["details"]["holder"], "agent:v1");
    let refusal = other.refused("complete_subtask", done(&ids[0], "x")).await;
    assert_eq!(refusal["error_code"], "task_held");
    assert!(
        execute(&mut agent, &ids[0]).await.contains("You hold this task"),
        "its holder may ask again"
    );
}

#[tokio::test]
async fn a_client_that_nobody_gave_a_project_goes_where_it_says() {
    let scene = Scene::new();
    let there = tempfile::tempdir().unwrap();
    let options = McpOptions { follows_client: true, ..McpOptions::default() };
    let mut agent = Client::connect(&scene.peer, options);
    agent.initialize("v1", "2025-06-18").await;
    let root = there.path().canonicalize().unwrap();
    let begun = agent.call("initialize_session", json!({ "working_directory": root })).await;
    assert_eq!(begun["working_directory"], json!(root));
    let call = json!({ "description": "Build", "subtasks_json": PLAN });
    agent.call("plan_task", call).await;
    let status = agent.call("session_status", json!({})).await;
    assert_eq!(
        (&status["project"], &status["session"]["tasks"]["total"]),
        (&json!(root), &json!(4))
    );
    assert_eq!(latest(&scene), 0, "nothing happened where it was started");
    assert!(root.join(".task_orchestrator/callboard.db").exists());
    let begun = agent.call("initialize_session", json!({ "working_directory": root })).await;
    assert_eq!(begun["active_tasks"][0]["subtasks"].as_array().unwrap().len(), 3);
    let back = json!({ "working_directory": scene.directory.path() });
    let begun = agent.call("initialize_session", back).await;
    assert_eq!(begun["active_tasks"], json!([]), "and back again");
}

#[tokio::test]
async fn roles_of_the_projects_own_file_are_advertised_and_taken() {
    let scene = Scene::new();
    let roles = scene.peer.paths.task_orchestrator().join("roles");
    std::fs::create_dir_all(&roles).unwrap();
    let file = "data_engineer:\n  role_definition: You move data.\n  expertise: [pipelines]\n  approach:\n    - count the rows first\n";
    std::fs::write(roles.join("project_roles.yaml"), file).unwrap();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let begun = agent.call("initialize_session", json!({})).await;
    let known = json!({ "data_engineer": "You move data" });
    assert_eq!(begun["orchestrator_context"]["specialist_roles"], known, "{begun}");
    let subtasks = json!([
        { "task_id": "move", "title": "Move", "description": "x", "specialist_type": "Data Engineer" },
        { "task_id": "look", "title": "Look", "description": "x", "specialist_type": "astronomer" },
    ]);
    let call = json!({ "description": "Load", "subtasks_json": subtasks });
    let plan = agent.call("plan_task", call).await;
    assert_eq!(plan["subtasks"][0]["specialist_type"], "data_engineer");
    assert_eq!(plan["subtasks"][1]["specialist_type"], "astronomer", "any role is taken");
    let notes = plan["notes"].to_string();
    assert!(notes.contains("astronomer") && !notes.contains("data_engineer,"), "{notes}");
    let prompt = execute(&mut agent, "move").await;
    for part in ["# Role: data_engineer", "You move data.", "- count the rows first"] {
        assert!(prompt.contains(part), "{part} in {prompt}");
    }
    agent.call("complete_subtask", done("move", "x")).await;
    assert!(execute(&mut agent, "look").await.contains("# Role: astronomer"));
}

#[tokio::test]
async fn broken_yaml_is_told_and_stops_nobody() {
    let scene = Scene::new();
    let roles = scene.peer.paths.task_orchestrator().join("roles");
    std::fs::create_dir_all(&roles).unwrap();
    std::fs::write(roles.join("project_roles.yaml"), "tester: [\n").unwrap();
    let mut agent = Client::named(&scene.peer, "v1").await;
    let begun = agent.call("initialize_session", json!({})).await;
    assert!(begun["orchestrator_context"]["specialist_roles"]["tester"].is_string());
    let status = agent.call("session_status", json!({})).await;
    let problem = status["mode"]["problem"].as_str().unwrap();
    assert!(problem.contains("project_roles.yaml:"), "not silently: {status}");
}
