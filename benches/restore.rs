//! A restore of a big board by each way it can come back, while agents call: how long the project's
//! turn is taken, and what they see meanwhile.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and tells")]

#[path = "../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::backup::archive::unwatched;
use callboard_engine::backup::restore::{First, Moment, RestoreScope, Wanted, restore_seen};
use callboard_engine::backup::{self, Request};
use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Reason, Scope};
use callboard_engine::domain::command::{Command, CreateTasks, NewSession, NewTask};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::restore::{MergeStrategy, Purpose};
use callboard_engine::door;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query;
use rusqlite::Connection;

const AGENTS: u64 = 8;
/// How often an agent calls: as one does that also thinks.
const PAUSE: Duration = Duration::from_millis(20);
/// Tasks that differ where few do.
const FEW: i64 = 100;

/// What became of the board since it was backed up.
#[derive(Clone, Copy)]
enum Since {
    /// It is in another project, which holds nothing.
    Nothing,
    /// Another project, with a session of its own.
    Elsewhere,
    /// A few tasks have other titles.
    Few,
    /// All tasks have.
    All,
}

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    let tasks = if is_smoke { 1_000 } else { 100_000 };
    let base = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let origin = ProjectPaths::at(base.path());
    origin.prepare().unwrap();
    bulk::fill(&origin.database(), tasks).unwrap();
    let peer = Peer::open(&origin, Clock::system()).unwrap();
    let request = Request {
        name: Some("good".to_owned()),
        ..Request::automatic(Scope::Database, Reason::Manual)
    };
    backup::create(&peer, &request, &unwatched).unwrap();
    drop(peer);
    let (replace, merge) = (MergeStrategy::Replace, MergeStrategy::Merge);
    for (what, since, strategy) in [
        ("into an empty project", Since::Nothing, replace),
        ("replace, few differ", Since::Few, replace),
        ("merge, few differ", Since::Few, merge),
        ("replace, all differ", Since::All, replace),
        ("merge, all differ", Since::All, merge),
        ("beside another session", Since::Elsewhere, merge),
    ] {
        run(what, since, strategy, &origin);
    }
}

/// A project in which the board is as it is said, with its archive.
fn project(since: Since, origin: &ProjectPaths) -> (tempfile::TempDir, Peer) {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let paths = ProjectPaths::at(home.path());
    paths.prepare().unwrap();
    std::fs::create_dir_all(paths.backups()).unwrap();
    for file in std::fs::read_dir(origin.backups()).unwrap().flatten() {
        std::fs::copy(file.path(), paths.backups().join(file.file_name())).unwrap();
    }
    if matches!(since, Since::Few | Since::All) {
        std::fs::copy(origin.database(), paths.database()).unwrap();
        let limit = if matches!(since, Since::Few) { FEW } else { i64::MAX };
        let sql = "UPDATE tasks SET title = title || ', later' WHERE number <= ?";
        Connection::open(paths.database()).unwrap().execute(sql, [limit]).unwrap();
    }
    let peer = Peer::open(&paths, Clock::system()).unwrap();
    if matches!(since, Since::Elsewhere) {
        let new = NewSession { name: "Other".to_owned(), ..NewSession::default() };
        let request = door::Request::new(Actor::Human, Command::CreateSession(new));
        peer.door.submit_blocking(request).unwrap();
    }
    (home, peer)
}

fn run(what: &str, since: Since, strategy: MergeStrategy, origin: &ProjectPaths) {
    let (_home, peer) = project(since, origin);
    let wanted = Wanted {
        scope: RestoreScope::Database,
        sessions: Vec::new(),
        strategy,
        purpose: Purpose::Keep,
        first: First::GoOn,
        actor: Actor::Human,
    };
    let times = Cell::new([None; 2]);
    let begun = Instant::now();
    let look = |moment: Moment| {
        let [planned, decided] = times.get();
        match moment {
            Moment::Planned => times.set([Some(begun.elapsed()), decided]),
            Moment::Decided => times.set([planned, Some(begun.elapsed())]),
            Moment::Unpacked
            | Moment::BackedUp
            | Moment::Exchanging
            | Moment::FileBrought
            | Moment::Noted => {}
        }
    };
    let calls = at_work(&peer, || {
        let told = restore_seen(&peer, "good", &wanted, (&unwatched, &look)).unwrap();
        let rows = told.rows.unwrap();
        println!(
            "{what}: {} created, {} updated, {} unchanged, {} clashes",
            rows.created, rows.updated, rows.unchanged, rows.clashes_found
        );
    });
    let [planned, decided] = times.get().map(Option::unwrap_or_default);
    println!(
        "    prepared in {planned:.2?}, the turn taken for {:.2?}, in all {:.2?}",
        decided.saturating_sub(planned),
        begun.elapsed()
    );
    println!("    {calls}");
    if matches!(since, Since::Elsewhere | Since::All) {
        let begun = Instant::now();
        let undo = Command::Undo { seq: None };
        let answer = peer.door.submit_blocking(door::Request::new(Actor::Human, undo));
        println!("    taken back in {:.2?}: {:?}", begun.elapsed(), answer.map(|_| ()).err());
    }
}

/// What agents see while something is done.
fn at_work(peer: &Peer, work: impl FnOnce()) -> String {
    let is_over = AtomicBool::new(false);
    let agent = |number: u64| {
        let (mut writes, mut reads, mut busy) = (Vec::new(), Vec::new(), 0);
        let actor = Actor::agent(&format!("agent-{number}"));
        while !is_over.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let live = peer.readers.read(query::sessions::live).unwrap();
            reads.push(begun.elapsed());
            if let Some(live) = live {
                let tasks = vec![NewTask { title: "Meanwhile".to_owned(), ..NewTask::default() }];
                let create = CreateTasks { session_id: live.id, tasks };
                let begun = Instant::now();
                let request = door::Request::new(actor.clone(), Command::CreateTasks(create));
                match peer.door.submit_blocking(request).map(|outcome| outcome.answer) {
                    Ok(Answer::Created(_)) => writes.push(begun.elapsed()),
                    Ok(_) | Err(_) => busy += 1,
                }
            }
            thread::sleep(PAUSE);
        }
        (writes, reads, busy)
    };
    thread::scope(|scope| {
        let agent = &agent;
        let agents: Vec<_> = (0..AGENTS).map(|number| scope.spawn(move || agent(number))).collect();
        // They are under way when it begins.
        thread::sleep(Duration::from_millis(100));
        work();
        is_over.store(true, Ordering::Relaxed);
        let (mut writes, mut reads, mut busy) = (Vec::new(), Vec::new(), 0);
        for agent in agents {
            let (more_writes, more_reads, more_busy) = agent.join().unwrap();
            writes.extend(more_writes);
            reads.extend(more_reads);
            busy += more_busy;
        }
        let slowest = |all: &[Duration]| all.iter().max().copied().unwrap_or_default();
        format!(
            "{} writes, the slowest {:.2?}; {} reads, the slowest {:.2?}; {busy} times busy",
            writes.len(),
            slowest(&writes),
            reads.len(),
            slowest(&reads)
        )
    })
}
