//! Items that are gone from a document, and what policies decide.

use std::time::Duration;

use callboard_engine::domain::command::{Command, CreateTasks, NewTask};
use callboard_engine::domain::conflict::Choice;
use callboard_engine::domain::document::{DocumentState, Policy};
use callboard_engine::sync::keeper;

use super::desk::{ACTIVE, BACKEND, DESIGN, Desk, until};

const WHOLE: &str = "Backend: api, store; Design: form, logo; -: note";

fn without(desk: &Desk, name: &str, words: &str) -> String {
    desk.read(name).replace(&desk.line(name, words), "")
}

#[test]
fn an_item_that_is_gone_is_asked_about_and_stays_gone_meanwhile() {
    for name in [ACTIVE, BACKEND] {
        for (choice, shown) in
            [(Choice::Ours, WHOLE), (Choice::Theirs, "Backend: store; Design: form, logo; -: note")]
        {
            let desk = Desk::board();
            desk.edit(name, |_| without(&desk, name, "] api"));
            assert_eq!((desk.shown().as_str(), desk.open().as_str()), (WHOLE, "removed api"));
            assert!(!desk.read(name).contains("] api"));
            desk.all_in_step();
            // What agents do meanwhile neither brings it back nor asks again.
            desk.retitle(desk.id("api"), "the api");
            desk.sync();
            assert_eq!(desk.open(), "removed api");
            assert!(!desk.read(name).contains("] the api"));
            desk.retitle(desk.id("api"), "api");
            let open = desk.all_conflicts();
            desk.resolve(&open[0], choice);
            desk.sync();
            assert_eq!(desk.shown(), shown, "{name} {choice:?}");
            assert_eq!(desk.open(), "");
            assert_eq!(desk.read(name).contains("] api"), choice == Choice::Ours);
            desk.all_in_step();
        }
    }
}

#[test]
fn an_item_can_be_removed_again_after_it_was_kept() {
    let desk = Desk::board();
    for _ in 0..3 {
        desk.edit(ACTIVE, |_| without(&desk, ACTIVE, "] api"));
        assert_eq!(desk.open(), "removed api");
        desk.resolve(&desk.all_conflicts()[0], Choice::Ours);
        desk.sync();
        assert!(desk.read(ACTIVE).contains("] api"));
        desk.all_in_step();
    }
}

#[test]
fn the_question_is_withdrawn_when_the_item_comes_back() {
    let desk = Desk::board();
    let line = desk.line(ACTIVE, "] api");
    desk.edit(ACTIVE, |_| without(&desk, ACTIVE, "] api"));
    assert_eq!(desk.open(), "removed api");
    let store = desk.line(ACTIVE, "] store");
    desk.edit(ACTIVE, |text| text.replace(&store, &format!("{line}{store}")));
    assert_eq!(desk.open(), "");
    assert_eq!(desk.shown(), WHOLE);
    desk.all_in_step();
}

#[test]
fn the_question_is_withdrawn_when_the_item_has_no_place_in_the_document_any_more() {
    let desk = Desk::board();
    desk.edit(ACTIVE, |_| without(&desk, ACTIVE, "] api"));
    assert_eq!(desk.open(), "removed api");
    let done =
        crate::scene::status(desk.id("api"), callboard_engine::domain::task::Status::Completed);
    desk.scene.does("agent:codex", done);
    desk.sync();
    assert_eq!(desk.open(), "");
    assert_eq!(desk.shown(), "Backend: [x] api, store; Design: form, logo; -: note");
    desk.all_in_step();
}

#[test]
fn a_stale_buffer_that_lacks_new_tasks_asks_nothing() {
    let desk = Desk::board();
    let buffer = desk.read(ACTIVE);
    desk.scene.clock.advance_ms(60_000);
    desk.retitle(desk.id("api"), "the api");
    let tasks = vec![NewTask { title: "cache".to_owned(), ..NewTask::default() }];
    let create = CreateTasks { session_id: desk.session, tasks };
    desk.scene.does("agent:codex", Command::CreateTasks(create));
    desk.sync();
    desk.edit(ACTIVE, |_| buffer.replace("] form", "] form it"));
    assert_eq!(desk.open(), "");
    assert_eq!(desk.shown(), "Backend: the api, store; Design: form it, logo; -: note, cache");
    assert!(desk.read(ACTIVE).contains("] cache"));
    desk.all_in_step();
}

