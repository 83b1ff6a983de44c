//! Undo, redo and history.

use callboard_engine::domain::command::{
    Command, Dependents, GroupContents, Guard, NewGroup, PlaceTask, TaskPatch, UpdateTask,
};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::session::SessionMove;
use callboard_engine::domain::task::Status;
use callboard_engine::query;
use callboard_engine::query::changes::ChangeQuery;

use crate::scene::{Scene, claim, status};

const UNDO: Command = Command::Undo { seq: None };

fn rename(id: TaskId, title: &str) -> Command {
    let patch = TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() };
    Command::UpdateTask(UpdateTask { id, patch, guard: Guard::default() })
}

#[test]
fn undo_walks_back_over_ones_own_changes_and_redo_forward_again() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    scene.does("human", rename(id, "b"));
    scene.does("human", rename(id, "c"));
    scene.does(
        "agent:one",
        Command::Batch { commands: vec![status(id, Status::Active)], reason: None },
    );
    let title = || scene.task(id).title;
    scene.does("human", UNDO);
    assert_eq!(title(), "b");
    scene.does("human", UNDO);
    assert_eq!(title(), "a");
    scene.does("human", Command::Redo);
    assert_eq!(title(), "b");
    scene.does("human", Command::Redo);
    assert_eq!(title(), "c");
    assert_eq!(scene.refused_code("human", Command::Redo), Code::CannotUndo);
    scene.does("human", UNDO);
    assert_eq!(title(), "b");
    assert_eq!(scene.task(id).status, Status::Active, "the agent's change stands");
}

#[test]
fn what_somebody_changed_since_stands_in_the_way() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    scene.does("human", rename(id, "b"));
    scene.does("agent:one", rename(id, "c"));
    let refusal = scene.refused("human", UNDO);
    assert_eq!(
        (refusal.code, &refusal.details["field"]),
        (Code::CannotUndo, &serde_json::json!("title"))
    );
}

#[test]
fn a_deleted_task_comes_back_with_its_dependencies() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a", "b < a", "c < b"]);
    scene.does("human", Command::DeleteTask { id: tasks[1], dependents: Dependents::Release });
    assert!(scene.peer.readers.read(|reader| query::tasks::view(reader, tasks[1])).is_err());
    scene.does("human", UNDO);
    let b = scene.peer.readers.read(|reader| query::tasks::view(reader, tasks[1])).unwrap();
    assert_eq!((b.depends_on.len(), b.dependents.len()), (1, 1));
    let c = scene.peer.readers.read(|reader| query::tasks::row(reader, tasks[2])).unwrap();
    assert_eq!(c.unmet, 1);
}

#[test]
fn making_tasks_is_taken_back_whole_unless_work_was_built_on_them() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a", "b < a"]);
    scene.does("human", UNDO);
    assert!(
        tasks.iter().all(|id| scene
            .peer
            .readers
            .read(|reader| query::tasks::view(reader, *id))
            .is_err())
    );
    scene.does("human", Command::Redo);
    scene.does("agent:one", status(tasks[0], Status::Active));
    assert_eq!(scene.refused_code("human", UNDO), Code::CannotUndo);
}

#[test]
fn the_history_of_a_record_says_who_changed_what_from_what_to_what() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    scene.does("agent:one", rename(id, "b"));
    let query = ChangeQuery { record: Some(id.to_string()), limit: 10, ..ChangeQuery::default() };
    let changes = scene.peer.readers.read(|reader| query::changes::list(reader, &query)).unwrap();
    let newest = &changes[0];
    assert_eq!(newest.actor.to_string(), "agent:one");
    assert_eq!(
        serde_json::json!([newest.before, newest.after]),
        serde_json::json!([{"title": "a"}, {"title": "b"}])
    );
    assert_eq!(changes[1].before, None);
}

fn put(id: TaskId, parent: Option<TaskId>) -> Command {
    Command::PlaceTask(PlaceTask { id, group: None, parent: Some(parent), place: None })
}

#[test]
fn an_undo_never_puts_a_task_inside_itself_or_below_one_that_waits_for_it() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["parent", "child"]);
    let (parent, child) = (tasks[0], tasks[1]);
    scene.does("human", put(child, Some(parent)));
    let moved = scene.submit("human", put(child, None)).unwrap().seq;
    scene.does("human", put(parent, Some(child)));
    let refusal = scene.refused("human", Command::Undo { seq: Some(moved) });
    assert_eq!(refusal.code, Code::CannotUndo);
    assert!(refusal.message.contains("would contain itself"), "{refusal}");
    scene.does("human", put(parent, None));
    scene.does("human", crate::scene::waits(parent, child));
    let refusal = scene.refused("human", Command::Undo { seq: Some(moved) });
    assert!(refusal.message.contains("neither can lie within the other"), "{refusal}");
}

