//! Looking after the project: what is wrong, what lies about, what could be faster.

mod clean;
pub(super) mod wire;

use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::refusal::Refusal;
use crate::mcp::answer::{Answer, Reply, list};
use crate::mcp::params::{Days, Detail, Parameters, Word, Words, limit, read_some};
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::query::rows::Page;
use crate::upkeep::optimize::{Vacuum, optimize};
use crate::upkeep::validate::{self, Aim, Level};

impl Words for Level {
    const TEXTS: &'static [&'static str] = Self::TEXTS;
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["auto_fix", "force_cleanup"]))]
struct Cleanup {
    /// Some of those that a dry run names; the usual by default.
    #[schemars(extend("aliases" = ["types", "types_filter", "cleanup_type"]))]
    #[serde(rename = "cleanup_types")]
    types: Option<Vec<String>>,
    #[schemars(extend("hidden" = true, "aliases" = ["scope"]))]
    #[serde(rename = "cleanup_scope")]
    scope: Option<String>,
    /// Days from which on something is old.
    #[schemars(extend("hidden" = true, "aliases" = ["days"]))]
    older_than_days: Option<Days>,
    /// Only tell; true by default.
    dry_run: Option<bool>,
    #[schemars(extend("hidden" = true, "aliases" = ["backup"]))]
    #[serde(rename = "backup_before_cleanup")]
    backup: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Validate {
    #[schemars(extend("aliases" = ["validation_level"]))]
    level: Option<Word<Level>>,
    #[schemars(extend("hidden" = true, "aliases" = ["validation_scope"]))]
    scope: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    #[schemars(extend("hidden" = true))]
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["optimization_level", "optimization_types", "analyze"]))]
struct Optimize {
    /// Write the file anew; everybody waits.
    #[schemars(extend("aliases" = ["full", "vacuum_database"]))]
    vacuum: Option<bool>,
}

#[tool_router(router = maintenance_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_cleanup",
        title = "Clean up",
        description = "Clear what lies about: broken dependencies, ended claims, leftovers, old rows. A dry run by default; a backup is made before.",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn cleanup(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Cleanup>,
    ) -> Reply {
        let (wanted, scope) = self.wanted(&input)?;
        let backup = input.backup.unwrap_or(true);
        let mode = match (input.dry_run.unwrap_or(true), backup) {
            (true, _) => clean::Run::Dry,
            (false, true) => clean::Run::AfterBackup,
            (false, false) => clean::Run::AtOnce,
        };
        self.clean(&caller, &context, (wanted, scope), mode).await
    }

    #[tool(
        name = "orchestrator_validate_integrity",
        title = "Check the project",
        description = "What is wrong with database, documents and files, the worst first, each with the call that mends it.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn validate_integrity(
        &self,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Validate>,
    ) -> Reply {
        let level = read_some(input.level.as_ref())?.unwrap_or(Level::Comprehensive);
        let is_narrow = input.session_id.is_some()
            || matches!(input.scope.as_deref(), Some("active_session" | "current_session"));
        let session = is_narrow
            .then(|| self.read(|reader| current_or(reader, input.session_id.as_deref())))
            .transpose()?;
        let aim = Aim { level, session };
        let found =
            self.at_length(&context, move |peer, work| validate::validate(peer, aim, work)).await?;
        let [errors, warnings, notes] = validate::tally(&found);
        let from = offset(input.cursor.as_deref())?;
        let fetch = |most: usize| {
            let items: Vec<_> = found.iter().skip(from).take(most).cloned().collect();
            let next = from + items.len();
            let cursor = (next < found.len()).then(|| next.to_string());
            Ok(Page { items, total: i64::try_from(found.len()).ok(), cursor })
        };
        let mut answer =
            list("findings", (limit(input.limit), Detail::Brief), fetch, wire::finding)?;
        answer.insert("level".to_owned(), json!(level));
        answer.insert("errors".to_owned(), json!(errors));
        answer.insert("warnings".to_owned(), json!(warnings));
        answer.insert("notes_total".to_owned(), json!(notes));
        answer.insert("is_valid".to_owned(), json!(errors == 0));
        Ok(Answer::data(&Value::Object(answer)))
    }

    #[tool(
        name = "orchestrator_optimize_performance",
        title = "Tidy the database",
        description = "Merge search indexes, write the log back, reclaim room where that is worth it; says what it gained.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn optimize_performance(
        &self,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Optimize>,
    ) -> Reply {
        let vacuum = match input.vacuum {
            Some(true) => Vacuum::Always,
            Some(false) => Vacuum::Never,
            None => Vacuum::IfAlone,
        };
        let gained =
            self.at_length(&context, move |peer, work| optimize(peer, vacuum, work)).await?;
        let saved = gained.bytes_before - gained.bytes_after;
        let mut answer = json!(gained);
        if let Value::Object(fields) = &mut answer {
            fields.insert("bytes_saved".to_owned(), json!(saved));
        }
        Ok(Answer::data(&answer))
    }
}

fn offset(cursor: Option<&str>) -> Result<usize, Refusal> {
    let Some(text) = crate::mcp::params::given(cursor) else { return Ok(0) };
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        Refusal::new(
            crate::domain::refusal::Code::InvalidValue,
            format!("cursor {shown:?} is none of this list"),
        )
        .suggest("send the call without cursor to begin again")
    })
}
