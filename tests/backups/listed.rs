//! The list: the files are the truth, and what is known of them is found again.

use std::fs;

use callboard_engine::backup::archive::unwatched;
use callboard_engine::backup::{self, Order};
use callboard_engine::domain::backup::{Integrity, Scope};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::query::backups;

use super::{archive_of, create, lying};
use crate::scene::Scene;

#[test]
fn what_was_made_is_listed_the_newest_first_and_known() {
    let (scene, _) = Scene::live();
    let first = create(&scene, Scope::All);
    scene.clock.advance_ms(60_000);
    let second = create(&scene, Scope::Database);
    assert_eq!(backup::list(&scene.peer).unwrap(), [second.clone(), first.clone()]);
    assert_eq!(scene.peer.readers.read(backups::known).unwrap(), [second.clone(), first]);
    assert_eq!(scene.peer.readers.read(backups::newest).unwrap(), Some(second));
}

#[test]
fn a_file_that_is_not_known_is_taken_in_and_one_that_is_gone_is_dropped() {
    let (scene, _) = Scene::live();
    let made = create(&scene, Scope::All);
    let elsewhere = Scene::live().0;
    let foreign = create(&elsewhere, Scope::Full);
    fs::copy(archive_of(&elsewhere, &foreign), scene.peer.paths.backups().join("found.tar.zst"))
        .unwrap();
    fs::remove_file(archive_of(&scene, &made)).unwrap();
    let listed = backup::list(&scene.peer).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].id, listed[0].file.as_str()), (foreign.id, "found.tar.zst"));
    assert_eq!((listed[0].integrity, listed[0].scope), (Integrity::Unknown, Scope::Full));
    assert_eq!(scene.peer.readers.read(backups::known).unwrap(), listed);
}

#[test]
fn what_was_verified_is_unverified_again_when_its_file_was_touched() {
    let (scene, _) = Scene::live();
    let made = create(&scene, Scope::All);
    let path = archive_of(&scene, &made);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let listed = backup::list(&scene.peer).unwrap();
    assert_eq!(listed[0].integrity, Integrity::Unknown);
    let (found, manifest) = backup::verify(&scene.peer, &listed[0], &unwatched).unwrap();
    assert_eq!((found.integrity, manifest), (Integrity::Corrupted, None));
    assert!(found.problem.is_some());
    assert_eq!(backup::list(&scene.peer).unwrap(), [found]);
}

#[test]
fn an_archive_that_is_no_archive_is_listed_as_damaged_and_other_files_are_not_listed() {
    let (scene, _) = Scene::live();
    let made = create(&scene, Scope::All);
    let folder = scene.peer.paths.backups();
    fs::write(folder.join("nightly-b-0000000z.tar.zst"), "no archive").unwrap();
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    fs::create_dir(folder.join("folder.tar.zst")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(archive_of(&scene, &made), folder.join("link.tar.zst")).unwrap();
    let mut listed = backup::list(&scene.peer).unwrap();
    backup::sort(&mut listed, Order::Name);
    let told: Vec<_> = listed
        .iter()
        .map(|backup| (backup.name.as_str(), backup.integrity, backup.id.to_string()))
        .collect();
    assert_eq!(
        told,
        [
            (made.name.as_str(), Integrity::Valid, made.id.to_string()),
            ("nightly", Integrity::Corrupted, "b-0000000z".to_owned()),
        ]
    );
    assert_eq!(backup::list(&scene.peer).unwrap().len(), 2);
}

#[test]
fn a_backup_is_meant_by_its_id_the_beginning_of_it_its_name_or_its_file() {
    let (scene, _) = Scene::live();
    let made = create(&scene, Scope::All);
    let id = made.id.to_string();
    for text in
        [&id, &id.chars().take(6).collect::<String>(), &id.to_uppercase(), &made.name, &made.file]
    {
        assert_eq!(backup::resolve(&scene.peer, text).unwrap().file, made.file, "{text}");
    }
    fs::copy(archive_of(&scene, &made), scene.peer.paths.backups().join("copy.tar.zst")).unwrap();
    let code = |text: &str| {
        let refusal: Refusal = backup::resolve(&scene.peer, text).unwrap_err().into();
        refusal.code.as_str()
    };
    assert_eq!(code(&id), "ambiguous_id");
    for text in ["../x", "/etc/passwd", "", "b-", "a\0b", "-x", "notes.txt"] {
        assert_eq!(code(text), "unknown_id", "{text:?}");
    }
    assert_eq!(lying(&scene).len(), 2);
}
