//! Clocks that jump, and a database that is damaged: a defined outcome each, with nothing lost.

use callboard_engine::clock::Clock;
use callboard_engine::domain::claim::GRACE_MS;
use callboard_engine::domain::command::{Command, CreateTasks, NewTask};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::{Status, Task};
use callboard_engine::domain::time::{DAY_MS, MINUTE_MS};
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query::changes::{self, ChangeQuery};
use callboard_engine::query::tasks::{self, TaskQuery};
use callboard_engine::store::audit;

use crate::scene::{NOON, Scene, claim, set_status, status};

fn claimed(scene: &Scene, agent: &str, session: SessionId) -> Task {
    let Answer::Claimed(task) = scene.does(agent, claim(session, None)) else { panic!() };
    *task
}

#[test]
fn a_clock_that_jumps_ahead_frees_claims_and_loses_nothing() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let held = claimed(&scene, "agent:asleep", session);
    scene.clock.advance_ms(365 * DAY_MS);
    assert_eq!(scene.does("system", Command::FreeClaims), Answer::Tidied(1));
    let taken = claimed(&scene, "agent:awake", session);
    assert_eq!((taken.id, taken.claim_number), (held.id, 2));
    let mut late = set_status(held.id, Status::Completed);
    late.guard.claim = Some(held.claim_number);
    let refused = scene.refused_code("agent:asleep", Command::SetStatus(late));
    assert_eq!(refused, Code::ClaimSuperseded);
    scene.does("agent:awake", status(held.id, Status::Completed));
}

#[test]
fn a_clock_that_jumps_back_keeps_no_claim_for_ever() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a", "b"]);
    scene.clock.advance_ms(365 * DAY_MS);
    let held = claimed(&scene, "agent:busy", session);
    scene.clock.advance_ms(-365 * DAY_MS);
    assert_eq!(scene.does("system", Command::FreeClaims), Answer::Tidied(1));
    let claim = scene.task(held.id).claim.unwrap();
    assert_eq!((claim.number, claim.until), (held.claim_number, NOON.plus_ms(30 * MINUTE_MS)));
    assert_eq!(scene.does("system", Command::FreeClaims), Answer::Tidied(0), "once is enough");
    scene.does("agent:busy", status(held.id, Status::Completed));

    let left = claimed(&scene, "agent:gone", session);
    scene.clock.advance_ms(30 * MINUTE_MS + GRACE_MS);
    assert_eq!(scene.does("system", Command::FreeClaims), Answer::Tidied(1));
    assert_eq!(scene.task(left.id).claim, None);
}

#[test]
fn a_small_step_back_leaves_claims_alone() {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    claimed(&scene, "agent:busy", session);
    scene.clock.advance_ms(-GRACE_MS);
    assert_eq!(scene.does("system", Command::FreeClaims), Answer::Tidied(0));
}

#[test]
fn the_feed_is_in_the_order_of_its_numbers_whatever_the_clock_says() {
    let (scene, session) = Scene::live();
    let task = scene.tasks(session, &["a"])[0];
    scene.clock.advance_ms(-DAY_MS);
    scene.does("human", status(task, Status::Active));
    scene.clock.advance_ms(2 * DAY_MS);
    scene.does("human", status(task, Status::Completed));
    let query = ChangeQuery { after: Some(0), ..ChangeQuery::default() };
    let feed = scene.peer.readers.read(|reader| changes::list(reader, &query)).unwrap();
    let numbers: Vec<i64> = feed.iter().map(|change| change.seq).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    scene.does("human", Command::Undo { seq: None });
    assert_eq!(scene.task(task).status, Status::Active, "the newest by number is taken back");
    assert_eq!(scene.peer.readers.read(audit::findings).unwrap(), Vec::<String>::new());
}

#[test]
fn a_damaged_database_is_told_and_nothing_is_written_into_it() {
    let (scene, session) = Scene::live();
    let many = |count: usize| {
        Command::CreateTasks(CreateTasks {
            session_id: session,
            tasks: (0..count)
                .map(|n| NewTask {
                    title: format!("task {n}"),
                    description: "d".repeat(500),
                    ..NewTask::default()
                })
                .collect(),
        })
    };
    scene.does("human", many(300));
    // A project whose database is a copy of which only the first pages, with the schema, are left.
    let directory = tempfile::tempdir().unwrap();
    let paths = ProjectPaths::at(directory.path());
    paths.prepare().unwrap();
    let copy = paths.database().display().to_string();
    let whole = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    whole.execute("VACUUM INTO ?", [copy]).unwrap();
    let mut bytes = std::fs::read(paths.database()).unwrap();
    bytes[40 * 4096..].fill(0xa5);
    std::fs::write(paths.database(), &bytes).unwrap();
    let Ok(peer) = Peer::open(&paths, Clock::fixed(NOON)) else {
        // Refused at once is as good.
        return;
    };
    let query = TaskQuery { limit: 200, ..TaskQuery::new(session) };
    let refusal = peer.readers.read(|reader| tasks::list(reader, &query)).unwrap_err();
    assert_eq!(refusal.code, Code::StoreFailed);
    assert!(refusal.message.contains("is damaged"), "{refusal}");
    let request = callboard_engine::door::Request::new(
        callboard_engine::domain::actor::Actor::Human,
        many(300),
    );
    let refusal = peer.door.submit_blocking(request).unwrap_err();
    assert!(refusal.message.contains("is damaged; nothing was changed"), "{refusal}");
}
