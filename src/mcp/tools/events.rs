//! Events: what changed since a cursor. Agents pull, because clients do not show them pushes.

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::domain::change::Change;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{Parameters, limit};
use crate::mcp::server::CallboardServer;
use crate::query::changes::{self, ChangeQuery};

#[derive(Debug, Deserialize, JsonSchema)]
struct Events {
    /// Where to continue: the cursor of the last answer.
    #[schemars(extend("aliases" = ["since", "after"]))]
    cursor: Option<i64>,
    /// Most events, 20 by default, at most 200.
    limit: Option<u32>,
}

#[tool_router(router = event_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_events",
        title = "Changes since a cursor",
        description = "What changed on the board since a cursor.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn events(&self, Parameters(input): Parameters<Events>) -> Reply {
        let query = ChangeQuery {
            after: input.cursor,
            limit: limit(input.limit),
            ..ChangeQuery::default()
        };
        let (list, latest) =
            self.read(|reader| Ok((changes::list(reader, &query)?, changes::latest(reader)?)))?;
        let cursor = list.iter().map(|change| change.seq).max().unwrap_or(latest);
        let rows: Vec<_> = list.iter().map(row).collect();
        Ok(Answer::data(&json!({ "events": rows, "cursor": cursor })))
    }
}

fn row(change: &Change) -> serde_json::Value {
    json!({
        "seq": change.seq,
        "at": change.at.to_string(),
        "actor": change.actor,
        "verb": change.verb,
        "record": change.record,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
    })
}
