//! Documents, both ways: rendering, reading, putting one change in, and whole passes over a session
//! whose list has 10,000 tasks; each beside the least that the same bytes cost without Callboard.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench may panic"
)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{
    Command, CreateTasks, Guard, NewSession, NewTask, TaskPatch, UpdateTask,
};
use callboard_engine::domain::document::DocumentKind;
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::door::Request;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query;
use callboard_engine::sync::keeper::{self, SyncOptions};
use callboard_engine::sync::render::{Rendered, Renderer};
use callboard_engine::sync::scan::Scan;
use callboard_engine::sync::splice::{Orders, Source, Sources, splice};
use callboard_engine::sync::{grammar, layout, state};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use pulldown_cmark::Parser;
use tempfile::TempDir;

#[path = "documents/checkout.rs"]
mod checkout;

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5));
    targets = texts, parse, scan, passes, live, checkout::checkout
}
criterion_main!(benches);

const ACTIVE: &str = "tasks/active_tasks.md";
/// A smoke run takes a small one.
const SMALL: usize = 200;

fn size(full: usize) -> usize {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    if is_smoke { SMALL } else { full }
}

/// A session of many open tasks, whose documents stand on the disk that projects are on.
struct Desk {
    home: TempDir,
    peer: Peer,
    session: SessionId,
    tasks: Vec<TaskId>,
}

impl Desk {
    fn new(tasks: usize) -> Self {
        let (home, peer) = open();
        let new = NewSession { name: "Bench".to_owned(), ..NewSession::default() };
        let Answer::Session(session) = submit(&peer, Command::CreateSession(new)) else {
            panic!("a session answers with itself")
        };
        let mut desk = Self { home, peer, session: session.id, tasks: Vec::new() };
        for first in (0..tasks).step_by(100) {
            desk.plan(first..tasks.min(first + 100));
        }
        desk
    }

    fn plan(&mut self, numbers: std::ops::Range<usize>) {
        let new = |number: usize| NewTask {
            title: format!("Write part {number} of the whole"),
            role: Some("implementer".to_owned()),
            tags: vec!["core".to_owned()],
            estimate_minutes: Some(120),
            ..NewTask::default()
        };
        let tasks = numbers.map(new).collect();
        let create = CreateTasks { session_id: self.session, tasks };
        let Answer::Created(created) = submit(&self.peer, Command::CreateTasks(create)) else {
            panic!("tasks answer with their ids")
        };
        self.tasks.extend(created.into_iter().map(|one| one.id));
    }

    fn middle(&self) -> TaskId {
        self.tasks[self.tasks.len() / 2]
    }

    fn retitle(&self, title: String) {
        let patch = TaskPatch { title: Some(title), ..TaskPatch::default() };
        let update = UpdateTask { id: self.middle(), patch, guard: Guard::default() };
        submit(&self.peer, Command::UpdateTask(update));
    }

    fn title(&self) -> String {
        let id = self.middle();
        self.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task.title
    }

    /// Changes the title of the task in the middle as an editor does.
    fn edit(&self, title: &str) {
        let file = self.file();
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen(&self.title(), title, 1)).unwrap();
    }

    fn file(&self) -> PathBuf {
        let home = self.peer.paths.task_orchestrator();
        home.join(layout::find_directory(&home, self.session).unwrap()).join(ACTIVE)
    }

    fn sync(&self) {
        let status = keeper::once(&self.peer, SyncOptions::default()).unwrap().unwrap();
        assert!(status.failures.is_empty(), "{:?}", status.failures);
    }

    fn render(&self) -> Vec<Rendered> {
        let state = self.peer.readers.read(|reader| state::read(reader, self.session)).unwrap();
        Renderer::new(Path::new("none")).render(&state)
    }

    fn active(&self) -> String {
        let all = self.render();
        all.into_iter().find(|one| one.kind == DocumentKind::ActiveTasks).unwrap().text
    }
}

/// A project on the disk that projects are on.
fn open() -> (TempDir, Peer) {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let peer = Peer::open(&ProjectPaths::at(home.path()), Clock::system()).unwrap();
    (home, peer)
}

fn submit(peer: &Peer, command: Command) -> Answer {
    peer.door.submit_blocking(Request::new(Actor::agent("bench"), command)).unwrap().answer
}

/// Reads, writes and syncs a file, and nothing else.
fn plain(file: &Path) {
    let bytes = fs::read(file).unwrap();
    let mut written = File::create(file).unwrap();
    written.write_all(&bytes).unwrap();
    written.sync_all().unwrap();
}

fn texts(criterion: &mut Criterion) {
    let desk = Desk::new(size(10_000));
    let mut group = criterion.benchmark_group("text");
    let tasks = desk.tasks.len();
    group.bench_function(BenchmarkId::new("state", tasks), |bencher| {
        bencher.iter(|| desk.peer.readers.read(|it| state::read(it, desk.session)).unwrap());
    });
    let state = desk.peer.readers.read(|reader| state::read(reader, desk.session)).unwrap();
    let mut renderer = Renderer::new(Path::new("none"));
    group.bench_function(BenchmarkId::new("render", tasks), |bencher| {
        bencher.iter(|| renderer.render(black_box(&state)));
    });
    let last = desk.active();
    let draft = |text: &str| grammar::draft(text, DocumentKind::ActiveTasks, desk.session);
    group.bench_function(BenchmarkId::new("draft", tasks), |bencher| {
        bencher.iter(|| draft(black_box(&last)));
    });
    group.bench_function(BenchmarkId::new("plain parse", tasks), |bencher| {
        bencher.iter(|| Parser::new(black_box(&last)).into_offset_iter().count());
    });
    desk.retitle("Write another part".to_owned());
    let next = desk.active();
    let file = last.replacen("# ", "# My words: ", 1);
    let drafts = (draft(&last), draft(&next), draft(&file));
    group.bench_function(BenchmarkId::new("splice", tasks), |bencher| {
        bencher.iter(|| {
            let sources = Sources {
                last: Source { text: &last, draft: &drafts.0 },
                next: Source { text: &next, draft: &drafts.1 },
                file: Source { text: &file, draft: &drafts.2 },
            };
            splice(black_box(&sources), &Orders::default())
        });
    });
    let copy = desk.home.path().join("copy.md");
    fs::write(&copy, &next).unwrap();
    group.bench_function(BenchmarkId::new("plain read, write, sync", tasks), |bencher| {
        bencher.iter(|| plain(&copy));
    });
    group.finish();
}

