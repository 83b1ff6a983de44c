//! Cleaning: a look changes nothing, doing it twice does nothing more, and it can be taken back.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, NewGroup};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::task::Status;
use callboard_engine::domain::time::DAY_MS;
use callboard_engine::upkeep::cleanup::Sort;
use callboard_engine::upkeep::optimize::{Vacuum, optimize};
use callboard_engine::upkeep::{Cancel, Work};

use super::{clear, lies_about, tamper};
use crate::scene::{Scene, claim, set_status};

/// A board on which things lie about: a claim that ran out, work that was left, an empty group.
fn littered() -> (Scene, SessionId, Vec<TaskId>) {
    let (scene, session_id) = Scene::live();
    let ids = scene.tasks(session_id, &["held", "left", "fresh"]);
    let group = NewGroup {
        id: None,
        session_id,
        name: "Empty".to_owned(),
        parent: None,
        description: String::new(),
        role: None,
    };
    scene.does("human", Command::CreateGroup(group));
    scene.does("human", Command::SetStatus(set_status(ids[1], Status::Active)));
    scene.clock.advance_ms(30 * DAY_MS);
    scene.does("agent:one", claim(session_id, Some(ids[0])));
    scene.clock.advance_ms(31 * 60_000);
    scene.does("agent:two", claim(session_id, Some(ids[2])));
    (scene, session_id, ids)
}

const SORTS: &[Sort] = &[Sort::ExpiredClaims, Sort::StaleTasks, Sort::UnusedTaskGroups];

/// Every row of every table.
fn dump(scene: &Scene) -> Vec<String> {
    let connection = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";
    let mut tables = connection.prepare(tables).unwrap();
    let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut rows = Vec::new();
    for name in names.map(Result::unwrap) {
        let mut all = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = all.column_count();
        let mut found = all.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values: Vec<String> =
                (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect();
            rows.push(format!("{name} {}", values.join(" ")));
        }
    }
    rows
}

#[test]
fn a_look_changes_nothing() {
    let (scene, ..) = littered();
    let before = dump(&scene);
    assert!(!lies_about(&scene, Sort::ALL).is_empty());
    assert_eq!(dump(&scene), before);
}

#[test]
fn what_lies_about_is_cleared_once_and_can_be_taken_back() {
    let (scene, _, ids) = littered();
    let cleared = clear(&scene, &Actor::Human, SORTS);
    assert_eq!(cleared.left, []);
    let sorts: Vec<Sort> = cleared.fixed.iter().map(|item| item.sort).collect();
    assert_eq!(sorts, SORTS);
    let statuses = || [scene.task(ids[0]).status, scene.task(ids[1]).status];
    assert_eq!(statuses(), [Status::Pending, Status::Pending]);
    assert!(scene.task(ids[2]).claim.is_some(), "a fresh claim stays");
    let after = scene.latest();
    let again = clear(&scene, &Actor::Human, SORTS);
    assert_eq!((again.fixed.len(), scene.latest()), (0, after));
    for seq in cleared.seqs.iter().rev() {
        scene.does("human", Command::Undo { seq: Some(*seq) });
    }
    assert_eq!(statuses(), [Status::Active, Status::Active]);
    assert_eq!(lies_about(&scene, &[Sort::UnusedTaskGroups]).len(), 1);
}

#[test]
fn an_agent_clears_no_claim_of_another_and_no_text_of_a_person() {
    let (scene, _, ids) = littered();
    let cleared = clear(&scene, &Actor::agent("three"), SORTS);
    let left: Vec<&str> = cleared.left.iter().map(|item| item.record.as_str()).collect();
    assert_eq!(left, [ids[0].to_string().as_str()]);
    assert!(scene.task(ids[0]).claim.is_some());
}

