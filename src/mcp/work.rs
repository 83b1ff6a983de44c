//! Work of a call that takes long: its caller is told how far it is, and it stops when nobody waits
//! for it any more.
//!
//! Work runs on threads that may block, and says how far it is by a plain function. What was said
//! last is told at most every 100 ms, and only to a caller that asked to be told.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer as Client, RequestContext};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The time between two words to the caller.
const PAUSE: Duration = Duration::from_millis(100);

/// How far the work is.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    done: f64,
    total: Option<f64>,
    what: String,
}

/// Numbers only ever grow on the wire: a part of the work that counts anew counts on.
#[derive(Debug, Default)]
struct Count {
    before: f64,
    last: f64,
}

impl Count {
    /// A number of this part as one of all parts.
    fn on(&mut self, done: f64) -> f64 {
        if done < self.last {
            self.before += self.last;
        }
        self.last = done;
        self.before + done
    }
}

/// Who follows the work of a call. Clones follow the same work.
#[derive(Debug, Clone, Default)]
pub(super) struct Follow {
    told: Option<Arc<watch::Sender<Option<Told>>>>,
    // Of one call: only its own work counts here.
    count: Arc<RwLock<Count>>,
    cancel: CancellationToken,
}

impl Follow {
    /// Follows the work of a request, until the returned task is aborted.
    pub(super) fn of(context: &RequestContext<RoleServer>) -> (Self, Option<Telling>) {
        let cancel = context.ct.clone();
        let Some(token) = context.meta.get_progress_token() else {
            return (Self { cancel, ..Self::default() }, None);
        };
        let (sender, told) = watch::channel(None::<Told>);
        let task = tokio::spawn(tell(context.peer.clone(), token, told));
        let follow = Self { told: Some(Arc::new(sender)), cancel, ..Self::default() };
        (follow, Some(Telling(task)))
    }

    /// Says how far the work is; a total of 0 is not known.
    #[expect(clippy::cast_precision_loss, reason = "progress is told in approximate numbers")]
    pub(super) fn tell(&self, done: u64, total: u64, what: &str) {
        let Some(told) = &self.told else { return };
        let mut count = self.count.write().unwrap_or_else(PoisonError::into_inner);
        let done = count.on(done as f64);
        let total = (0 < total).then_some(count.before + total as f64);
        told.send_replace(Some(Told { done, total, what: what.to_owned() }));
    }

    /// Cancelled when nobody waits for the work any more.
    pub(super) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }
}

/// Tells the caller what was said last, as long as anything is said.
async fn tell(
    client: Client<RoleServer>,
    token: ProgressToken,
    mut told: watch::Receiver<Option<Told>>,
) {
    let mut sent = f64::NEG_INFINITY;
    while told.changed().await.is_ok() {
        let now = told.borrow_and_update().clone();
        if let Some(now) = now.filter(|now| sent < now.done) {
            sent = now.done;
            let mut progress = ProgressNotificationParam::new(token.clone(), now.done);
            progress.total = now.total;
            progress.message = Some(now.what);
            // A caller that cannot be told still gets its answer.
            client.notify_progress(progress).await.ok();
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The task that tells the caller; ends when dropped, so that nothing is told after the answer.
#[derive(Debug)]
pub(super) struct Telling(tokio::task::JoinHandle<()>);

impl Drop for Telling {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_count_anew_count_on() {
        let mut count = Count::default();
        let told: Vec<u64> = [0.0, 5.0, 10.0, 1.0, 3.0, 0.0, 2.0]
            .into_iter()
            .map(|done| count.on(done).round().abs().to_string().parse().unwrap())
            .collect();
        assert_eq!(told, [0, 5, 10, 11, 13, 13, 15]);
    }
}
