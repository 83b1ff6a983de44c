//! The server: who calls, which tool, and what surrounds every call.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use rmcp::handler::server::common::FromContextPart;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, DiscoverResult,
    Implementation, InitializeRequestParams, InitializeResult, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};

use super::accept::{Accepted, accept};
use super::answer::{self, refused};
use super::catalogue::{CATALOGUE, Entry, KEY, TOOLS, Toolset};
use super::identity::{Identities, Identity, anonymous};
use super::params::{UNREADABLE, given};
use crate::domain::actor::Actor;
use crate::domain::claim::Claim;
use crate::domain::command::Command;
use crate::domain::id::{SessionId, TaskId};
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::{visible, visible_line};
use crate::domain::time::MINUTE_MS;
use crate::door::Request;
use crate::paths::ProjectPaths;
use crate::peer::{AgentSeen, Peer, ToolCall};
use crate::query;
use crate::query::rows::InboxItem;
use crate::store::Reader;

/// The parameter by which a caller names itself; every tool takes it.
const AGENT: &str = "agent";
/// How long after its last call an agent's name is kept for it.
const LATELY_MS: i64 = 60 * MINUTE_MS;

/// What the server says of itself; asked for on every call.
static INFO: LazyLock<ServerConfig> = LazyLock::new(|| {
    let capabilities = ServerCapabilities::builder().enable_tools().build();
    let about = Implementation::new("callboard", env!("CARGO_PKG_VERSION")).with_title("Callboard");
    ServerConfig::new(capabilities)
        .with_server_info(about)
        .with_instructions(super::instructions::TEXT)
});

/// What a server is started with.
#[derive(Debug, Clone, Default)]
pub struct McpOptions {
    /// The tools it offers.
    pub tools: Toolset,
    /// The identity of the client that started this process, from its environment.
    pub client_session: Option<String>,
}

/// What one connection, or one request of a client without connections, talks to.
#[derive(Debug, Clone)]
pub struct CallboardServer {
    pub(super) peer: Peer,
    shared: Arc<Shared>,
    connection: Arc<Connection>,
}

/// What all connections of a process have in common.
#[derive(Debug)]
pub(super) struct Shared {
    options: McpOptions,
    tools: Vec<Tool>,
    identities: Identities,
    connections: AtomicU64,
}

/// One connection; its end ends the agents that came by it.
#[derive(Debug)]
struct Connection {
    peer: Peer,
    shared: Arc<Shared>,
    transport: Transport,
    number: u64,
    /// Whether it carries more than one request.
    lasts: AtomicBool,
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

/// How an agent is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Stdio,
    Http,
}

impl Transport {
    fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        }
    }
}

/// Who calls, and how the call is known when it is repeated.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) actor: Actor,
    key: Option<String>,
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

impl CallboardServer {
    /// The server of a process; [`Self::connect`] makes one for each connection of it.
    pub(super) fn new(peer: Peer, options: McpOptions, transport: Transport) -> Self {
        let shared = Arc::new(Shared {
            tools: CATALOGUE.tools(&options.tools),
            options,
            identities: Identities::new(&peer.paths.run()),
            connections: AtomicU64::new(0),
        });
        Self::connected(peer, shared, transport)
    }

    /// The server for another connection of the same process.
    pub(super) fn connect(&self, transport: Transport) -> Self {
        Self::connected(self.peer.clone(), self.shared.clone(), transport)
    }

    fn connected(peer: Peer, shared: Arc<Shared>, transport: Transport) -> Self {
        let number = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
        let connection = Connection {
            peer: peer.clone(),
            shared: shared.clone(),
            transport,
            number,
            lasts: AtomicBool::new(transport == Transport::Stdio),
        };
        Self { peer, shared, connection: Arc::new(connection) }
    }

