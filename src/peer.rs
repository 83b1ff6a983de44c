//! A peer: everything one process has of a project. All processes are equal.

pub(crate) mod bell;
pub(crate) mod presence;

use std::fs::{File, OpenOptions};
use std::{io, thread};

use tokio::sync::{mpsc, watch};

use crate::backup::exchange;
use crate::backup::restore::lock;
use crate::binding::ModeOfCommand;
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::refusal::{Code, Refusal};
use crate::door::writer::Writer;
use crate::door::{Door, QUEUE_MAX, Repeatable, Request};
use crate::paths::ProjectPaths;
pub use crate::store::measure::AgentSeen;
use crate::store::measure::{Call, Failure, Measure};
use crate::store::{self, Readers, Store, StoreError};
use presence::Presence;

/// How long opening a project waits for those who write.
const LOCK_WAIT: std::time::Duration = std::time::Duration::from_secs(10);

/// Why a project could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot prepare {path}")]
    Directory { path: std::path::PathBuf, source: io::Error },
    #[error("cannot take part in the project at {path}")]
    Join { path: std::path::PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot read the project: {0}")]
    Read(Refusal),
    #[error("the database cannot be exchanged for the one that a restore made in {path}")]
    Exchange { path: std::path::PathBuf, source: io::Error },
    #[error("a backup is being restored into it; wait until that has ended")]
    BeingRestored,
    #[error("another process has kept the write lock {path} for too long; look for a stopped one")]
    Locked { path: std::path::PathBuf },
    #[error("cannot start a thread of this process")]
    Thread { source: io::Error },
}

impl OpenError {
    /// Tells whether it is because the database itself is damaged.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_damage(),
            Self::Read(refusal) => store::tells_damage(refusal),
            Self::Directory { .. }
            | Self::Join { .. }
            | Self::Exchange { .. }
            | Self::BeingRestored
            | Self::Locked { .. }
            | Self::Thread { .. } => false,
        }
    }
}

/// One process's hold on a project: the door to change it, readers to see it, the feed to follow it.
#[derive(Debug, Clone)]
pub struct Peer {
    pub door: Door,
    pub readers: Readers,
    pub paths: ProjectPaths,
    pub clock: Clock,
    pub telemetry: Telemetry,
    feed: watch::Receiver<i64>,
    _follower: std::sync::Arc<bell::Follower>,
}

impl Peer {
    /// Opens a project, making it if it is none yet, and starts the writer.
    ///
    /// # Errors
    ///
    /// [`OpenError`], with nothing changed but directories made.
    pub fn open(paths: &ProjectPaths, clock: Clock) -> Result<Self, OpenError> {
        paths
            .prepare()
            .map_err(|source| OpenError::Directory { path: paths.task_orchestrator(), source })?;
        let join = |source| OpenError::Join { path: paths.run(), source };
        let turn = turn(paths)?;
        exchange::carry_out(paths, &|| ())
            .map_err(|source| OpenError::Exchange { path: paths.run(), source })?;
        let store = Store::open(&paths.database());
        turn.unlock().map_err(join)?;
        let store = store?;
        let presence = Presence::join(paths).map_err(join)?;
        let owner = presence.name().to_owned();
        let bell = bell::Bell::open(&paths.bell()).map_err(join)?;
        let readers = Readers::new(paths.database());
        let latest = readers.read(crate::query::changes::latest).map_err(OpenError::Read)?;
        let (sender, feed) = watch::channel(latest);
        let follower = bell::Follower::start(paths, readers.clone(), sender.clone())
            .map_err(|source| OpenError::Thread { source })?;
        let (queue, work) = mpsc::channel(QUEUE_MAX);
        let modes = ModeOfCommand::new(paths, &readers, &clock);
        let door = Door::new(queue, modes.clone());
        let needs_recovery = store.has_transient_sessions();
        let living = presence.living();
        let mut writer = Writer {
            store,
            queue: work,
            turn,
            bell,
            feed: sender,
            clock: clock.clone(),
            owner: owner.clone(),
            presence,
            dead: Vec::new(),
            measures: Vec::new(),
            answered: 0,
        };
        writer.measure_deaths();
        thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| OpenError::Thread { source })?;
        let telemetry = Telemetry { door: door.clone(), clock: clock.clone(), process: owner };
        let peer = Self {
            door,
            readers,
            paths: paths.clone(),
            clock,
            telemetry,
            feed,
            _follower: std::sync::Arc::new(follower),
        };
        if let Some(command) = modes.first_binding() {
            peer.door.submit_nowait(Request::new(Actor::System, command));
        }
        if needs_recovery {
            peer.door
                .submit_nowait(Request::new(Actor::System, Command::RecoverSessions { living }));
        }
        Ok(peer)
    }

    /// The same hold on a database, with the files of another project: of the one that the database
    /// is made for.
    pub(crate) fn with_files_of(self, paths: &ProjectPaths) -> Self {
        Self { paths: paths.clone(), ..self }
    }

    /// The number of the newest change, whichever process made it.
    ///
    /// Level-triggered: a reader that was away looks for changes after the last number it saw.
    /// It also wakes when only measures of agents changed.
    pub fn feed(&self) -> watch::Receiver<i64> {
        self.feed.clone()
    }
}

