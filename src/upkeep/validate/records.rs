//! Sessions, roles and agents that records name.

use serde_json::json;

use super::{Level, Look};
use crate::domain::refusal::Refusal;
use crate::domain::session::{Session, SessionState};
use crate::query::sessions::{self, SessionFilter, SessionOrder};
use crate::query::{LIMIT_MAX, modes, upkeep};
use crate::upkeep::finding::{Finding, Fix, Kind, Severity, quoted};

/// Strangers' claims that are told.
const CLAIMS_MAX: usize = 100;

impl Look<'_> {
    fn sessions(&self, states: &[SessionState]) -> Result<Vec<Session>, Refusal> {
        let filter = SessionFilter {
            states: states.to_vec(),
            order: SessionOrder::Activity,
            limit: LIMIT_MAX,
            cursor: None,
        };
        let page = self.read(|reader| sessions::list(reader, &filter))?;
        let only = self.aim.session;
        let all = page.items.into_iter().map(|row| row.session);
        Ok(all.filter(|session| only.is_none_or(|only| only == session.id)).collect())
    }
}

/// Sessions that are bound to something else than their mode file says.
pub(super) fn sessions(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    let open = look.sessions(&[SessionState::Active, SessionState::Suspended])?;
    let one = |session: Session| {
        let problem = session.binding.as_ref()?.problem.clone()?;
        let (id, mode) = (session.id, &session.mode);
        let message = format!("session {id} works by a replacement of mode {mode}: {problem}");
        let call = json!({ "mode": mode, "repair": true });
        let fix = Fix::shell(format!("callboard mode repair {}", quoted(mode)))
            .or_tool(format!("orchestrator_mode_validate {call}"));
        Some(Finding::new((Kind::Mode, Severity::Warning), mode, message, fix))
    };
    Ok(open.into_iter().filter_map(one).collect())
}

/// Roles of open tasks that the mode in force does not have.
pub(super) fn roles(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    let mut found = Vec::new();
    for session in look.sessions(&[SessionState::Active, SessionState::Suspended])? {
        let strays = look.read(|reader| match modes::in_force(reader, &session)? {
            Some(mode) => modes::stray_roles(reader, session.id, &mode),
            None => Ok(Vec::new()),
        })?;
        for stray in strays {
            let (role, tasks, mode) = (&stray.role, stray.tasks, &session.mode);
            let message = format!("{tasks} open tasks are for a role that mode {mode} has not");
            let first = stray.first.first().map(ToString::to_string).unwrap_or_default();
            let fix = Fix::shell(format!("callboard list --role {}, then give them a role of the mode, or add the role to its file", quoted(role)))
                .or_tool(format!("orchestrator_task_batch_update {{\"task_ids\": [\"{first}\"], \"updates\": {{\"role\": \"<one of the mode>\"}}}}"));
            found.push(Finding::new((Kind::UnknownRole, Severity::Note), role, message, fix));
        }
    }
    Ok(found)
}

/// Claims of agents that Callboard has never seen.
pub(super) fn strangers(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    if look.aim.level == Level::Basic {
        return Ok(Vec::new());
    }
    let claims = look.read(|reader| upkeep::claims_of_strangers(reader, CLAIMS_MAX))?;
    let one = |task: upkeep::Lying| {
        let holder = task.holder.as_ref().map_or("somebody", |holder| holder.name());
        let message = format!("{} is held by {holder}, who was never here", task.title);
        let fix = Fix::shell(format!("callboard done {} --status pending", task.id))
            .or_tool("none: the claim ends by itself");
        Finding::new((Kind::UnknownAgent, Severity::Warning), task.id.to_string(), message, fix)
    };
    Ok(claims.into_iter().map(one).collect())
}
