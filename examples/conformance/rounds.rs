//! Tools that ask back, in the manner of the stateless era: the call is repeated with the answers,
//! and what the server must remember travels with it, sealed.

use std::time::{SystemTime, UNIX_EPOCH};

use callboard_engine::domain::time::Timestamp;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, InputRequiredResult,
    InputResponses,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};

use crate::server::Fixtures;

/// How long a state is good.
const GOOD_MS: i64 = 60_000;

/// A question with one field.
pub(crate) fn asked(message: &str, field: &str) -> Value {
    let kind = if ["ok", "confirm"].contains(&field) { "boolean" } else { "string" };
    let schema = json!({
        "type": "object",
        "properties": { field: { "type": kind } },
        "required": [field],
    });
    let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
    json!({ "method": "elicitation/create", "params": params })
}

fn sampled(prompt: &str, tokens: u32) -> Value {
    let message = json!({ "role": "user", "content": { "type": "text", "text": prompt } });
    let params = json!({ "messages": [message], "maxTokens": tokens });
    json!({ "method": "sampling/createMessage", "params": params })
}

fn roots() -> Value {
    json!({ "method": "roots/list" })
}

/// A result that asks for input.
pub(crate) fn required(requests: Value, state: Option<String>) -> InputRequiredResult {
    let requests = serde_json::from_value(requests).expect("requests");
    InputRequiredResult::new(Some(requests), state)
}

/// What was answered in one field of one question, if it was accepted.
pub(crate) fn content(
    responses: Option<&InputResponses>,
    key: &str,
    field: &str,
) -> Option<String> {
    let response = responses?.get(key)?;
    let value = response.get("content").filter(|_| response["action"] == "accept")?.get(field)?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn done(text: impl Into<String>) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(text.into())]).into()
}

fn ask(requests: Value, state: Option<String>) -> CallToolResponse {
    CallToolResponse::InputRequired(required(requests, state))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp(i64::try_from(since.as_millis()).expect("before the end of time"))
}

/// Seals what is to be remembered for this tool.
fn sealed(server: &Fixtures, tool: &str, state: &str) -> String {
    server.shared.seal.seal(state, &[tool], Timestamp(now().0 + GOOD_MS))
}

/// What was remembered; an error where it is not what was given.
fn opened(server: &Fixtures, request: &CallToolRequestParams) -> Result<Option<String>, ErrorData> {
    let Some(state) = &request.request_state else { return Ok(None) };
    let opened = server.shared.seal.open(state, &[&request.name], now());
    let broken = || ErrorData::invalid_params("requestState is not what was given", None);
    opened.map(Some).ok_or_else(broken)
}

/// Calls one of the tools that ask back.
pub(crate) fn call(
    server: &Fixtures,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let responses = request.input_responses.as_ref();
    let state = opened(server, request)?;
    let tool = request.name.as_ref();
    let keep = |state: &str| Some(sealed(server, tool, state));
    let given = |key: &str| responses.and_then(|responses| responses.get(key));
    let answer = match tool.trim_start_matches("test_input_required_result_") {
        "elicitation" => match content(responses, "user_name", "name") {
            Some(name) => done(format!("Hello, {name}!")),
            None => ask(json!({ "user_name": asked("What is your name?", "name") }), None),
        },
        "sampling" => match given("capital_question") {
            Some(answer) => done(answer["content"]["text"].as_str().unwrap_or_default()),
            None => ask(
                json!({ "capital_question": sampled("What is the capital of France?", 100) }),
                None,
            ),
        },
        "list_roots" => match given("client_roots") {
            Some(answer) => done(format!("Roots: {}", answer["roots"])),
            None => ask(json!({ "client_roots": roots() }), None),
        },
        "request_state" | "tampered_state" => match content(responses, "confirm", "ok") {
            Some(_) if state.as_deref() == Some("confirm") => done("state-ok"),
            Some(_) | None => {
                ask(json!({ "confirm": asked("Please confirm", "ok") }), keep("confirm"))
            }
        },
        "multiple_inputs" => match (
            content(responses, "user_name", "name"),
            given("greeting"),
            given("client_roots"),
        ) {
            (Some(name), Some(_), Some(_)) if state.is_some() => done(format!("Hello, {name}!")),
            _ => ask(
                json!({
                    "user_name": asked("What is your name?", "name"),
                    "greeting": sampled("Generate a greeting", 50),
                    "client_roots": roots(),
                }),
                keep("several"),
            ),
        },
        "multi_round" => multi_round(responses, state.as_deref(), keep),
        "capabilities" => by_capability(context),
        _ => return Err(ErrorData::invalid_params(format!("unknown tool {tool}"), None)),
    };
    Ok(answer)
}

fn multi_round(
    responses: Option<&InputResponses>,
    state: Option<&str>,
    keep: impl Fn(&str) -> Option<String>,
) -> CallToolResponse {
    let first = || asked("Step 1: What is your name?", "name");
    let second = || asked("Step 2: What is your favorite color?", "color");
    match state.and_then(|state| state.split_once(' ')) {
        None if state == Some("1") => match content(responses, "step1", "name") {
            Some(name) => ask(json!({ "step2": second() }), keep(&format!("2 {name}"))),
            None => ask(json!({ "step1": first() }), keep("1")),
        },
        Some(("2", name)) => match content(responses, "step2", "color") {
            Some(color) => done(format!("{name} likes {color}.")),
            None => ask(json!({ "step2": second() }), keep(&format!("2 {name}"))),
        },
        Some(_) | None => ask(json!({ "step1": first() }), keep("1")),
    }
}

/// Asks only for what the client can answer.
fn by_capability(context: &RequestContext<RoleServer>) -> CallToolResponse {
    let can = serde_json::to_value(context.client_capabilities()).unwrap_or_default();
    let mut requests = json!({});
    if can["sampling"].is_object() {
        requests["greeting"] = sampled("Generate a greeting", 50);
    }
    if can["elicitation"].is_object() {
        requests["user_name"] = asked("What is your name?", "name");
    }
    if requests == json!({}) {
        return done("The client can be asked nothing.");
    }
    ask(requests, None)
}
