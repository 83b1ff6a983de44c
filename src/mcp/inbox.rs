//! What waits for an agent ends its next answer, whatever it asked.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use super::answer::{self, BRIEF_BYTES, FULL_BYTES, clip};
use super::server::CallboardServer;
use crate::domain::actor::Actor;
use crate::domain::text::{visible, visible_line};
use crate::query;
use crate::query::rows::InboxItem;

/// Agents, and messages, that are remembered at a time.
const TOLD_MAX: usize = 1_024;
/// Bytes of the names of a new mode's roles, and of why it was selected.
const NAMES_BYTES: usize = 400;
const REASON_BYTES: usize = 240;

impl CallboardServer {
    /// Ends an answer with what waits for the agent.
    pub(super) fn hand_over(&self, actor: &Actor, result: &mut CallToolResult) {
        let now = self.peer.clock.now();
        let mut items =
            self.read(|reader| query::inbox::list(reader, actor, now)).unwrap_or_default();
        let told = self.shared.told_modes.of(actor.name());
        let news = self.read(|reader| query::inbox::mode_news(reader, actor, told));
        let mut news = news.unwrap_or_default();
        items.retain(|item| match item {
            InboxItem::Message { number, .. } => !self.shared.told_messages.has(*number),
            InboxItem::ClaimEnding { .. }
            | InboxItem::TaskChanged { .. }
            | InboxItem::ModeChanged { .. }
            | InboxItem::ConflictDecided { .. } => true,
        });
        items.splice(0..0, news.as_mut().and_then(|news| news.item.take()));
        let has_news = matches!(items.first(), Some(InboxItem::ModeChanged { .. }));
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
        // What found no room is told with the next answer.
        if let Some(news) = news.filter(|_| !has_news || !shown.is_empty()) {
            self.shared.told_modes.note(actor.name(), &news.key);
            self.peer.telemetry.told_mode(actor.name(), news.key);
        }
        if !shown.is_empty() {
            answer::append(result, "inbox", Value::Array(shown));
        }
        if !delivered.is_empty() {
            self.shared.told_messages.note(&delivered);
            self.peer.telemetry.delivered(delivered);
        }
    }
}

/// Of which mode each agent was told last by this process.
///
/// The database learns it with the next commit; an agent may call again before that.
#[derive(Debug, Default)]
pub(super) struct ToldModes(RwLock<HashMap<String, String>>);

impl ToldModes {
    fn of(&self, agent: &str) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(agent).cloned()
    }

    fn note(&self, agent: &str, key: &str) {
        let mut told = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if TOLD_MAX <= told.len() {
            // The database knows what they were told.
            told.clear();
        }
        told.insert(agent.to_owned(), key.to_owned());
    }

    /// Forgets an agent that is gone: it may come back by another process.
    pub(super) fn forget(&self, agent: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(agent);
    }
}

/// The messages that this process handed over last.
///
/// The database learns it with the next commit; an agent may call again before that.
#[derive(Debug, Default)]
pub(super) struct ToldMessages(RwLock<HashSet<i64>>);

impl ToldMessages {
    pub(super) fn has(&self, number: i64) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&number)
    }

    fn note(&self, numbers: &[i64]) {
        let mut told = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if TOLD_MAX <= told.len() {
            // The database knows of those by now.
            told.clear();
        }
        told.extend(numbers);
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
            "kind": "mode_changed", "mode": mode, "roles": few(roles), "by": by,
            "reason": reason.as_deref().map(|reason| clip(&visible(reason), REASON_BYTES)),
            "at": at.to_string(),
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

/// As many names as find room in any answer, and how many more there are.
fn few(names: &[String]) -> Vec<String> {
    let mut used = 0;
    let fits = names.iter().take_while(|name| {
        used += name.len() + 3;
        used <= NAMES_BYTES
    });
    let mut told: Vec<String> = fits.cloned().collect();
    let more = names.len() - told.len();
    if 0 < more {
        told.push(format!("and {more} more"));
    }
    told
}
