//! Looking what is wrong with a huge board, level by level, and making its database smaller and
//! faster; beside what `SQLite` itself takes to check the same file.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and tells")]

#[path = "../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;

use std::time::Instant;

use callboard_engine::clock::Clock;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::upkeep::optimize::{Vacuum, optimize};
use callboard_engine::upkeep::validate::{Aim, Level, validate};
use callboard_engine::upkeep::{Cancel, Work};
use rusqlite::Connection;

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    let sizes: &[i64] = if is_smoke { &[1_000] } else { &[100_000, 1_000_000] };
    for tasks in sizes {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let paths = ProjectPaths::at(home.path());
        paths.prepare().unwrap();
        bulk::fill(&paths.database(), *tasks).unwrap();
        let bytes = std::fs::metadata(paths.database()).unwrap().len();
        println!("{tasks} tasks, a database of {} MB", bytes / 1_000_000);
        tell("SQLite's integrity_check", || {
            let raw = Connection::open(paths.database()).unwrap();
            raw.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap()
        });
        let peer = Peer::open(&paths, Clock::system()).unwrap();
        for level in Level::ALL {
            tell(level.as_str(), || {
                let aim = Aim { level: *level, session: None };
                let found = validate(&peer, aim, Work::quiet(&Cancel::new())).unwrap();
                format!("{} findings", found.len())
            });
        }
        tell("optimize", || {
            let gained = optimize(&peer, Vacuum::IfAlone, Work::quiet(&Cancel::new())).unwrap();
            let longest = gained.steps.iter().map(|step| step.longest_ms).max().unwrap_or(0);
            format!("the longest that anybody waited: {longest} ms")
        });
    }
}

fn tell(what: &str, work: impl FnOnce() -> String) {
    let begun = Instant::now();
    let told = work();
    println!("    {what}: {:.2?}, {told}", begun.elapsed());
}
