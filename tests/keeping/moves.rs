//! Items and headings that are moved, renamed, cut here and pasted there.

use callboard_engine::domain::command::{Command, Place, PlaceTask};
use callboard_engine::domain::document::DocumentState;

use super::desk::{ACTIVE, BACKEND, COMPLETED, DESIGN, Desk};

/// Cut from one place and pasted at another, as two saves.
struct Cut {
    what: &'static str,
    item: &'static str,
    from: &'static str,
    to: &'static str,
    /// The item is pasted above the line with these words.
    above: &'static str,
    shown: &'static str,
}

const CUTS: &[Cut] = &[
    Cut {
        what: "between sections",
        item: "] api",
        from: ACTIVE,
        to: ACTIVE,
        above: "] form",
        shown: "Backend: store; Design: api, form, logo; -: note",
    },
    Cut {
        what: "out of any group",
        item: "] api",
        from: ACTIVE,
        to: ACTIVE,
        above: "] note",
        shown: "Backend: store; Design: form, logo; -: api, note",
    },
    Cut {
        what: "between group files",
        item: "] api",
        from: BACKEND,
        to: DESIGN,
        above: "] form",
        shown: "Backend: store; Design: api, form, logo; -: note",
    },
    Cut {
        what: "to the finished ones",
        item: "] api",
        from: ACTIVE,
        to: COMPLETED,
        above: "",
        shown: "Backend: [x] api, store; Design: form, logo; -: note",
    },
];

impl Cut {
    fn cut(&self, desk: &Desk, line: &str) {
        desk.write(self.from, &desk.read(self.from).replacen(line, "", 1));
    }

    /// The item is cut if it has not gone by itself.
    fn cut_again(&self, desk: &Desk) {
        if desk.read(self.from).contains(self.item) {
            self.cut(desk, &desk.line(self.from, self.item));
        }
    }

    fn paste(&self, desk: &Desk, line: &str) {
        let text = desk.read(self.to);
        let pasted = if self.above.is_empty() {
            format!("{text}\n{line}")
        } else {
            let below = desk.line(self.to, self.above);
            text.replacen(&below, &format!("{line}{below}"), 1)
        };
        desk.write(self.to, &pasted);
    }
}

#[test]
fn what_is_cut_here_and_pasted_there_moves_whatever_is_saved_first() {
    for cut in CUTS {
        for order in ["cut", "paste", "at once"] {
            let desk = Desk::board();
            let line = desk.line(cut.from, cut.item);
            match order {
                "cut" => {
                    cut.cut(&desk, &line);
                    desk.sync();
                    assert_eq!(desk.open(), "removed api", "{}", cut.what);
                    cut.paste(&desk, &line);
                }
                "paste" if cut.from != cut.to => {
                    cut.paste(&desk, &line);
                    desk.sync();
                    cut.cut_again(&desk);
                }
                _ => {
                    cut.cut(&desk, &line);
                    cut.paste(&desk, &line);
                }
            }
            desk.sync();
            let what = format!("{}, {order}", cut.what);
            assert_eq!(desk.shown(), cut.shown, "{what}\n{}", desk.read(cut.to));
            assert_eq!(desk.open(), "", "{what}");
            desk.all_in_step();
            let id = desk.id("api").to_string();
            assert_eq!(desk.read(cut.to).matches(&format!("<!-- {id}")).count(), 1, "{what}");
        }
    }
}

#[test]
fn what_comes_back_from_the_finished_ones_is_open_again() {
    let desk = Desk::board();
    desk.edit(ACTIVE, |text| text.replace("- [ ] api", "- [x] api"));
    assert_eq!(desk.shown(), "Backend: [x] api, store; Design: form, logo; -: note");
    let line = desk.line(COMPLETED, "] api");
    desk.write(COMPLETED, &desk.read(COMPLETED).replace(&line, ""));
    let store = desk.line(ACTIVE, "] store");
    let open = line.replace("[x]", "[ ]");
    desk.edit(ACTIVE, |text| text.replace(&store, &format!("{open}{store}")));
    assert_eq!(desk.shown(), "Backend: api, store; Design: form, logo; -: note");
    assert_eq!(desk.open(), "");
    desk.all_in_step();
}

