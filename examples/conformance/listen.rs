//! Telling listeners of the stateless era what changed.

use rmcp::service::SubscriptionContext;

use crate::server::{Changed, Fixtures};

/// Tells one listener until it stops.
pub(crate) async fn serve(server: &Fixtures, context: &SubscriptionContext) {
    let mut changes = server.shared.changes.subscribe();
    loop {
        let change = tokio::select! {
            change = changes.recv() => change,
            () = context.cancelled() => return,
        };
        // Who is told of one change less looks all the same.
        let Ok(change) = change else { continue };
        let sink = context.sink();
        let accepted = sink.accepted();
        match change {
            Changed::Tools if accepted.tools_list_changed == Some(true) => {
                sink.notify_tool_list_changed().await.ok();
            }
            Changed::Prompts if accepted.prompts_list_changed == Some(true) => {
                sink.notify_prompt_list_changed().await.ok();
            }
            Changed::Tools | Changed::Prompts => {}
        }
    }
}
