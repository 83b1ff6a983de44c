//! Ranked search with marked excerpts, on a small and on a huge board, beside the ranking that the
//! index itself offers, in the same run.
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

#[path = "../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;

use std::path::Path;

use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::related::{RelatedQuery, related};
use callboard_engine::query::search::{Scope, SearchQuery, search};
use callboard_engine::store::Readers;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rusqlite::{Connection, OpenFlags};

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = searches }
criterion_main!(benches);

/// What is typed, and the same in the words of the index; none where it has no such thing.
const QUERIES: &[(&str, &str, Option<&str>)] = &[
    ("rare word", "5077", Some("\"5077\"*")),
    ("common word", "task", Some("task")),
    ("common and rare", "task 5077", Some("task \"5077\"*")),
    ("two common", "task sentence", Some("task sentence")),
    ("phrase", "\"what is to be done\"", Some("\"what is to be done\"")),
    ("beginning", "sen", Some("sen*")),
    ("common, in a status", "task status:review", None),
    ("common, of a role", "task role:tester", None),
    ("misspelled", "sentense", None),
];

/// Tasks on a board; a smoke run takes the smallest.
fn sizes() -> &'static [i64] {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    if is_smoke { &[1_000] } else { &[10_000, 1_000_000] }
}

fn searches(criterion: &mut Criterion) {
    for &size in sizes() {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let database = home.path().join("board.db");
        let board = bulk::fill(&database, size).unwrap();
        let readers = Readers::new(database.clone());
        let raw = open(&database);
        for query in QUERIES {
            side_by_side(criterion, query, (&readers, &raw, size));
        }
        let now = Timestamp(1_795_442_400_000);
        let query = SearchQuery { scope: Scope::Current, ..SearchQuery::new("task sentence", now) };
        criterion.bench_function(&format!("two common, in the session/{size}"), |bencher| {
            bencher.iter(|| readers.read(|reader| search(reader, &query)).unwrap());
        });
        let query = RelatedQuery::new(board.middle());
        criterion.bench_function(&format!("related/{size}"), |bencher| {
            bencher.iter(|| readers.read(|reader| related(reader, &query)).unwrap());
        });
    }
}

/// One query, by Callboard and by the index itself.
fn side_by_side(
    criterion: &mut Criterion,
    (name, typed, indexed): &(&str, &str, Option<&str>),
    (readers, raw, size): (&Readers, &Connection, i64),
) {
    let mut group = criterion.benchmark_group(*name);
    let query = SearchQuery::new(*typed, Timestamp(1_795_442_400_000));
    group.bench_function(BenchmarkId::new("callboard", size), |bencher| {
        bencher.iter(|| readers.read(|reader| search(reader, &query)).unwrap());
    });
    if let Some(indexed) = indexed {
        group.bench_function(BenchmarkId::new("bm25 of FTS5", size), |bencher| {
            bencher.iter(|| ranked(raw, indexed).unwrap());
        });
    }
    group.finish();
}

fn open(database: &Path) -> Connection {
    Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// A page as the index itself ranks and marks it.
fn ranked(connection: &Connection, query: &str) -> rusqlite::Result<Vec<(i64, String, String)>> {
    let sql = "SELECT rowid, highlight(task_search, 0, '[', ']'), snippet(task_search, 1, '[', ']', '…', 20)
        FROM task_search WHERE task_search MATCH ? ORDER BY bm25(task_search, 6, 1, 3, 1.5) LIMIT 20";
    connection
        .prepare_cached(sql)?
        .query_map([query], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}
