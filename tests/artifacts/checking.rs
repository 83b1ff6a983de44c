//! Looking again at the files of artifacts.

use std::fs;

use callboard_engine::artifacts::{Checked, check};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::{ArtifactCheck, ArtifactState};
use callboard_engine::domain::command::Command;
use callboard_engine::domain::gate::Need;
use callboard_engine::domain::task::Status;
use callboard_engine::query::artifacts::{self, ToCheck};
use callboard_engine::query::modes;
use callboard_engine::store::audit;

use super::storing::{archived, file, record, text};
use crate::scene::Scene;

fn look(scene: &Scene, wanted: ToCheck) -> Checked {
    check(&scene.peer, wanted, &Actor::Human, &|| true).unwrap()
}

fn found(checked: &Checked) -> Vec<(&str, ArtifactState, &str)> {
    let found = checked.findings.iter();
    found.map(|one| (one.artifact.path.as_str(), one.state, one.problem.as_str())).collect()
}

#[test]
fn what_was_changed_or_is_missing_is_told_and_noted_until_it_is_back() {
    let (scene, session) = Scene::live();
    let place = |name: &str| scene.directory.path().join(name);
    for name in ["same", "longer", "other", "gone"] {
        fs::write(place(name), "text").unwrap();
        record(&scene, &file(session, name)).unwrap();
    }
    record(&scene, &text(session, "stored", "text")).unwrap();
    fs::write(place("longer"), "longer").unwrap();
    fs::write(place("other"), "tixt").unwrap();
    fs::remove_file(place("gone")).unwrap();
    let before = scene.latest();
    let checked = look(&scene, ToCheck::Session(session));
    assert_eq!(checked.looked_at, 5);
    assert_eq!(
        found(&checked),
        [
            ("longer", ArtifactState::Changed, "it had 4 bytes and has 6"),
            ("other", ArtifactState::Changed, "its content is another one"),
            ("gone", ArtifactState::Missing, "the file is gone"),
        ]
    );
    assert_eq!(scene.latest(), before + 3);
    assert_eq!(look(&scene, ToCheck::Everything).findings.len(), 3);
    assert_eq!(scene.latest(), before + 3, "what was noted before is no change");
    fs::write(place("gone"), "text").unwrap();
    assert_eq!(look(&scene, ToCheck::Everything).findings.len(), 2);
    assert_eq!(scene.peer.readers.read(audit::findings).unwrap(), Vec::<String>::new());
}

#[test]
fn one_artifact_can_be_looked_at_and_a_look_can_be_stopped() {
    let (scene, session) = Scene::live();
    let one = record(&scene, &text(session, "one", "text")).unwrap();
    record(&scene, &text(session, "two", "text")).unwrap();
    assert_eq!(look(&scene, ToCheck::One(one.id)).looked_at, 1);
    let stopped = check(&scene.peer, ToCheck::Everything, &Actor::Human, &|| false).unwrap();
    assert_eq!(stopped.looked_at, 0);
}

#[test]
fn what_is_packed_away_with_its_session_is_not_missed() {
    let (scene, session) = Scene::live();
    let artifact = record(&scene, &text(session, "one", "text")).unwrap();
    archived(&scene, session);
    assert!(!scene.directory.path().join(&artifact.path).exists(), "it is in the pack");
    assert_eq!(look(&scene, ToCheck::Everything), Checked::default());
    // Somebody looked when it was away already, and was still to say so.
    let checks = vec![ArtifactCheck { id: artifact.id, state: ArtifactState::Missing }];
    let before = scene.latest();
    scene.does("system", Command::NoteArtifacts { checks });
    assert_eq!(scene.latest(), before);
    let now = scene.peer.readers.read(|reader| artifacts::get(reader, artifact.id)).unwrap();
    assert_eq!(now.state, ArtifactState::Present);
}

#[cfg(unix)]
#[test]
fn a_file_that_became_a_link_out_of_the_project_is_missing() {
    let (scene, session) = Scene::live();
    let place = scene.directory.path().join("notes");
    fs::write(&place, "text").unwrap();
    let artifact = record(&scene, &file(session, "notes")).unwrap();
    fs::remove_file(&place).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &place).unwrap();
    look(&scene, ToCheck::One(artifact.id));
    let now = scene.peer.readers.read(|reader| artifacts::get(reader, artifact.id)).unwrap();
    assert_eq!(now.state, ArtifactState::Missing);
}

#[test]
fn evidence_is_what_can_be_opened() {
    let needs = [Need::Artifact("test".to_owned())];
    let (scene, session, id) = crate::gates::gated(&needs);
    let is_met = || {
        let task = scene.task(id);
        let read = |reader: &_| modes::demands(reader, &task, Status::Completed);
        scene.peer.readers.read(read).unwrap().iter().all(|(_, is_met)| *is_met)
    };
    assert!(!is_met());
    let mut new = text(session, "report", "all passed");
    (new.task, new.kind) = (Some(id), Some("Test".to_owned()));
    let artifact = record(&scene, &new).unwrap();
    assert!(is_met());
    fs::remove_file(scene.directory.path().join(&artifact.path)).unwrap();
    look(&scene, ToCheck::Everything);
    assert!(!is_met());
}
