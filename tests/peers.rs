//! Several peers on one project: nothing lost, nothing refused, everything seen.

use std::time::{Duration, Instant};

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, CreateTasks, NewTask};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Code;
use callboard_engine::door::Request;
use callboard_engine::peer::Peer;
use callboard_engine::query;

use crate::scene::Scene;

fn create(session_id: SessionId, title: &str) -> Request {
    let tasks = vec![NewTask { title: title.to_owned(), ..NewTask::default() }];
    Request::new(Actor::agent("maker"), Command::CreateTasks(CreateTasks { session_id, tasks }))
}

fn create_forty(peer: &Peer, session: SessionId, number: usize) {
    for n in 0..40 {
        peer.door.submit_blocking(create(session, &format!("{number}-{n}"))).unwrap();
    }
}

#[test]
fn peers_that_write_at_once_lose_and_refuse_nothing() {
    let (scene, session) = Scene::live();
    let peers: Vec<Peer> = (0..4).map(|_| scene.other_peer()).collect();
    std::thread::scope(|scope| {
        for (number, peer) in peers.iter().enumerate() {
            scope.spawn(move || create_forty(peer, session, number));
        }
    });
    let counts =
        scene.peer.readers.read(|reader| query::sessions::counts(reader, session)).unwrap();
    assert_eq!(counts.all(), 160);
}

#[test]
fn a_change_in_one_peer_is_seen_in_another_at_once() {
    let (scene, session) = Scene::live();
    let other = scene.other_peer();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut feed = scene.peer.feed();
    for n in 0..5 {
        let before = *feed.borrow_and_update();
        let began = Instant::now();
        let outcome = other.door.submit_blocking(create(session, &format!("seen {n}"))).unwrap();
        let seen = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(10), feed.wait_for(|seq| before < *seq))
                .await
                .unwrap()
                .map(|seq| *seq)
        });
        assert_eq!(seen.unwrap(), outcome.seq);
        assert!(began.elapsed() < Duration::from_secs(2), "took {:?}", began.elapsed());
    }
}

#[test]
fn what_was_acknowledged_is_there_after_everything_is_opened_anew() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a", "b"]);
    let directory = scene.directory;
    drop(scene.peer);
    let paths = callboard_engine::paths::ProjectPaths::at(directory.path());
    let again = Peer::open(&paths, scene.clock).unwrap();
    assert_eq!(
        again.readers.read(|reader| query::sessions::counts(reader, session)).unwrap().pending,
        2
    );
}

#[test]
fn a_database_from_the_future_is_refused_untouched() {
    let scene = Scene::new();
    let (directory, path) = (scene.directory, scene.peer.paths.database());
    drop(scene.peer);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    let paths = callboard_engine::paths::ProjectPaths::at(directory.path());
    let error = Peer::open(&paths, scene.clock).unwrap_err().to_string();
    assert!(error.contains("newer version (999)"), "{error}");
}

#[test]
fn a_write_that_gets_no_turn_is_given_up_and_never_carried_out_later() {
    let (scene, session) = Scene::live();
    let lock = scene.directory.path().join(".task_orchestrator/run/write.lock");
    let held = std::fs::File::open(lock).unwrap();
    held.lock().unwrap();
    let refusal = scene.peer.door.submit_blocking(create(session, "too late")).unwrap_err();
    assert_eq!(refusal.code, Code::Busy);
    held.unlock().unwrap();
    scene.peer.door.submit_blocking(create(session, "in time")).unwrap();
    let counts =
        scene.peer.readers.read(|reader| query::sessions::counts(reader, session)).unwrap();
    assert_eq!(counts.all(), 1);
}

#[test]
fn nothing_is_acknowledged_into_a_database_that_is_gone_or_another() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["kept"]);
    let home = scene.directory.path().join(".task_orchestrator");
    let aside = scene.directory.path().join("aside");
    std::fs::rename(&home, &aside).unwrap();
    let refusal = scene.peer.door.submit_blocking(create(session, "lost")).unwrap_err();
    assert!(refusal.message.contains("is gone"), "{refusal}");
    let other = scene.other_peer();
    let refusal = scene.peer.door.submit_blocking(create(session, "lost")).unwrap_err();
    assert!(refusal.message.contains("was replaced"), "{refusal}");
    assert!(scene.peer.readers.read(query::changes::latest).is_err(), "nor is it read");
    drop(other);
    std::fs::remove_dir_all(&home).unwrap();
    std::fs::rename(&aside, &home).unwrap();
    scene.peer.door.submit_blocking(create(session, "kept too")).unwrap();
}
