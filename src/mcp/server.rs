//! The server: who calls, which tool, and what surrounds every call.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject,
    ProtocolVersion, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::accept::{Accepted, accept};
use super::answer::{self, refused};
pub(super) use super::caller::Caller;
use super::catalogue::{Entry, KEY, Toolset, catalogue, routes};
use super::identity::Identities;
use super::inbox::{ToldMessages, ToldModes};
use super::listening::ModeWatch;
use super::params::{UNREADABLE, given};
use super::resources::Watching;
use super::sealed::Seal;
use super::unreadable::unknown_tool;
use super::work::Follow;
use crate::backup::Retention;
use crate::domain::actor::Actor;
use crate::domain::claim::Claim;
use crate::domain::command::Command;
use crate::domain::id::{SessionId, TaskId};
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::door::{Repeatable, Request, print};
use crate::peer::{Peer, ToolCall};
use crate::query;
use crate::store::Reader;
use crate::store::memory::{self, Remembered};

/// The parameter by which a caller names itself; every tool takes it.
const AGENT: &str = "agent";

/// What a server is started with.
#[derive(Debug, Clone, Default)]
pub struct McpOptions {
    /// The tools it offers.
    pub tools: Toolset,
    /// The identity of the client that started this process, from its environment.
    pub client_session: Option<String>,
    /// Whether nobody named the project, so that the client's own word for it counts.
    pub follows_client: bool,
    /// How many backups are kept, where a call does not say.
    pub retention: Retention,
    /// Whether agents decide conflicts; else they propose, and a person decides.
    pub agents_may_resolve: bool,
}

/// What one connection, or one request of a client without connections, talks to.
#[derive(Debug, Clone)]
pub struct CallboardServer {
    pub(super) peer: Peer,
    pub(super) shared: Arc<Shared>,
    pub(super) connection: Arc<Connection>,
}

/// What all connections of a process have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: McpOptions,
    pub(super) identities: Identities,
    pub(super) tools: Vec<Tool>,
    /// Which mode is in force, for those who listen.
    pub(super) modes: ModeWatch,
    pub(super) told_modes: ToldModes,
    pub(super) told_messages: ToldMessages,
    /// Seals what a client keeps between two requests.
    pub(super) seal: Seal,
    connections: AtomicU64,
}

/// One connection; its end ends the agents that came by it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) transport: Transport,
    pub(super) number: u64,
    /// Whether it carries more than one request.
    pub(super) lasts: AtomicBool,
    /// Whether its client is told of changes already.
    pub(super) is_told: AtomicBool,
    /// The resources that its client watches.
    pub(super) watching: Arc<Watching>,
    /// Cancelled with its end.
    pub(super) ended: CancellationToken,
    /// Where the client went with this connection, when it named another project.
    pub(super) elsewhere: OnceLock<CallboardServer>,
    peer: Peer,
    shared: Arc<Shared>,
}

/// How an agent is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Stdio,
    Http,
}

impl Transport {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        }
    }
}

