//! The HTTP endpoint: who gets in, both eras, and who serves when the server dies.

use std::fmt::Write as _;
use std::time::Duration;

use callboard_engine::mcp::McpOptions;
use callboard_engine::mcp::http::{self, Endpoint, HttpHandle, HttpOptions};
use callboard_engine::peer::Peer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::wire::modern;
use crate::scene::Scene;

/// Nothing takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn start(peer: &Peer, token_required: bool) -> HttpHandle {
    let options =
        HttpOptions { port: 0, token_required, ..HttpOptions::new(McpOptions::default()) };
    http::start(peer.clone(), options).await.unwrap()
}

fn token(scene: &Scene) -> String {
    std::fs::read_to_string(scene.peer.paths.token()).unwrap()
}

/// What came back: the status, the session it belongs to, the message.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) session: Option<String>,
    cookie: Option<String>,
    body: String,
}

impl Response {
    /// The last message, whether it came alone or in a stream.
    pub(crate) fn message(&self) -> Value {
        let mut events = self.body.lines().filter_map(|line| line.trim().strip_prefix("data:"));
        let last = events.rfind(|data| data.contains("jsonrpc"));
        let text = last.or_else(|| self.body.lines().find(|line| line.starts_with('{'))).unwrap();
        serde_json::from_str(text.trim()).unwrap()
    }
}

/// Posts a message with these headers beside the usual ones.
pub(crate) async fn post(endpoint: &Endpoint, headers: &[(&str, &str)], body: &Value) -> Response {
    let place = endpoint.url.strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap();
    let mut stream = TcpStream::connect(place).await.unwrap();
    let body = body.to_string();
    let mut head = format!(
        "POST /mcp HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n",
        body.len()
    );
    if !headers.iter().any(|(name, _)| *name == "Host") {
        write!(head, "Host: {place}\r\n").unwrap();
    }
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    // Who refuses a body does not read all of it; the answer tells.
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.ok();
    let mut bytes = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let session = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    Response {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        session: session.map(str::to_owned),
        cookie: cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned),
        body: body.to_owned(),
    }
}

pub(crate) fn request(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

pub(crate) fn initialize() -> Value {
    let params = json!({
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": { "name": "web", "version": "1.0" },
    });
    request("initialize", &params)
}

/// An agent of the stateless era.
pub(crate) struct Web {
    endpoint: Endpoint,
    name: String,
}

impl Web {
    pub(crate) fn new(endpoint: &Endpoint, name: &str) -> Self {
        Self { endpoint: endpoint.clone(), name: name.to_owned() }
    }

    /// Calls a tool that must do its work, and returns its data.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let name = format!("orchestrator_{tool}");
        let headers = [
            ("MCP-Protocol-Version", "2026-07-28"),
            ("Mcp-Method", "tools/call"),
            ("Mcp-Name", name.as_str()),
        ];
        let params = json!({ "name": name, "arguments": arguments, "_meta": modern(&self.name) });
        let answer = post(&self.endpoint, &headers, &request("tools/call", &params)).await;
        let message = answer.message();
        assert_eq!(message["result"]["isError"], false, "{message}");
        message["result"]["structuredContent"].clone()
    }

    /// Begins to listen for other prompts; the connection on which they are told.
    pub(crate) async fn listen(&self) -> TcpStream {
        let params = json!({
            "notifications": { "promptsListChanged": true }, "_meta": modern(&self.name),
        });
        let body = request("subscriptions/listen", &params).to_string();
        let place = self.endpoint.url.strip_prefix("http://").unwrap();
        let place = place.strip_suffix("/mcp").unwrap();
        let mut stream = TcpStream::connect(place).await.unwrap();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {place}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: subscriptions/listen\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        stream
    }
}

/// Reads until a text comes.
pub(crate) async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(text) {
        let mut bytes = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut bytes)).await.unwrap().unwrap();
        assert_ne!(read, 0, "the stream ended: {seen}");
        seen.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    seen
}

