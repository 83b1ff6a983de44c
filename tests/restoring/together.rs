//! What comes of a backup and of what is here together.

use callboard_engine::domain::command::{Command, Edge};
use callboard_engine::domain::restore::MergeStrategy;
use callboard_engine::domain::time::DAY_MS;
use callboard_engine::peer::AgentSeen;
use callboard_engine::query;

use super::board::{content, copied, copied_with, is_sound, restored};
use super::rules::{describe, retitle};
use crate::scene::{Scene, waits};

#[test]
fn a_merge_takes_no_old_value_where_it_is_not_known_any_more_what_happened_since() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["schema", "api"]);
    let backup = copied(&scene);
    scene.does("human", retitle(tasks[0], "schema of today"));
    let renamed = scene.latest();
    scene.does("human", describe(tasks[0], "as it is today"));
    scene.does("human", retitle(tasks[1], "api of today"));
    scene.clock.advance_ms(100 * DAY_MS);
    scene.does("human", Command::ForgetChanges { commands: vec![renamed] });
    let merge = backup.command(&scene, MergeStrategy::Merge, &[]);
    let done = restored(scene.submit("human", merge).map(|outcome| outcome.answer));
    assert_eq!(scene.task(tasks[0]).title, "schema of today");
    assert_eq!(done.changed(), 0, "{done:?}");
    let clash = |record: &str| {
        let of_it = done.clashes.iter().filter(|clash| clash.record == record);
        of_it.map(|clash| (clash.field.as_str(), clash.why.as_str())).collect::<Vec<_>>()
    };
    let forgotten = "what happened to it here since is not known any more";
    assert_eq!(clash(&tasks[0].to_string()), [("description", forgotten), ("title", forgotten)]);
    assert_eq!(clash(&tasks[1].to_string()), [("title", "it was changed here since")]);
}

#[test]
fn only_the_dependency_that_closes_a_circle_gives_way() {
    let (scene, session) = Scene::live();
    let names: Vec<String> = (0..12).map(|number| format!("step{number}")).collect();
    let tasks = scene.tasks(session, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let (a, b, c) = (tasks[0], tasks[1], tasks[2]);
    let mut edges = vec![Edge { task: a, depends_on: b }];
    edges.extend(tasks[3..].iter().map(|on| Edge { task: c, depends_on: *on }));
    let change = |add: &[Edge], remove: &[Edge]| Command::ChangeDependencies {
        add: add.to_vec(),
        remove: remove.to_vec(),
    };
    scene.does("human", change(&edges, &[]));
    let backup = copied(&scene);
    scene.does("human", change(&[], &edges));
    scene.does("human", waits(b, a));
    scene.does("human", waits(b, c));
    let merge = backup.command(&scene, MergeStrategy::Merge, &[]);
    let done = restored(scene.submit("human", merge).map(|outcome| outcome.answer));
    let clashes: Vec<_> = done.clashes.iter().map(|clash| clash.record.as_str()).collect();
    assert_eq!(clashes, [a.to_string()]);
    assert_eq!(done.created, 9, "{done:?}");
    let lines = content(&scene);
    let stays = |edge: &Edge| {
        let key = format!("{}>{} ", edge.task, edge.depends_on);
        lines.iter().any(|line| line.starts_with(&key))
    };
    assert_eq!(edges.iter().map(stays).collect::<Vec<_>>(), [vec![false], vec![true; 9]].concat());
    is_sound(&scene);
}

#[test]
fn an_agent_that_is_here_stays_so_when_a_whole_database_comes() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["schema"]);
    let backup = copied_with(
        &scene,
        "INSERT INTO agents (name, client, version, transport, process, first_seen, last_seen,
                gone_at, calls, errors)
            VALUES ('one', 'old', '0', 'stdio', 'dead', 1, 1, 5, 7, 0),
                ('two', 'old', '0', 'stdio', 'dead', 1, 1, 5, 7, 0);",
    );
    let fresh = Scene::new();
    let (name, transport) = ("one".to_owned(), "stdio".to_owned());
    let (client, version) = ("new".to_owned(), "1".to_owned());
    fresh.peer.telemetry.seen(AgentSeen { name, client, version, transport });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(fresh.peer.door.flush());
    fresh.does("human", backup.whole(&fresh));
    let now = fresh.clock.now();
    let agents = fresh.peer.readers.read(|reader| query::agents::list(reader, now)).unwrap();
    let mut agents: Vec<_> =
        agents.iter().map(|one| (one.name.as_str(), one.client.as_str(), one.connected)).collect();
    agents.sort_unstable();
    assert_eq!(agents, [("one", "new", true), ("two", "old", false)]);
}
