//! Tasks and groups: trees, moves, deletions, progress.

use callboard_engine::domain::command::{
    Command, CreateTasks, Dependents, GroupContents, Guard, NewGroup, NewTask, Place, PlaceTask,
    SetStatus, TaskPatch, TaskRef, UpdateTask,
};
use callboard_engine::domain::id::{GroupId, SessionId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::Status;
use callboard_engine::query;
use callboard_engine::query::tasks::{TaskOrder, TaskQuery, Within};

use crate::scene::{Scene, claim, set_status, status};

fn group(scene: &Scene, session: SessionId, name: &str, parent: Option<GroupId>) -> GroupId {
    let new = NewGroup {
        id: None,
        session_id: session,
        name: name.to_owned(),
        parent,
        description: String::new(),
        role: None,
    };
    let Answer::Group(group) = scene.does("human", Command::CreateGroup(new)) else { panic!() };
    group.id
}

fn new(title: &str) -> NewTask {
    NewTask { title: title.to_owned(), local: Some(title.to_owned()), ..NewTask::default() }
}

fn create(session_id: SessionId, tasks: Vec<NewTask>) -> Command {
    Command::CreateTasks(CreateTasks { session_id, tasks })
}

fn local(name: &str) -> TaskRef {
    TaskRef::Local(name.to_owned())
}

#[test]
fn a_tree_is_made_by_local_names_in_any_order() {
    let (scene, session) = Scene::live();
    let tasks = vec![
        NewTask { parent: Some(local("epic")), depends_on: vec![local("b")], ..new("a") },
        NewTask { parent: Some(local("epic")), ..new("b") },
        new("epic"),
    ];
    let Answer::Created(made) = scene.does("agent:planner", create(session, tasks)) else {
        panic!()
    };
    let epic = scene.peer.readers.read(|reader| query::tasks::view(reader, made[2].id)).unwrap();
    assert_eq!(
        epic.children.iter().map(|child| child.title.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    let a = scene.peer.readers.read(|reader| query::tasks::view(reader, made[0].id)).unwrap();
    assert_eq!((a.depends_on[0].title.as_str(), a.ready), ("b", false));
}

#[test]
fn a_tree_with_a_fault_anywhere_makes_nothing() {
    let (scene, session) = Scene::live();
    let faults: [(Vec<NewTask>, Code); 6] = [
        (vec![new("a"), NewTask { title: String::new(), ..NewTask::default() }], Code::InvalidText),
        (
            vec![
                NewTask { depends_on: vec![local("b")], ..new("a") },
                NewTask { depends_on: vec![local("a")], ..new("b") },
            ],
            Code::DependencyCycle,
        ),
        (vec![NewTask { parent: Some(local("a")), ..new("a") }], Code::Nesting),
        (vec![NewTask { parent: Some(local("nobody")), ..new("a") }], Code::UnknownId),
        (vec![new("a"), new("a")], Code::NameTaken),
        (
            vec![
                NewTask { parent: Some(local("b")), depends_on: vec![local("b")], ..new("a") },
                new("b"),
            ],
            Code::Nesting,
        ),
    ];
    for (tasks, code) in faults {
        assert_eq!(scene.refused_code("agent:planner", create(session, tasks)), code);
    }
}

#[test]
fn progress_of_a_group_is_the_weighted_mean_of_its_leaves() {
    let (scene, session) = Scene::live();
    let backend = group(&scene, session, "Backend", None);
    let api = group(&scene, session, "API", Some(backend));
    let sized = |title: &str, group, minutes| NewTask {
        group: Some(group),
        estimate_minutes: Some(minutes),
        ..new(title)
    };
    let tasks = vec![
        sized("a", backend, 30),
        sized("b", api, 90),
        NewTask { parent: Some(local("b")), estimate_minutes: Some(10), ..new("b1") },
        NewTask { parent: Some(local("b")), estimate_minutes: Some(20), ..new("b2") },
    ];
    let Answer::Created(made) = scene.does("human", create(session, tasks)) else { panic!() };
    scene.does("human", status(made[2].id, Status::Completed));
    let tree = scene.peer.readers.read(|reader| query::groups::tree(reader, session)).unwrap();
    let found: Vec<_> = tree
        .iter()
        .map(|row| (row.path.as_str(), row.counts.percent, row.tree.percent, row.tree.all()))
        .collect();
    assert_eq!(found, [("Backend", 0, 16, 4), ("Backend / API", 33, 33, 3)]);
    let parent = scene.peer.readers.read(|reader| query::tasks::view(reader, made[1].id)).unwrap();
    assert_eq!(parent.progress, 33);
}

#[test]
fn deleting_a_group_asks_where_its_tasks_go() {
    let (scene, session) = Scene::live();
    let (old, home) = (group(&scene, session, "Old", None), group(&scene, session, "Home", None));
    scene.does("human", create(session, vec![NewTask { group: Some(old), ..new("a") }]));
    let delete = |into| Command::DeleteGroup { id: old, into };
    assert_eq!(scene.refused_code("human", delete(GroupContents::Refuse)), Code::NotEmpty);
    scene.does("human", delete(GroupContents::MoveTo(Some(home))));
    let query = TaskQuery { within: Within::Group(Some(home)), ..TaskQuery::new(session) };
    let page = scene.peer.readers.read(|reader| query::tasks::list(reader, &query)).unwrap();
    assert_eq!((page.items[0].title.as_str(), page.total), ("a", Some(1)));
}

#[test]
fn cancelling_what_others_wait_for_asks_what_becomes_of_them() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a", "b < a", "c < b"]);
    let cancel = |dependents| {
        Command::SetStatus(SetStatus { dependents, ..set_status(tasks[0], Status::Cancelled) })
    };
    let refusal = scene.refused("agent:one", cancel(Dependents::Refuse));
    assert_eq!(
        (refusal.code, &refusal.details["dependents"][0]["title"]),
        (Code::HasDependents, &serde_json::json!("b"))
    );
    let outcome = scene.submit("human", cancel(Dependents::Release)).unwrap();
    assert_eq!(outcome.notes, ["1 task that waited for it no longer waits for it"]);
    let b = scene.peer.readers.read(|reader| query::tasks::view(reader, tasks[1])).unwrap();
    assert!(b.ready && b.depends_on.is_empty());
}

#[test]
fn what_waits_inside_a_cancelled_tree_goes_with_it_and_who_waits_outside_is_named() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["root", "b", "a < b", "outside < a"]);
    let put = |id, parent| {
        let place = PlaceTask { id, group: None, parent: Some(Some(parent)), place: None };
        scene.does("human", Command::PlaceTask(place))
    };
    put(tasks[1], tasks[0]);
    put(tasks[2], tasks[0]);
    let cancel = |dependents| {
        Command::SetStatus(SetStatus { dependents, ..set_status(tasks[0], Status::Cancelled) })
    };
    let refusal = scene.refused("human", cancel(Dependents::Refuse));
    assert_eq!(refusal.details["dependents"][0]["title"], "outside");
    assert_eq!(refusal.details["dependents"].as_array().unwrap().len(), 1, "a and b go too");
    scene.does("agent:one", claim(session, Some(tasks[1])));
    let held = scene.refused("agent:two", cancel(Dependents::Release));
    assert_eq!(held.code, Code::TaskHeld, "what another agent holds is not taken from it");
    scene.does("human", cancel(Dependents::Release));
    assert_eq!(scene.task(tasks[2]).status, Status::Cancelled);
    assert_eq!(scene.task(tasks[3]).status, Status::Pending);
}

