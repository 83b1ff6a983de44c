//! Paths that somebody names: only plain files within the project are ever opened.
#![cfg(unix)]

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use callboard_engine::artifacts::containment::{ContainmentError, open};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

const OUTSIDE: &str = "what is outside";

/// A project with a file in it, and a directory beside it that holds a file too.
fn project() -> (TempDir, TempDir) {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir_all(inside.path().join("src/deep")).unwrap();
    fs::write(inside.path().join("src/deep/a.rs"), "what is inside").unwrap();
    fs::write(outside.path().join("secret"), OUTSIDE).unwrap();
    (inside, outside)
}

fn said(root: &Path, path: &str) -> &'static str {
    match open(root, path) {
        Ok(_) => "opened",
        Err(ContainmentError::Text(_)) => "text",
        Err(ContainmentError::Missing { .. }) => "missing",
        Err(ContainmentError::Leaves { .. }) => "leaves",
        Err(ContainmentError::Private { .. }) => "private",
        Err(ContainmentError::NoFile { .. }) => "no file",
        Err(ContainmentError::Io { .. }) => "io",
    }
}

#[test]
fn hostile_paths_lead_nowhere() {
    let (inside, outside) = project();
    let root = inside.path();
    symlink(outside.path().join("secret"), root.join("out")).unwrap();
    symlink(outside.path(), root.join("outer")).unwrap();
    symlink("../../../../../../../../etc/passwd", root.join("src/up")).unwrap();
    symlink("/dev/zero", root.join("zero")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink("src/deep", root.join("near")).unwrap();
    symlink("nowhere", root.join("broken")).unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    fs::write(root.join(".git/config"), "token").unwrap();
    symlink(".git/config", root.join("innocent")).unwrap();
    mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let table = [
        ("src/deep/a.rs", "opened"),
        ("./src//deep/a.rs", "opened"),
        ("near/a.rs", "opened"),
        ("out", "leaves"),
        ("outer/secret", "leaves"),
        ("src/up", "leaves"),
        ("zero", "leaves"),
        ("loop", "io"),
        ("broken", "missing"),
        ("innocent", "private"),
        (".git/config", "text"),
        ("near/../../x", "text"),
        ("/etc/passwd", "text"),
        ("-rf", "text"),
        ("a\0b", "text"),
        ("a\nb", "text"),
        ("src", "no file"),
        ("pipe", "no file"),
        ("socket", "no file"),
        ("src/deep/a.rs/b", "missing"),
        ("src/none.rs", "missing"),
    ];
    for (path, expected) in table {
        assert_eq!(said(root, path), expected, "{path:?}");
    }
}

#[test]
fn an_absolute_path_into_the_project_is_refused_with_the_one_to_send() {
    let (inside, _outside) = project();
    let whole = inside.path().join("src/deep/a.rs");
    let Err(ContainmentError::Text(refusal)) = open(inside.path(), whole.to_str().unwrap()) else {
        panic!()
    };
    assert_eq!(refusal.suggested_action.unwrap(), "send it as \"src/deep/a.rs\"");
}

/// Opens a path again and again while a link is put in its way and taken out of it.
fn race(root: &Path, path: &str, swap: impl Fn(u32) + Sync) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !done.load(Ordering::Relaxed) {
                swap(turn);
                turn += 1;
            }
        });
        let mut opened = 0;
        for _ in 0..5_000 {
            if let Ok(mut found) = open(root, path) {
                let mut text = String::new();
                found.file.read_to_string(&mut text).unwrap();
                assert_ne!(text, OUTSIDE);
                opened += 1;
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(0 < opened, "nothing was raced for");
    });
}

#[test]
fn a_link_that_takes_the_place_of_a_file_or_its_directory_is_not_followed_out() {
    let (inside, outside) = project();
    let root = inside.path().to_owned();
    // The names that are renamed over the file, in turn: a plain file, and a link out.
    let put = |turn: u32| {
        let next = root.join("next");
        if turn.is_multiple_of(2) {
            fs::write(&next, "what is inside").unwrap();
        } else {
            symlink(outside.path().join("secret"), &next).unwrap();
        }
        fs::rename(&next, root.join("file")).unwrap();
    };
    put(0);
    race(&root, "file", put);
    // The same of a directory on the way: it is moved aside and a link takes its place.
    fs::create_dir(root.join("folder")).unwrap();
    fs::write(root.join("folder/secret"), "what is inside").unwrap();
    let move_aside = |turn: u32| {
        if turn.is_multiple_of(2) {
            fs::rename(root.join("folder"), root.join("aside")).unwrap();
            symlink(outside.path(), root.join("folder")).unwrap();
        } else {
            fs::remove_file(root.join("folder")).unwrap();
            fs::rename(root.join("aside"), root.join("folder")).unwrap();
        }
    };
    race(&root, "folder/secret", move_aside);
}
