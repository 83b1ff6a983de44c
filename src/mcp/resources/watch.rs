//! Telling clients that a resource they watch says something else now.
//!
//! What is watched is compared, not what happened: after a change of the board, and at most every
//! 250 ms, whatever is watched is read again, and who watches it is told where it says something
//! else. So nothing is missed, however a change came about, and many changes are told as one.
//! Documents and modes are files, which change without the board: while one is watched, it is
//! looked at every two seconds too.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rmcp::model::{ResourceUpdatedNotificationParam, SubscriptionFilter};
use rmcp::service::{Peer as Client, SubscriptionSink};
use rmcp::{ErrorData, RoleServer};
use tokio::sync::{Notify, watch};

use super::name::{Named, URI_MAX};
use super::read::content;
use crate::domain::actor::Actor;
use crate::mcp::server::CallboardServer;
use crate::peer::Peer;

/// Resources that one client watches.
const WATCHED_MAX: usize = 64;
/// How long changes gather.
const GATHER: Duration = Duration::from_millis(250);
/// How often files are looked at.
const FILES: Duration = Duration::from_secs(2);
/// The schemes of what this server may have.
const OURS: [&str; 2] = ["callboard", "file"];

/// What a resource said, by its hash; none where it is not there.
type Said = Option<blake3::Hash>;

/// The resources that a client of the era of sessions watches, by what they said last.
// Of one connection, not of the board.
#[derive(Debug, Default)]
pub(in crate::mcp) struct Watching {
    said: RwLock<BTreeMap<String, Said>>,
    /// Rung where others are watched.
    others: Notify,
    is_told: AtomicBool,
}

