//! What waits for an agent ends its next answer, whatever it asked.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use super::answer::{self, BRIEF_BYTES, FULL_BYTES};
use super::server::CallboardServer;
use crate::domain::actor::Actor;
use crate::domain::text::{visible, visible_line};
use crate::query;
use crate::query::rows::InboxItem;

impl CallboardServer {
    /// Ends an answer with what waits for the agent.
    pub(super) fn hand_over(&self, actor: &Actor, result: &mut CallToolResult) {
        let now = self.peer.clock.now();
        let mut items =
            self.read(|reader| query::inbox::list(reader, actor, now)).unwrap_or_default();
        let news = self.read(|reader| query::inbox::mode_news(reader, actor)).unwrap_or_default();
        if let Some(news) = news {
            self.peer.telemetry.told_mode(actor.name(), news.key);
            items.splice(0..0, news.item);
        }
        let mut room = Room::beside(result);
        let (mut shown, mut delivered) = (Vec::new(), Vec::new());
        for item in &items {
            let line = inbox_item(item);
            if !room.takes(&line) {
                break;
            }
            shown.push(line);
            if let InboxItem::Message { number, .. } = item {
                delivered.push(*number);
            }
        }
        if !shown.is_empty() {
            answer::append(result, "inbox", Value::Array(shown));
        }
        if !delivered.is_empty() {
            self.peer.telemetry.delivered(delivered);
        }
    }
}

/// The bytes that are left beside an answer. What finds no room waits for the next one.
struct Room {
    used: usize,
    is_first: bool,
}

impl Room {
    fn beside(result: &CallToolResult) -> Self {
        let data = result.structured_content.as_ref().map_or(0, |data| data.to_string().len());
        let texts = result.content.iter().filter_map(ContentBlock::as_text);
        Self { used: data + texts.map(|text| text.text.len()).sum::<usize>(), is_first: true }
    }

    /// Whether an item fits: into a small answer, or, as the first, into the largest allowed.
    fn takes(&mut self, line: &Value) -> bool {
        let most = if self.is_first { FULL_BYTES } else { BRIEF_BYTES };
        self.used += line.to_string().len() + 1;
        self.is_first = false;
        self.used <= most
    }
}

/// What waits for an agent, as it reads it. Words of people are data, and shown as such.
fn inbox_item(item: &InboxItem) -> Value {
    match item {
        InboxItem::Message { from, text, at, .. } => json!({
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
        InboxItem::ModeChanged { mode, roles, by, reason, at } => json!({
            "kind": "mode_changed", "mode": mode, "roles": roles, "by": by,
            "reason": reason.as_deref().map(visible), "at": at.to_string(),
        }),
        InboxItem::ConflictDecided { conflict, record, title, field, choice, by, remark, at } => {
            json!({
                "kind": "conflict_decided", "conflict": conflict, "record": record,
                "title": visible_line(title), "field": field, "choice": choice, "by": by,
                "remark": remark.as_deref().map(visible), "at": at.to_string(),
            })
        }
    }
}
