//! Conflicts on the screen: what keys decide, what is written, and what it looks like.

use callboard::app::View;
use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateTask};
use callboard_engine::domain::conflict::{Choice, Conflict, ConflictState, ResolveConflict};
use callboard_engine::domain::task::{Priority, Task};
use callboard_engine::query;
use callboard_engine::query::conflicts::{ConflictQuery, Which};
use insta::assert_snapshot;

use super::clash::{clash, described, titled};
use super::stage::Stage;

const OURS: &str = "Keep the last 20 backups.\nRotate on start and on every sync.\nName files by date.\nVerify the checksum after each copy.";
const THEIRS: &str = "Keep the last 14 backups, one per day.\nRotate on start.\nName files by ISO date and session id.\nVerify the checksum after each copy.\nNever delete the newest one.";
const BASE: &str = "Keep the last 10 backups.\nRotate on start.\nName files by date.\nVerify the checksum after each copy.";

fn task(stage: &Stage, title: &str) -> Task {
    let id = stage.named(title);
    stage.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task
}

fn conflicts(stage: &Stage) -> Vec<Conflict> {
    let query = ConflictQuery { which: Which::All, limit: 100, ..ConflictQuery::default() };
    let page = stage.peer.readers.read(|reader| query::conflicts::list(reader, &query)).unwrap();
    page.items.into_iter().map(|row| row.conflict).collect()
}

/// A board with five conflicts: four of one task, one of another.
fn stage(width: u16, height: u16) -> Stage {
    let mut stage = Stage::busy(width, height);
    stage.does(
        "human",
        Command::UpdateTask(UpdateTask {
            id: stage.named("Webhooks"),
            patch: described(BASE),
            guard: Guard::default(),
        }),
    );
    let ours = TaskPatch {
        priority: Some(Priority::High),
        assignee: Some(Some("claude-code".to_owned())),
        estimate_minutes: Some(Some(120)),
        ..described(OURS)
    };
    let theirs = TaskPatch {
        priority: Some(Priority::Low),
        assignee: Some(Some("ada".to_owned())),
        estimate_minutes: Some(Some(90)),
        ..described(THEIRS)
    };
    clash(&stage.peer, stage.named("Webhooks"), (ours, theirs));
    let changelog = (titled("Write the release notes"), titled("Write the changelog in full"));
    clash(&stage.peer, stage.named("Write the changelog"), changelog);
    stage.read();
    stage.press("4");
    stage
}

/// Puts the cursor on a field of the record under the cursor.
fn select(stage: &mut Stage, field: &str) {
    let place = stage.model.conflicts.rows.iter().position(|row| row.conflict.field == field);
    stage.model.conflicts.go(place.unwrap());
}

fn open(stage: &Stage) -> usize {
    conflicts(stage).iter().filter(|conflict| conflict.is_open()).count()
}

#[test]
fn without_conflicts_the_view_says_what_they_are() {
    let mut stage = Stage::busy(80, 24);
    stage.press("4");
    assert_snapshot!(stage.screen());
}

#[test]
fn a_text_in_conflict_is_shown_from_both_sides() {
    for (width, height) in [(160, 48), (110, 34), (80, 24), (60, 20)] {
        let mut stage = stage(width, height);
        select(&mut stage, "description");
        assert_snapshot!(format!("text_{width}x{height}"), stage.screen());
    }
}

#[test]
fn a_short_value_in_conflict_leaves_the_room_to_the_table() {
    for (width, height) in [(160, 48), (80, 24), (60, 20)] {
        let mut stage = stage(width, height);
        select(&mut stage, "priority");
        stage.press("l");
        select(&mut stage, "assignee");
        stage.press("h");
        assert_snapshot!(format!("short_{width}x{height}"), stage.screen());
    }
}

#[test]
fn the_base_and_one_pane_for_both_can_be_shown() {
    let mut stage = stage(80, 24);
    select(&mut stage, "description");
    stage.press("B");
    assert_snapshot!("base", stage.screen());
    stage.press("B v");
    assert_snapshot!("together", stage.screen());
}

#[test]
fn the_accessible_view_has_no_boxes_and_nothing_side_by_side() {
    let mut stage = stage(80, 30);
    stage.model.place.accessible = true;
    select(&mut stage, "description");
    assert_snapshot!(stage.screen());
}

#[test]
fn nothing_is_written_before_every_field_is_decided_and_undo_brings_it_back() {
    let mut stage = stage(110, 34);
    select(&mut stage, "priority");
    stage.press("l w");
    assert_eq!(open(&stage), 5, "three fields are open, and the cursor goes to the first");
    assert!(stage.screen().contains("3 fields are still open; nothing was written."));
    stage.press("H");
    select(&mut stage, "priority");
    stage.press("l w");
    assert_eq!(open(&stage), 1);
    let written = task(&stage, "Webhooks");
    assert_eq!(written.priority, Priority::Low);
    assert_eq!(written.assignee.as_deref(), Some("claude-code"));
    assert_eq!(written.description, OURS);
    stage.press("u");
    assert_eq!(open(&stage), 5, "one undo takes all of it back");
    assert_eq!(task(&stage, "Webhooks").priority, Priority::High);
}

