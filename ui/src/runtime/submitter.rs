//! The person's commands on their way to the door.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::Command;
use callboard_engine::door::Request;
use callboard_engine::peer::Peer;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::app::Message;

/// Commands under way at most.
const COMMANDS_MAX: usize = 256;

/// Sends the person's commands to the door, one after the other, while the screen goes on.
pub(super) struct Submitter {
    commands: mpsc::Sender<(Command, String)>,
    answer: mpsc::Sender<Message>,
    pub(super) answers: mpsc::Receiver<Message>,
    work: JoinHandle<()>,
    /// What goes on beside the commands.
    asides: JoinSet<()>,
}

impl Submitter {
    pub(super) fn start(peer: Peer) -> Self {
        let (commands, mut wanted) = mpsc::channel::<(Command, String)>(COMMANDS_MAX);
        let (answer, answers) = mpsc::channel(COMMANDS_MAX);
        let told = answer.clone();
        let work = tokio::spawn(async move {
            while let Some((command, what)) = wanted.recv().await {
                let result = Box::new(peer.door.submit(Request::new(Actor::Human, command)).await);
                // Nobody listens any more when the program ends; the command is carried out all the same.
                told.send(Message::Answered { what, result }).await.ok();
            }
        });
        Self { commands, answer, answers, work, asides: JoinSet::new() }
    }

    /// Sends a command; `false` when too many are under way.
    pub(super) fn submit(&self, command: Command, what: String) -> bool {
        self.commands.try_send((command, what)).is_ok()
    }

    /// Does something that may take a moment beside the commands, and hands its message on.
    pub(super) fn aside(&mut self, work: impl FnOnce() -> Message + Send + 'static) {
        while self.asides.try_join_next().is_some() {}
        let answer = self.answer.clone();
        self.asides.spawn_blocking(move || {
            // Nobody listens any more when the program ends; `finish` waits for it all the same.
            answer.blocking_send(work()).ok();
        });
    }

    /// The same for what tells, while it goes on, how far it is; that is dropped where much is waiting.
    pub(super) fn telling(
        &mut self,
        work: impl FnOnce(&(dyn Fn(Message) + Sync)) -> Message + Send + 'static,
    ) {
        let told = self.answer.clone();
        self.aside(move || {
            work(&|message| {
                told.try_send(message).ok();
            })
        });
    }

    /// Waits for what is under way: what could be called off has been, and a backup or a restore
    /// that is past that is not broken off.
    pub(super) async fn finish(mut self) {
        drop(self.commands);
        drop(self.answers);
        while self.asides.join_next().await.is_some() {}
        if self.work.await.is_err() {
            tracing::error!("the task that sends commands has panicked");
        }
    }
}
