//! Texts that are stored and files that are referenced: whole and recorded, or neither.

use std::fs;

use callboard_engine::artifacts::{self, Handed, NewArtifact, orphans, prepare};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::{Artifact, STORED_MAX, Storage};
use callboard_engine::domain::command::{Command, MoveSession};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::session::SessionMove;
use callboard_engine::query;

use crate::scene::Scene;

pub(super) fn new(session: SessionId, title: &str, handed: Handed) -> NewArtifact {
    NewArtifact {
        session,
        task: None,
        kind: None,
        title: title.to_owned(),
        summary: String::new(),
        handed,
    }
}

pub(super) fn text(session: SessionId, title: &str, text: &str) -> NewArtifact {
    new(session, title, Handed::Text(text.to_owned()))
}

pub(super) fn file(session: SessionId, path: &str) -> NewArtifact {
    new(session, path, Handed::File(path.to_owned()))
}

pub(super) fn record(scene: &Scene, new: &NewArtifact) -> Result<Artifact, Refusal> {
    artifacts::record(&scene.peer, Actor::agent("a"), new).map(|(artifact, ..)| artifact)
}

pub(super) fn archived(scene: &Scene, session: SessionId) {
    for to in [SessionMove::Suspend, SessionMove::Archive] {
        scene.does(
            "human",
            Command::MoveSession(MoveSession {
                id: session,
                to,
                reason: None,
                suspend_current: false,
                allow_open: false,
            }),
        );
    }
}

fn lost(scene: &Scene, session: SessionId) -> Vec<String> {
    scene.peer.readers.read(|reader| orphans(&scene.peer.paths, reader, session)).unwrap()
}

#[test]
fn a_text_is_stored_with_its_session_and_can_be_opened() {
    let (scene, session) = Scene::live();
    let artifact = record(&scene, &text(session, "Design of the store", "# Store\n")).unwrap();
    assert_eq!((artifact.storage, artifact.size), (Storage::Stored, 8));
    let path = format!(
        ".task_orchestrator/sessions/work-{session}/artifacts/work_products/design-of-the-store-{}.md",
        artifact.id
    );
    assert_eq!(artifact.path, path);
    let whole = scene.directory.path().join(&path);
    assert_eq!(fs::read_to_string(whole).unwrap(), "# Store\n");
    assert_eq!(artifact.hash, blake3::hash(b"# Store\n").to_hex().to_string());
    let content = artifacts::read(&scene.peer.paths, &artifact, 100).unwrap();
    assert_eq!(content.text.as_deref(), Some("# Store\n"));
}

#[test]
fn a_file_of_the_project_is_referenced_where_it_is() {
    let (scene, session) = Scene::live();
    fs::write(scene.directory.path().join("a.bin"), [0, 1, 2]).unwrap();
    let artifact = record(&scene, &file(session, "./a.bin")).unwrap();
    assert_eq!((artifact.path.as_str(), artifact.storage), ("a.bin", Storage::Referenced));
    let content = artifacts::read(&scene.peer.paths, &artifact, 2).unwrap();
    assert_eq!((content.text, content.size, content.is_cut), (None, 3, true));
}

#[test]
fn a_later_text_under_a_title_has_a_file_of_its_own() {
    let (scene, session) = Scene::live();
    let first = record(&scene, &text(session, "notes", "one")).unwrap();
    let second = record(&scene, &text(session, "notes", "two")).unwrap();
    assert_eq!((first.edition, second.edition), (1, 2));
    for (artifact, says) in [(first, "one"), (second, "two")] {
        let content = artifacts::read(&scene.peer.paths, &artifact, 100).unwrap();
        assert_eq!(content.text.as_deref(), Some(says));
    }
}

#[test]
fn nothing_is_left_of_what_is_refused_or_known_already() {
    let (scene, session) = Scene::live();
    let known = record(&scene, &text(session, "notes", "one")).unwrap();
    assert_eq!(record(&scene, &text(session, "notes", "one")).unwrap().id, known.id);
    let nowhere =
        NewArtifact { task: Some("t-00000000".parse().unwrap()), ..text(session, "more", "text") };
    assert_eq!(record(&scene, &nowhere).unwrap_err().code, Code::UnknownId);
    let huge = text(session, "huge", &"x".repeat(STORED_MAX + 1));
    assert_eq!(record(&scene, &huge).unwrap_err().code, Code::InvalidText);
    let untitled = text(session, "a\nb", "text");
    assert_eq!(record(&scene, &untitled).unwrap_err().code, Code::InvalidText);
    assert_eq!(lost(&scene, session), Vec::<String>::new());
    let most = record(&scene, &text(session, "most", &"x".repeat(STORED_MAX))).unwrap();
    assert_eq!(most.size, STORED_MAX as u64);
}

#[test]
fn what_is_refused_leaves_no_directory_either() {
    let (scene, session) = Scene::live();
    let nowhere =
        NewArtifact { task: Some("t-00000000".parse().unwrap()), ..text(session, "more", "text") };
    assert_eq!(record(&scene, &nowhere).unwrap_err().code, Code::UnknownId);
    assert!(!scene.peer.paths.sessions().exists());
    record(&scene, &text(session, "notes", "one")).unwrap();
    assert_eq!(record(&scene, &nowhere).unwrap_err().code, Code::UnknownId);
    archived(&scene, session);
    let refusal = record(&scene, &text(session, "notes", "two")).unwrap_err();
    assert_eq!(refusal.code, Code::SessionState);
    assert_eq!(fs::read_dir(scene.peer.paths.sessions()).unwrap().count(), 0);
}

