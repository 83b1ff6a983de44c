//! Backups: making them, listing them, and removing what need not be kept.
//!
//! The work is done beside the tasks that answer; a client that asks for it is told how far it is,
//! and a call that is cancelled stops the work and leaves nothing of it.

mod list;
mod restore;
mod wire;
mod working;

use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::backup::retention::{Run, Strategy, limit};
use crate::backup::{self, Order, Retention};
use crate::domain::backup::{Reason, Scope};
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{Detail, Parameters, Word, given, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::resolve;

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["include_history", "retention_policy"]))]
struct Create {
    /// all by default.
    #[schemars(extend("aliases" = ["backup_scope"]))]
    scope: Option<Word<Scope>>,
    #[schemars(extend("aliases" = ["backup_name"]))]
    name: Option<String>,
    /// For scope session.
    #[schemars(extend("aliases" = ["session", "session_id_filter"]))]
    session_id: Option<String>,
    #[schemars(extend("hidden" = true))]
    compression: Option<String>,
    #[schemars(extend("hidden" = true))]
    include_logs: Option<bool>,
    #[schemars(extend("hidden" = true))]
    encryption: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["include_size_details"]))]
struct BackupList {
    #[schemars(extend("hidden" = true, "aliases" = ["backup_scope_filter", "scope"]))]
    scope_filter: Option<Vec<Word<Scope>>>,
    #[schemars(extend("hidden" = true))]
    sort_by: Option<Word<Order>>,
    limit: Option<u32>,
    cursor: Option<String>,
    detail: Option<Detail>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["force_cleanup"]))]
struct Cleanup {
    /// 0 keeps only the newest that always stay, -1 has no limit; else as configured.
    #[schemars(extend("aliases" = ["policy"]))]
    retention_policy: Option<Policy>,
    /// true by default.
    dry_run: Option<bool>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
struct Policy {
    max_backups: Option<i64>,
    max_age_days: Option<i64>,
    #[schemars(extend("hidden" = true))]
    max_total_mb: Option<i64>,
    #[schemars(extend("hidden" = true, "aliases" = ["strategy"]))]
    cleanup_strategy: Option<Word<Strategy>>,
}

#[tool_router(router = backup_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_backup_create",
        title = "Make a backup",
        description = "Back the project up while work goes on: one verified archive. Not needed before restores and cleanups, which do so themselves.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = false
        )
    )]
    async fn backup_create(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Create>,
    ) -> Reply {
        if input.encryption == Some(true) {
            let message =
                "backups are not encrypted, and an archive that only seems so is worse than none";
            return Err(Refusal::new(Code::InvalidValue, message)
                .with("encryption", true)
                .suggest("leave encryption out; the archives are readable by the user alone"));
        }
        let session = given(input.session_id.as_deref())
            .map(|text| self.read(|reader| resolve::session(reader, text)))
            .transpose()?;
        let fallback = if session.is_some() { Scope::Session } else { Scope::All };
        let request = backup::Request {
            scope: read_some(input.scope.as_ref())?.unwrap_or(fallback),
            sessions: session.into_iter().collect(),
            name: given(input.name.as_deref()).map(str::to_owned),
            reason: Reason::Manual,
            actor: caller.actor.clone(),
        };
        let begun = std::time::Instant::now();
        let made = self
            .working(&context, move |peer, watch| {
                let made = backup::create(peer, &request, watch)?;
                let manifest = backup::manifest_of(peer, &made)?;
                Ok((made, manifest))
            })
            .await?;
        caller.kept(None);
        let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let logs = input.include_logs.filter(|wanted| *wanted);
        let logs = logs.map(|_| "logs are never part of a backup".to_owned());
        let compression = given(input.compression.as_deref()).filter(|name| *name != "zstd");
        let compression = compression.map(|_| "archives are always compressed by zstd".to_owned());
        Ok(Answer::data(&wire::made(&made, elapsed_ms)).noting(logs.into_iter().chain(compression)))
    }

    #[tool(
        name = "orchestrator_backup_list",
        title = "List backups",
        description = "The backups, newest first: when, why, what is inside, and whether the archive is sound.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn backup_list(&self, Parameters(input): Parameters<BackupList>) -> Reply {
        self.list_backups(input).await
    }

    #[tool(
        name = "orchestrator_backup_cleanup",
        title = "Remove old backups",
        description = "Which backups are not to be kept any more, and why; with dry_run false, removes them. The newest stay.",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn backup_cleanup(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Cleanup>,
    ) -> Reply {
        let policy = input.retention_policy.unwrap_or_default();
        let retention = policy.over(self.shared.options.retention)?;
        let run = if input.dry_run == Some(false) { Run::Carry } else { Run::Dry };
        let asking = caller.clone();
        let cleaned = self
            .working(&context, move |peer, _| {
                if run == Run::Carry {
                    let doomed = backup::clean_up(peer, &retention, Run::Dry)?;
                    if !doomed.removed.is_empty() {
                        asking.agreed(|| wire::doomed(&doomed))?;
                    }
                }
                backup::clean_up(peer, &retention, run)
            })
            .await?;
        if run == Run::Carry && !cleaned.removed.is_empty() {
            caller.kept(None);
        }
        Ok(Answer::data(&wire::cleaned(&cleaned, run)))
    }
}

impl Policy {
    /// What holds when this is laid over what is configured.
    fn over(&self, configured: Retention) -> Result<Retention, Refusal> {
        Ok(Retention {
            count: limit("max_backups", self.max_backups, configured.count)?,
            days: limit("max_age_days", self.max_age_days, configured.days)?,
            total_mb: limit("max_total_mb", self.max_total_mb, configured.total_mb)?,
            newest: configured.newest,
            strategy: read_some(self.cleanup_strategy.as_ref())?.unwrap_or(configured.strategy),
        })
    }
}
