//! The writer: one thread per process, and the only holder of a store for writing.
//!
//! One thread owns the writes so that commands need no locks among themselves: it takes everything
//! that is queued, waits for the project's turn (an operating system lock that queues, because
//! `SQLite`'s own busy polling starves writers for seconds), judges each command under a savepoint,
//! and keeps the batch by one synced commit. Then it tells the feed, then it answers, in this
//! order: whoever was answered can already read the change, and no answer precedes its keeping.

use std::fs::File;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::compose::Composer;
use super::{Request, Ticket, Work};
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::document::DocumentNote;
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::peer::bell::{Bell, Ring};
use crate::peer::presence::Presence;
use crate::store::measure::{self, Measure};
use crate::store::tend::{Chore, Tended};
use crate::store::{Store, Transaction};

/// Most work taken in one turn.
const TURN_MAX: usize = 512;
/// How long a turn waits for those who were answered together to ask together again: far less than a
/// synced commit takes, which they share then.
const GATHER: Duration = Duration::from_micros(200);
/// How long measures may wait for a command's commit to travel with.
const MEASURE_WAIT: Duration = Duration::from_millis(700);
/// How often the writer looks after what time alone changes.
const LOOK_AFTER: Duration = Duration::from_secs(5);

type Reply = oneshot::Sender<Result<Outcome, Refusal>>;
type Chores = (Chore, Ticket, oneshot::Sender<Result<Tended, Refusal>>);
type Submitted = (Box<Request>, Ticket, Reply);

/// All that the writer thread owns.
pub(crate) struct Writer {
    pub store: Store,
    pub queue: mpsc::Receiver<Work>,
    pub turn: File,
    pub bell: Bell,
    pub feed: watch::Sender<i64>,
    pub clock: Clock,
    /// The name of this process among its peers.
    pub owner: String,
    pub presence: Presence,
    /// Peers that died, whose deaths are among the measures.
    pub dead: Vec<String>,
    pub measures: Vec<Measure>,
    /// Commands of the turn before.
    pub answered: usize,
}

/// What one turn takes from the queue.
#[derive(Default)]
struct Turn {
    commands: Vec<Submitted>,
    flushed: Vec<oneshot::Sender<()>>,
    chores: Vec<Chores>,
}

impl Writer {
    /// Works until every door is gone.
    pub(crate) fn run(mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let Ok(runtime) = runtime else {
            tracing::error!("the writer has no timer and ends");
            return;
        };
        let mut looked = Instant::now();
        loop {
            let wait = if self.measures.is_empty() { LOOK_AFTER } else { MEASURE_WAIT };
            let idle = match runtime.block_on(async { timeout(wait, self.queue.recv()).await }) {
                Ok(Some(work)) => {
                    self.take_turn(work);
                    false
                }
                Ok(None) => break,
                Err(_) => true,
            };
            // A writer that is never idle looks after things all the same.
            if idle || LOOK_AFTER <= looked.elapsed() {
                self.look_after();
                looked = Instant::now();
            }
        }
        self.keep_measures();
    }

    fn take_turn(&mut self, first: Work) {
        let mut turn = Turn::default();
        self.gather();
        self.sort(first, &mut turn);
        for _ in 1..TURN_MAX {
            let Ok(work) = self.queue.try_recv() else { break };
            self.sort(work, &mut turn);
        }
        self.answered = turn.commands.len();
        if !turn.commands.is_empty() {
            self.write(turn.commands);
        } else if !turn.flushed.is_empty() {
            self.keep_measures();
        }
        for done in turn.flushed {
            // Who no longer waits needs no answer.
            done.send(()).ok();
        }
        for (chore, ticket, reply) in turn.chores {
            // Who no longer waits needs no answer.
            reply.send(self.tend(chore, &ticket)).ok();
        }
    }

    /// Does a piece of a chore, after the commands of the turn and in a turn of its own.
    fn tend(&mut self, chore: Chore, ticket: &Ticket) -> Result<Tended, Refusal> {
        let turn = MyTurn::wait(&self.turn)?;
        if !ticket.take() {
            return Ok(Tended::default());
        }
        let tended = self.store.tend(chore);
        drop(turn);
        tended
    }

    /// Gives callers that were answered by one commit a moment to share the next one, too.
    fn gather(&self) {
        let begun = Instant::now();
        while self.queue.len() + 1 < self.answered && begun.elapsed() < GATHER {
            std::thread::yield_now();
        }
    }

    fn sort(&mut self, work: Work, turn: &mut Turn) {
        match work {
            Work::Command { request, ticket, reply } => {
                turn.commands.push((request, ticket, reply));
            }
            Work::Measure(measure) => self.measures.push(measure),
            Work::Flush(done) => turn.flushed.push(done),
            Work::Tend { chore, ticket, reply } => turn.chores.push((chore, ticket, reply)),
        }
    }

