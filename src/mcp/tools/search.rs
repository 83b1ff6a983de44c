//! Search and discovery: anything by its words, what is related to a task, a part of the tree.

mod browse;
mod find;
mod related;

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::domain::refusal::Refusal;
use crate::domain::task::Priority;
use crate::mcp::answer::{Reply, unexpected};
use crate::mcp::params::{Parameters, Word};
use crate::mcp::server::CallboardServer;
use crate::query::related::Relation;
use crate::query::search::{Kind, Mode};
use crate::store::Reader;

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["search_fields", "fuzzy_match", "semantic_search", "artifact_types"]))]
struct Search {
    /// Words, "a phrase", -without, a OR b, in:title, status:open, role:, by:, tags:, since:7d
    #[schemars(extend("aliases" = ["text", "q", "search"]))]
    query: String,
    /// Any by default.
    #[schemars(extend("aliases" = ["types", "type", "content_type"]))]
    content_types: Option<Vec<Word<Kind>>>,
    /// active (default), all, archived, or a session.
    #[schemars(extend("aliases" = ["scope"]))]
    #[serde(rename = "search_scope")]
    scope: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["mode"]))]
    #[serde(rename = "search_mode")]
    mode: Option<Word<Mode>>,
    #[schemars(extend("hidden" = true))]
    filters: Option<Filters>,
    /// Without ** around what was found.
    #[schemars(extend("hidden" = true, "aliases" = ["highlight"]))]
    highlight_matches: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Filters as fields, for those who do not write them into the query.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
struct Filters {
    #[schemars(extend("aliases" = ["statuses"]))]
    status: Option<Vec<String>>,
    #[schemars(extend("aliases" = ["role", "roles"]))]
    specialist_type: Option<Vec<String>>,
    #[schemars(extend("aliases" = ["priority"]))]
    priority_level: Option<Vec<Word<Priority>>>,
    #[schemars(extend("aliases" = ["actor", "agent_name"]))]
    by: Option<String>,
    date_range: Option<DateRange>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
struct DateRange {
    #[schemars(extend("aliases" = ["start", "since", "from"]))]
    start_date: Option<String>,
    #[schemars(extend("aliases" = ["end", "until", "to"]))]
    end_date: Option<String>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
struct FindRelated {
    #[schemars(extend("aliases" = ["id", "task"]))]
    task_id: String,
    #[schemars(extend("aliases" = ["relationship_types", "relation_types"]))]
    relations: Option<Vec<Word<Relation>>>,
    /// Steps along dependencies.
    #[schemars(extend("hidden" = true, "aliases" = ["distance"]))]
    max_distance: Option<u32>,
    limit: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["include_statistics"]))]
struct Browse {
    /// A session, group or task; the session by default.
    #[schemars(extend("aliases" = ["root_task_id", "root_id", "id", "task_id", "group_id", "group"]))]
    root: Option<String>,
    /// Levels below it, 2 by default.
    #[schemars(extend("aliases" = ["max_depth", "levels"]))]
    depth: Option<u32>,
    #[schemars(extend("hidden" = true, "aliases" = ["status_filter"]))]
    status: Option<Vec<String>>,
    #[schemars(extend("hidden" = true))]
    include_completed: Option<bool>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[tool_router(router = search_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_search",
        title = "Search",
        description = "Find tasks, groups, sessions, context, artifacts, messages and notes by their words, the best first, with the place marked.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn search(
        &self,
        stop: CancellationToken,
        Parameters(input): Parameters<Search>,
    ) -> Reply {
        self.find(stop, input).await
    }

    #[tool(
        name = "orchestrator_find_related",
        title = "Find related tasks",
        description = "Tasks related to one, with the reasons: dependencies, parent, artifacts, claimed files, tags, words.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn find_related(
        &self,
        stop: CancellationToken,
        Parameters(input): Parameters<FindRelated>,
    ) -> Reply {
        self.relatives(stop, input).await
    }

    #[tool(
        name = "orchestrator_browse_hierarchy",
        title = "Browse the tree",
        description = "What lies below a session, group or task, as rows with depth, counts and progress.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn browse_hierarchy(
        &self,
        stop: CancellationToken,
        Parameters(input): Parameters<Browse>,
    ) -> Reply {
        self.browse(stop, input).await
    }

    /// Looks at the board beside everything else, until the call is cancelled.
    async fn look<T: Send + 'static>(
        &self,
        stop: CancellationToken,
        look: impl FnOnce(&Reader) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let readers = self.peer.readers.clone();
        let work = move || readers.read_unless(&stop, look);
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(unexpected()))
    }
}
