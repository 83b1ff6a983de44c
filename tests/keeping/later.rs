//! What is said once more, and what is decided and taken back.

use callboard_engine::domain::command::Command;
use callboard_engine::domain::conflict::Choice;
use callboard_engine::domain::task::Status;

use super::desk::{ACTIVE, COMPLETED, Desk};

#[test]
fn an_item_that_is_saved_once_more_without_its_stamp_is_the_task_it_became() {
    let (desk, _) = Desk::new(&["write the parser"]);
    let buffer = desk.read(ACTIVE) + "- [ ] typed\n";
    desk.write(ACTIVE, &buffer);
    desk.sync();
    desk.write(ACTIVE, &(buffer + "\nand a remark\n"));
    desk.sync();
    let text = desk.read(ACTIVE);
    assert_eq!(text.matches("- [ ] typed <!-- t-").count(), 1, "{text}");
    assert!(text.contains("and a remark"), "{text}");
    desk.is_in_step(ACTIVE);
}

#[test]
fn an_open_conflict_shows_what_either_side_says_by_now() {
    let (desk, tasks) = Desk::new(&["original", "other"]);
    desk.retitle(tasks[0], "by the agent");
    desk.edit(ACTIVE, |text| text.replace("- [ ] original", "- [ ] by the person"));
    desk.retitle(tasks[0], "by the agent, again");
    desk.sync();
    desk.sync();
    let open = desk.conflicts(ACTIVE);
    assert_eq!(open[0].ours, "by the agent, again");
    desk.edit(ACTIVE, |text| text.replace("by the person", "by the person, again"));
    let open = desk.conflicts(ACTIVE);
    assert_eq!((open.len(), &open[0].theirs), (1, &"by the person, again".into()));
    desk.is_in_step(ACTIVE);
    desk.edit(ACTIVE, |text| text.replace("by the person, again", "by the agent, again"));
    assert!(desk.conflicts(ACTIVE).is_empty(), "both agree");
    desk.is_in_step(ACTIVE);
}

#[test]
fn a_decision_that_was_taken_back_is_open_until_it_is_made_again() {
    let (desk, tasks) = Desk::new(&["original", "other"]);
    desk.retitle(tasks[0], "by the agent");
    desk.edit(ACTIVE, |text| text.replace("- [ ] original", "- [ ] by the person"));
    desk.resolve(&desk.conflicts(ACTIVE)[0], Choice::Ours);
    desk.sync();
    desk.scene.does("human", Command::Undo { seq: None });
    desk.sync();
    desk.edit(ACTIVE, |text| text.replace("- [ ] other", "- [ ] other, retitled"));
    let open = desk.conflicts(ACTIVE);
    assert_eq!(open.len(), 1);
    desk.resolve(&open[0], Choice::Theirs);
    desk.sync();
    assert_eq!(desk.scene.task(tasks[0]).title, "by the person");
    desk.is_in_step(ACTIVE);
}

#[test]
fn the_description_of_a_task_without_a_group_is_in_the_list_and_can_be_edited_there() {
    let (desk, tasks) = Desk::new(&["write the parser", "test it"]);
    desk.describe(tasks[0], "By hand.");
    desk.sync();
    assert!(desk.read(ACTIVE).contains("  > By hand."), "{}", desk.read(ACTIVE));
    desk.edit(ACTIVE, |text| text.replace("  > By hand.", "  > By hand.\n  > - [ ] no task"));
    assert_eq!(desk.scene.task(tasks[0]).description, "By hand.\n- [ ] no task");
    desk.is_in_step(ACTIVE);
    desk.scene.does("human", crate::scene::status(tasks[0], Status::Completed));
    desk.sync();
    let finished = desk.read(COMPLETED);
    assert!(finished.contains("> By hand."), "{finished}");
    desk.is_in_step(COMPLETED);
}
