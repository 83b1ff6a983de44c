//! Agents on the HTTP server that the terminal application runs: it is configured as any other.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use callboard_engine::mcp::http::Endpoint;
use serde_json::{Value, json};

use super::clash::{clash_in, titled};
use super::processes::program::{PATIENCE, wait_until};
use super::terminal::{Screen, project, run};

/// An agent that comes over HTTP.
struct Agent {
    place: String,
    headers: Vec<(&'static str, String)>,
}

impl Agent {
    /// Connects to the server that runs on the project.
    fn connect(project: &Path) -> Self {
        let run = project.join(".task_orchestrator/run");
        let file = run.join("endpoint.json");
        let serving = || Endpoint::read(&file).ok().filter(|endpoint| endpoint.pid.is_some());
        wait_until("the project is served", || serving().is_some());
        let url = serving().unwrap().url;
        let place = url.strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap().to_owned();
        let token = std::fs::read_to_string(run.join("token")).unwrap();
        let mut agent = Self { place, headers: vec![("Authorization", format!("Bearer {token}"))] };
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "web", "version": "1.0" },
        });
        let (head, _) = agent.post(&json!({
            "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params,
        }));
        let session = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
        agent.headers.push(("Mcp-Session-Id", session.unwrap().to_owned()));
        agent.headers.push(("MCP-Protocol-Version", "2025-06-18".to_owned()));
        agent.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        agent
    }

    fn post(&self, body: &Value) -> (String, String) {
        let mut stream = TcpStream::connect(&self.place).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let body = body.to_string();
        let own = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             Content-Length: {}\r\n{}\r\n",
            self.place,
            body.len(),
            own.collect::<String>()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// Calls a tool and returns its data.
    fn call(&self, tool: &str, arguments: &Value) -> Value {
        let params = json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments });
        let (_, body) = self.post(&json!({
            "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params,
        }));
        let mut data = body.lines().map(|line| line.trim().trim_start_matches("data:").trim());
        let message = data.rfind(|text| text.starts_with('{')).unwrap();
        let message: Value = serde_json::from_str(message).unwrap();
        message["result"]["structuredContent"].clone()
    }
}

/// What becomes of a decision that an agent makes on a conflict while the application runs.
fn decided(variables: &[(&str, &str)]) -> (Value, String) {
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Shared"]);
    run(project.path(), &["add", "Write the notes"]);
    let titles = (titled("Write short notes"), titled("Write long notes"));
    clash_in(project.path(), "Write the notes", titles);
    let variables = [&[("CALLBOARD_PORT", "0")], variables].concat();
    let mut screen = Screen::with(project.path(), &[], &variables);
    screen.shows("1 conflict");
    screen.press("4");
    screen.shows("1 of 1 open");
    let agent = Agent::connect(project.path());
    let listed = agent.call("conflict_list", &json!({}));
    let id = &listed["conflicts"][0]["conflict_id"];
    let wanted = json!({ "conflict_id": id, "choice": "theirs" });
    let answer = agent.call("conflict_resolve", &wanted);
    screen.shows(if variables.len() == 1 { "proposes" } else { "No open conflicts" });
    (answer, screen.text())
}

#[test]
fn agents_on_the_server_of_the_application_propose_unless_they_may_decide() {
    let (answer, screen) = decided(&[]);
    assert_eq!((&answer["state"], &answer["decides"]), (&json!("open"), &json!("a person")));
    assert!(screen.contains("web proposes"), "{screen}");
    let (answer, _) = decided(&[("CALLBOARD_CONFLICTS_AGENTS_MAY_RESOLVE", "true")]);
    assert_eq!(answer["state"], "resolved", "{answer}");
}