#[test]
fn a_stale_buffer_that_nothing_tells_the_age_of_asks_or_is_held() {
    for (new, open, state) in [
        (&["one"][..], "removed one", DocumentState::InStep),
        (&["one", "two", "three", "four"], "", DocumentState::Held),
    ] {
        let mut desk = Desk::board();
        let buffer = desk.read(ACTIVE);
        desk.scene.clock.advance_ms(60_000);
        for title in new {
            desk.task(title, None);
        }
        desk.sync();
        let shown = desk.shown();
        desk.edit(ACTIVE, |_| buffer.clone());
        assert_eq!((desk.open().as_str(), desk.ledger(ACTIVE).state), (open, state));
        assert_eq!(desk.shown(), shown, "nothing is deleted");
    }
}

#[test]
fn what_is_cut_and_pasted_within_the_quarantine_asks_nothing() {
    let mut desk = Desk::board();
    desk.options.quarantine = Duration::from_secs(20);
    let keeper = keeper::start(&desk.scene.peer, desk.options).unwrap();
    until("the keeper", || keeper.status().borrow().keeps && !keeper.status().borrow().waiting);
    let line = desk.line(BACKEND, "] api");
    desk.write(BACKEND, &without(&desk, BACKEND, "] api"));
    until("the cut", || !desk.ledger(BACKEND).agreed.contains("] api"));
    let form = desk.line(DESIGN, "] form");
    desk.write(DESIGN, &desk.read(DESIGN).replace(&form, &format!("{line}{form}")));
    let moved = "Backend: store; Design: api, form, logo; -: note";
    until("the paste", || desk.shown() == moved);
    assert_eq!(desk.open(), "");
    until("quiet", || !keeper.status().borrow().waiting && desk.read(ACTIVE).contains("] api"));
    drop(keeper);
    assert_eq!(desk.open(), "");
}

#[test]
fn what_is_gone_for_longer_than_the_quarantine_is_asked_about() {
    let mut desk = Desk::board();
    desk.options.quarantine = Duration::from_millis(50);
    let keeper = keeper::start(&desk.scene.peer, desk.options).unwrap();
    until("the keeper", || keeper.status().borrow().keeps && !keeper.status().borrow().waiting);
    desk.write(BACKEND, &without(&desk, BACKEND, "] api"));
    until("the question", || desk.open() == "removed api");
    drop(keeper);
    assert_eq!(desk.shown(), WHOLE);
    assert!(!desk.read(BACKEND).contains("] api"));
}

#[test]
fn policies_decide_without_asking_and_only_about_their_kind() {
    for (policy, removed, title, text) in [
        (Policy::FileWins, "", "by the person", "By the person."),
        (Policy::DatabaseWins, "api, ", "by the agent", "By the agent."),
    ] {
        let mut desk = Desk::board();
        desk.describe(desk.id("store"), "As it was.");
        desk.sync();
        desk.options.policies.scalars = policy;
        desk.retitle(desk.id("form"), "by the agent");
        desk.describe(desk.id("store"), "By the agent.");
        desk.write(ACTIVE, &desk.read(ACTIVE).replace("] form", "] by the person"));
        desk.edit(BACKEND, |text| text.replace("As it was.", "By the person."));
        let shown = format!("Backend: api, store; Design: {title}, logo; -: note");
        assert_eq!(desk.shown(), shown);
        assert_eq!(desk.open(), "description of store");
        assert!(desk.read(ACTIVE).contains(title), "{}", desk.read(ACTIVE));

        desk.options.policies.texts = policy;
        desk.edit(BACKEND, |text| text.replace("By the person.", "By the person!"));
        assert_eq!(desk.open(), "");
        let said = desk.scene.task(desk.id("store")).description;
        assert_eq!(said, if removed.is_empty() { "By the person!" } else { text });
        assert!(desk.read(BACKEND).contains(&said), "{}", desk.read(BACKEND));

        desk.options.policies.removals = policy;
        desk.edit(ACTIVE, |_| without(&desk, ACTIVE, "] api"));
        let shown = format!("Backend: {removed}store; Design: {title}, logo; -: note");
        assert_eq!(desk.shown(), shown);
        assert_eq!(desk.open(), "");
        assert_eq!(desk.read(ACTIVE).contains("] api"), !removed.is_empty());
        desk.all_in_step();
    }
}

#[test]
fn who_takes_out_the_newest_task_and_edits_other_lines_is_asked() {
    let mut desk = Desk::board();
    desk.scene.clock.advance_ms(60_000);
    desk.task("cache", None);
    desk.sync();
    desk.edit(ACTIVE, |_| {
        without(&desk, ACTIVE, "] cache").replace("# Active tasks", "# What is to be done")
    });
    assert_eq!(desk.open(), "removed cache");
    desk.all_in_step();
}
