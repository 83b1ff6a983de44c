//! The simulated agents of a demo, at work on a thread of their own beside the terminal.

use std::sync::Arc;
use std::thread;

use tokio::runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::agent::{Agent, Office};
use super::luck::Luck;
use crate::cli::failure::Failure;

/// The agents there can be: the names and versions of their client programs.
pub(super) const AGENTS: [(&str, &str); 5] = [
    ("claude-code", "2.1.330"),
    ("codex", "0.169.0"),
    ("cursor", "3.2.0"),
    ("gemini-cli", "0.40.1"),
    ("zed", "0.240.0"),
];

/// Agents at work, until this is dropped.
pub(super) struct Crew {
    stop: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Crew {
    /// Sends so many agents to work.
    pub(super) fn start(agents: usize, office: Office, luck: &mut Luck) -> Result<Self, Failure> {
        let office = Arc::new(office);
        let (stop, stopped) = watch::channel(false);
        let agents: Vec<Agent> = AGENTS
            .iter()
            .take(agents)
            .map(|(name, version)| Agent {
                name,
                version,
                luck: luck.fork(),
                office: Arc::clone(&office),
            })
            .collect();
        let failed = |source| Failure::Io { what: "cannot start the agents".to_owned(), source };
        let runtime =
            runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let work = move || runtime.block_on(oversee(agents, stopped));
        let thread = thread::Builder::new().name("agents".to_owned()).spawn(work);
        Ok(Self { stop, thread: Some(thread.map_err(failed)?) })
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // An agent that panicked has said so by itself.
            thread.join().ok();
        }
    }
}

/// Lets the agents work until they are stopped.
async fn oversee(agents: Vec<Agent>, stopped: watch::Receiver<bool>) {
    let mut working = JoinSet::new();
    for agent in agents {
        working.spawn(attend(agent, stopped.clone()));
    }
    while working.join_next().await.is_some() {}
}

async fn attend(mut agent: Agent, mut stopped: watch::Receiver<bool>) {
    let arrived = tokio::select! {
        arrived = agent.arrive() => arrived,
        _ = stopped.wait_for(|stop| *stop) => return,
    };
    let client = match arrived {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(agent = agent.name, %error, "a simulated agent did not come");
            return;
        }
    };
    tokio::select! {
        ended = agent.work(&client) => {
            if let Err(error) = ended {
                tracing::error!(agent = agent.name, %error, "a simulated agent stopped");
            }
        }
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    client.leave().await;
}
