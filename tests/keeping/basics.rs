//! What everybody relies on: appearing, editing, merging, holding, rebuilding.

use std::fs;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, TaskPatch};
use callboard_engine::domain::conflict::{Choice, ConflictKind};
use callboard_engine::domain::document::{DocumentNote, DocumentState};
use callboard_engine::domain::task::{Priority, Status};

use super::desk::{ACTIVE, COMPLETED, Desk};
use crate::scene::Scene;

#[test]
fn the_documents_of_a_session_appear_and_stay_as_they_are_while_nothing_changes() {
    let (desk, tasks) = Desk::new(&["write the parser", "test it < write the parser"]);
    let text = desk.read(ACTIVE);
    assert!(text.contains("- [ ] write the parser"), "{text}");
    assert!(text.contains(&format!("after:{}", tasks[0])), "{text}");
    for name in [ACTIVE, "session.md", COMPLETED, "specialists/assignments.md"] {
        desk.is_in_step(name);
    }
}

#[test]
fn what_a_person_changes_on_a_line_is_changed_in_the_database() {
    let (desk, tasks) = Desk::new(&["write the parser", "test it"]);
    desk.edit(ACTIVE, |text| {
        text.replace("- [ ] write the parser", "* [/] write the *whole* parser !high #core ~2h")
    });
    let task = desk.scene.task(tasks[0]);
    assert_eq!(task.title, "write the *whole* parser");
    assert_eq!((task.status, task.priority), (Status::Active, Priority::High));
    assert_eq!((task.tags, task.estimate_minutes), (vec!["core".to_owned()], Some(120)));
    assert!(desk.read(ACTIVE).contains("* [/] write the *whole* parser !high #core ~2h"));
    desk.is_in_step(ACTIVE);
}

#[test]
fn a_change_of_the_database_is_one_line_in_the_file() {
    let (desk, tasks) = Desk::new(&["write the parser", "test it"]);
    desk.edit(ACTIVE, |text| text.replace("# ", "# My own words: ").replace("- [ ]", "* [ ]"));
    let before = desk.read(ACTIVE);
    desk.retitle(tasks[1], "test it well");
    desk.sync();
    let after = desk.read(ACTIVE);
    let changed: Vec<(&str, &str)> =
        before.lines().zip(after.lines()).filter(|(old, new)| old != new).collect();
    assert_eq!(changed.len(), 1, "{before}\n---\n{after}");
    assert!(changed[0].1.contains("test it well"), "{changed:?}");
    desk.is_in_step(ACTIVE);
}

#[test]
fn a_new_item_becomes_a_task_and_gets_its_stamp() {
    let (desk, _) = Desk::new(&["write the parser"]);
    desk.edit(ACTIVE, |text| {
        text.replace("- [ ] write", "- [ ] first of all !critical\n  - [ ] below it\n- [ ] write")
    });
    let text = desk.read(ACTIVE);
    let line = text.lines().find(|line| line.contains("first of all")).unwrap();
    assert!(line.contains("!critical <!-- t-"), "{text}");
    assert!(text.contains("  - [ ] below it <!-- t-"), "{text}");
    desk.is_in_step(ACTIVE);
}

#[test]
fn a_stale_buffer_reverts_nothing_that_agents_did_meanwhile() {
    let (desk, tasks) = Desk::new(&["a", "b", "c", "d"]);
    let buffer = desk.read(ACTIVE);
    for (at, task) in tasks.iter().enumerate() {
        desk.retitle(*task, &format!("by an agent {at}"));
    }
    desk.sync();
    desk.write(ACTIVE, &buffer.replace("- [ ] b", "- [ ] b !high"));
    desk.sync();
    let titles: Vec<String> = tasks.iter().map(|task| desk.scene.task(*task).title).collect();
    assert_eq!(titles, ["by an agent 0", "by an agent 1", "by an agent 2", "by an agent 3"]);
    assert_eq!(desk.scene.task(tasks[1]).priority, Priority::High);
    assert!(desk.conflicts(ACTIVE).is_empty());
    desk.is_in_step(ACTIVE);
}

