//! Asking the person at the client: where a call is refused for want of their word, and before it
//! replaces or removes what is there.
//!
//! Nothing depends on it. For want of a word, a client that cannot ask, a person who declines and
//! one who is not there all get the refusal as it is, which names the parameter that says the word.
//! What destroys goes on where nobody can be asked; a person who is asked and does not agree is
//! obeyed, and can still do it in the terminal. A client of the era of sessions is asked while the
//! call waits. In 2026-07-28 the call ends with the question, and is made again with the answer;
//! which question that was comes back sealed.

use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientResult, ElicitRequest,
    InputRequiredResult, ProtocolVersion, ServerRequest,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};

use super::answer::{clip, refused};
use super::caller::Consent;
use super::catalogue::Entry;
use super::server::{CallboardServer, Caller, error_of};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::visible_line;
use crate::domain::time::{MINUTE_MS, Timestamp};

/// How long a person may think while a call waits: clients give up on a call after a minute.
const PATIENCE: Duration = Duration::from_secs(50);
/// How long a question may be answered that ended its call.
const GOOD_MS: i64 = 30 * MINUTE_MS;
/// Bytes of why the call was refused.
const WHY_BYTES: usize = 400;
/// The name of the question, and of the field that answers it.
const QUESTION: &str = "go_ahead";

/// Where a person's word helps: the call, why it is refused, how the word is said, and what it
/// means.
struct Ask {
    tool: &'static str,
    code: Code,
    says: Says,
    title: &'static str,
}

/// How a call is made with a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// By a parameter, which the call may also send by itself.
    Parameter(&'static str),
    /// By the person alone; what they can do instead is named where they decline.
    Consent { instead: &'static str },
}

impl Ask {
    /// The name by which it is known again.
    fn name(&self) -> &'static str {
        match self.says {
            Says::Parameter(name) => name,
            Says::Consent { .. } => "consent",
        }
    }
}

const ASKS: [Ask; 7] = [
    Ask {
        tool: "orchestrator_session_create",
        code: Code::SessionLive,
        says: Says::Parameter("suspend_current"),
        title: "Suspend the live session first",
    },
    Ask {
        tool: "orchestrator_session_resume",
        code: Code::SessionLive,
        says: Says::Parameter("suspend_current"),
        title: "Suspend the live session first",
    },
    Ask {
        tool: "orchestrator_session_complete",
        code: Code::OpenTasks,
        says: Says::Parameter("allow_open"),
        title: "Complete it although tasks are open",
    },
    Ask {
        tool: "orchestrator_backup_restore",
        code: Code::Unconfirmed,
        says: Says::Consent { instead: "callboard backup restore" },
        title: "Restore the backup",
    },
    Ask {
        tool: "orchestrator_backup_cleanup",
        code: Code::Unconfirmed,
        says: Says::Consent { instead: "callboard backup cleanup" },
        title: "Remove these backups",
    },
    Ask {
        tool: "orchestrator_mode_restore",
        code: Code::Unconfirmed,
        says: Says::Consent { instead: "callboard mode restore" },
        title: "Restore the mode",
    },
    Ask {
        tool: "orchestrator_cleanup",
        code: Code::Unconfirmed,
        says: Says::Consent { instead: "callboard cleanup" },
        title: "Clean up",
    },
];

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Yes,
    No,
    /// Nothing that can be understood.
    Nothing,
}

impl CallboardServer {
    /// Runs a call, and runs it again with a person's word where it is refused for want of it.
    pub(super) async fn run_asking(
        &self,
        entry: &Entry,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
        caller: &Caller,
    ) -> Result<CallToolResponse, ErrorData> {
        if !ASKS.iter().any(|ask| ask.tool == entry.name) || !can_ask(&context) {
            return self.run(entry, request, context, caller).await;
        }
        let bound = bound_to(&request, caller);
        let answered = self.answered(&request, &bound)?;
        if let Some((ask, Word::Yes)) = answered {
            return self.run_agreed(entry, ask, (request, context), caller).await;
        }
        let asking = caller.with_consent(Consent::Open);
        let response = self.run(entry, request.clone(), context.clone(), &asking).await?;
        let CallToolResponse::Complete(result) = &response else { return Ok(response) };
        let Some((ask, params)) = question(entry, result, caller) else { return Ok(response) };
        let said = answered.map(|(_, word)| word);
        if said == Some(Word::No) {
            return Ok(without(ask, Word::No, response));
        }
        if is_stateless(&context) {
            let requests =
                json!({ QUESTION: { "method": "elicitation/create", "params": params } });
            let until = Timestamp(self.peer.clock.now().0.saturating_add(GOOD_MS));
            let bound: Vec<&str> = bound.iter().map(String::as_str).collect();
            let state = self.shared.seal.seal(ask.name(), &bound, until);
            let requests = serde_json::from_value(requests).ok();
            return Ok(match requests {
                Some(_) => InputRequiredResult::new(requests, Some(state)).into(),
                // A question that cannot be put leaves the refusal.
                None => without(ask, Word::Nothing, response),
            });
        }
        match elicited(&context, params).await {
            Word::Yes => self.run_agreed(entry, ask, (request, context), caller).await,
            word @ (Word::No | Word::Nothing) => Ok(without(ask, word, response)),
        }
    }

