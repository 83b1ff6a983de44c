//! Events: what changed since a cursor. Agents pull, because clients do not show them pushes.

use std::time::Duration;

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep_until};

use crate::domain::actor::Actor;
use crate::domain::change::{Change, Verb};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::mcp::answer::{
    Answer, LIST_SPARE_BYTES, Reply, bytes_max, clip, clip_value, fitting, without_nulls,
};
use crate::mcp::params::{Detail, Parameters, given, limit};
use crate::mcp::server::{CallboardServer, Caller};
use crate::mcp::tools::session::counts;
use crate::query::changes::{self, ChangeQuery};
use crate::query::{inbox, resolve, sessions, tasks};
use crate::store::Reader;

/// Longest wait: clients give up on a call after a minute.
const WAIT_MAX: u32 = 55;
/// How often a caller that waits is told that it still waits.
const PROGRESS: Duration = Duration::from_secs(10);
/// Bytes of a changed value in a brief answer.
const BRIEF_BYTES: usize = 80;

#[derive(Debug, Deserialize, JsonSchema)]
struct Events {
    /// Of the last answer; absent: the newest changes.
    #[schemars(extend("aliases" = ["since", "after", "seq", "since_cursor"]))]
    cursor: Option<i64>,
    /// At most 55.
    #[schemars(extend("aliases" = ["wait", "timeout", "timeout_seconds"]))]
    wait_seconds: Option<u32>,
    /// Only of this task.
    #[schemars(extend("aliases" = ["task"]))]
    task_id: Option<String>,
    /// Only changes in this session.
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    /// Leave out your own changes.
    others_only: Option<bool>,
    limit: Option<u32>,
    /// full: with the values before.
    detail: Option<Detail>,
}

/// What is looked for.
struct Search {
    query: ChangeQuery,
    without: Option<Actor>,
    /// Who asks: what is said to them is in their inbox.
    me: Actor,
}

#[tool_router(router = event_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_events",
        title = "What changed",
        description = "What changed on the board since a cursor: who did what to which task. With wait_seconds waits for the next: a review, an answer, a task you depend on. Returns events, oldest first, and the next cursor.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn events(&self, caller: Caller, Parameters(input): Parameters<Events>) -> Reply {
        let wait = input.wait_seconds.unwrap_or(0).min(WAIT_MAX);
        let detail = input.detail.unwrap_or_default();
        let mut search = self.read(|reader| search(reader, &caller, &input))?;
        // From here on a change is either found by the first look or wakes the wait.
        let mut feed = self.peer.feed();
        feed.mark_unchanged();
        if search.query.after.is_none() && 0 < wait {
            search.query.after = Some(self.read(changes::latest)?);
        }
        let began = Instant::now();
        let end = began + Duration::from_secs(wait.into());
        let mut told = began;
        loop {
            let (found, cursor) = self.read(|reader| self.news(reader, &search))?;
            if !found.is_empty() || end <= Instant::now() || caller.follow.cancel().is_cancelled() {
                return self.told(&search, (&found, cursor), detail);
            }
            tokio::select! {
                changed = feed.changed() => {
                    if changed.is_err() {
                        return self.told(&search, (&found, cursor), detail);
                    }
                }
                () = sleep_until(end.min(told + PROGRESS)) => {
                    told = Instant::now();
                    let elapsed = (told - began).as_secs();
                    caller.follow.tell(elapsed, wait.into(), "waiting for a change");
                }
                () = caller.follow.cancel().cancelled() => {}
            }
        }
    }

    /// The changes that are there, oldest first, and the cursor after them.
    fn news(&self, reader: &Reader, search: &Search) -> Result<(Vec<Change>, i64), Refusal> {
        let mut query = search.query.clone();
        loop {
            let latest = changes::latest(reader)?;
            let mut found = changes::list(reader, &query)?;
            if query.after.is_none() {
                found.reverse();
            }
            let full = query.limit <= found.len();
            let last = found.last().map(|change| change.seq);
            let cursor = if full { last.unwrap_or(latest) } else { latest };
            if let Some(own) = &search.without {
                found.retain(|change| change.actor != *own);
            }
            self.leave_out_read(reader, &search.me, &mut found)?;
            // A page of nothing but own changes is not the end.
            if !found.is_empty() || !full || query.after.is_none() {
                return Ok((found, cursor));
            }
            query.after = Some(cursor);
        }
    }

    /// Leaves out the messages to who asks that they have read in their inbox: those are no news.
    fn leave_out_read(
        &self,
        reader: &Reader,
        me: &Actor,
        found: &mut Vec<Change>,
    ) -> Result<(), Refusal> {
        if !found.iter().any(|change| is_said_to(change, me)) {
            return Ok(());
        }
        let mut waiting = inbox::waiting(reader, me)?;
        waiting.retain(|(number, _)| !self.shared.told_messages.has(*number));
        let waits = |change: &Change| waiting.iter().any(|(_, at)| *at == change.at);
        found.retain(|change| !is_said_to(change, me) || waits(change));
        Ok(())
    }

    /// The answer: the changes that fit, the cursor after them, and where the session stands.
    fn told(&self, search: &Search, (found, cursor): (&[Change], i64), detail: Detail) -> Reply {
        self.read(|reader| {
            let rows: Vec<Value> = found
                .iter()
                .map(|change| without_nulls(row(reader, change, (detail, &search.me))))
                .collect();
            let fits = fitting(&rows, bytes_max(detail) - LIST_SPARE_BYTES).max(1).min(rows.len());
            let last = found.get(fits.saturating_sub(1)).map(|change| change.seq);
            let all = fits == rows.len();
            let session = match search.query.session {
                Some(id) => Some(id),
                None => current(reader)?,
            };
            let stands = match session {
                Some(id) => {
                    let row = sessions::row(reader, id)?;
                    Some(json!({
                        "session_id": id,
                        "state": row.session.state,
                        "tasks": counts(row.counts),
                    }))
                }
                None => None,
            };
            Ok(Answer::data(&json!({
                "events": rows.get(..fits),
                "cursor": if all { cursor } else { last.unwrap_or(cursor) },
                "more": (!all || search.query.limit <= found.len()).then_some(true),
                "session": stands,
            }))
            .detail(detail)
            .rest("orchestrator_task_get or orchestrator_context, for values as they are now"))
        })
    }
}

