//! Claims: one winner, fencing, staleness, renewal, release, paths.

use callboard_engine::domain::claim::GRACE_MS;
use callboard_engine::domain::command::{
    ClaimTask, Command, Guard, SetStatus, TaskPatch, UpdateTask,
};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::{Status, Task};
use callboard_engine::domain::time::MINUTE_MS;
use callboard_engine::query;

use crate::scene::{Scene, claim, set_status};

fn claimed(scene: &Scene, agent: &str, session: SessionId) -> Task {
    let Answer::Claimed(task) = scene.does(agent, claim(session, None)) else { panic!() };
    *task
}

fn complete(task: &Task, number: Option<i64>) -> Command {
    let guard = Guard { claim: number, ..Guard::default() };
    Command::SetStatus(SetStatus { guard, ..set_status(task.id, Status::Completed) })
}

#[test]
#[expect(clippy::needless_collect, reason = "all must run before the first is joined")]
fn of_many_agents_at_once_no_two_get_the_same_task() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a", "b", "c", "d", "e", "f", "g", "h"]);
    let scene = &scene;
    let mut ids: Vec<_> = std::thread::scope(|scope| {
        let agents: Vec<_> = (0..8)
            .map(|n| scope.spawn(move || claimed(scene, &format!("agent:a{n}"), session).id))
            .collect();
        agents.into_iter().map(|agent| agent.join().unwrap()).collect()
    });
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 8);
}

#[test]
fn who_comes_second_is_told_the_holder_the_end_and_the_next_task() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a", "b"]);
    scene.does("agent:first", claim(session, Some(tasks[0])));
    let refusal = scene.refused("agent:second", claim(session, Some(tasks[0])));
    assert_eq!(refusal.code, Code::TaskHeld);
    assert_eq!(refusal.details["holder"], "agent:first");
    assert_eq!(refusal.details["until"], "2026-11-23T14:30:00Z");
    assert_eq!(refusal.details["next_ready"]["title"], "b");
    let Command::ClaimTask(wanted) = claim(session, Some(tasks[0])) else { panic!() };
    let or_next = Command::ClaimTask(ClaimTask { or_next: true, ..wanted });
    let Answer::Claimed(task) = scene.does("agent:second", or_next) else { panic!() };
    assert_eq!(task.id, tasks[1]);
}

#[test]
fn work_under_a_claim_that_was_taken_over_is_refused() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let old = claimed(&scene, "agent:slow", session);
    scene.clock.advance_ms(31 * MINUTE_MS);
    let Answer::Claimed(new) = scene.does("agent:quick", claim(session, Some(old.id))) else {
        panic!()
    };
    assert_eq!((old.claim_number, new.claim_number), (1, 2));
    let refusal = scene.refused("agent:slow", complete(&old, Some(1)));
    assert_eq!(
        (refusal.code, &refusal.details["holder"]),
        (Code::ClaimSuperseded, &serde_json::json!("agent:quick"))
    );
    assert_eq!(scene.refused_code("agent:slow", complete(&old, None)), Code::TaskHeld);
    scene.does("agent:quick", complete(&old, Some(2)));
}

#[test]
fn a_claim_that_ran_out_is_freed_after_its_grace_and_the_task_is_ready_again() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let task = claimed(&scene, "agent:gone", session);
    scene.clock.advance_ms(30 * MINUTE_MS + GRACE_MS - 1);
    assert_eq!(scene.does("system", Command::FreeClaims), Answer::Tidied(0));
    scene.clock.advance_ms(1);
    assert_eq!(scene.does("system", Command::FreeClaims), Answer::Tidied(1));
    assert_eq!(scene.task(task.id).status, Status::Pending);
    assert_eq!(claimed(&scene, "agent:new", session).claim_number, 2);
}

