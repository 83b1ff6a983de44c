//! The door: the only way to change the state.
//!
//! A front end hands in an actor and a command, and gets an outcome or a refusal. Behind the door
//! stands one writer thread per process (see [`writer`]).

pub(crate) mod writer;

use tokio::sync::{mpsc, oneshot};

use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::store::measure::Measure;

/// Commands that wait for the writer; further senders wait for a place.
pub(crate) const QUEUE_MAX: usize = 1024;

/// A command, who sends it, and how it is known again when it is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub actor: Actor,
    pub command: Command,
    /// A repeat with the same key within a day gets the first answer.
    pub idempotency_key: Option<String>,
}

impl Request {
    /// A request without an idempotency key.
    pub fn new(actor: Actor, command: Command) -> Self {
        Self { actor, command, idempotency_key: None }
    }

    /// The same request, known by a key.
    pub fn with_key(self, key: Option<String>) -> Self {
        Self { idempotency_key: key, ..self }
    }
}

/// What is handed to the writer.
#[derive(Debug)]
pub(crate) enum Work {
    Command {
        request: Box<Request>,
        reply: oneshot::Sender<Result<Outcome, Refusal>>,
    },
    Measure(Measure),
    /// Keep everything measured so far, then answer.
    Flush(oneshot::Sender<()>),
}

/// The handle that front ends hold. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Door {
    queue: mpsc::Sender<Work>,
}

impl Door {
    pub(crate) fn new(queue: mpsc::Sender<Work>) -> Self {
        Self { queue }
    }

    /// Submits a request. When this returns an outcome, the change is kept: it survives kill -9
    /// and power loss, and every reader can see it.
    ///
    /// # Errors
    ///
    /// The refusal; nothing was changed then.
    pub async fn submit(&self, request: Request) -> Result<Outcome, Refusal> {
        let (reply, answer) = oneshot::channel();
        let work = Work::Command { request: Box::new(request), reply };
        self.queue.send(work).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Submits a request from outside of any async task.
    ///
    /// # Errors
    ///
    /// The refusal; nothing was changed then.
    pub fn submit_blocking(&self, request: Request) -> Result<Outcome, Refusal> {
        let (reply, answer) = oneshot::channel();
        let work = Work::Command { request: Box::new(request), reply };
        self.queue.blocking_send(work).map_err(|_| closed())?;
        answer.blocking_recv().map_err(|_| closed())?
    }

    /// Submits a request whose answer nobody waits for.
    pub(crate) fn submit_nowait(&self, request: Request) {
        let (reply, _) = oneshot::channel();
        self.queue.try_send(Work::Command { request: Box::new(request), reply }).ok();
    }

    /// Hands over a measure, or drops it when the queue is full: measuring never slows work.
    pub(crate) fn measure(&self, measure: Measure) {
        self.queue.try_send(Work::Measure(measure)).ok();
    }

    /// Waits until everything handed in so far is kept.
    pub async fn flush(&self) {
        let (reply, done) = oneshot::channel();
        if self.queue.send(Work::Flush(reply)).await.is_ok() {
            // The writer is gone only when the program ends; then there is nothing to wait for.
            done.await.ok();
        }
    }
}

fn closed() -> Refusal {
    Refusal::new(Code::Busy, "the program is shutting down")
}