    /// Looks at the board. Fast enough to be done in place.
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&Reader) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.peer.readers.read(look)
    }

    /// The session that a call is about: the one it names, else the live one.
    pub(super) fn session(
        &self,
        reader: &Reader,
        text: Option<&str>,
    ) -> Result<SessionId, Refusal> {
        match given(text) {
            Some(text) => query::resolve::session(reader, text),
            None => query::resolve::live(reader),
        }
    }

    /// Refuses a call that names another directory than this project's.
    pub(super) fn same_project(&self, directory: Option<&str>) -> Result<(), Refusal> {
        let Some(directory) = given(directory) else { return Ok(()) };
        let root = &self.peer.paths.root;
        let named = std::path::Path::new(directory);
        let same = |path: &std::path::Path| path.canonicalize().ok() == root.canonicalize().ok();
        let belongs = named.is_absolute()
            && (named == root || same(named) || ProjectPaths::find(named).root == *root);
        if belongs || directory == "." {
            return Ok(());
        }
        let shown: String = directory.chars().take(200).collect();
        let message = format!("this server serves {}, not {shown}", root.display());
        Err(Refusal::new(Code::WrongProject, message)
            .with("project", root)
            .suggest("leave the directory out, or connect to the server of that project"))
    }

    /// Submits a command of the caller's.
    pub(super) async fn submit(
        &self,
        caller: &Caller,
        command: Command,
    ) -> Result<Outcome, Refusal> {
        let request = Request::new(caller.actor.clone(), command).with_key(caller.key.clone());
        self.peer.door.submit(request).await
    }

    /// Renews the caller's claim on a task that a call is about.
    pub(super) fn renew(&self, caller: &Caller, id: TaskId, claim: Option<&Claim>) {
        let now = self.peer.clock.now();
        let worth =
            claim.is_some_and(|claim| claim.holder == caller.actor && claim.is_worth_renewing(now));
        if worth {
            let command = Command::RenewClaim { id, claim: None };
            self.peer.door.submit_nowait(Request::new(caller.actor.clone(), command));
        }
    }

    /// Finds out who calls: by its own word, or by its client's name and identity.
    fn actor(&self, agent: Option<&str>, context: &RequestContext<RoleServer>) -> Actor {
        let client = context.client_info();
        let (program, version) = client
            .map_or_else(|| ("agent".to_owned(), String::new()), |info| (info.name, info.version));
        let came = self.came(context);
        let identities = &self.shared.identities;
        let named = match agent.or(came.agent.as_deref()).map(Actor::agent) {
            Some(own) => identities.given(own.name(), came.connection),
            None => {
                let identity =
                    Identity { client: program.clone(), id: came.id, lasting: came.lasting };
                identities.name(&identity, came.connection, |name| self.is_in_use(name))
            }
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
                (parts.and_then(|parts| agent_of(parts.uri.query()?)), None)
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

    /// Ends an answer with what waits for the agent.
    fn hand_over(&self, actor: &Actor, result: &mut CallToolResult) {
        let now = self.peer.clock.now();
        let items = self.read(|reader| query::inbox::list(reader, actor, now)).unwrap_or_default();
        if items.is_empty() {
            return;
        }
        answer::append(result, "inbox", items.iter().map(inbox_item).collect());
        if items.iter().any(|item| matches!(item, InboxItem::Message { .. })) {
            self.peer.telemetry.delivered(actor.name());
        }
    }

    async fn run(
        &self,
        entry: &Entry,
        request: CallToolRequestParams,
        mut context: RequestContext<RoleServer>,
        caller: &Caller,
    ) -> Result<CallToolResponse, ErrorData> {
        context.extensions.insert(caller.clone());
        let call = ToolCallContext::new(self, request, context);
        match TOOLS.call(call).await? {
            CallToolResponse::Complete(result) => Ok(readable(entry, result).into()),
            other => Ok(other),
        }
    }
}

/// Turns the text of a failed reading into a refusal.
fn readable(entry: &Entry, result: CallToolResult) -> CallToolResult {
    let text =
        result.content.first().and_then(ContentBlock::as_text).map(|text| text.text.as_str());
    match text.and_then(|text| text.strip_prefix(UNREADABLE)) {
        Some(error) if result.structured_content.is_none() => {
            let message = format!("the parameters of {} cannot be read: {error}", entry.name);
            refused(&Refusal::new(Code::InvalidValue, message))
        }
        Some(_) | None => result,
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for name in self.shared.identities.release(self.number) {
            self.peer.telemetry.gone(&name);
        }
    }
}

impl ServerHandler for CallboardServer {
    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let agreed = self.negotiate_initialize(&request)?;
        self.connection.lasts.store(true, Ordering::Relaxed);
        context.peer.set_peer_info(request);
        self.actor(None, &context);
        Ok(agreed)
    }

    fn get_info(&self) -> ServerConfig {
        INFO.clone()
    }

    async fn discover(
        &self,
        context: RequestContext<RoleServer>,
    ) -> Result<DiscoverResult, ErrorData> {
        self.actor(None, &context);
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, INFO.clone()))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.shared.tools.clone()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.shared.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let started = Instant::now();
        let entry = CATALOGUE.entry(&request.name);
        let Some(entry) = entry.filter(|entry| self.shared.options.tools.holds(entry)) else {
            return Err(unknown_tool(&request.name));
        };
        let mut arguments = request.arguments.take().unwrap_or_default();
        let agent = arguments.remove(AGENT);
        let agent = given(agent.as_ref().and_then(|agent| agent.as_str()));
        let actor = self.actor(agent, &context);
        let speaks_text = context
            .protocol_version()
            .is_some_and(|version| version.as_str() < ProtocolVersion::V_2025_06_18.as_str());
        let response = match accept(&entry.accepting, arguments) {
            Err(refusal) => Ok(refused(&refusal).into()),
            Ok(Accepted { mut arguments, notes }) => {
                let key = arguments.remove(KEY);
                let key = given(key.as_ref().and_then(|key| key.as_str())).map(str::to_owned);
                request.arguments = Some(arguments);
                let caller = Caller { actor: actor.clone(), key };
                let mut response = self.run(entry, request, context, &caller).await;
                if let (Ok(CallToolResponse::Complete(result)), false) =
                    (&mut response, notes.is_empty())
                {
                    answer::append(result, "ignored", json!(notes));
                }
                response
            }
        };
        let mut response = response?;
        if let CallToolResponse::Complete(result) = &mut response {
            self.peer.telemetry.called(ToolCall {
                agent: actor.name().to_owned(),
                tool: entry.name,
                elapsed_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
                error: error_of(result),
            });
            self.hand_over(&actor, result);
            if speaks_text {
                as_text(result);
            }
        }
        Ok(response)
    }
}

