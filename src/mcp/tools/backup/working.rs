//! Work with archives: done beside the tasks that answer, told of while it goes on, and stopped when
//! the call is cancelled.

use std::ops::ControlFlow;

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::backup::{BackupError, Progress, Watch};
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::server::{CallboardServer, Caller};
use crate::peer::Peer;

impl CallboardServer {
    /// Does work that may take long.
    pub(in crate::mcp::tools) async fn working<T: Send + 'static>(
        &self,
        context: &RequestContext<RoleServer>,
        work: impl FnOnce(&Peer, Watch<'_>) -> Result<T, BackupError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let caller = context.extensions.get::<Caller>();
        let follow = caller.map(|caller| caller.follow.clone()).unwrap_or_default();
        let peer = self.peer.clone();
        let watch = move |progress: Progress| {
            follow.tell(progress.done, progress.total, progress.stage.as_str());
            let is_over = follow.cancel().is_cancelled();
            if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let done = tokio::task::spawn_blocking(move || work(&peer, &watch));
        match done.await {
            Ok(done) => done.map_err(Refusal::from),
            Err(error) => Err(Refusal::new(Code::StoreFailed, "the work was broken off")
                .with("cause", error.to_string())),
        }
    }
}