    /// Waits for the project's turn, judges, keeps, tells, answers.
    fn write(&mut self, mut commands: Vec<Submitted>) {
        let kept = MyTurn::wait(&self.turn).inspect(|_| {
            // Whoever gave up waiting was told that nothing is changed.
            commands.retain(|(_, ticket, _)| ticket.take());
        });
        let (requests, replies): (Vec<_>, Vec<_>) =
            commands.into_iter().map(|(request, _, reply)| (request, reply)).unzip();
        let kept = kept.and_then(|turn| {
            let kept =
                keep(&mut self.store, &mut self.measures, &requests, (&self.clock, &self.owner));
            drop(turn);
            kept
        });
        let answers = match kept {
            Ok((seq, answers)) => {
                self.forget_dead();
                if *self.feed.borrow() != seq {
                    self.feed.send_replace(seq);
                    self.bell.ring(Ring::Changes);
                } else if requests.iter().any(|request| only_notes(&request.command)) {
                    self.feed.send_replace(seq);
                    self.bell.ring(Ring::Measures);
                }
                answers
            }
            Err(refusal) => {
                // Their deaths were not kept either; they are found again at the next look.
                self.dead.clear();
                requests.iter().map(|_| Err(refusal.clone())).collect()
            }
        };
        for (answer, reply) in answers.into_iter().zip(replies) {
            // A caller that went away is not told; its change is kept all the same.
            reply.send(answer).ok();
        }
    }

    /// Looks for peers that died, and tells of them with the next commit.
    pub(crate) fn measure_deaths(&mut self) {
        let at = self.clock.now();
        // In this order: who has agents took part before.
        let mut silent = self.store.processes_of_agents();
        let (living, dead) = self.presence.living_and_dead();
        silent.retain(|process| !living.contains(process));
        self.dead = dead;
        self.dead.extend(silent);
        let died = |process: &String| Measure::Died { process: process.clone(), at };
        self.measures.extend(self.dead.iter().map(died));
    }

    /// Removes what the dead left behind, once their deaths are kept.
    fn forget_dead(&mut self) {
        self.presence.forget(&std::mem::take(&mut self.dead));
    }

    fn keep_measures(&mut self) {
        if self.measures.is_empty() {
            return;
        }
        let turn = MyTurn::wait(&self.turn);
        let kept = turn.and_then(|_turn| {
            keep(&mut self.store, &mut self.measures, &[], (&self.clock, &self.owner))
        });
        match kept {
            Ok((seq, _)) => {
                self.forget_dead();
                self.feed.send_replace(seq);
                self.bell.ring(Ring::Measures);
            }
            Err(refusal) => {
                tracing::warn!(%refusal, "measures were dropped");
                self.measures.clear();
                // They are found again at the next look.
                self.dead.clear();
            }
        }
    }

    /// Frees forfeit claims, marks the agents of dead peers, keeps measures.
    fn look_after(&mut self) {
        self.measure_deaths();
        self.keep_measures();
        if self.store.has_claims_to_free(self.clock.now()) {
            let (reply, _) = oneshot::channel();
            let request = Request::new(Actor::System, Command::FreeClaims);
            self.write(vec![(Box::new(request), Ticket::default(), reply)]);
        }
    }
}

/// Judges requests in one transaction, each under a savepoint, and keeps them by one commit.
fn keep(
    store: &mut Store,
    measures: &mut Vec<Measure>,
    requests: &[Box<Request>],
    (clock, owner): (&Clock, &str),
) -> Result<(i64, Vec<Result<Outcome, Refusal>>), Refusal> {
    let now = clock.now();
    let mut transaction = store.begin()?;
    let answers = requests
        .iter()
        .map(|request| transaction.attempt(|inner| carry_out(inner, request, now, owner)))
        .collect();
    for one in measures.drain(..) {
        // A measure that cannot be kept must not take commands down with it.
        measure::keep(transaction.connection, &one).ok();
    }
    let seq = transaction.commit(now)?;
    Ok((seq, answers))
}

/// Carries out one request inside the transaction.
fn carry_out(
    transaction: &mut Transaction<'_>,
    request: &Request,
    now: crate::domain::time::Timestamp,
    owner: &str,
) -> Result<Outcome, Refusal> {
    let Some(step) = &request.step else {
        return Composer::new(transaction, request, now, owner).carry_out();
    };
    if let Some(outcome) = transaction.recall(&request.actor, &step.call, &step.name)? {
        return Ok(outcome);
    }
    let outcome = Composer::new(transaction, request, now, owner).carry_out()?;
    transaction.remember(&request.actor, &step.call, (&step.name, &outcome), now)?;
    Ok(outcome)
}

/// Tells whether a command changes what is known of documents or backups: that has no entry in the
/// feed, and yet is shown. That something is about to be written is not.
fn only_notes(command: &Command) -> bool {
    if let Command::NoteDocuments { notes } = command {
        return notes.iter().any(|note| !matches!(note, DocumentNote::Intended { .. }));
    }
    matches!(command, Command::NoteBackups { .. })
}

/// The project's turn at writing; given back when dropped.
struct MyTurn<'a>(&'a File);

impl<'a> MyTurn<'a> {
    fn wait(file: &'a File) -> Result<Self, Refusal> {
        file.lock().map_err(|error| {
            Refusal::new(
                Code::StoreFailed,
                "the project's write lock cannot be taken; nothing was changed",
            )
            .with("cause", error.to_string())
        })?;
        Ok(Self(file))
    }
}

impl Drop for MyTurn<'_> {
    fn drop(&mut self) {
        // Closing the file would free it too; the operating system does so when the process dies.
        self.0.unlock().ok();
    }
}
