//! Archived sessions: packed with their documents and artifacts, and unpacked when taken up again.

use std::fs;
use std::path::PathBuf;

use callboard_engine::backup::archive::{unwatched, verify};
use callboard_engine::domain::command::{Command, MoveSession};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::session::{Session, SessionMove, SessionState};
use callboard_engine::domain::task::Status;
use callboard_engine::query;
use callboard_engine::query::metrics::{ErrorQuery, errors};
use callboard_engine::sync::edits::Edits;
use callboard_engine::sync::keeper::{self, SyncOptions};
use callboard_engine::sync::layout;
use serde_json::json;

use super::board::{content, is_sound};
use crate::scene::{Scene, claim, status};

pub(super) fn moved(id: SessionId, to: SessionMove) -> Command {
    let reason = Some("all is done".to_owned());
    Command::MoveSession(MoveSession {
        reason,
        suspend_current: true,
        allow_open: true,
        ..MoveSession::plain(id, to)
    })
}

pub(super) fn sync(scene: &Scene) {
    keeper::once(&scene.peer, SyncOptions::default()).unwrap().unwrap();
}

pub(super) fn folder(scene: &Scene, session: SessionId) -> Option<PathBuf> {
    let home = scene.peer.paths.task_orchestrator();
    layout::find_directory(&home, session).map(|name| home.join(name))
}

pub(super) fn archive(scene: &Scene) -> Option<PathBuf> {
    let found = fs::read_dir(scene.peer.paths.session_archives()).ok()?;
    found
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().ends_with(".tar.zst"))
}

/// A completed session with a document that a person wrote in, and a file of its own.
pub(super) fn completed() -> (Scene, SessionId, String) {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a"]);
    sync(&scene);
    let home = folder(&scene, session).unwrap();
    let text = fs::read_to_string(home.join("session.md")).unwrap() + "\nA line of my own.\n";
    fs::write(home.join("session.md"), text).unwrap();
    fs::create_dir_all(home.join("artifacts/work_products")).unwrap();
    fs::write(home.join("artifacts/work_products/plan.bin"), [0_u8, 159, 146, 150]).unwrap();
    scene.does("agent:codex", claim(session, Some(tasks[0])));
    scene.clock.advance_ms(90 * 60_000);
    scene.does("agent:codex", status(tasks[0], Status::Completed));
    scene.does("human", moved(session, SessionMove::Complete));
    sync(&scene);
    let text = fs::read_to_string(home.join("session.md")).unwrap();
    (scene, session, text)
}

#[test]
fn archiving_packs_the_folder_and_resuming_brings_it_back_as_it_was() {
    let (scene, session, text) = completed();
    let rows = content(&scene);
    scene.does("human", moved(session, SessionMove::Archive));
    assert_eq!(folder(&scene, session), None);
    let manifest = verify(&archive(&scene).unwrap(), &unwatched).unwrap();
    assert!(manifest.files.iter().any(|file| file.path.as_str().ends_with("plan.bin")));
    // Whoever keeps the documents leaves it so, and holds nothing for lost.
    sync(&scene);
    assert_eq!(folder(&scene, session), None);
    scene.does("human", moved(session, SessionMove::Resume));
    let home = folder(&scene, session).unwrap();
    assert_eq!(fs::read_to_string(home.join("session.md")).unwrap(), text);
    assert_eq!(
        fs::read(home.join("artifacts/work_products/plan.bin")).unwrap(),
        [0, 159, 146, 150]
    );
    assert_eq!(archive(&scene), None);
    sync(&scene);
    let tasks = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter().filter(|line| line.starts_with("t-")).collect()
    };
    assert_eq!(tasks(content(&scene)), tasks(rows));
    let held = scene.peer.readers.read(|reader| query::ledger::held(reader, session, 9)).unwrap();
    assert_eq!(held, []);
    is_sound(&scene);
}

#[test]
fn what_a_death_left_between_the_steps_is_set_right_by_who_comes_next() {
    let (scene, session, text) = completed();
    let home = folder(&scene, session).unwrap();
    scene.does("human", moved(session, SessionMove::Archive));
    let packed = archive(&scene).unwrap();
    let bytes = fs::read(&packed).unwrap();
    // Died before the folder went: it is there beside its archive, and somebody wrote in it.
    scene.does("human", moved(session, SessionMove::Resume));
    scene.does("human", moved(session, SessionMove::Complete));
    sync(&scene);
    fs::write(&packed, &bytes).unwrap();
    let mine = text + "Written at the last moment.\n";
    fs::write(home.join("session.md"), &mine).unwrap();
    scene.does("human", moved(session, SessionMove::Archive));
    assert_eq!(folder(&scene, session), None);
    let edits = Edits::in_directory(scene.peer.paths.edit_backups());
    let listed = edits.list().unwrap();
    let is_kept = listed.iter().any(|one| edits.text(&one.name).unwrap() == mine.as_bytes());
    assert!(is_kept, "what the archive does not hold is kept");
    // Died after it was unpacked and before it was taken up: packed again.
    let name = home.file_name().unwrap().to_string_lossy().into_owned();
    fs::create_dir_all(&home).unwrap();
    sync(&scene);
    assert_eq!(folder(&scene, session), None);
    // Died while the folder went.
    fs::create_dir_all(scene.peer.paths.run().join(format!("packed-{name}"))).unwrap();
    sync(&scene);
    assert!(!scene.peer.paths.run().join(format!("packed-{name}")).exists());
    // Died after it was taken up and before the archive went.
    let packed = archive(&scene).unwrap();
    let bytes = fs::read(&packed).unwrap();
    scene.does("human", moved(session, SessionMove::Resume));
    fs::write(&packed, &bytes).unwrap();
    sync(&scene);
    assert_eq!(archive(&scene), None);
    assert!(folder(&scene, session).is_some());
}

