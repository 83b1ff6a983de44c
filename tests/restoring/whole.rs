//! From a backup to a project: rows and files, and what a death leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use callboard_engine::backup::restore::{First, Report, RestoreScope, Wanted, restore};
use callboard_engine::backup::{self, Request, unwatched};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Integrity, Reason, Scope};
use callboard_engine::domain::command::{
    Command, CreateTasks, Guard, NewTask, TaskPatch, UpdateTask,
};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::restore::{MergeStrategy, Purpose};
use callboard_engine::peer::Peer;
use callboard_engine::store::audit;
use callboard_engine::sync::keeper::{self, SyncOptions};
use callboard_engine::sync::layout;

use super::board::{content, is_sound};
use crate::scene::Scene;

pub(super) fn wanted() -> Wanted {
    Wanted {
        scope: RestoreScope::Full,
        sessions: Vec::new(),
        strategy: MergeStrategy::Replace,
        purpose: Purpose::Keep,
        first: First::BackUp,
        actor: Actor::Human,
    }
}

pub(super) fn back_up(scene: &Scene, scope: Scope) -> Wanted {
    let request =
        Request { name: Some("good".to_owned()), ..Request::automatic(scope, Reason::Manual) };
    backup::create(&scene.peer, &request, &unwatched).unwrap();
    wanted()
}

pub(super) fn restored(scene: &Scene, wanted: &Wanted) -> Result<Report, Refusal> {
    restore(&scene.peer, "good", wanted, &unwatched)
}

pub(super) fn sync(peer: &Peer) {
    keeper::once(peer, SyncOptions::default()).unwrap().unwrap();
}

