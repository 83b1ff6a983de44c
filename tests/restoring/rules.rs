//! The command: what it writes, what it leaves, and how it is taken back.

use callboard_engine::domain::command::{
    Command, CreateTasks, Dependents, Edge, GroupContents, Guard, MoveSession, NewGroup, NewTask,
    SetContext, TaskPatch, TaskRef, UpdateGroup, UpdateTask,
};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::restore::MergeStrategy;
use callboard_engine::domain::session::{SessionMove, SessionState};
use callboard_engine::domain::task::Status;
use callboard_engine::query;
use callboard_engine::store::audit;
use serde_json::json;

use super::board::{content, copied, is_sound, restored, tried};
use crate::scene::{Scene, claim, status, waits};

const UNDO: Command = Command::Undo { seq: None };

struct Board {
    scene: Scene,
    session: SessionId,
    group: GroupId,
    tasks: Vec<TaskId>,
}

fn change(id: TaskId, patch: TaskPatch) -> Command {
    Command::UpdateTask(UpdateTask { id, patch, guard: Guard::default() })
}

pub(super) fn retitle(id: TaskId, title: &str) -> Command {
    change(id, TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() })
}

pub(super) fn describe(id: TaskId, text: &str) -> Command {
    change(id, TaskPatch { description: Some(text.to_owned()), ..TaskPatch::default() })
}

fn group(scene: &Scene, session_id: SessionId, name: &str) -> GroupId {
    let new = NewGroup {
        id: None,
        session_id,
        name: name.to_owned(),
        parent: None,
        description: String::new(),
        role: None,
    };
    let Answer::Group(group) = scene.does("human", Command::CreateGroup(new)) else { panic!() };
    group.id
}

fn note(session_id: SessionId, key: &str, value: &str) -> Command {
    let (key, value) = (key.to_owned(), json!(value));
    Command::SetContext(SetContext { session_id, key, value, if_version: None })
}

fn moved(id: SessionId, to: SessionMove) -> Command {
    Command::MoveSession(MoveSession {
        suspend_current: true,
        allow_open: true,
        ..MoveSession::plain(id, to)
    })
}

impl Board {
    fn new() -> Self {
        let (scene, session) = Scene::live();
        let tasks = scene.tasks(session, &["schema", "api < schema", "login < api", "docs"]);
        let group = group(&scene, session, "Backend");
        let inner = NewTask {
            title: "tables".to_owned(),
            parent: Some(TaskRef::Id(tasks[0])),
            ..NewTask::default()
        };
        let make = CreateTasks { session_id: session, tasks: vec![inner] };
        let Answer::Created(made) = scene.does("human", Command::CreateTasks(make)) else {
            panic!()
        };
        scene.does("human", note(session, "decisions", "SQLite"));
        let tasks = tasks.into_iter().chain([made[0].id]).collect();
        Self { scene, session, group, tasks }
    }

    /// What happens after the backup: something of every kind.
    fn goes_on(&self) {
        let Self { scene, session, group: backend, tasks } = self;
        scene.does("human", retitle(tasks[0], "schema, again"));
        scene.does("agent:one", claim(*session, Some(tasks[4])));
        scene.does("human", status(tasks[3], Status::Completed));
        scene.does("human", Command::DeleteTask { id: tasks[2], dependents: Dependents::Release });
        let edge = Edge { task: tasks[1], depends_on: tasks[0] };
        scene.does("human", Command::ChangeDependencies { add: vec![], remove: vec![edge] });
        scene.does("human", waits(tasks[0], tasks[1]));
        let new = scene.tasks(*session, &["late", "later < late"]);
        scene.does("human", waits(tasks[3], new[1]));
        let rename = UpdateGroup {
            id: *backend,
            name: Some("Server".to_owned()),
            description: None,
            role: None,
            if_version: None,
        };
        scene.does("human", Command::UpdateGroup(rename));
        group(scene, *session, "Backend");
        scene.does("human", note(*session, "decisions", "PostgreSQL"));
        scene.does("human", note(*session, "learnings", "many"));
    }
}

