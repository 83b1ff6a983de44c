//! Death at every step of keeping documents: a process that ends at step N, then a restart that heals.
//!
//! What a healed project says is compared with one in which nobody died. The process is this very test
//! program, started once more with a word in its environment; it ends by an abort, so nothing is
//! dropped, unwound or cleaned up.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callboard_engine::clock::Clock;
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::sync::edits::Edits;
use callboard_engine::sync::files::{Point, Step, Steps};
use callboard_engine::sync::keeper::{self, SyncOptions};
use callboard_engine::sync::layout;

use super::desk::{ACTIVE, Desk, SESSION};
use super::stories::{QUARANTINE, STORIES, Story};
use crate::scene::{NOON, Scene};

/// The project, the step and the quarantine of the process that dies, in its environment.
const WORD: &str = "CALLBOARD_TEST_DIES";
/// Nothing here has more steps.
const STEPS_MAX: usize = 400;
/// Ends the process at one step, or fails there.
#[derive(Debug)]
struct Ends {
    at: usize,
    passed: AtomicUsize,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Death,
    Failure,
}

impl Ends {
    fn at(at: usize, end: End) -> Arc<Self> {
        Arc::new(Self { at, passed: AtomicUsize::new(0), end })
    }

    fn is_here(&self) -> bool {
        let here = self.passed.fetch_add(1, Ordering::SeqCst) == self.at;
        match self.end {
            End::Death if here => std::process::abort(),
            End::Death | End::Failure => here,
        }
    }
}

impl Steps for Ends {
    fn at(&self, step: Step) -> io::Result<()> {
        if self.is_here() {
            Err(io::Error::other(format!("no disk after {step:?}")))
        } else {
            Ok(())
        }
    }

    fn reached(&self, _: Point) {
        if matches!(self.end, End::Death) {
            self.is_here();
        }
    }
}

/// The process that dies; in a usual run there is nothing to do.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment")]
fn a_process_that_is_told_so_dies_at_a_step() {
    let Ok(word) = std::env::var(WORD) else { return };
    let mut parts = word.splitn(3, ' ');
    let mut number = || parts.next().unwrap().parse::<u64>().unwrap();
    let (step, seconds) = (number(), number());
    let project = PathBuf::from(parts.next().unwrap());
    let paths = ProjectPaths::at(&project);
    let peer = Peer::open(&paths, Clock::fixed(NOON.plus_ms(60_000))).unwrap();
    let quarantine = Duration::from_secs(seconds);
    let options = SyncOptions { quarantine, ..SyncOptions::default() };
    let steps = Ends::at(usize::try_from(step).unwrap(), End::Death);
    keeper::once_stepping(&peer, options, steps).unwrap().unwrap();
}

/// Runs it; tells whether it died.
fn dies(project: &Path, step: usize, quarantine: Duration) -> bool {
    let word = format!("{step} {} {}", quarantine.as_secs(), project.display());
    let test = "keeping::deaths::a_process_that_is_told_so_dies_at_a_step";
    let program = std::env::current_exe().unwrap();
    let mut process = Process::new(program);
    process.args(["--exact", test]).env(WORD, word).stdout(Stdio::null()).stderr(Stdio::null());
    let status = process.status().unwrap();
    assert!(status.success() || status.code().is_none(), "it fails instead: {status}");
    !status.success()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().filter_map(Result::ok) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => copy(&entry.path(), &target),
            kind if kind.is_file() => drop(fs::copy(entry.path(), target).unwrap()),
            _ => {}
        }
    }
}

/// A project of its own, closed, as it was when somebody was about to sync.
struct Before {
    directory: tempfile::TempDir,
    session: SessionId,
    quarantine: Duration,
}

impl Before {
    fn of((_, story, quarantine): &Story) -> Self {
        let mut desk = Desk::board();
        story(&mut desk);
        let session = desk.session;
        Self { directory: close(desk), session, quarantine: *quarantine }
    }

    /// A copy of it.
    fn copied(&self) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        copy(self.directory.path(), directory.path());
        directory
    }

    fn open(&self, directory: tempfile::TempDir, at: Timestamp) -> Desk {
        let clock = Clock::fixed(at);
        let peer = Peer::open(&ProjectPaths::at(directory.path()), clock.clone()).unwrap();
        let mut desk = Desk::at(Scene { directory, peer, clock }, self.session);
        desk.options.quarantine = self.quarantine;
        desk
    }
}

