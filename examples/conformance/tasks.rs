//! Tools whose calls become tasks that the client asks after, answers and cancels.
//!
//! A client that does not know tasks waits for the one that can do without; the others are refused,
//! which names what is missing.

use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ContentBlock,
    CreateTaskResult, InputRequest, Tool,
};
use rmcp::service::RequestContext;
use rmcp::task_manager::{TaskContext, TaskExit, TaskOptions};
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};

use crate::rounds;
use crate::server::Fixtures;
use crate::tools::tool;

/// What there is only as a task.
const ONLY_AS_TASK: [&str; 5] =
    ["failing_job", "protocol_error_job", "confirm_delete", "multi_input", "test_tool_with_task"];
/// How long a job runs until it fails.
const UNTIL_FAILURE: Duration = Duration::from_secs(1);
/// How often clients should ask after a task.
const POLL_MS: u64 = 200;

/// Every tool of this kind.
pub(crate) fn all() -> Vec<Tool> {
    let text = json!({ "type": "string" });
    let with = |properties: Value| json!({ "type": "object", "properties": properties });
    let compute = json!({ "seconds": { "type": "number", "minimum": 0 }, "label": text });
    vec![
        tool("greet", &with(json!({ "name": text }))),
        tool("slow_compute", &with(compute)),
        tool("failing_job", &with(json!({}))),
        tool("protocol_error_job", &with(json!({}))),
        tool("confirm_delete", &with(json!({ "filename": text }))),
        tool("multi_input", &with(json!({}))),
        tool("test_tool_with_task", &with(json!({}))),
    ]
}

/// Calls one of them; none where the call is for another tool.
pub(crate) async fn call(
    server: &Fixtures,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Option<Result<CallToolResponse, ErrorData>> {
    let argument = |name: &str| request.arguments.as_ref().and_then(|given| given.get(name));
    let text = |name: &str| argument(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let knows_tasks = context.client_capabilities().is_some_and(|can| can.supports_tasks());
    let tool = request.name.as_ref();
    if !knows_tasks && ONLY_AS_TASK.contains(&tool) {
        let needed = ClientCapabilities::builder().enable_tasks().build();
        return Some(Err(ErrorData::missing_required_client_capability(needed)));
    }
    let response = match tool {
        "greet" => done(format!("Hello, {}!", text("name"))).into(),
        "slow_compute" => {
            let seconds = argument("seconds").and_then(Value::as_f64).unwrap_or_default();
            let work = computed(Duration::from_secs_f64(seconds), text("label"));
            if knows_tasks {
                create(server, |task| unless_cancelled(task, work))
            } else {
                work.await.into()
            }
        }
        "failing_job" => create(server, |_| failed()),
        "protocol_error_job" => create(server, |_| broken()),
        "confirm_delete" => create(server, |task| confirmed(task, text("filename"))),
        "multi_input" => create(server, named),
        "test_tool_with_task" => welcomed(server, request),
        _ => return None,
    };
    Some(Ok(response))
}

/// Asks for a name first, and goes on as a task when it was given.
fn welcomed(server: &Fixtures, request: &CallToolRequestParams) -> CallToolResponse {
    let Some(name) = rounds::content(request.input_responses.as_ref(), "user_name", "name") else {
        let asks = json!({ "user_name": rounds::asked("What is your name?", "name") });
        return rounds::required(asks, None).into();
    };
    create(server, |_| async move { Ok(done(format!("Welcome, {name}!"))) })
}

/// Begins a task and says how it is asked after.
fn create<Work>(server: &Fixtures, work: impl FnOnce(TaskContext) -> Work) -> CallToolResponse
where
    Work: Future<Output = Result<CallToolResult, TaskExit>> + Send + 'static,
{
    let options = TaskOptions::default().with_poll_interval_ms(POLL_MS);
    let task = server.shared.tasks.spawn(options, |task| Box::pin(work(task)));
    CreateTaskResult::new(task).into()
}

fn done(text: String) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

async fn computed(time: Duration, label: String) -> CallToolResult {
    tokio::time::sleep(time).await;
    done(format!("Computed {label} for {} seconds.", time.as_secs_f64()))
}

async fn unless_cancelled(
    task: TaskContext,
    work: impl Future<Output = CallToolResult>,
) -> Result<CallToolResult, TaskExit> {
    tokio::select! {
        () = task.cancelled() => Err(TaskExit::Cancelled),
        result = work => Ok(result),
    }
}

/// What goes wrong within a tool is its result, and the task completes.
async fn failed() -> Result<CallToolResult, TaskExit> {
    tokio::time::sleep(UNTIL_FAILURE).await;
    Ok(CallToolResult::error(vec![ContentBlock::text("This job fails.")]))
}

/// What goes wrong around a tool is an error, and the task fails.
async fn broken() -> Result<CallToolResult, TaskExit> {
    tokio::time::sleep(UNTIL_FAILURE).await;
    Err(ErrorData::internal_error("this job breaks down", None).into())
}

async fn confirmed(task: TaskContext, file: String) -> Result<CallToolResult, TaskExit> {
    let answer = answered(&task, "deletion", rounds::asked("Delete it?", "confirm")).await?;
    let agreed = answer["action"] == "accept" && answer["content"]["confirm"] == true;
    Ok(done(if agreed { format!("Deleted {file}.") } else { format!("Kept {file}.") }))
}

/// Asks for two things at once, which may be answered one by one.
async fn named(task: TaskContext) -> Result<CallToolResult, TaskExit> {
    let (first, last) = tokio::try_join!(
        answered(&task, "first", rounds::asked("What is your first name?", "name")),
        answered(&task, "last", rounds::asked("What is your last name?", "name")),
    )?;
    Ok(done(format!("Hello, {} {}!", first["content"]["name"], last["content"]["name"])))
}

/// Waits until the client answered a question.
async fn answered(task: &TaskContext, key: &str, question: Value) -> Result<Value, TaskExit> {
    let question: InputRequest = serde_json::from_value(question).expect("a question");
    task.request_input(key, question).await
}
