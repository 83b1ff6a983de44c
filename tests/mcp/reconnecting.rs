//! A client of the era of sessions that loses the stream of its call, and comes back for the answer.

use std::fmt::Write as _;

use callboard_engine::mcp::http::Endpoint;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::http::{Web, initialize, post, read_until, request, start};
use crate::scene::Scene;

/// A session, as its client knows it.
struct Session {
    here: Endpoint,
    id: String,
}

impl Session {
    async fn begin(here: &Endpoint) -> Self {
        let id = post(here, &[], &initialize()).await.session.unwrap();
        let session = Self { here: here.clone(), id };
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(post(here, &session.headers(), &ready).await.status, 202);
        session
    }

    fn headers(&self) -> [(&str, &str); 2] {
        [("Mcp-Session-Id", &self.id), ("MCP-Protocol-Version", "2025-06-18")]
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let answer = post(&self.here, &self.headers(), &call(tool, &arguments)).await.message();
        answer["result"]["structuredContent"].clone()
    }

    /// Sends a request and leaves its answer on the stream.
    async fn open(&self, method: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let place = self.here.url.strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap();
        let mut stream = TcpStream::connect(place).await.unwrap();
        let mut head = format!(
            "{method} /mcp HTTP/1.1\r\nHost: {place}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in self.headers().iter().chain(headers) {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
        stream
    }
}

fn call(tool: &str, arguments: &Value) -> Value {
    let params = json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments });
    request("tools/call", &params)
}

#[tokio::test]
async fn a_call_goes_on_without_its_stream_and_is_answered_where_the_client_comes_back() {
    let scene = Scene::new();
    let server = start(&scene.peer, false).await;
    let here = server.serving().await.unwrap();
    let session = Session::begin(&here).await;
    session.call("session_create", json!({ "name": "One" })).await;
    let cursor = session.call("events", json!({})).await["cursor"].clone();
    let wait = call("events", &json!({ "cursor": cursor, "wait_seconds": 50 })).to_string();
    let mut stream = session.open("POST", &[], &wait).await;
    // The first event says as what the stream goes on, and how soon to come back.
    let first = read_until(&mut stream, "\n\n").await;
    let id = first.lines().find_map(|line| line.strip_prefix("id:")).unwrap().trim().to_owned();
    assert!(first.contains("retry:"), "{first}");
    drop(stream);
    let mut back = session.open("GET", &[("Last-Event-ID", &id)], "").await;
    read_until(&mut back, "text/event-stream").await;
    Web::new(&here, "other").call("task_create", json!({ "title": "Found again" })).await;
    let answer = read_until(&mut back, "Found again").await;
    assert!(answer.contains("\"result\""), "{answer}");
}
