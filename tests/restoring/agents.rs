//! What an agent does not get by a restore: out of a gate, through one, or roles. A person does.

use std::fs;

use callboard_engine::backup::restore::{First, RestoreScope, Wanted, restore};
use callboard_engine::backup::{self, Request, unwatched};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Reason, Scope};
use callboard_engine::domain::command::{
    Command, Dependents, Guard, SetStatus, TaskPatch, UpdateTask,
};
use callboard_engine::domain::gate::{Gate, Need};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::restore::{MergeStrategy, Purpose};
use callboard_engine::domain::task::Status;
use callboard_engine::query;

use super::board::{Copied, content, copied, copied_with, is_sound, restored, tried};
use crate::gates::{bind, gate, mode};
use crate::scene::{Scene, set_status};

const ALL: [MergeStrategy; 3] =
    [MergeStrategy::Replace, MergeStrategy::Merge, MergeStrategy::SkipExisting];
const PEOPLE: [&str; 2] = ["agent:one", "human"];

fn binds(scene: &Scene, session: SessionId, name: &str, gates: Vec<Gate>) {
    scene.does("human", bind(session, mode(name, gates)));
}

/// The mode in force, and its gates.
fn in_force(scene: &Scene, id: SessionId) -> (String, usize) {
    let look = |reader: &callboard_engine::store::Reader| {
        let session = query::sessions::get(reader, id)?;
        let mode = query::modes::in_force(reader, &session)?.unwrap_or_default();
        Ok((session.mode, mode.gates.len()))
    };
    scene.peer.readers.read(look).unwrap()
}

fn patch(scene: &Scene, id: TaskId, patch: TaskPatch) {
    let update = UpdateTask { id, patch, guard: Guard::default() };
    scene.does("human", Command::UpdateTask(update));
}

fn moves(scene: &Scene, id: TaskId, to: Status) {
    let set = SetStatus { force: true, reason: Some("so be it".to_owned()), ..set_status(id, to) };
    scene.does("human", Command::SetStatus(set));
}

fn all_of(copied: &Copied, scene: &Scene, strategy: MergeStrategy) -> Command {
    copied.command(scene, strategy, &[])
}

#[test]
fn no_agent_drops_a_gate_by_restoring_the_mode_of_before_and_a_person_does() {
    let approval = || vec![gate(&[Need::Approval])];
    let stricter = || vec![gate(&[Need::Summary(80)])];
    let laxer = || vec![gate(&[Need::Summary(10)])];
    let of_testers = || vec![Gate { roles: vec!["tester".to_owned()], ..gate(&[Need::Approval]) }];
    for (before, now, is_lost) in [
        (Vec::new(), approval(), true),
        (laxer(), stricter(), true),
        (of_testers(), approval(), true),
        (stricter(), laxer(), false),
        (approval(), Vec::new(), false),
        (approval(), approval(), false),
    ] {
        for (strategy, who) in ALL.into_iter().flat_map(|one| PEOPLE.map(|who| (one, who))) {
            rebound((&before, &now, is_lost), strategy, who);
        }
    }
}

/// Brings back a mode with some gates where others are in force.
fn rebound((before, now, is_lost): (&[Gate], &[Gate], bool), strategy: MergeStrategy, who: &str) {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    binds(&scene, session, "before", before.to_vec());
    let backup = copied(&scene);
    binds(&scene, session, "now", now.to_vec());
    let was = content(&scene);
    let command = all_of(&backup, &scene, strategy);
    let case = format!("{strategy} {who} {before:?} {now:?}");
    let replaces = strategy == MergeStrategy::Replace;
    if replaces && is_lost && who != "human" {
        for command in [tried(command.clone()), command] {
            let refusal = scene.refused(who, command);
            assert_eq!(refusal.code, Code::HumanOnly, "{case}");
            assert!(refusal.suggested_action.is_some(), "{refusal:?}");
        }
        assert_eq!(content(&scene), was, "{case}");
        assert_eq!(in_force(&scene, session).0, "now");
        let named = backup.command(&scene, strategy, &["Work"]);
        assert_eq!(scene.refused_code(who, named), Code::HumanOnly);
    } else {
        scene.does(who, command);
        let expected = if replaces { "before" } else { "now" };
        assert_eq!(in_force(&scene, session).0, expected, "{case}");
    }
    is_sound(&scene);
}

