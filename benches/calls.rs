//! Calls of tools, by one caller and by sixteen at once, over pipes and over HTTP: the board's own
//! beside a tool of the SDK that does nothing, in the same run. The difference is what a call costs
//! here: who calls, the arguments, the look at the board, the inbox, the measure.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may panic")]

#[path = "../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;

use std::time::{Duration, Instant};

use callboard_engine::clock::Clock;
use callboard_engine::mcp::http::{self, HttpHandle, HttpOptions};
use callboard_engine::mcp::{McpOptions, stdio};
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt as _};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream,
};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

criterion_group!(benches, pipes, over_http);
criterion_main!(benches);

const TASKS: i64 = 1_000;
const CALLERS: [u64; 2] = [1, 16];

/// The SDK's server with a tool that does nothing.
#[derive(Clone)]
struct Trivial;

impl ServerHandler for Trivial {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(vec![ContentBlock::text("done")]).into())
    }
}

struct Scene {
    _home: tempfile::TempDir,
    paths: ProjectPaths,
    peer: Peer,
    call: Value,
}

fn scene() -> Scene {
    let home = tempfile::tempdir().unwrap();
    let paths = ProjectPaths::at(home.path());
    paths.prepare().unwrap();
    let board = bulk::fill(&paths.database(), TASKS).unwrap();
    let peer = Peer::open(&paths, Clock::system()).unwrap();
    let arguments = json!({ "task_id": board.middle().to_string() });
    let call = json!({ "name": "orchestrator_task_get", "arguments": arguments });
    Scene { _home: home, paths, peer, call }
}

fn pipes(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let scene = scene();
    let mut group = criterion.benchmark_group("pipes");
    group.throughput(Throughput::Elements(1));
    for callers in CALLERS {
        let mut ours = runtime.block_on(async {
            let (here, there) = tokio::io::duplex(1 << 20);
            let (reader, writer) = tokio::io::split(there);
            tokio::spawn(stdio::serve_on(
                scene.peer.clone(),
                McpOptions::default(),
                reader,
                writer,
            ));
            Pipe::begin(here).await
        });
        group.bench_function(BenchmarkId::new("get a task", callers), |bencher| {
            bencher.iter_custom(|count| runtime.block_on(ours.call(&scene.call, (count, callers))));
        });
        let mut trivial = runtime.block_on(async {
            let (here, there) = tokio::io::duplex(1 << 20);
            tokio::spawn(async move { Trivial.serve(there).await.unwrap().waiting().await });
            Pipe::begin(here).await
        });
        group.bench_function(BenchmarkId::new("the SDK's trivial tool", callers), |bencher| {
            bencher
                .iter_custom(|count| runtime.block_on(trivial.call(&scene.call, (count, callers))));
        });
    }
    group.finish();
}

/// A client that speaks in lines.
struct Pipe {
    stream: BufReader<DuplexStream>,
    line: String,
    /// The number of the last call: no two under way may have the same.
    number: u64,
}

impl Pipe {
    async fn begin(stream: DuplexStream) -> Self {
        let mut pipe = Self { stream: BufReader::new(stream), line: String::new(), number: 0 };
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1" },
        });
        pipe.send(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello }))
            .await;
        pipe.receive().await;
        pipe.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        pipe
    }

    async fn send(&mut self, message: &Value) {
        self.stream.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn send_call(&mut self, call: &Value) {
        self.number += 1;
        let id = self.number;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call }))
            .await;
    }

    async fn receive(&mut self) {
        self.line.clear();
        self.stream.read_line(&mut self.line).await.unwrap();
        assert!(self.line.contains("\"result\""), "{}", self.line);
    }

    /// Calls so often, with so many calls under way.
    async fn call(&mut self, call: &Value, (count, callers): (u64, u64)) -> Duration {
        let begun = Instant::now();
        let ahead = count.min(callers);
        for _ in 0..ahead {
            self.send_call(call).await;
        }
        for _ in ahead..count {
            self.receive().await;
            self.send_call(call).await;
        }
        for _ in 0..ahead {
            self.receive().await;
        }
        begun.elapsed()
    }
}

fn over_http(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let scene = scene();
    let other = tempfile::tempdir().unwrap();
    let other = ProjectPaths::at(other.path());
    other.prepare().unwrap();
    let options = || HttpOptions {
        port: 0,
        token_required: false,
        ..HttpOptions::new(McpOptions::default())
    };
    let (ours, trivial): (HttpHandle, HttpHandle) = runtime.block_on(async {
        let ours = http::start(scene.peer.clone(), options()).await.unwrap();
        (ours, http::host(&other, options(), || Trivial).await.unwrap())
    });
    assert!(scene.paths.endpoint_lock().exists());
    let mut group = criterion.benchmark_group("http");
    group.throughput(Throughput::Elements(1));
    for callers in CALLERS {
        for (what, handle) in [("get a task", &ours), ("the SDK's trivial tool", &trivial)] {
            let url = runtime.block_on(handle.serving()).unwrap().url;
            let mut callers_of: Vec<Web> =
                runtime.block_on(async { join(callers, || Web::connect(url.clone())).await });
            let mut bench = |count| runtime.block_on(all_call(&mut callers_of, &scene.call, count));
            group.bench_function(BenchmarkId::new(what, callers), |bencher| {
                bencher.iter_custom(&mut bench);
            });
        }
    }
    group.finish();
    runtime.block_on(async {
        ours.stop().await;
        trivial.stop().await;
    });
}

async fn join<T, F: Future<Output = T>>(count: u64, make: impl Fn() -> F) -> Vec<T> {
    let mut made = Vec::new();
    for _ in 0..count {
        made.push(make().await);
    }
    made
}

/// Shares so many calls among all callers.
async fn all_call(callers: &mut Vec<Web>, call: &Value, count: u64) -> Duration {
    let number = u64::try_from(callers.len()).unwrap();
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for (index, mut web) in callers.drain(..).enumerate() {
        let own = count / number + u64::from(u64::try_from(index).unwrap() < count % number);
        let call = call.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..own {
                web.call(&call).await;
            }
            web
        }));
    }
    for task in tasks {
        callers.push(task.await.unwrap());
    }
    begun.elapsed()
}

/// A client of the stateless era on a connection that is kept.
struct Web {
    stream: TcpStream,
    place: String,
    bytes: Vec<u8>,
}

impl Web {
    async fn connect(url: String) -> Self {
        let place = url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
        let stream = TcpStream::connect(&place).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, place, bytes: Vec::new() }
    }

    async fn call(&mut self, call: &Value) {
        let mut params = call.clone();
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let body = body.to_string();
        let tool = call["name"].as_str().unwrap();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {}\r\n\r\n",
            self.place,
            body.len()
        );
        self.stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        self.receive().await;
    }

    /// Reads one answer, of known length or in chunks.
    async fn receive(&mut self) {
        self.bytes.clear();
        loop {
            let count = self.stream.read_buf(&mut self.bytes).await.unwrap();
            assert!(0 < count, "the server hung up");
            let text = String::from_utf8_lossy(&self.bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_ascii_lowercase();
            let length = head.split_once("content-length: ").map(|(_, rest)| rest);
            let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
            let whole =
                length.map_or_else(|| body.ends_with("0\r\n\r\n"), |length| length <= body.len());
            if whole {
                assert!(text.contains("\"result\""), "{text}");
                return;
            }
        }
    }
}