#[test]
fn any_work_of_the_holder_renews_the_claim() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let task = claimed(&scene, "agent:busy", session);
    scene.clock.advance_ms(20 * MINUTE_MS);
    let patch = TaskPatch { progress: Some(40), ..TaskPatch::default() };
    scene.does(
        "agent:busy",
        Command::UpdateTask(UpdateTask { id: task.id, patch, guard: Guard::default() }),
    );
    scene.clock.advance_ms(20 * MINUTE_MS);
    assert!(!scene.task(task.id).claim.unwrap().is_stale(scene.clock.now()));
}

#[test]
fn a_released_task_is_ready_again_and_only_its_holder_or_a_person_releases_it() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let task = claimed(&scene, "agent:one", session);
    let release = Command::ReleaseClaim { id: task.id, claim: None, reason: None };
    assert_eq!(scene.refused_code("agent:two", release.clone()), Code::TaskHeld);
    scene.does("human", release);
    let task = scene.task(task.id);
    assert_eq!((task.status, task.claim), (Status::Pending, None));
}

#[test]
fn overlapping_paths_are_warned_of_with_task_and_holder() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a", "b"]);
    let with_path = |path: &str| {
        let Command::ClaimTask(wanted) = claim(session, None) else { panic!() };
        Command::ClaimTask(ClaimTask { paths: vec![path.to_owned()], ..wanted })
    };
    scene.does("agent:one", with_path("src/api"));
    let outcome = scene.submit("agent:two", with_path("src/**/*.rs")).unwrap();
    assert!(
        outcome.notes[0].starts_with("agent:one works on src/api too, for task t-"),
        "{:?}",
        outcome.notes
    );
    for path in ["../secrets", "/etc/passwd", "a/../../b", "C:/x", "a\nb"] {
        let code = scene.refused_code("agent:three", with_path(path));
        assert!(matches!(code, Code::InvalidValue | Code::InvalidText), "{path}");
    }
}

#[test]
fn a_claim_number_opens_no_task_that_another_agent_holds() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let task = claimed(&scene, "agent:one", session);
    assert_eq!(task.claim_number, 1, "every task begins at one, so a number is easily right");
    assert_eq!(scene.refused_code("agent:two", complete(&task, Some(1))), Code::TaskHeld);
    scene.does("agent:one", complete(&task, Some(1)));
}

#[test]
fn the_renewal_of_ones_own_claim_is_no_clash() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let task = claimed(&scene, "agent:one", session);
    let seen = scene.task(task.id).version;
    scene.clock.advance_ms(10 * MINUTE_MS);
    let patch = TaskPatch { progress: Some(40), ..TaskPatch::default() };
    let guard = Guard { claim: Some(1), ..Guard::default() };
    scene.does("agent:one", Command::UpdateTask(UpdateTask { id: task.id, patch, guard }));
    let guard = Guard { claim: Some(1), if_version: Some(seen), ..Guard::default() };
    let review = SetStatus { guard, ..set_status(task.id, Status::Review) };
    scene.does("agent:one", Command::SetStatus(review));
}

#[test]
fn hot_spots_are_the_paths_of_several_agents_first() {
    let (scene, session) = Scene::live();
    let ids = scene.tasks(session, &["a", "b", "c"]);
    for (agent, id, path) in [
        ("agent:a", ids[0], "src/api"),
        ("agent:b", ids[1], "src/api/x.rs"),
        ("agent:c", ids[2], "docs"),
    ] {
        let Command::ClaimTask(wanted) = claim(session, Some(id)) else { panic!() };
        let paths = vec![path.to_owned()];
        scene.does(agent, Command::ClaimTask(ClaimTask { paths, ..wanted }));
    }
    let spots = scene
        .peer
        .readers
        .read(|reader| query::hot_spots::list(reader, session, scene.clock.now(), 10))
        .unwrap();
    let told: Vec<(&str, usize)> =
        spots.iter().map(|spot| (spot.path.as_str(), spot.holders())).collect();
    assert_eq!(told, [("src/api", 2), ("src/api/x.rs", 2), ("docs", 1)]);
}
