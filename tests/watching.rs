//! Whatever changes on disk is found: by a hint at once, without one by the next look.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use callboard_engine::clock::Clock;
use callboard_engine::sync::scan::{Kind, Scan};
use callboard_engine::sync::watch::{Hint, Watch, Watching};

const DEADLINE: Duration = Duration::from_secs(10);

struct Scene {
    directory: tempfile::TempDir,
    sessions: PathBuf,
    scan: Scan,
    clock: Clock,
}

impl Scene {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let sessions = directory.path().canonicalize().unwrap().join("sessions");
        fs::create_dir(&sessions).unwrap();
        Self { directory, sessions, scan: Scan::default(), clock: Clock::system() }
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.sessions.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// What a look finds, with the paths relative to the sessions.
    fn look(&mut self) -> Vec<(String, Kind)> {
        let changed = self.scan.look(std::slice::from_ref(&self.sessions), self.clock.now());
        let short = |path: &Path| path.strip_prefix(&self.sessions).unwrap().display().to_string();
        changed.iter().map(|changed| (short(&changed.path), changed.kind)).collect()
    }

    /// Makes a file look as if it had been written long ago.
    fn age(&self, path: &str) {
        let file = fs::File::options().write(true).open(self.sessions.join(path)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    }
}

fn found(path: &str, kind: Kind) -> Vec<(String, Kind)> {
    vec![(path.to_owned(), kind)]
}

#[test]
fn a_look_finds_what_is_new_modified_and_gone_and_nothing_twice() {
    let mut scene = Scene::new();
    scene.write("a/session.md", "one");
    scene.write("a/tasks/active_tasks.md", "two");
    scene.age("a/session.md");
    scene.age("a/tasks/active_tasks.md");
    let new = [found("a/session.md", Kind::New), found("a/tasks/active_tasks.md", Kind::New)];
    assert_eq!(scene.look(), new.concat());
    assert_eq!(scene.look(), []);
    scene.write("a/session.md", "more");
    scene.age("a/session.md");
    assert_eq!(scene.look(), found("a/session.md", Kind::Modified));
    assert_eq!(scene.look(), []);
    fs::remove_dir_all(scene.sessions.join("a/tasks")).unwrap();
    assert_eq!(scene.look(), found("a/tasks/active_tasks.md", Kind::Gone));
    fs::remove_dir_all(&scene.sessions).unwrap();
    assert_eq!(scene.look(), found("a/session.md", Kind::Gone));
    assert_eq!(scene.look(), []);
}

#[test]
fn a_file_that_was_just_written_is_looked_at_once_more() {
    let mut scene = Scene::new();
    scene.write("a.md", "one");
    assert_eq!(scene.look(), found("a.md", Kind::New));
    // Same size, and on a coarse clock the same time.
    assert_eq!(scene.look(), found("a.md", Kind::Modified));
    scene.age("a.md");
    assert_eq!(scene.look(), found("a.md", Kind::Modified));
    assert_eq!(scene.look(), []);
}

#[test]
fn a_look_below_one_directory_leaves_the_others_alone() {
    let mut scene = Scene::new();
    for path in ["a/session.md", "a-b/session.md", "b/session.md"] {
        scene.write(path, "one");
        scene.age(path);
    }
    assert_eq!(scene.look().len(), 3);
    fs::remove_dir_all(scene.sessions.join("b")).unwrap();
    scene.write("a/session.md", "other");
    scene.age("a/session.md");
    let below = [scene.sessions.join("a")];
    let changed = scene.scan.look(&below, scene.clock.now());
    assert_eq!(changed.iter().map(|changed| changed.kind).collect::<Vec<_>>(), [Kind::Modified]);
    assert_eq!(scene.look(), found("b/session.md", Kind::Gone));
}

#[test]
fn what_editors_and_synchronizers_put_beside_documents_is_passed_over() {
    let mut scene = Scene::new();
    for name in [
        "session.sync-conflict-20260101-120000-ABCDEFG.md",
        "session (Ann's conflicted copy 2026-01-01).md",
        ".#session.md",
        "session.md~",
        ".session.md.swp",
        "4913",
        "session.md.orig",
        ".callboard-part-0123456789abcdef.tmp",
        "notes.txt",
        "artifacts/work_products/report.md",
        ".obsidian/workspace.md",
    ] {
        scene.write(&format!("a/{name}"), "x");
    }
    assert_eq!(scene.look(), []);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_not_gone() {
    let mut scene = Scene::new();
    scene.write("a/session.md", "one");
    scene.write("a/tasks/active_tasks.md", "two");
    scene.age("a/session.md");
    scene.age("a/tasks/active_tasks.md");
    assert_eq!(scene.look().len(), 2);
    // A file in the place of a directory cannot be read as one, whoever tries.
    let (a, aside) = (scene.sessions.join("a"), scene.directory.path().join("aside"));
    fs::rename(&a, &aside).unwrap();
    std::os::unix::fs::symlink("a", &a).unwrap();
    let changed = scene.scan.look(std::slice::from_ref(&a), scene.clock.now());
    assert_eq!(changed, []);
    fs::remove_file(&a).unwrap();
    fs::rename(&aside, &a).unwrap();
    assert_eq!(scene.look(), []);
}

/// The ways in which programs save.
fn saves() -> Vec<fn(&Path, &str)> {
    vec![
        |document, text| fs::write(document, text).unwrap(),
        |document, text| {
            let other = document.with_extension("tmp");
            fs::write(&other, text).unwrap();
            fs::rename(other, document).unwrap();
        },
        |document, text| {
            fs::remove_file(document).unwrap();
            fs::write(document, text).unwrap();
        },
        |document, text| {
            fs::copy(document, document.with_extension("md~")).unwrap();
            fs::write(document, text).unwrap();
        },
        |document, text| {
            fs::rename(document, document.with_extension("md~")).unwrap();
            fs::write(document, text).unwrap();
        },
    ]
}

#[test]
fn with_the_watcher_muted_a_look_finds_every_way_of_saving() {
    for save in saves() {
        let mut scene = Scene::new();
        let document = scene.write("a/session.md", "one");
        scene.age("a/session.md");
        assert_eq!(scene.look(), found("a/session.md", Kind::New));
        save(&document, "two");
        assert_eq!(scene.look(), found("a/session.md", Kind::Modified));
    }
}

/// Follows hints as the synchronizer does.
struct Follower {
    scene: Scene,
    watch: Watch,
    runtime: tokio::runtime::Runtime,
}

impl Follower {
    fn new(scene: Scene, watch: Watch) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut follower = Self { scene, watch, runtime };
        assert_eq!(follower.hint(), Hint::Rescan);
        follower.scene.look();
        follower
    }

    fn native() -> Self {
        let scene = Scene::new();
        let watch = Watch::start(&scene.sessions).unwrap();
        Self::new(scene, watch)
    }

    fn hint(&mut self) -> Hint {
        let hint = async { tokio::time::timeout(DEADLINE, self.watch.hint()).await };
        self.runtime.block_on(hint).unwrap().unwrap()
    }

    /// Follows hints until they have led to a file.
    fn until(&mut self, path: &str, kind: Kind) {
        let deadline = Instant::now() + DEADLINE;
        let path = self.scene.sessions.join(path);
        while Instant::now() < deadline {
            let directories: Vec<PathBuf> = match self.hint() {
                Hint::Look(directories) => directories.into_iter().collect(),
                Hint::Rescan => vec![self.scene.sessions.clone()],
            };
            let changed = self.scene.scan.look(&directories, self.scene.clock.now());
            if changed.iter().any(|changed| changed.path == path && changed.kind == kind) {
                return;
            }
        }
        panic!("no hint led to {}", path.display());
    }
}

#[test]
fn hints_lead_to_every_way_of_saving() {
    let mut follower = Follower::native();
    assert_eq!(*follower.watch.watching().borrow(), Watching::Native);
    for (number, save) in saves().into_iter().enumerate() {
        let name = format!("a/{number}.md");
        let document = follower.scene.write(&name, "one");
        follower.until(&name, Kind::New);
        save(&document, "other");
        follower.until(&name, Kind::Modified);
        fs::remove_file(&document).unwrap();
        follower.until(&name, Kind::Gone);
    }
}

#[test]
fn hints_lead_to_what_stands_in_a_directory_that_appears() {
    let mut follower = Follower::native();
    let outside = follower.scene.directory.path().join("outside");
    fs::create_dir_all(outside.join("tasks/task_groups")).unwrap();
    fs::write(outside.join("tasks/task_groups/api.md"), "x").unwrap();
    fs::rename(&outside, follower.scene.sessions.join("moved")).unwrap();
    follower.until("moved/tasks/task_groups/api.md", Kind::New);
    follower.scene.write("moved/tasks/task_groups/api.md", "changed");
    follower.until("moved/tasks/task_groups/api.md", Kind::Modified);
    for number in 0..20 {
        follower.scene.write(&format!("s{number}/tasks/task_groups/api.md"), "x");
    }
    follower.until("s19/tasks/task_groups/api.md", Kind::New);
    fs::rename(follower.scene.sessions.join("moved"), outside).unwrap();
    follower.until("moved/tasks/task_groups/api.md", Kind::Gone);
}

#[test]
fn watching_goes_on_when_the_directory_went_and_came_again() {
    let mut follower = Follower::native();
    for round in 0..3 {
        let name = format!("{round}/session.md");
        follower.scene.write(&name, "x");
        follower.until(&name, Kind::New);
        fs::remove_dir_all(&follower.scene.sessions).unwrap();
        follower.until(&name, Kind::Gone);
    }
    let sessions = follower.scene.sessions.clone();
    let aside = follower.scene.directory.path().join("aside");
    fs::create_dir_all(aside.join("b")).unwrap();
    fs::write(aside.join("b/session.md"), "x").unwrap();
    fs::rename(&aside, &sessions).unwrap();
    follower.until("b/session.md", Kind::New);
    fs::rename(&sessions, &aside).unwrap();
    follower.until("b/session.md", Kind::Gone);
}

#[test]
fn looking_and_reading_give_no_hints() {
    let mut follower = Follower::native();
    let read = follower.scene.write("read/session.md", "x");
    follower.until("read/session.md", Kind::New);
    follower.scene.write("end/session.md", "x");
    follower.until("end/session.md", Kind::New);
    // Whatever the directories' appearance still has to say is said after a look at everything.
    while follower.hint() != Hint::Rescan {}
    for _ in 0..100 {
        fs::read(&read).unwrap();
        follower.scene.look();
    }
    follower.scene.write("end/session.md", "y");
    let expected = BTreeSet::from([follower.scene.sessions.join("end")]);
    assert_eq!(follower.hint(), Hint::Look(expected));
}

/// Such an edit is found all the same: `keeping::elsewhere`.
#[cfg(target_os = "linux")]
#[test]
fn what_is_written_through_a_hard_link_elsewhere_gives_no_hint() {
    let mut follower = Follower::native();
    let document = follower.scene.write("a/session.md", "one");
    follower.until("a/session.md", Kind::New);
    follower.scene.write("end/session.md", "one");
    follower.until("end/session.md", Kind::New);
    while follower.hint() != Hint::Rescan {}
    let link = follower.scene.directory.path().join("link.md");
    fs::hard_link(&document, &link).unwrap();
    fs::write(&link, "other").unwrap();
    follower.scene.write("end/session.md", "other");
    let expected = BTreeSet::from([follower.scene.sessions.join("end")]);
    assert_eq!(follower.hint(), Hint::Look(expected));
    assert!(follower.scene.look().contains(&("a/session.md".to_owned(), Kind::Modified)));
}

#[test]
fn where_nothing_can_be_watched_everything_is_looked_at_now_and_then() {
    let scene = Scene::new();
    let watch = Watch::polling(&scene.sessions, "somebody wished so").unwrap();
    let mut follower = Follower::new(scene, watch);
    let how = follower.watch.watching().borrow().clone();
    assert_eq!(how, Watching::Polling("somebody wished so".to_owned()));
    follower.scene.write("a/session.md", "x");
    follower.until("a/session.md", Kind::New);
}

#[test]
#[ignore = "a measurement: run it alone"]
fn ten_thousand_documents_are_looked_at_in_a_moment() {
    let mut scene = Scene::new();
    for number in 0..10_000 {
        let path = format!("s{}/tasks/task_groups/g{}.md", number / 10, number % 10);
        scene.write(&path, "x");
        scene.age(&path);
    }
    scene.look();
    let start = Instant::now();
    assert_eq!(scene.look(), []);
    println!("{:?}", start.elapsed());
}
