//! A client of `callboard mcp`, started as any agent's client starts it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rmcp::model::{CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation};
use rmcp::service::{RoleClient, RunningService};
use rmcp::{ServiceError, ServiceExt as _};
use serde_json::{Map, Value};
use tokio::process::{Child, Command};

/// How long a server may take to end once its client has left.
const GOODBYE: Duration = Duration::from_secs(2);
/// Variables that would tell the server of another project or agent.
const FOREIGN: [&str; 4] =
    ["CALLBOARD_PROJECT", "CALLBOARD_AGENT", "CLAUDE_PROJECT_DIR", "CLAUDE_CODE_SESSION_ID"];

/// Why an agent stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    #[error("cannot start the server")]
    Start(#[from] std::io::Error),
    #[error("the server has no pipes")]
    Pipes,
    #[error("the server did not begin: {0}")]
    Begin(String),
    #[error("a call failed")]
    Call(#[from] ServiceError),
}

/// The answer to a call: its data, or the refusal.
pub(super) type Answered = Result<Value, Value>;

pub(super) struct Client {
    service: RunningService<RoleClient, ClientConfig>,
    server: Child,
}

impl Client {
    /// Starts a server on a project and begins in the name of a client program.
    pub(super) async fn start(
        program: &Path,
        root: &Path,
        (name, version): (&str, &str),
    ) -> Result<Self, ClientError> {
        let mut command = Command::new(program);
        command.arg("mcp").arg("--project").arg(root).current_dir(root);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        for variable in FOREIGN {
            command.env_remove(variable);
        }
        let mut server = command.kill_on_drop(true).spawn()?;
        let pipes = server.stdout.take().zip(server.stdin.take()).ok_or(ClientError::Pipes)?;
        let who = Implementation::new(name, version);
        let config = ClientConfig::new(ClientCapabilities::default(), who);
        let service =
            config.serve(pipes).await.map_err(|error| ClientError::Begin(error.to_string()))?;
        Ok(Self { service, server })
    }

    /// Calls a tool.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Result<Answered, ClientError> {
        let arguments = match arguments {
            Value::Object(arguments) => arguments,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        let params = CallToolRequestParams::new(format!("orchestrator_{tool}"));
        let result = self.service.call_tool(params.with_arguments(arguments)).await?;
        let data = result.structured_content.unwrap_or_default();
        Ok(if result.is_error == Some(true) { Err(data) } else { Ok(data) })
    }

    /// Leaves, and waits until the server has ended.
    pub(super) async fn leave(mut self) {
        // What is left of a connection that cannot be closed ends with the server.
        self.service.cancel().await.ok();
        if tokio::time::timeout(GOODBYE, self.server.wait()).await.is_err() {
            // Dropped, it is killed.
            tracing::warn!("a server of the demo did not end by itself");
        }
    }
}
