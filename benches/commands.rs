//! Durable changes through the door, beside the least that raw `SQLite` takes for the same rows in
//! the same schema: by callers at once, and by the size of the board.
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

#[path = "../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;

use std::cell::Cell;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{
    Command, CreateTasks, Guard, NewSession, NewTask, TaskPatch, UpdateTask,
};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::door::{Door, Request};
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rusqlite::{Connection, params};
use tempfile::TempDir;

const CALLERS: [u64; 3] = [1, 8, 32];
const DESCRIPTION: &str = "What is to be done, in a sentence or two.";

criterion_group!(benches, create, update);
criterion_main!(benches);

/// Tasks on a board; a smoke run takes the smallest.
fn sizes() -> &'static [i64] {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    if is_smoke { &[1_000] } else { &[1_000, 100_000, 1_000_000] }
}

/// On the disk that projects are on; a temporary file system would not sync.
fn directory() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn open(directory: &Path) -> Peer {
    Peer::open(&ProjectPaths::at(directory), Clock::system()).unwrap()
}

fn submit(door: &Door, command: Command) -> Answer {
    door.submit_blocking(Request::new(Actor::agent("bench"), command)).unwrap().answer
}

/// Creations by callers at once, each waiting for its answer before it sends the next.
fn create(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("create");
    group.throughput(Throughput::Elements(1));
    for callers in CALLERS {
        let home = directory();
        let peer = open(home.path());
        let new = NewSession { name: "Bench".to_owned(), ..NewSession::default() };
        let Answer::Session(session) = submit(&peer.door, Command::CreateSession(new)) else {
            return;
        };
        group.bench_function(BenchmarkId::new("callboard", callers), |bencher| {
            bencher.iter_custom(|count| create_by(&peer.door, session.id, callers, count));
        });
        let home = directory();
        let mut raw = Raw::open(&home.path().join("raw.db"));
        group.bench_function(BenchmarkId::new("raw SQLite", callers), |bencher| {
            bencher.iter_custom(|count| raw.create(callers, count));
        });
    }
    group.finish();
}

fn create_by(door: &Door, session: SessionId, callers: u64, count: u64) -> Duration {
    let left = AtomicI64::new(count.cast_signed());
    let begun = Instant::now();
    let caller = || {
        while 0 < left.fetch_sub(1, Ordering::Relaxed) {
            black_box(submit(door, create_command(session)));
        }
    };
    thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(caller);
        }
    });
    begun.elapsed()
}

fn create_command(session_id: SessionId) -> Command {
    let task = NewTask {
        title: "Write the importer".to_owned(),
        description: DESCRIPTION.to_owned(),
        ..NewTask::default()
    };
    Command::CreateTasks(CreateTasks { session_id, tasks: vec![task] })
}

/// One field of one task, on boards from small to huge.
fn update(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update");
    for &tasks in sizes() {
        let home = directory();
        let paths = ProjectPaths::at(home.path());
        paths.prepare().unwrap();
        let board = bulk::fill(&paths.database(), tasks).unwrap();
        let peer = open(home.path());
        let turn = Cell::new(0);
        group.bench_function(BenchmarkId::new("callboard", tasks), |bencher| {
            bencher.iter(|| {
                turn.set(turn.get() + 1);
                submit(&peer.door, rename(board.middle(), turn.get()))
            });
        });
        let mut raw = Raw::on(&paths.database(), board);
        group.bench_function(BenchmarkId::new("raw SQLite", tasks), |bencher| {
            bencher.iter(|| raw.rename(board.middle()).unwrap());
        });
    }
    group.finish();
}

fn rename(id: TaskId, turn: u32) -> Command {
    let patch = TaskPatch { title: Some(format!("Task {turn}")), ..TaskPatch::default() };
    Command::UpdateTask(UpdateTask { id, patch, guard: Guard::default() })
}

/// What somebody would write by hand who wants the same rows kept as safely: the task, its change,
/// the sums; a savepoint for each, one synced commit for all that callers sent at once.
struct Raw {
    connection: Connection,
    session: String,
    number: u64,
}

impl Raw {
    fn open(database: &Path) -> Self {
        let board = bulk::fill(database, 0).unwrap();
        Self::on(database, board)
    }

    fn on(database: &Path, board: bulk::Board) -> Self {
        let connection = Connection::open(database).unwrap();
        connection.pragma_update(None, "synchronous", "full").unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        Self { connection, session: board.session.to_string(), number: 0 }
    }

    fn create(&mut self, batch: u64, count: u64) -> Duration {
        let begun = Instant::now();
        let mut left = count;
        while 0 < left {
            self.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            for _ in 0..batch.min(left) {
                self.connection.execute_batch("SAVEPOINT one").unwrap();
                self.create_one().unwrap();
                self.connection.execute_batch("RELEASE one").unwrap();
            }
            self.connection.execute_batch("COMMIT").unwrap();
            left = left.saturating_sub(batch);
        }
        begun.elapsed()
    }

    fn rename(&mut self, id: TaskId) -> rusqlite::Result<()> {
        self.number += 1;
        let (id, at, title) = (id.to_string(), self.number.cast_signed(), self.number.to_string());
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let update =
            "UPDATE tasks SET title = ?2, updated_at = ?3, version = version + 1 WHERE id = ?1";
        self.connection.prepare_cached(update)?.execute(params![id, title, at])?;
        self.connection.prepare_cached(
            "INSERT INTO changes (command, at, actor, session_id, record, version, verb, before, after)
             VALUES (?1, ?1, 'agent:bench', ?2, ?3, 2, 'task.updated', json_object('title', ?4), json_object('title', ?4))",
        )?.execute(params![at, self.session, id, title])?;
        let touched = "UPDATE orchestration_sessions SET touched_at = ? WHERE id = ?";
        self.connection.prepare_cached(touched)?.execute(params![at, self.session])?;
        self.connection.execute_batch("COMMIT")
    }

    fn create_one(&mut self) -> rusqlite::Result<()> {
        self.number += 1;
        let id = TaskId::from_random(self.number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_string();
        let at = self.number.cast_signed();
        self.connection.prepare_cached(
            "INSERT INTO tasks (id, session_id, title, description, status, priority, complexity, position, tags,
                progress, claim_number, created_by, created_at, updated_at, version)
             VALUES (?1, ?2, 'Write the importer', ?3, 'pending', 2, 'moderate', ?4, '[]', 0, 0, 'agent:bench', ?4, ?4, 1)",
        )?.execute(params![id, self.session, DESCRIPTION, at])?;
        self.connection.prepare_cached(
            "INSERT INTO changes (command, at, actor, session_id, record, version, verb, after)
             VALUES (?1, ?1, 'agent:bench', ?2, ?3, 1, 'task.created', json_object('title', 'Write the importer', 'description', ?4))",
        )?.execute(params![at, self.session, id, DESCRIPTION])?;
        let mut tally = self.connection.prepare_cached(
            "INSERT INTO task_tallies VALUES (?, 'pending', 1, 1, 0, 0, 0, 0)
             ON CONFLICT DO UPDATE SET tasks = tasks + 1, leaves = leaves + 1",
        )?;
        tally.execute([&self.session])?;
        tally.execute([format!("{}/-", self.session)])?;
        let touched = "UPDATE orchestration_sessions SET touched_at = ? WHERE id = ?";
        self.connection.prepare_cached(touched)?.execute(params![at, self.session])?;
        Ok(())
    }
}
