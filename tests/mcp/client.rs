//! A client that speaks the protocol in plain lines, over a pair of pipes in memory.

use std::time::Duration;

use callboard_engine::mcp::{McpOptions, stdio};
use callboard_engine::peer::Peer;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};

/// Nothing takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
    last_id: u64,
}

impl Client {
    /// A pair of pipes to a server of its own, before anything was said.
    pub(crate) fn connect(peer: &Peer, options: McpOptions) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (their_reader, their_writer) = tokio::io::split(theirs);
        tokio::spawn(stdio::serve_on(peer.clone(), options, their_reader, their_writer));
        let (reader, writer) = tokio::io::split(ours);
        Self { lines: BufReader::new(reader).lines(), writer, last_id: 0 }
    }

    /// A client of that name which has begun in the manner of 2025-06-18.
    pub(crate) async fn named(peer: &Peer, name: &str) -> Self {
        let mut client = Self::connect(peer, McpOptions::default());
        client.initialize(name, "2025-06-18").await;
        client
    }

    pub(crate) async fn initialize(&mut self, name: &str, version: &str) -> Value {
        let params = json!({
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": { "name": name, "version": "1.0" },
        });
        let answer = self.request("initialize", params).await;
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        answer["result"].clone()
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.writer.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    /// The next message from the server.
    pub(crate) async fn receive(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.unwrap().unwrap();
        serde_json::from_str(&line.expect("the server is there")).unwrap()
    }

    /// Sends a request and returns the answer to it; notifications in between are passed over.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        loop {
            let message = self.receive().await;
            if message["id"] == id {
                return message;
            }
        }
    }

    /// Calls a tool and returns the whole result.
    pub(crate) async fn result(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments });
        let answer = self.request("tools/call", params).await;
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// Calls a tool that must do its work, and returns its data.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.result(tool, arguments).await;
        assert_eq!(result["isError"], json!(false), "{result}");
        assert_eq!(result["content"], json!([]), "data comes once");
        result["structuredContent"].clone()
    }

    /// Calls a tool that must refuse, and returns the refusal.
    pub(crate) async fn refused(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.result(tool, arguments).await;
        assert_eq!(result["isError"], json!(true), "{result}");
        let mut refusal = result["structuredContent"].clone();
        refusal.as_object_mut().unwrap().retain(|name, _| name != "inbox" && name != "kept");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), refusal);
        refusal
    }
}