    /// Runs a call with a person's word.
    async fn run_agreed(
        &self,
        entry: &Entry,
        ask: &Ask,
        (mut request, context): (CallToolRequestParams, RequestContext<RoleServer>),
        caller: &Caller,
    ) -> Result<CallToolResponse, ErrorData> {
        let consent = match ask.says {
            Says::Parameter(name) => {
                let arguments = request.arguments.get_or_insert_default();
                arguments.insert(name.to_owned(), json!(true));
                Consent::Unasked
            }
            Says::Consent { .. } => Consent::Given,
        };
        self.run(entry, request, context, &caller.with_consent(consent)).await
    }

    /// What was asked before, and what came of it; an error where the state is not what was given.
    fn answered(
        &self,
        request: &CallToolRequestParams,
        bound: &[String],
    ) -> Result<Option<(&'static Ask, Word)>, ErrorData> {
        let Some(state) = &request.request_state else { return Ok(None) };
        let bound: Vec<&str> = bound.iter().map(String::as_str).collect();
        let opened = self.shared.seal.open(state, &bound, self.peer.clock.now());
        let ask = opened.and_then(|name| {
            ASKS.iter().find(|ask| ask.tool == request.name && ask.name() == name)
        });
        let Some(ask) = ask else {
            let why = "requestState is not what was given with the question, or is too old; make \
                       the call again without it";
            return Err(ErrorData::invalid_params(why, None));
        };
        let responses = request.input_responses.as_ref();
        let response = responses.and_then(|responses| responses.get(QUESTION));
        Ok(Some((ask, response.map_or(Word::Nothing, word))))
    }
}

/// Which call a question belongs to, and whose it is.
fn bound_to(request: &CallToolRequestParams, caller: &Caller) -> Vec<String> {
    vec![
        request.name.to_string(),
        json!(request.arguments).to_string(),
        caller.actor.name().to_owned(),
    ]
}

/// The answer to a call without a person's word.
fn without(ask: &Ask, word: Word, response: CallToolResponse) -> CallToolResponse {
    let (CallToolResponse::Complete(result), Says::Consent { instead }) = (&response, ask.says)
    else {
        return response;
    };
    let what = error_of(result).map(|(_, what)| what).unwrap_or_default();
    let heard = match word {
        Word::Nothing => "a person was asked and has not answered",
        Word::Yes | Word::No => "a person was asked and declined",
    };
    let refusal = Refusal::new(Code::Unconfirmed, format!("{heard}: {what}; nothing was changed"))
        .suggest(format!(
            "leave it as it is; a person can do it in the terminal, or by `{instead}`"
        ));
    refused(&refusal).into()
}

/// Whether the client can show a form. The first version that could named no modes.
fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let capabilities = context.client_capabilities();
    let elicitation = capabilities.and_then(|capabilities| capabilities.elicitation);
    elicitation.is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
}

fn is_stateless(context: &RequestContext<RoleServer>) -> bool {
    let version = context.protocol_version();
    version.is_some_and(|version| ProtocolVersion::V_2026_07_28.as_str() <= version.as_str())
}

/// The question that a refusal raises, as parameters of an elicitation.
fn question(
    entry: &Entry,
    result: &CallToolResult,
    caller: &Caller,
) -> Option<(&'static Ask, Value)> {
    let (code, why) = error_of(result)?;
    let ask = ASKS.iter().find(|ask| ask.tool == entry.name && ask.code == code)?;
    let title = entry.tool.title.as_deref().unwrap_or(entry.name);
    let who = visible_line(caller.actor.name());
    let why = visible_line(&clip(&why, WHY_BYTES));
    let message = match ask.says {
        Says::Parameter(_) => {
            format!("{who} asks: {title}. That is not possible as it stands: {why}.")
        }
        Says::Consent { .. } => format!("{who} asks: {title}. {why}."),
    };
    let schema = json!({
        "type": "object",
        "properties": { QUESTION: { "type": "boolean", "title": ask.title, "default": false } },
        "required": [QUESTION],
    });
    Some((ask, json!({ "mode": "form", "message": message, "requestedSchema": schema })))
}

/// Asks a client of the era of sessions, which answers while the call waits.
async fn elicited(context: &RequestContext<RoleServer>, params: Value) -> Word {
    let Ok(params) = serde_json::from_value(params) else { return Word::Nothing };
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(params));
    let answer = tokio::select! {
        answer = tokio::time::timeout(PATIENCE, context.peer.send_request(request)) => answer,
        () = context.ct.cancelled() => return Word::Nothing,
    };
    match answer {
        Ok(Ok(ClientResult::ElicitResult(answer))) => word(&json!(answer)),
        Ok(Ok(_) | Err(_)) | Err(_) => Word::Nothing,
    }
}

/// What an answer to the question says.
fn word(answer: &Value) -> Word {
    let said = answer.pointer(&format!("/content/{QUESTION}")).and_then(Value::as_bool);
    match (answer.get("action").and_then(Value::as_str), said) {
        (Some("accept"), Some(true)) => Word::Yes,
        (Some("accept"), Some(false)) | (Some("decline" | "cancel"), _) => Word::No,
        _ => Word::Nothing,
    }
}