/// Every document of a project, by its path.
pub(super) fn documents(peer: &Peer) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![peer.paths.sessions()];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|one| one.path()) {
            if path.is_dir() {
                open.push(path);
            } else if !path.file_name().unwrap().to_string_lossy().starts_with(".callboard-") {
                let name = path.strip_prefix(peer.paths.sessions()).unwrap();
                found.insert(name.display().to_string(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

pub(super) fn retitle(id: TaskId, title: &str) -> Command {
    let patch = TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() };
    Command::UpdateTask(UpdateTask { id, patch, guard: Guard::default() })
}

pub(super) fn document(scene: &Scene, session: SessionId, name: &str) -> PathBuf {
    let home = scene.peer.paths.task_orchestrator();
    home.join(layout::find_directory(&home, session).unwrap()).join(name)
}

/// A board with documents, a backup of it, and what was done since.
pub(super) fn board() -> (Scene, SessionId, Vec<TaskId>) {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["schema", "api < schema"]);
    sync(&scene.peer);
    let notes = document(&scene, session, "session.md");
    let text = fs::read_to_string(&notes).unwrap() + "\nA line of my own.\n";
    fs::write(&notes, text).unwrap();
    sync(&scene.peer);
    (scene, session, tasks)
}

pub(super) fn goes_on(scene: &Scene, session: SessionId, tasks: &[TaskId]) {
    scene.does("human", retitle(tasks[0], "schema, later"));
    let made = NewTask { title: "late".to_owned(), ..NewTask::default() };
    scene.does(
        "human",
        Command::CreateTasks(CreateTasks { session_id: session, tasks: vec![made] }),
    );
    sync(&scene.peer);
    let notes = document(scene, session, "session.md");
    let text = fs::read_to_string(&notes).unwrap().replace("A line of my own.", "Another line.");
    fs::write(&notes, text).unwrap();
}

#[test]
fn rows_and_documents_become_what_they_were_and_stay_so() {
    let (scene, session, tasks) = board();
    let (was, texts) = (content(&scene), documents(&scene.peer));
    let wanted = back_up(&scene, Scope::Full);
    goes_on(&scene, session, &tasks);
    let tried = restored(&scene, &Wanted { purpose: Purpose::Try, ..wanted.clone() }).unwrap();
    assert_ne!(content(&scene), was, "a trial changes nothing");
    let told = restored(&scene, &wanted).unwrap();
    assert_eq!(tried.rows, told.rows);
    assert_eq!(told.files.failed, Vec::<String>::new());
    assert!(told.before.is_some() && 0 < told.files.kept);
    for _ in 0..2 {
        assert_eq!((content(&scene), documents(&scene.peer)), (was.clone(), texts.clone()));
        sync(&scene.peer);
    }
    is_sound(&scene);
    // It counts as used.
    scene.clock.advance_ms(5_000);
    let tried = Wanted { purpose: Purpose::Try, ..wanted.clone() };
    restored(&scene, &tried).unwrap();
    let known = backup::resolve(&scene.peer, "good").unwrap();
    assert_eq!((known.used_at, known.integrity), (scene.clock.now(), Integrity::Valid));
    // The second time changes nothing.
    let seq = scene.latest();
    let again = restored(&scene, &wanted).unwrap();
    assert_eq!((again.rows.unwrap().changed(), again.files.written, scene.latest()), (0, 0, seq));
    // The backup of what was there brings that back.
    let before = told.before.unwrap();
    restore(&scene.peer, &before, &wanted, &unwatched).unwrap();
    assert_eq!(scene.task(tasks[0]).title, "schema, later");
    assert!(documents(&scene.peer).values().any(|text| text.contains("Another line.")));
    let left = fs::read_dir(scene.peer.paths.run()).unwrap().flatten();
    assert!(left.into_iter().all(|one| !one.path().join("unpacked").exists()));
}

#[test]
fn another_project_gets_every_row_and_every_file() {
    let (scene, session, tasks) = board();
    goes_on(&scene, session, &tasks);
    sync(&scene.peer);
    let wanted = back_up(&scene, Scope::Full);
    let fresh = Scene::new();
    fs::create_dir_all(fresh.peer.paths.backups()).unwrap();
    for file in fs::read_dir(scene.peer.paths.backups()).unwrap().flatten() {
        fs::copy(file.path(), fresh.peer.paths.backups().join(file.file_name())).unwrap();
    }
    let told = restored(&fresh, &wanted).unwrap();
    let rows = |scene: &Scene| -> Vec<String> {
        let all = scene.peer.readers.read(audit::every_row).unwrap();
        let is_derived =
            |line: &String| line.starts_with("backups ") || line.starts_with("search_");
        all.into_iter().filter(|line| !is_derived(line)).collect()
    };
    assert_eq!(rows(&fresh), rows(&scene));
    assert_eq!(documents(&fresh.peer), documents(&scene.peer));
    assert_eq!(told.before, None, "there was nothing to back up");
    let texts = documents(&fresh.peer);
    sync(&fresh.peer);
    assert_eq!(documents(&fresh.peer), texts);
    is_sound(&fresh);
}

#[test]
fn a_backup_of_one_session_leaves_the_others_as_they_are_unless_they_are_named() {
    let (scene, session, tasks) = board();
    let second = scene.session_beside("Second");
    let others = scene.tasks(second, &["other"]);
    let request = Request {
        name: Some("good".to_owned()),
        sessions: vec![session],
        ..Request::automatic(Scope::Session, Reason::Completed)
    };
    backup::create(&scene.peer, &request, &unwatched).unwrap();
    scene.does("human", retitle(tasks[0], "schema, later"));
    scene.does("human", retitle(others[0], "other, later"));
    let told = restored(&scene, &wanted()).unwrap();
    assert_eq!(told.rows.unwrap().sessions, [session]);
    assert!(told.notes.iter().any(|note| note.contains("1 other")), "{:?}", told.notes);
    let titles = |scene: &Scene| (scene.task(tasks[0]).title, scene.task(others[0]).title);
    assert_eq!(titles(&scene), ("schema".to_owned(), "other, later".to_owned()));
    // No name is needed where there is one session only that can be meant.
    scene.does("human", retitle(tasks[0], "schema, later"));
    restored(&scene, &Wanted { scope: RestoreScope::Session, ..wanted() }).unwrap();
    assert_eq!(titles(&scene), ("schema".to_owned(), "other, later".to_owned()));
    let named = Wanted { sessions: vec!["Second".to_owned()], ..wanted() };
    restored(&scene, &named).unwrap();
    assert_eq!(titles(&scene), ("schema".to_owned(), "other".to_owned()));
    // Nor does another project get what the backup is not for.
    let fresh = Scene::new();
    fs::create_dir_all(fresh.peer.paths.backups()).unwrap();
    for file in fs::read_dir(scene.peer.paths.backups()).unwrap().flatten() {
        fs::copy(file.path(), fresh.peer.paths.backups().join(file.file_name())).unwrap();
    }
    assert_eq!(restored(&fresh, &wanted()).unwrap().rows.unwrap().sessions, [session]);
}

#[test]
fn documents_alone_come_back_and_are_brought_up_to_date() {
    let (scene, session, tasks) = board();
    let wanted = back_up(&scene, Scope::Full);
    goes_on(&scene, session, &tasks);
    sync(&scene.peer);
    let rows = content(&scene);
    fs::remove_dir_all(scene.peer.paths.sessions()).unwrap();
    restored(&scene, &Wanted { scope: RestoreScope::Documents, ..wanted }).unwrap();
    sync(&scene.peer);
    assert_eq!(content(&scene), rows);
    let texts = documents(&scene.peer);
    let said = |text: &str| texts.values().any(|one| one.contains(text));
    assert!(said("A line of my own.") && said("schema, later") && said("late"), "{texts:?}");
}

#[test]
fn the_database_alone_comes_back_and_documents_follow() {
    let (scene, session, tasks) = board();
    let was = content(&scene);
    let wanted = back_up(&scene, Scope::Database);
    goes_on(&scene, session, &tasks);
    sync(&scene.peer);
    restored(&scene, &Wanted { scope: RestoreScope::Database, ..wanted }).unwrap();
    sync(&scene.peer);
    let texts = documents(&scene.peer);
    assert!(texts.values().all(|text| !text.contains("schema, later")), "{texts:?}");
    let task = |line: &&String| line.starts_with("t-");
    let tasks: Vec<String> = content(&scene).iter().filter(task).cloned().collect();
    assert_eq!(tasks, was.iter().filter(task).cloned().collect::<Vec<_>>());
    is_sound(&scene);
}

#[test]
fn what_cannot_be_meant_is_refused_and_changes_nothing() {
    let (scene, _, _) = board();
    let wanted = back_up(&scene, Scope::Documents);
    let database = Wanted { scope: RestoreScope::Database, ..wanted.clone() };
    assert_eq!(restored(&scene, &database).unwrap_err().code, Code::InvalidValue);
    let session = Wanted { sessions: vec!["nothing".to_owned()], ..wanted.clone() };
    assert_eq!(restored(&scene, &session).unwrap_err().code, Code::UnknownId);
    let nobody = restore(&scene.peer, "../../etc/passwd", &wanted, &unwatched).unwrap_err();
    assert_eq!(nobody.code, Code::UnknownId);
    // A damaged archive is no archive.
    let file = fs::read_dir(scene.peer.paths.backups()).unwrap().flatten().next().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let before = documents(&scene.peer);
    restored(&scene, &wanted).unwrap_err();
    assert_eq!(documents(&scene.peer), before);
    let known = backup::list(&scene.peer).unwrap();
    assert_eq!(known[0].integrity, Integrity::Corrupted, "what a restore found is known");
}
