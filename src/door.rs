//! The door: the only way to change the state.
//!
//! A front end hands in an actor and a command, and gets an outcome or a refusal. Behind the door
//! stands one writer thread per process (see [`writer`]).

mod compose;
mod moves;
pub(crate) mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::binding::ModeOfCommand;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::mode::ModeFor;
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::store::measure::Measure;
pub use crate::store::memory::{Repeatable, print};
use crate::store::tend::{Chore, Tended};

/// Commands that wait for the writer; further senders wait for a place.
pub(crate) const QUEUE_MAX: usize = 1024;

/// How long a request waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// A command, who sends it, and how it is known again when it is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub actor: Actor,
    pub command: Command,
    /// A repeat of the same step of the same call within a day gets the first outcome.
    pub step: Option<Step>,
    /// The mode that was read for a session which is made or taken up again, or why there is none;
    /// the door sees to it.
    pub loaded: Option<Box<Result<ModeFor, Refusal>>>,
}

/// One command of a call that may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub call: Repeatable,
    /// Which of the call's commands it is.
    pub name: String,
}

impl Request {
    /// A request that is new whenever it is sent.
    pub fn new(actor: Actor, command: Command) -> Self {
        Self { actor, command, step: None, loaded: None }
    }

    /// The same request, known again by its step.
    pub fn as_step(self, step: Option<Step>) -> Self {
        Self { step, ..self }
    }
}

/// Whether a request is still to be carried out. It is taken by the writer or withdrawn by whoever
/// waited too long, and never both, so that "nothing was changed" is true when it is said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ticket(Arc<AtomicBool>);

impl Ticket {
    /// Takes the request, to carry it out or to withdraw it; false when the other side has.
    pub(crate) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// What is handed to the writer.
#[derive(Debug)]
pub(crate) enum Work {
    Command {
        request: Box<Request>,
        ticket: Ticket,
        reply: oneshot::Sender<Result<Outcome, Refusal>>,
    },
    Measure(Measure),
    /// Keep everything measured so far, then answer.
    Flush(oneshot::Sender<()>),
    /// A piece of a chore on the database.
    Tend {
        chore: Chore,
        ticket: Ticket,
        reply: oneshot::Sender<Result<Tended, Refusal>>,
    },
}

/// What is waited for, as far as it matters to who has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Restore,
    Else,
}

/// A request that waits in the queue, or is being carried out.
struct HandedIn<T> {
    door: Door,
    asked: Asked,
    ticket: Ticket,
    answer: oneshot::Receiver<Result<T, Refusal>>,
}

impl<T> HandedIn<T> {
    async fn answered(mut self) -> Result<T, Refusal> {
        match timeout(TURN_WAIT, &mut self.answer).await {
            Ok(answered) => answered.map_err(|_| closed())?,
            Err(_) if self.ticket.take() => Err(self.door.no_turn(self.asked)),
            // It is being carried out at this moment.
            Err(_) => self.answer.await.map_err(|_| closed())?,
        }
    }
}

/// Waits for something from outside of any async task.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Refusal> {
    thread_local! {
        static TIMER: Option<Runtime> = Builder::new_current_thread().enable_time().build().ok();
    }
    TIMER.with(|timer| match timer {
        Some(timer) => Ok(timer.block_on(future)),
        None => Err(Refusal::new(Code::Busy, "the system has no room for a timer")),
    })
}

/// Does work on files beside the tasks of the runtime.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|error| {
        Refusal::new(Code::StoreFailed, "the work on files was broken off")
            .with("cause", error.to_string())
    })
}

/// The handle that front ends hold. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Door {
    queue: mpsc::Sender<Work>,
    modes: Arc<ModeOfCommand>,
}

impl Door {
    pub(crate) fn new(queue: mpsc::Sender<Work>, modes: ModeOfCommand) -> Self {
        Self { queue, modes: Arc::new(modes) }
    }

    /// Submits a request. When this returns an outcome, the change is kept: it survives kill -9
    /// and power loss, and every reader can see it.
    ///
    /// # Errors
    ///
    /// The refusal; nothing was changed then. [`Code::Busy`] when the writer had no turn for ten
    /// seconds.
    pub async fn submit(&self, request: Request) -> Result<Outcome, Refusal> {
        if !moves::concerns(&request.command) {
            return self.carry(request).await;
        }
        let actor = request.actor.clone();
        let answered = self.carry(request).await;
        // A move that was led back stands in the log with it.
        let is_logged = |refusal: &Refusal| refusal.details.contains_key(moves::LED);
        if let Err(refusal) = answered.as_ref()
            && !is_logged(refusal)
        {
            self.log_failed_move(actor, refusal).await;
        }
        answered
    }

