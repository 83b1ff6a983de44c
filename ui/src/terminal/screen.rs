//! What a frame is written to: collected in memory, sent at once, and never after the end.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

/// Collects bytes until they are flushed, and sends them only while the terminal is ours.
///
/// Unlike a `BufWriter` it sends nothing when it is dropped, so a panic in the middle of a frame
/// leaves no half of it on the restored screen.
pub(super) struct Screen {
    buffer: Vec<u8>,
    /// While set, flushing waits: the frame is not whole yet.
    hold: Rc<Cell<bool>>,
}

impl Screen {
    pub(super) fn new(hold: Rc<Cell<bool>>) -> Self {
        Self { buffer: Vec::with_capacity(64 * 1024), hold }
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.hold.get() || self.buffer.is_empty() {
            return Ok(());
        }
        let sent = if super::is_taken() { send(&self.buffer) } else { Ok(()) };
        self.buffer.clear();
        sent
    }
}

fn send(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