#[test]
fn what_both_changed_differently_is_a_conflict_and_each_side_keeps_its_own_until_it_is_decided() {
    for (choice, title) in [(Choice::Ours, "by the agent"), (Choice::Theirs, "by the person")] {
        let (desk, tasks) = Desk::new(&["original", "other"]);
        desk.retitle(tasks[0], "by the agent");
        desk.edit(ACTIVE, |text| text.replace("- [ ] original", "- [ ] by the person"));
        let open = desk.conflicts(ACTIVE);
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].kind, open[0].field.as_str()), (ConflictKind::Field, "title"));
        assert_eq!((&open[0].base, &open[0].ours), (&"original".into(), &"by the agent".into()));
        assert_eq!(open[0].ours_by, Actor::agent("codex"));
        assert_eq!(desk.scene.task(tasks[0]).title, "by the agent");
        assert!(desk.read(ACTIVE).contains("by the person"));
        desk.is_in_step(ACTIVE);
        desk.resolve(&open[0], choice);
        desk.sync();
        assert!(desk.conflicts(ACTIVE).is_empty());
        assert_eq!(desk.scene.task(tasks[0]).title, title);
        assert!(desk.read(ACTIVE).contains(title), "{}", desk.read(ACTIVE));
        desk.is_in_step(ACTIVE);
    }
}

#[test]
fn an_edit_that_the_rules_refuse_is_held_and_said_and_the_rest_goes_through() {
    let (desk, tasks) = Desk::new(&["a", "b < a"]);
    desk.edit(ACTIVE, |text| text.replace("- [ ] b", "- [x] b at last !urgnt"));
    let task = desk.scene.task(tasks[1]);
    assert_eq!((task.title.as_str(), task.status), ("b at last", Status::Pending));
    let row = desk.ledger(ACTIVE);
    assert_eq!(row.held.len(), 1, "{row:?}");
    assert!(row.problems.iter().any(|problem| problem.message.contains("urgnt")), "{row:?}");
    assert!(desk.read(ACTIVE).contains("- [x] b at last !urgnt"));
    desk.is_in_step(ACTIVE);
}

#[test]
fn a_document_that_lost_most_of_its_items_is_held_until_a_person_decides() {
    let names: Vec<String> = (0..10).map(|at| format!("task {at}")).collect();
    let lines: Vec<&str> = names.iter().map(String::as_str).collect();
    let (desk, tasks) = Desk::new(&lines);
    let whole = desk.read(ACTIVE);
    let half: String = whole.lines().take(8).map(|line| format!("{line}\n")).collect();
    desk.write(ACTIVE, &half);
    desk.sync();
    assert_eq!(desk.ledger(ACTIVE).state, DocumentState::Held);
    assert_eq!(desk.read(ACTIVE), half, "a held document is not written");
    desk.retitle(tasks[9], "changed meanwhile");
    let path = desk.ledger(ACTIVE).path;
    let notes = vec![DocumentNote::Restored { path }];
    desk.scene.does("human", Command::NoteDocuments { notes });
    desk.sync();
    assert!(desk.read(ACTIVE).contains("changed meanwhile"));
    assert!(tasks.iter().all(|task| desk.read(ACTIVE).contains(&task.to_string())));
    let kept = fs::read_dir(desk.scene.peer.paths.edit_backups()).unwrap().count();
    assert_eq!(kept, 1, "what the file said is kept");
    desk.is_in_step(ACTIVE);
}

#[test]
fn a_lost_database_is_rebuilt_from_the_documents() {
    let (desk, tasks) = Desk::new(&["a", "b < a", "c"]);
    desk.update(tasks[2], TaskPatch { priority: Some(Priority::Low), ..TaskPatch::default() });
    desk.scene.does("human", crate::scene::status(tasks[0], Status::Completed));
    desk.sync();
    let texts = [ACTIVE, COMPLETED].map(|name| desk.read(name));
    let Desk { scene, session, .. } = desk;
    let Scene { directory, peer, clock } = scene;
    drop(peer);
    let home = directory.path().join(".task_orchestrator");
    for entry in fs::read_dir(&home).unwrap().filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with("callboard.db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    let paths = callboard_engine::paths::ProjectPaths::at(directory.path());
    let peer = callboard_engine::peer::Peer::open(&paths, clock.clone()).unwrap();
    let desk = Desk::at(Scene { directory, peer, clock }, session);
    desk.sync();
    desk.sync();
    assert_eq!(desk.scene.task(tasks[0]).status, Status::Completed);
    assert_eq!(desk.scene.task(tasks[2]).priority, Priority::Low);
    assert_eq!([ACTIVE, COMPLETED].map(|name| desk.read(name)), texts);
    desk.is_in_step(ACTIVE);
}
