//! Work with archives: done beside the tasks that answer, told of while it goes on, and stopped when
//! the call is cancelled.

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::backup::{BackupError, Progress, Watch};
use crate::domain::refusal::Refusal;
use crate::mcp::server::CallboardServer;
use crate::peer::Peer;

impl CallboardServer {
    /// Does work that may take long.
    pub(in crate::mcp::tools) async fn working<T: Send + 'static>(
        &self,
        context: &RequestContext<RoleServer>,
        work: impl FnOnce(&Peer, Watch<'_>) -> Result<T, BackupError> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.at_length(context, move |peer, long| {
            let watch = |Progress { done, total, stage }: Progress| {
                long.goes_on(done, total, stage.as_str())
            };
            work(peer, &watch).map_err(Refusal::from)
        })
        .await
    }
}