#[test]
fn a_board_that_went_on_becomes_what_it_was_and_the_second_time_changes_nothing() {
    let board = Board::new();
    let (was, backup) = (content(&board.scene), copied(&board.scene));
    board.goes_on();
    let later = content(&board.scene);
    assert_ne!(was, later);
    let replace = backup.command(&board.scene, MergeStrategy::Replace, &[]);
    let counted = restored(board.scene.submit("human", tried(replace.clone())).map(|it| it.answer));
    assert_eq!(content(&board.scene), later, "a trial changes nothing");
    let done = restored(board.scene.submit("human", replace.clone()).map(|it| it.answer));
    assert_eq!(counted, done);
    assert_eq!(content(&board.scene), was);
    is_sound(&board.scene);
    let seq = board.scene.latest();
    let again = restored(board.scene.submit("human", replace).map(|it| it.answer));
    assert_eq!((again.changed(), board.scene.latest()), (0, seq));
    board.scene.does("human", UNDO);
    assert_eq!(content(&board.scene), later, "an undo brings back what went on");
    is_sound(&board.scene);
    board.scene.does("human", Command::Redo);
    assert_eq!(content(&board.scene), was);
    is_sound(&board.scene);
}

#[test]
fn versions_only_grow_and_the_feed_tells_of_every_record() {
    let board = Board::new();
    let backup = copied(&board.scene);
    board.goes_on();
    let (before, seq) = (board.scene.task(board.tasks[0]).version, board.scene.latest());
    let deleted = query::changes::ChangeQuery {
        record: Some(board.tasks[2].to_string()),
        ..query::changes::ChangeQuery::default()
    };
    let history = |scene: &Scene| {
        scene.peer.readers.read(|reader| query::changes::list(reader, &deleted)).unwrap()
    };
    let gone = history(&board.scene).iter().map(|change| change.version).max().unwrap();
    board.scene.does("human", backup.command(&board.scene, MergeStrategy::Replace, &[]));
    assert!(before < board.scene.task(board.tasks[0]).version);
    assert!(gone < board.scene.task(board.tasks[2]).version);
    let all =
        query::changes::ChangeQuery { after: Some(seq), ..query::changes::ChangeQuery::default() };
    let changes =
        board.scene.peer.readers.read(|reader| query::changes::list(reader, &all)).unwrap();
    assert!(changes.iter().all(|one| one.reason.as_deref() == Some("from backup b-00000000")));
    assert!(changes.iter().all(|one| one.command == seq + 1));
}

#[test]
fn a_merge_adds_what_is_missing_and_leaves_what_was_changed_here() {
    let board = Board::new();
    let backup = copied(&board.scene);
    board.goes_on();
    let done = restored(
        board
            .scene
            .submit("human", backup.command(&board.scene, MergeStrategy::Merge, &[]))
            .map(|it| it.answer),
    );
    is_sound(&board.scene);
    assert_eq!(board.scene.task(board.tasks[0]).title, "schema, again");
    assert_eq!(board.scene.task(board.tasks[2]).title, "login", "it was deleted since");
    assert_eq!(board.scene.task(board.tasks[3]).status, Status::Completed);
    let fields: Vec<&str> = done.clashes.iter().map(|clash| clash.field.as_str()).collect();
    for field in ["title", "status", "name", "value", "depends_on"] {
        assert!(fields.contains(&field), "{field} is among {fields:?}");
    }
    assert_eq!(done.clashes_found, done.clashes.len());
    let seq = board.scene.latest();
    board.scene.does("human", backup.command(&board.scene, MergeStrategy::Merge, &[]));
    assert_eq!(board.scene.latest(), seq, "the second time changes nothing");
}