fn close(desk: Desk) -> tempfile::TempDir {
    let Scene { directory, peer, .. } = desk.scene;
    drop(peer);
    directory
}

/// What a project says in the end, ids and marks apart: they are drawn.
#[derive(Debug, PartialEq)]
struct Said {
    shown: String,
    open: String,
    documents: Vec<(String, String)>,
    kept: BTreeSet<String>,
}

fn said(desk: &Desk) -> Said {
    let plain = |text: &str| {
        let lines = text.lines().map(|line| line.split("<!--").next().unwrap_or_default());
        lines.collect::<Vec<_>>().join("\n")
    };
    let read = |name: String| {
        let text = fs::read_to_string(desk.scene.peer.paths.task_orchestrator().join(&name));
        (name.rsplit('/').next().unwrap().to_owned(), plain(&text.unwrap()))
    };
    let edits = Edits::in_directory(desk.scene.peer.paths.edit_backups());
    let kept = edits.list().unwrap().into_iter();
    let kept = kept.map(|one| plain(&String::from_utf8(edits.text(&one.name).unwrap()).unwrap()));
    Said {
        shown: desk.shown(),
        open: desk.open(),
        documents: desk.rows().into_iter().map(|row| read(row.path)).collect(),
        kept: kept.collect(),
    }
}

/// Heals, waits for what is in quarantine, and tells what is said then.
fn healed(desk: &Desk) -> Said {
    // What the first displaces the second removes, unless it has something to displace itself.
    for _ in 0..3 {
        desk.sync();
    }
    let home = desk.scene.peer.paths.task_orchestrator();
    let folder = home.join(layout::find_directory(&home, desk.session).unwrap());
    assert_eq!(temporary(&folder), Vec::<PathBuf>::new(), "temporary files are left");
    desk.all_in_step();
    if Duration::ZERO < desk.options.quarantine {
        desk.scene.clock.advance_ms(i64::try_from(QUARANTINE.as_millis()).unwrap() + 1);
        desk.sync();
        desk.all_in_step();
    }
    said(desk)
}

fn temporary(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(temporary(&path));
        } else if entry.file_name().to_string_lossy().contains(".callboard-") {
            found.push(path);
        }
    }
    found
}

fn is_the_same((what, step): (&str, usize), healed: &Said, whole: &Said) {
    let name = format!("{what}, at step {step}");
    assert_eq!((&healed.shown, &healed.open), (&whole.shown, &whole.open), "{name}");
    assert_eq!(healed.documents, whole.documents, "{name}");
    let lost: Vec<_> = whole.kept.difference(&healed.kept).collect();
    assert!(lost.is_empty(), "{name}: not kept {lost:?}");
}

/// The disk fails at each step of a story, and works again afterwards.
fn fails_at_every_step(story: &Story) {
    let before = Before::of(story);
    let whole = healed(&before.open(before.copied(), NOON.plus_ms(120_000)));
    for step in 0..STEPS_MAX {
        let desk = before.open(before.copied(), NOON.plus_ms(60_000));
        let steps = Ends::at(step, End::Failure);
        let told = keeper::once_stepping(&desk.scene.peer, desk.options, Arc::clone(&steps) as _);
        let told = told.unwrap().unwrap();
        if steps.passed.load(Ordering::SeqCst) <= step {
            assert_eq!(told.failures, [], "{}", story.0);
            return;
        }
        is_the_same((story.0, step), &healed(&desk), &whole);
    }
    panic!("{} does not end", story.0);
}

macro_rules! stories {
    ($($number:literal $dies:ident $fails:ident)*) => {
        $(
            #[test]
            fn $dies() {
                dies_at_every_step(&Before::of(&STORIES[$number]), STORIES[$number].0);
            }

            #[test]
            fn $fails() {
                fails_at_every_step(&STORIES[$number]);
            }
        )*

        #[test]
        fn every_story_is_told() {
            assert_eq!(STORIES.len(), [$($number),*].len());
        }
    };
}

