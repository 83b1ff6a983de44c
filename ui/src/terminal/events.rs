//! Keys, clicks, pastes and resizes, as a stream that can be laid aside.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt as _;

/// The terminal's events. Paused while somebody else (an editor, the shell) reads the terminal.
pub struct Events(Option<EventStream>);

impl Events {
    /// Starts to read events.
    pub fn start() -> Self {
        Self(Some(EventStream::new()))
    }

    /// The next event; key releases are left out. `None` when the terminal is gone.
    pub async fn next(&mut self) -> Option<io::Result<Event>> {
        loop {
            let event = self.0.as_mut()?.next().await?;
            match event {
                Ok(Event::Key(key)) if key.kind == KeyEventKind::Release => {}
                other => return Some(other),
            }
        }
    }

    /// Takes an event that is already there, without waiting for one.
    ///
    /// The stream keeps the waker of the poll that found nothing, so this must poll with the
    /// waker of the task that waits later: a poll without one would lose the next event.
    pub async fn try_next(&mut self) -> Option<io::Result<Event>> {
        let mut next = pin!(self.next());
        poll_fn(|context| match next.as_mut().poll(context) {
            Poll::Ready(event) => Poll::Ready(event),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// Stops reading, so that an editor or the shell gets every key.
    pub(super) fn pause(&mut self) {
        self.0 = None;
    }

    /// Reads again.
    pub(super) fn resume(&mut self) {
        self.0 = Some(EventStream::new());
    }
}