#[test]
fn skipping_what_is_there_only_adds() {
    let board = Board::new();
    let backup = copied(&board.scene);
    board.goes_on();
    let before = content(&board.scene);
    let done = restored(
        board
            .scene
            .submit("human", backup.command(&board.scene, MergeStrategy::SkipExisting, &[]))
            .map(|it| it.answer),
    );
    let after = content(&board.scene);
    assert!(before.iter().all(|line| after.contains(line)));
    assert_eq!((done.updated, done.deleted), (0, 0));
    assert!(0 < done.created && 0 < done.skipped);
    is_sound(&board.scene);
}

#[test]
fn a_copy_that_went_its_own_way_is_merged_by_what_both_began_with() {
    let board = Board::new();
    let began = copied(&board.scene);
    let other = Scene::new();
    other.does("human", began.whole(&other));
    other.does("human", retitle(board.tasks[1], "api, elsewhere"));
    other.does("human", describe(board.tasks[3], "written elsewhere"));
    other.does("human", retitle(board.tasks[3], "docs, elsewhere"));
    board.scene.does("human", retitle(board.tasks[3], "docs, here"));
    let backup = copied(&other);
    board.scene.does("human", backup.command(&board.scene, MergeStrategy::Merge, &[]));
    assert_eq!(board.scene.task(board.tasks[1]).title, "api, elsewhere");
    let docs = board.scene.task(board.tasks[3]);
    assert_eq!(
        (docs.title.as_str(), docs.description.as_str()),
        ("docs, here", "written elsewhere")
    );
    is_sound(&board.scene);
}

#[test]
fn an_empty_project_gets_every_row_of_every_table() {
    let board = Board::new();
    board.goes_on();
    board.scene.session_beside("Second");
    let backup = copied(&board.scene);
    let fresh = Scene::new();
    let done = restored(fresh.submit("human", backup.whole(&fresh)).map(|it| it.answer));
    // What is kept for searching is derived, and its rows have numbers of their own.
    let rows = |scene: &Scene| -> Vec<String> {
        let all = scene.peer.readers.read(audit::every_row).unwrap();
        all.into_iter().filter(|line| !line.starts_with("search_")).collect()
    };
    assert_eq!(rows(&fresh), rows(&board.scene));
    assert_eq!((done.sessions.len(), fresh.latest()), (2, board.scene.latest()));
    is_sound(&fresh);
    // It goes on with numbers of its own.
    fresh.does("human", retitle(board.tasks[0], "on with it"));
    assert_eq!(fresh.latest(), board.scene.latest() + 1);
    assert_eq!(fresh.refused_code("human", backup.whole(&fresh)), Code::Busy);
}

#[test]
fn a_session_that_another_has_taken_the_place_of_comes_back_suspended() {
    let board = Board::new();
    let backup = copied(&board.scene);
    board.scene.does("human", moved(board.session, SessionMove::Complete));
    let second = board.scene.session("Second");
    let outcome = board
        .scene
        .submit("human", backup.command(&board.scene, MergeStrategy::Replace, &["Work"]))
        .unwrap();
    let state = |id| {
        board.scene.peer.readers.read(|reader| query::sessions::get(reader, id)).unwrap().state
    };
    assert_eq!(
        (state(second.id), state(board.session)),
        (SessionState::Active, SessionState::Completed)
    );
    is_sound(&board.scene);
    drop(outcome);
    // In a project that never had it, it comes as suspended, and the answer says so.
    let (fresh, _) = Scene::live();
    let outcome =
        fresh.submit("human", backup.command(&fresh, MergeStrategy::Replace, &[])).unwrap();
    assert!(outcome.notes[0].contains("comes back as suspended"), "{:?}", outcome.notes);
    is_sound(&fresh);
    // Taken back, it is packed away: no session is ever removed.
    fresh.does("human", UNDO);
    let row =
        fresh.peer.readers.read(|reader| query::sessions::row(reader, board.session)).unwrap();
    assert_eq!((row.session.state, row.counts.all()), (SessionState::Archived, 0));
    fresh.does("human", Command::Redo);
    let row =
        fresh.peer.readers.read(|reader| query::sessions::row(reader, board.session)).unwrap();
    assert_eq!((row.session.state, row.counts.all()), (SessionState::Suspended, 5));
    is_sound(&fresh);
}

