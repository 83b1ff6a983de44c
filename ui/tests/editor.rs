//! The person's editor, from the conflicts and from the documents: a script in a real terminal.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use callboard_engine::domain::task::Task;
use callboard_engine::query;
use tempfile::TempDir;

use super::clash::{clash_in, described};
use super::processes::program::{Board, wait_until};
use super::terminal::{Screen, assert_restored, project, run};

/// A project with a task.
fn with_task() -> TempDir {
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Shared"]);
    run(project.path(), &["add", "Write the notes"]);
    project
}

/// A project with a conflict about the description of its task.
fn with_conflict() -> TempDir {
    let project = with_task();
    let texts = (described("What one wrote."), described("What the other wrote."));
    clash_in(project.path(), "Write the notes", texts);
    project
}

/// The application with an editor that does these things with the file `$1`, and that looks at the
/// terminal it is given.
fn open(project: &Path, deeds: &str) -> Screen {
    let script = project.join("editor.sh");
    let seen = project.join("seen");
    let text = format!("#!/bin/sh\nstty -a > '{}'\n{deeds}\n", seen.display());
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    Screen::with(project, &[], &[("EDITOR", script.to_str().unwrap())])
}

/// The editor had a terminal in which lines are edited and echoed, as it is outside.
fn assert_sane(project: &Path) {
    let seen = fs::read_to_string(project.join("seen")).unwrap();
    let words: Vec<&str> = seen.split([' ', ';', '\n']).collect();
    for word in ["icanon", "echo", "isig"] {
        assert!(words.contains(&word), "{seen}");
    }
}

fn quit(mut screen: Screen) {
    screen.press("q");
    let (code, raw) = screen.ends();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

fn task(project: &Path, title: &str) -> Task {
    let look = |reader: &_| {
        let session = query::resolve::live(reader)?;
        let id = query::resolve::task(reader, Some(session), title)?;
        query::tasks::view(reader, id)
    };
    Board::open(project).peer.readers.read(look).unwrap().task
}

#[test]
fn a_merge_from_the_editor_is_the_decision_and_is_written() {
    let project = with_conflict();
    let mut screen = open(project.path(), r#"printf 'Both of us\nwrote this.\n' > "$1""#);
    screen.shows("1 conflict");
    screen.press("4");
    screen.shows("1 of 1 open");
    screen.press("E");
    screen.shows("* edited");
    screen.shows("wrote this.");
    assert_sane(project.path());
    screen.press("w");
    screen.shows("No open conflicts");
    quit(screen);
    assert_eq!(task(project.path(), "Write the notes").description, "Both of us\nwrote this.");
}

#[test]
fn an_editor_that_fails_or_empties_the_merge_decides_nothing() {
    for (deeds, told) in [
        (r#"echo gone > "$1"; exit 3"#, "ended with exit status: 3"),
        (r#": > "$1""#, "The merge came back empty"),
        (r#"rm "$1""#, "cannot edit"),
        ("true", "The merge is as it was"),
    ] {
        let project = with_conflict();
        let mut screen = open(project.path(), deeds);
        screen.shows("1 conflict");
        screen.press("4");
        screen.shows("1 of 1 open");
        screen.press("E");
        screen.shows(told);
        screen.shows("1 of 1 open");
        screen.press("w");
        screen.shows("nothing was written");
        quit(screen);
        assert_eq!(task(project.path(), "Write the notes").description, "What one wrote.");
    }
}

#[test]
fn an_editor_that_empties_a_description_leaves_it_as_it_was() {
    let project = with_conflict();
    let mut screen = open(project.path(), r#": > "$1""#);
    screen.shows("Write the notes");
    screen.press("E");
    screen.shows("The description came back empty");
    quit(screen);
    assert_eq!(task(project.path(), "Write the notes").description, "What one wrote.");
}

/// The active tasks of the only session, once they are written.
fn active(project: &Path) -> PathBuf {
    let sessions = project.join(".task_orchestrator/sessions");
    let find = || {
        let session = fs::read_dir(&sessions).ok()?.next()?.ok()?.path();
        Some(session.join("tasks/active_tasks.md")).filter(|path| path.exists())
    };
    wait_until("the documents are there", || find().is_some());
    find().unwrap()
}

/// Goes to the active tasks in the Documents part and opens them.
fn open_active(screen: &mut Screen, project: &Path) {
    let path = active(project);
    screen.press("D");
    screen.shows("tasks/active_tasks.md");
    let name = path.to_str().unwrap().rsplit_once(".task_orchestrator/").unwrap().1;
    let look = |reader: &_| {
        let session = query::resolve::live(reader)?;
        query::ledger::of_session(reader, session)
    };
    let rows = Board::open(project).peer.readers.read(look).unwrap();
    let place = rows.iter().position(|row| row.path == name).unwrap();
    screen.press(&format!("g{}E", "j".repeat(place)));
}

#[test]
fn what_is_typed_into_a_document_in_the_editor_is_on_the_board() {
    let project = with_task();
    let mut screen = open(project.path(), r#"printf -- '- [ ] Typed in the editor\n' >> "$1""#);
    screen.shows("Write the notes");
    open_active(&mut screen, project.path());
    screen.press("1");
    screen.shows("Typed in the editor");
    assert_sane(project.path());
    quit(screen);
    assert_eq!(task(project.path(), "Typed in the editor").description, "");
}

#[test]
fn an_editor_that_fails_on_a_document_says_so_and_changes_nothing() {
    let project = with_task();
    let mut screen = open(project.path(), "exit 1");
    screen.shows("Write the notes");
    let before = fs::read(active(project.path())).unwrap();
    open_active(&mut screen, project.path());
    screen.shows("ended with exit status: 1");
    screen.press("1");
    screen.shows("1 open of 1");
    quit(screen);
    assert_eq!(fs::read(active(project.path())).unwrap(), before);
}

#[test]
fn an_editor_that_empties_a_document_deletes_nothing_and_the_document_is_held() {
    let project = with_task();
    let mut screen = open(project.path(), r#": > "$1""#);
    screen.shows("Write the notes");
    open_active(&mut screen, project.path());
    screen.shows("1 doc held");
    screen.shows("Held back");
    task(project.path(), "Write the notes");
    screen.press("R");
    screen.shows("in step");
    let text = || fs::read_to_string(active(project.path())).unwrap_or_default();
    wait_until("it is written again", || text().contains("Write the notes"));
    quit(screen);
}
