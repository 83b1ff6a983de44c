//! Who calls: found out anew for every call, because one connection can carry several agents.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

use rmcp::handler::server::common::FromContextPart;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};

use super::http::cookie_of;
use super::identity::{Identity, anonymous};
use super::params::given;
use super::server::{CallboardServer, Transport};
use super::work::Follow;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::MINUTE_MS;
use crate::door::{Repeatable, Request, Step};
use crate::peer::AgentSeen;
use crate::query;

/// How long after its last call an agent's name is kept for it.
const LATELY_MS: i64 = 60 * MINUTE_MS;

/// Whether a person agrees to what a call would replace or remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Consent {
    /// Nobody can be asked: the call itself is the word.
    #[default]
    Unasked,
    /// Somebody can be asked, and has not answered yet.
    Open,
    Given,
}

/// Who calls, how the call is known when it is repeated, and what it has done so far.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) actor: Actor,
    pub(super) call: Option<Repeatable>,
    /// The names of the steps that the call has taken, each a command that was kept.
    // Of one call, not of the board: the tool's own task alone writes here.
    steps: Arc<RwLock<Vec<String>>>,
    /// Who follows the call's work.
    pub(super) follow: Follow,
    pub(super) consent: Consent,
}

impl Caller {
    pub(super) fn new(actor: Actor, call: Option<Repeatable>) -> Self {
        Self {
            actor,
            call,
            steps: Arc::default(),
            follow: Follow::default(),
            consent: Consent::default(),
        }
    }

    /// The request for a command of this call.
    pub(super) fn request(&self, command: Command) -> Request {
        let step = self.call.as_ref().map(|call| {
            let kind = serde_json::to_value(&command).unwrap_or_default();
            let kind = kind.get("command").and_then(|kind| kind.as_str()).unwrap_or("command");
            let taken =
                self.steps(|steps| steps.iter().filter(|name| name.starts_with(kind)).count());
            Step { call: call.clone(), name: format!("{kind}/{taken}") }
        });
        Request::new(self.actor.clone(), command).as_step(step)
    }

    /// The same call, where a person's word stands so.
    pub(super) fn with_consent(&self, consent: Consent) -> Self {
        Self { consent, ..self.clone() }
    }

    /// Goes on with what would replace or remove something, unless a person is to be asked first.
    ///
    /// # Errors
    ///
    /// [`Code::Unconfirmed`] with what would be done, in words, for the question.
    pub(super) fn agreed(&self, what: impl FnOnce() -> String) -> Result<(), Refusal> {
        match self.consent {
            Consent::Unasked | Consent::Given => Ok(()),
            Consent::Open => Err(Refusal::new(Code::Unconfirmed, what())),
        }
    }

    /// Notes that a command of this call was kept.
    pub(super) fn kept(&self, step: Option<String>) {
        let mut steps = self.steps.write().unwrap_or_else(PoisonError::into_inner);
        steps.push(step.unwrap_or_default());
    }

    /// Whether a command of this call was kept.
    pub(super) fn has_written(&self) -> bool {
        self.steps(|steps| !steps.is_empty())
    }

    fn steps<T>(&self, look: impl FnOnce(&[String]) -> T) -> T {
        look(&self.steps.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl FromContextPart<ToolCallContext<'_, CallboardServer>> for Caller {
    fn from_context_part(
        context: &mut ToolCallContext<'_, CallboardServer>,
    ) -> Result<Self, ErrorData> {
        context
            .request_context
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| ErrorData::internal_error("the call has no caller", None))
    }
}

/// By which connection a call came, and what it says of its agent.
struct Came {
    /// The connection whose end ends the agent; 0 where requests come without one.
    connection: u64,
    /// The agent's own word for itself.
    agent: Option<String>,
    id: String,
    /// Whether the id outlives the connection.
    lasting: bool,
}

impl CallboardServer {
    /// Finds out who calls: by its own word, or by its client's name and identity.
    pub(super) fn actor(&self, agent: Option<&str>, context: &RequestContext<RoleServer>) -> Actor {
        let client = context.client_info();
        let (program, version) = client
            .map_or_else(|| ("agent".to_owned(), String::new()), |info| (info.name, info.version));
        let came = self.came(context);
        let identities = &self.shared.identities;
        let own = agent.or(came.agent.as_deref()).map(Actor::agent);
        let named = if let Some(own) = own {
            identities.given(own.name(), came.connection)
        } else {
            let identity = Identity { client: program.clone(), id: came.id, lasting: came.lasting };
            identities.name(&identity, came.connection, |name| self.is_in_use(name))
        };
        if let Some(gone) = &named.gone {
            self.peer.telemetry.gone(gone);
        }
        if named.new {
            self.peer.telemetry.seen(AgentSeen {
                name: named.name.clone(),
                client: program,
                version,
                transport: self.connection.transport.as_str().to_owned(),
            });
        }
        Actor::agent(&named.name)
    }

    /// By which connection a call came, and what it says of its agent.
    fn came(&self, context: &RequestContext<RoleServer>) -> Came {
        let lasts = self.connection.lasts.load(Ordering::Relaxed);
        let connection = if lasts { self.connection.number } else { 0 };
        let sent = ["threadId", "sessionId", "thread_id", "session_id"]
            .iter()
            .find_map(|name| context.meta.get(*name).and_then(|value| value.as_str()));
        let (agent, known) = match self.connection.transport {
            Transport::Stdio => (None, self.shared.options.client_session.clone()),
            Transport::Http => {
                let parts = context.extensions.get::<axum::http::request::Parts>();
                // Sessions are told apart by themselves.
                let cookie = parts.filter(|_| !lasts).and_then(|parts| cookie_of(&parts.headers));
                (parts.and_then(|parts| agent_of(parts.uri.query()?)), cookie)
            }
        };
        match sent.map(str::to_owned).or(known) {
            Some(id) => Came { connection, agent, id, lasting: true },
            None => Came { connection, agent, id: anonymous(connection), lasting: false },
        }
    }

    /// Tells whether an agent of that name was here lately or holds a task.
    fn is_in_use(&self, name: &str) -> bool {
        let now = self.peer.clock.now();
        let agents = self.read(|reader| query::agents::list(reader, now)).unwrap_or_default();
        agents.iter().any(|agent| {
            let lately = now.since_ms(agent.last_seen) < LATELY_MS;
            agent.name == name && (lately || !agent.holds.is_empty())
        })
    }
}

/// The agent that a URL names, as in `/mcp?agent=code%20reviewer`.
fn agent_of(query: &str) -> Option<String> {
    let name = query.split('&').find_map(|pair| pair.strip_prefix("agent="))?;
    let name = percent_decoded(name);
    given(Some(&name)).map(str::to_owned)
}

/// Text of a URL's query in plain; what is no code stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        if let Some(byte) = code {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_named_by_its_url() {
        for (query, name) in [
            ("agent=reviewer", Some("reviewer")),
            ("x=1&agent=code%20reviewer", Some("code reviewer")),
            ("agent=a+b", Some("a b")),
            ("agent=50%", Some("50%")),
            ("agent=%C3%A9", Some("é")),
            ("agent=", None),
            ("agents=x", None),
        ] {
            assert_eq!(agent_of(query).as_deref(), name, "{query}");
        }
    }
}