#[test]
fn an_undo_never_puts_a_group_inside_itself_or_back_into_one_that_is_gone() {
    let (scene, session) = Scene::live();
    let group = |name: &str, parent| {
        let new = NewGroup {
            id: None,
            session_id: session,
            parent,
            name: name.to_owned(),
            description: String::new(),
            role: None,
        };
        let Answer::Group(group) = scene.does("human", Command::CreateGroup(new)) else { panic!() };
        group.id
    };
    let place = |id, parent| Command::PlaceGroup { id, parent, before: None };
    let outer = group("outer", None);
    let inner = group("inner", Some(outer));
    let out = scene.submit("human", place(inner, None)).unwrap().seq;
    scene.does("human", place(outer, Some(inner)));
    let refusal = scene.refused("human", Command::Undo { seq: Some(out) });
    assert!(refusal.message.contains("would contain itself"), "{refusal}");
    scene.does("human", place(outer, None));
    scene.does("human", place(inner, Some(outer)));
    let delete = |id| Command::DeleteGroup { id, into: GroupContents::Refuse };
    let deleted = scene.submit("human", delete(inner)).unwrap().seq;
    scene.does("human", delete(outer));
    let refusal = scene.refused("human", Command::Undo { seq: Some(deleted) });
    assert_eq!(refusal.code, Code::CannotUndo);
    assert!(refusal.message.contains("is gone"), "{refusal}");
}

#[test]
fn a_suspended_session_has_no_status_undone() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    let done = scene.submit("human", status(id, Status::Completed)).unwrap().seq;
    scene.does("human", crate::sessions::moves(session, SessionMove::Suspend));
    assert_eq!(scene.refused_code("human", Command::Undo { seq: Some(done) }), Code::SessionState);
}

#[test]
fn a_claim_that_is_taken_back_is_let_go_and_the_task_is_free_again() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    let claimed = scene.submit("agent:one", claim(session, Some(id))).unwrap().seq;
    scene.does("human", Command::Undo { seq: Some(claimed) });
    let task = scene.task(id);
    assert_eq!((task.status, task.claim), (Status::Pending, None));
    scene.does("agent:two", claim(session, None));
}

#[test]
fn a_deletion_goes_back_and_forth_as_often_as_one_likes() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    scene.does("human", Command::DeleteTask { id, dependents: Dependents::Refuse });
    let is_there = || scene.peer.readers.read(|reader| query::tasks::view(reader, id)).is_ok();
    for _ in 0..3 {
        scene.does("human", UNDO);
        assert!(is_there());
        scene.does("human", Command::Redo);
        assert!(!is_there());
    }
    scene.does("human", UNDO);
    // What somebody else deleted since is theirs.
    scene.does("agent:one", Command::DeleteTask { id, dependents: Dependents::Refuse });
    scene.does("agent:one", UNDO);
    assert!(is_there());
}

#[test]
fn what_cannot_be_taken_back_names_what_was_done_before_it() {
    let (scene, session) = Scene::live();
    let ids = scene.tasks(session, &["a", "b"]);
    let earlier = scene.submit("human", rename(ids[0], "c")).unwrap().seq;
    scene.does("human", rename(ids[1], "d"));
    scene.does("agent:one", rename(ids[1], "e"));
    let refusal = scene.refused("human", UNDO);
    assert_eq!(refusal.details["earlier"], serde_json::json!(earlier));
    scene.does("human", Command::Undo { seq: Some(earlier) });
    assert_eq!(scene.task(ids[0]).title, "a");
}

#[test]
fn a_move_of_a_session_is_never_passed_over_for_something_older() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    scene.does("human", rename(id, "b"));
    scene.does("human", crate::sessions::moves(session, SessionMove::Suspend));
    let refusal = scene.refused("human", UNDO);
    assert_eq!(refusal.code, Code::CannotUndo);
    assert!(refusal.message.contains("use the move that leads back"), "{}", refusal.message);
    assert_eq!(scene.task(id).title, "b");
}
