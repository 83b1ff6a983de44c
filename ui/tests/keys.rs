//! What keys do, from the key to the store and back to the screen.

use callboard::app::board::RowKey;
use callboard::app::{Effect, View};
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::query;

use super::stage::{Stage, status};

fn task(stage: &Stage, title: &str) -> callboard_engine::domain::task::Task {
    let id = stage.named(title);
    stage.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task
}

fn select(stage: &mut Stage, title: &str) {
    let key = RowKey::Task(stage.named(title));
    let index = stage.model.board.rows.iter().position(|row| row.key == key).unwrap();
    stage.model.board.go(index);
    stage.read();
}

#[test]
fn a_session_and_its_first_tasks_are_made_by_keyboard_alone() {
    let mut stage = Stage::empty(80, 24);
    stage.press("s c \"Release\" Enter a \"Fix login !high #auth\" Enter");
    let made = task(&stage, "Fix login");
    assert_eq!((made.priority, made.tags), (Priority::High, vec!["auth".to_owned()]));
    assert_eq!(
        stage.model.board.cursor,
        Some(RowKey::Task(made.id)),
        "the new task is under the cursor"
    );
    stage.press("A \"Write a test\" Enter");
    assert_eq!(task(&stage, "Write a test").parent_id, Some(made.id));
}

#[test]
fn space_moves_a_task_on_and_undo_takes_it_back() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    stage.press("Space");
    assert_eq!(task(&stage, "Write the changelog").status, Status::Active);
    stage.press("Space");
    assert_eq!(task(&stage, "Write the changelog").status, Status::Completed);
    stage.press("u");
    assert_eq!(task(&stage, "Write the changelog").status, Status::Active);
    stage.press("Ctrl-r");
    assert_eq!(task(&stage, "Write the changelog").status, Status::Completed);
}

#[test]
fn a_title_is_edited_in_its_row_and_escape_changes_nothing() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    let id = stage.named("Write the changelog");
    stage.press("e \" and more\" Esc");
    assert_eq!(stage.named("Write the changelog"), id);
    stage.press("e \" today\" Enter");
    assert_eq!(stage.named("Write the changelog today"), id);
}

#[test]
fn the_form_saves_only_what_was_changed() {
    let mut stage = Stage::busy(100, 30);
    select(&mut stage, "Write the changelog");
    stage.press("o Tab Tab Tab \"documenter\" Tab Tab \"docs release\" Tab \"2h\" Ctrl-s");
    let saved = task(&stage, "Write the changelog");
    assert_eq!(saved.role.as_deref(), Some("documenter"));
    assert_eq!(saved.tags, ["docs", "release"]);
    assert_eq!(saved.estimate_minutes, Some(120));
    assert_eq!(saved.priority, Priority::Low);
}

#[test]
fn escape_from_a_changed_form_asks_once() {
    let mut stage = Stage::busy(100, 30);
    select(&mut stage, "Write the changelog");
    stage.press("o \"!\" Esc");
    assert!(stage.model.overlay.is_some(), "it stays open and says what is lost");
    stage.press("Esc");
    assert!(stage.model.overlay.is_none());
    stage.named("Write the changelog");
}

#[test]
fn what_waits_offers_to_start_all_the_same_with_a_reason() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Webhooks");
    stage.press("Space");
    assert!(stage.screen().contains("in spite of 1 unmet"), "{}", stage.screen());
    stage.press("s \"the form is nearly done\" Enter");
    let started = task(&stage, "Webhooks");
    assert_eq!(
        (started.status, started.reason.as_deref()),
        (Status::Active, Some("the form is nearly done"))
    );
}

#[test]
fn priority_role_and_place_are_set_by_menus() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    stage.press("p c r \"writer\" Enter v \"Frontend\" Enter");
    let moved = task(&stage, "Write the changelog");
    assert_eq!((moved.priority, moved.role.as_deref()), (Priority::Critical, Some("writer")));
    let group = stage.model.board.groups.iter().find(|row| row.path == "Frontend").unwrap();
    assert_eq!(moved.group_id, Some(group.group.id));
}

