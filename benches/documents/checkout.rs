//! A checkout that changes 10,000 documents at once, with a keeper at work: until everything is read,
//! merged and written back, while somebody else goes on calling.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::domain::command::{
    Command, CreateTasks, Guard, NewGroup, NewSession, NewTask, TaskPatch, UpdateTask,
};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::peer::Peer;
use callboard_engine::query;
use callboard_engine::sync::keeper::{self, SyncHandle, SyncOptions};
use callboard_engine::sync::layout;
use criterion::{BenchmarkId, Criterion};

use super::{open, size, submit};

/// Most groups of one session.
const GROUPS: usize = 2_000;
/// Commands of one batch.
const BATCH: usize = 400;
/// How often somebody else calls meanwhile.
const EVERY: Duration = Duration::from_millis(20);
/// A call that takes longer hangs, however busy the machine is.
const CALL_MAX: Duration = Duration::from_secs(1);
/// Nothing takes this long.
const PATIENCE: Duration = Duration::from_secs(300);

/// Sessions with a document a group, in step.
struct Desk {
    _home: tempfile::TempDir,
    peer: Peer,
    files: Vec<PathBuf>,
    others: TaskId,
    keeper: SyncHandle,
}

impl Desk {
    fn new(documents: usize) -> Self {
        let (home, peer) = open();
        let (mut sessions, mut tasks) = (Vec::new(), Vec::new());
        for first in (0..documents).step_by(GROUPS) {
            let groups = GROUPS.min(documents - first);
            sessions.push(session(&peer, first, groups, &mut tasks));
        }
        // Whoever calls meanwhile works at something else.
        session(&peer, documents, 1, &mut tasks);
        let others = tasks.pop().unwrap();
        let keeper = keeper::start(&peer, SyncOptions::default()).unwrap();
        let mut desk = Self { _home: home, peer, files: Vec::new(), others, keeper };
        desk.wait();
        let home = desk.peer.paths.task_orchestrator();
        for session in sessions {
            let folder = home.join(layout::find_directory(&home, session).unwrap());
            let groups = fs::read_dir(folder.join("tasks/task_groups")).unwrap();
            desk.files.extend(groups.map(|entry| entry.unwrap().path()));
        }
        assert!(documents <= desk.files.len());
        desk
    }

    /// Puts other titles into all documents, as a checkout does; returns what it wrote.
    fn check_out(&self, (from, to): (&str, &str)) -> Vec<(&Path, String)> {
        let one = |file: &PathBuf| {
            let text = fs::read_to_string(file).unwrap().replace(from, to);
            fs::remove_file(file).unwrap();
            fs::write(file, &text).unwrap();
            text
        };
        self.files.iter().map(|file| (file.as_path(), one(file))).collect()
    }

    /// Waits until everything has been on both sides for a moment.
    fn wait(&self) {
        let begun = Instant::now();
        let status = self.keeper.status();
        let mut quiet = 0;
        while quiet < 3 {
            assert!(begun.elapsed() < PATIENCE, "the documents do not settle");
            thread::sleep(Duration::from_millis(100));
            let now = status.borrow();
            assert!(now.failures.is_empty(), "{:?}", now.failures);
            quiet = if now.keeps && !now.waiting { quiet + 1 } else { 0 };
        }
    }

    /// Calls until it is over; returns the longest call.
    fn call(&self, is_over: &AtomicBool) -> Duration {
        let mut longest = Duration::ZERO;
        for number in 0.. {
            if is_over.load(Ordering::SeqCst) {
                break;
            }
            let title = Some(format!("called {number}"));
            let patch = TaskPatch { title, ..TaskPatch::default() };
            let update = UpdateTask { id: self.others, patch, guard: Guard::default() };
            let begun = Instant::now();
            submit(&self.peer, Command::UpdateTask(update));
            black_box(self.peer.readers.read(query::changes::latest).unwrap());
            longest = longest.max(begun.elapsed());
            thread::sleep(EVERY);
        }
        longest
    }

    /// A whole checkout; returns how long it took after the last file was there.
    #[expect(clippy::print_stdout, reason = "the longest call is a figure, too")]
    fn once(&self, change: (&str, &str)) -> Duration {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let calls = scope.spawn(|| self.call(&is_over));
            let checked_out = self.check_out(change);
            let begun = Instant::now();
            wait_for_stamps(checked_out);
            let took = begun.elapsed();
            is_over.store(true, Ordering::SeqCst);
            let longest = calls.join().unwrap();
            println!("all after {took:?}, the longest call {longest:?}");
            assert!(longest < CALL_MAX, "a call took {longest:?}");
            took
        })
    }
}

/// Waits until every document has the stamps of what it said.
fn wait_for_stamps(mut left: Vec<(&Path, String)>) {
    let begun = Instant::now();
    while !left.is_empty() {
        assert!(begun.elapsed() < PATIENCE, "{} documents are not written", left.len());
        thread::sleep(Duration::from_millis(100));
        left.retain(|(file, text)| fs::read_to_string(file).unwrap() == *text);
    }
}

/// A session with a group for each document, and a task in each.
fn session(peer: &Peer, first: usize, groups: usize, tasks: &mut Vec<TaskId>) -> SessionId {
    let name = format!("From {first}");
    let new = NewSession { name, suspend_current: true, ..NewSession::default() };
    let Answer::Session(session) = submit(peer, Command::CreateSession(new)) else {
        panic!("a session answers with itself")
    };
    let numbers: Vec<usize> = (first..first + groups).collect();
    let id = |number: usize| GroupId::from_random(u64::try_from(number + 1).unwrap() * 7_919);
    for some in numbers.chunks(BATCH) {
        let group = |number: &usize| {
            Command::CreateGroup(NewGroup {
                id: Some(id(*number)),
                session_id: session.id,
                name: format!("Group {number}"),
                parent: None,
                description: String::new(),
                role: None,
            })
        };
        submit(peer, Command::Batch { commands: some.iter().map(group).collect() });
        let task = |number: &usize| NewTask {
            title: format!("Write part {number} of the whole"),
            group: Some(id(*number)),
            description: "What it is about.\n\n- a list\n- of two".to_owned(),
            ..NewTask::default()
        };
        let create = CreateTasks { session_id: session.id, tasks: some.iter().map(task).collect() };
        let Answer::Created(made) = submit(peer, Command::CreateTasks(create)) else {
            panic!("tasks answer with their ids")
        };
        tasks.extend(made.into_iter().map(|one| one.id));
    }
    session.id
}

pub(super) fn checkout(criterion: &mut Criterion) {
    let documents = size(10_000);
    let desk = Desk::new(documents);
    let mut group = criterion.benchmark_group("live");
    let titles = ["Write part", "Draft part"];
    let mut round = 0;
    group.bench_function(BenchmarkId::new("checkout of documents", documents), |bencher| {
        bencher.iter_custom(|count| {
            let one = |_| {
                let change = (titles[round % 2], titles[(round + 1) % 2]);
                round += 1;
                let took = desk.once(change);
                desk.wait();
                took
            };
            (0..count).map(one).sum()
        });
    });
    group.finish();
}