impl CallboardServer {
    /// The server of a process; [`Self::connect`] makes one for each connection of it.
    pub(super) fn new(peer: Peer, options: McpOptions, transport: Transport) -> Self {
        let shared = Arc::new(Shared {
            tools: catalogue().tools(&options.tools),
            options,
            identities: Identities::new(&peer.paths.run()),
            modes: ModeWatch::default(),
            told_modes: ToldModes::default(),
            told_messages: ToldMessages::default(),
            seal: Seal::fresh(),
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
            is_told: AtomicBool::new(false),
            watching: Arc::default(),
            ended: CancellationToken::new(),
            elsewhere: OnceLock::new(),
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

    /// Submits a command of the caller's.
    pub(super) async fn submit(
        &self,
        caller: &Caller,
        command: Command,
    ) -> Result<Outcome, Refusal> {
        let request = caller.request(command);
        let step = request.step.as_ref().map(|step| step.name.clone());
        let outcome = self.peer.door.submit(request).await?;
        caller.kept(step);
        Ok(outcome)
    }

    /// Renews the caller's claim on a task that a call is about.
    pub(super) fn renew(&self, actor: &Actor, id: TaskId, claim: Option<&Claim>) {
        let now = self.peer.clock.now();
        let worth =
            claim.is_some_and(|claim| claim.holder == *actor && claim.is_worth_renewing(now));
        if worth {
            let command = Command::RenewClaim { id, claim: None };
            self.peer.door.submit_nowait(Request::new(actor.clone(), command));
        }
    }

    /// A call, with what surrounds every call.
    pub(super) async fn serve_call(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let started = Instant::now();
        let entry = catalogue().entry(&request.name);
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
        let mut response = match self.repeatable(entry, (&actor, arguments)) {
            Err(refusal) => refused(&refusal).into(),
            Ok(Begun::Answered(answer)) => (*answer).into(),
            Ok(Begun::New(mut caller, Accepted { arguments, notes })) => {
                let (follow, _telling) = Follow::of(&context);
                caller.follow = follow;
                request.arguments = Some(arguments);
                let mut response = self.run_asking(entry, request, context, &caller).await?;
                if let CallToolResponse::Complete(result) = &mut response {
                    finish(result, &caller, &notes);
                    self.remember(caller, result).await;
                }
                response
            }
        };
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

    /// Reads the arguments of a call, and looks whether it was answered before.
    fn repeatable(
        &self,
        entry: &Entry,
        (actor, arguments): (&Actor, JsonObject),
    ) -> Result<Begun, Refusal> {
        let mut accepted = accept(&entry.accepting, arguments)?;
        let key = accepted.arguments.remove(KEY);
        let Some(key) = given(key.as_ref().and_then(Value::as_str)) else {
            return Ok(Begun::New(Caller::new(actor.clone(), None), accepted));
        };
        let print = print(&format!("{} {}", entry.name, json!(accepted.arguments)));
        let call = Repeatable::new(key, print)?;
        let known = self.read(|reader| memory::look_up(reader, actor, &call))?;
        if let Remembered::Answer(answer) = known
            && let Ok(answer) = serde_json::from_str(&answer)
        {
            return Ok(Begun::Answered(Box::new(answer)));
        }
        Ok(Begun::New(Caller::new(actor.clone(), Some(call)), accepted))
    }

    /// Keeps the answer to a call that may be repeated and has changed something.
    async fn remember(&self, caller: Caller, result: &CallToolResult) {
        let worth = caller.has_written() && result.is_error != Some(true);
        if let (true, Some(call), Ok(answer)) = (worth, caller.call, serde_json::to_string(result))
        {
            self.peer.telemetry.answered(caller.actor, call, answer).await;
        }
    }

    pub(super) async fn run(
        &self,
        entry: &Entry,
        request: CallToolRequestParams,
        mut context: RequestContext<RoleServer>,
        caller: &Caller,
    ) -> Result<CallToolResponse, ErrorData> {
        context.extensions.insert(caller.clone());
        let call = ToolCallContext::new(self, request, context);
        let response = routes().call(call).await?;
        if let CallToolResponse::Complete(result) = response {
            return Ok(readable(entry, result).into());
        }
        Ok(response)
    }
}

/// A call whose arguments are read.
enum Begun {
    /// It was made before, and this is its answer.
    Answered(Box<CallToolResult>),
    New(Caller, Accepted),
}

/// Ends an answer with what was ignored, and a refusal with what was done before it.
fn finish(result: &mut CallToolResult, caller: &Caller, notes: &[String]) {
    if !notes.is_empty() {
        answer::append(result, "ignored", json!(notes));
    }
    if result.is_error == Some(true) && caller.has_written() {
        let note = "a change of this call was kept before it failed; look before you repeat it";
        answer::append(result, "kept", json!(note));
    }
}

/// The session that a call is about: the one it names, else the live one.
pub(super) fn session_of(reader: &Reader, text: Option<&str>) -> Result<SessionId, Refusal> {
    match given(text) {
        Some(text) => query::resolve::session(reader, text),
        None => query::resolve::live(reader),
    }
}

/// The session that a call is about: the one it names, else the live one, else the last one.
pub(super) fn current_or(reader: &Reader, text: Option<&str>) -> Result<SessionId, Refusal> {
    match query::sessions::current(reader)? {
        Some(current) if given(text).is_none() => Ok(current.id),
        Some(_) | None => session_of(reader, text),
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
        self.ended.cancel();
        for name in self.shared.identities.release(self.number) {
            self.shared.told_modes.forget(&name);
            self.peer.telemetry.gone(&name);
        }
    }
}

pub(super) fn error_of(result: &CallToolResult) -> Option<(Code, String)> {
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
