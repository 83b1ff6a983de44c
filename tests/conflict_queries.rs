//! What people and agents see of conflicts and documents.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, Guard, OnClash, TaskPatch, UpdateTask};
use callboard_engine::domain::conflict::{Choice, ResolveConflict};
use callboard_engine::domain::document::{DocumentKind, DocumentNote, DocumentState};
use callboard_engine::domain::id::{ConflictId, SessionId, TaskId};
use callboard_engine::domain::time::MINUTE_MS;
use callboard_engine::query::conflicts::{ConflictQuery, ConflictRow, Which, Whose};
use callboard_engine::query::rows::{InboxItem, NeedAbout, NeedKind};
use callboard_engine::query::{conflicts, inbox, ledger, needs};
use serde_json::json;

use crate::scene::{NOON, Scene};

fn titled(id: TaskId, title: &str, if_version: Option<i64>) -> Command {
    let patch = TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() };
    let guard = Guard { if_version, on_clash: OnClash::Conflict, ..Guard::default() };
    Command::UpdateTask(UpdateTask { id, patch, guard })
}

/// A task that two agents retitled.
fn clash() -> (Scene, SessionId, TaskId, ConflictId) {
    let (scene, session) = Scene::live();
    let id = *scene.tasks(session, &["draft"]).first().unwrap();
    scene.does("agent:one", titled(id, "from one", Some(1)));
    scene.does("agent:two", titled(id, "from two", Some(1)));
    let conflict = rows(&scene, &ConflictQuery { limit: 9, ..ConflictQuery::default() });
    let conflict = conflict.first().unwrap().conflict.id;
    (scene, session, id, conflict)
}

fn rows(scene: &Scene, query: &ConflictQuery) -> Vec<ConflictRow> {
    scene.peer.readers.read(|reader| conflicts::list(reader, query)).unwrap().items
}

fn decide(scene: &Scene, id: ConflictId, choice: Choice) {
    let remark = Some("says more".to_owned());
    let wanted = ResolveConflict { id, choice, value: None, remark, if_version: None };
    scene.does("human", Command::ResolveConflict(wanted));
}

fn inbox_of(scene: &Scene, agent: &str) -> Vec<InboxItem> {
    let now = scene.peer.clock.now();
    let items =
        scene.peer.readers.read(|reader| inbox::list(reader, &Actor::agent(agent), now)).unwrap();
    items.into_iter().filter(|item| matches!(item, InboxItem::ConflictDecided { .. })).collect()
}

#[test]
fn conflicts_are_found_by_session_and_record_while_they_are_open_and_after() {
    let (scene, session, task, conflict) = clash();
    let list = |whose: Whose, which| {
        let query = ConflictQuery { whose, which, limit: 9, cursor: None };
        rows(&scene, &query).iter().map(|row| row.conflict.id).collect::<Vec<_>>()
    };
    let record = || Whose::Record(task.to_string());
    for whose in [Whose::Everybody, Whose::Session(session), record()] {
        assert_eq!(list(whose, Which::Open), [conflict]);
    }
    decide(&scene, conflict, Choice::Theirs);
    assert_eq!(list(Whose::Everybody, Which::Open), []);
    assert_eq!(list(record(), Which::All), [conflict]);
    let open = |id| scene.peer.readers.read(|reader| conflicts::open(reader, id)).unwrap();
    assert_eq!((open(None), open(Some(session))), (0, 0));
}

#[test]
fn the_databases_side_is_what_is_in_force_now() {
    let (scene, _, task, conflict) = clash();
    let seen = rows(&scene, &ConflictQuery { limit: 9, ..ConflictQuery::default() }).remove(0);
    scene.does("human", titled(task, "from a person", None));
    let row = scene.peer.readers.read(|reader| conflicts::get(reader, conflict)).unwrap();
    assert_eq!(row.conflict.ours, json!("from a person"));
    assert_eq!(row.conflict.ours_by, Actor::Human);
    assert_eq!(row.title, "from a person");
    let expect = Command::Expect {
        record: task.to_string(),
        if_version: seen.record_version.unwrap(),
        fields: vec!["title".to_owned()],
    };
    let wanted = ResolveConflict {
        id: conflict,
        choice: Choice::Theirs,
        value: None,
        remark: None,
        if_version: Some(seen.conflict.version),
    };
    let commands = vec![expect, Command::ResolveConflict(wanted)];
    scene.refused("human", Command::Batch { commands, reason: None });
    assert_eq!(scene.task(task).title, "from a person");
}

