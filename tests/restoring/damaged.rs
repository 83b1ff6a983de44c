//! A project whose database is damaged gets a new one out of a backup, and keeps the damaged one.

use std::fs;
use std::path::{Path, PathBuf};

use callboard_engine::backup::restore::{
    Damaged, Moment, Moments, Report, Wanted, finish, restore_damaged, unseen,
};
use callboard_engine::backup::{self, unwatched};
use callboard_engine::clock::Clock;
use callboard_engine::domain::backup::Scope;
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::restore::Purpose;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use tempfile::TempDir;

use super::board::{content, is_sound};
use super::deaths::{copy, dies_in};
use super::rest::left;
use super::whole::{back_up, board, documents, goes_on, wanted};
use crate::scene::{NOON, Scene};

/// The project and the moment of the process that dies, in its environment.
const WORD: &str = "CALLBOARD_TEST_EXCHANGE_DIES";
const LOG: &[u8] = b"a log that belongs to the damaged database alone";

fn clock() -> Clock {
    Clock::fixed(NOON.plus_ms(60_000))
}

fn restored(project: &Path, wanted: &Wanted, moments: Moments<'_>) -> Result<Report, Refusal> {
    let paths = ProjectPaths::at(project);
    let damaged = Damaged { paths: &paths, clock: &clock(), may: &|_| Ok(()) };
    let all = backup::lying(&paths).unwrap();
    let found = backup::resolve_file_among(all, &paths, ("good", project)).unwrap();
    restore_damaged(&damaged, &found, wanted, (&unwatched, moments))
}

/// What the project was when it was backed up: its rows and its documents.
type Was = (Vec<String>, std::collections::BTreeMap<String, String>);

/// A project that nobody has open, whose database is damaged, with a backup and what was done since.
fn damaged() -> (TempDir, Was, Vec<u8>) {
    let (scene, session, tasks) = board();
    back_up(&scene, Scope::Full);
    let was = (content(&scene), documents(&scene.peer));
    goes_on(&scene, session, &tasks);
    // Nobody of this process has the copy open.
    let directory = tempfile::tempdir().unwrap();
    copy(scene.directory.path(), directory.path());
    let paths = ProjectPaths::at(directory.path());
    fs::remove_dir_all(paths.run()).unwrap();
    let mut bytes = fs::read(paths.database()).unwrap();
    bytes[..4].copy_from_slice(b"gone");
    fs::write(paths.database(), &bytes).unwrap();
    fs::write(beside(&paths.database()), LOG).unwrap();
    (directory, was, bytes)
}

fn beside(database: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", database.display()))
}

fn opened(directory: TempDir) -> Result<Scene, TempDir> {
    let clock = Clock::fixed(NOON.plus_ms(120_000));
    match Peer::open(&ProjectPaths::at(directory.path()), clock.clone()) {
        Ok(peer) => {
            finish(&peer);
            Ok(Scene { directory, peer, clock })
        }
        Err(error) => {
            assert!(error.is_damage(), "{error}");
            Err(directory)
        }
    }
}

/// Folders in which damaged databases are kept.
fn kept(project: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(project.join(".task_orchestrator/backups")).unwrap().flatten();
    let is_kept =
        |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("damaged-");
    entries.map(|entry| entry.path()).filter(is_kept).collect()
}

#[test]
fn a_damaged_database_is_kept_and_a_new_one_takes_its_place() {
    let (directory, was, bytes) = damaged();
    let paths = ProjectPaths::at(directory.path());
    assert!(backup::damage(&paths).is_some());
    let trial = Wanted { purpose: Purpose::Try, ..wanted() };
    let tried = restored(directory.path(), &trial, &unseen).unwrap();
    assert_eq!(fs::read(paths.database()).unwrap(), bytes, "a trial changes nothing");
    assert_eq!(kept(directory.path()), Vec::<PathBuf>::new());
    let told = restored(directory.path(), &wanted(), &unseen).unwrap();
    assert_eq!(tried.rows, told.rows);
    assert_eq!((told.undo, &told.before, &told.files.failed), (None, &None, &Vec::new()));
    assert!(told.notes[0].contains("damaged"), "{:?}", told.notes);
    let aside = paths.task_orchestrator().join(told.aside.unwrap());
    assert_eq!(kept(directory.path()), [aside.as_path()]);
    assert_eq!(fs::read(aside.join("callboard.db")).unwrap(), bytes);
    assert_eq!(fs::read(beside(&aside.join("callboard.db"))).unwrap(), LOG);
    assert_eq!(backup::damage(&paths), None);
    let scene = opened(directory).unwrap_or_else(|_| panic!("it is damaged yet"));
    assert_eq!((content(&scene), documents(&scene.peer)), was);
    is_sound(&scene);
    // Work goes on in it.
    let session = scene.live_session();
    scene.tasks(session, &["on with it"]);
    let again = restored(scene.directory.path(), &wanted(), &unseen).unwrap_err();
    assert_eq!(again.code, Code::NothingToDo, "a sound database is not set aside");
}