#[test]
fn sessions_that_changed_places_change_them_back() {
    let board = Board::new();
    let second = board.scene.session_beside("Second");
    board.scene.does("human", moved(board.session, SessionMove::Resume));
    let backup = copied(&board.scene);
    board.scene.does("human", moved(second, SessionMove::Resume));
    board
        .scene
        .does("agent:one", Command::Batch { commands: vec![note(second, "a", "b")], reason: None });
    let late = board.scene.tasks(second, &["held"]);
    board.scene.does("agent:one", claim(second, Some(late[0])));
    board.scene.does("human", backup.command(&board.scene, MergeStrategy::Replace, &[]));
    assert_eq!(board.scene.live_session(), board.session);
    is_sound(&board.scene);
    board.scene.does("human", UNDO);
    assert_eq!(board.scene.live_session(), second);
    is_sound(&board.scene);
}

#[test]
fn a_restore_of_one_session_leaves_the_others_alone() {
    let board = Board::new();
    let second = board.scene.session_beside("Second");
    let late = board.scene.tasks(second, &["late"]);
    let backup = copied(&board.scene);
    board.scene.does("human", retitle(board.tasks[0], "changed"));
    board.scene.does("human", retitle(late[0], "changed, too"));
    let done = restored(
        board
            .scene
            .submit("human", backup.command(&board.scene, MergeStrategy::Replace, &["Work"]))
            .map(|it| it.answer),
    );
    assert_eq!(done.sessions, [board.session]);
    assert_eq!(board.scene.task(board.tasks[0]).title, "schema");
    assert_eq!(board.scene.task(late[0]).title, "changed, too");
}

#[test]
fn what_does_not_fit_any_more_gives_way_and_is_named() {
    let board = Board::new();
    let Board { scene, session, group: backend, tasks } = &board;
    let inner = NewTask { title: "inner".to_owned(), group: Some(*backend), ..NewTask::default() };
    let make = CreateTasks { session_id: *session, tasks: vec![inner] };
    let Answer::Created(made) = scene.does("human", Command::CreateTasks(make)) else { panic!() };
    let backup = copied(scene);
    scene.does("human", Command::DeleteTask { id: made[0].id, dependents: Dependents::Release });
    scene.does("human", Command::DeleteGroup { id: *backend, into: GroupContents::Refuse });
    group(scene, *session, "backend");
    // The other way round: the edge that comes back would close a circle.
    let edge = Edge { task: tasks[1], depends_on: tasks[0] };
    scene.does("human", Command::ChangeDependencies { add: vec![], remove: vec![edge] });
    scene.does("human", waits(tasks[0], tasks[1]));
    let done = restored(
        scene.submit("human", backup.command(scene, MergeStrategy::Merge, &[])).map(|it| it.answer),
    );
    is_sound(scene);
    let clashes: Vec<&str> = done.clashes.iter().map(|clash| clash.field.as_str()).collect();
    assert_eq!(clashes, ["name", "depends_on"]);
    assert_eq!(scene.task(made[0].id).group_id, Some(*backend));
}

#[test]
fn a_restore_is_not_taken_back_over_what_was_done_since() {
    let board = Board::new();
    let backup = copied(&board.scene);
    board.goes_on();
    board.scene.does("human", backup.command(&board.scene, MergeStrategy::Replace, &[]));
    board.scene.does("agent:two", retitle(board.tasks[0], "third title"));
    let refusal = board.scene.refused("human", UNDO);
    assert_eq!(refusal.code, Code::CannotUndo);
    assert_eq!(refusal.details["field"], json!("title"));
}
