//! The plans of the queries that somebody waits for: no scan of a table, no sorting.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::task::Status;
use callboard_engine::query::tasks::{TaskOrder, TaskQuery, Within, explain};

use crate::scene::Scene;

fn plan(scene: &Scene, query: &TaskQuery) -> String {
    scene.peer.readers.read(|reader| explain(reader, query)).unwrap().join("; ")
}

#[test]
fn no_list_of_tasks_scans_or_sorts() {
    let scene = Scene::new();
    let session = SessionId::from_random(1);
    let base = || TaskQuery::new(session);
    let open: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
    let board = Within::Siblings { group: None, parent: None };
    let position = TaskOrder::Position;
    let queries = [
        base(),
        TaskQuery { order: TaskOrder::Updated, ..base() },
        TaskQuery { order: TaskOrder::Priority, status: open.clone(), ..base() },
        TaskQuery { order: position, within: board, ..base() },
        TaskQuery { order: position, within: board, status: open, ..base() },
        TaskQuery { order: position, within: Within::Parent(TaskId::from_random(1)), ..base() },
        TaskQuery {
            within: Within::Group(Some(callboard_engine::domain::id::GroupId::from_random(1))),
            ..base()
        },
        TaskQuery { status: vec![Status::Review], ..base() },
        TaskQuery { role: Some("tester".to_owned()), ..base() },
        TaskQuery { assignee: Some("ann".to_owned()), ..base() },
        TaskQuery { holder: Some(Actor::agent("codex")), ..base() },
        TaskQuery { ready: true, ..base() },
    ];
    for query in queries {
        let plan = plan(&scene, &query);
        assert!(plan.contains("SEARCH tasks USING"), "{query:?}: {plan}");
        assert!(!plan.contains("SCAN tasks") && !plan.contains("TEMP B-TREE"), "{query:?}: {plan}");
    }
}