#[test]
fn what_cannot_be_restored_leaves_the_damaged_database_where_it_is() {
    let (directory, _, bytes) = damaged();
    let paths = ProjectPaths::at(directory.path());
    let refuse = |_: &Peer| Err(Refusal::new(Code::HumanOnly, "no"));
    let all = backup::lying(&paths).unwrap();
    let guarded = Damaged { paths: &paths, clock: &clock(), may: &refuse };
    let asked = restore_damaged(&guarded, &all[0], &wanted(), (&unwatched, &unseen));
    assert_eq!(asked.unwrap_err().code, Code::HumanOnly);
    let archive = paths.backups().join(&all[0].file);
    let mut packed = fs::read(&archive).unwrap();
    let middle = packed.len() / 2;
    packed[middle] ^= 1;
    fs::write(&archive, packed).unwrap();
    restored(directory.path(), &wanted(), &unseen).unwrap_err();
    assert_eq!(fs::read(paths.database()).unwrap(), bytes);
    assert_eq!(fs::read(beside(&paths.database())).unwrap(), LOG);
    assert_eq!(kept(directory.path()), Vec::<PathBuf>::new());
    let run = fs::read_dir(paths.run()).unwrap().flatten();
    let mut left = run.map(|entry| entry.file_name().to_string_lossy().into_owned());
    assert!(!left.any(|name| name.starts_with("scratch-") || name == "exchange"));
}

/// The process that dies; in a usual run there is nothing to do.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment")]
fn a_process_that_is_told_so_dies_while_it_exchanges() {
    let Ok(word) = std::env::var(WORD) else { return };
    let (step, project) = word.split_once(' ').unwrap();
    let step: usize = step.parse().unwrap();
    let passed = std::cell::Cell::new(0);
    let die = |_: Moment| {
        if passed.replace(passed.get() + 1) == step {
            std::process::abort();
        }
    };
    restored(Path::new(project), &wanted(), &die).unwrap();
}

fn dies(project: &Path, step: usize) -> bool {
    let test = "restoring::damaged::a_process_that_is_told_so_dies_while_it_exchanges";
    dies_in(test, WORD, (project, step))
}

#[test]
fn whenever_it_dies_the_project_has_the_damaged_database_or_all_of_the_new_one() {
    let (directory, was, bytes) = damaged();
    let (mut olds, mut news) = (0, 0);
    for step in 0..100 {
        let project = tempfile::tempdir().unwrap();
        copy(directory.path(), project.path());
        let is_dead = dies(project.path(), step);
        // Whoever opens it may clear a log away that is none.
        let log = fs::read(beside(&ProjectPaths::at(project.path()).database()));
        match opened(project) {
            Err(project) => {
                let paths = ProjectPaths::at(project.path());
                assert_eq!(fs::read(paths.database()).unwrap(), bytes, "step {step}");
                assert_eq!(log.unwrap(), LOG, "step {step}");
                // What the dead left is not in the way.
                restored(project.path(), &wanted(), &unseen).unwrap();
                olds += 1;
            }
            Ok(scene) => {
                assert_eq!((content(&scene), documents(&scene.peer)), was, "step {step}");
                is_sound(&scene);
                let kept = kept(scene.directory.path());
                assert_eq!(fs::read(kept[0].join("callboard.db")).unwrap(), bytes);
                assert_eq!(fs::read(beside(&kept[0].join("callboard.db"))).unwrap(), LOG);
                assert_eq!((kept.len(), left(&scene.peer)), (1, 0), "step {step}");
                assert!(!scene.peer.paths.run().join("exchange").exists(), "step {step}");
                news += 1;
            }
        }
        if !is_dead {
            assert!(2 <= olds && 7 <= news, "{olds} old, {news} new");
            return;
        }
    }
    panic!("it does not end");
}