#[tokio::test]
async fn strangers_stay_outside() {
    let scene = Scene::new();
    let server = start(&scene.peer, true).await;
    let here = server.serving().await.unwrap();
    let right = format!("Bearer {}", token(&scene));
    let wrong = format!("Bearer {}", "0".repeat(64));
    let shorter = right.get(..40).unwrap().to_owned();
    let origin = "http://evil.example";
    for (headers, status) in [
        (vec![], 401),
        (vec![("Authorization", wrong.as_str())], 401),
        (vec![("Authorization", shorter.as_str())], 401),
        (vec![("Authorization", right.as_str()), ("Host", "evil.example")], 403),
        (vec![("Authorization", right.as_str()), ("Origin", origin)], 403),
        (vec![("Authorization", right.as_str()), ("Origin", "http://localhost:5173")], 200),
        (vec![("authorization", right.as_str())], 200),
    ] {
        let response = post(&here, &headers, &initialize()).await;
        assert_eq!(response.status, status, "{headers:?} {response:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let scene = Scene::new();
    let server = start(&scene.peer, false).await;
    let here = server.serving().await.unwrap();
    let params = json!({ "name": "x", "arguments": { "text": "x".repeat(16 << 20) } });
    let response = post(&here, &[], &request("tools/call", &params)).await;
    assert_eq!(response.status, 413, "{response:?}");
}

#[tokio::test]
async fn the_era_of_sessions_is_served() {
    let scene = Scene::new();
    let server = start(&scene.peer, false).await;
    let here = server.serving().await.unwrap();
    let begun = post(&here, &[], &initialize()).await;
    assert_eq!(begun.message()["result"]["protocolVersion"], "2025-06-18");
    let session = begun.session.unwrap();
    let headers = [("Mcp-Session-Id", session.as_str()), ("MCP-Protocol-Version", "2025-06-18")];
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(post(&here, &headers, &ready).await.status, 202);
    let call = json!({ "name": "orchestrator_session_create", "arguments": { "name": "One" } });
    let made = post(&here, &headers, &request("tools/call", &call)).await.message();
    assert_eq!(made["result"]["structuredContent"]["session"]["name"], "One", "{made}");
}

#[tokio::test]
async fn the_stateless_era_is_served() {
    let scene = Scene::new();
    let server = start(&scene.peer, false).await;
    let here = server.serving().await.unwrap();
    let discover = request("server/discover", &json!({ "_meta": modern("web") }));
    let headers =
        |method: &'static str| vec![("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)];
    let found = post(&here, &headers("server/discover"), &discover).await.message();
    assert!(found["result"]["supportedVersions"].is_array(), "{found}");
    let call = json!({
        "name": "orchestrator_session_status", "arguments": {}, "_meta": modern("web"),
    });
    let mut named = headers("tools/call");
    named.push(("Mcp-Name", "orchestrator_session_status"));
    for _ in 0..2 {
        let status = post(&here, &named, &request("tools/call", &call)).await.message();
        assert_eq!(status["result"]["structuredContent"]["agent"], "web", "{status}");
    }
}

#[tokio::test]
async fn two_clients_of_the_stateless_era_that_keep_cookies_are_two_agents() {
    let scene = Scene::new();
    let server = start(&scene.peer, false).await;
    let here = server.serving().await.unwrap();
    let call = json!({
        "name": "orchestrator_session_status", "arguments": {}, "_meta": modern("web"),
    });
    let call = request("tools/call", &call);
    let headers = vec![
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "orchestrator_session_status"),
    ];
    let mut names = Vec::new();
    for _ in 0..2 {
        let cookie = post(&here, &headers, &call).await.cookie.unwrap();
        let with_cookie: Vec<_> =
            headers.iter().copied().chain([("Cookie", cookie.as_str())]).collect();
        let agent = || async {
            let answer = post(&here, &with_cookie, &call).await;
            assert_eq!(answer.cookie, None, "one is enough");
            answer.message()["result"]["structuredContent"]["agent"].clone()
        };
        names.push((agent().await, agent().await));
    }
    assert_eq!(names, [(json!("web"), json!("web")), (json!("web-2"), json!("web-2"))]);
}

#[tokio::test]
async fn one_process_serves_and_the_next_takes_over() {
    let scene = Scene::new();
    let first = start(&scene.peer, true).await;
    let here = first.serving().await.unwrap();
    let file = scene.peer.paths.endpoint_json();
    assert_eq!(Endpoint::read(&file).unwrap(), here);
    let second = start(&scene.other_peer(), true).await;
    assert!(second.endpoint().borrow().is_none(), "one endpoint a project");
    first.stop().await;
    let there = tokio::time::timeout(Duration::from_secs(2), second.serving()).await.unwrap();
    assert_eq!(Endpoint::read(&file).unwrap(), there.unwrap());
}

#[tokio::test]
async fn without_a_token_only_this_machine_may_connect() {
    let scene = Scene::new();
    let address = std::net::Ipv4Addr::UNSPECIFIED.into();
    let open =
        HttpOptions { address, token_required: false, ..HttpOptions::new(McpOptions::default()) };
    assert!(http::start(scene.peer.clone(), open).await.is_err());
}
