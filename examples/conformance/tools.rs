//! Tools: every kind of content, progress, log messages, errors, and questions to the client.

use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientResult,
    ElicitRequest, LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam,
    ServerRequest, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};

use crate::server::{Changed, Fixtures};
use crate::{rounds, tasks};

/// One red point.
pub(crate) const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// Silence, with no sample in it.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
/// Between two messages of a call.
const MOMENT: Duration = Duration::from_millis(50);

const PLAIN: [&str; 15] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_tool_with_logging",
    "test_logging_tool",
    "test_error_handling",
    "test_tool_with_progress",
    "test_reconnection",
    "test_missing_capability",
    "test_trigger_tool_change",
    "test_trigger_prompt_change",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
];
const ROUNDS: [&str; 8] = [
    "elicitation",
    "sampling",
    "list_roots",
    "request_state",
    "tampered_state",
    "multiple_inputs",
    "multi_round",
    "capabilities",
];

pub(crate) fn tool(name: &str, schema: &Value) -> Tool {
    let tool = json!({ "name": name, "description": "A tool for tests.", "inputSchema": schema });
    serde_json::from_value(tool).expect("a tool")
}

/// Every tool.
pub(crate) fn all() -> Vec<Tool> {
    let none = json!({ "type": "object", "properties": {} });
    let one = |name: &str, schema: Value| json!({ "type": "object", "properties": { name: schema }, "required": [name] });
    let text = json!({ "type": "string" });
    let mut header = text.clone();
    header["x-mcp-header"] = json!("Region");
    let mut tools: Vec<Tool> = PLAIN.iter().map(|name| tool(name, &none)).collect();
    let rounds = ROUNDS.iter();
    tools.extend(rounds.map(|name| tool(&format!("test_input_required_result_{name}"), &none)));
    tools.push(tool("test_streaming_elicitation", &none));
    tools.push(tool("test_sampling", &one("prompt", text.clone())));
    tools.push(tool("test_elicitation", &one("message", text)));
    tools.push(tool("test_custom_header", &one("region", header)));
    tools.push(tool("json_schema_2020_12_tool", &rich()));
    tools.extend(tasks::all());
    tools
}