/// The agent that a URL names, as in `/mcp?agent=reviewer`.
fn agent_of(query: &str) -> Option<String> {
    let name = query.split('&').find_map(|pair| pair.strip_prefix("agent="))?;
    given(Some(name)).map(str::to_owned)
}

fn error_of(result: &CallToolResult) -> Option<(Code, String)> {
    let data = result.structured_content.as_ref().filter(|_| result.is_error == Some(true))?;
    let refusal: Refusal = serde_json::from_value(data.clone()).ok()?;
    Some((refusal.code, refusal.message))
}

/// Protocols before structured content get the data as text.
fn as_text(result: &mut CallToolResult) {
    if let Some(data) = result.structured_content.take()
        && result.content.is_empty()
    {
        result.content.push(ContentBlock::text(data.to_string()));
    }
}

/// What waits for an agent, as it reads it. Words of people are data, and shown as such.
fn inbox_item(item: &InboxItem) -> Value {
    match item {
        InboxItem::Message { from, text, at } => json!({
            "kind": "message", "from": from, "text": visible(text), "at": at.to_string(),
        }),
        InboxItem::ClaimEnding { task, title, until } => json!({
            "kind": "claim_ending", "task": task, "title": visible_line(title),
            "until": until.to_string(),
        }),
        InboxItem::TaskChanged { task, title, by, what, at } => json!({
            "kind": "task_changed", "task": task, "title": visible_line(title),
            "by": by, "what": what, "at": at.to_string(),
        }),
    }
}

fn unknown_tool(name: &str) -> ErrorData {
    let shown: String = name.chars().take(64).collect();
    let hint =
        CATALOGUE.closest(name).map(|tool| format!("; did you mean {tool}?")).unwrap_or_default();
    ErrorData::invalid_params(format!("unknown tool {shown:?}{hint}"), None)
}