fn search(reader: &Reader, caller: &Caller, input: &Events) -> Result<Search, Refusal> {
    let named = given(input.session_id.as_deref());
    let session = named.map(|text| resolve::session(reader, text)).transpose()?;
    let record = match given(input.task_id.as_deref()) {
        Some(text) => {
            let within = session.map_or_else(|| current(reader), |id| Ok(Some(id)))?;
            Some(resolve::task(reader, within, text)?.to_string())
        }
        None => None,
    };
    let query = ChangeQuery {
        after: input.cursor,
        session,
        record,
        limit: limit(input.limit),
        ..ChangeQuery::default()
    };
    let without = input.others_only.unwrap_or(false).then(|| caller.actor.clone());
    Ok(Search { query, without, me: caller.actor.clone() })
}

fn current(reader: &Reader) -> Result<Option<SessionId>, Refusal> {
    Ok(sessions::current(reader)?.map(|session| session.id))
}

/// Tells whether a change is a message to somebody.
fn is_said_to(change: &Change, actor: &Actor) -> bool {
    let to = change.after.as_ref().and_then(|fields| fields.get("to")?.as_str());
    change.verb == Verb::MessageSent && to == Some(actor.name())
}

/// A change on the wire; the text of a message to who asks is in the inbox, and not said twice.
fn row(reader: &Reader, change: &Change, (detail, me): (Detail, &Actor)) -> Value {
    let full = detail == Detail::Full;
    let is_in_inbox = is_said_to(change, me);
    json!({
        "seq": change.seq,
        "at": change.at.to_string(),
        "actor": change.actor,
        "verb": change.verb,
        "record": change.record,
        "title": title(reader, change),
        "reason": change.reason.as_deref().map(|text| clip(text, BRIEF_BYTES * 4)),
        "changed": change.after.as_ref().filter(|_| !full && !is_in_inbox).map(brief),
        "before": change.before.as_ref().filter(|_| full),
        "after": change.after.as_ref().filter(|_| full && !is_in_inbox),
        "text": is_in_inbox.then_some("in the inbox"),
    })
}

/// The name of the record, from the change itself or from the board, if it is still there.
fn title(reader: &Reader, change: &Change) -> Option<String> {
    let fields = [&change.after, &change.before];
    let said = fields.into_iter().flatten().find_map(|fields| {
        let text = fields.get("title").or_else(|| fields.get("name"))?;
        text.as_str().map(str::to_owned)
    });
    said.or_else(|| Some(tasks::row(reader, change.record.parse().ok()?).ok()?.title))
}

/// The fields that say something, their values cut.
fn brief(fields: &Map<String, Value>) -> Map<String, Value> {
    const SILENT: [&str; 14] = [
        "id",
        "session_id",
        "version",
        "created_at",
        "updated_at",
        "position",
        "title",
        "name",
        "created_by",
        "claim_number",
        "started_at",
        "finished_at",
        "owner",
        "state_since",
    ];
    fields
        .iter()
        .filter(|(name, value)| {
            let empty = value.is_null()
                || value.as_str().is_some_and(str::is_empty)
                || value.as_array().is_some_and(Vec::is_empty);
            !empty && !SILENT.contains(&name.as_str())
        })
        .map(|(name, value)| {
            let holder = value.get("holder").filter(|_| name == "claim");
            (name.clone(), clip_value(holder.unwrap_or(value), BRIEF_BYTES))
        })
        .collect()
}
