//! Prompts: plain, with arguments, with what is embedded, and one that asks back.

use rmcp::ErrorData;
use rmcp::model::{
    GetPromptRequestParams, GetPromptResponse, GetPromptResult, Prompt, PromptArgument,
};
use serde_json::{Value, json};

use crate::rounds;
use crate::tools::PNG;

pub(crate) fn all() -> Vec<Prompt> {
    let prompt = |name: &str, arguments: &[&str]| {
        let arguments: Vec<PromptArgument> = arguments
            .iter()
            .map(|name| {
                PromptArgument::new(*name).with_description("For tests.").with_required(true)
            })
            .collect();
        let some = (!arguments.is_empty()).then_some(arguments);
        Prompt::new(name, Some("A prompt for tests."), some)
    };
    vec![
        prompt("test_simple_prompt", &[]),
        prompt("test_prompt_with_arguments", &["arg1", "arg2"]),
        prompt("test_prompt_with_embedded_resource", &["resourceUri"]),
        prompt("test_prompt_with_image", &[]),
        prompt("test_input_required_result_prompt", &[]),
    ]
}

pub(crate) fn get(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let argument = |name: &str| {
        let value = request.arguments.as_ref().and_then(|arguments| arguments.get(name));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let text = |text: &str| json!({ "type": "text", "text": text });
    let contents = match request.name.as_str() {
        "test_simple_prompt" => vec![text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (first, second) = (argument("arg1"), argument("arg2"));
            vec![text(&format!("Prompt with arguments: arg1='{first}', arg2='{second}'"))]
        }
        "test_prompt_with_embedded_resource" => {
            let resource = json!({
                "uri": argument("resourceUri"),
                "mimeType": "text/plain",
                "text": "Embedded resource content for testing.",
            });
            vec![
                json!({ "type": "resource", "resource": resource }),
                text("Please process the embedded resource above."),
            ]
        }
        "test_prompt_with_image" => vec![
            json!({ "type": "image", "data": PNG, "mimeType": "image/png" }),
            text("Please analyze the image above."),
        ],
        "test_input_required_result_prompt" => {
            let responses = request.input_responses.as_ref();
            let Some(context) = rounds::content(responses, "user_context", "context") else {
                let question = rounds::asked("What context should the prompt use?", "context");
                return Ok(GetPromptResponse::InputRequired(rounds::required(
                    json!({ "user_context": question }),
                    None,
                )));
            };
            vec![text(&format!("Use this context: {context}"))]
        }
        other => {
            return Err(ErrorData::invalid_params(format!("there is no prompt {other}"), None));
        }
    };
    let messages = contents.into_iter().map(|content| {
        serde_json::from_value(json!({ "role": "user", "content": content })).unwrap()
    });
    Ok(GetPromptResult::new(messages.collect()).into())
}
