//! Lines of a client that cannot be read: too long, nested too deeply, or no JSON at all.
//!
//! The protocol's own reader drops them, and whoever sent one would wait for its answer for ever.
//! Here such a line is replaced by a request of the same id that says why, which the server answers
//! with an error. Notifications and lines without an id have nobody who waits.

mod scan;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

use scan::Scan;

/// Longest line that is read.
const LINE_MAX: usize = 15 * 1024 * 1024;
/// Deepest nesting that the reader of JSON follows.
const DEPTH_MAX: usize = 120;
/// Bytes taken from the client at once.
const CHUNK: usize = 64 * 1024;

/// The method by which a line that cannot be read is told.
pub(in crate::mcp) const UNREADABLE: &str = "callboard/unreadable";

/// The client's lines, those that cannot be read replaced.
pub(super) struct Lines<R> {
    inner: R,
    chunk: Box<[u8]>,
    line: Vec<u8>,
    scan: Scan,
    /// What is whole and checked, from `given` on still to be handed on.
    ready: Vec<u8>,
    given: usize,
}

impl<R> Lines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            chunk: vec![0; CHUNK].into_boxed_slice(),
            line: Vec::new(),
            scan: Scan::default(),
            ready: Vec::new(),
            given: 0,
        }
    }

    /// Takes in what the client sent.
    fn take(&mut self, count: usize) {
        let chunk = std::mem::take(&mut self.chunk);
        let bytes = chunk.get(..count).unwrap_or_default();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.scan.feed(part);
            // What is too long is not kept; the scan goes on to find its id.
            if self.line.len() <= LINE_MAX {
                self.line.extend_from_slice(part);
            }
            if part.ends_with(b"\n") {
                self.pass();
            }
        }
        self.chunk = chunk;
    }

    /// Hands the line on, or what stands for it.
    fn pass(&mut self) {
        let line = std::mem::take(&mut self.line);
        let scan = std::mem::take(&mut self.scan);
        match unreadable(&line, &scan) {
            None => self.ready.extend_from_slice(&line),
            Some(why) => {
                tracing::debug!(why, "a line that cannot be read");
                let told = told(&why, &scan).map(|told| format!("{told}\n"));
                self.ready.extend_from_slice(told.unwrap_or_default().as_bytes());
            }
        }
    }
}

/// Why a line cannot be read.
fn unreadable(line: &[u8], scan: &Scan) -> Option<String> {
    if LINE_MAX < line.len() {
        return Some(format!("the message is longer than {LINE_MAX} bytes; send less at once"));
    }
    if DEPTH_MAX < scan.depth_max() {
        return Some(format!("the message is nested more than {DEPTH_MAX} deep"));
    }
    let error = serde_json::from_slice::<IgnoredAny>(line).err()?;
    Some(format!("the message is not JSON: {error}"))
}

/// The request that stands for a line which cannot be read, if somebody waits for its answer.
fn told(why: &str, scan: &Scan) -> Option<Value> {
    let id: Value = serde_json::from_slice(scan.id()?).ok()?;
    let params = json!({ "why": why });
    Some(json!({ "jsonrpc": "2.0", "id": id, "method": UNREADABLE, "params": params }))
}

impl<R: AsyncRead + Unpin> AsyncRead for Lines<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let lines = &mut *self;
        while lines.ready.len() <= lines.given {
            lines.ready.clear();
            lines.given = 0;
            let mut chunk = ReadBuf::new(&mut lines.chunk);
            ready!(Pin::new(&mut lines.inner).poll_read(context, &mut chunk))?;
            let count = chunk.filled().len();
            if count == 0 {
                return Poll::Ready(Ok(()));
            }
            lines.take(count);
        }
        let rest = lines.ready.get(lines.given..).unwrap_or_default();
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(rest.get(..count).unwrap_or_default());
        lines.given += count;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    async fn read(text: &str) -> String {
        let mut read = String::new();
        Lines::new(text.as_bytes()).read_to_string(&mut read).await.unwrap();
        read
    }

    #[tokio::test]
    async fn what_can_be_read_is_handed_on_as_it_is() {
        for text in ["", "{\"id\":1}\n{}\r\n[]\n", "{\"a\":\"}{\\\"\"}\n"] {
            assert_eq!(read(text).await, text);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_becomes_a_request_that_says_so() {
        let long = format!(
            "{{\"params\":{{\"id\":9,\"x\":\"{}\"}},\"id\":\"seven\"}}\n",
            "x".repeat(LINE_MAX)
        );
        let deep = format!("{{\"id\":7,\"x\":{}{}}}\n", "[".repeat(2000), "]".repeat(2000));
        for (line, id, why) in [
            (long, json!("seven"), "longer than"),
            (deep, json!(7), "nested more than"),
            ("{\"id\": 7 , \"x\":}\n".to_owned(), json!(7), "not JSON"),
            ("{\"id\":7,\"x\":[1}\n".to_owned(), json!(7), "not JSON"),
        ] {
            let told = read(&format!("{line}{{}}\n")).await;
            let (first, second) = told.split_once('\n').unwrap();
            let first: Value = serde_json::from_str(first).unwrap();
            assert_eq!((&first["id"], &first["method"]), (&id, &json!(UNREADABLE)));
            assert!(first["params"]["why"].as_str().unwrap().contains(why), "{first}");
            assert_eq!(second, "{}\n", "the next line is itself");
        }
    }
}
