//! Cleaning one session leaves the others alone, and what is old is found behind what is fresh.

use callboard_engine::domain::command::{Command, MoveSession, NewGroup};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::session::SessionMove;
use callboard_engine::domain::time::DAY_MS;
use callboard_engine::upkeep::cleanup::{self, Item, Sort, Wanted};
use callboard_engine::upkeep::{Cancel, Work};

use super::{lies_about, tamper};
use crate::scene::Scene;

fn of_session(scene: &Scene, session: SessionId, sorts: &[Sort]) -> Vec<Item> {
    let wanted = Wanted { session: Some(session), ..Wanted::of(sorts) };
    cleanup::look(&scene.peer, &wanted, Work::quiet(&Cancel::new())).unwrap()
}

#[test]
fn cleaning_one_session_leaves_the_others_alone() {
    let (scene, first) = Scene::live();
    scene.tasks(first, &["a", "b < a"]);
    let group = NewGroup {
        id: None,
        session_id: first,
        name: "Empty".to_owned(),
        parent: None,
        description: String::new(),
        role: None,
    };
    scene.does("human", Command::CreateGroup(group));
    scene.does("human", Command::MoveSession(MoveSession::plain(first, SessionMove::Suspend)));
    let second = scene.session("Later").id;
    tamper(
        &scene,
        "UPDATE tasks SET children = 7 WHERE title = 'a';
         UPDATE task_tallies SET tasks = tasks + 1;
         UPDATE tasks SET group_id = 'g-zzzzzzzz' WHERE title = 'b';
         INSERT INTO conflicts (id, session_id, record, kind, field, base, ours, ours_by, ours_at, theirs, theirs_by,
             theirs_at, state, proposals, created_at, updated_at, version)
         SELECT 'c-00000001', session_id, 't-zzzzzzzz', 'field', 'title', '1', '2', 'human', 0, '3', 'agent:one', 0,
             'open', '[]', 0, 0, 1 FROM tasks WHERE title = 'a'",
    );
    scene.clock.advance_ms(40 * DAY_MS);
    let sorts = [
        Sort::UnusedTaskGroups,
        Sort::WrongCounts,
        Sort::OrphanedTasks,
        Sort::SyncConflicts,
        Sort::AbandonedSessions,
    ];
    assert_eq!(of_session(&scene, second, &sorts), []);
    let mut found: Vec<Sort> =
        of_session(&scene, first, &sorts).iter().map(|item| item.sort).collect();
    found.dedup();
    assert_eq!(found, sorts);
}

#[test]
fn old_work_is_found_behind_any_number_of_fresh_tasks() {
    let (scene, session) = Scene::live();
    let titles: Vec<String> = (0..510).map(|n| format!("task {n}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    for titles in titles.chunks(100) {
        scene.tasks(session, titles);
    }
    let old = scene.clock.now().0 - 30 * DAY_MS;
    tamper(
        &scene,
        &format!(
            "UPDATE tasks SET status = 'active';
             UPDATE tasks SET updated_at = {old} WHERE title = 'task 509'"
        ),
    );
    let found = lies_about(&scene, &[Sort::StaleTasks]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("task 509"), "{found:?}");
}
