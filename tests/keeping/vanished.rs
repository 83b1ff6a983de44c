//! Documents from which much is gone at once, by accident or by git.

use std::fs;

use callboard_engine::domain::command::Command;
use callboard_engine::domain::document::{DocumentNote, DocumentState};
use callboard_engine::sync::keeper;

use super::desk::{ACTIVE, BACKEND, Desk, SESSION};

/// What happens to a document, and a word of the reason why it is held.
type Accident = (&'static str, fn(&Desk, &str) -> String, &'static str);

const ACCIDENTS: &[Accident] = &[
    ("empty", |_, _| String::new(), "empty"),
    ("blank", |_, _| "\n \n".to_owned(), "empty"),
    ("truncated", |_, text| text[..text.find("## Backend").unwrap() + 5].to_owned(), "at once"),
    (
        "a fence that is not closed",
        |desk, text| text.replace(&desk.line(ACTIVE, "## Design"), "```\n## Design\n"),
        "swallows",
    ),
    (
        "a comment that is not closed",
        // Of a document that has no other comments below.
        |desk, text| {
            let at = text.find("## Design").unwrap();
            let rest = text[at..].replace(" -->", "");
            let _ = desk;
            format!("{}<!-- later\n{rest}", &text[..at])
        },
        "",
    ),
    (
        "a div around items",
        |desk, text| {
            let at = desk.line(ACTIVE, "] api");
            let lines = format!("{at}{}", desk.line(ACTIVE, "] store"));
            text.replace(&lines, &format!("<div>\n{lines}</div>\n"))
        },
        "swallows",
    ),
    (
        "conflict markers",
        |desk, text| {
            let line = desk.line(ACTIVE, "] form");
            let theirs = line.replace("form", "mold");
            text.replace(&line, &format!("<<<<<<< HEAD\n{line}=======\n{theirs}>>>>>>> branch\n"))
        },
        "conflict marker",
    ),
];

#[test]
fn what_looks_like_an_accident_is_held_and_deletes_nothing() {
    for (what, accident, reason) in ACCIDENTS {
        let desk = Desk::board();
        let (text, shown) = (desk.read(ACTIVE), desk.shown());
        let broken = accident(&desk, &text);
        desk.write(ACTIVE, &broken);
        desk.sync();
        let row = desk.ledger(ACTIVE);
        assert_eq!(row.state, DocumentState::Held, "{what}: {row:?}");
        assert!(row.reason.as_deref().unwrap().contains(reason), "{what}: {:?}", row.reason);
        assert_eq!(desk.shown(), shown, "{what}");
        assert_eq!(desk.open(), "", "{what}");
        desk.retitle(desk.id("logo"), "the logo");
        desk.sync();
        assert_eq!(desk.read(ACTIVE), broken, "{what}: a held document is not written");
        // Well again, with an edit in it.
        desk.edit(ACTIVE, |_| text.replace("] form", "] form it"));
        let well = "Backend: api, store; Design: form it, the logo; -: note";
        assert_eq!(desk.shown(), well, "{what}");
        assert!(desk.read(ACTIVE).contains("] the logo"), "{what}");
        desk.all_in_step();
        // Well again as it was, without any edit.
        let text = desk.read(ACTIVE);
        desk.write(ACTIVE, &accident(&desk, &text));
        desk.sync();
        desk.retitle(desk.id("logo"), "logo");
        desk.edit(ACTIVE, |_| text.clone());
        assert!(desk.read(ACTIVE).contains("] logo"), "{what}");
        desk.all_in_step();
    }
}

#[test]
fn zero_bytes_and_then_the_whole_text_is_one_edit() {
    let desk = Desk::board();
    let text = desk.read(ACTIVE).replace("] form", "] form it");
    desk.write(ACTIVE, "");
    desk.sync();
    desk.write(ACTIVE, &text);
    desk.sync();
    assert_eq!(desk.shown(), "Backend: api, store; Design: form it, logo; -: note");
    assert_eq!(desk.open(), "");
    desk.all_in_step();
}

