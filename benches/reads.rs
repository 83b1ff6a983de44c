//! What is read while somebody waits, on boards from small to huge: the first page of the open
//! tasks, one task, the next task, a word; the page beside the same page by raw `SQLite`.
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

#[path = "../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;

use std::path::Path;

use callboard_engine::domain::lookups::ReadyFilter;
use callboard_engine::domain::task::Status;
use callboard_engine::query::tasks::{self, TaskOrder, TaskQuery, Within};
use callboard_engine::store::Readers;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use rusqlite::{Connection, OpenFlags};

criterion_group!(benches, reads);
criterion_main!(benches);

/// Tasks on a board; a smoke run takes the smallest.
fn sizes() -> &'static [i64] {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    if is_smoke { &[1_000] } else { &[1_000, 100_000, 1_000_000] }
}

fn reads(criterion: &mut Criterion) {
    for &size in sizes() {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let database = home.path().join("board.db");
        let board = bulk::fill(&database, size).unwrap();
        let readers = Readers::new(database.clone());
        page(&mut criterion.benchmark_group("page"), &readers, (board, &database));
        let mut group = criterion.benchmark_group("read");
        group.bench_function(BenchmarkId::new("get", size), |bencher| {
            let id = board.middle();
            bencher.iter(|| readers.read(|reader| tasks::view(reader, id)).unwrap());
        });
        group.bench_function(BenchmarkId::new("next", size), |bencher| {
            let filter = ReadyFilter::default();
            let look = |reader: &_| tasks::next(reader, board.session, &filter, 1);
            bencher.iter(|| readers.read(look).unwrap());
        });
        let text = Some((size / 2).to_string());
        let query = TaskQuery { text, limit: 20, ..TaskQuery::new(board.session) };
        group.bench_function(BenchmarkId::new("word", size), |bencher| {
            bencher.iter(|| readers.read(|reader| tasks::list(reader, &query)).unwrap());
        });
        group.finish();
    }
}

fn page(
    group: &mut BenchmarkGroup<'_, WallTime>,
    readers: &Readers,
    (board, database): (bulk::Board, &Path),
) {
    let open = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
    let query = TaskQuery {
        status: open,
        within: Within::Siblings { group: Some(bulk::Board::group()), parent: None },
        order: TaskOrder::Position,
        limit: 50,
        ..TaskQuery::new(board.session)
    };
    group.bench_function(BenchmarkId::new("callboard", board.tasks), |bencher| {
        bencher.iter(|| readers.read(|reader| tasks::list(reader, &query)).unwrap());
    });
    let connection =
        Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let (session, group_id) = (board.session.to_string(), bulk::Board::group().to_string());
    group.bench_function(BenchmarkId::new("raw SQLite", board.tasks), |bencher| {
        bencher.iter(|| raw_page(&connection, [&session, &group_id]).unwrap());
    });
}

type RawTask = (String, String, String, i64, Option<String>, i64);

/// The columns of a list, read into strings and numbers and nothing else.
fn raw_page(connection: &Connection, keys: [&str; 2]) -> rusqlite::Result<Vec<RawTask>> {
    let sql = "SELECT id, title, status, priority, claim_holder, updated_at FROM tasks
        WHERE session_id = ? AND group_id = ? AND parent_id IS NULL
            AND status IN ('pending', 'active', 'blocked', 'review')
        ORDER BY position, number LIMIT 51";
    connection
        .prepare_cached(sql)?
        .query_map(keys, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })?
        .collect()
}
