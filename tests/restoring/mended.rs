//! A backup of a database whose rows refer to what is not there: it can be restored, as a cleanup
//! would leave it.

use std::fs;

use callboard_engine::backup::restore::Wanted;
use callboard_engine::backup::{self, Request, unwatched};
use callboard_engine::domain::backup::{Integrity, Reason, Scope};
use callboard_engine::domain::restore::Purpose;
use rusqlite::Connection;

use super::board::is_sound;
use super::whole::{restored, wanted};
use crate::scene::Scene;

/// A board that something else has written to, and a backup of it as a cleanup makes it.
fn broken() -> (Scene, [callboard_engine::domain::id::TaskId; 3]) {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["schema", "api < schema", "login"]);
    let connection = Connection::open(scene.peer.paths.database()).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    let break_it = format!(
        "UPDATE tasks SET parent_id = 't-00000000' WHERE id = '{}';
         UPDATE tasks SET group_id = 'g-00000000' WHERE id = '{}';
         INSERT INTO task_dependencies SELECT '{}', 't-00000001', session_id, 0 FROM tasks LIMIT 1",
        tasks[0], tasks[1], tasks[2]
    );
    connection.execute_batch(&break_it).unwrap();
    let request = Request {
        name: Some("good".to_owned()),
        ..Request::automatic(Scope::Database, Reason::BeforeCleanup)
    };
    let made = backup::create(&scene.peer, &request, &unwatched).unwrap();
    assert_eq!(made.integrity, Integrity::Valid, "{:?}", made.problem);
    (scene, [tasks[0], tasks[1], tasks[2]])
}

#[test]
fn the_backup_before_a_cleanup_is_restored_as_the_cleanup_would_leave_it() {
    let (scene, tasks) = broken();
    let trial = Wanted { purpose: Purpose::Try, ..wanted() };
    let tried = restored(&scene, &trial).unwrap();
    let told = tried.notes.join("\n");
    for part in ["3 rows of the backup", "parent_id t-00000000", "group_id g-00000000", "it goes"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let done = restored(&scene, &wanted()).unwrap();
    assert_eq!((tried.notes, tried.rows), (done.notes, done.rows));
    is_sound(&scene);
    assert_eq!((scene.task(tasks[0]).parent_id, scene.task(tasks[1]).group_id), (None, None));
    assert_eq!(scene.task(tasks[2]).title, "login");
}

#[test]
fn another_project_gets_it_mended() {
    let (scene, tasks) = broken();
    let fresh = Scene::new();
    fs::create_dir_all(fresh.peer.paths.backups()).unwrap();
    for file in fs::read_dir(scene.peer.paths.backups()).unwrap().flatten() {
        fs::copy(file.path(), fresh.peer.paths.backups().join(file.file_name())).unwrap();
    }
    let done = restored(&fresh, &wanted()).unwrap();
    assert!(done.notes.join("\n").contains("3 rows"), "{:?}", done.notes);
    assert_eq!(done.undo, None, "nothing was there before");
    is_sound(&fresh);
    assert_eq!(fresh.task(tasks[0]).parent_id, None);
}
