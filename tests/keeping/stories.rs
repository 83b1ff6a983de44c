//! What people and agents did before somebody died, for [`super::deaths`].

use std::time::Duration;

use callboard_engine::domain::command::Command;
use callboard_engine::domain::document::DocumentNote;
use callboard_engine::domain::task::Status;

use super::desk::{ACTIVE, BACKEND, DESIGN, Desk};
use crate::scene::status;

/// How long what is gone is waited for.
pub(super) const QUARANTINE: Duration = Duration::from_secs(10);

/// What people and agents did before somebody died.
pub(super) type Story = (&'static str, fn(&mut Desk), Duration);

pub(super) const STORIES: &[Story] = &[
    ("an edit and a change of an agent", edit_and_change, Duration::ZERO),
    ("typed items", typed, Duration::ZERO),
    ("an item is taken out", taken_out, Duration::ZERO),
    ("an item is taken out, and asked about later", taken_out, QUARANTINE),
    ("an item is moved to another document", moved, QUARANTINE),
    ("a group is gone", group_gone, Duration::ZERO),
    ("what is only written is edited", read_only, Duration::ZERO),
    ("a held document is restored", restored, Duration::ZERO),
    ("a conflict", conflict, Duration::ZERO),
];

fn edit_and_change(desk: &mut Desk) {
    desk.write(ACTIVE, &desk.read(ACTIVE).replace("] api", "] the api !high"));
    desk.retitle(desk.id("form"), "a form");
    desk.write(BACKEND, &(desk.read(BACKEND) + "\nA remark of mine.\n"));
}

fn typed(desk: &mut Desk) {
    desk.write(ACTIVE, &(desk.read(ACTIVE) + "- [ ] typed\n  - [ ] below it\n"));
    desk.write(BACKEND, &(desk.read(BACKEND) + "- [ ] typed there\n  > with words\n"));
}

fn taken_out(desk: &mut Desk) {
    desk.write(ACTIVE, &desk.read(ACTIVE).replace(&desk.line(ACTIVE, "] form"), ""));
    desk.retitle(desk.id("logo"), "the logo");
}

fn moved(desk: &mut Desk) {
    let line = desk.line(BACKEND, "] api");
    desk.write(BACKEND, &desk.read(BACKEND).replace(&line, ""));
    desk.write(DESIGN, &(desk.read(DESIGN) + &line));
}

fn group_gone(desk: &mut Desk) {
    desk.scene.does("human", status(desk.id("form"), Status::Completed));
    for title in ["api", "store"] {
        let dependents = callboard_engine::domain::command::Dependents::Refuse;
        let id = desk.id(title);
        desk.scene.does("human", Command::DeleteTask { id, dependents });
    }
}

fn read_only(desk: &mut Desk) {
    let name = "specialists/assignments.md";
    desk.write(name, &(desk.read(name) + "\nwritten here\n"));
}

fn restored(desk: &mut Desk) {
    desk.write(ACTIVE, "only this\n");
    desk.sync();
    let path = desk.ledger(ACTIVE).path;
    let notes = vec![DocumentNote::Restored { path }];
    desk.scene.does("human", Command::NoteDocuments { notes });
}

fn conflict(desk: &mut Desk) {
    desk.retitle(desk.id("api"), "by the agent");
    desk.write(ACTIVE, &desk.read(ACTIVE).replace("] api", "] by the person"));
}
