//! Work of a call that takes long: done off the tasks that answer, told of while it goes on, and
//! broken off when the call is cancelled.

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::server::CallboardServer;
use crate::domain::refusal::{Code, Refusal};
use crate::peer::Peer;
use crate::upkeep::{Progress, Work};

/// How often at the most a caller is told how far it is.
const TELL: Duration = Duration::from_millis(200);

impl CallboardServer {
    /// Does long work for a call.
    ///
    /// # Errors
    ///
    /// What the work refuses with.
    pub(super) async fn at_length<T: Send + 'static>(
        &self,
        context: &RequestContext<RoleServer>,
        work: impl FnOnce(&Peer, Work<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (told, mut heard) = watch::channel(None::<Progress>);
        let (peer, cancel) = (self.peer.clone(), context.ct.clone());
        let job = tokio::task::spawn_blocking(move || {
            let tell = |progress| {
                told.send_replace(Some(progress));
            };
            work(&peer, Work::told(&tell, &cancel))
        });
        tokio::pin!(job);
        let mut steps = 0_u32;
        let mut next = Instant::now();
        loop {
            tokio::select! {
                done = &mut job => return done.unwrap_or_else(|error| {
                    Err(Refusal::new(Code::StoreFailed, "the work was broken off")
                        .with("cause", error.to_string()))
                }),
                Ok(()) = heard.changed() => {
                    let progress = heard.borrow_and_update().clone();
                    if let Some(progress) = progress.filter(|_| next <= Instant::now()) {
                        next = Instant::now() + TELL;
                        steps += 1;
                        tell(context, steps, progress).await;
                    }
                }
            }
            // Whoever tells all the time is not listened to all the time.
            if Instant::now() < next && !job.is_finished() {
                sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

async fn tell(context: &RequestContext<RoleServer>, steps: u32, progress: Progress) {
    let Some(token) = context.meta.get_progress_token() else { return };
    let mut note = ProgressNotificationParam::new(token, f64::from(steps));
    note.message = Some(format!("{} of {}: {}", progress.done, progress.of, progress.what));
    // A caller that cannot be told still gets its answer.
    context.peer.notify_progress(note).await.ok();
}
