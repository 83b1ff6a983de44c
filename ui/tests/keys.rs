//! What keys do, from the key to the store and back to the screen.

use callboard::app::board::RowKey;
use callboard::app::{Effect, Message, Pane, View};
use callboard::overlay::{self, Choice, Overlay};
use callboard_engine::domain::command::{Command, Dependents, Guard, TaskPatch, UpdateTask};
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
    stage.press("s f Enter");
    assert_eq!(state(&stage), "active", "a question is answered no by Enter");
    stage.press("s f y");
    assert_eq!(state(&stage), "completed");
    stage.press("s a Enter");
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

#[test]
fn what_is_refused_comes_back_with_what_was_written() {
    let mut stage = Stage::busy(100, 30);
    let long = "x".repeat(300);
    stage.press(&format!("a \"{long}\" Enter"));
    let told = &stage.model.log[0].text;
    assert!(told.contains("the limit is 255") && told.len() < 200, "{told}");
    stage.press("Backspace");
    let Some(Overlay::Prompt(prompt)) = &stage.model.overlay else { panic!("the prompt is gone") };
    assert_eq!(prompt.input.text(), "x".repeat(299));
}

#[test]
fn a_form_on_an_old_version_asks_before_it_goes_over_what_an_agent_wrote() {
    let mut stage = Stage::busy(100, 30);
    select(&mut stage, "Write the changelog");
    let id = stage.named("Write the changelog");
    stage.press("o \" mine\"");
    let patch = TaskPatch { title: Some("Theirs".to_owned()), ..TaskPatch::default() };
    let guard = Guard::default();
    stage.does("agent:codex", Command::UpdateTask(UpdateTask { id, patch, guard }));
    stage.press("Ctrl-s");
    assert_eq!(stage.named("Theirs"), id, "what the agent wrote stands");
    assert!(stage.screen().contains("puts yours in its place"), "{}", stage.screen());
    stage.press("Ctrl-s");
    assert_eq!(stage.named("Write the changelog mine"), id);
}

#[test]
fn a_text_of_the_editor_never_goes_over_a_newer_one_unseen() {
    let mut stage = Stage::busy(100, 30);
    select(&mut stage, "Write the changelog");
    let id = stage.named("Write the changelog");
    stage.press("E");
    let Some(Effect::EditText { version, .. }) = stage.effects.pop() else { panic!() };
    let patch = TaskPatch { description: Some("theirs".to_owned()), ..TaskPatch::default() };
    let guard = Guard::default();
    stage.does("agent:codex", Command::UpdateTask(UpdateTask { id, patch, guard }));
    stage.read();
    stage.send(Message::Edited { task: id, text: "mine".to_owned(), version });
    assert_eq!(task(&stage, "Write the changelog").description, "theirs");
    stage.press("Ctrl-s");
    assert_eq!(task(&stage, "Write the changelog").description, "mine");
}

#[test]
fn a_paste_goes_into_the_title_that_is_being_edited() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    stage.press("e");
    stage.send(Message::Paste(" today".to_owned()));
    stage.press("Enter");
    stage.named("Write the changelog today");
}

#[test]
fn a_rename_whose_task_is_deleted_says_so_and_frees_the_keys() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    let id = stage.named("Write the changelog");
    stage.press("e \" soon\"");
    stage.does("agent:codex", Command::DeleteTask { id, dependents: Dependents::Refuse });
    stage.read();
    assert!(stage.model.board.renaming.is_none());
    let told = &stage.model.log[0].text;
    assert!(told.contains("Write the changelog soon"), "{told}");
}

#[test]
fn groups_nest_and_change_places_by_keyboard() {
    let mut stage = Stage::busy(80, 24);
    let paths = |stage: &Stage| -> Vec<String> {
        stage.model.board.groups.iter().map(|row| row.path.clone()).collect()
    };
    stage.press("g K");
    assert_eq!(paths(&stage), ["Backend", "Backend / Payments", "Frontend"], "it is the first");
    stage.press("J");
    assert_eq!(paths(&stage), ["Frontend", "Backend", "Backend / Payments"]);
    stage.press("A \"Search\" Enter");
    assert_eq!(
        paths(&stage),
        ["Frontend", "Backend", "Backend / Payments", "Backend / Search"],
        "the new group is inside"
    );
    stage.press("v \"outermost\" Enter");
    assert_eq!(paths(&stage).last().map(String::as_str), Some("Search"));
}

