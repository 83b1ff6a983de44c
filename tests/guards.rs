//! Compare and set by field, and calls that are repeated.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{
    Command, CreateTasks, Guard, NewTask, TaskPatch, UpdateTask,
};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::Priority;
use callboard_engine::door::{Repeatable, Request, Step, print};

use crate::scene::Scene;

fn update(id: TaskId, if_version: i64, patch: TaskPatch) -> Command {
    Command::UpdateTask(UpdateTask {
        id,
        patch,
        guard: Guard { if_version: Some(if_version), ..Guard::default() },
    })
}

fn titled(title: &str) -> TaskPatch {
    TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() }
}

#[test]
fn an_old_version_goes_through_where_it_touches_other_fields() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    scene.does("agent:one", update(id, 1, titled("b")));
    scene.does(
        "agent:two",
        update(id, 1, TaskPatch { priority: Some(Priority::High), ..TaskPatch::default() }),
    );
    scene.does("agent:two", update(id, 1, titled("b")));
    let task = scene.task(id);
    assert_eq!((task.title.as_str(), task.priority), ("b", Priority::High));
    let refusal = scene.refused("agent:two", update(id, 1, titled("c")));
    assert_eq!(refusal.code, Code::VersionClash);
    assert_eq!(refusal.details["yours"], "c");
    assert_eq!(refusal.details["current"], "b");
    assert_eq!(refusal.details["changed_by"], "agent:one");
}

#[test]
fn tags_from_an_old_version_merge_as_sets() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    let tags = |words: &[&str]| TaskPatch {
        tags: Some(words.iter().map(|word| (*word).to_owned()).collect()),
        ..TaskPatch::default()
    };
    scene.does("human", update(id, 1, tags(&["x", "y"])));
    scene.does("agent:one", update(id, 2, tags(&["x", "y", "one"])));
    scene.does("agent:two", update(id, 2, tags(&["y", "two"])));
    assert_eq!(scene.task(id).tags, ["one", "two", "y"]);
}

#[test]
fn a_repeated_call_gets_the_first_answer_and_changes_nothing() {
    let (scene, session) = Scene::live();
    let create = |title: &str| {
        let tasks = vec![NewTask { title: title.to_owned(), ..NewTask::default() }];
        let command = Command::CreateTasks(CreateTasks { session_id: session, tasks });
        let call = Repeatable::new("key-1", print(title)).unwrap();
        let step = Step { call, name: "create_tasks/0".to_owned() };
        Request::new(Actor::agent("one"), command).as_step(Some(step))
    };
    let first = scene.peer.door.submit_blocking(create("a")).unwrap();
    let second = scene.peer.door.submit_blocking(create("a")).unwrap();
    assert_eq!(first, second);
    let refusal = scene.peer.door.submit_blocking(create("b")).unwrap_err();
    assert_eq!(refusal.code, Code::KeyReused);
}

#[test]
fn a_batch_is_kept_whole_or_not_at_all() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    let change = |title: &str| {
        Command::UpdateTask(UpdateTask { id, patch: titled(title), guard: Guard::default() })
    };
    let refusal = scene
        .refused("human", Command::Batch { commands: vec![change("b"), change("")], reason: None });
    assert_eq!(
        (refusal.code, &refusal.details["index"]),
        (Code::InvalidText, &serde_json::json!(1))
    );
    assert_eq!(scene.task(id).title, "a");
    scene.does("human", Command::Batch { commands: vec![change("b"), change("c")], reason: None });
    assert_eq!(scene.task(id).title, "c");
}

#[test]
fn hostile_text_is_refused_or_kept_as_data() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    let long = "x".repeat(10 << 20);
    for title in ["", "  ", "a\nb", "a\u{1b}[31m", "\u{7}", "a\0b", long.as_str()] {
        let command =
            Command::UpdateTask(UpdateTask { id, patch: titled(title), guard: Guard::default() });
        assert_eq!(scene.refused_code("agent:evil", command), Code::InvalidText);
    }
    let described =
        |text: &str| TaskPatch { description: Some(text.to_owned()), ..TaskPatch::default() };
    let guard = Guard::default;
    for text in [long.as_str(), "a\0b"] {
        let command =
            Command::UpdateTask(UpdateTask { id, patch: described(text), guard: guard() });
        assert_eq!(scene.refused_code("agent:evil", command), Code::InvalidText);
    }
    let kept = "'); DROP TABLE tasks; -- \u{202e} <!-- t-00000000 -->";
    scene.does(
        "agent:evil",
        Command::UpdateTask(UpdateTask { id, patch: described(kept), guard: guard() }),
    );
    assert_eq!(scene.task(id).description, kept);
}
