//! The call that cleans up: telling alone, or doing it after a backup.

use std::time::Instant;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::json;

use super::{Cleanup, wire};
use crate::domain::refusal::Refusal;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{Days, given};
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::upkeep::cleanup::{self, Cleared, Item, Scope, Sort, Wanted};

/// Entries of a list in the answer.
const SHOWN_MAX: usize = 40;

/// Whether it is done, and what is done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    Dry,
    AfterBackup,
    AtOnce,
}

impl CallboardServer {
    /// What a call wants to be looked for.
    pub(super) fn wanted(&self, input: &Cleanup) -> Result<(Wanted, Scope), Refusal> {
        let scope = given(input.scope.as_deref()).map(str::parse).transpose()?;
        let scope: Scope = scope.unwrap_or(Scope::AllSessions);
        let named: Vec<&str> = input
            .types
            .iter()
            .flatten()
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect();
        let is_all = named.iter().any(|name| name.eq_ignore_ascii_case("all"));
        let mut sorts = match (named.is_empty(), is_all, input.dry_run.unwrap_or(true)) {
            // A dry run tells of everything.
            (_, true, _) | (true, _, true) => Sort::told(),
            (true, false, false) => Sort::USUAL.to_vec(),
            (false, false, _) => {
                named.iter().map(|name| name.parse()).collect::<Result<Vec<Sort>, _>>()?
            }
        };
        sorts.retain(|sort| scope.holds(*sort));
        sorts.dedup();
        let session = (scope == Scope::ActiveSession)
            .then(|| self.read(|reader| current_or(reader, None)))
            .transpose()?;
        Ok((Wanted { sorts, session, days: input.older_than_days.map(|Days(days)| days) }, scope))
    }

    pub(super) async fn clean(
        &self,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
        (wanted, scope): (Wanted, Scope),
        run: Run,
    ) -> Reply {
        let begun = Instant::now();
        let (actor, asking) = (caller.actor.clone(), caller.clone());
        let done = self
            .at_length(context, move |peer, work| {
                let found = cleanup::look(peer, &wanted, work)?;
                let has_work = found.iter().any(|item| item.act.is_mechanical());
                if run == Run::Dry {
                    return Ok((found, None, None));
                }
                if !has_work {
                    let cleared = Cleared { left: found.clone(), ..Cleared::default() };
                    return Ok((found, Some(cleared), None));
                }
                asking.agreed(|| would_clear(&found, run))?;
                let backup = match run {
                    Run::AfterBackup => cleanup::back_up(peer, &actor, work)?,
                    Run::AtOnce | Run::Dry => None,
                };
                let cleared = cleanup::carry_out(peer, &actor, found.clone(), work)?;
                Ok((found, Some(cleared), backup))
            })
            .await?;
        let (found, cleared, backup) = done;
        if cleared.as_ref().is_some_and(|cleared| !cleared.fixed.is_empty()) {
            caller.kept(None);
        }
        Ok(answer((&found, cleared.as_ref()), scope, (begun, backup)))
    }
}

/// What would be cleared, for the person who is asked.
fn would_clear(found: &[Item], run: Run) -> String {
    let counts = wire::counts(found.iter().filter(|item| item.act.is_mechanical()));
    let told: Vec<String> = counts.iter().map(|(sort, count)| format!("{sort}: {count}")).collect();
    let before = match run {
        Run::AfterBackup => "A backup is made before",
        Run::AtOnce | Run::Dry => "NO backup is made before",
    };
    format!("This would be cleared: {}. {before}", told.join(", "))
}

fn answer(
    (found, cleared): (&[Item], Option<&Cleared>),
    scope: Scope,
    (begun, backup): (Instant, Option<String>),
) -> Answer {
    let (mechanical, others): (Vec<&Item>, Vec<&Item>) =
        found.iter().partition(|item| item.act.is_mechanical());
    let left: Vec<&Item> = cleared.map_or(others, |cleared| cleared.left.iter().collect());
    let shown =
        |items: &[&Item]| items.iter().take(SHOWN_MAX).map(|item| wire::item(item)).collect();
    let issues: Vec<_> = if cleared.is_some() { Vec::new() } else { shown(&mechanical) };
    let manual: Vec<_> = shown(&left);
    let more = left.len().saturating_sub(SHOWN_MAX);
    let fixed = cleared.map(|cleared| wire::counts(cleared.fixed.iter()));
    let next = (cleared.is_none() && !mechanical.is_empty())
        .then_some("repeat with dry_run: false, and the cleanup_types that you want");
    Answer::data(&json!({
        "dry_run": cleared.is_none(),
        "cleanup_scope": scope,
        "issues_found": wire::counts(found.iter()),
        "issues": (!issues.is_empty()).then_some(issues),
        "issues_fixed": fixed,
        "manual_intervention_required": manual,
        "changes": cleared.map(|cleared| &cleared.seqs),
        "backup_created": backup,
        "cleanup_duration_ms": u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "next": next,
    }))
    .cutting((0 < more).then(|| format!("manual_intervention_required: {more} more")))
    .rest("the same call with fewer cleanup_types")
}
