//! What the coordinator has done: looking for what lies about, checking, bringing documents in step.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use super::super::words::Thoroughness;
use super::FINDINGS_MAX;
use crate::domain::count::counted;
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::server::CallboardServer;
use crate::mcp::tools::maintenance::wire;
use crate::sync::keeper::{self, SyncOptions};
use crate::upkeep::cleanup::{self, Sort, Wanted};
use crate::upkeep::validate::{self, Aim, Level};

/// What one chore comes to.
#[derive(Default)]
pub(super) struct Done {
    pub(super) actions: Vec<Value>,
    pub(super) recommendations: Vec<String>,
    /// What is wrong with the project.
    pub(super) structure: Option<Value>,
    pub(super) summary: Option<String>,
}

impl Done {
    /// A handover was left.
    pub(super) fn handover(key: &str) -> Self {
        let kept_in = format!("orchestrator_context {{\"key\": \"{key}\"}}");
        Self {
            actions: vec![json!({ "action": "handover", "kept_in": kept_in })],
            ..Self::default()
        }
    }
}

impl CallboardServer {
    /// What a cleaning would do.
    pub(super) async fn lying_about(
        &self,
        context: &RequestContext<RoleServer>,
        session: Option<SessionId>,
        level: Thoroughness,
    ) -> Result<Done, Refusal> {
        let sorts = match level {
            Thoroughness::Basic => Sort::USUAL.to_vec(),
            Thoroughness::Comprehensive => Sort::told(),
            Thoroughness::FullAudit => Sort::ALL.to_vec(),
        };
        let wanted = Wanted { sorts, session, days: None };
        let found =
            self.at_length(context, move |peer, work| cleanup::look(peer, &wanted, work)).await?;
        let mechanical = || found.iter().filter(|item| item.act.is_mechanical());
        let action = |(sort, count): (&str, usize)| {
            let call = format!(
                "orchestrator_cleanup {{\"cleanup_types\": [\"{sort}\"], \"dry_run\": false}}"
            );
            json!({ "action": sort, "count": count, "call": call })
        };
        Ok(Done {
            actions: wire::counts(mechanical()).into_iter().map(action).collect(),
            summary: Some(format!("{} could be cleaned", counted(mechanical().count(), "thing"))),
            ..Done::default()
        })
    }

    /// What is wrong with the project.
    pub(super) async fn structure(
        &self,
        context: &RequestContext<RoleServer>,
        session: Option<SessionId>,
        level: Thoroughness,
    ) -> Result<Done, Refusal> {
        let level = match level {
            Thoroughness::Basic => Level::Basic,
            Thoroughness::Comprehensive => Level::Comprehensive,
            Thoroughness::FullAudit => Level::FullAudit,
        };
        let aim = Aim { level, session };
        let found =
            self.at_length(context, move |peer, work| validate::validate(peer, aim, work)).await?;
        let [errors, warnings, notes] = validate::tally(&found);
        let first: Vec<Value> = found.iter().take(FINDINGS_MAX).map(wire::finding).collect();
        let mends = found.iter().filter_map(|finding| {
            let call = finding.fix.tool.as_ref()?;
            Some(format!("{}: {}: {call}", finding.record, finding.message))
        });
        Ok(Done {
            recommendations: mends.take(FINDINGS_MAX).collect(),
            structure: Some(json!({
                "is_valid": errors == 0,
                "errors": errors,
                "warnings": warnings,
                "notes": notes,
                "findings": first,
                "rest": (FINDINGS_MAX < found.len())
                    .then(|| format!("orchestrator_validate_integrity {{\"level\": \"{level}\"}}")),
            })),
            summary: Some(format!(
                "{}, {}, {}",
                counted(errors, "error"),
                counted(warnings, "warning"),
                counted(notes, "note")
            )),
            ..Done::default()
        })
    }

    /// Brings the documents in step, unless another process does so all the time.
    pub(super) async fn documentation(
        &self,
        context: &RequestContext<RoleServer>,
    ) -> Result<Done, Refusal> {
        let passed = self
            .at_length(context, |peer, _| {
                keeper::pass(peer, SyncOptions::default()).map_err(|error| {
                    Refusal::new(Code::StoreFailed, "the documents cannot be looked after")
                        .with("cause", error.to_string())
                })
            })
            .await?;
        let Some(pass) = passed else {
            return Ok(Done {
                summary: Some("the documents are kept in step all the time, as changes come; nothing was left to do here".to_owned()),
                ..Done::default()
            });
        };
        let mut paths: Vec<&String> = pass.deeds.iter().map(|(path, _)| path).collect();
        paths.dedup();
        let action = |path: &&String| json!({ "action": "document", "path": path });
        let failed = pass.status.failures.iter();
        Ok(Done {
            actions: paths.iter().take(FINDINGS_MAX).map(action).collect(),
            recommendations: failed
                .map(|(path, problem)| format!("{path}: {problem}"))
                .take(FINDINGS_MAX)
                .collect(),
            summary: Some(format!("{} documents were brought in step", paths.len())),
            ..Done::default()
        })
    }
}
