//! Looking after the project for a call: done beside the tasks that answer, told of while it goes on,
//! and broken off when the call is cancelled.

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use super::server::{CallboardServer, Caller};
use crate::domain::refusal::{Code, Refusal};
use crate::peer::Peer;
use crate::upkeep::{Progress, Work};

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
        let caller = context.extensions.get::<Caller>();
        let follow = caller.map(|caller| caller.follow.clone()).unwrap_or_default();
        let peer = self.peer.clone();
        let job = tokio::task::spawn_blocking(move || {
            let tell = |Progress { done, of, what }| follow.tell(done as u64, of as u64, &what);
            work(&peer, Work::told(&tell, follow.cancel()))
        });
        job.await.unwrap_or_else(|error| {
            Err(Refusal::new(Code::StoreFailed, "the work was broken off")
                .with("cause", error.to_string()))
        })
    }
}