/// A schema with much of what schemas can say.
fn rich() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": text, "city": text },
            },
        },
        "properties": {
            "name": text,
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": text,
            "email": text,
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

fn result(contents: Value) -> CallToolResult {
    CallToolResult::success(serde_json::from_value(contents).expect("contents"))
}

fn text(text: &str) -> Value {
    json!([{ "type": "text", "text": text }])
}

/// Calls a tool.
pub(crate) async fn call(
    server: &Fixtures,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let argument = |name: &str| {
        let value = request.arguments.as_ref().and_then(|arguments| arguments.get(name));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
    let resource = |uri: &str, form: &str, text: &str| json!({ "type": "resource", "resource": { "uri": uri, "mimeType": form, "text": text } });
    let answer = match request.name.as_ref() {
        "test_simple_text" => result(text("This is a simple text response for testing.")),
        "test_image_content" => result(json!([image])),
        "test_audio_content" => {
            result(json!([{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }]))
        }
        "test_embedded_resource" => result(json!([resource(
            "test://embedded-resource",
            "text/plain",
            "This is an embedded resource content."
        )])),
        "test_multiple_content_types" => result(json!([
            { "type": "text", "text": "Multiple content types test:" },
            image,
            resource("test://mixed-content-resource", "application/json", "{\"test\":\"data\",\"value\":123}"),
        ])),
        "test_error_handling" => {
            let contents = text("This tool intentionally returns an error for testing");
            CallToolResult::error(serde_json::from_value(contents).expect("contents"))
        }
        "test_tool_with_logging" | "test_logging_tool" => log(context).await,
        "test_tool_with_progress" => progress(context).await,
        "test_reconnection" => {
            tokio::time::sleep(MOMENT).await;
            result(text("Still here."))
        }
        "test_missing_capability" => return needs_sampling(context),
        "test_trigger_tool_change" => changed(server, Changed::Tools),
        "test_trigger_prompt_change" => changed(server, Changed::Prompts),
        "test_streaming_elicitation" => {
            let question = rounds::asked("What is your name?", "name");
            let asks = rounds::required(json!({ "user_name": question }), None);
            return Ok(CallToolResponse::InputRequired(asks));
        }
        "test_sampling" => sample(context, &argument("prompt")).await?,
        "test_elicitation" => elicit(context, &argument("message"), &user()).await?,
        "test_elicitation_sep1034_defaults" => elicit(context, "Who are you?", &defaults()).await?,
        "test_elicitation_sep1330_enums" => elicit(context, "Choose.", &enums()).await?,
        "test_custom_header" => result(text(&argument("region"))),
        "json_schema_2020_12_tool" => result(text("Done.")),
        other => return Err(ErrorData::invalid_params(format!("unknown tool {other}"), None)),
    };
    Ok(answer.into())
}

fn changed(server: &Fixtures, change: Changed) -> CallToolResult {
    // Where nobody listens, nobody is told.
    server.shared.changes.send(change).ok();
    result(text("Changed."))
}

async fn log(context: &RequestContext<RoleServer>) -> CallToolResult {
    let version = context.protocol_version();
    let stateless = version.is_some_and(|version| "2026-07-28" <= version.as_str());
    // Without sessions only a request that names a level is sent messages.
    if !stateless || context.meta.log_level().is_some() {
        for message in
            ["Tool execution started", "Tool processing data", "Tool execution completed"]
        {
            let logged = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(message));
            context.peer.notify_logging_message(logged).await.ok();
            tokio::time::sleep(MOMENT).await;
        }
    }
    result(text("Logged."))
}

async fn progress(context: &RequestContext<RoleServer>) -> CallToolResult {
    for step in [0.0, 50.0, 100.0] {
        if let Some(token) = context.meta.get_progress_token() {
            let told = ProgressNotificationParam::new(token, step).with_total(100.0);
            context.peer.notify_progress(told).await.ok();
        }
        tokio::time::sleep(MOMENT).await;
    }
    result(text("Done."))
}

fn needs_sampling(context: &RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
    let can = serde_json::to_value(context.client_capabilities()).unwrap_or_default();
    if can["sampling"].is_object() {
        return Ok(result(text("The client samples.")).into());
    }
    let needed: ClientCapabilities =
        serde_json::from_value(json!({ "sampling": {} })).expect("capabilities");
    Err(ErrorData::missing_required_client_capability(needed))
}

async fn sample(
    context: &RequestContext<RoleServer>,
    prompt: &str,
) -> Result<CallToolResult, ErrorData> {
    let message = json!({ "role": "user", "content": { "type": "text", "text": prompt } });
    let params = json!({ "messages": [message], "maxTokens": 100 });
    let params = serde_json::from_value(params).expect("a request");
    let sampled = context.peer.create_message(params).await;
    let sampled = sampled.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    let sampled = serde_json::to_value(sampled).expect("a result");
    let said = sampled.pointer("/content/text").or_else(|| sampled.pointer("/content/0/text"));
    let said = said.and_then(Value::as_str).unwrap_or_default();
    Ok(result(text(&format!("LLM response: {said}"))))
}

async fn elicit(
    context: &RequestContext<RoleServer>,
    message: &str,
    schema: &Value,
) -> Result<CallToolResult, ErrorData> {
    let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
    let params = serde_json::from_value(params).expect("a request");
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(params));
    let answer = context.peer.send_request(request).await;
    let answer = answer.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    let ClientResult::ElicitResult(answer) = answer else {
        return Err(ErrorData::internal_error("the client answered something else", None));
    };
    let answer = serde_json::to_value(answer).expect("a result");
    let (action, content) = (&answer["action"], &answer["content"]);
    let action = action.as_str().unwrap_or_default();
    Ok(result(text(&format!("Elicitation completed: action={action}, content={content}"))))
}

fn user() -> Value {
    json!({
        "type": "object",
        "properties": {
            "username": { "type": "string", "description": "User's response" },
            "email": { "type": "string", "description": "User's email address" },
        },
        "required": ["username", "email"],
    })
}

fn defaults() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
            "verified": { "type": "boolean", "default": true },
        },
        "required": [],
    })
}

fn enums() -> Value {
    let titled = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" },
    ]);
    let plain = json!(["option1", "option2", "option3"]);
    json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": plain },
            "titledSingle": { "type": "string", "oneOf": titled },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": plain } },
            "titledMulti": { "type": "array", "items": { "anyOf": titled } },
        },
        "required": [],
    })
}
