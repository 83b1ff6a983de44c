//! Archives that somebody made to get at what no backup holds.

use std::fs;

use callboard_engine::backup;
use callboard_engine::backup::archive::{Level, Packer, Scratch, unwatched};
use callboard_engine::backup::manifest::EntryPath;
use callboard_engine::backup::restore::restore;
use callboard_engine::domain::backup::Scope;

use super::board::content;
use super::rest::left;
use super::whole::{back_up, board, retitle};
use crate::scene::NOON;

#[test]
fn what_no_backup_holds_is_left_alone_and_named() {
    let (scene, _, tasks) = board();
    let wanted = back_up(&scene, Scope::Full);
    let good = backup::resolve(&scene.peer, "good").unwrap();
    let mut head = backup::manifest_of(&scene.peer, &good).unwrap().head;
    head.name = "crafted".to_owned();
    let home = scene.peer.paths.task_orchestrator();
    let token = home.join("run/token");
    fs::write(&token, "secret").unwrap();
    let scratch = Scratch::new(scene.directory.path()).unwrap();
    let mut packer = Packer::new(scratch.path(), Level::default()).unwrap();
    let strays = [
        "callboard.db",
        "callboard.db-wal",
        "Callboard.db-shm",
        "run/token",
        "RUN/other",
        "run/restore-0000000000000000/journal.json",
        "backups/archives/old-b-00000000.tar.zst",
        "sessions/.callboard-x.tmp",
    ];
    for path in strays.iter().chain(&["roles/mine.yaml", "sessions/link/token"]) {
        let path = EntryPath::new(format!("files/{path}")).unwrap();
        packer.add(path, NOON, &mut "crafted".as_bytes()).unwrap();
    }
    packer.write(&scene.peer.paths.backups().join("crafted.tar.zst"), head, &unwatched).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../run", home.join("sessions/link")).unwrap();
    let before = content(&scene);

    let told = restore(&scene.peer, "crafted", &wanted, &unwatched).unwrap();

    let named = |note: &String| note.contains("8 files") && note.contains("callboard.db");
    assert!(told.notes.iter().any(named), "{:?}", told.notes);
    assert_eq!(fs::read_to_string(home.join("roles/mine.yaml")).unwrap(), "crafted");
    assert_eq!(fs::read_to_string(&token).unwrap(), "secret");
    assert!(!home.join("RUN/other").exists() && !home.join("run/other").exists());
    assert!(!home.join("backups/archives/old-b-00000000.tar.zst").exists());
    assert!(!home.join("run/restore-0000000000000000").exists());
    #[cfg(unix)]
    assert_eq!((told.files.failed.len(), left(&scene.peer)), (1, 1), "{:?}", told.files);
    assert_eq!(content(&scene), before);
    scene.does("human", retitle(tasks[0], "on with it"));
}
