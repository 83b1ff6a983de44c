//! What people and programs do to stamps.

use callboard_engine::domain::command::{Command, Dependents};
use callboard_engine::domain::conflict::{Choice, ConflictKind};

use super::desk::{ACTIVE, BACKEND, Desk};

/// An edit of the active tasks, and what it comes to.
struct Case {
    what: &'static str,
    edit: fn(&Desk, &str) -> String,
    shown: &'static str,
    open: &'static str,
}

const AS_BEFORE: &str = "Backend: api, store; Design: form, logo; -: note";

/// The stamp of a task, one space before it included.
fn stamp(desk: &Desk, title: &str) -> String {
    let line = desk.line(ACTIVE, &desk.id(title).to_string());
    let at = line.find(" <!--").unwrap();
    line.trim_end()[at..].to_owned()
}

fn check(cases: &[Case]) {
    for Case { what, edit, shown, open } in cases {
        let desk = Desk::board();
        desk.edit(ACTIVE, |text| {
            let edited = edit(&desk, text);
            assert_ne!(edited, text, "{what}: nothing was edited");
            edited
        });
        let text = desk.read(ACTIVE);
        assert_eq!(desk.shown(), *shown, "{what}\n{text}");
        assert_eq!(desk.open(), *open, "{what}\n{text}");
        desk.all_in_step();
        let items = text.lines().filter(|line| line.trim_start().starts_with("- ["));
        for item in items {
            let stamp = item.rsplit("<!-- t-").next().unwrap_or_default();
            assert!(stamp.len() == "7k3q9xwb 5n8x2c -->".len(), "{what}\n{text}");
        }
    }
}

#[test]
fn a_stamp_that_is_damaged_is_put_right_and_changes_nothing_else() {
    check(&[
        Case {
            what: "deleted",
            edit: |desk, text| text.replace(&stamp(desk, "api"), ""),
            shown: AS_BEFORE,
            open: "",
        },
        Case {
            what: "all deleted",
            edit: |desk, text| {
                desk.tasks
                    .keys()
                    .fold(text.to_owned(), |text, title| text.replace(&stamp(desk, title), ""))
            },
            shown: AS_BEFORE,
            open: "",
        },
        Case {
            what: "id mistyped",
            edit: |desk, text| text.replace(&desk.id("api").to_string(), "t-zzzzzz"),
            shown: AS_BEFORE,
            open: "",
        },
        Case {
            what: "id mistyped into another",
            edit: |desk, text| text.replace(&desk.id("api").to_string(), "t-zzzzzzzz"),
            shown: AS_BEFORE,
            open: "",
        },
        Case {
            what: "mark mistyped",
            edit: |desk, text| {
                text.replace(&stamp(desk, "api"), &format!(" <!-- {} ? -->", desk.id("api")))
            },
            shown: AS_BEFORE,
            open: "",
        },
        Case {
            what: "shortened to a block id, line edited",
            edit: |desk, text| {
                text.replace(&stamp(desk, "api"), &format!(" !high ^{}", desk.id("api")))
            },
            shown: "Backend: api !high, store; Design: form, logo; -: note",
            open: "",
        },
        Case {
            what: "unknown mark, line edited",
            edit: |desk, text| {
                text.replace(
                    &stamp(desk, "api"),
                    &format!(" !high <!-- {} 000000 -->", desk.id("api")),
                )
            },
            shown: "Backend: api !high, store; Design: form, logo; -: note",
            open: "",
        },
        Case {
            what: "deleted, line edited",
            edit: |desk, text| text.replace(&stamp(desk, "api"), " !high"),
            shown: "Backend: api !high, store; Design: form, logo; -: note",
            open: "",
        },
        Case {
            what: "cut in the middle",
            edit: |desk, text| text.replace(&stamp(desk, "api"), &stamp(desk, "api")[..14]),
            shown: AS_BEFORE,
            open: "",
        },
    ]);
}

#[test]
fn a_stamp_in_another_place_never_loses_a_task() {
    check(&[
        Case {
            what: "swapped",
            edit: |desk, text| {
                let (api, store) = (stamp(desk, "api"), stamp(desk, "store"));
                text.replace(&api, " @@").replace(&store, &api).replace(" @@", &store)
            },
            shown: "Backend: api, store; Design: form, logo; -: note",
            open: "",
        },
        Case {
            what: "moved to another item",
            edit: |desk, text| {
                let (api, store) = (stamp(desk, "api"), stamp(desk, "store"));
                text.replace(&api, "").replace(&store, &api)
            },
            // The stamp decides: one was retitled, one is new, one is gone.
            shown: "Backend: api, store, store; Design: form, logo; -: note",
            open: "removed store",
        },
        Case {
            what: "line duplicated",
            edit: |desk, text| {
                let line = desk.line(ACTIVE, "] api");
                text.replace(&line, &format!("{line}{line}"))
            },
            shown: "Backend: api, api, store; Design: form, logo; -: note",
            open: "",
        },
        Case {
            what: "line duplicated, the first copy edited",
            edit: |desk, text| {
                let line = desk.line(ACTIVE, "] api");
                text.replace(&line, &format!("{}{line}", line.replace("] api", "] api two")))
            },
            shown: "Backend: api two, api, store; Design: form, logo; -: note",
            open: "",
        },
        Case {
            what: "line copied to another section",
            edit: |desk, text| {
                let (line, form) = (desk.line(ACTIVE, "] api"), desk.line(ACTIVE, "] form"));
                text.replace(&form, &format!("{line}{form}"))
            },
            shown: "Backend: api, store; Design: api, form, logo; -: note",
            open: "",
        },
    ]);
}