#[test]
fn a_file_that_is_gone_is_held_until_it_is_back_or_restored() {
    let desk = Desk::board();
    let text = desk.read(ACTIVE);
    fs::remove_file(desk.path(ACTIVE)).unwrap();
    desk.sync();
    assert_eq!(desk.ledger(ACTIVE).state, DocumentState::Held);
    assert!(!desk.path(ACTIVE).exists());
    desk.write(ACTIVE, &text);
    desk.sync();
    desk.all_in_step();
    fs::remove_file(desk.path(ACTIVE)).unwrap();
    desk.sync();
    let path = desk.ledger(ACTIVE).path;
    let notes = vec![DocumentNote::Restored { path }];
    desk.scene.does("human", Command::NoteDocuments { notes });
    desk.sync();
    assert_eq!(desk.read(ACTIVE), text);
    desk.all_in_step();
}

#[test]
fn a_mass_deletion_that_a_person_confirms_is_asked_about_item_by_item() {
    let desk = Desk::board();
    let at = desk.read(ACTIVE).find("## Backend").unwrap();
    desk.edit(ACTIVE, |text| text[..at].to_owned());
    assert_eq!(desk.ledger(ACTIVE).state, DocumentState::Held);
    let path = desk.ledger(ACTIVE).path;
    let notes = vec![DocumentNote::Accepted { path }];
    desk.scene.does("human", Command::NoteDocuments { notes });
    desk.sync();
    let asked = "removed Backend, removed Design, removed api, removed form, removed logo, removed note, removed store";
    assert_eq!(desk.open(), asked);
    assert_eq!(desk.shown(), "Backend: api, store; Design: form, logo; -: note");
    desk.all_in_step();
}

#[test]
fn an_old_branch_checked_out_is_of_its_time_and_takes_nothing_back() {
    let mut desk = Desk::board();
    let names = [SESSION, ACTIVE, BACKEND];
    let old: Vec<String> = names.iter().map(|name| desk.read(name)).collect();
    desk.retitle(desk.id("api"), "the api");
    desk.describe(desk.id("store"), "Where things are.");
    let backend = desk.scene.task(desk.id("api")).group_id;
    desk.task("cache", backend);
    desk.sync();
    let seq = desk.scene.latest();
    for (name, text) in names.iter().zip(&old) {
        desk.write(name, text);
    }
    desk.sync();
    assert_eq!(desk.scene.latest(), seq, "nothing of it is an edit");
    assert_eq!(desk.shown(), "Backend: the api, store, cache; Design: form, logo; -: note");
    assert_eq!(desk.open(), "");
    assert!(desk.read(ACTIVE).contains("] cache"));
    assert!(desk.read(BACKEND).contains("Where things are."));
    desk.all_in_step();
}

#[test]
fn while_git_is_in_the_middle_of_something_documents_are_left_alone() {
    for sign in ["MERGE_HEAD", "CHERRY_PICK_HEAD", "index.lock", "rebase-merge"] {
        let desk = Desk::board();
        let git = desk.scene.directory.path().join(".git");
        fs::create_dir_all(&git).unwrap();
        fs::write(git.join(sign), "").unwrap();
        let text = desk.read(ACTIVE).replace("] form", "] form it");
        desk.write(ACTIVE, &text);
        desk.retitle(desk.id("api"), "the api");
        let status = keeper::once(&desk.scene.peer, desk.options).unwrap().unwrap();
        assert!(status.paused.is_some(), "{sign}");
        assert_eq!(desk.read(ACTIVE), text, "{sign}");
        assert_eq!(desk.shown(), "Backend: the api, store; Design: form, logo; -: note");
        fs::remove_file(git.join(sign)).unwrap();
        desk.sync();
        assert_eq!(desk.shown(), "Backend: the api, store; Design: form it, logo; -: note");
        desk.all_in_step();
    }
}
