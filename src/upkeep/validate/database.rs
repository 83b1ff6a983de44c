//! The database itself: its pages, its indexes, rows that name others.

use super::{Level, Look};
use crate::domain::refusal::Refusal;
use crate::query::upkeep::{self, Thorough};
use crate::store::audit::{CHECKS, Fault};
use crate::upkeep::cleanup;
use crate::upkeep::finding::{Finding, Fix, Kind, Severity};

/// Lines of damage that are told.
const DAMAGE_MAX: usize = 20;
const RESTORE: &str = "callboard backup list, then callboard backup restore <id>";

/// What `SQLite` itself finds; with everything looked at, indexes against their tables too.
pub(super) fn pages(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    let thorough = match look.aim.level {
        Level::Basic | Level::Comprehensive => Thorough::Quickly,
        Level::FullAudit => Thorough::Wholly,
    };
    let damage = look
        .peer
        .readers
        .read_anew(look.work.cancel, |reader| upkeep::damage(reader, thorough, DAMAGE_MAX))?;
    // Indexes are made anew by a cleaning.
    let damage = damage.into_iter().filter(|line| cleanup::mended_by(line).is_none());
    let one = |line: String| {
        let fix = Fix::shell(RESTORE).or_tool("orchestrator_backup_list {}");
        Finding::new((Kind::Damage, Severity::Error), "callboard.db", line, fix)
    };
    Ok(damage.map(one).collect())
}

/// Rows that name others which are not there, and more than one live session.
pub(super) fn references(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    let mut found = Vec::new();
    for check in CHECKS {
        let (kind, fix) = match check.fault {
            Fault::Reference => {
                (Kind::BrokenReference, Fix::shell(RESTORE).or_tool("orchestrator_backup_list {}"))
            }
            Fault::Live => (
                Kind::Session,
                Fix::shell("callboard session suspend <id> of all but one")
                    .or_tool("orchestrator_session_suspend {\"session_id\": \"s-…\"}"),
            ),
            Fault::Counts | Fault::Books | Fault::Dependency | Fault::Place | Fault::Claim => {
                continue;
            }
        };
        look.work.step(0, 1, check.what)?;
        for record in look.read(|reader| check.cases(reader))? {
            let standing = (kind, Severity::Error);
            found.push(Finding::new(standing, record, check.what, fix.clone()));
        }
    }
    Ok(found)
}
