//! A disk that is full for a while, with a keeper at work: nothing is lost, nothing is left half done,
//! and all goes on soon after there is room again.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::{Duration, Instant};

use callboard_engine::clock::Clock;
use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateTask};
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::sync::keeper::{self, SyncHandle};

use super::desk::{ACTIVE, Desk, until};
use crate::scene::Scene;

/// A look at everything comes only every 30 seconds.
const SOON: Duration = Duration::from_secs(15);

/// A small file system; none where we may not mount.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path) -> Option<Self> {
        let mount = ["-t", "tmpfs", "-o", "size=8m", "tmpfs"];
        let mounted = Process::new("mount").args(mount).arg(at).output().ok()?;
        mounted.status.success().then(|| Self(at.to_owned()))
    }

    /// Leaves room for not a single page.
    fn fill(&self) -> PathBuf {
        let filler = self.0.join("filler");
        let mut size = 8 * 1024 * 1024;
        while 0 < size {
            let mut all = fs::read(&filler).unwrap_or_default();
            let before = all.len();
            all.resize(before + size, b'x');
            if fs::write(&filler, &all).is_err() {
                fs::write(&filler, &all[..before]).unwrap();
                size /= 2;
            }
        }
        filler
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        Process::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

fn has_failed(keeper: &SyncHandle) -> bool {
    !keeper.status().borrow().failures.is_empty()
}

#[test]
fn after_a_full_disk_all_goes_on_as_soon_as_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let Some(small) = Small::mount(directory.path()) else { return };
    let clock = Clock::system();
    let peer = Peer::open(&ProjectPaths::at(&small.0), clock.clone()).unwrap();
    let scene = Scene { directory, peer, clock };
    let session = scene.session("Work").id;
    let tasks = scene.tasks(session, &["a", "b", "c"]);
    let desk = Desk::at(scene, session);
    desk.sync();
    let keeper = keeper::start(&desk.scene.peer, desk.options).unwrap();
    until("the keeper begins", || {
        keeper.status().borrow().keeps && !keeper.status().borrow().waiting
    });

    let filler = small.fill();
    let text = desk.read(ACTIVE);
    // No longer than before: it needs no more room.
    desk.write(ACTIVE, &text.replace("- [ ] b ", "- [/] b "));
    until("there is no room", || has_failed(&keeper));
    let patch = TaskPatch { title: Some("c, by an agent".to_owned()), ..TaskPatch::default() };
    let update = UpdateTask { id: tasks[2], patch, guard: Guard::default() };
    desk.scene.submit("agent:codex", Command::UpdateTask(update)).unwrap_err();
    // It fails more than once before there is room.
    std::thread::park_timeout(Duration::from_secs(2));
    assert!(desk.read(ACTIVE).contains("- [/] b "));
    fs::remove_file(filler).unwrap();

    let begun = Instant::now();
    desk.retitle(tasks[2], "c, by an agent");
    let has_both = || {
        let text = fs::read_to_string(desk.path(ACTIVE)).unwrap();
        text.contains("- [/] b ") && text.contains("c, by an agent")
    };
    until("both sides have everything", || {
        has_both() && desk.scene.task(tasks[1]).status.is_open() && !has_failed(&keeper)
    });
    until("nothing waits", || !keeper.status().borrow().waiting);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(desk.scene.task(tasks[1]).status.as_str(), "active");
    drop(keeper);
    until("the keeper ends", || keeper::once(&desk.scene.peer, desk.options).unwrap().is_some());
    desk.all_in_step();
}
