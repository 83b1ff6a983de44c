//! Questions about whole items on the screen: one that is gone from a document, one that was
//! deleted while somebody edited it there.

use std::fs;
use std::path::PathBuf;

use callboard_engine::domain::command::{Command, Dependents};
use callboard_engine::domain::conflict::ConflictKind;
use callboard_engine::sync::keeper::{SyncOptions, pass};
use insta::assert_snapshot;

use super::stage::Stage;

/// Brings documents and database in step; what is gone is asked about at once.
fn keep(stage: &Stage) {
    pass(&stage.peer, SyncOptions::default()).unwrap().unwrap();
}

fn active(stage: &Stage) -> PathBuf {
    let session = stage.model.session_id().unwrap();
    let sessions = stage.peer.paths.sessions();
    sessions.join(format!("ship-the-checkout-{session}/tasks/active_tasks.md"))
}

/// Edits the line of a task in the active tasks: another line, or none.
fn edit(stage: &Stage, title: &str, change: impl Fn(&str) -> Option<String>) {
    let path = active(stage);
    let text = fs::read_to_string(&path).unwrap();
    let lines = text
        .lines()
        .filter_map(|line| if line.contains(title) { change(line) } else { Some(line.to_owned()) });
    let edited: Vec<String> = lines.collect();
    fs::write(&path, edited.join("\n") + "\n").unwrap();
}

/// A board with the question whether tasks, gone from a document, are to be removed.
fn removed((width, height): (u16, u16), titles: &[&str]) -> Stage {
    let mut stage = Stage::busy(width, height);
    keep(&stage);
    for title in titles {
        edit(&stage, title, |_| None);
    }
    keep(&stage);
    stage.read();
    stage.press("4");
    stage
}

/// A board with a task that was deleted while somebody edited it in a document.
fn deleted(width: u16, height: u16) -> Stage {
    let mut stage = Stage::busy(width, height);
    keep(&stage);
    let id = stage.named("Write the changelog");
    stage.does("agent:codex", Command::DeleteTask { id, dependents: Dependents::Refuse });
    edit(&stage, "Write the changelog", |line| {
        Some(line.replace("Write the changelog !low", "Write the release notes !urgent #docs"))
    });
    keep(&stage);
    stage.read();
    stage.press("4");
    stage
}

fn kinds(stage: &Stage) -> Vec<ConflictKind> {
    stage.model.conflicts.rows.iter().map(|row| row.conflict.kind).collect()
}

#[test]
fn what_is_gone_from_a_document_is_asked_about() {
    for (width, height) in [(160, 48), (110, 34), (80, 24), (60, 20)] {
        let mut stage = removed((width, height), &["Checkout page"]);
        assert_eq!(kinds(&stage), [ConflictKind::Removed]);
        assert_snapshot!(format!("removed_{width}x{height}"), stage.screen());
        stage.press("l");
        assert_snapshot!(format!("removed_picked_{width}x{height}"), stage.screen());
    }
}

#[test]
fn what_was_deleted_while_it_was_edited_is_asked_about() {
    for (width, height) in [(160, 48), (110, 34), (80, 24), (60, 20)] {
        let mut stage = deleted(width, height);
        assert_eq!(kinds(&stage), [ConflictKind::Deleted]);
        assert_snapshot!(format!("deleted_{width}x{height}"), stage.screen());
        stage.press("l");
        assert_snapshot!(format!("deleted_picked_{width}x{height}"), stage.screen());
    }
}

#[test]
fn an_item_that_is_gone_is_removed_or_kept_as_decided_and_undo_asks_again() {
    let mut stage = removed((110, 34), &["Stock check", "Checkout page"]);
    let gone = stage.model.conflicts.selected().unwrap().title.clone();
    stage.press("l w");
    assert_eq!(kinds(&stage).len(), 1, "{}", stage.screen());
    let titles = |stage: &mut Stage| {
        stage.press("1");
        let tasks = stage.model.board.tasks.values();
        tasks.map(|task| task.title.clone()).collect::<Vec<_>>()
    };
    assert!(!titles(&mut stage).contains(&gone));
    stage.press("u");
    assert!(titles(&mut stage).contains(&gone));
    stage.press("4 H A w J w");
    assert_eq!(kinds(&stage).len(), 0, "{}", stage.screen());
    keep(&stage);
    let text = fs::read_to_string(active(&stage)).unwrap();
    assert!(text.contains("Stock check") && text.contains("Checkout page"), "{text}");
}

#[test]
fn a_deleted_item_comes_back_as_it_was_edited() {
    let mut stage = deleted(110, 34);
    stage.press("b");
    assert!(stage.screen().contains("this holds one value"), "{}", stage.screen());
    stage.press("e");
    assert!(stage.screen().contains("choose one side or the other"), "{}", stage.screen());
    stage.press("l w");
    assert_eq!(kinds(&stage), []);
    stage.named("Write the release notes");
}
