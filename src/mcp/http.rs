//! The server for everybody else, over streamable HTTP on loopback.
//!
//! Of all processes of a project one serves HTTP: the one that holds `run/endpoint.lock`. The others
//! wait for the lock in a thread of their own, so that when the holder dies, however it dies, the
//! operating system itself hands the endpoint to the next.

mod endpoint;
mod guard;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::server::{CallboardServer, McpOptions, Transport};
use crate::paths::ProjectPaths;
use crate::peer::Peer;
pub use endpoint::Endpoint;
use guard::Guard;
pub(super) use guard::cookie_of;

/// The port that is tried first.
pub const PORT: u16 = 7420;
/// Largest body of a request: work handed in with five megabytes fits, and a text of ten is refused
/// as such, in words.
const BODY_MAX: usize = 15 * 1024 * 1024;
/// How long a session of the older protocols may be silent. Agents think and build for hours.
const SILENT: Duration = Duration::from_secs(4 * 60 * 60);

/// What the HTTP server is started with.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub mcp: McpOptions,
    /// Where to listen; anything but loopback needs the token.
    pub address: IpAddr,
    /// The port to try first; 0 lets the system choose.
    pub port: u16,
    /// Whether callers must send the token of `run/token`.
    pub token_required: bool,
}

impl HttpOptions {
    /// Loopback, the usual port, with a token.
    pub fn new(mcp: McpOptions) -> Self {
        Self { mcp, address: Ipv4Addr::LOCALHOST.into(), port: PORT, token_required: true }
    }
}

/// Why the HTTP server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("cannot keep the token in {path}")]
    Token { path: std::path::PathBuf, source: io::Error },
    #[error("cannot compete for the endpoint by {path}")]
    Lock { path: std::path::PathBuf, source: io::Error },
    #[error("the token cannot be switched off where others than this machine can connect")]
    Open,
}

/// The HTTP server of this process, or its wait for being the one. Ends when dropped.
#[derive(Debug)]
pub struct HttpHandle {
    endpoint: watch::Receiver<Option<Endpoint>>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl HttpHandle {
    /// Where this process serves; none while another process does.
    pub fn endpoint(&self) -> watch::Receiver<Option<Endpoint>> {
        self.endpoint.clone()
    }

    /// Waits until this process serves, and says where. None when it was stopped first.
    pub async fn serving(&self) -> Option<Endpoint> {
        let mut endpoint = self.endpoint();
        endpoint.wait_for(Option::is_some).await.ok().and_then(|found| found.clone())
    }

    /// Stops serving, lets calls that are under way end, and gives the endpoint away.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // A task that failed has ended as well.
        (&mut self.task).await.ok();
    }
}

impl Drop for HttpHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Begins to compete for the endpoint, and serves as soon as and as long as it is this process's.
///
/// # Errors
///
/// [`HttpError`]; nothing listens then.
pub async fn start(peer: Peer, options: HttpOptions) -> Result<HttpHandle, HttpError> {
    let paths = peer.paths.clone();
    let server = CallboardServer::new(peer, options.mcp.clone(), Transport::Http);
    host(&paths, options, move || server.connect(Transport::Http)).await
}

/// Serves another handler in the same way: behind the same guard, with the same sessions and bounds.
///
/// # Errors
///
/// [`HttpError`]; nothing listens then.
#[expect(clippy::unused_async, reason = "it must be called within a runtime, which this shows")]
pub async fn host<S: ServerHandler>(
    paths: &ProjectPaths,
    options: HttpOptions,
    make: impl Fn() -> S + Send + Sync + 'static,
) -> Result<HttpHandle, HttpError> {
    if !options.token_required && !options.address.is_loopback() {
        return Err(HttpError::Open);
    }
    let guard = if options.token_required {
        let path = paths.token();
        let token = guard::token(&path).map_err(|source| HttpError::Token { path, source })?;
        Guard::demanding(token)
    } else {
        Guard::open()
    };
    let path = paths.endpoint_lock();
    let turn = endpoint::compete(&path)
        .map_err(|source| HttpError::Lock { path: path.clone(), source })?;
    let (sender, endpoint) = watch::channel(None);
    let stop = CancellationToken::new();
    let (paths, stopped) = (paths.clone(), stop.clone());
    let duty = Duty { paths, options, guard, stop: stopped, endpoint: sender };
    let task = tokio::spawn(async move {
        let lock = tokio::select! {
            lock = turn => lock,
            () = duty.stop.cancelled() => return,
        };
        // A competition that ends without a lock was lost by an error, which was reported.
        let Ok(lock) = lock else { return };
        if let Err(error) = duty.serve(make).await {
            tracing::error!(%error, "the HTTP server failed");
        }
        drop(lock);
    });
    Ok(HttpHandle { endpoint, stop, task })
}

/// Serving HTTP, which one process of a project does at a time.
struct Duty {
    paths: ProjectPaths,
    options: HttpOptions,
    guard: Guard,
    stop: CancellationToken,
    endpoint: watch::Sender<Option<Endpoint>>,
}

impl Duty {
    async fn serve<S: ServerHandler>(
        self,
        make: impl Fn() -> S + Send + Sync + 'static,
    ) -> io::Result<()> {
        let file = self.paths.endpoint_json();
        let listener = self.listen(endpoint::last_port(&file)).await?;
        let here = Endpoint::here(listener.local_addr()?);
        here.announce(&file)?;
        tracing::info!(url = %here.url, "serving MCP over HTTP");
        self.endpoint.send_replace(Some(here.clone()));
        let listener = listener.tap_io(|connection| {
            // An answer has a head and parts; none of them waits for the client to acknowledge the
            // one before. A connection that cannot be set so is only slower.
            connection.set_nodelay(true).ok();
        });
        let service = axum::serve(listener, self.router(make));
        let served = service.with_graceful_shutdown(self.stop.cancelled_owned()).await;
        here.withdraw(&file)?;
        served
    }

    /// Listens where clients know the project from before, else at the usual port, else after it.
    async fn listen(&self, last: Option<u16>) -> io::Result<TcpListener> {
        let address = self.options.address;
        for port in endpoint::ports(last, self.options.port) {
            match TcpListener::bind((address, port)).await {
                Ok(listener) => return Ok(listener),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        TcpListener::bind((address, 0)).await
    }

    fn router<S: ServerHandler>(&self, make: impl Fn() -> S + Send + Sync + 'static) -> Router {
        let mut sessions = LocalSessionManager::default();
        let mut session = SessionConfig::default();
        session.keep_alive = Some(SILENT);
        sessions.session_config = session;
        let sessions = Arc::new(sessions);
        let guard = self.guard.clone().bounding(sessions.clone());
        let service = StreamableHttpService::new(move || Ok(make()), sessions, self.config());
        Router::new()
            .route_service("/mcp", service)
            .layer(axum::middleware::from_fn_with_state(guard, guard::admit))
    }

    fn config(&self) -> StreamableHttpServerConfig {
        let schemes = ["http", "https"];
        let hosts = ["localhost", "127.0.0.1", "[::1]"];
        let origins =
            schemes.iter().flat_map(|scheme| hosts.map(|host| format!("{scheme}://{host}:*")));
        let config = StreamableHttpServerConfig::default()
            .with_allowed_origins(origins)
            .with_max_request_body_bytes(BODY_MAX)
            .with_cancellation_token(self.stop.child_token());
        // Elsewhere the name that others know this machine by is not known here; the token guards.
        if self.options.address.is_loopback() { config } else { config.disable_allowed_hosts() }
    }
}
