//! Modes in force: binding, routing, gates, and what nobody gets around.

use std::sync::Arc;

use callboard_engine::domain::command::{
    BindMode, ClaimTask, Command, CreateTasks, Dependents, NewTask, SetContext, SetStatus,
    TaskPatch, UpdateTask,
};
use callboard_engine::domain::gate::{Gate, Need};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::mode::{
    LoadedMode, Mode, ModeSettings, ModeSource, PathOverlap, Role, RoutingRule,
};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::{Complexity, Status, Task};
use callboard_engine::query;
use serde_json::json;

use crate::scene::{Scene, claim, set_status};

pub(crate) fn gate(needs: &[Need]) -> Gate {
    Gate { to: Status::Completed, roles: Vec::new(), tags: Vec::new(), needs: needs.to_vec() }
}

pub(crate) fn mode(name: &str, gates: Vec<Gate>) -> Mode {
    let role = |name: &str| Role { name: name.to_owned(), ..Role::default() };
    Mode {
        name: name.to_owned(),
        roles: vec![role("tester"), role("implementer")],
        gates,
        ..Mode::default()
    }
}

pub(crate) fn bind(session_id: SessionId, mode: Mode) -> Command {
    bind_from(session_id, mode, ModeSource::File)
}

fn bind_from(session_id: SessionId, mode: Mode, source: ModeSource) -> Command {
    let file = Some(format!("roles/{}.yaml", mode.name));
    let loaded = Box::new(LoadedMode::new(mode, source, file));
    Command::BindMode(BindMode { session_id, loaded, reason: None })
}

/// A scene with a task and gates before its completion.
pub(crate) fn gated(needs: &[Need]) -> (Scene, SessionId, TaskId) {
    let (scene, session) = Scene::live();
    scene.does("human", bind(session, mode("strict", vec![gate(needs)])));
    let task = scene.tasks(session, &["a"]).remove(0);
    (scene, session, task)
}

fn task(scene: &Scene, id: TaskId) -> Task {
    scene.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task
}

fn in_force(scene: &Scene, session: SessionId) -> Mode {
    scene
        .peer
        .readers
        .read(|reader| {
            let session = query::sessions::get(reader, session)?;
            query::modes::in_force(reader, &session)
        })
        .unwrap()
        .unwrap_or_default()
}

fn complete(id: TaskId, summary: Option<&str>) -> Command {
    let summary = summary.map(str::to_owned);
    Command::SetStatus(SetStatus { summary, ..set_status(id, Status::Completed) })
}

#[test]
fn a_session_is_bound_and_its_history_tells_from_what_to_what_by_whom() {
    let (scene, session) = Scene::live();
    scene.does("agent:a", bind(session, mode("first", Vec::new())));
    scene.does("human", bind(session, mode("second", Vec::new())));
    let history =
        scene.peer.readers.read(|reader| query::modes::history(reader, session, 10)).unwrap();
    let told: Vec<String> = history
        .iter()
        .map(|bound| {
            format!("{} > {} by {}", bound.from.as_deref().unwrap_or("-"), bound.to, bound.actor)
        })
        .collect();
    assert_eq!(
        told,
        [
            "first > second by human",
            "project_roles > first by agent:a",
            "- > project_roles by human"
        ]
    );
    assert_eq!(in_force(&scene, session), mode("second", Vec::new()));
    scene.does("human", Command::Undo { seq: None });
    assert_eq!(in_force(&scene, session), mode("first", Vec::new()));
}

#[test]
fn binding_what_is_in_force_changes_nothing() {
    let (scene, session) = Scene::live();
    scene.does("human", bind(session, mode("same", Vec::new())));
    let before = scene.latest();
    scene.does("human", bind(session, mode("same", Vec::new())));
    assert_eq!(scene.latest(), before);
}