#[test]
fn a_mode_whose_content_is_not_what_its_name_says_is_not_brought_back() {
    let (scene, session) = Scene::live();
    binds(&scene, session, "lax", Vec::new());
    binds(&scene, session, "strict", vec![gate(&[Need::Approval])]);
    // The name of the one that demands nothing, with a text that seems to demand much.
    let forged = "UPDATE orchestration_sessions SET binding = (SELECT binding FROM mode_bindings WHERE to_mode = 'lax');
        UPDATE mode_contents SET content = (SELECT content FROM mode_contents WHERE content LIKE '%strict%')
            WHERE content LIKE '%\"lax\"%'";
    let backup = copied_with(&scene, forged);
    scene.does("agent:one", all_of(&backup, &scene, MergeStrategy::Replace));
    assert_eq!(in_force(&scene, session), ("strict".to_owned(), 1));
}

/// What the backup says of a task, and what was done to it since.
struct Case {
    needs: Need,
    to: Status,
    backed_up: Status,
    now: Status,
    /// Whether a gate stands before what the backup says.
    is_gated: bool,
}

#[test]
fn no_agent_moves_a_task_through_a_gate_by_restoring_it_and_a_person_does() {
    use Status::{Active, Cancelled, Completed, Pending, Review};
    for Case { needs, to, backed_up, now, is_gated } in [
        case(Need::Approval, Completed, Completed, Pending, true),
        case(Need::Approval, Completed, Completed, Review, true),
        case(Need::Summary(50), Completed, Completed, Active, true),
        case(Need::Checklist, Review, Review, Active, true),
        case(Need::Approval, Cancelled, Cancelled, Active, true),
        case(Need::Approval, Completed, Active, Completed, false),
        case(Need::Approval, Completed, Review, Pending, false),
        case(Need::Approval, Review, Completed, Active, false),
    ] {
        for who in PEOPLE {
            let (scene, session) = Scene::live();
            binds(
                &scene,
                session,
                "gated",
                vec![Gate { to, ..gate(std::slice::from_ref(&needs)) }],
            );
            let task = scene.tasks(session, &["a"]).remove(0);
            reach(&scene, task, backed_up);
            let backup = copied(&scene);
            reach(&scene, task, now);
            let command = all_of(&backup, &scene, MergeStrategy::Replace);
            let told = restored(scene.submit(who, command).map(|done| done.answer));
            let case = format!("{who}: {needs:?} before {to}, {backed_up} was, {now} is");
            let held = is_gated && who != "human";
            assert_eq!(scene.task(task).status, if held { now } else { backed_up }, "{case}");
            let fields: Vec<&str> = told.clashes.iter().map(|one| one.field.as_str()).collect();
            assert_eq!(fields, if held { vec!["status"] } else { vec![] }, "{case}");
            is_sound(&scene);
        }
    }
}

fn case(needs: Need, to: Status, backed_up: Status, now: Status, is_gated: bool) -> Case {
    Case { needs, to, backed_up, now, is_gated }
}

/// A person leads a task to a status, whatever stands before it.
fn reach(scene: &Scene, task: TaskId, to: Status) {
    let here = scene.task(task).status;
    if here == to {
        return;
    }
    if !here.may_become(to) {
        moves(scene, task, Status::Pending);
    }
    if scene.task(task).status != to {
        moves(scene, task, to);
    }
}

#[test]
fn a_task_that_was_deleted_comes_back_to_an_agent_as_it_went_where_a_gate_stands() {
    for (who, expected) in [("agent:one", Status::Pending), ("human", Status::Completed)] {
        let (scene, session) = Scene::live();
        binds(&scene, session, "gated", vec![gate(&[Need::Approval])]);
        let empty = copied(&scene);
        let task = scene.tasks(session, &["a"]).remove(0);
        moves(&scene, task, Status::Completed);
        let approved = copied(&scene);
        moves(&scene, task, Status::Pending);
        // The way around: a restore that takes the task away, and one that brings it back.
        scene.does(who, all_of(&empty, &scene, MergeStrategy::Replace));
        scene.does(who, all_of(&approved, &scene, MergeStrategy::Merge));
        assert_eq!(scene.task(task).status, expected, "{who}");
        is_sound(&scene);
    }
    // A person deleted it; an agent brings it back.
    let (scene, session) = Scene::live();
    binds(&scene, session, "gated", vec![gate(&[Need::Approval])]);
    let task = scene.tasks(session, &["a"]).remove(0);
    moves(&scene, task, Status::Completed);
    let approved = copied(&scene);
    scene.does("human", Command::DeleteTask { id: task, dependents: Dependents::Release });
    scene.does("agent:one", all_of(&approved, &scene, MergeStrategy::Replace));
    assert_eq!(scene.task(task).status, Status::Completed, "so it was when it went");
}