#[test]
fn several_conflicts_are_decided_at_once_and_taken_back_at_once() {
    let (scene, session, _, first) = clash();
    let other = scene.tasks(session, &["other"])[0];
    scene.does("agent:one", titled(other, "other from one", Some(1)));
    scene.does("agent:two", titled(other, "other from two", Some(1)));
    let all = rows(&scene, &ConflictQuery { limit: 9, ..ConflictQuery::default() });
    let theirs = |row: &ConflictRow| {
        Command::ResolveConflict(ResolveConflict {
            id: row.conflict.id,
            choice: Choice::Theirs,
            value: None,
            remark: None,
            if_version: Some(row.conflict.version),
        })
    };
    scene
        .does("human", Command::Batch { commands: all.iter().map(theirs).collect(), reason: None });
    assert_eq!(scene.task(other).title, "other from two");
    scene.does("human", Command::Undo { seq: None });
    let open = rows(&scene, &ConflictQuery { limit: 9, ..ConflictQuery::default() });
    assert_eq!((open.len(), open[0].conflict.id), (2, first));
}

#[test]
fn open_conflicts_and_held_documents_wait_for_a_person() {
    let (scene, session, _, conflict) = clash();
    let path = "sessions/work/tasks/active_tasks.md".to_owned();
    let kind = DocumentKind::ActiveTasks;
    let intended = DocumentNote::Intended {
        path: path.clone(),
        session_id: session,
        kind,
        intent: "h".to_owned(),
    };
    let held = DocumentNote::Held { path: path.clone(), reason: "it is empty".to_owned() };
    scene.does("system", Command::NoteDocuments { notes: vec![intended, held] });
    let list = || scene.peer.readers.read(|reader| needs::list(reader, session, NOON, 9)).unwrap();
    let waiting: Vec<_> =
        list().into_iter().map(|need| (need.kind, need.about, need.title)).collect();
    assert_eq!(
        waiting,
        [
            (NeedKind::Conflict, NeedAbout::Conflict(conflict), "title of from one".to_owned()),
            (
                NeedKind::HeldDocument,
                NeedAbout::Document(path.clone()),
                "tasks/active_tasks.md".to_owned()
            ),
        ]
    );
    let row = scene.peer.readers.read(|reader| ledger::get(reader, &path)).unwrap().unwrap();
    assert_eq!((row.state, row.reason.as_deref()), (DocumentState::Held, Some("it is empty")));
    decide(&scene, conflict, Choice::Ours);
    scene.does("system", Command::NoteDocuments { notes: vec![DocumentNote::Freed { path }] });
    assert_eq!(list(), []);
}

#[test]
fn agents_that_take_part_are_told_of_a_decision_until_they_have_worked_on() {
    let (scene, _, task, conflict) = clash();
    assert_eq!(inbox_of(&scene, "one"), []);
    scene.clock.advance_ms(30 * MINUTE_MS);
    decide(&scene, conflict, Choice::Theirs);
    for agent in ["one", "two"] {
        let told = inbox_of(&scene, agent);
        let [InboxItem::ConflictDecided { title, field, choice, by, remark, .. }] = told.as_slice()
        else {
            panic!("{told:?}")
        };
        assert_eq!((title.as_str(), field.as_str(), by.as_str()), ("from two", "title", "human"));
        assert_eq!((*choice, remark.as_deref()), (Choice::Theirs, Some("says more")));
    }
    assert_eq!(inbox_of(&scene, "three"), []);
    scene.clock.advance_ms(60 * MINUTE_MS);
    assert_eq!(inbox_of(&scene, "two").len(), 1, "it was away, and hears of it later");
    scene.clock.advance_ms(1);
    scene.does("agent:two", titled(task, "on from there", None));
    assert_eq!(inbox_of(&scene, "two"), []);
    assert_eq!(inbox_of(&scene, "one").len(), 1);
}