#[test]
fn a_text_whose_file_was_lost_is_kept_when_it_is_handed_over_again() {
    let (scene, session) = Scene::live();
    let first = record(&scene, &text(session, "notes", "one")).unwrap();
    fs::remove_file(scene.directory.path().join(&first.path)).unwrap();
    let second = record(&scene, &text(session, "notes", "one")).unwrap();
    assert_eq!((first.edition, second.edition), (1, 2));
    let content = artifacts::read(&scene.peer.paths, &second, 100).unwrap();
    assert_eq!(content.text.as_deref(), Some("one"));
    assert_eq!(record(&scene, &text(session, "notes", "one")).unwrap().id, second.id);
}

#[test]
fn a_text_of_an_archived_session_is_read_out_of_its_pack() {
    let (scene, session) = Scene::live();
    let artifact = record(&scene, &text(session, "notes", "one")).unwrap();
    archived(&scene, session);
    assert!(!scene.directory.path().join(&artifact.path).exists());
    let content = artifacts::read(&scene.peer.paths, &artifact, 2).unwrap();
    assert_eq!((content.text.as_deref(), content.size, content.is_cut), (Some("on"), 3, true));
    let packs = fs::read_dir(scene.peer.paths.session_archives()).unwrap();
    for pack in packs.flatten() {
        fs::write(pack.path(), "damaged").unwrap();
    }
    let refusal = artifacts::read(&scene.peer.paths, &artifact, 2).unwrap_err();
    let advice = format!("resume session {session} first");
    assert_eq!((refusal.code, refusal.suggested_action), (Code::SessionState, Some(advice)));
}

#[cfg(unix)]
#[test]
fn a_link_at_the_place_of_a_stored_text_opens_nothing_private() {
    let (scene, session) = Scene::live();
    let artifact = record(&scene, &text(session, "notes", "one")).unwrap();
    let place = scene.directory.path().join(&artifact.path);
    let home = scene.peer.paths.task_orchestrator();
    fs::write(home.join("run/token"), "one").unwrap();
    fs::write(home.join("config.yaml"), "one").unwrap();
    for inner in ["run/token", "callboard.db", "config.yaml"] {
        fs::remove_file(&place).unwrap();
        std::os::unix::fs::symlink(format!("../../../../{inner}"), &place).unwrap();
        assert!(place.exists());
        let refusal = artifacts::read(&scene.peer.paths, &artifact, 100).unwrap_err();
        assert_eq!(refusal.code, Code::InvalidValue, "{inner}: {}", refusal.message);
    }
}

#[test]
fn a_process_that_dies_between_file_and_record_leaves_a_file_that_is_found() {
    let (scene, session) = Scene::live();
    record(&scene, &text(session, "kept", "text")).unwrap();
    let new = text(session, "lost", "text");
    let prepared =
        scene.peer.readers.read(|reader| prepare(&scene.peer.paths, reader, &new)).unwrap();
    let path = prepared.record.path.clone();
    drop(prepared);
    assert_eq!(lost(&scene, session), [path]);
}

#[test]
fn undo_takes_the_record_and_redo_finds_the_file() {
    let (scene, session) = Scene::live();
    let artifact = record(&scene, &text(session, "notes", "one")).unwrap();
    scene.does("agent:a", Command::Undo { seq: None });
    assert_eq!(lost(&scene, session), vec![artifact.path.clone()]);
    scene.does("agent:a", Command::Redo);
    let content = artifacts::read(&scene.peer.paths, &artifact, 100).unwrap();
    assert_eq!(content.text.as_deref(), Some("one"));
    assert_eq!(lost(&scene, session), Vec::<String>::new());
}

#[test]
#[expect(clippy::excessive_nesting, reason = "recorders are threads in a scope")]
fn recorders_of_several_processes_get_an_edition_each() {
    let (scene, session) = Scene::live();
    let peers = [scene.other_peer(), scene.other_peer(), scene.other_peer()];
    std::thread::scope(|scope| {
        for (number, peer) in peers.iter().enumerate() {
            scope.spawn(move || {
                for new in (0..5).map(|turn| text(session, "notes", &format!("{number} {turn}"))) {
                    let actor = Actor::agent(&format!("a{number}"));
                    artifacts::record(peer, actor, &new).unwrap();
                }
            });
        }
    });
    let editions = scene
        .peer
        .readers
        .read(|reader| query::artifacts::editions(reader, session, "notes"))
        .unwrap();
    let numbers: Vec<u32> = editions.iter().rev().map(|artifact| artifact.edition).collect();
    assert_eq!(numbers, (1..=15).collect::<Vec<u32>>());
    assert_eq!(lost(&scene, session), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_link_in_the_way_leads_no_text_out_of_the_session() {
    let (scene, session) = Scene::live();
    let outside = tempfile::tempdir().unwrap();
    let directory = format!(".task_orchestrator/sessions/work-{session}");
    fs::create_dir_all(scene.directory.path().join(&directory)).unwrap();
    let artifacts = scene.directory.path().join(&directory).join("artifacts");
    std::os::unix::fs::symlink(outside.path(), artifacts).unwrap();
    assert_eq!(record(&scene, &text(session, "notes", "x")).unwrap_err().code, Code::StoreFailed);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}