#[test]
fn a_dependency_is_added_and_removed_by_its_name() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    let waits = |stage: &Stage| {
        let id = stage.named("Write the changelog");
        stage.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().depends_on.len()
    };
    stage.press("w \"Checkout\" Enter");
    assert_eq!(waits(&stage), 1);
    stage.press("w \"Checkout\" Enter");
    assert_eq!(waits(&stage), 0);
}

#[test]
fn the_claim_of_an_agent_is_released_only_after_a_question() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Checkout page");
    stage.press("c");
    assert!(task(&stage, "Checkout page").claim.is_some());
    stage.press("y");
    assert!(task(&stage, "Checkout page").claim.is_none());
}

#[test]
fn a_deleted_task_comes_back_by_undo() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    let id = stage.named("Write the changelog");
    stage.press("d y");
    assert!(!stage.model.board.tasks.contains_key(&id));
    stage.press("u");
    assert!(stage.model.board.tasks.contains_key(&id));
}

#[test]
fn the_cursor_stays_on_its_task_whatever_agents_add() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Checkout page");
    let before = stage.model.board.cursor;
    let session = stage.model.session_id().unwrap();
    let backend = stage.model.board.groups[0].group.id;
    stage.tasks(session, Some(backend), &["One", "Two", "Three", "Four"]);
    let done = stage.named("Write the changelog");
    stage.does("agent:codex", status(done, Status::Completed, None));
    stage.read();
    assert_eq!(stage.model.board.cursor, before);
}

#[test]
fn the_filter_finds_and_escape_clears_it() {
    let mut stage = Stage::busy(80, 24);
    stage.press("/ \"cart\" Enter");
    let titles: Vec<&str> =
        stage.model.board.tasks.values().map(|task| task.title.as_str()).collect();
    assert_eq!(titles.len(), 3, "{titles:?}");
    stage.press("Esc");
    assert!(6 < stage.model.board.tasks.len());
}

#[test]
fn letters_are_text_where_text_is_written() {
    let mut stage = Stage::busy(80, 24);
    stage.press("a \"quit d y u\" Enter");
    stage.named("quit d y u");
    assert!(!stage.effects.contains(&Effect::Quit));
}

#[test]
fn quitting_with_agents_connected_asks_once_more() {
    let mut stage = Stage::busy(80, 24);
    stage.press("q");
    assert!(!stage.effects.contains(&Effect::Quit));
    assert!(stage.screen().contains("2 agents are connected"), "{}", stage.screen());
    stage.press("q");
    assert!(stage.effects.contains(&Effect::Quit));
}

#[test]
fn a_session_is_suspended_and_resumed_and_completing_asks_about_open_tasks() {
    let mut stage = Stage::busy(80, 24);
    let state = |stage: &Stage| stage.model.session.as_ref().unwrap().session.state.to_string();
    stage.press("s p");
    assert_eq!(state(&stage), "suspended");
    stage.press("s r");
    assert_eq!(state(&stage), "active");
    stage.press("s f Esc");
    assert_eq!(state(&stage), "active");
    stage.press("s f y");
    assert_eq!(state(&stage), "completed");
    stage.press("s a y");
    assert_eq!(state(&stage), "archived");
}

#[test]
fn the_palette_jumps_to_a_task_and_runs_actions() {
    let mut stage = Stage::busy(80, 24);
    stage.press(": \"webhooks\" Enter");
    assert_eq!(stage.model.board.cursor, Some(RowKey::Task(stage.named("Webhooks"))));
    stage.press("Ctrl-p \"agents\" Enter");
    assert_eq!(stage.model.view, View::Agents);
}

#[test]
fn what_is_closed_says_why() {
    let mut stage = Stage::busy(80, 24);
    stage.press("s p");
    select(&mut stage, "Write the changelog");
    stage.press("Space");
    assert!(stage.screen().contains("the session is not active"), "{}", stage.screen());
    assert_eq!(task(&stage, "Write the changelog").status, Status::Pending);
}
