//! What a death leaves of a restore, and who finishes it.

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use callboard_engine::backup::restore::{Moment, finish, restore_seen};
use callboard_engine::backup::unwatched;
use callboard_engine::clock::Clock;
use callboard_engine::domain::backup::Scope;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;

use super::board::{content, is_sound};
use super::rest::left;
use super::whole::{back_up, board, documents, goes_on, sync, wanted};
use crate::scene::{NOON, Scene};

/// The project and the moment of the process that dies, in its environment.
const WORD: &str = "CALLBOARD_TEST_RESTORE_DIES";
/// The moment of its first file.
const FIRST_FILE: usize = 4;

/// The process that dies; in a usual run there is nothing to do.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment")]
fn a_process_that_is_told_so_dies_while_it_restores() {
    let Ok(word) = std::env::var(WORD) else { return };
    let (step, project) = word.split_once(' ').unwrap();
    let step: usize = step.parse().unwrap();
    let peer = Peer::open(&ProjectPaths::at(project), Clock::fixed(NOON.plus_ms(60_000))).unwrap();
    let passed = std::cell::Cell::new(0);
    let die = |_: Moment| {
        if passed.replace(passed.get() + 1) == step {
            std::process::abort();
        }
    };
    restore_seen(&peer, "good", &wanted(), (&unwatched, &die)).unwrap();
}

/// Tells whether a process that runs a test in a project dies at a moment, of which a word in its
/// environment tells it.
pub(super) fn dies_in(test: &str, word: &str, (project, step): (&Path, usize)) -> bool {
    let mut process = Process::new(std::env::current_exe().unwrap());
    process.args(["--exact", test]).env(word, format!("{step} {}", project.display()));
    let status = process.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success() || status.code().is_none(), "it fails instead: {status}");
    !status.success()
}

fn dies(project: &Path, step: usize) -> bool {
    let test = "restoring::deaths::a_process_that_is_told_so_dies_while_it_restores";
    dies_in(test, WORD, (project, step))
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn whenever_it_dies_the_project_is_old_or_new() {
    let (scene, session, tasks) = board();
    back_up(&scene, Scope::Full);
    let new = (content(&scene), documents(&scene.peer));
    goes_on(&scene, session, &tasks);
    let old = (content(&scene), documents(&scene.peer));
    let Scene { directory, peer, .. } = scene;
    drop(peer);
    let is_new = |scene: &Scene| (content(scene), documents(&scene.peer)) == new;
    let is_old = |scene: &Scene| (content(scene), documents(&scene.peer)) == old;
    let (olds, news) = olds_and_news(directory.path(), &is_old, &is_new);
    assert!(3 <= olds && 5 <= news, "{olds} old, {news} new");
}

/// Dies at every step; tells how often everything was old, and how often new, afterwards.
fn olds_and_news(
    directory: &Path,
    old: &impl Fn(&Scene) -> bool,
    new: &impl Fn(&Scene) -> bool,
) -> (usize, usize) {
    let (mut olds, mut news) = (0, 0);
    for step in 0..100 {
        let project = tempfile::tempdir().unwrap();
        copy(directory, project.path());
        let is_dead = dies(project.path(), step);
        let clock = Clock::fixed(NOON.plus_ms(120_000));
        let peer = Peer::open(&ProjectPaths::at(project.path()), clock.clone()).unwrap();
        finish(&peer);
        let scene = Scene { directory: project, peer, clock };
        let is_new = new(&scene);
        assert!(is_new || old(&scene), "step {step}: a mixture");
        is_sound(&scene);
        assert_eq!(left(&scene.peer), 0, "step {step}");
        if is_new {
            news += 1;
        } else {
            olds += 1;
        }
        if !is_dead {
            return (olds, news);
        }
    }
    panic!("it does not end");
}

#[test]
fn whenever_it_dies_lost_files_come_back_all_or_none_where_no_row_differs() {
    let (scene, _, _) = board();
    back_up(&scene, Scope::Full);
    let new = (content(&scene), documents(&scene.peer));
    fs::remove_dir_all(scene.peer.paths.sessions()).unwrap();
    let Scene { directory, peer, .. } = scene;
    drop(peer);
    let is_new = |scene: &Scene| (content(scene), documents(&scene.peer)) == new;
    let is_old =
        |scene: &Scene| (content(scene), documents(&scene.peer).len()) == (new.0.clone(), 0);
    let (olds, news) = olds_and_news(directory.path(), &is_old, &is_new);
    assert!(3 <= olds && 3 <= news, "{olds} old, {news} new");
}

#[test]
fn those_who_live_finish_what_was_decided_before_they_keep_a_document() {
    let (scene, session, tasks) = board();
    back_up(&scene, Scope::Full);
    let new = (content(&scene), documents(&scene.peer));
    goes_on(&scene, session, &tasks);
    assert!(dies(scene.directory.path(), FIRST_FILE));
    assert_eq!(left(&scene.peer), 1);
    // Nobody opens the project; who keeps its documents goes on to do so.
    sync(&scene.peer);
    assert_eq!(left(&scene.peer), 0);
    assert_eq!((content(&scene), documents(&scene.peer)), new);
    is_sound(&scene);
}
