//! Who may come in: the bearer token, and bounds on what is under way at once.
//!
//! `Host` and `Origin` are checked behind this by the protocol's own service.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::session::{SessionId, SessionManager as _};
use tokio::sync::{RwLock, Semaphore};

/// Requests that are being answered at once.
const CALLS_MAX: usize = 256;
/// Sessions of the older protocols at once.
const SESSIONS_MAX: usize = 1024;
/// The first version of the protocol that has no sessions.
const STATELESS_SINCE: &str = "2026-07-28";
/// The name of the cookie that tells agents apart, and its random bytes.
const COOKIE: &str = "callboard-agent";
const COOKIE_BYTES: usize = 16;
/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// What a request must pass.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    token: Option<Arc<str>>,
    calls: Arc<Semaphore>,
    sessions: Option<Arc<Sessions>>,
}

/// The sessions of the older protocols. Clients that vanish leave theirs behind.
#[derive(Debug)]
struct Sessions {
    manager: Arc<LocalSessionManager>,
    /// When each was heard of last. About connections, not about the board.
    heard: RwLock<HashMap<SessionId, Instant>>,
}

impl Sessions {
    async fn hear(&self, id: &str) {
        let sessions = self.manager.sessions.read().await;
        let known = sessions.get_key_value(id).map(|(known, _)| known.clone());
        drop(sessions);
        if let Some(id) = known {
            self.heard.write().await.insert(id, Instant::now());
        }
    }

    /// Makes room for one more: ends the one that has been silent for longest.
    async fn make_room(&self) {
        let open: Vec<SessionId> = self.manager.sessions.read().await.keys().cloned().collect();
        let mut heard = self.heard.write().await;
        heard.retain(|id, _| open.contains(id));
        if open.len() < SESSIONS_MAX {
            return;
        }
        // One that was never heard of again after its beginning is older than any that was.
        let silent = open.into_iter().min_by_key(|id| heard.get(id).copied());
        drop(heard);
        if let Some(id) = silent
            && let Err(error) = self.manager.close_session(&id).await
        {
            tracing::warn!(%error, "a silent session could not be ended");
        }
    }
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
        let sessions = Sessions { manager: sessions, heard: RwLock::default() };
        Self { sessions: Some(Arc::new(sessions)), ..self }
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        bearer(headers).is_some_and(|sent| same(sent.as_bytes(), token.as_bytes()))
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
    let session = request.headers().get("mcp-session-id").and_then(|id| id.to_str().ok());
    let stateless = request.headers().get("mcp-protocol-version").is_some_and(is_stateless);
    match (&guard.sessions, session) {
        (Some(sessions), Some(id)) => sessions.hear(id).await,
        (Some(sessions), None) if request.method() == Method::POST && !stateless => {
            sessions.make_room().await;
        }
        (Some(_) | None, _) => {}
    }
    let stranger = session.is_none() && cookie_of(request.headers()).is_none();
    let ends = request.method() == Method::DELETE;
    let mut response = next.run(request).await;
    // Clients take anything but 200 and 204 for a failure to end the session.
    if ends && response.status() == StatusCode::ACCEPTED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    if stranger && let Some(cookie) = fresh_cookie() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether a version of the protocol knows no sessions: its name is its date.
fn is_stateless(version: &HeaderValue) -> bool {
    version.to_str().is_ok_and(|version| STATELESS_SINCE <= version)
}

/// What tells clients of the stateless era apart that say nothing else of themselves: two of one
/// program would be one agent otherwise, and one would work under the claims of the other.
fn fresh_cookie() -> Option<HeaderValue> {
    let mut bytes = [0; COOKIE_BYTES];
    getrandom::fill(&mut bytes).ok()?;
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let cookie = format!("{COOKIE}={id}; Path=/mcp; HttpOnly; SameSite=Strict");
    HeaderValue::from_str(&cookie).ok()
}

/// The cookie that a client was given with its first answer, if it keeps cookies.
pub(in crate::mcp) fn cookie_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs =
        cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, id) = pairs.find(|(name, _)| name.trim() == COOKIE)?;
    let plain = id.len() == COOKIE_BYTES * 2 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| id.to_owned())
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

    #[tokio::test]
    async fn of_too_many_sessions_the_one_that_was_silent_for_longest_ends() {
        let manager = Arc::new(LocalSessionManager::default());
        let sessions = Sessions { manager: manager.clone(), heard: RwLock::default() };
        let mut transports = Vec::new();
        for _ in 0..SESSIONS_MAX {
            let (id, transport) = manager.create_session().await.unwrap();
            sessions.hear(&id).await;
            transports.push((id, transport));
        }
        let first = transports.remove(0).0;
        sessions.hear(&first).await;
        sessions.make_room().await;
        let open = manager.sessions.read().await;
        assert_eq!(open.len(), SESSIONS_MAX - 1);
        assert!(open.contains_key(&first), "it was heard of last");
        assert!(!open.contains_key(&transports[0].0));
    }

    #[test]
    fn a_cookie_is_one_that_was_given_here() {
        for (line, id) in [
            ("callboard-agent=0123456789abcdef0123456789abcdef", true),
            ("a=b; callboard-agent=0123456789abcdef0123456789abcdef; c", true),
            ("callboard-agent=human", false),
            ("agent=0123456789abcdef0123456789abcdef", false),
        ] {
            let headers = HeaderMap::from_iter([(header::COOKIE, line.parse().unwrap())]);
            assert_eq!(cookie_of(&headers).is_some(), id, "{line}");
        }
    }

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