#[test]
fn the_order_is_the_files_where_only_it_changed_and_the_databases_where_both_did() {
    let desk = Desk::board();
    let swap = |text: &str| {
        let (api, store) = (desk.line(ACTIVE, "] api"), desk.line(ACTIVE, "] store"));
        text.replace(&api, "@@").replace(&store, &api).replace("@@", &store)
    };
    desk.edit(ACTIVE, swap);
    assert_eq!(desk.shown(), "Backend: store, api; Design: form, logo; -: note");
    desk.all_in_step();
    let place = |title: &str, place: Place| {
        let id = desk.id(title);
        let command = PlaceTask { id, group: None, parent: None, place: Some(place) };
        desk.scene.does("agent:codex", Command::PlaceTask(command));
    };
    place("store", Place::Last);
    desk.sync();
    assert_eq!(desk.shown(), "Backend: api, store; Design: form, logo; -: note");
    assert!(desk.read(ACTIVE).find("] api") < desk.read(ACTIVE).find("] store"));
    // Both at once: the rest of the edit holds.
    place("api", Place::Last);
    desk.edit(ACTIVE, |text| swap(text).replace("] form", "] form it"));
    assert_eq!(desk.shown(), "Backend: store, api; Design: form it, logo; -: note");
    desk.all_in_step();
}

/// An edit of the active tasks, what it comes to, and what is asked.
struct Case {
    what: &'static str,
    edit: fn(&Desk, &str) -> String,
    shown: &'static str,
    open: &'static str,
}

const HEADINGS: &[Case] = &[
    Case {
        what: "renamed",
        edit: |_, text| text.replace("## Backend", "## Engine"),
        shown: "Engine: api, store; Design: form, logo; -: note",
        open: "",
    },
    Case {
        what: "renamed, its stamp lost",
        edit: |desk, text| text.replace(&desk.line(ACTIVE, "## Backend"), "## Engine\n"),
        shown: "Backend: ; Design: form, logo; Engine: api, store; -: note",
        open: "removed Backend",
    },
    Case {
        what: "its stamp lost",
        edit: |desk, text| text.replace(&desk.line(ACTIVE, "## Backend"), "## Backend\n"),
        shown: "Backend: api, store; Design: form, logo; -: note",
        open: "",
    },
    Case {
        what: "of another level and form",
        edit: |desk, text| {
            let line = desk.line(ACTIVE, "## Backend");
            text.replace(&line, &line.replace("## ", "### "))
        },
        shown: "Backend: api, store; Design: form, logo; -: note",
        open: "",
    },
    Case {
        what: "a new one with tasks",
        edit: |desk, text| {
            let line = desk.line(ACTIVE, "## Design");
            text.replace(&line, &format!("## Docs / Guide\n\n- [ ] write\n  - [/] read\n\n{line}"))
        },
        shown: "Backend: api, store; Design: form, logo; Docs: ; Guide: write, >[/] read; -: note",
        open: "",
    },
    Case {
        what: "a new one without tasks is text",
        edit: |desk, text| {
            let line = desk.line(ACTIVE, "## Design");
            text.replace(&line, &format!("## Remarks\n\nMind the gap.\n\n{line}"))
        },
        shown: "Backend: api, store; Design: form, logo; -: note",
        open: "",
    },
    Case {
        what: "gone, its tasks below the one before",
        edit: |desk, text| text.replace(&desk.line(ACTIVE, "## Design"), ""),
        shown: "Backend: api, store, form, logo; Design: ; -: note",
        open: "removed Design",
    },
    Case {
        what: "a task below another",
        edit: |desk, text| {
            let line = desk.line(ACTIVE, "] store");
            text.replace(&line, &format!("  {line}"))
        },
        shown: "Backend: api, >store; Design: form, logo; -: note",
        open: "",
    },
];

#[test]
fn headings_are_groups_with_names_of_their_own() {
    for Case { what, edit, shown, open } in HEADINGS {
        let desk = Desk::board();
        desk.edit(ACTIVE, |text| edit(&desk, text));
        let text = desk.read(ACTIVE);
        assert_eq!(desk.shown(), *shown, "{what}\n{text}");
        assert_eq!(desk.open(), *open, "{what}\n{text}");
        assert_eq!(desk.ledger(ACTIVE).state, DocumentState::InStep, "{what}");
        desk.all_in_step();
    }
}