#[test]
fn a_stamp_that_names_nobody_here_makes_nobody_else() {
    check(&[
        Case {
            what: "in a title",
            edit: |desk, text| {
                text.replace("] store", &format!("] store{} well", stamp(desk, "api")))
            },
            // A part of the title; the other task is not touched. Titles are shown up to a comment.
            shown: AS_BEFORE,
            open: "",
        },
        Case {
            what: "a task's on a heading",
            edit: |desk, text| {
                let form = desk.line(ACTIVE, "] form");
                text.replace(&form, &format!("### Notes{}\n\n{form}", stamp(desk, "api")))
            },
            shown: AS_BEFORE,
            open: "",
        },
        Case {
            what: "made in another clone",
            edit: |desk, text| {
                let line = desk.line(ACTIVE, "] note");
                text.replace(&line, &format!("{line}- [ ] afar <!-- t-0000000a 123456 -->\n"))
            },
            shown: "Backend: api, store; Design: form, logo; -: note, afar",
            open: "",
        },
    ]);
}

fn delete(desk: &Desk, title: &str) {
    let id = desk.id(title);
    desk.scene.does("agent:codex", Command::DeleteTask { id, dependents: Dependents::Refuse });
}

#[test]
fn a_deleted_task_that_was_not_edited_goes() {
    let desk = Desk::board();
    let buffer = desk.read(ACTIVE);
    delete(&desk, "api");
    desk.edit(ACTIVE, |text| text.replace("] form", "] form it"));
    assert_eq!(desk.shown(), "Backend: store; Design: form it, logo; -: note");
    assert!(!desk.read(ACTIVE).contains("] api"));
    // The same from a buffer that still has it.
    desk.edit(ACTIVE, |_| buffer.replace("] logo", "] logo !low"));
    assert_eq!(desk.shown(), "Backend: store; Design: form it, logo !low; -: note");
    assert_eq!(desk.open(), "");
    assert!(!desk.read(ACTIVE).contains("] api"), "{}", desk.read(ACTIVE));
    desk.all_in_step();
}

#[test]
fn a_deleted_task_that_was_edited_is_asked_about() {
    for (name, choice, shown) in [
        (ACTIVE, Choice::Theirs, "Backend: store, api at last !high; Design: form, logo; -: note"),
        (ACTIVE, Choice::Ours, "Backend: store; Design: form, logo; -: note"),
        (BACKEND, Choice::Theirs, "Backend: store, api at last !high; Design: form, logo; -: note"),
        (BACKEND, Choice::Ours, "Backend: store; Design: form, logo; -: note"),
    ] {
        let desk = Desk::board();
        delete(&desk, "api");
        desk.edit(name, |text| text.replace("] api", "] api at last !high"));
        let open = desk.all_conflicts();
        assert_eq!(open.len(), 1, "{}", desk.open());
        assert_eq!(open[0].kind, ConflictKind::Deleted);
        assert!(desk.read(name).contains("] api at last !high"), "the words stay");
        desk.all_in_step();
        desk.resolve(&open[0], choice);
        desk.sync();
        assert_eq!(desk.shown(), shown, "{name} {choice:?}");
        assert_eq!(desk.open(), "", "{name} {choice:?}");
        let is_there = desk.read(name).contains("api at last");
        assert_eq!(is_there, choice == Choice::Theirs, "{}", desk.read(name));
        desk.all_in_step();
    }
}

#[test]
fn what_is_new_below_a_deleted_task_stays() {
    for name in [ACTIVE, BACKEND] {
        let desk = Desk::board();
        delete(&desk, "api");
        let line = desk.line(name, "] api");
        desk.edit(name, |text| text.replace(&line, &format!("{line}- [ ] cache\n")));
        let row = desk.ledger(name);
        let shown = "Backend: cache, store; Design: form, logo; -: note";
        assert_eq!(desk.shown(), shown, "{row:?}");
        assert_eq!(desk.open(), "");
        desk.all_in_step();
    }
}
