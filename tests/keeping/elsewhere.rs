//! Changes that the system does not tell of: they are found by looking.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::Duration;

use callboard_engine::clock::Clock;
use callboard_engine::domain::id::TaskId;
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

/// A desk with two tasks whose clock is the system's: files that are old are known to be.
fn live(root: PathBuf, directory: tempfile::TempDir) -> (Desk, Vec<TaskId>) {
    let clock = Clock::system();
    let peer = Peer::open(&ProjectPaths::at(root), clock.clone()).unwrap();
    let scene = Scene { directory, peer, clock };
    let session = scene.session("Work").id;
    let tasks = scene.tasks(session, &["a", "b"]);
    (Desk::at(scene, session), tasks)
}

#[test]
fn where_changes_are_not_told_they_are_found_by_looking_and_that_is_said() {
    let (behind, directory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(mirror) = Mirror::mount(behind.path(), directory.path()) else { return };
    let (desk, tasks) = live(mirror.0.clone(), directory);
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

/// What is written through a hard link elsewhere, the system tells the directory of the link alone.
#[test]
fn an_edit_that_nothing_tells_of_is_found_by_the_next_look() {
    let directory = tempfile::tempdir().unwrap();
    let (mut desk, tasks) = live(directory.path().to_owned(), directory);
    desk.options.look = Duration::from_millis(500);
    desk.sync();
    let keeper = keeper::start(&desk.scene.peer, desk.options).unwrap();
    let status = keeper.status();
    until("the keeper", || status.borrow().keeps && !status.borrow().waiting);
    let link = desk.scene.directory.path().join("link.md");
    std::fs::hard_link(desk.path(ACTIVE), &link).unwrap();
    let text = std::fs::read_to_string(&link).unwrap();
    std::fs::write(&link, text.replace("- [ ] b ", "- [ ] b, edited ")).unwrap();
    until("the edit is found", || desk.scene.task(tasks[1]).title == "b, edited");
    assert_eq!(status.borrow().polls, None);
    until("nothing waits", || !status.borrow().waiting);
    drop(keeper);
    until("the keeper ends", || keeper::once(&desk.scene.peer, desk.options).unwrap().is_some());
    desk.all_in_step();
}
