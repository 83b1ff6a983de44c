//! Approving work, and sending it back.

use std::fs;

use callboard::app::board::RowKey;
use callboard_engine::binding::{self, Selection};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::task::{Status, Task};
use callboard_engine::query;
use insta::assert_snapshot;

use super::stage::{Stage, claim, status};

const STRICT: &str = "\
extends: default_roles
gates:
  completed: {summary: true, checklist: true, approval: true}
";

fn task(stage: &Stage, title: &str) -> Task {
    let id = stage.named(title);
    stage.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task
}

/// A task that an agent has handed in, under the cursor.
fn handed_in(width: u16, height: u16, mode: &str) -> Stage {
    let mut stage = Stage::busy(width, height);
    let folder = stage.peer.paths.task_orchestrator().join("roles/custom_modes");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("strict.yaml"), mode).unwrap();
    let selection = Selection { mode: "strict".to_owned(), session: None, reason: None };
    binding::select(&stage.peer, &Actor::Human, &selection).unwrap();
    let page = stage.named("Checkout page");
    stage.does("agent:codex", status(page, Status::Review, Some("The page is **there**.")));
    stage.model.board.select_when_loaded(RowKey::Task(page));
    stage.read();
    stage.read();
    stage
}

fn inbox(stage: &Stage, name: &str) -> Vec<String> {
    let actor = Actor::Agent(name.to_owned());
    let now = stage.peer.clock.now();
    let items = stage.peer.readers.read(|reader| query::inbox::list(reader, &actor, now)).unwrap();
    items.iter().map(|item| format!("{item:?}")).collect()
}

#[test]
fn the_details_tick_off_what_the_mode_demands() {
    for (width, height) in [(160, 48), (80, 24)] {
        let stage = handed_in(width, height, STRICT);
        assert_snapshot!(format!("demands_{width}x{height}"), stage.screen());
    }
}

#[test]
fn one_key_approves_where_nothing_is_missing() {
    let mut stage = handed_in(110, 34, &STRICT.replace("checklist: true, ", ""));
    stage.press("i k P");
    assert_eq!(task(&stage, "Checkout page").status, Status::Completed);
    stage.press("u");
    assert_eq!(task(&stage, "Checkout page").status, Status::Review);
    stage.press("Space");
    assert_eq!(task(&stage, "Checkout page").status, Status::Completed);
}

#[test]
fn what_the_gate_misses_is_shown_and_forced_with_a_reason() {
    let mut stage = handed_in(110, 34, STRICT);
    stage.press("P");
    assert_snapshot!("missing", stage.screen());
    assert_eq!(task(&stage, "Checkout page").status, Status::Review);
    stage.press("f \"seen it run\" Enter");
    let done = task(&stage, "Checkout page");
    assert_eq!((done.status, done.reason.as_deref()), (Status::Completed, Some("seen it run")));
}

#[test]
fn work_is_sent_back_with_a_remark_that_its_agent_gets() {
    let mut stage = handed_in(110, 34, STRICT);
    stage.press("b \"the total is missing\" Enter");
    let back = task(&stage, "Checkout page");
    assert!(matches!(back.status, Status::Pending | Status::Active), "{:?}", back.status);
    assert_eq!(back.reason.as_deref(), Some("the total is missing"));
    let told = inbox(&stage, "codex").join("\n");
    assert!(told.contains("the total is missing"), "{told}");
}

#[test]
fn what_is_not_in_review_is_neither_approved_nor_sent_back() {
    let mut stage = handed_in(110, 34, STRICT);
    let session = stage.model.session_id().unwrap();
    let log = stage.named("Write the changelog");
    stage.does("agent:codex", claim(session, log));
    stage.model.board.select_when_loaded(RowKey::Task(log));
    stage.read();
    stage.press("b");
    assert!(stage.model.overlay.is_none());
    assert!(stage.screen().contains("not in review"), "{}", stage.screen());
}
