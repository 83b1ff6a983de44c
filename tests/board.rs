//! The main job: a session, tasks with dependencies, claims, completion.

use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::Status;

use crate::scene::{Scene, claim, set_status, status, waits};

#[test]
fn a_claimed_task_is_started_and_completing_it_frees_the_next() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["schema", "api < schema"]);
    let Answer::Claimed(task) = scene.does("agent:codex", claim(session, None)) else { panic!() };
    assert_eq!((task.id, task.status, task.claim_number), (tasks[0], Status::Active, 1));
    assert_eq!(scene.refused_code("agent:claude", claim(session, None)), Code::NothingReady);
    scene.does("agent:codex", status(tasks[0], Status::Completed));
    let Answer::Claimed(next) = scene.does("agent:claude", claim(session, None)) else { panic!() };
    assert_eq!(next.id, tasks[1]);
}

#[test]
fn a_task_that_waits_is_not_started_without_force_and_a_reason() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["schema", "api < schema"]);
    let refusal = scene.refused("human", status(tasks[1], Status::Active));
    assert_eq!(refusal.code, Code::UnmetDependencies);
    assert_eq!(refusal.details["waits_for"][0]["title"], "schema");
    let mut forced = set_status(tasks[1], Status::Active);
    forced.force = true;
    assert_eq!(
        scene.refused_code(
            "human",
            callboard_engine::domain::command::Command::SetStatus(forced.clone())
        ),
        Code::InvalidValue
    );
    forced.reason = Some("the schema is known".to_owned());
    scene.does("human", callboard_engine::domain::command::Command::SetStatus(forced));
    assert_eq!(scene.task(tasks[1]).status, Status::Active);
}

#[test]
fn a_cycle_is_refused_with_its_path() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a", "b < a", "c < b"]);
    let refusal = scene.refused("human", waits(tasks[0], tasks[2]));
    assert_eq!(refusal.code, Code::DependencyCycle);
    let path: Vec<String> = [0, 2, 1, 0].iter().map(|&at| tasks[at].to_string()).collect();
    assert_eq!(refusal.details["path"], serde_json::json!(path));
}
