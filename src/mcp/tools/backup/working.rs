//! Work that takes long: done beside the tasks that answer, told of while it goes on, and stopped
//! when the call is cancelled.

use std::ops::ControlFlow;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use tokio::sync::watch;

use crate::backup::{BackupError, Progress, Watch};
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::server::CallboardServer;
use crate::peer::Peer;

/// How often a client is told at the most.
const TOLD: Duration = Duration::from_millis(200);

impl CallboardServer {
    /// Does work that may take long, and tells the client how far it is where it asked for that.
    pub(super) async fn working<T: Send + 'static>(
        &self,
        context: &RequestContext<RoleServer>,
        work: impl FnOnce(&Peer, Watch<'_>) -> Result<T, BackupError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (says, mut heard) = watch::channel(None::<Progress>);
        let (peer, cancelled) = (self.peer.clone(), context.ct.clone());
        let mut done = tokio::task::spawn_blocking(move || {
            work(&peer, &|progress| {
                says.send_replace(Some(progress));
                if cancelled.is_cancelled() {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })
        });
        let mut steps = 0;
        loop {
            tokio::select! {
                ended = &mut done => {
                    return match ended {
                        Ok(ended) => ended.map_err(Refusal::from),
                        Err(error) => Err(Refusal::new(Code::StoreFailed, "the work was broken off")
                            .with("cause", error.to_string())),
                    };
                }
                Ok(()) = heard.changed() => {
                    let progress = *heard.borrow_and_update();
                    steps += 1;
                    if let Some(progress) = progress {
                        tell(context, steps, progress).await;
                    }
                    tokio::select! {
                        () = tokio::time::sleep(TOLD) => {}
                        () = context.ct.cancelled() => {}
                    }
                }
            }
        }
    }
}

/// Tells how far the work is. The number only ever grows, as the protocol demands; of several stages
/// none knows how long the others take.
async fn tell(context: &RequestContext<RoleServer>, steps: u32, progress: Progress) {
    let Some(token) = context.meta.get_progress_token() else { return };
    let Progress { stage, done, total } = progress;
    let percent = done.saturating_mul(100).checked_div(total);
    let message = match percent {
        Some(percent) => format!("{stage}: {percent} %"),
        None => format!("{stage}: {done}"),
    };
    let told = ProgressNotificationParam::new(token, f64::from(steps)).with_message(message);
    // Whoever does not hear it has no need of it.
    context.peer.notify_progress(told).await.ok();
}