    async fn carry(&self, mut request: Request) -> Result<Outcome, Refusal> {
        if !ModeOfCommand::concerns(&request.command) {
            return self.hand_in(request).await?.answered().await;
        }
        let (modes, command) = (self.modes.clone(), request.command.clone());
        if let Err(failed) = beside(move || modes.restored(&command)).await? {
            return Err(self.not_restored(&request, *failed).await);
        }
        // What was read wrong is for the rules to refuse: a repeated call is answered all the same.
        let (modes, command) = (self.modes.clone(), request.command.clone());
        let read = beside(move || modes.read(&command)).await?;
        request.loaded = read.transpose().map(Box::new);
        let (modes, command) = (self.modes.clone(), request.command.clone());
        let outcome = self.hand_in(request).await?.answered().await?;
        // It is kept, whatever comes of what follows: that is done again at the next look.
        if let Err(refusal) = beside(move || modes.carried_out(&command)).await {
            tracing::error!(
                "a command was kept, and what follows it was broken off: {}",
                refusal.message
            );
        }
        Ok(outcome)
    }

    async fn hand_in(&self, request: Request) -> Result<HandedIn<Outcome>, Refusal> {
        let is_restore = matches!(request.command, Command::RestoreBackup(_));
        let asked = if is_restore { Asked::Restore } else { Asked::Else };
        let (reply, answer) = oneshot::channel();
        let ticket = Ticket::default();
        let work = Work::Command { request: Box::new(request), ticket: ticket.clone(), reply };
        match timeout(TURN_WAIT, self.queue.send(work)).await {
            Ok(sent) => sent.map_err(|_| closed())?,
            Err(_) => return Err(self.no_turn(asked)),
        }
        Ok(HandedIn { asked, door: self.clone(), ticket, answer })
    }

    /// Submits a request from outside of any async task.
    ///
    /// # Errors
    ///
    /// As [`Self::submit`].
    pub fn submit_blocking(&self, request: Request) -> Result<Outcome, Refusal> {
        block_on(self.submit(request)).unwrap_or_else(Err)
    }

    /// Submits requests together, so that they share commits; the answers are in their order. No
    /// more than a few dozen at once, as others wait for what is carried out together.
    pub fn submit_all_blocking(&self, requests: Vec<Request>) -> Vec<Result<Outcome, Refusal>> {
        let count = requests.len();
        let answered = async {
            let mut handed_in = Vec::with_capacity(count);
            for request in requests {
                handed_in.push(self.hand_in(request).await);
            }
            let mut answers = Vec::with_capacity(count);
            for one in handed_in {
                answers.push(match one {
                    Ok(one) => one.answered().await,
                    Err(refusal) => Err(refusal),
                });
            }
            answers
        };
        block_on(answered).unwrap_or_else(|refusal| vec![Err(refusal); count])
    }

    /// Submits a request whose answer nobody waits for.
    pub(crate) fn submit_nowait(&self, request: Request) {
        let (reply, _) = oneshot::channel();
        let ticket = Ticket::default();
        self.queue.try_send(Work::Command { request: Box::new(request), ticket, reply }).ok();
    }

    /// Hands over a measure, or drops it when the queue is full: measuring never slows work.
    pub(crate) fn measure(&self, measure: Measure) {
        self.queue.try_send(Work::Measure(measure)).ok();
    }

    /// Has one piece of a chore done, in the project's turn.
    ///
    /// # Errors
    ///
    /// When the store fails, or [`Code::Busy`] when the writer had no turn for ten seconds.
    pub async fn tend(&self, chore: Chore) -> Result<Tended, Refusal> {
        let (reply, answer) = oneshot::channel();
        let ticket = Ticket::default();
        let work = Work::Tend { chore, ticket: ticket.clone(), reply };
        match timeout(TURN_WAIT, self.queue.send(work)).await {
            Ok(sent) => sent.map_err(|_| closed())?,
            Err(_) => return Err(self.no_turn(Asked::Else)),
        }
        HandedIn { asked: Asked::Else, door: self.clone(), ticket, answer }.answered().await
    }

    /// Has one piece of a chore done, from outside of any async task.
    ///
    /// # Errors
    ///
    /// As [`Self::tend`].
    pub fn tend_blocking(&self, chore: Chore) -> Result<Tended, Refusal> {
        block_on(self.tend(chore)).unwrap_or_else(Err)
    }

    /// Why there was no turn. A restore does not wait for itself.
    fn no_turn(&self, asked: Asked) -> Refusal {
        if asked == Asked::Else && self.modes.is_being_restored() {
            let message = "a backup is being restored into this project, which takes one long turn; nothing was changed";
            return Refusal::new(Code::Busy, message).suggest(
                "wait until it has ended, look at what is there then, and send the call again",
            );
        }
        let message =
            "another process has kept the project's write lock for too long; nothing was changed";
        Refusal::new(Code::Busy, message)
            .suggest("look for a stopped or hanging callboard process, end it, and try again")
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