#[test]
fn no_agent_gets_a_task_out_of_a_gate_by_its_role_or_tags_of_before_and_a_person_does() {
    let of_testers = Gate { roles: vec!["tester".to_owned()], ..gate(&[Need::Approval]) };
    let of_tagged = Gate { tags: vec!["risky".to_owned()], ..gate(&[Need::Approval]) };
    let role = |role: &str| TaskPatch { role: Some(Some(role.to_owned())), ..TaskPatch::default() };
    let tags = |tags: &[&str]| TaskPatch {
        tags: Some(tags.iter().map(|&tag| tag.to_owned()).collect()),
        ..TaskPatch::default()
    };
    for (gate, before, now, is_escape) in [
        (&of_testers, role("implementer"), role("tester"), true),
        (&of_testers, role("tester"), role("implementer"), false),
        (&of_tagged, tags(&[]), tags(&["risky"]), true),
        (&of_tagged, tags(&["risky"]), tags(&["other"]), false),
    ] {
        for who in PEOPLE {
            let (scene, session) = Scene::live();
            binds(&scene, session, "gated", vec![gate.clone()]);
            let task = scene.tasks(session, &["a"]).remove(0);
            patch(&scene, task, before.clone());
            let was = (scene.task(task).role, scene.task(task).tags);
            let backup = copied(&scene);
            patch(&scene, task, now.clone());
            let is = (scene.task(task).role, scene.task(task).tags);
            scene.does(who, all_of(&backup, &scene, MergeStrategy::Replace));
            let found = (scene.task(task).role, scene.task(task).tags);
            let held = is_escape && who != "human";
            assert_eq!(found, if held { is } else { was }, "{who}: {before:?}, then {now:?}");
        }
    }
}

fn wanted(actor: Actor) -> Wanted {
    Wanted {
        scope: RestoreScope::Full,
        sessions: Vec::new(),
        strategy: MergeStrategy::Replace,
        purpose: Purpose::Keep,
        first: First::GoOn,
        actor,
    }
}

fn back_up(scene: &Scene) {
    let request = Request {
        name: Some("good".to_owned()),
        ..Request::automatic(Scope::Full, Reason::Manual)
    };
    backup::create(&scene.peer, &request, &unwatched).unwrap();
}

const FILES: [&str; 4] =
    ["roles/crew.yaml", "config.yaml", "task_templates/plan.yaml", "templates/session.md"];

#[test]
fn no_agent_brings_back_roles_modes_templates_and_settings_and_a_person_does() {
    for actor in [Actor::agent("one"), Actor::Human] {
        let (scene, session) = Scene::live();
        scene.tasks(session, &["a"]);
        let home = scene.peer.paths.task_orchestrator();
        for file in FILES {
            fs::create_dir_all(home.join(file).parent().unwrap()).unwrap();
            fs::write(home.join(file), "# before\n").unwrap();
        }
        back_up(&scene);
        for file in &FILES[1..] {
            fs::write(home.join(file), "# now\n").unwrap();
        }
        fs::remove_file(home.join(FILES[0])).unwrap();
        let told = restore(&scene.peer, "good", &wanted(actor.clone()), &unwatched).unwrap();
        assert_eq!(told.files.failed, Vec::<String>::new());
        let texts = FILES.map(|file| fs::read_to_string(home.join(file)).ok());
        if actor.is_agent() {
            let now = Some("# now\n".to_owned());
            assert_eq!(texts, [None, now.clone(), now.clone(), now]);
            assert!(told.notes.iter().any(|note| note.contains("a person does")), "{told:?}");
        } else {
            assert_eq!(texts, [(); 4].map(|()| Some("# before\n".to_owned())));
        }
    }
}

#[test]
fn no_agent_makes_an_empty_project_live_with_a_mode_that_demands_less_than_its_own() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    binds(&scene, session, "lax", Vec::new());
    back_up(&scene);
    let strict = "extends: default_roles\ngates: {completed: {approval: true}}\n";
    for (actor, may) in [(Actor::agent("one"), false), (Actor::Human, true)] {
        let fresh = Scene::new();
        let home = fresh.peer.paths.task_orchestrator();
        fs::create_dir_all(home.join("roles")).unwrap();
        fs::write(home.join("roles/project_roles.yaml"), strict).unwrap();
        fs::create_dir_all(fresh.peer.paths.backups()).unwrap();
        for file in fs::read_dir(scene.peer.paths.backups()).unwrap().flatten() {
            fs::copy(file.path(), fresh.peer.paths.backups().join(file.file_name())).unwrap();
        }
        let database = Wanted { scope: RestoreScope::Database, ..wanted(actor) };
        let told = restore(&fresh.peer, "good", &database, &unwatched);
        assert_eq!(told.is_ok(), may, "{told:?}");
        if let Err(refusal) = told {
            assert_eq!(refusal.code, Code::HumanOnly, "{refusal:?}");
            assert_eq!((content(&fresh), fresh.latest()), (Vec::new(), 0));
        }
    }
}
