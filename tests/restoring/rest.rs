//! What fails around the decision: before it all stays as it was, after it nothing is a refusal.

use std::cell::Cell;
use std::fs;

use callboard_engine::backup::restore::{Moment, finish, restore_seen};
use callboard_engine::backup::unwatched;
use callboard_engine::domain::backup::Scope;
use callboard_engine::domain::refusal::Code;
use callboard_engine::peer::Peer;

use super::board::{content, is_sound};
use super::whole::{back_up, board, document, documents, goes_on, restored, sync};
use crate::scene::Scene;

/// Restores that are not at their end.
pub(super) fn left(peer: &Peer) -> usize {
    let entries = fs::read_dir(peer.paths.run()).unwrap().flatten();
    entries.filter(|one| one.file_name().to_string_lossy().starts_with("restore-")).count()
}

#[test]
fn what_cannot_be_written_is_told_and_tried_again_where_nothing_was_done_since() {
    let (scene, session, tasks) = board();
    let was = content(&scene);
    let notes = document(&scene, session, "session.md");
    let text = fs::read_to_string(&notes).unwrap();
    let wanted = back_up(&scene, Scope::Full);
    let fails = || {
        goes_on(&scene, session, &tasks);
        fs::remove_file(&notes).unwrap();
        fs::create_dir(&notes).unwrap();
        let told = restored(&scene, &wanted).unwrap();
        assert_eq!(content(&scene), was, "rows and all other files are back");
        assert!(told.files.failed[0].contains("session.md"), "{:?}", told.files);
        assert!(told.notes.iter().any(|note| note.contains("tried again")), "{:?}", told.notes);
        assert_eq!((told.files.failed.len(), left(&scene.peer)), (1, 1));
    };
    fails();
    finish(&scene.peer);
    assert!(notes.is_dir() && left(&scene.peer) == 1, "it still cannot be written");
    fs::remove_dir(&notes).unwrap();
    finish(&scene.peer);
    assert_eq!((fs::read_to_string(&notes).unwrap(), left(&scene.peer)), (text, 0));
    sync(&scene.peer);
    assert_eq!(content(&scene), was);
    // What was written there meanwhile stays.
    fails();
    fs::remove_dir(&notes).unwrap();
    fs::write(&notes, "a text of today").unwrap();
    finish(&scene.peer);
    assert_eq!(fs::read_to_string(&notes).unwrap(), "a text of today");
    assert_eq!(left(&scene.peer), 0);
}

#[test]
fn what_fails_after_the_decision_is_no_refusal_and_is_done_later() {
    let (scene, session, tasks) = board();
    let was = (content(&scene), documents(&scene.peer));
    let wanted = back_up(&scene, Scope::Full);
    goes_on(&scene, session, &tasks);
    let database = scene.peer.paths.database();
    let aside = database.with_extension("aside");
    let is_first = Cell::new(true);
    let breaks = |moment: Moment| {
        if moment == Moment::FileBrought && is_first.take() {
            fs::rename(&database, &aside).unwrap();
        }
    };
    let told = restore_seen(&scene.peer, "good", &wanted, (&unwatched, &breaks)).unwrap();
    fs::rename(&aside, &database).unwrap();
    assert!(told.files.failed[0].contains("not noted"), "{:?}", told.files);
    assert_eq!((content(&scene), documents(&scene.peer)), was);
    assert_eq!(left(&scene.peer), 1);
    finish(&scene.peer);
    assert_eq!(left(&scene.peer), 0);
    sync(&scene.peer);
    assert_eq!((content(&scene), documents(&scene.peer)), was);
    is_sound(&scene);
}

#[test]
fn a_refusal_brings_no_file_however_much_others_have_done_meanwhile() {
    let (scene, _, _) = board();
    let wanted = back_up(&scene, Scope::Full);
    let fresh = Scene::new();
    fs::create_dir_all(fresh.peer.paths.backups()).unwrap();
    for file in fs::read_dir(scene.peer.paths.backups()).unwrap().flatten() {
        fs::copy(file.path(), fresh.peer.paths.backups().join(file.file_name())).unwrap();
    }
    let others = |moment: Moment| {
        if moment == Moment::Planned {
            let session = fresh.session("Elsewhere").id;
            while fresh.latest() <= scene.latest() {
                fresh.tasks(session, &["one more"]);
            }
        }
    };
    let refusal = restore_seen(&fresh.peer, "good", &wanted, (&unwatched, &others)).unwrap_err();
    assert_eq!((refusal.code, left(&fresh.peer)), (Code::Busy, 0));
    finish(&fresh.peer);
    assert_eq!(documents(&fresh.peer).len(), 0);
}