/// A call that an agent made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    pub agent: String,
    pub tool: &'static str,
    pub elapsed_us: u64,
    /// The code and message of the refusal, if it was refused.
    pub error: Option<(Code, String)>,
}

/// Measures agents and their calls. Never waits; under a flood, measures are dropped.
#[derive(Debug, Clone)]
pub struct Telemetry {
    door: Door,
    clock: Clock,
    process: String,
}

impl Telemetry {
    /// An agent connected, or made itself known.
    pub fn seen(&self, agent: AgentSeen) {
        let at = self.clock.now();
        self.door.measure(Measure::Seen { agent, process: self.process.clone(), at });
    }

    /// An agent's connection closed.
    pub fn gone(&self, name: &str) {
        self.door.measure(Measure::Gone { name: name.to_owned(), at: self.clock.now() });
    }

    /// An agent called a tool.
    pub fn called(&self, call: ToolCall) {
        let error = call.error.map(|(code, message)| (code.as_str().to_owned(), message));
        let at = self.clock.now();
        let ToolCall { agent, tool, elapsed_us, .. } = call;
        self.door.measure(Measure::Called(Call { agent, tool, elapsed_us, error, at }));
    }

    /// Something failed outside of any call: it stands in the log of errors.
    pub fn failed(&self, actor: Actor, source: &str, (code, message): (&str, &str)) {
        let (source, code, message) = (source.to_owned(), code.to_owned(), message.to_owned());
        let at = self.clock.now();
        self.door.measure(Measure::Failed(Failure { actor, source, code, message, at }));
    }

    /// Messages, by their numbers, were handed over.
    pub fn delivered(&self, messages: Vec<i64>) {
        self.door.measure(Measure::Delivered { messages, at: self.clock.now() });
    }

    /// An agent was told which mode is in force.
    pub(crate) fn told_mode(&self, agent: &str, key: String) {
        self.door.measure(Measure::ToldMode { agent: agent.to_owned(), key });
    }

    /// A call that may be repeated was answered; returns when the answer is kept.
    pub(crate) async fn answered(&self, actor: Actor, call: Repeatable, answer: String) {
        let at = self.clock.now();
        self.door.measure(Measure::Answered { actor, call, answer, at });
        self.door.flush().await;
    }
}

/// Draws a random number; ids are made of it.
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|error| {
        // Without randomness ids would collide, which the store refuses; nothing is overwritten.
        tracing::error!(%error, "the system has no randomness");
        0
    })
}

/// The right to write to a project's database, given up when dropped.
///
/// # Errors
///
/// When another process keeps it for too long.
pub(crate) fn turn(paths: &ProjectPaths) -> Result<File, OpenError> {
    let join = |source| OpenError::Join { path: paths.run(), source };
    let file = lock_file(&paths.write_lock()).map_err(join)?;
    locked(file).map_err(join)?.ok_or_else(|| locked_out(paths))
}

/// Locks a file, in its turn; none when that takes too long.
fn locked(file: File) -> io::Result<Option<File>> {
    let (sender, locked) = std::sync::mpsc::sync_channel(1);
    // The system's lock knows no time limit; a thread that comes too late gives it back at once.
    thread::Builder::new().name("lock".to_owned()).spawn(move || {
        sender.send(file.lock().map(|()| file)).ok();
    })?;
    locked.recv_timeout(LOCK_WAIT).ok().transpose()
}

/// Why a project cannot be opened whose lock another process holds.
fn locked_out(paths: &ProjectPaths) -> OpenError {
    if lock::is_taken(paths) {
        return OpenError::BeingRestored;
    }
    OpenError::Locked { path: paths.write_lock() }
}

fn lock_file(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
