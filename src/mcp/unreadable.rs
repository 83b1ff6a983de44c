//! Errors of the protocol: what is said where a request is none that can be carried out.

use rmcp::ErrorData;
use rmcp::model::{CustomRequest, ErrorCode};

use super::catalogue::catalogue;
use super::stdio::lines::UNREADABLE as UNREADABLE_LINE;

/// What is said to a request that is none of the protocol's: because its method is unknown, or
/// because its parameters are not those of its method.
pub(super) fn unreadable(request: &CustomRequest) -> ErrorData {
    let method: String = request.method.chars().take(64).collect();
    match request.method.as_str() {
        UNREADABLE_LINE => {
            let why = request.params.as_ref().and_then(|params| params.get("why")?.as_str());
            ErrorData::parse_error(why.unwrap_or("the message cannot be read").to_owned(), None)
        }
        "tools/call" => ErrorData::invalid_params(
            "the parameters of tools/call cannot be read: name is a text, arguments an object",
            None,
        ),
        "initialize" | "ping" | "tools/list" | "server/discover" | "subscriptions/listen" => {
            let message = format!("the parameters of {method} cannot be read");
            ErrorData::invalid_params(message, None)
        }
        _ => ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None),
    }
}

/// What is said of a tool that is not there.
pub(super) fn unknown_tool(name: &str) -> ErrorData {
    let shown: String = name.chars().take(64).collect();
    let hint =
        catalogue().closest(name).map(|tool| format!("; did you mean {tool}?")).unwrap_or_default();
    ErrorData::invalid_params(format!("unknown tool {shown:?}{hint}"), None)
}
