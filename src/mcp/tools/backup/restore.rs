//! Bringing back what a backup holds.

use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::backup::restore::{First, Report, RestoreScope, Wanted, restore};
use crate::backup::{BackupError, Watch};
use crate::domain::refusal::Refusal;
use crate::domain::restore::{MergeStrategy, Purpose, Restored};
use crate::domain::text::visible_line;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::caller::Consent;
use crate::mcp::params::{Parameters, Word, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::peer::Peer;

/// Clashes and differences in an answer.
const NAMED_MAX: usize = 10;

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["validate_before_restore"]))]
struct Bring {
    /// Id or name.
    #[schemars(extend("aliases" = ["backup", "backup_name", "id", "name"]))]
    backup_id: String,
    #[schemars(extend("aliases" = ["scope"]))]
    restore_scope: Option<Word<RestoreScope>>,
    /// Only these sessions.
    #[schemars(extend("aliases" = ["sessions", "session_id", "session"]))]
    session_id_filter: Option<Vec<String>>,
    /// replace: as it was, whatever came since (default); merge keeps what was changed here.
    #[schemars(extend("aliases" = ["strategy"]))]
    merge_strategy: Option<Word<MergeStrategy>>,
    #[schemars(extend("hidden" = true))]
    backup_current_first: Option<bool>,
    /// Only tell what would change.
    dry_run: Option<bool>,
}

#[tool_router(router = restore_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_backup_restore",
        title = "Restore a backup",
        description = "Bring back what a backup holds. What is there is backed up first, and the restore can be undone. Try it with dry_run.",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn backup_restore(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Bring>,
    ) -> Reply {
        let wanted = wanted(&caller, &input)?;
        let (name, asking) = (input.backup_id, caller.clone());
        let report = self
            .working(&context, move |peer, watch| {
                ask_first(peer, (&name, &wanted), &asking, watch)?;
                restore(peer, &name, &wanted, watch).map_err(BackupError::from)
            })
            .await?;
        if !report.dry_run {
            caller.kept(None);
        }
        Ok(Answer::data(&told(&report)).noting(report.notes.clone()))
    }
}

/// Tries it out for the person who can be asked, and goes on where they agreed, or where it would
/// change nothing.
fn ask_first(
    peer: &Peer,
    (name, wanted): (&str, &Wanted),
    caller: &Caller,
    watch: Watch<'_>,
) -> Result<(), BackupError> {
    if caller.consent != Consent::Open || wanted.purpose == Purpose::Try {
        return Ok(());
    }
    let trial = Wanted { purpose: Purpose::Try, ..wanted.clone() };
    let report = restore(peer, name, &trial, watch)?;
    let rows = report.rows.as_ref();
    let [created, updated, deleted] =
        rows.map_or([0; 3], |rows| [rows.created, rows.updated, rows.deleted]);
    let written = report.files.written;
    if created + updated + deleted == 0 && written == 0 {
        return Ok(());
    }
    let before = match wanted.first {
        First::BackUp => "What is there is backed up first",
        First::GoOn => "What is there is NOT backed up first",
    };
    Ok(caller.agreed(|| {
        format!(
            "Of backup {} ({}), {created} records would come back, {updated} would be changed, \
             {deleted} removed, and {written} files written. {before}",
            report.backup, wanted.strategy
        )
    })?)
}

fn wanted(caller: &Caller, input: &Bring) -> Result<Wanted, Refusal> {
    let sessions = input.session_id_filter.clone().unwrap_or_default();
    let scope = read_some(input.restore_scope.as_ref())?.unwrap_or(if sessions.is_empty() {
        RestoreScope::Full
    } else {
        RestoreScope::Session
    });
    let is_trial = input.dry_run.unwrap_or(false);
    Ok(Wanted {
        scope,
        sessions,
        strategy: read_some(input.merge_strategy.as_ref())?.unwrap_or_default(),
        purpose: if is_trial { Purpose::Try } else { Purpose::Keep },
        first: match input.backup_current_first {
            Some(false) => First::GoOn,
            Some(true) | None => First::BackUp,
        },
        actor: caller.actor.clone(),
    })
}

fn told(report: &Report) -> Value {
    let rows = report.rows.as_ref();
    let files = &report.files;
    json!({
        "restore_successful": !report.dry_run && files.failed.is_empty(),
        "dry_run": report.dry_run.then_some(true),
        "backup_id": report.backup,
        "items_restored": {
            "records": rows.map(records),
            "files": { "written": files.written, "unchanged": files.unchanged, "skipped": files.skipped, "kept_as_edits": files.kept },
        },
        "sessions": rows.map(|rows| &rows.sessions),
        "conflicts_found": rows.map_or(0, |rows| rows.clashes_found),
        "conflicts": rows.map(clashes).filter(|all| !all.is_empty()),
        "differences": rows.filter(|_| report.dry_run).map(differences),
        "validation_results": "every byte of the archive is as it was written",
        "backup_created_before_restore": report.before,
        "rollback_available": report.before.as_ref().map(|before| json!({
            "backup_id": before,
            "how": way_back(report),
        })),
        "failed": (!files.failed.is_empty()).then(|| files.failed.iter().take(NAMED_MAX).collect::<Vec<_>>()),
        "next": report.dry_run.then_some("repeat without dry_run to do it"),
    })
}

/// How what was there comes back.
fn way_back(report: &Report) -> String {
    match report.undo {
        Some(undo) => format!(
            "a person takes the records back with `callboard undo {undo}`; restore this backup for the files, too"
        ),
        None => "restore this backup".to_owned(),
    }
}

fn records(rows: &Restored) -> Value {
    json!({
        "created": rows.created,
        "updated": rows.updated,
        "deleted": rows.deleted,
        "unchanged": rows.unchanged,
        "skipped": rows.skipped,
    })
}

fn clashes(rows: &Restored) -> Vec<Value> {
    let named = rows.clashes.iter().take(NAMED_MAX);
    named.map(|one| json!({ "record": one.record, "field": one.field, "why": one.why })).collect()
}

fn differences(rows: &Restored) -> Vec<Value> {
    let named = rows.differences.iter().take(NAMED_MAX);
    named
        .map(|one| {
            json!({
                "record": one.record,
                "title": visible_line(&one.title),
                "what": one.what,
                "fields": (!one.fields.is_empty()).then_some(&one.fields),
            })
        })
        .collect()
}