fn parse(criterion: &mut Criterion) {
    let tasks = size(100_000);
    let mut text = "# Tasks\n\n".to_owned();
    for number in 0..tasks {
        let id = TaskId::from_random(u64::try_from(number).unwrap() * 7_919);
        writeln!(
            text,
            "- [/] Write part {number} !high @implementer #core ~2h <!-- {id} 5n8x2c -->"
        )
        .unwrap();
    }
    let mut group = criterion.benchmark_group("parse");
    let session = SessionId::from_random(1);
    group.bench_function(BenchmarkId::new("draft", tasks), |bencher| {
        bencher.iter(|| grammar::draft(black_box(&text), DocumentKind::ActiveTasks, session));
    });
    group.bench_function(BenchmarkId::new("plain parse", tasks), |bencher| {
        bencher.iter(|| Parser::new(black_box(&text)).into_offset_iter().count());
    });
    group.finish();
}

fn scan(criterion: &mut Criterion) {
    let files = size(10_000);
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut all = Vec::new();
    for number in 0..files {
        let folder = home.path().join(format!("{}", number / 100));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{number}.md"));
        fs::write(&file, "x").unwrap();
        all.push(file);
    }
    let mut group = criterion.benchmark_group("scan");
    let mut scan = Scan::default();
    let places = [home.path().to_owned()];
    let later = Timestamp(4_000_000_000_000);
    scan.look(&places, later);
    group.bench_function(BenchmarkId::new("look", files), |bencher| {
        bencher.iter(|| assert!(scan.look(&places, later).is_empty()));
    });
    group.bench_function(BenchmarkId::new("plain stat", files), |bencher| {
        bencher.iter(|| all.iter().map(|file| fs::metadata(file).unwrap().len()).sum::<u64>());
    });
    group.finish();
}

/// Whole passes: each looks at everything first.
fn passes(criterion: &mut Criterion) {
    let desk = Desk::new(size(10_000));
    desk.sync();
    let tasks = desk.tasks.len();
    let mut number = 0;
    let mut name = |what: &str| {
        number += 1;
        format!("{what} {number}")
    };
    let mut group = criterion.benchmark_group("pass");
    group.bench_function(BenchmarkId::new("nothing changed", tasks), |bencher| {
        bencher.iter(|| desk.sync());
    });
    group.bench_function(BenchmarkId::new("one field to its document", tasks), |bencher| {
        bencher.iter_custom(|count| {
            (0..count)
                .map(|_| timed(|| desk.retitle(name("Changed by an agent")), || desk.sync()))
                .sum()
        });
    });
    group.bench_function(BenchmarkId::new("one edit to the database", tasks), |bencher| {
        bencher.iter_custom(|count| {
            (0..count)
                .map(|_| timed(|| desk.edit(&name("Edited by a person")), || desk.sync()))
                .sum()
        });
    });
    group.bench_function(BenchmarkId::new("plain read, write, sync", tasks), |bencher| {
        bencher.iter_custom(|count| {
            let copy = desk.home.path().join("copy.md");
            fs::copy(desk.file(), &copy).unwrap();
            (0..count).map(|_| timed(|| (), || plain(&copy))).sum()
        });
    });
    group.finish();
}

/// How long the second takes after the first.
fn timed(before: impl FnOnce(), work: impl FnOnce()) -> Duration {
    before();
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// With a keeper at work, gathering and settling included.
fn live(criterion: &mut Criterion) {
    let desk = Desk::new(size(10_000));
    desk.sync();
    let _keeper = keeper::start(&desk.peer, SyncOptions::default()).unwrap();
    let tasks = desk.tasks.len();
    let mut number = 0;
    let mut name = |what: &str| {
        number += 1;
        format!("{what} {number}")
    };
    // Both sides are quiet before something is changed.
    let quiet = || thread::sleep(Duration::from_millis(700));
    let mut group = criterion.benchmark_group("live");
    group.bench_function(BenchmarkId::new("one field to its document", tasks), |bencher| {
        bencher.iter_custom(|count| {
            let one = |title: String| {
                quiet();
                timed(|| desk.retitle(title.clone()), || until(|| shows(&desk.file(), &title)))
            };
            (0..count).map(|_| one(name("Changed by an agent"))).sum()
        });
    });
    group.bench_function(BenchmarkId::new("one edit to the database", tasks), |bencher| {
        bencher.iter_custom(|count| {
            let one = |title: String| {
                quiet();
                timed(|| desk.edit(&title), || until(|| desk.title() == title))
            };
            (0..count).map(|_| one(name("Edited by a person"))).sum()
        });
    });
    group.finish();
}

fn shows(file: &Path, title: &str) -> bool {
    fs::read_to_string(file).unwrap().contains(title)
}

fn until(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
        thread::sleep(Duration::from_millis(2));
    }
}
