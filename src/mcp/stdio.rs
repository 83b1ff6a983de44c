//! The server for clients that start their servers themselves, on standard input and output.

pub(in crate::mcp) mod lines;

use std::sync::Arc;

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::server::{CallboardServer, Connection, McpOptions, Transport};
use crate::peer::Peer;
use lines::Lines;

/// Why a server on standard input and output ended before its client did.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    #[error("the client did not begin as the protocol says")]
    Begin { source: Box<ServerInitializeError> },
    #[error("the server failed")]
    Failed { source: tokio::task::JoinError },
}

/// Serves one client on standard input and output until it closes the connection.
///
/// # Errors
///
/// [`StdioError`]; what was acknowledged is kept all the same.
pub async fn serve(peer: Peer, options: McpOptions) -> Result<(), StdioError> {
    let (reader, writer) = stdio_pipes();
    serve_on(peer, options, reader, writer).await
}

/// Serves one client on a pair of pipes. Everything it was told is kept when this returns.
///
/// # Errors
///
/// [`StdioError`]; what was acknowledged is kept all the same.
pub async fn serve_on(
    peer: Peer,
    options: McpOptions,
    reader: impl AsyncRead + Send + Unpin + 'static,
    writer: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), StdioError> {
    let door = peer.door.clone();
    let server = CallboardServer::new(peer, options, Transport::Stdio);
    let connection = server.connection.clone();
    let ended = match server.serve((Lines::new(reader), writer)).await {
        Ok(running) => {
            running.waiting().await.map(|_| ()).map_err(|source| StdioError::Failed { source })
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(source) => Err(StdioError::Begin { source: Box::new(source) }),
    };
    door.flush().await;
    leave(connection).await;
    ended
}

/// Keeps what the connection did where its client went with it.
async fn leave(mut connection: Arc<Connection>) {
    while let Some(elsewhere) = connection.elsewhere.get().cloned() {
        let door = elsewhere.peer.door.clone();
        connection = elsewhere.connection;
        door.flush().await;
    }
}
