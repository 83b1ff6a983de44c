//! A backup of a big board, alone and while agents work, beside what `SQLite` itself takes to copy
//! the same database; and the slowest call meanwhile, beside the slowest without a backup.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and tells")]

#[path = "../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::backup::archive::unwatched;
use callboard_engine::backup::{self, Request};
use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Reason, Scope};
use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateTask};
use callboard_engine::domain::id::TaskId;
use callboard_engine::door;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query;
use rusqlite::Connection;

const AGENTS: u64 = 16;
/// How often an agent calls: as one does that also thinks.
const PAUSE: Duration = Duration::from_millis(20);
const ROUNDS: usize = 3;

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    let tasks = if is_smoke { 1_000 } else { 100_000 };
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let paths = ProjectPaths::at(home.path());
    paths.prepare().unwrap();
    let board = bulk::fill(&paths.database(), tasks).unwrap();
    let peer = Peer::open(&paths, Clock::system()).unwrap();
    let bytes = std::fs::metadata(paths.database()).unwrap().len();
    println!("{tasks} tasks, a database of {} MB", bytes / 1_000_000);
    tell("VACUUM INTO", || vacuum(&paths.database(), &home.path().join("vacuum.db")));
    tell("raw online backup", || online(&paths.database(), &home.path().join("online.db")));
    tell("backup", || {
        let made = create(&peer);
        println!("    archive of {} kB", made.size / 1_000);
    });
    let middle = board.middle();
    for (what, scope) in [("without a backup", None), ("with a backup", Some(Scope::Database))] {
        for _ in 0..ROUNDS {
            let (calls, elapsed) = at_work(&peer, middle, || match scope {
                Some(_) => drop(create(&peer)),
                None => thread::sleep(Duration::from_secs(2)),
            });
            let at =
                |part: usize| calls.get(calls.len() * part / 1000).copied().unwrap_or_default();
            println!(
                "{AGENTS} agents {what}: {elapsed:.2?}; {} calls, p50 {:.2?}, p99 {:.2?}, slowest {:.2?}",
                calls.len(),
                at(500),
                at(990),
                calls.last().copied().unwrap_or_default()
            );
        }
    }
}

fn tell(what: &str, work: impl Fn()) {
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        work();
        println!("{what}: {:.2?}", begun.elapsed());
    }
}

fn create(peer: &Peer) -> Backup {
    let request = Request {
        scope: Scope::All,
        sessions: Vec::new(),
        name: None,
        reason: Reason::Manual,
        actor: Actor::Human,
    };
    backup::create(peer, &request, &unwatched).unwrap()
}

fn vacuum(from: &Path, to: &Path) {
    std::fs::remove_file(to).ok();
    let connection = Connection::open(from).unwrap();
    connection.execute("VACUUM INTO ?", [to.to_str().unwrap()]).unwrap();
}

fn online(from: &Path, to: &Path) {
    std::fs::remove_file(to).ok();
    let from = Connection::open(from).unwrap();
    let mut to = Connection::open(to).unwrap();
    let backup = rusqlite::backup::Backup::new(&from, &mut to).unwrap();
    backup.step(-1).unwrap();
}

/// What calls of agents take while something is done; the fastest first.
fn at_work(peer: &Peer, task: TaskId, work: impl FnOnce()) -> (Vec<Duration>, Duration) {
    let is_over = AtomicBool::new(false);
    let agent = |number: u64| {
        let mut calls = Vec::new();
        let actor = Actor::agent(&format!("agent-{number}"));
        for turn in 0_u64.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let begun = Instant::now();
            if turn % 4 == 0 {
                let patch = TaskPatch {
                    title: Some(format!("Task {number} {turn}")),
                    ..TaskPatch::default()
                };
                let update = UpdateTask { id: task, patch, guard: Guard::default() };
                let request = door::Request::new(actor.clone(), Command::UpdateTask(update));
                peer.door.submit_blocking(request).unwrap();
            } else {
                peer.readers.read(|reader| query::tasks::view(reader, task)).unwrap();
            }
            calls.push(begun.elapsed());
            thread::sleep(PAUSE);
        }
        calls
    };
    let (mut calls, elapsed) = thread::scope(|scope| {
        let agent = &agent;
        let agents: Vec<_> = (0..AGENTS).map(|number| scope.spawn(move || agent(number))).collect();
        let begun = Instant::now();
        work();
        let elapsed = begun.elapsed();
        is_over.store(true, Ordering::Relaxed);
        let mut calls: Vec<Duration> = Vec::new();
        for agent in agents {
            calls.extend(agent.join().unwrap());
        }
        (calls, elapsed)
    });
    calls.sort_unstable();
    (calls, elapsed)
}