#[test]
fn a_tree_is_not_moved_below_what_one_of_its_tasks_waits_for() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["p", "x", "y < p"]);
    let put = |id, parent| {
        Command::PlaceTask(PlaceTask { id, group: None, parent: Some(Some(parent)), place: None })
    };
    scene.does("human", put(tasks[2], tasks[1]));
    assert_eq!(scene.refused_code("human", put(tasks[1], tasks[0])), Code::Nesting);
}

#[test]
fn progress_of_a_task_with_children_is_computed_and_never_set() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["parent", "child"]);
    let place = PlaceTask { id: tasks[1], group: None, parent: Some(Some(tasks[0])), place: None };
    scene.does("human", Command::PlaceTask(place));
    let patch = TaskPatch { progress: Some(50), ..TaskPatch::default() };
    let set =
        |id| Command::UpdateTask(UpdateTask { id, patch: patch.clone(), guard: Guard::default() });
    assert_eq!(scene.refused_code("human", set(tasks[0])), Code::InvalidValue);
    scene.does("human", set(tasks[1]));
    assert_eq!(scene.task(tasks[1]).progress, 50);
}

#[test]
fn what_one_agent_finished_another_does_not_finish_again() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    let finish = |summary: &str| {
        let summary = Some(summary.to_owned());
        Command::SetStatus(SetStatus { summary, ..set_status(id, Status::Completed) })
    };
    scene.does("agent:one", finish("mine"));
    let refusal = scene.refused("agent:two", finish("no, mine"));
    assert_eq!(refusal.details["completed_by"], "agent:one");
    scene.does("agent:one", finish("mine, and more"));
    assert_eq!(scene.task(id).result_summary.as_deref(), Some("mine, and more"));
}

