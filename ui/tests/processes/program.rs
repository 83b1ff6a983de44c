//! The program's own binary, spoken to in plain lines of JSON.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::clock::Clock;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query::{self, tasks::TaskQuery};
use callboard_engine::store::audit;
use serde_json::{Value, json};

/// Nothing takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Lines of an answer that may wait to be read.
const LINES_MAX: usize = 4096;

/// The program with arguments, in an environment of its own.
fn program(project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.env_clear().env("HOME", project).env("NO_COLOR", "1").current_dir(project);
    command.args(arguments);
    command
}

/// Runs the program to its end.
pub(crate) fn run(project: &Path, arguments: &[&str]) -> Output {
    program(project, arguments).stdin(Stdio::null()).output().unwrap()
}

/// A `callboard mcp` process. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    last_id: u64,
}

impl Server {
    /// Starts a server for an agent of that name and shakes hands with it.
    pub(crate) fn start(project: &Path, agent: &str) -> Self {
        let mut child = program(project, &["mcp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = sync_channel(LINES_MAX);
        thread::spawn(move || {
            let lines = stdout.lines().map_while(Result::ok);
            // Until nobody listens any more.
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        let mut server = Self { child, stdin, lines, last_id: 0 };
        server.request(
            "initialize",
            &json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": agent, "version": "1" },
            }),
        );
        server.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        server
    }

    fn send(&mut self, message: &Value) {
        // A process that was killed does not listen; what it did not answer was not acknowledged.
        self.stdin.as_mut().map(|stdin| writeln!(stdin, "{message}").ok());
    }

    /// Sends a call without waiting for the answer; returns its id.
    pub(crate) fn begin(&mut self, tool: &str, arguments: &Value) -> u64 {
        let params = json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments });
        self.begin_request("tools/call", &params)
    }

    fn begin_request(&mut self, method: &str, params: &Value) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The next message; `None` when the process is gone.
    pub(crate) fn receive(&mut self) -> Option<Value> {
        match self.lines.recv_timeout(PATIENCE) {
            // A line that is cut off by death is no message.
            Ok(line) => serde_json::from_str(&line).ok(),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the server hangs"),
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin_request(method, params);
        loop {
            let message = self.receive().expect("the server is there");
            if message["id"] == id {
                return message;
            }
        }
    }

    /// Calls a tool and returns the whole result.
    pub(crate) fn result(&mut self, tool: &str, arguments: &Value) -> Value {
        let params = json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments });
        let answer = self.request("tools/call", &params);
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// Calls a tool that must do its work, and returns its data.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.result(tool, arguments);
        assert_eq!(result["isError"], false, "{result}");
        result["structuredContent"].clone()
    }

    /// Calls a tool that must refuse, and returns the refusal.
    pub(crate) fn refused(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.result(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["structuredContent"].clone()
    }

    /// Kills the process at once, as `kill -9` does, and waits until it is dead.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Closes the connection and waits until the process has ended by itself.
    pub(crate) fn close(mut self) {
        self.stdin.take();
        while self.receive().is_some() {}
        assert!(self.child.wait().unwrap().success());
    }
}

/// What is on the board of a project, looked at in this process.
pub(crate) struct Board {
    pub peer: Peer,
}

impl Board {
    pub(crate) fn open(project: &Path) -> Self {
        Self { peer: Peer::open(&ProjectPaths::at(project), Clock::system()).unwrap() }
    }

    /// The titles of all tasks of the live session.
    pub(crate) fn titles(&self) -> Vec<String> {
        let session = self.peer.readers.read(query::resolve::live).unwrap();
        let mut query = TaskQuery { limit: 200, ..TaskQuery::new(session) };
        let mut titles = Vec::new();
        loop {
            let look = |reader: &_| query::tasks::list(reader, &query);
            let page = self.peer.readers.read(look).unwrap();
            titles.extend(page.items.into_iter().map(|task| task.title));
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                return titles;
            }
        }
    }

    /// What is wrong with the rows; nothing should be.
    pub(crate) fn findings(&self) -> Vec<String> {
        self.peer.readers.read(audit::findings).unwrap()
    }
}

/// Waits for something that happens by itself, looking again and again.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "still not so: {what}");
        thread::park_timeout(Duration::from_millis(20));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