#[test]
fn missing_evidence_is_named_with_the_call_that_supplies_it() {
    let artifact = || Need::Artifact("test".to_owned());
    let (scene, session, id) = gated(&[Need::Summary(10), artifact(), Need::Checklist]);
    let refusal = scene.refused("agent:a", complete(id, Some("short")));
    assert_eq!(refusal.code, Code::GateClosed);
    assert_eq!(
        refusal.message,
        format!(
            "task {id} (a) cannot be completed yet: mode strict demands a summary of at least 10 characters \
             and an artifact of kind test and a check list with every box ticked"
        )
    );
    let calls: Vec<&str> = refusal.details["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|missing| missing["supply"].as_str().unwrap())
        .collect();
    assert!(calls[0].contains("orchestrator_task_complete"), "{calls:?}");
    assert!(calls[1].contains("orchestrator_artifact_record"), "{calls:?}");
    assert!(calls[2].contains("0 of 0"), "{calls:?}");

    let patch = |text: &str| {
        let patch = TaskPatch { description: Some(text.to_owned()), ..TaskPatch::default() };
        Command::UpdateTask(UpdateTask {
            id,
            patch,
            guard: callboard_engine::domain::command::Guard::default(),
        })
    };
    scene.does("agent:a", patch("- [x] one\n- [ ] two"));
    let artifact = Command::SetContext(SetContext {
        session_id: session,
        key: format!("artifact/{id}"),
        value: json!({ "artifact_type": "test" }),
        if_version: None,
    });
    scene.does("agent:a", artifact);
    let refusal = scene.refused("agent:a", complete(id, Some("long enough")));
    assert!(refusal.message.ends_with("demands a check list with every box ticked"));
    scene.does("agent:a", patch("- [x] one\n- [x] two"));
    scene.does("agent:a", complete(id, Some("long enough")));
    assert_eq!(task(&scene, id).status, Status::Completed);
}

#[test]
fn an_agents_completion_waits_in_review_for_a_person_who_approves_or_sends_it_back() {
    let (scene, session, id) = gated(&[Need::Summary(1), Need::Approval]);
    scene.does("agent:a", claim(session, Some(id)));
    assert_eq!(scene.refused_code("agent:a", complete(id, None)), Code::GateClosed);
    let outcome = scene.submit("agent:a", complete(id, Some("done"))).unwrap();
    assert!(outcome.notes[0].contains("in review"), "{:?}", outcome.notes);
    let waiting = task(&scene, id);
    assert_eq!((waiting.status, waiting.claim), (Status::Review, None));
    assert_eq!(waiting.result_summary.as_deref(), Some("done"));
    for actor in ["agent:a", "agent:b", "file:tasks/active_tasks.md"] {
        let forced = Command::SetStatus(SetStatus {
            force: true,
            reason: Some("now".to_owned()),
            ..set_status(id, Status::Completed)
        });
        assert_eq!(scene.refused_code(actor, forced), Code::GateClosed, "{actor}");
        assert_eq!(scene.refused_code(actor, complete(id, Some("x"))), Code::GateClosed, "{actor}");
    }
    let back = SetStatus { reason: Some("no tests".to_owned()), ..set_status(id, Status::Active) };
    scene.does("human", Command::SetStatus(back));
    scene.does("agent:a", complete(id, Some("with tests")));
    scene.does("human", complete(id, None));
    let done = task(&scene, id);
    assert_eq!(done.status, Status::Completed);
    assert_eq!(done.result_summary.as_deref(), Some("with tests"));
}

#[test]
fn only_people_pass_over_missing_evidence_by_force() {
    let (scene, _, id) = gated(&[Need::Summary(1)]);
    let forced = SetStatus {
        force: true,
        reason: Some("trivial".to_owned()),
        ..set_status(id, Status::Completed)
    };
    assert_eq!(scene.refused_code("agent:a", Command::SetStatus(forced.clone())), Code::GateClosed);
    let refusal = scene.refused("human", complete(id, None));
    assert!(refusal.suggested_action.unwrap().contains("force it with a reason"));
    scene.does("human", Command::SetStatus(forced));
    assert_eq!(task(&scene, id).status, Status::Completed);
}

#[test]
fn no_agent_slips_out_of_a_gate_by_role_tag_mode_or_cascade() {
    let (scene, session) = Scene::live();
    let by_role = Gate { roles: vec!["tester".to_owned()], ..gate(&[Need::Approval]) };
    let cancel = Gate { to: Status::Cancelled, ..gate(&[Need::Summary(1)]) };
    scene.does("human", bind(session, mode("strict", vec![by_role, cancel])));
    let ids = scene.tasks(session, &["a", "b < a"]);
    let role = |id, role: &str| {
        let patch = TaskPatch { role: Some(Some(role.to_owned())), ..TaskPatch::default() };
        Command::UpdateTask(UpdateTask {
            id,
            patch,
            guard: callboard_engine::domain::command::Guard::default(),
        })
    };
    scene.does("agent:a", role(ids[0], "tester"));
    assert_eq!(scene.refused_code("agent:a", role(ids[0], "implementer")), Code::HumanOnly);
    assert_eq!(
        scene.refused_code("agent:a", bind(session, mode("loose", Vec::new()))),
        Code::HumanOnly
    );
    let cascade = SetStatus {
        dependents: Dependents::Cascade,
        summary: Some("not needed".to_owned()),
        ..set_status(ids[0], Status::Cancelled)
    };
    assert_eq!(
        scene.refused_code("agent:a", Command::SetStatus(cascade)),
        Code::GateClosed,
        "the one that waits has no summary"
    );
    scene.does("human", role(ids[0], "implementer"));
    scene.does("human", bind(session, mode("loose", Vec::new())));
    scene.does("agent:a", complete(ids[0], None));
}

#[test]
fn an_agent_may_bind_a_mode_that_demands_as_much_or_more() {
    let (scene, session, _) = gated(&[Need::Summary(10)]);
    let more = vec![gate(&[Need::Summary(20), Need::Approval])];
    scene.does("agent:a", bind(session, mode("stricter", more)));
    let less = vec![gate(&[Need::Summary(19), Need::Approval])];
    assert_eq!(scene.refused_code("agent:a", bind(session, mode("less", less))), Code::HumanOnly);
    let narrower =
        Gate { tags: vec!["x".to_owned()], ..gate(&[Need::Summary(20), Need::Approval]) };
    let narrower = mode("narrower", vec![narrower]);
    assert_eq!(scene.refused_code("agent:a", bind(session, narrower)), Code::HumanOnly);
}

#[test]
fn a_recovery_carries_the_gates_over() {
    let (scene, session, id) = gated(&[Need::Approval]);
    let recovered = bind_from(session, mode("strict", Vec::new()), ModeSource::CompiledIn);
    scene.does("system", recovered);
    assert_eq!(in_force(&scene, session).gates, [gate(&[Need::Approval])]);
    scene.does("agent:a", complete(id, Some("done")));
    assert_eq!(task(&scene, id).status, Status::Review);
}

#[test]
fn a_gate_may_stand_before_the_start() {
    let (scene, session) = Scene::live();
    let start = Gate { to: Status::Active, ..gate(&[Need::Checklist]) };
    scene.does("human", bind(session, mode("planned", vec![start])));
    let id = scene.tasks(session, &["a"])[0];
    assert_eq!(scene.refused_code("agent:a", claim(session, Some(id))), Code::GateClosed);
    assert_eq!(
        scene.refused_code("agent:a", Command::SetStatus(set_status(id, Status::Active))),
        Code::GateClosed
    );
}

#[test]
fn rules_give_roles_to_tasks_without_one_and_the_history_names_the_rule() {
    let (scene, session) = Scene::live();
    let rule = RoutingRule {
        name: "testing_tasks".to_owned(),
        role: "tester".to_owned(),
        words: vec!["test".to_owned()],
        second_review: vec!["reviewer".to_owned()],
        complexity_boost: true,
        ..RoutingRule::default()
    };
    let routing = Mode { routing: vec![rule], ..mode("routed", Vec::new()) };
    scene.does("human", bind(session, routing));
    let new = |title: &str, role: Option<&str>| NewTask {
        title: title.to_owned(),
        role: role.map(str::to_owned),
        ..NewTask::default()
    };
    let tasks =
        vec![new("Test the login", None), new("Test it", Some("writer")), new("Ship", None)];
    let Answer::Created(made) =
        scene.does("agent:a", Command::CreateTasks(CreateTasks { session_id: session, tasks }))
    else {
        panic!()
    };
    let roles: Vec<(Option<String>, Complexity)> = made
        .iter()
        .map(|made| task(&scene, made.id))
        .map(|task| (task.role, task.complexity))
        .collect();
    assert_eq!(
        roles,
        [
            (Some("tester".to_owned()), Complexity::Complex),
            (Some("writer".to_owned()), Complexity::Moderate),
            (None, Complexity::Moderate)
        ]
    );
    let reason = scene
        .peer
        .readers
        .read(|reader| {
            let query = query::changes::ChangeQuery {
                record: Some(made[0].id.to_string()),
                ..query::changes::ChangeQuery::default()
            };
            query::changes::list(reader, &query)
        })
        .unwrap()[0]
        .reason
        .clone();
    assert_eq!(
        reason.as_deref(),
        Some("role tester by rule testing_tasks of mode routed; to be reviewed by reviewer too")
    );
}

#[test]
fn the_mode_says_how_long_claims_last_how_deep_tasks_nest_and_whether_paths_are_shared() {
    let (scene, session) = Scene::live();
    let settings = ModeSettings {
        claim_minutes: 5,
        max_subtask_depth: 1,
        path_overlap: PathOverlap::Refuse,
        default_complexity: Complexity::Simple,
        ..ModeSettings::default()
    };
    scene.does("human", bind(session, Mode { settings, ..mode("short", Vec::new()) }));
    let ids = scene.tasks(session, &["a", "b"]);
    assert_eq!(task(&scene, ids[0]).complexity, Complexity::Simple);
    let with_paths = |id, paths: &[&str]| {
        let Command::ClaimTask(wanted) = claim(session, Some(id)) else { panic!() };
        let paths = paths.iter().map(|&path| path.to_owned()).collect();
        Command::ClaimTask(ClaimTask { paths, ..wanted })
    };
    let Answer::Claimed(held) = scene.does("agent:a", with_paths(ids[0], &["src/api"])) else {
        panic!()
    };
    assert_eq!(held.claim.unwrap().minutes, 5);
    let refusal = scene.refused("agent:b", with_paths(ids[1], &["src/api/login.rs"]));
    assert_eq!(refusal.code, Code::PathsHeld);
    assert!(refusal.message.contains("a works on src/api too"), "{}", refusal.message);
    let child = NewTask {
        title: "below".to_owned(),
        parent: Some(callboard_engine::domain::command::TaskRef::Id(ids[0])),
        ..NewTask::default()
    };
    let create = CreateTasks { session_id: session, tasks: vec![child] };
    assert_eq!(scene.refused_code("human", Command::CreateTasks(create)), Code::Nesting);
}

#[test]
fn tasks_whose_role_is_gone_are_listed_and_left_as_they_are() {
    let (scene, session) = Scene::live();
    let new = |role: &str| NewTask {
        title: role.to_owned(),
        role: Some(role.to_owned()),
        ..NewTask::default()
    };
    let tasks = vec![new("tester"), new("poet"), new("poet")];
    scene.does("human", Command::CreateTasks(CreateTasks { session_id: session, tasks }));
    let strays = scene
        .peer
        .readers
        .read(|reader| query::modes::stray_roles(reader, session, &mode("x", Vec::new())))
        .unwrap();
    assert_eq!((strays.len(), strays[0].role.as_str(), strays[0].tasks), (1, "poet", 2));
    assert_eq!(strays[0].first.len(), 2);
}

#[test]
fn writers_see_the_mode_that_another_process_has_bound() {
    let (scene, session, id) = gated(&[Need::Approval]);
    let other = scene.other_peer();
    let request = callboard_engine::door::Request::new(
        callboard_engine::domain::actor::Actor::Agent("b".to_owned()),
        complete(id, Some("done")),
    );
    other.door.submit_blocking(request).unwrap();
    assert_eq!(task(&scene, id).status, Status::Review);
    assert!(Arc::new(in_force(&scene, session)).gates.len() == 1);
}