fn session_of(scene: &Scene, session: SessionId) -> Session {
    scene.peer.readers.read(|reader| query::sessions::get(reader, session)).unwrap()
}

fn held(scene: &Scene, session: SessionId) -> usize {
    let held = scene.peer.readers.read(|reader| query::ledger::held(reader, session, 99));
    held.unwrap().len()
}

/// An archived session with a damaged archive; the archive, and its bytes as they were.
fn damaged(scene: &Scene, session: SessionId) -> (PathBuf, Vec<u8>) {
    scene.does("human", moved(session, SessionMove::Archive));
    let packed = archive(scene).unwrap();
    let sound = fs::read(&packed).unwrap();
    let mut bytes = sound.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&packed, bytes).unwrap();
    (packed, sound)
}

#[test]
fn a_session_whose_archive_is_damaged_ends_suspended_with_the_reason_and_its_archive_is_left() {
    let (scene, session, text) = completed();
    let (packed, sound) = damaged(&scene, session);
    let broken = fs::read(&packed).unwrap();
    let refusal = scene.submit("human", moved(session, SessionMove::Resume)).unwrap_err();
    assert_eq!(refusal.details["state"], "suspended");
    assert!(refusal.message.contains("is damaged"), "{refusal:?}");
    assert!(refusal.suggested_action.unwrap().contains("move it aside"));
    let after = session_of(&scene, session);
    assert_eq!(after.state, SessionState::Suspended);
    let reason = after.reason.unwrap();
    assert!(reason.starts_with("it cannot be restored: .task_orchestrator/archives/"), "{reason}");
    let history = |reader: &_| query::sessions::transitions(reader, session, 2);
    let history = scene.peer.readers.read(history).unwrap();
    assert_eq!(
        (history[0].from, history[1].from),
        (Some(SessionState::Resuming), Some(SessionState::Archived))
    );
    let query =
        ErrorQuery { limit: 9, source: Some("session".to_owned()), ..ErrorQuery::default() };
    let log = scene.peer.readers.read(|reader| errors(reader, &query)).unwrap().items;
    assert_eq!(log.len(), 1, "{log:#?}");
    assert!(log[0].message.contains("cannot be restored"), "{log:#?}");
    // Whoever keeps the documents neither writes some anew nor holds the others for lost.
    sync(&scene);
    sync(&scene);
    assert_eq!((folder(&scene, session), held(&scene, session)), (None, 0));
    assert_eq!(fs::read(&packed).unwrap(), broken);
    // Tried again, it stays so.
    scene.refused("human", moved(session, SessionMove::Resume));
    // Mended, it is unpacked by itself.
    fs::write(&packed, sound).unwrap();
    sync(&scene);
    let home = folder(&scene, session).unwrap();
    let known = |text: &str| text.contains("A line of my own.");
    assert!(known(&text) && known(&fs::read_to_string(home.join("session.md")).unwrap()));
    assert_eq!((archive(&scene), held(&scene, session)), (None, 0));
    scene.does("human", moved(session, SessionMove::Resume));
    is_sound(&scene);
}

#[test]
fn a_damaged_archive_that_was_moved_aside_no_longer_stands_in_the_way() {
    let (scene, session, _) = completed();
    let (packed, _) = damaged(&scene, session);
    assert!(scene.submit("human", moved(session, SessionMove::Resume)).is_err());
    fs::rename(&packed, packed.with_extension("aside")).unwrap();
    scene.does("human", moved(session, SessionMove::Resume));
    sync(&scene);
    assert!(0 < held(&scene, session), "a person restores the documents with one key");
}

#[test]
fn a_session_that_cannot_be_restored_takes_nobodys_place() {
    let (scene, session, _) = completed();
    damaged(&scene, session);
    let live = scene.session("Other").id;
    let before = scene.latest();
    let refusal = scene.submit("human", moved(session, SessionMove::Resume)).unwrap_err();
    assert!(refusal.message.contains("is damaged"), "{refusal:?}");
    assert_eq!((scene.latest(), scene.live_session()), (before, live));
    assert_eq!(session_of(&scene, session).state, SessionState::Archived);
}

#[test]
fn a_lost_database_gets_archived_sessions_back_from_their_archives() {
    let (scene, session, _) = completed();
    scene.does("human", moved(session, SessionMove::Archive));
    let fresh = Scene::new();
    let archives = fresh.peer.paths.session_archives();
    fs::create_dir_all(&archives).unwrap();
    let packed = archive(&scene).unwrap();
    fs::copy(&packed, archives.join(packed.file_name().unwrap())).unwrap();
    sync(&fresh);
    let row = fresh.peer.readers.read(|reader| query::sessions::row(reader, session)).unwrap();
    assert_eq!((row.session.state, row.counts.all()), (SessionState::Archived, 1));
    assert_eq!(folder(&fresh, session), None);
    fresh.does("human", moved(session, SessionMove::Resume));
    assert!(folder(&fresh, session).is_some());
}

#[test]
fn a_completed_session_has_a_report_by_agent_and_role() {
    let (scene, session, _) = completed();
    let entry = |key: &str| {
        let all =
            scene.peer.readers.read(|reader| query::sessions::context(reader, session)).unwrap();
        all.into_iter().find(|entry| entry.key == key).unwrap().value
    };
    let report = entry("report");
    assert_eq!(report["summary"], json!("all is done"));
    assert_eq!(report["counts"], json!({ "completed": 1 }));
    assert_eq!(
        report["by_agent"],
        json!([{ "name": "codex", "completed": 1, "failed": 0, "cycle_minutes": 90 }])
    );
}
