//! The server for clients that start their servers themselves, on standard input and output.

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;

use super::server::{CallboardServer, McpOptions, Transport};
use crate::peer::Peer;

/// Why a server on standard input and output ended before its client did.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    #[error("the client did not begin as the protocol says")]
    Begin { source: Box<ServerInitializeError> },
    #[error("the server failed")]
    Failed { source: tokio::task::JoinError },
}

/// Serves one client until it closes the connection. Everything it was told is kept by then.
///
/// # Errors
///
/// [`StdioError`]; what was acknowledged is kept all the same.
pub async fn serve(peer: Peer, options: McpOptions) -> Result<(), StdioError> {
    let door = peer.door.clone();
    let server = CallboardServer::new(peer, options, Transport::Stdio);
    let ended = match server.serve(stdio_pipes()).await {
        Ok(running) => {
            running.waiting().await.map(|_| ()).map_err(|source| StdioError::Failed { source })
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(source) => Err(StdioError::Begin { source: Box::new(source) }),
    };
    door.flush().await;
    ended
}
