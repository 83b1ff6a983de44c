//! What a task waits for, changed by a person and by agents at the same time.

use callboard::app::board::RowKey;
use callboard_engine::domain::command::{Command, Edge};
use callboard_engine::query;

use super::stage::Stage;

const TASK: &str = "Write the changelog";

/// The list of what the task may wait for, open over a task that waits for the checkout page.
fn choosing() -> Stage {
    let mut stage = Stage::busy(100, 30);
    change(&stage, &["Checkout page"], &[]);
    let key = RowKey::Task(stage.named(TASK));
    let index = stage.model.board.rows.iter().position(|row| row.key == key).unwrap();
    stage.model.board.go(index);
    stage.read();
    stage.press("w");
    stage
}

/// What an agent makes the task wait for, and what it no longer has to.
fn change(stage: &Stage, add: &[&str], remove: &[&str]) {
    let edges = |titles: &[&str]| {
        let edge = |title: &&str| Edge { task: stage.named(TASK), depends_on: stage.named(title) };
        titles.iter().map(edge).collect()
    };
    let command = Command::ChangeDependencies { add: edges(add), remove: edges(remove) };
    stage.does("agent:codex", command);
}

/// The titles of what the task waits for, in order.
fn waits(stage: &Stage) -> Vec<String> {
    let id = stage.named(TASK);
    let view = stage.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap();
    let mut titles: Vec<String> = view.depends_on.into_iter().map(|link| link.title).collect();
    titles.sort();
    titles
}

#[test]
fn what_an_agent_adds_while_a_person_chooses_stays() {
    let mut stage = choosing();
    change(&stage, &["Stock check"], &[]);
    stage.press("\"Webhooks\" Enter");
    assert_eq!(waits(&stage), ["Checkout page", "Stock check", "Webhooks"]);
}

#[test]
fn what_an_agent_takes_away_while_a_person_chooses_does_not_come_back() {
    let mut stage = choosing();
    change(&stage, &["Stock check"], &["Checkout page"]);
    stage.press("\"Webhooks\" Enter");
    assert_eq!(waits(&stage), ["Stock check", "Webhooks"]);
}

#[test]
fn what_both_take_away_is_gone_and_nothing_else() {
    let mut stage = choosing();
    change(&stage, &["Stock check"], &["Checkout page"]);
    stage.press("\"Checkout\" Enter");
    assert_eq!(waits(&stage), ["Stock check"]);
    let told = &stage.model.log[0].text;
    assert!(told.contains("does not exist"), "{told}");
}

#[test]
fn what_both_add_is_there_once_and_undo_takes_back_only_ones_own() {
    let mut stage = choosing();
    change(&stage, &["Webhooks"], &[]);
    stage.press("\"Webhooks\" Enter");
    assert_eq!(waits(&stage), ["Checkout page", "Webhooks"]);
    stage.press("w \"Stock\" Enter");
    assert_eq!(waits(&stage), ["Checkout page", "Stock check", "Webhooks"]);
    stage.press("u");
    assert_eq!(waits(&stage), ["Checkout page", "Webhooks"]);
}

#[test]
fn a_task_that_is_deleted_while_it_is_chosen_is_refused_in_words() {
    let mut stage = choosing();
    let id = stage.named("Webhooks");
    let dependents = callboard_engine::domain::command::Dependents::Release;
    stage.does("agent:codex", Command::DeleteTask { id, dependents });
    stage.press("\"Webhooks\" Enter");
    assert_eq!(waits(&stage), ["Checkout page"]);
    assert!(stage.model.log[0].text.contains("Waits for Webhooks:"), "{}", stage.model.log[0].text);
}
