//! Forgetting old changes: only what nothing stands on, and nobody is misled by what is missing.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::change::{Change, Verb};
use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateSession, UpdateTask};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::Status;
use callboard_engine::domain::time::DAY_MS;
use callboard_engine::query;
use callboard_engine::query::changes::{self, ChangeQuery};
use callboard_engine::upkeep::cleanup::Sort;

use super::{clear, wrong};
use crate::scene::{Scene, status};

fn rename(id: TaskId, title: &str, if_version: Option<i64>) -> Command {
    let patch = TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() };
    let guard = Guard { if_version, ..Guard::default() };
    Command::UpdateTask(UpdateTask { id, patch, guard })
}

fn feed(scene: &Scene) -> Vec<Change> {
    let query = ChangeQuery { after: Some(0), limit: 1_000, ..ChangeQuery::default() };
    scene.peer.readers.read(|reader| changes::list(reader, &query)).unwrap()
}

/// Two tasks of long ago, one renamed often and finished, and enough changes of today.
fn old_board() -> (Scene, Vec<TaskId>) {
    let (scene, session) = Scene::live();
    let ids = scene.tasks(session, &["often", "once"]);
    for n in 0..40 {
        scene.does("human", rename(ids[0], &format!("name {n}"), None));
    }
    scene.does("human", status(ids[0], Status::Completed));
    scene.clock.advance_ms(100 * DAY_MS);
    let today = scene.tasks(session, &["today"]);
    for n in 0..250 {
        scene.does("human", rename(today[0], &format!("day {n}"), None));
    }
    (scene, ids)
}

#[test]
fn old_changes_go_but_what_something_stands_on_stays() {
    let (scene, ids) = old_board();
    let before = feed(&scene);
    let cleared = clear(&scene, &Actor::Human, &[Sort::OldChanges]);
    assert_eq!(cleared.left, []);
    let after = feed(&scene);
    assert_eq!(before.len() - after.len(), 40, "every renaming of long ago");
    let of = |id: TaskId| -> Vec<Verb> {
        let all = after.iter().filter(|change| change.record == id.to_string());
        all.map(|change| change.verb).collect()
    };
    // What was made by one command stays whole, as the other task has nothing newer.
    assert_eq!(of(ids[0]), [Verb::TaskCreated, Verb::TaskCompleted]);
    assert_eq!(of(ids[1]), [Verb::TaskCreated]);
    assert_eq!(wrong(&scene), []);
    assert_eq!(clear(&scene, &Actor::Human, &[Sort::OldChanges]).fixed, []);
}

#[test]
fn who_knows_only_a_version_of_before_what_is_forgotten_overwrites_nothing() {
    let (scene, ids) = old_board();
    let code = |seen| scene.refused_code("human", rename(ids[0], "again", Some(seen)));
    assert_eq!(code(3), Code::VersionClash);
    clear(&scene, &Actor::Human, &[Sort::OldChanges]);
    assert_eq!(code(3), Code::VersionClash, "although no change of the title is left");
    let version = scene.task(ids[0]).version;
    scene.does("human", rename(ids[0], "again", Some(version)));
}

#[test]
fn neither_an_agent_nor_anybody_forgets_what_is_younger_or_stands() {
    let (scene, _) = old_board();
    let all = feed(&scene);
    let newest = all.last().unwrap().command;
    let forget = |commands: Vec<i64>| Command::ForgetChanges { commands };
    assert_eq!(scene.refused_code("agent:one", forget(vec![1])), Code::HumanOnly);
    for (command, why) in [(newest, "not older"), (all[0].command, "is kept")] {
        let refusal = scene.refused("human", forget(vec![command]));
        assert!(refusal.message.contains(why), "{refusal:?}");
    }
}

#[test]
fn the_last_change_of_a_session_stays_though_a_message_came_after_it() {
    let (scene, session) = Scene::live();
    let update = UpdateSession {
        id: session,
        name: Some("Renamed".to_owned()),
        goal: None,
        if_version: None,
    };
    scene.does("human", Command::UpdateSession(update.clone()));
    let text = "Look at this.".to_owned();
    scene.does("human", Command::SendMessage { session_id: session, to: "a".to_owned(), text });
    let all = feed(&scene);
    let updated = all.iter().find(|change| change.verb == Verb::SessionUpdated);
    let renamed = updated.unwrap().command;
    scene.clock.advance_ms(100 * DAY_MS);
    let today = scene.tasks(session, &["today"]);
    for n in 0..250 {
        scene.does("human", rename(today[0], &format!("day {n}"), None));
    }
    clear(&scene, &Actor::Human, &[Sort::OldChanges]);
    let forget = Command::ForgetChanges { commands: vec![renamed] };
    assert!(scene.refused("human", forget).message.contains("the last that happened"));
    let seen = scene.peer.readers.read(|reader| query::sessions::get(reader, session));
    let again = UpdateSession { if_version: Some(seen.unwrap().version), ..update };
    scene.does("human", Command::UpdateSession(again));
}
