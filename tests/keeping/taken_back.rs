//! An edit of a document is one command, and can be taken back as one.

use callboard_engine::domain::command::{Command, TaskPatch};
use callboard_engine::domain::conflict::Choice;
use callboard_engine::domain::task::Priority;

use super::desk::{ACTIVE, BACKEND, Desk};

const WHOLE: &str = "Backend: api, store; Design: form, logo; -: note";

type Change = fn(&Desk, &str) -> String;

#[test]
fn an_edit_that_is_taken_back_is_back_in_database_and_file() {
    let edits: [(&str, Change); 6] = [
        ("fields", |_, text| text.replace("- [ ] api", "- [/] the api !high #x ~2h")),
        ("several items", |_, text| {
            text.replace("] api", "] the api").replace("] note", "] notes")
        }),
        ("a new item", |_, text| text.replace("- [ ] api", "- [ ] first\n- [ ] api")),
        ("a move", |desk, text| {
            let (api, form) = (desk.line(ACTIVE, "] api"), desk.line(ACTIVE, "] form"));
            text.replace(&api, "").replace(&form, &format!("{api}{form}"))
        }),
        ("an order", |desk, text| {
            let (api, store) = (desk.line(ACTIVE, "] api"), desk.line(ACTIVE, "] store"));
            text.replace(&api, "@@").replace(&store, &api).replace("@@", &store)
        }),
        ("a group", |desk, text| {
            let line = desk.line(ACTIVE, "## Design");
            text.replace(&line, &format!("## Docs\n\n- [ ] write\n\n{line}"))
        }),
    ];
    for (what, edit) in edits {
        let desk = Desk::board();
        let before = desk.read(ACTIVE);
        let seq = desk.scene.latest();
        desk.edit(ACTIVE, |text| edit(&desk, text));
        assert_ne!(desk.shown(), WHOLE, "{what}");
        desk.scene.does("human", Command::Undo { seq: Some(seq + 1) });
        desk.sync();
        assert_eq!(desk.shown(), WHOLE, "{what}");
        let lines = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        // Blank lines around what a person wrote are theirs.
        assert_eq!(lines(&desk.read(ACTIVE)), lines(&before), "{what}");
        assert_eq!(desk.open(), "", "{what}");
        desk.all_in_step();
    }
}

#[test]
fn a_description_that_is_taken_back_is_as_it_was() {
    let desk = Desk::board();
    desk.describe(desk.id("api"), "One.\nTwo.");
    desk.sync();
    let before = desk.read(BACKEND);
    let seq = desk.scene.latest();
    desk.edit(BACKEND, |text| text.replace("> Two.", "> Two, or three."));
    assert_eq!(desk.scene.task(desk.id("api")).description, "One.\nTwo, or three.");
    desk.scene.does("human", Command::Undo { seq: Some(seq + 1) });
    desk.sync();
    assert_eq!(desk.read(BACKEND), before);
    desk.all_in_step();
}

#[test]
fn an_edit_whose_field_was_written_since_is_taken_back_only_as_a_person_wants_it() {
    let desk = Desk::board();
    let seq = desk.scene.latest();
    desk.edit(ACTIVE, |text| text.replace("] api", "] the api !high"));
    let patch = TaskPatch { priority: Some(Priority::Low), ..TaskPatch::default() };
    desk.update(desk.id("api"), patch);
    desk.sync();
    let refused = desk.scene.submit("human", Command::Undo { seq: Some(seq + 1) });
    desk.sync();
    let shown = desk.shown();
    assert!(shown.contains("!low"), "{shown}: {refused:?}");
    desk.all_in_step();
}

#[test]
fn a_decision_that_is_taken_back_is_a_question_again() {
    for choice in [Choice::Ours, Choice::Theirs] {
        let desk = Desk::board();
        desk.retitle(desk.id("api"), "by the agent");
        desk.edit(ACTIVE, |text| text.replace("] api", "] by the person"));
        assert_eq!(desk.open(), "title of api");
        desk.resolve(&desk.all_conflicts()[0], choice);
        desk.sync();
        desk.all_in_step();
        desk.scene.does("human", Command::Undo { seq: None });
        assert_eq!(desk.open(), "title of api");
        desk.sync();
        assert_eq!(desk.open(), "title of api", "{choice:?}");
        assert_eq!(desk.scene.task(desk.id("api")).title, "by the agent");
        desk.all_in_step();
        desk.resolve(&desk.all_conflicts()[0], Choice::Theirs);
        desk.sync();
        assert_eq!(desk.scene.task(desk.id("api")).title, "by the person");
        assert!(desk.read(ACTIVE).contains("] by the person"));
        desk.all_in_step();
    }
}

#[test]
fn a_group_that_is_taken_back_leaves_its_documents_as_they_were() {
    let desk = Desk::board();
    desk.edit(ACTIVE, |text| text.replace("## Design", "My own words.\n\n## Design"));
    let before = desk.read(ACTIVE);
    desk.group("Later");
    desk.sync();
    assert_ne!(desk.read(ACTIVE), before);
    desk.scene.does("human", Command::Undo { seq: None });
    desk.sync();
    assert_eq!(desk.read(ACTIVE), before);
    desk.all_in_step();
}
