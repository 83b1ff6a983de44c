//! Packs of archived sessions that stand beside a folder, in backups, and after a restore.

use std::cell::Cell;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use callboard_engine::backup::archive::{Progress, Stage, manifest, unwatched};
use callboard_engine::backup::manifest::Manifest;
use callboard_engine::backup::restore::{First, Report, RestoreScope, Wanted, restore};
use callboard_engine::backup::{self, Request};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Reason, Scope};
use callboard_engine::domain::command::{Command, MoveSession};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::restore::{MergeStrategy, Purpose};
use callboard_engine::domain::session::{SessionMove, SessionState};
use callboard_engine::query;
use callboard_engine::sync::edits::Edits;

use super::board::is_sound;
use super::packing::{archive, completed, folder, moved, sync};
use crate::scene::Scene;

const PLAN: &str = "artifacts/work_products/plan.bin";

fn backed_up(scene: &Scene, scope: Scope, sessions: &[SessionId]) -> Manifest {
    let request = Request {
        name: Some("good".to_owned()),
        sessions: sessions.to_vec(),
        ..Request::automatic(scope, Reason::Manual)
    };
    let made = backup::create(&scene.peer, &request, &unwatched).unwrap();
    manifest(&scene.peer.paths.backups().join(made.file)).unwrap()
}

fn restored(scene: &Scene, scope: RestoreScope, actor: Actor) -> Report {
    let wanted = Wanted {
        scope,
        sessions: Vec::new(),
        strategy: MergeStrategy::Replace,
        purpose: Purpose::Keep,
        first: First::GoOn,
        actor,
    };
    restore(&scene.peer, "good", &wanted, &unwatched).unwrap()
}

fn holds(manifest: &Manifest, end: &str) -> bool {
    manifest.files.iter().any(|file| file.path.as_str().ends_with(end))
}

fn state(scene: &Scene, session: SessionId) -> SessionState {
    scene.peer.readers.read(|reader| query::sessions::get(reader, session)).unwrap().state
}

fn is_kept(scene: &Scene, text: &str) -> bool {
    let edits = Edits::in_directory(scene.peer.paths.edit_backups());
    let listed = edits.list().unwrap();
    listed.iter().any(|one| edits.text(&one.name).unwrap() == text.as_bytes())
}

/// A completed session that was archived, where its folder was, and what its session.md says.
fn archived() -> (Scene, SessionId, PathBuf, String) {
    let (scene, session, _) = completed();
    let home = folder(&scene, session).unwrap();
    scene.does("human", moved(session, SessionMove::Archive));
    let text = text_in_pack(&scene);
    (scene, session, home, text)
}

