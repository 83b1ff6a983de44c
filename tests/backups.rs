//! Backups: made while work goes on, listed, verified, kept and removed.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

mod busy;
mod listed;
mod made;
mod own_accord;
mod retained;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use callboard_engine::backup::archive::{Scratch, unpack, unwatched};
use callboard_engine::backup::manifest::Manifest;
use callboard_engine::backup::{self, Request};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Reason, Scope};
use callboard_engine::store::{Readers, audit};

use crate::scene::Scene;

/// Nothing takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A backup that somebody asks for.
fn request(scope: Scope) -> Request {
    Request { scope, sessions: Vec::new(), name: None, reason: Reason::Manual, actor: Actor::Human }
}

fn create(scene: &Scene, scope: Scope) -> Backup {
    backup::create(&scene.peer, &request(scope), &unwatched).unwrap()
}

fn archive_of(scene: &Scene, backup: &Backup) -> PathBuf {
    scene.peer.paths.backups().join(&backup.file)
}

/// An archive, taken apart.
struct Unpacked {
    scratch: Scratch,
    manifest: Manifest,
    into: PathBuf,
}

impl Unpacked {
    fn of(scene: &Scene, backup: &Backup) -> Self {
        let scratch = Scratch::new(scene.directory.path()).unwrap();
        let into = scratch.path().join("into");
        fs::create_dir(&into).unwrap();
        let manifest = unpack(&archive_of(scene, backup), &into, &unwatched).unwrap();
        Self { scratch, manifest, into }
    }

    fn readers(&self) -> Readers {
        assert!(self.scratch.path().exists());
        Readers::new(self.into.join(backup::DATABASE))
    }

    /// What is wrong with the database in it.
    fn findings(&self) -> Vec<String> {
        let connection = rusqlite::Connection::open(self.into.join(backup::DATABASE)).unwrap();
        let check: String =
            connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        self.readers().read(audit::findings).unwrap()
    }

    fn paths(&self) -> Vec<&str> {
        self.manifest.files.iter().map(|file| file.path.as_str()).collect()
    }
}

/// What lies in the folder of the archives.
fn lying(scene: &Scene) -> Vec<String> {
    let Ok(entries) = fs::read_dir(scene.peer.paths.backups()) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Scratch folders that are left.
fn scratches(scene: &Scene) -> usize {
    let entries = fs::read_dir(scene.peer.paths.run()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("scratch-")).count()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited too long until {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