impl Watching {
    fn set<T>(&self, change: impl FnOnce(&mut BTreeMap<String, Said>) -> T) -> T {
        change(&mut self.said.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn uris(&self) -> Vec<String> {
        self.set(|known| known.keys().cloned().collect())
    }
}

/// The part of a listener's wishes that is granted. What is not there yet may come to be.
pub(in crate::mcp) fn accepted(requested: &SubscriptionFilter) -> SubscriptionFilter {
    let uris = requested.resource_subscriptions.iter().flatten();
    let ours = uris.filter(|uri| Named::read(uri).is_some()).take(WATCHED_MAX).cloned();
    SubscriptionFilter::builder().prompts_list_changed().resource_subscriptions(ours).build()
}

impl CallboardServer {
    /// Watches a resource for a client of the era of sessions, as long as its connection lasts.
    pub(in crate::mcp) async fn watch(
        &self,
        uri: String,
        client: Client<RoleServer>,
    ) -> Result<(), ErrorData> {
        let watching = &self.connection.watching;
        let refuse = |why: String| Err(ErrorData::invalid_params(why, None));
        if URI_MAX < uri.len() {
            return refuse(format!("a URI has at most {URI_MAX} bytes"));
        }
        self.is_readable(&uri).await?;
        let said = said(&self.peer, vec![uri.clone()]).await.into_iter().next();
        let full = watching.set(|known| {
            let full = WATCHED_MAX <= known.len() && !known.contains_key(&uri);
            if !full {
                known.insert(uri, said.and_then(|(_, said)| said));
            }
            full
        });
        if full {
            return refuse(format!("{WATCHED_MAX} resources are watched already; end one first"));
        }
        watching.others.notify_one();
        if !watching.is_told.swap(true, Ordering::Relaxed) {
            self.tell_of_resources(client);
        }
        Ok(())
    }

    /// Refuses to watch what is named as a board's or a file's and cannot be read, as reading it does;
    /// what every board has may be empty yet. Of other schemes there is never anything to tell here.
    async fn is_readable(&self, uri: &str) -> Result<(), ErrorData> {
        let is_always_there = matches!(Named::read(uri), Some(Named::Current | Named::Conflicts));
        let is_foreign = uri.split_once(':').is_some_and(|(scheme, _)| !OURS.contains(&scheme));
        if is_always_there || is_foreign {
            return Ok(());
        }
        self.resource(Actor::System, uri.to_owned()).await.map(drop)
    }

    /// Ends watching a resource.
    pub(in crate::mcp) fn unwatch(&self, uri: &str) {
        self.connection.watching.set(|known| known.remove(uri));
    }

    /// Tells a client as long as its connection lasts.
    fn tell_of_resources(&self, client: Client<RoleServer>) {
        // Nothing here holds the connection: its end is what ends this.
        let ended = self.connection.ended.clone();
        let telling = follow(self.peer.clone(), self.connection.watching.clone(), client);
        tokio::spawn(ended.run_until_cancelled_owned(telling));
    }

    /// Tells a client of 2026-07-28 for ever; whoever calls ends it.
    pub(in crate::mcp) async fn tell_listener(&self, sink: &SubscriptionSink) {
        let uris: Vec<String> = sink.accepted().resource_subscriptions.clone().unwrap_or_default();
        if uris.is_empty() {
            return std::future::pending().await;
        }
        let (mut feed, others) = (self.peer.feed(), Notify::new());
        let mut known: BTreeMap<String, Said> =
            said(&self.peer, uris.clone()).await.into_iter().collect();
        while wait(&mut feed, &uris, &others).await {
            let changed = changed(&mut known, said(&self.peer, uris.clone()).await);
            for uri in changed {
                // Who was not told has stopped listening, which ends this.
                sink.notify_resource_updated(uri).await.ok();
            }
        }
    }
}

/// Tells a client of the era of sessions what it watches, until it is gone.
async fn follow(peer: Peer, watching: Arc<Watching>, client: Client<RoleServer>) {
    let mut feed = peer.feed();
    // What changed since it was looked at is found by the first look.
    feed.mark_changed();
    while wait(&mut feed, &watching.uris(), &watching.others).await {
        let now = said(&peer, watching.uris()).await;
        let changed = watching.set(|known| changed(known, now));
        if !tell(&client, changed).await {
            return;
        }
    }
}

/// Tells a client of the era of sessions; false where it is not there any more.
async fn tell(client: &Client<RoleServer>, changed: Vec<String>) -> bool {
    for uri in changed {
        let update = ResourceUpdatedNotificationParam::new(uri);
        if client.notify_resource_updated(update).await.is_err() {
            return false;
        }
    }
    true
}

/// Waits for a change of the board or of what is watched, or until files are due; false where the
/// board is gone.
async fn wait(feed: &mut watch::Receiver<i64>, uris: &[String], others: &Notify) -> bool {
    let is_file = |uri: &String| {
        matches!(
            Named::read(uri),
            Some(Named::Document { .. } | Named::Mode(_) | Named::Artifact(_))
        )
    };
    let files = async {
        if uris.iter().any(is_file) {
            tokio::time::sleep(FILES).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let there = tokio::select! {
        changed = feed.changed() => changed.is_ok(),
        () = files => true,
        () = others.notified() => true,
    };
    tokio::time::sleep(GATHER).await;
    feed.mark_unchanged();
    there
}

/// What resources say now.
async fn said(peer: &Peer, uris: Vec<String>) -> Vec<(String, Said)> {
    let peer = peer.clone();
    let looked = tokio::task::spawn_blocking(move || {
        let look = |uri: String| {
            let named = Named::read(&uri);
            let read = named.and_then(|named| content(&peer, &Actor::System, &named).ok());
            (uri, read.map(|content| blake3::hash(content.text.as_bytes())))
        };
        uris.into_iter().map(look).collect()
    });
    // A look that was broken off is taken again with the next change.
    looked.await.unwrap_or_default()
}

/// The resources that say something else than before.
fn changed(known: &mut BTreeMap<String, Said>, now: Vec<(String, Said)>) -> Vec<String> {
    let mut changed = Vec::new();
    for (uri, said) in now {
        // Ended in the meantime: nobody wants to know.
        if let Some(before) = known.get_mut(&uri)
            && *before != said
        {
            *before = said;
            changed.push(uri);
        }
    }
    changed
}