#[test]
fn what_needs_you_is_worked_off_from_its_list() {
    let mut stage = Stage::busy(80, 24);
    stage.press("i");
    assert_eq!(stage.model.board.cursor, Some(RowKey::Task(stage.named("Stock check"))));
    assert!(stage.screen().contains("Needs you"), "{}", stage.screen());
    stage.press("t s");
    assert_eq!(task(&stage, "Stock check").status, Status::Active);
    assert_eq!(stage.model.focus, Pane::Main, "nothing waits any more");
    stage.press("i");
    assert!(stage.screen().contains("nothing waits for you"), "{}", stage.screen());
}

#[test]
fn a_task_that_is_jumped_to_is_unfolded_wherever_it_is() {
    let mut stage = Stage::busy(80, 24);
    let webhooks = stage.named("Webhooks");
    stage.press("g Enter");
    assert!(!stage.model.board.rows.iter().any(|row| row.key == RowKey::Task(webhooks)));
    let choice = Choice::Select(RowKey::Task(webhooks));
    let effects = overlay::choose(&mut stage.model, choice);
    stage.do_all(effects);
    assert_eq!(stage.model.board.cursor, Some(RowKey::Task(webhooks)));
}

#[test]
fn the_mouse_chooses_in_menus_and_closes_them_outside() {
    let mut stage = Stage::busy(80, 24);
    select(&mut stage, "Write the changelog");
    let at = |stage: &Stage, text: &str| {
        let screen = stage.screen();
        let found = screen.lines().enumerate().find_map(|(row, line)| {
            let column = line.split(text).next().filter(|head| *head != line)?.chars().count();
            Some((u16::try_from(column).unwrap(), u16::try_from(row).unwrap()))
        });
        found.unwrap_or_else(|| panic!("no {text:?} in\n{screen}"))
    };
    stage.press("p");
    let place = at(&stage, "critical");
    stage.click(place);
    assert_eq!(task(&stage, "Write the changelog").priority, Priority::Critical);
    stage.press("t");
    stage.click((0, 0));
    assert!(stage.model.overlay.is_none());
    stage.press(":");
    stage.press("\"write the changelog\"");
    let place = at(&stage, "Write the changelog");
    stage.click(place);
    assert!(stage.model.overlay.is_none(), "an entry is chosen by a click");
}

#[test]
fn no_call_of_an_agent_moves_a_row_of_the_agents() {
    let mut stage = Stage::busy(110, 30);
    stage.press("5 j");
    let names = |stage: &Stage| -> Vec<String> {
        stage.model.agents.rows.iter().map(|row| row.name.clone()).collect()
    };
    let (before, cursor) = (names(&stage), stage.model.agents.cursor.clone());
    let mut rows = stage.model.agents.rows.clone();
    rows.reverse();
    for row in &mut rows {
        row.last_seen = row.last_seen.plus_ms(60_000);
    }
    stage.model.agents.take(rows);
    assert_eq!((names(&stage), stage.model.agents.cursor.clone()), (before, cursor));
}

#[test]
fn the_palette_finds_what_is_not_on_the_screen() {
    let mut stage = Stage::busy(80, 24);
    let session = stage.model.session_id().unwrap();
    let titles: Vec<String> = (0..150).map(|number| format!("Chore {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    stage.tasks(session, None, &titles);
    let last = stage.named("Chore 149");
    stage.read();
    assert!(!stage.model.board.tasks.contains_key(&last), "it is on a later page");
    stage.press(": \"chore 149\" Enter");
    assert_eq!(stage.model.board.cursor, Some(RowKey::Task(last)));
    stage.press(": \"ship the checkout\" Enter");
    assert_eq!(stage.model.view, View::Sessions);
}