#[test]
fn a_choice_is_a_draft_that_stays_and_is_taken_back_by_undo() {
    let mut stage = stage(110, 34);
    select(&mut stage, "priority");
    stage.press("l 1 4");
    assert!(
        stage.screen().contains("→ other"),
        "the draft is there when the view is entered again"
    );
    stage.press("Esc");
    assert!(stage.screen().contains("→ other"));
    stage.press("u");
    assert!(!stage.screen().contains("→ other"));
    assert_eq!(task(&stage, "Webhooks").priority, Priority::High, "nothing was ever written");
}

#[test]
fn both_sides_of_a_text_can_be_kept_and_a_scalar_has_one_value() {
    let mut stage = stage(110, 34);
    select(&mut stage, "priority");
    stage.press("b");
    assert!(stage.screen().contains("this holds one value"));
    select(&mut stage, "description");
    stage.press("H b w");
    let text = task(&stage, "Webhooks").description;
    for line in OURS.lines().chain(THEIRS.lines()) {
        assert!(text.lines().any(|own| own == line), "{line:?} is in {text:?}");
    }
    let resolved = conflicts(&stage).into_iter().find(|it| it.field == "description").unwrap();
    assert_eq!(resolved.resolution.unwrap().choice, Choice::Merged);
}

#[test]
fn a_merge_is_edited_in_place_and_what_cannot_be_is_said_and_kept() {
    let mut stage = stage(110, 34);
    select(&mut stage, "estimate_minutes");
    stage.press("e Backspace Backspace \"soon\" Ctrl-s");
    assert!(stage.screen().contains("\"soon\" is no time"), "{}", stage.screen());
    stage.press("Esc e Backspace Backspace Backspace Backspace \"1h\" Enter");
    select(&mut stage, "description");
    stage.press("e \" And more.\" Esc");
    assert!(stage.screen().contains("* edited"));
    select(&mut stage, "priority");
    stage.press("h");
    select(&mut stage, "assignee");
    stage.press("l w");
    let written = task(&stage, "Webhooks");
    assert_eq!((written.estimate_minutes, written.assignee.as_deref()), (Some(60), Some("ada")));
    assert!(written.description.ends_with(" And more."), "{}", written.description);
}

#[test]
fn a_side_that_changes_meanwhile_is_shown_and_asks_again() {
    let mut stage = stage(110, 34);
    select(&mut stage, "priority");
    stage.press("L");
    let later = TaskPatch { priority: Some(Priority::Critical), ..TaskPatch::default() };
    let write = Command::UpdateTask(UpdateTask {
        id: stage.named("Webhooks"),
        patch: later,
        guard: Guard::default(),
    });
    stage.does("agent:claude-code", write);
    stage.press("w");
    assert_eq!(open(&stage), 5, "the decision was made on other values, so nothing is written");
    assert!(stage.screen().contains("! changed"), "{}", stage.screen());
    assert!(stage.screen().contains("critical"));
    stage.press("l w");
    assert_eq!(task(&stage, "Webhooks").priority, Priority::Low);
}

#[test]
fn one_choice_is_applied_to_all_from_the_same_side() {
    let mut stage = stage(110, 34);
    stage.press("A");
    assert!(stage.screen().contains("Choose a side here first"));
    stage.press("l A w");
    assert_eq!(open(&stage), 0);
    assert_eq!(task(&stage, "Webhooks").description, THEIRS);
    stage.named("Write the changelog in full");
    stage.press("u");
    assert_eq!(open(&stage), 5);
}

#[test]
fn next_and_previous_go_around_what_is_open() {
    let mut stage = stage(110, 34);
    let here = |stage: &Stage| stage.model.conflicts.index();
    stage.press("h n");
    assert_eq!(here(&stage), 1);
    stage.press("p");
    assert_eq!(here(&stage), 4, "the first is decided, so the last comes before it");
    stage.press("K");
    assert_eq!(here(&stage), 0);
    stage.press("J");
    assert_eq!(here(&stage), 4);
    stage.press("j j k");
    assert_eq!(here(&stage), 4, "fields are those of one item");
}

#[test]
fn what_needs_you_leads_to_the_conflict() {
    let mut stage = stage(110, 34);
    stage.press("1");
    let needs = &stage.model.needs.rows;
    let first = needs.iter().position(|need| need.title.contains("of Webhooks")).unwrap();
    let downs = " j".repeat(first);
    stage.press(&format!("i{downs} Enter"));
    assert_eq!(stage.model.view, View::Conflicts);
    let title = &stage.model.conflicts.selected().unwrap().title;
    assert_eq!(title, "Webhooks");
}

#[test]
fn a_decision_of_somebody_else_takes_the_conflict_off_the_screen() {
    let mut stage = stage(110, 34);
    let id = stage.model.conflicts.selected().unwrap().conflict.id;
    let decided =
        ResolveConflict { id, choice: Choice::Ours, value: None, remark: None, if_version: None };
    stage.does("human", Command::ResolveConflict(decided));
    stage.read();
    assert_eq!(stage.model.conflicts.rows.len(), 4);
    let ended = conflicts(&stage).into_iter().find(|conflict| conflict.id == id).unwrap();
    assert_eq!(ended.state, ConflictState::Resolved);
}