stories! {
    0 a_death_while_an_edit_is_merged_heals a_disk_that_fails_while_an_edit_is_merged_heals
    1 a_death_while_items_are_adopted_heals a_disk_that_fails_while_items_are_adopted_heals
    2 a_death_while_a_removal_is_asked_heals a_disk_that_fails_while_a_removal_is_asked_heals
    3 a_death_in_quarantine_heals a_disk_that_fails_in_quarantine_heals
    4 a_death_while_an_item_moves_heals a_disk_that_fails_while_an_item_moves_heals
    5 a_death_while_a_document_goes_heals a_disk_that_fails_while_a_document_goes_heals
    6 a_death_while_a_text_is_set_aside_heals a_disk_that_fails_while_a_text_is_set_aside_heals
    7 a_death_while_a_document_is_restored_heals a_disk_that_fails_while_one_is_restored_heals
    8 a_death_while_a_conflict_is_made_heals a_disk_that_fails_while_a_conflict_is_made_heals
}

#[test]
fn a_death_while_the_first_documents_are_written_heals() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a", "b < a"]);
    let desk = Desk::at(scene, session);
    let before = Before { directory: close(desk), session, quarantine: Duration::ZERO };
    dies_at_every_step(&before, "the first documents");
}

#[test]
fn a_death_while_a_session_is_rebuilt_heals() {
    let desk = Desk::board();
    let (session, home) = (desk.session, desk.scene.peer.paths.task_orchestrator());
    let directory = close(desk);
    for entry in fs::read_dir(home).unwrap().filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with("callboard.db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    let before = Before { directory, session, quarantine: Duration::ZERO };
    dies_at_every_step(&before, "a lost database");
}

/// Dies at each step, and heals each time.
fn dies_at_every_step(before: &Before, what: &str) {
    let whole = healed(&before.open(before.copied(), NOON.plus_ms(120_000)));
    for step in 0..STEPS_MAX {
        let directory = before.copied();
        if !dies(directory.path(), step, before.quarantine) {
            assert!(3 < step, "{what} has only {step} steps");
            return;
        }
        let desk = before.open(directory, NOON.plus_ms(61_000));
        is_the_same((what, step), &healed(&desk), &whole);
    }
    panic!("{what} does not end");
}

#[test]
fn who_waits_in_quarantine_is_asked_about_by_the_next_keeper_at_the_time_of_the_first() {
    let mut desk = Desk::board();
    desk.options.quarantine = QUARANTINE;
    let line = desk.line(ACTIVE, "] form");
    desk.edit(ACTIVE, |text| text.replace(&line, ""));
    let gone = desk.read(ACTIVE);
    let session = desk.session;
    let before = Before { directory: close(desk), session, quarantine: QUARANTINE };
    let desk = before.open(before.copied(), NOON.plus_ms(9_000));
    desk.retitle(desk.tasks.get("logo").copied().unwrap_or_else(|| task(&desk, "logo")), "a logo");
    desk.sync();
    assert_eq!(desk.open(), "", "nine seconds are no ten");
    assert_eq!(desk.read(ACTIVE).replace("a logo", "logo").lines().count(), gone.lines().count());
    desk.scene.clock.advance_ms(2_500);
    desk.sync();
    assert_eq!(desk.open(), "removed form");
    desk.all_in_step();
    desk.edit(ACTIVE, |text| text.replace("] a logo", format!("] a logo\n{line}").trim_end()));
    assert!(desk.rows().iter().all(|row| row.absent.is_empty()));
}

fn task(desk: &Desk, title: &str) -> callboard_engine::domain::id::TaskId {
    let read = |reader: &_| callboard_engine::sync::state::read(reader, desk.session);
    let state = desk.scene.peer.readers.read(read).unwrap();
    state.tasks.iter().find(|one| one.task.title == title).unwrap().task.id
}

#[test]
fn a_held_document_has_nobody_in_quarantine() {
    let mut desk = Desk::board();
    desk.options.quarantine = QUARANTINE;
    desk.edit(SESSION, |text| text.replace("# Work", "# Work "));
    let line = desk.line(ACTIVE, "] form");
    desk.edit(ACTIVE, |text| text.replace(&line, ""));
    assert_eq!(desk.ledger(ACTIVE).absent.len(), 1);
    desk.edit(ACTIVE, |_| String::new());
    assert_eq!(desk.ledger(ACTIVE).absent, []);
}