#[test]
fn what_one_rule_refuses_keeps_nothing_else_from_being_cleared() {
    let (scene, session_id) = Scene::live();
    let ids = scene.tasks(session_id, &["one", "two"]);
    for id in &ids {
        scene.does("human", Command::SetStatus(set_status(*id, Status::Active)));
    }
    scene.clock.advance_ms(30 * DAY_MS);
    let items = lies_about(&scene, &[Sort::StaleTasks]);
    // Between the look and the cleaning somebody takes one up.
    scene.does("agent:one", claim(session_id, Some(ids[0])));
    let cleared = callboard_engine::upkeep::cleanup::carry_out(
        &scene.peer,
        &Actor::agent("two"),
        items,
        Work::quiet(&Cancel::new()),
    )
    .unwrap();
    assert_eq!((cleared.fixed.len(), cleared.left.len()), (1, 1));
    assert_eq!(scene.task(ids[0]).status, Status::Active);
    assert_eq!(scene.task(ids[1]).status, Status::Pending);
}

#[test]
fn old_lines_of_logs_go() {
    let (scene, _) = Scene::live();
    let now = scene.clock.now().0;
    tamper(
        &scene,
        &format!(
            "INSERT INTO session_error_logs (at, actor, source, code, message) VALUES
                 ({old}, 'one', 'task_get', 'unknown_id', 'x'), ({now}, 'one', 'task_get', 'unknown_id', 'y');
             INSERT INTO session_performance_metrics VALUES (0, 'one', 'task_get', 1, 0, 5, 5),
                 ({now}, 'one', 'task_get', 1, 0, 5, 5)",
            old = now - 100 * DAY_MS
        ),
    );
    let cleared = clear(&scene, &Actor::Human, &[Sort::OldLogs]);
    assert_eq!(cleared.fixed.len(), 1);
    assert_eq!(lies_about(&scene, &[Sort::OldLogs]), []);
    let left = dump(&scene);
    let of = |table: &str| left.iter().filter(|row| row.starts_with(table)).count();
    assert_eq!((of("session_error_logs"), of("session_performance_metrics")), (1, 1));
}

#[test]
fn optimizing_says_what_it_gained_and_leaves_every_row() {
    let (scene, session) = Scene::live();
    for _ in 0..20 {
        let titles: Vec<String> = (0..40).map(|n| format!("task number {n}")).collect();
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        scene.tasks(session, &titles);
    }
    let rows = |scene: &Scene| {
        let mut rows = dump(scene);
        rows.retain(|row| row.starts_with("tasks ") || row.starts_with("changes "));
        rows
    };
    let before = rows(&scene);
    let cancel = Cancel::new();
    let gained = optimize(&scene.peer, Vacuum::Always, Work::quiet(&cancel)).unwrap();
    let steps: Vec<&str> = gained.steps.iter().map(|step| step.what).collect();
    assert_eq!(steps, ["analyze", "search", "checkpoint", "vacuum", "checkpoint"]);
    assert!(gained.bytes_after < gained.bytes_before, "{gained:?}");
    assert_eq!(rows(&scene), before);
    let _other = scene.other_peer();
    let gained = optimize(&scene.peer, Vacuum::IfAlone, Work::quiet(&cancel)).unwrap();
    assert_eq!(gained.left.len(), 1, "{gained:?}");
}

#[test]
fn optimizing_keeps_nobody_waiting_who_writes_while_somebody_reads() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["one"]);
    let reading = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    reading.execute_batch("BEGIN; SELECT count(*) FROM tasks").unwrap();
    scene.tasks(session, &["two"]);
    let cancel = Cancel::new();
    let gained = optimize(&scene.peer, Vacuum::Never, Work::quiet(&cancel)).unwrap();
    assert!(gained.steps.iter().all(|step| step.longest_ms < 3_000), "{gained:?}");
    assert!(gained.left.iter().any(|left| left.starts_with("checkpoint")), "{gained:?}");
    reading.execute_batch("ROLLBACK").unwrap();
    let gained = optimize(&scene.peer, Vacuum::Never, Work::quiet(&cancel)).unwrap();
    assert_eq!(gained.left, ["vacuum: not wanted"]);
}
