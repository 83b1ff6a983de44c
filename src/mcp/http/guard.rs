//! Who may come in: the bearer token, and bounds on what is under way at once.
//!
//! `Host` and `Origin` are checked behind this by the protocol's own service.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use tokio::sync::Semaphore;

/// Requests that are being answered at once.
const CALLS_MAX: usize = 256;
/// Sessions of the older protocols at once.
const SESSIONS_MAX: usize = 1024;
/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// What a request must pass.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    token: Option<Arc<str>>,
    calls: Arc<Semaphore>,
    sessions: Option<Arc<LocalSessionManager>>,
}

impl Guard {
    /// Demands a token.
    pub(super) fn demanding(token: String) -> Self {
        Self { token: Some(token.into()), ..Self::open() }
    }

    /// Demands none.
    pub(super) fn open() -> Self {
        Self { token: None, calls: Arc::new(Semaphore::new(CALLS_MAX)), sessions: None }
    }

    /// Bounds the sessions of a manager.
    pub(super) fn bounding(self, sessions: Arc<LocalSessionManager>) -> Self {
        Self { sessions: Some(sessions), ..self }
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        bearer(headers).is_some_and(|sent| same(sent.as_bytes(), token.as_bytes()))
    }

    async fn has_room(&self) -> bool {
        match &self.sessions {
            Some(sessions) => sessions.sessions.read().await.len() < SESSIONS_MAX,
            None => true,
        }
    }
}

/// Lets a request through, or says why not.
pub(super) async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if !guard.knows(request.headers()) {
        let why = "this project wants the token of .task_orchestrator/run/token as a bearer token";
        let mut response = (StatusCode::UNAUTHORIZED, why).into_response();
        let challenge = HeaderValue::from_static("Bearer realm=\"callboard\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        return response;
    }
    let Ok(_call) = guard.calls.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many calls at once").into_response();
    };
    let begins =
        request.method() == Method::POST && !request.headers().contains_key("mcp-session-id");
    if begins && !guard.has_room().await {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many sessions").into_response();
    }
    let ends = request.method() == Method::DELETE;
    let mut response = next.run(request).await;
    // Clients take anything but 200 and 204 for a failure to end the session.
    if ends && response.status() == StatusCode::ACCEPTED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compares in a time that does not depend on where two texts differ.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |found, (left, right)| found | (left ^ right));
    left.len() == right.len() && std::hint::black_box(differing) == 0
}

/// The project's token, made on first use; only the user may read it.
pub(super) fn token(path: &Path) -> io::Result<String> {
    let known = fs::read_to_string(path).unwrap_or_default();
    if TOKEN_BYTES <= known.trim().len() {
        restrict(path)?;
        return Ok(known.trim().to_owned());
    }
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = private().open(&fresh)?;
    file.write_all(token.as_bytes())?;
    // Of processes that make a token at the same moment the first wins; a damaged one is replaced.
    if known.is_empty() && fs::hard_link(&fresh, path).is_ok() {
        fs::remove_file(&fresh)?;
        return Ok(token);
    }
    let theirs = fs::read_to_string(path).unwrap_or_default();
    if TOKEN_BYTES <= theirs.trim().len() {
        fs::remove_file(&fresh)?;
        return Ok(theirs.trim().to_owned());
    }
    fs::rename(&fresh, path)?;
    Ok(token)
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    options
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_is_the_users_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let made = token(&path).unwrap();
        assert_eq!((made.len(), token(&path).unwrap()), (64, made));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_token_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        fs::write(&path, "short").unwrap();
        assert_eq!(token(&path).unwrap().len(), 64);
        assert_eq!(fs::read_to_string(&path).unwrap().len(), 64);
    }

    #[test]
    fn only_the_very_same_token_opens() {
        for (sent, fits) in [("secret", true), ("secreT", false), ("secre", false), ("", false)] {
            assert_eq!(same(sent.as_bytes(), b"secret"), fits, "{sent}");
        }
    }
}
