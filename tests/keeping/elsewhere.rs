//! Documents on a file system that tells of no changes: they are found by looking, and that is said.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use callboard_engine::clock::Clock;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::sync::keeper;

use super::desk::{ACTIVE, Desk, until};
use crate::scene::Scene;

/// A directory that shows another one by FUSE; none where that is not installed or not allowed.
struct Mirror(PathBuf);

impl Mirror {
    fn mount(of: &Path, at: &Path) -> Option<Self> {
        let mounted = Process::new("bindfs").arg(of).arg(at).output().ok()?;
        mounted.status.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        Process::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[test]
fn where_changes_are_not_told_they_are_found_by_looking_and_that_is_said() {
    let (behind, directory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(mirror) = Mirror::mount(behind.path(), directory.path()) else { return };
    let clock = Clock::system();
    let peer = Peer::open(&ProjectPaths::at(&mirror.0), clock.clone()).unwrap();
    let scene = Scene { directory, peer, clock };
    let session = scene.session("Work").id;
    let tasks = scene.tasks(session, &["a", "b"]);
    let desk = Desk::at(scene, session);
    let keeper = keeper::start(&desk.scene.peer, desk.options).unwrap();
    let status = keeper.status();
    until("polling is said", || status.borrow().polls.is_some());
    assert_eq!(status.borrow().polls.as_deref(), Some("FUSE does not tell of changes"));
    until("there are documents", || {
        std::fs::read_dir(desk.scene.peer.paths.sessions())
            .is_ok_and(|mut all| all.next().is_some())
            && !status.borrow().waiting
    });
    // Saved behind the back of this machine's notices.
    let inner = desk.path(ACTIVE).strip_prefix(&mirror.0).unwrap().to_owned();
    let file = behind.path().join(inner);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("- [ ] b ", "- [ ] b, edited ")).unwrap();
    until("the edit is found", || desk.scene.task(tasks[1]).title == "b, edited");
    until("nothing waits", || !status.borrow().waiting);
    drop(keeper);
    until("the keeper ends", || keeper::once(&desk.scene.peer, desk.options).unwrap().is_some());
    desk.all_in_step();
}
