//! What waits for an agent ends its next answer, whatever it asked.

use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use super::answer;
use super::server::CallboardServer;
use crate::domain::actor::Actor;
use crate::domain::text::{visible, visible_line};
use crate::query;
use crate::query::rows::InboxItem;

impl CallboardServer {
    /// Ends an answer with what waits for the agent.
    pub(super) fn hand_over(&self, actor: &Actor, result: &mut CallToolResult) {
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
