//! Archives that are gone or damaged are told of with what brings them back.

use std::fs;
use std::path::PathBuf;

use callboard_engine::backup::{self, Request};
use callboard_engine::domain::backup::{Reason, Scope};
use callboard_engine::domain::command::{Command, MoveSession};
use callboard_engine::domain::session::SessionMove;
use callboard_engine::upkeep::validate::Level;
use callboard_engine::upkeep::{Finding, Kind, Severity};

use super::{all, stored};
use crate::scene::Scene;

/// A project whose only session is archived, with a stored artifact; and the session's archive.
fn archived() -> (Scene, PathBuf) {
    let (scene, session) = Scene::live();
    stored(&scene, session);
    for to in [SessionMove::Complete, SessionMove::Archive] {
        let moved = MoveSession { allow_open: true, ..MoveSession::plain(session, to) };
        scene.does("human", Command::MoveSession(moved));
    }
    let mut packs = fs::read_dir(scene.peer.paths.session_archives()).unwrap();
    let pack = packs.next().unwrap().unwrap().path();
    (scene, pack)
}

fn of(scene: &Scene, level: Level, kind: Kind) -> Vec<Finding> {
    let mut found = all(scene, level);
    found.retain(|finding| finding.kind == kind && finding.severity != Severity::Note);
    found
}

fn damage(path: &PathBuf) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_archive_of_a_session_that_is_gone_or_damaged_is_an_error() {
    let (scene, pack) = archived();
    assert_eq!(of(&scene, Level::FullAudit, Kind::Session), []);
    let sound = fs::read(&pack).unwrap();
    damage(&pack);
    let [found] = of(&scene, Level::Comprehensive, Kind::Session).try_into().unwrap();
    assert!(found.message.contains("damaged"), "{found:?}");
    fs::remove_file(&pack).unwrap();
    let [found] = of(&scene, Level::Basic, Kind::Session).try_into().unwrap();
    assert!(found.message.contains("1 stored artifact"), "{found:?}");
    assert!(found.fix.shell.unwrap().contains("callboard backup restore"));
    fs::write(&pack, sound).unwrap();
    assert_eq!(of(&scene, Level::FullAudit, Kind::Session), []);
}

#[test]
fn a_backup_that_is_gone_or_damaged_is_a_warning() {
    let (scene, _) = archived();
    let request = Request::automatic(Scope::Full, Reason::Manual);
    let made = backup::create(&scene.peer, &request, &backup::archive::unwatched).unwrap();
    assert_eq!(of(&scene, Level::FullAudit, Kind::Backup), []);
    let file = scene.peer.paths.backups().join(&made.file);
    damage(&file);
    let [found] = of(&scene, Level::FullAudit, Kind::Backup).try_into().unwrap();
    assert!(found.message.contains("damaged"), "{found:?}");
    fs::remove_file(&file).unwrap();
    let [found] = of(&scene, Level::Basic, Kind::Backup).try_into().unwrap();
    assert!(found.message.contains("gone"), "{found:?}");
}