#[test]
fn a_new_reason_for_the_same_status_is_kept() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    let block = |reason: &str| {
        let reason = Some(reason.to_owned());
        Command::SetStatus(SetStatus { reason, ..set_status(id, Status::Blocked) })
    };
    scene.does("agent:one", block("no key"));
    scene.does("agent:one", block("no door"));
    assert_eq!(scene.task(id).reason.as_deref(), Some("no door"));
}

#[test]
fn a_place_between_neighbours_is_always_found() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a", "b", "c"]);
    let between = |id, place| {
        Command::PlaceTask(PlaceTask { id, group: None, parent: None, place: Some(place) })
    };
    for turn in 0..60 {
        let (moving, other) =
            if turn % 2 == 0 { (tasks[1], tasks[2]) } else { (tasks[2], tasks[1]) };
        scene.does("human", between(moving, Place::After(tasks[0])));
        let query = TaskQuery {
            order: TaskOrder::Position,
            within: Within::Siblings { group: None, parent: None },
            ..TaskQuery::new(session)
        };
        let page = scene.peer.readers.read(|reader| query::tasks::list(reader, &query)).unwrap();
        let order: Vec<_> = page.items.iter().map(|task| task.id).collect();
        assert_eq!(order, [tasks[0], moving, other], "after {turn} moves");
    }
}

#[test]
fn a_parent_is_not_completed_over_open_children_and_never_moved_into_itself() {
    let (scene, session) = Scene::live();
    let tasks = vec![new("epic"), NewTask { parent: Some(local("epic")), ..new("part") }];
    let Answer::Created(made) = scene.does("human", create(session, tasks)) else { panic!() };
    assert_eq!(
        scene.refused_code("agent:one", status(made[0].id, Status::Completed)),
        Code::OpenTasks
    );
    let inside =
        PlaceTask { id: made[0].id, group: None, parent: Some(Some(made[1].id)), place: None };
    assert_eq!(scene.refused_code("human", Command::PlaceTask(inside)), Code::Nesting);
}

#[test]
fn pages_continue_where_they_ended_while_tasks_come_and_go() {
    let (scene, session) = Scene::live();
    let names: Vec<String> = (0..50).map(|n| format!("task {n:02}")).collect();
    let lines: Vec<&str> = names.iter().map(String::as_str).collect();
    scene.tasks(session, &lines);
    for order in TaskOrder::ALL {
        let mut query = TaskQuery { order: *order, limit: 7, ..TaskQuery::new(session) };
        let mut seen = Vec::new();
        loop {
            let page =
                scene.peer.readers.read(|reader| query::tasks::list(reader, &query)).unwrap();
            assert_eq!(page.total, Some(50));
            seen.extend(page.items.into_iter().map(|task| task.title));
            let Some(cursor) = page.cursor else { break };
            query.cursor = Some(cursor);
        }
        seen.sort_unstable();
        assert_eq!(seen, names, "{order}");
    }
}
