//! Copying through the terminal (OSC 52), which also works over ssh.

use std::io;

use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;

use super::Terminal;

/// Terminals drop longer sequences without a word, so longer texts are not even tried.
pub const COPY_BYTES_MAX: usize = 74_000;

/// What became of a copy. Terminals do not answer, so nothing better can be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// Handed to the terminal, which puts it on the clipboard if it is allowed to.
    Sent,
    /// Too long for terminals; nothing was sent.
    TooLong,
}

impl Terminal {
    /// Asks the terminal to put a text on the clipboard.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<Copied> {
        if COPY_BYTES_MAX < text.len() {
            return Ok(Copied::TooLong);
        }
        execute!(self.inner.backend_mut(), CopyToClipboard::to_clipboard_from(text))?;
        Ok(Copied::Sent)
    }
}
