//! Conflicts between agents: recorded instead of refused, proposed about, decided, taken back.

use callboard_engine::domain::command::{
    Command, Guard, OnClash, SetStatus, TaskPatch, UpdateTask,
};
use callboard_engine::domain::conflict::{Choice, Conflict, ConflictState, ResolveConflict};
use callboard_engine::domain::id::{ConflictId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::{Priority, Status};
use serde_json::{Value, json};

use crate::scene::Scene;

fn write(id: TaskId, if_version: i64, patch: TaskPatch) -> Command {
    let guard =
        Guard { if_version: Some(if_version), on_clash: OnClash::Conflict, ..Guard::default() };
    Command::UpdateTask(UpdateTask { id, patch, guard })
}

fn titled(title: &str) -> TaskPatch {
    TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() }
}

fn decision(id: ConflictId, choice: Choice) -> ResolveConflict {
    ResolveConflict { id, choice, value: None, remark: None, if_version: None }
}

/// A task that one agent retitled and another wanted to retitle and make urgent.
fn clash() -> (Scene, TaskId, ConflictId) {
    let (scene, session) = Scene::live();
    let id = *scene.tasks(session, &["draft"]).first().unwrap();
    scene.does("agent:one", write(id, 1, titled("from one")));
    let both = TaskPatch { priority: Some(Priority::High), ..titled("from two") };
    let outcome = scene.submit("agent:two", write(id, 1, both)).unwrap();
    let mut words = outcome.notes.iter().flat_map(|note| note.split_whitespace());
    let conflict = words.find_map(|word| word.parse().ok()).unwrap();
    (scene, id, conflict)
}

fn conflict_of(answer: Answer) -> Conflict {
    let Answer::Conflict(conflict) = answer else { panic!("{answer:?}") };
    *conflict
}

#[test]
fn a_clash_that_is_to_be_a_conflict_leaves_the_field_and_writes_the_others() {
    let (scene, id, conflict) = clash();
    let task = scene.task(id);
    assert_eq!((task.title.as_str(), task.priority), ("from one", Priority::High));
    let proposal = decision(conflict, Choice::Theirs);
    let known = conflict_of(scene.does("agent:three", Command::ProposeResolution(proposal)));
    assert_eq!(
        (&known.base, &known.ours, &known.theirs),
        (&json!("draft"), &json!("from one"), &json!("from two"))
    );
    assert_eq!(known.ours_by.to_string(), "agent:one");
    assert_eq!(known.theirs_by.to_string(), "agent:two");
    assert_eq!(known.proposals.len(), 1);
    assert_eq!(scene.task(id).title, "from one", "a proposal changes nothing");
}

#[test]
fn a_decision_is_in_force_and_can_be_taken_back() {
    let choices: [(Choice, Option<Value>, &str); 3] = [
        (Choice::Ours, None, "from one"),
        (Choice::Theirs, None, "from two"),
        (Choice::Merged, Some(json!("from both")), "from both"),
    ];
    for (choice, value, title) in choices {
        let (scene, id, conflict) = clash();
        let wanted = ResolveConflict { value, ..decision(conflict, choice) };
        let ended = conflict_of(scene.does("human", Command::ResolveConflict(wanted.clone())));
        assert_eq!(ended.state, ConflictState::Resolved);
        assert_eq!(scene.task(id).title, title);
        let again = scene.refused("human", Command::ResolveConflict(wanted));
        assert_eq!(again.code, Code::IllegalMove);
        scene.does("human", Command::Undo { seq: None });
        assert_eq!(scene.task(id).title, "from one");
        let reopened = decision(conflict, Choice::Theirs);
        scene.does("human", Command::ResolveConflict(reopened));
        assert_eq!(scene.task(id).title, "from two");
    }
}

#[test]
fn a_decision_about_values_that_changed_since_is_refused() {
    let (scene, id, conflict) = clash();
    scene.does("agent:two", write(id, 1, titled("from two, later")));
    let stale = ResolveConflict { if_version: Some(1), ..decision(conflict, Choice::Theirs) };
    let refusal = scene.refused("human", Command::ResolveConflict(stale));
    assert_eq!(refusal.code, Code::VersionClash);
    let fresh = ResolveConflict { if_version: Some(2), ..decision(conflict, Choice::Theirs) };
    scene.does("human", Command::ResolveConflict(fresh));
    assert_eq!(scene.task(id).title, "from two, later");
}

#[test]
fn a_decision_that_the_rules_refuse_changes_nothing() {
    let (scene, id, conflict) = clash();
    let long = json!("x".repeat(300));
    let wanted = ResolveConflict { value: Some(long), ..decision(conflict, Choice::Merged) };
    let refusal = scene.refused("human", Command::ResolveConflict(wanted));
    assert_eq!(refusal.code, Code::InvalidText);
    assert_eq!(scene.task(id).title, "from one");
    let nothing =
        scene.refused("human", Command::ResolveConflict(decision(conflict, Choice::Merged)));
    assert_eq!(nothing.code, Code::InvalidValue);
}

fn moved(id: TaskId, to: Status, summary: Option<&str>) -> Command {
    let guard = Guard { if_version: Some(1), on_clash: OnClash::Conflict, ..Guard::default() };
    let Command::SetStatus(set) = crate::scene::status(id, to) else { panic!("no move") };
    Command::SetStatus(SetStatus { guard, summary: summary.map(str::to_owned), ..set })
}

#[test]
fn a_status_that_clashes_is_a_conflict_like_any_field_and_can_be_decided() {
    for (choice, status) in [(Choice::Ours, Status::Blocked), (Choice::Theirs, Status::Completed)] {
        let (scene, session) = Scene::live();
        let id = *scene.tasks(session, &["draft"]).first().unwrap();
        scene.does("agent:one", crate::scene::status(id, Status::Active));
        scene.does("agent:one", crate::scene::status(id, Status::Blocked));
        let move_it = moved(id, Status::Completed, Some("It is written."));
        let outcome = scene.submit("agent:two", move_it).unwrap();
        let task = scene.task(id);
        assert_eq!(task.status, Status::Blocked);
        assert_eq!(task.result_summary.as_deref(), Some("It is written."), "the rest is written");
        let mut words = outcome.notes.iter().flat_map(|note| note.split_whitespace());
        let conflict: ConflictId = words.find_map(|word| word.parse().ok()).unwrap();
        let ended =
            conflict_of(scene.does("human", Command::ResolveConflict(decision(conflict, choice))));
        assert_eq!(
            (ended.field.as_str(), &ended.base, &ended.ours, &ended.theirs),
            ("status", &json!("pending"), &json!("blocked"), &json!("completed"))
        );
        assert_eq!(scene.task(id).status, status);
    }
}

#[test]
fn a_status_that_nobody_else_touched_moves_and_the_same_status_is_no_clash() {
    let (scene, session) = Scene::live();
    let id = *scene.tasks(session, &["draft"]).first().unwrap();
    scene.does("agent:one", write(id, 1, titled("from one")));
    assert_eq!(scene.submit("agent:two", moved(id, Status::Active, None)).unwrap().notes.len(), 0);
    scene.submit("agent:three", moved(id, Status::Active, None)).unwrap();
    assert_eq!(scene.task(id).status, Status::Active);
    let refusing = Guard { if_version: Some(1), ..Guard::default() };
    let Command::SetStatus(set) = moved(id, Status::Blocked, None) else { panic!("no move") };
    let refusal =
        scene.refused("agent:two", Command::SetStatus(SetStatus { guard: refusing, ..set }));
    assert_eq!(refusal.code, Code::VersionClash);
}
