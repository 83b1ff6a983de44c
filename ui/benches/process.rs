//! The program as a client meets it: from its start to the list of tools, and calls over stdio and
//! over HTTP, on boards from small to huge.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may panic"
)]

#[path = "../../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;
#[path = "../tests/processes/program.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod program;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::paths::ProjectPaths;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use program::{Server, wait_until};
use serde_json::{Value, json};
use tempfile::TempDir;

criterion_group!(benches, start, stdio, in_flight, http);
criterion_main!(benches);

/// Tasks on a board; a smoke run takes the smallest.
fn sizes() -> &'static [i64] {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    if is_smoke { &[1_000] } else { &[1_000, 100_000, 1_000_000] }
}

/// A project on a real disk, with a board of so many tasks.
fn project(tasks: i64) -> (TempDir, bulk::Board) {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let paths = ProjectPaths::at(home.path());
    paths.prepare().unwrap();
    let board = bulk::fill(&paths.database(), tasks).unwrap();
    (home, board)
}

fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.sample_size(50);
    // The same program, started and ended by the system, with nothing to do.
    let nowhere = tempfile::tempdir().unwrap();
    group.bench_function("to nothing", |bencher| {
        bencher.iter(|| assert!(program::run(nowhere.path(), &["--version"]).status.success()));
    });
    for &tasks in sizes() {
        let (home, _) = project(tasks);
        group.bench_function(BenchmarkId::new("to the list of tools", tasks), |bencher| {
            bencher.iter_custom(|count| {
                (0..count).map(|_| start_to_list(home.path())).sum::<Duration>()
            });
        });
    }
    group.finish();
}

fn start_to_list(project: &Path) -> Duration {
    let begun = Instant::now();
    let mut server = Server::start(project, "bench");
    let listed = server.request("tools/list", &json!({}));
    let took = begun.elapsed();
    assert!(listed["result"]["tools"][0]["name"].is_string());
    took
}

fn stdio(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stdio");
    for &tasks in sizes() {
        let (home, board) = project(tasks);
        let mut server = Server::start(home.path(), "bench");
        let mut bench = |what: &str, tool: &str, arguments: Value| {
            group.bench_function(BenchmarkId::new(what, tasks), |bencher| {
                bencher.iter(|| server.call(tool, &arguments));
            });
        };
        let id = board.middle().to_string();
        bench("get", "task_get", json!({ "task_id": id }));
        bench("list", "task_query", json!({}));
        bench("create", "task_create", json!({ "title": "Write the importer" }));
    }
    // What the pipe and the protocol take.
    let (home, _) = project(0);
    let mut server = Server::start(home.path(), "bench");
    group.bench_function("ping", |bencher| {
        bencher.iter(|| assert!(server.request("ping", &json!({}))["result"].is_object()));
    });
    group.finish();
}

/// Creations of one server, eight in flight.
fn in_flight(criterion: &mut Criterion) {
    let (home, _) = project(1_000);
    let mut server = Server::start(home.path(), "bench");
    let mut group = criterion.benchmark_group("stdio");
    group.throughput(Throughput::Elements(1));
    group.bench_function("create, 8 in flight", |bencher| {
        bencher.iter_custom(|count| create_ahead(&mut server, count));
    });
    group.bench_function("create, 8 processes", |bencher| {
        let mut servers: Vec<Server> =
            (0..8).map(|number| Server::start(home.path(), &format!("bench-{number}"))).collect();
        bencher.iter_custom(|count| create_by_all(&mut servers, count));
    });
    group.finish();
}

/// Sends each call when the eighth before it is answered.
fn create_ahead(server: &mut Server, count: u64) -> Duration {
    let begun = Instant::now();
    let arguments = json!({ "title": "Write the importer" });
    let ahead = count.min(8);
    for _ in 0..ahead {
        server.begin("task_create", &arguments);
    }
    for _ in ahead..count {
        server.receive().unwrap();
        server.begin("task_create", &arguments);
    }
    (0..ahead).for_each(|_| drop(server.receive().unwrap()));
    begun.elapsed()
}

fn create_by_all(servers: &mut [Server], count: u64) -> Duration {
    let left = AtomicI64::new(count.cast_signed());
    let begun = Instant::now();
    let arguments = json!({ "title": "Write the importer" });
    let caller = |server: &mut Server| {
        while 0 < left.fetch_sub(1, Ordering::Relaxed) {
            server.call("task_create", &arguments);
        }
    };
    thread::scope(|scope| {
        for server in servers {
            scope.spawn(|| caller(server));
        }
    });
    begun.elapsed()
}

fn http(criterion: &mut Criterion) {
    let (home, board) = project(1_000);
    let mut endpoint = Endpoint::serve(home.path());
    let mut group = criterion.benchmark_group("http");
    let id = board.middle().to_string();
    group.bench_function("get", |bencher| {
        bencher.iter(|| endpoint.call("orchestrator_task_get", &json!({ "task_id": id })));
    });
    group.bench_function("create", |bencher| {
        let arguments = json!({ "title": "Write the importer" });
        bencher.iter(|| endpoint.call("orchestrator_task_create", &arguments));
    });
    group.finish();
}

/// `callboard serve` and one connection to it that is kept.
struct Endpoint {
    child: Child,
    stream: TcpStream,
    place: String,
    token: String,
}

impl Endpoint {
    fn serve(project: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_callboard"))
            .args(["serve", "--port", "0"])
            .current_dir(project)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let paths = ProjectPaths::at(project);
        wait_until("an endpoint", || paths.endpoint_json().exists());
        let said = std::fs::read_to_string(paths.endpoint_json()).unwrap();
        let said: Value = serde_json::from_str(&said).unwrap();
        let url = said["url"].as_str().unwrap();
        let place = url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
        let stream = TcpStream::connect(&place).unwrap();
        stream.set_nodelay(true).unwrap();
        let token = std::fs::read_to_string(paths.token()).unwrap().trim().to_owned();
        Self { child, stream, place, token }
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> usize {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": arguments, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        } })
        .to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n",
            self.place,
            self.token,
            body.len()
        );
        self.stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let answer = self.receive();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("\"isError\":false"),
            "{answer}"
        );
        answer.len()
    }

    /// Reads one answer, of known length or in chunks.
    fn receive(&mut self) -> String {
        let mut bytes = Vec::new();
        let mut part = [0; 16_384];
        loop {
            let count = self.stream.read(&mut part).unwrap();
            assert!(0 < count, "the server hung up: {}", String::from_utf8_lossy(&bytes));
            bytes.extend_from_slice(&part[..count]);
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_ascii_lowercase();
            let length = head.split_once("content-length: ").map(|(_, rest)| rest);
            let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
            let is_whole =
                length.map_or_else(|| body.ends_with("0\r\n\r\n"), |length| length <= body.len());
            if is_whole {
                return text.into_owned();
            }
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