fn text_in_pack(scene: &Scene) -> String {
    let into = tempfile::tempdir().unwrap();
    let manifest = backup::archive::unpack(&archive(scene).unwrap(), into.path(), &unwatched);
    let notes =
        manifest.unwrap().files.into_iter().find(|file| file.path.as_str().ends_with("session.md"));
    fs::read_to_string(into.path().join(notes.unwrap().path.as_str())).unwrap()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_session_that_a_restore_takes_out_of_the_archive_has_all_that_was_packed() {
    let (scene, session, _) = completed();
    backed_up(&scene, Scope::Database, &[]);
    let home = folder(&scene, session).unwrap();
    scene.does("human", moved(session, SessionMove::Archive));
    let text = text_in_pack(&scene);
    // Whoever keeps the documents was faster than who unpacks: there is a folder already.
    write(&home.join("activity.md"), "# Written anew\n");
    restored(&scene, RestoreScope::Database, Actor::Human);
    assert_eq!(state(&scene, session), SessionState::Completed);
    sync(&scene);
    assert!(home.join(PLAN).exists(), "what is in no backup");
    assert_eq!(archive(&scene), None);
    let now = fs::read_to_string(home.join("session.md")).unwrap();
    assert!(text.contains("A line of my own.") && now.contains("A line of my own."));
    is_sound(&scene);
}

#[test]
fn a_folder_that_somebody_made_is_not_taken_for_one_that_was_unpacked() {
    let (scene, session, home, text) = archived();
    fs::create_dir_all(home.join("artifacts/work_products")).unwrap();
    scene.does("human", moved(session, SessionMove::Resume));
    assert!(home.join(PLAN).exists());
    assert_eq!(fs::read_to_string(home.join("session.md")).unwrap(), text);
    assert_eq!(archive(&scene), None);
    assert!(!home.join(".callboard-unpacked").exists(), "only as long as the archive is there");
}

#[test]
fn what_somebody_put_into_the_folder_of_an_archived_session_stays_beside_what_was_packed() {
    let (scene, session, home, text) = archived();
    write(&home.join("artifacts/work_products/late.txt"), "late");
    write(&home.join("session.md"), "Something else.\n");
    sync(&scene);
    assert_eq!(folder(&scene, session), None);
    assert!(is_kept(&scene, "Something else.\n"), "the archive holds what was agreed on");
    scene.does("human", moved(session, SessionMove::Resume));
    assert_eq!(fs::read_to_string(home.join("artifacts/work_products/late.txt")).unwrap(), "late");
    assert_eq!(fs::read_to_string(home.join("session.md")).unwrap(), text);
    assert!(home.join(PLAN).exists());
}

#[test]
fn an_archive_from_elsewhere_is_not_taken_for_what_a_session_has_now() {
    let (scene, session, home, text) = archived();
    let (path, early) = (archive(&scene).unwrap(), fs::read(archive(&scene).unwrap()).unwrap());
    scene.does("human", moved(session, SessionMove::Resume));
    sync(&scene);
    let later = fs::read_to_string(home.join("session.md")).unwrap() + "\nA later line.\n";
    fs::write(home.join("session.md"), later).unwrap();
    write(&home.join("artifacts/work_products/late.txt"), "late");
    fs::remove_file(home.join(PLAN)).unwrap();
    sync(&scene);
    scene.does("human", moved(session, SessionMove::Complete));
    sync(&scene);
    let now = fs::read_to_string(home.join("session.md")).unwrap();
    // As a pull brings it, from a clone in which the session was archived before.
    fs::write(&path, early).unwrap();
    scene.does("human", moved(session, SessionMove::Archive));
    assert_eq!(folder(&scene, session), None);
    assert!(is_kept(&scene, &text));
    scene.does("human", moved(session, SessionMove::Resume));
    assert_eq!(fs::read_to_string(home.join("session.md")).unwrap(), now);
    assert!(now.contains("A later line."));
    assert_eq!(fs::read_to_string(home.join("artifacts/work_products/late.txt")).unwrap(), "late");
    assert!(home.join(PLAN).exists(), "what only the other clone has");
    is_sound(&scene);
}

#[test]
fn an_archive_that_is_another_sessions_is_neither_unpacked_nor_removed() {
    let (scene, session, _, _) = archived();
    let (other, _, _, _) = archived();
    let (path, foreign) = (archive(&scene).unwrap(), fs::read(archive(&other).unwrap()).unwrap());
    fs::write(&path, &foreign).unwrap();
    let refusal = scene.refused("human", moved(session, SessionMove::Resume));
    assert_eq!(refusal.code, Code::StoreFailed);
    assert_eq!(fs::read(&path).unwrap(), foreign);
}

#[test]
fn a_refused_resume_unpacks_nothing() {
    let (scene, session, _, _) = archived();
    let other = scene.session("Other").id;
    let Command::MoveSession(wanted) = moved(session, SessionMove::Resume) else { panic!() };
    let refused = MoveSession { suspend_current: false, ..wanted };
    let before = fs::metadata(archive(&scene).unwrap()).unwrap().modified().unwrap();
    // Nobody is waited for, either: the documents are kept at this moment.
    let refusal = scene.refused("human", Command::MoveSession(refused));
    assert_eq!(refusal.code, Code::SessionLive);
    assert_eq!(folder(&scene, session), None);
    let after = fs::metadata(archive(&scene).unwrap()).unwrap().modified().unwrap();
    assert_eq!((before, state(&scene, other)), (after, SessionState::Active));
}

#[cfg(unix)]
#[test]
fn a_folder_with_a_link_in_it_stays_as_it_is() {
    let (scene, session, _) = completed();
    let home = folder(&scene, session).unwrap();
    std::os::unix::fs::symlink("/dev/zero", home.join("artifacts/zero")).unwrap();
    scene.does("human", moved(session, SessionMove::Archive));
    sync(&scene);
    assert!(home.join(PLAN).exists());
    assert_eq!(archive(&scene), None);
    fs::remove_file(home.join("artifacts/zero")).unwrap();
    sync(&scene);
    assert_eq!(folder(&scene, session), None);
}

#[test]
fn a_backup_of_an_archived_session_holds_its_pack_and_an_agent_gets_it_back() {
    let (scene, session, home, text) = archived();
    let manifest = backed_up(&scene, Scope::Session, &[session]);
    assert!(holds(&manifest, ".tar.zst"));
    assert!(manifest.head.sessions[0].folder.as_ref().unwrap().starts_with("archives/"));
    fs::remove_file(archive(&scene).unwrap()).unwrap();
    let report = restored(&scene, RestoreScope::Documents, Actor::agent("a"));
    assert_eq!((report.files.written, report.notes), (1, Vec::<String>::new()));
    scene.does("human", moved(session, SessionMove::Resume));
    assert_eq!(fs::read_to_string(home.join("session.md")).unwrap(), text);
    assert!(home.join(PLAN).exists());
}

#[test]
fn a_session_that_is_archived_again_by_a_restore_has_the_documents_of_that_time() {
    let (scene, session, home, text) = archived();
    backed_up(&scene, Scope::Session, &[session]);
    scene.does("human", moved(session, SessionMove::Resume));
    sync(&scene);
    let later = fs::read_to_string(home.join("session.md")).unwrap() + "\nA later line.\n";
    fs::write(home.join("session.md"), &later).unwrap();
    write(&home.join("artifacts/work_products/late.txt"), "late");
    sync(&scene);
    let later = fs::read_to_string(home.join("session.md")).unwrap();
    restored(&scene, RestoreScope::Full, Actor::Human);
    assert_eq!(state(&scene, session), SessionState::Archived);
    assert_eq!(folder(&scene, session), None);
    assert!(is_kept(&scene, &later));
    scene.does("human", moved(session, SessionMove::Resume));
    assert_eq!(fs::read_to_string(home.join("session.md")).unwrap(), text);
    assert!(home.join(PLAN).exists());
    assert!(home.join("artifacts/work_products/late.txt").exists());
    sync(&scene);
    let held = scene.peer.readers.read(|reader| query::ledger::held(reader, session, 9)).unwrap();
    assert_eq!(held, []);
    is_sound(&scene);
}

/// Makes a backup, and moves a session as soon as the first file is read.
fn made_while(scene: &Scene, scope: Scope, moving: Command) -> Manifest {
    let moving = Cell::new(Some(moving));
    let watch = |progress: Progress| {
        if progress.stage == Stage::Gathering
            && let Some(moving) = moving.take()
        {
            scene.does("human", moving);
        }
        ControlFlow::Continue(())
    };
    let request = Request::automatic(scope, Reason::Manual);
    let made = backup::create(&scene.peer, &request, &watch).unwrap();
    manifest(&scene.peer.paths.backups().join(made.file)).unwrap()
}

#[test]
fn a_session_that_is_unpacked_while_a_backup_is_made_is_in_it() {
    let (scene, session, _, _) = archived();
    scene.session("Other");
    sync(&scene);
    let manifest = made_while(&scene, Scope::All, moved(session, SessionMove::Resume));
    assert!(holds(&manifest, "plan.bin") || holds(&manifest, ".tar.zst"));
}

#[test]
fn a_session_that_is_packed_while_a_backup_is_made_is_in_it() {
    let (scene, session, _) = completed();
    let manifest = made_while(&scene, Scope::Full, moved(session, SessionMove::Archive));
    assert!(holds(&manifest, "plan.bin") || holds(&manifest, ".tar.zst"));
}
