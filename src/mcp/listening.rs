//! Telling clients that the prompts are others now, because another mode is in force.
//!
//! Of each process one task follows the feed and notes which mode is in force; it looks at most
//! every 50 ms, and never while nothing happens. Whoever listens waits for that note: it tells what
//! is, so that nothing is missed. Clients of the era of sessions are told from their first word on,
//! those of 2026-07-28 while they listen.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::service::{Peer as Client, SubscriptionContext, SubscriptionSink};
use tokio::sync::{Semaphore, watch};

use super::server::CallboardServer;
use crate::domain::refusal::Refusal;
use crate::peer::Peer;
use crate::query;
use crate::store::Reader;

/// How long changes gather before the mode is looked at again.
const GATHER: Duration = Duration::from_millis(50);
/// Clients of 2026-07-28 that listen at a time, in one process.
const LISTENERS_MAX: usize = 512;

/// The mode in force, by its name and the key of its content.
type InForce = Option<(String, Option<String>)>;

/// Which mode is in force, followed since the first one listened.
#[derive(Debug)]
pub(super) struct ModeWatch {
    noted: OnceLock<watch::Receiver<InForce>>,
    listeners: Semaphore,
}

impl Default for ModeWatch {
    fn default() -> Self {
        Self { noted: OnceLock::new(), listeners: Semaphore::new(LISTENERS_MAX) }
    }
}

impl ModeWatch {
    /// Changes from now on.
    fn changes(&self, peer: &Peer) -> watch::Receiver<InForce> {
        let mut noted = self.noted.get_or_init(|| follow(peer)).clone();
        noted.mark_unchanged();
        noted
    }
}

/// Starts to follow. Ends when nobody can listen any more.
fn follow(peer: &Peer) -> watch::Receiver<InForce> {
    let (mut feed, readers) = (peer.feed(), peer.readers.clone());
    let (notes, noted) = watch::channel(readers.read(in_force).unwrap_or_default());
    tokio::spawn(async move {
        while is_woken(&mut feed, &notes).await {
            // A look that fails is taken again with the next change.
            if let Ok(now) = readers.read(in_force) {
                notes.send_if_modified(|known| std::mem::replace(known, now.clone()) != now);
            }
            tokio::time::sleep(GATHER).await;
        }
    });
    noted
}

/// Waits for a change; false where nobody can hear of it.
async fn is_woken(feed: &mut watch::Receiver<i64>, notes: &watch::Sender<InForce>) -> bool {
    tokio::select! {
        changed = feed.changed() => changed.is_ok(),
        () = notes.closed() => false,
    }
}

fn in_force(reader: &Reader) -> Result<InForce, Refusal> {
    let session = query::sessions::current(reader)?;
    Ok(session.map(|session| (session.mode, session.binding.map(|binding| binding.hash))))
}

impl CallboardServer {
    /// Tells a client of the era of sessions, as long as its connection lasts.
    pub(super) fn tell_of_modes(&self, client: Client<RoleServer>) {
        if self.connection.is_told.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut modes = self.shared.modes.changes(&self.peer);
        // Nothing here holds the connection: its end is what ends this.
        let ended = self.connection.ended.clone();
        let telling = async move {
            // Who was not told is not there any more.
            while modes.changed().await.is_ok() && client.notify_prompt_list_changed().await.is_ok()
            {
            }
        };
        tokio::spawn(ended.run_until_cancelled_owned(telling));
    }

    /// Tells a client of 2026-07-28 as long as it listens.
    pub(super) async fn serve_listener(&self, context: &SubscriptionContext) {
        let Ok(_place) = self.shared.modes.listeners.try_acquire() else { return };
        tokio::select! {
            () = self.tell_listener_of_modes(context.sink()) => {}
            () = self.tell_listener(context.sink()) => {}
            () = context.cancelled() => {}
        }
    }

    async fn tell_listener_of_modes(&self, sink: &SubscriptionSink) {
        let wants_prompts = sink.accepted().prompts_list_changed == Some(true);
        let mut modes = self.shared.modes.changes(&self.peer);
        while modes.changed().await.is_ok() {
            if wants_prompts && sink.notify_prompt_list_changed().await.is_err() {
                return;
            }
        }
    }
}
