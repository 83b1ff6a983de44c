//! Files of artifacts that lie about: what they say is never lost by a cleaning.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::ArtifactState;
use callboard_engine::query;
use callboard_engine::sync::edits::Edits;
use callboard_engine::upkeep::cleanup::Sort;

use super::{clear, lies_about, stored};
use crate::scene::Scene;

fn make_old(path: &Path, days: u64) {
    let file = File::options().write(true).open(path).unwrap();
    let now = file.metadata().unwrap().modified().unwrap();
    file.set_modified(now - Duration::from_secs(days * 24 * 60 * 60)).unwrap();
}

#[test]
fn a_file_that_no_record_names_is_kept_aside_and_by_people_alone() {
    let (scene, session) = Scene::live();
    let artifact = stored(&scene, session);
    let folder = scene.directory.path().join(&artifact.path).parent().unwrap().to_owned();
    let orphan = folder.join("orphan.md");
    fs::write(&orphan, "the only copy").unwrap();
    make_old(&orphan, 8);
    let cleared = clear(&scene, &Actor::agent("b"), &[Sort::OrphanedArtifacts]);
    assert_eq!((cleared.fixed.len(), cleared.left.len(), orphan.exists()), (0, 1, true));
    let cleared = clear(&scene, &Actor::Human, &[Sort::OrphanedArtifacts]);
    assert_eq!((cleared.fixed.len(), cleared.left.len(), orphan.exists()), (1, 0, false));
    let edits = Edits::in_directory(scene.peer.paths.edit_backups());
    let [kept] = edits.list().unwrap().try_into().unwrap();
    assert_eq!(edits.text(&kept.name).unwrap(), b"the only copy");
    assert!(kept.document.starts_with("sessions/"), "{kept:?}");
    assert!(scene.directory.path().join(&artifact.path).exists());
}

#[test]
fn a_file_that_is_back_is_noted_as_such() {
    let (scene, session) = Scene::live();
    let artifact = stored(&scene, session);
    let file = scene.directory.path().join(&artifact.path);
    let state =
        || scene.peer.readers.read(|r| query::artifacts::get(r, artifact.id)).unwrap().state;
    fs::rename(&file, file.with_extension("away")).unwrap();
    let cleared = clear(&scene, &Actor::Human, &[Sort::InvalidFileReferences]);
    assert_eq!((cleared.fixed.len(), cleared.left.len()), (1, 1), "noted, and told");
    assert_eq!(state(), ArtifactState::Missing);
    fs::rename(file.with_extension("away"), &file).unwrap();
    let cleared = clear(&scene, &Actor::agent("b"), &[Sort::InvalidFileReferences]);
    assert_eq!((cleared.fixed.len(), cleared.left.len()), (1, 0));
    assert_eq!(state(), ArtifactState::Present);
    assert_eq!(lies_about(&scene, &[Sort::InvalidFileReferences]), []);
}

#[test]
fn what_a_killed_process_left_half_packed_goes() {
    let (scene, _) = Scene::live();
    let left = scene.peer.paths.run().join("scratch-0000000000000001");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("lock"), "").unwrap();
    fs::write(left.join("half"), "x").unwrap();
    assert_eq!(lies_about(&scene, &[Sort::StaleLocks]).len(), 1);
    clear(&scene, &Actor::agent("b"), &[Sort::StaleLocks]);
    assert!(!left.exists());
}

#[test]
fn a_file_of_another_program_below_archives_is_left_alone() {
    let (scene, _) = Scene::live();
    let archives = scene.peer.paths.task_orchestrator().join("archives");
    fs::create_dir_all(&archives).unwrap();
    let mine = archives.join("download.tmp");
    fs::write(&mine, "x").unwrap();
    make_old(&mine, 1);
    assert_eq!(lies_about(&scene, &[Sort::TemporaryFiles]), []);
}
